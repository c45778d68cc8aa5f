"""Labelled pictures in an .npz archive, whatever their form.

`images`: N x H x W, N x H x W x 1, 3 (BGR) or 4 (BGRA), N x 1 or 3 x H x W, or an object array of
pictures of different sizes. Whole numbers 0 ... 255 (16 bits: 0 ... 65535), or floats: 0 ... 1, or
0 ... 255 if any is above 1; what is not finite becomes black.

`labels`, one a picture: whole numbers in the order of `rapport.state.LABELS`, names, or a row of
one-hot values or votes with a column per label. -1, rows of zeros, unknown names and columns beyond
ours mean that a picture is left out.

A FER+ archive (`images`, `votes`, `split`) is taken too: its validation part.
"""

import pickle
import zipfile
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.evaluation.labels import PLACES
from numpy.typing import NDArray

from rapport.state import LABELS

KEYS = ("images", "labels", "votes", "split")
CHANNELS = (1, 3, 4)
BROKEN = (
    OSError, ValueError, EOFError, KeyError, IndexError, TypeError, AttributeError, MemoryError,
    NotImplementedError, zipfile.BadZipFile, zlib.error, pickle.UnpicklingError, SyntaxError,
)  # fmt: skip
"""What reading a damaged archive raises."""
ARRAYS_ONLY = frozenset(
    {
        *(
            (f"numpy.{core}.{module}", name)
            for core in ("core", "_core")
            for module, name in (("multiarray", "_reconstruct"), ("numeric", "_frombuffer"))
        ),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    }
)
"""What the pickle inside an object array may name. Anything else could run a stranger's code."""

Image = NDArray[np.uint8]


class Unusable(Exception):
    """The file is not what the documentation asks for."""


class Archive(NamedTuple):
    """Pictures (uint8; an object array if they differ in size) and their labels (int64, in our
    order), and whether it is FER+."""

    images: NDArray[Any]
    labels: NDArray[np.int64]
    is_ferplus: bool


def read_archive(file: Path) -> Archive:
    """The pictures that have one of our labels.

    :raises Unusable: it is no such archive, it is damaged, or it holds no such picture.
    """
    try:
        content = _content(file)
    except BROKEN as error:
        raise Unusable(f"{file} is no readable .npz archive: {error}") from error
    is_ferplus = "labels" not in content and {"images", "votes", "split"} <= content.keys()
    if is_ferplus:
        content["labels"] = content["votes"]
    if not {"images", "labels"} <= content.keys():
        raise Unusable(f"{file} must hold `images` and `labels`; it holds {sorted(content)}.")
    images, labels = content["images"], _labels(content["labels"])
    if images.ndim == 0 or len(images) != len(labels):
        count = len(images) if images.ndim else "no"
        raise Unusable(f"There are {len(labels)} `labels` for {count} `images`: one a picture.")
    kept = labels >= 0
    if is_ferplus:
        kept &= content["split"] == 1
    if not kept.any():
        raise Unusable(f"No picture in {file} has one of our labels, 0 ... {len(LABELS) - 1}.")
    return Archive(_pictures(images[kept]), labels[kept], is_ferplus)


def _content(file: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(file) as archive:
        names = {Path(name).stem: name for name in archive.namelist() if name.endswith(".npy")}
        content = {}
        for key in KEYS:
            if key in names:
                with archive.open(names[key]) as stream:
                    content[key] = _array(stream)  # type: ignore[arg-type] # it is one
        return content


def _array(stream: BufferedIOBase) -> NDArray[Any]:
    """As `numpy.load`, but objects may be nothing else than arrays and numbers."""
    version = np.lib.format.read_magic(stream)  # type: ignore[arg-type, no-untyped-call] # a stream
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, fortran, dtype = read_header(stream)  # type: ignore[no-untyped-call] # untyped
    if dtype.hasobject:
        return np.asarray(_ArraysOnly(stream).load(), object)
    values = np.frombuffer(bytearray(stream.read()), dtype, count=int(np.prod(shape, dtype=int)))
    return values.reshape(shape, order="F" if fortran else "C")


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ARRAYS_ONLY:
            raise pickle.UnpicklingError(f"it holds {module}.{name}, which is no array")
        return super().find_class(module, name)


def _labels(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Places in `LABELS`, -1 for what is to be left out."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.dtype.kind in "OSU" and labels.ndim == 1:
        names = [n.decode("utf-8", "replace") if isinstance(n, bytes) else n for n in labels]
        if all(isinstance(name, str) for name in names):
            return np.array([PLACES.get(n.strip().lower(), -1) for n in names], np.int64)
        labels = np.array(names)
    if labels.dtype.kind not in "biuf" or labels.ndim not in (1, 2):
        raise Unusable(
            f"`labels` must be whole numbers, names or one-hot rows, not {labels.dtype}"
            f" {labels.shape}."
        )
    values = np.nan_to_num(labels.astype(np.float64), nan=-1.0, posinf=-1.0, neginf=-1.0)
    if labels.ndim == 2:
        if labels.shape[1] < 2:
            raise Unusable(f"`labels` has rows of {labels.shape[1]} values.")
        chosen = np.where(values.max(axis=1) > 0.0, values.argmax(axis=1), -1)
    elif (values != np.rint(values)).any():
        raise Unusable("`labels` must be whole numbers, one a picture; some are fractions.")
    else:
        chosen = values.astype(np.int64)
    return np.where((chosen >= 0) & (chosen < len(LABELS)), chosen, -1).astype(np.int64)


def stacked(pictures: list[Image]) -> NDArray[Any]:
    """Pictures side by side, as an object array if they differ in size."""
    if len({picture.shape for picture in pictures}) == 1:
        return np.stack(pictures)
    array = np.empty(len(pictures), object)
    array[:] = pictures
    return array


def _pictures(images: NDArray[Any]) -> NDArray[Any]:
    """Each as uint8, height x width [x channels]."""
    pictures = [np.asarray(image) for image in images]
    for number, picture in enumerate(pictures):
        if picture.dtype == object:  # an object array of pictures that all have one size
            pictures[number] = picture = np.array(picture.tolist())
        if picture.dtype.kind not in "biuf" or picture.ndim not in (2, 3):
            raise Unusable(
                f"`images` must be numbers, N x H x W [x 1, 3 or 4]; picture {number} is"
                f" {picture.dtype} {picture.shape}."
            )
    scale = _scale(pictures)
    return stacked([_upright(_as_bytes(picture, scale)) for picture in pictures])


def _scale(pictures: list[NDArray[Any]]) -> float:
    """What makes white 255, the same for all: a dark picture is not a white one in other units."""
    kinds = {picture.dtype.kind for picture in pictures}
    with np.errstate(invalid="ignore"):
        highest = max((float(np.nanmax(p, initial=0.0)) for p in pictures if p.size), default=0.0)
    if kinds == {"b"} or ("f" in kinds and highest <= 1.0):
        return 255.0
    return 1.0 if highest <= 255.0 or "f" in kinds else 255.0 / 65535.0


def _as_bytes(picture: NDArray[Any], scale: float) -> Image:
    if picture.dtype == np.uint8 and scale == 1.0:
        return picture
    finite = np.nan_to_num(picture.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(np.rint(finite * scale), 0.0, 255.0).astype(np.uint8)


def _upright(picture: Image) -> Image:
    """With its channels last."""
    if picture.ndim == 2:
        return picture
    if picture.shape[2] not in CHANNELS and picture.shape[0] in CHANNELS:
        picture = np.moveaxis(picture, 0, 2)
    if picture.shape[2] not in CHANNELS:
        raise Unusable(f"A picture has {picture.shape[2]} channels, not 1, 3 or 4.")
    return np.ascontiguousarray(picture)
