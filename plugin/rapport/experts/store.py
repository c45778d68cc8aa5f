"""The models: where they are, whether they are the published ones, and how they are run.

The manifest stands beside the packaged models: in the wheel under `rapport/_models`, in a checkout
under `models/`.
"""

import ctypes
import hashlib
import logging
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from rapport import settings
from rapport.errors import ModelMissing, ModelTampered, ModelUnreadable
from rapport.experts.licence import is_cleared, refusal
from rapport.experts.manifest import MANIFEST, Entry, read_manifest

log = logging.getLogger("rapport.experts")

_PACKAGE = Path(__file__).resolve().parents[1]
PACKAGED = _PACKAGE / "_models"
CHECKOUT = _PACKAGE.parents[1] / "models"


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
    return read_manifest(packaged_directory() / MANIFEST)


class Model:
    """A loaded ONNX model, run on one thread of the CPU or on CUDA."""

    def __init__(self, entry: Entry, content: bytes, provider: str) -> None:
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
            self._session = ort.InferenceSession(content, options, providers=_providers(provider))
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

    def __init__(self, models: settings.Models, known: Mapping[str, Entry] | None = None) -> None:
        """:param known: the models that there are, by id; None: those of Rapport's own manifest."""
        self._models = models
        self._known = known
        self.loaded: dict[str, str] = {}
        """Id -> the provider in use, of every model that was loaded."""

    def directories(self) -> list[Path]:
        """Where models are looked for, in this order."""
        named = [Path(self._models.directory)] if self._models.directory else []
        return [*named, packaged_directory(), downloads_directory()]

    def path(self, model_id: str) -> Path:
        """The file of a model, with its hash checked.

        :raises ModelNotCleared: the licence policy does not let it be used.
        :raises ModelMissing: the manifest has no such model, or no directory has its file.
        :raises ModelTampered: files of that name exist, but none has the hash of the manifest.
        :raises ModelUnreadable: the file, or the manifest, cannot be read.
        """
        return self._genuine(self._cleared(model_id))[0]

    def content(self, model_id: str) -> bytes:
        """What is in the file of a model, for one that is no network.

        :raises ModelNotCleared, ModelMissing, ModelTampered, ModelUnreadable: as `path` does.
        """
        return self._genuine(self._cleared(model_id))[1]

    def load(self, model_id: str) -> Model:
        """Load an ONNX model.

        :raises ModelNotCleared, ModelMissing, ModelTampered: as `path` does.
        :raises ModelUnreadable: the runtime cannot load it.
        """
        entry = self._cleared(model_id)
        # What was hashed is what is run: a file that is read again might be another one.
        model = Model(entry, self._genuine(entry)[1], self._models.provider)
        self.loaded[model.id] = model.provider
        return model

    def where(self, model_id: str) -> Path:
        """As `path`, whatever its licence: for looking, not for using."""
        return self._genuine(self._entry(model_id))[0]

    def _cleared(self, model_id: str) -> Entry:
        entry = self._entry(model_id)
        if not is_cleared(entry, self._models):
            raise refusal(entry)
        return entry

    def _entry(self, model_id: str) -> Entry:
        known = manifest() if self._known is None else self._known
        try:
            return known[model_id]
        except KeyError:
            raise ModelMissing(f"The manifest names no model {model_id!r}.") from None

    def _genuine(self, entry: Entry) -> tuple[Path, bytes]:
        """The first file of that name with the hash of the manifest, and what is in it."""
        candidates = [folder / entry.file for folder in self.directories()]
        found = [path for path in candidates if path.is_file()]
        if not found:
            raise ModelMissing(f"Model {entry.id} ({entry.file}) is not on this machine.")
        for path in found:
            content = _content(path)
            if hashlib.sha256(content).hexdigest() == entry.sha256:
                return path, content
            log.warning("%s is not the published %s and was passed over.", path, entry.id)
        raise ModelTampered(f"{found[0]} is not the published {entry.id}: its SHA-256 differs.")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
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
