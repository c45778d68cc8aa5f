"""The manifest: every model with its hash, what it is for, and what it may be used for."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from rapport.errors import ModelUnreadable

MANIFEST = "manifest.toml"


class Entry(msgspec.Struct, frozen=True):
    """One model in the manifest. `url` is empty for a model that comes with Rapport."""

    id: str
    file: str
    sha256: str
    bytes: int
    version: str
    task: str
    licence: str
    commercial_use: Literal["yes", "no", "unclear"]
    commercial_use_reason: str
    data: str = ""
    inputs: str = ""
    outputs: str = ""
    card: str = ""
    url: str = ""


class _Manifest(msgspec.Struct, frozen=True):
    model: tuple[Entry, ...] = ()


def read_manifest(path: Path) -> dict[str, Entry]:
    """The models that a manifest names, by id.

    :raises ModelUnreadable: it is missing or not what it should be.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = msgspec.convert(content, _Manifest).model
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ModelUnreadable(f"The manifest {path.name} cannot be read: {error}") from error
    return {entry.id: entry for entry in entries}
