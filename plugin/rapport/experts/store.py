"""The models: where they are, whether they are the published ones, and how they are run.

`manifest.toml` names every model with its hash. It stands beside the packaged models: in the
wheel under `rapport/_models`, in a checkout under `models/`.
"""

import ctypes
import hashlib
import logging
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import platformdirs
from numpy.typing import NDArray

from rapport import settings
from rapport.errors import ModelMissing, ModelTampered, ModelUnreadable

log = logging.getLogger("rapport.experts")

_PACKAGE = Path(__file__).resolve().parents[1]
PACKAGED = _PACKAGE / "_models"
CHECKOUT = _PACKAGE.parents[1] / "models"
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


def packaged_directory() -> Path:
    """Where the models are that come with Rapport."""
    return PACKAGED if (PACKAGED / MANIFEST).is_file() else CHECKOUT


def downloads_directory() -> Path:
    """Where `rapport models pull` puts what it downloads."""
    return Path(platformdirs.user_data_dir("rapport", appauthor=False)) / "models"


@cache
def manifest() -> dict[str, Entry]:
    """Every model that Rapport knows, by id.

    :raises ModelUnreadable: the manifest is missing or not what it should be.
    """
    path = packaged_directory() / MANIFEST
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = msgspec.convert(content, _Manifest).model
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ModelUnreadable(f"The manifest {path.name} cannot be read: {error}") from error
    return {entry.id: entry for entry in entries}


class Model:
    """A loaded ONNX model, run on one thread of the CPU or on CUDA."""

    def __init__(self, entry: Entry, path: Path, provider: str) -> None:
        # The variable stops the telemetry of onnxruntime 1.29 and later, should one be installed.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # A spinning worker would hold a core that belongs to the game.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(
                path.read_bytes(), options, providers=_providers(provider)
            )
        except Exception as error:
            # onnxruntime raises classes that it does not export.
            raise ModelUnreadable(f"Model {entry.id} cannot be loaded: {error}") from error
        self.id = entry.id
        self.version = entry.version
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    @property
    def name(self) -> str:
        """Id and version, as published with every number that comes from this model."""
        return f"{self.id}-{self.version}"

    @property
    def provider(self) -> str:
        """The provider really in use; what was asked for and what is listed prove nothing."""
        return str(self._session.get_providers()[0])

    def run(self, inputs: dict[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Run the model once; inputs and outputs are as the manifest says."""
        outputs: list[NDArray[np.float32]] = self._session.run(None, inputs)
        return outputs


class Store:
    """Finds and loads models; `settings.models` says where to look and what to run them on."""

    def __init__(self, models: settings.Models) -> None:
        self._models = models

    def directories(self) -> list[Path]:
        """Where models are looked for, in this order."""
        named = [Path(self._models.directory)] if self._models.directory else []
        return [*named, packaged_directory(), downloads_directory()]

    def path(self, model_id: str) -> Path:
        """The file of a model, with its hash checked.

        :raises ModelMissing: the manifest has no such model, or no directory has its file.
        :raises ModelTampered: files of that name exist, but none has the hash of the manifest.
        :raises ModelUnreadable: the file, or the manifest, cannot be read.
        """
        entry = _entry(model_id)
        candidates = [folder / entry.file for folder in self.directories()]
        found = [path for path in candidates if path.is_file()]
        if not found:
            raise ModelMissing(f"Model {model_id} ({entry.file}) is not on this machine.")
        for path in found:
            if _sha256(path) == entry.sha256:
                return path
            log.warning("%s is not the published %s and was passed over.", path, model_id)
        raise ModelTampered(f"{found[0]} is not the published {model_id}: its SHA-256 differs.")

    def load(self, model_id: str) -> Model:
        """Load an ONNX model.

        :raises ModelMissing, ModelTampered: as `path` does.
        :raises ModelUnreadable: the runtime cannot load it.
        """
        return Model(_entry(model_id), self.path(model_id), self._models.provider)


def _entry(model_id: str) -> Entry:
    try:
        return manifest()[model_id]
    except KeyError:
        raise ModelMissing(f"The manifest names no model {model_id!r}.") from None


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnreadable(f"{path} cannot be read: {error.strerror}") from error


def _providers(wanted: str) -> list[str]:
    """onnxruntime-gpu lists CUDA on machines without it and prints errors when it is asked for,
    so `auto` asks only where an NVIDIA driver is."""
    cuda = wanted == "cuda" or (wanted == "auto" and _nvidia_driver())
    return [*(["CUDAExecutionProvider"] if cuda else []), "CPUExecutionProvider"]


def _nvidia_driver() -> bool:
    try:
        ctypes.CDLL("nvcuda.dll" if os.name == "nt" else "libcuda.so.1")
    except OSError:
        return False
    return True
