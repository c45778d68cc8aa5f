"""Writes a model's entry into `models/manifest.toml`, with the hash and size of its file."""

import hashlib
import json
import tomllib
from pathlib import Path

import msgspec

from rapport.experts.store import CHECKOUT, MANIFEST, Entry

HEADER = "# The models of Rapport. Written by models/training when a model is exported.\n"


def record(entry: Entry) -> None:
    """Add or replace one entry; the others stay as they are."""
    path = CHECKOUT / MANIFEST
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    models = {model["id"]: model for model in tomllib.loads(text).get("model", [])}
    models[entry.id] = msgspec.to_builtins(entry)
    blocks = [
        # A JSON string or whole number is one in TOML too.
        "[[model]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in model.items())
        for _, model in sorted(models.items())
    ]
    path.write_text("\n".join([HEADER, *blocks]), encoding="utf-8", newline="\n")


def hashed(path: Path) -> tuple[str, int]:
    """SHA-256 and size in bytes of a file."""
    content = path.read_bytes()
    return hashlib.sha256(content).hexdigest(), len(content)
