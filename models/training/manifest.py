"""The last step of every export: metadata, check, file, and the entry in `manifest.toml`."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import onnx
from models.training.sources import forget_sources

from rapport.experts.manifest import MANIFEST, Entry
from rapport.experts.store import CHECKOUT

HEADER = "# The models of Rapport. Written by models/training when a model is exported.\n"


class About(NamedTuple):
    """What the manifest says of a model beside its file; see `rapport.experts.manifest.Entry`."""

    id: str
    version: str
    task: str
    licence: str
    commercial_use: Literal["yes", "no", "unclear"]
    commercial_use_reason: str
    data: str
    inputs: str
    outputs: str
    card: str


def ship(model: onnx.ModelProto, out: Path, about: About, notes: Mapping[str, str]) -> None:
    """Write a finished model and its entry in the manifest of the folder it is written to.

    :param out: the ONNX file.
    :param notes: the model's metadata; its version is added.
    :raises onnx.checker.ValidationError: the model is not sound.
    """
    forget_sources(model)
    onnx.helper.set_model_props(model, {"version": about.version, **notes})
    onnx.checker.check_model(model, full_check=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, out)
    sha256, size = hashed(out)
    record(Entry(file=out.name, sha256=sha256, bytes=size, **about._asdict()), out.parent)


def record(entry: Entry, folder: Path = CHECKOUT) -> None:
    """Add or replace one entry in the manifest of a folder; the others stay as they are."""
    path = folder / MANIFEST
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
