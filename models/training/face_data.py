"""Faces as the face expert sees them: aligned crops, blendshapes and labels, made once and kept.

The shipped crop code and a shipped tracker run over every picture. On FER+ that takes several
minutes on two cores, so that the outcome is kept in a cache folder outside the project, by the
tracker that made it.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from models.evaluation.progress import progress
from models.training import face_folders
from numpy.typing import NDArray

from rapport.capture.signals import Frame
from rapport.experts.face import crop, detector, mesh
from rapport.experts.face.compact_tracker import CompactTracker
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.face.tracker import BLENDSHAPES, Tracker
from rapport.experts.store import Store
from rapport.state import LABELS

FERPLUS = Path("face/ferplus_train_valid.npz")
"""Below the data folder."""
SEED = 20
"""Of the choice where not all faces are cut."""
MARGIN = 8
"""Pixels around the crop, within which augmentation moves and turns it."""
CONFIDENCE = 0.2
"""Of detection and tracking; the pictures are known to show faces, mostly."""


class Faces(NamedTuple):
    """N faces. `crops` is uint8, N x 64 x 64 (crop and margin). `blendshapes` is float32, N x 52,
    zero where `known` (bool, N) is False. `votes` is float32, N x 8, and sums to one. `majority`
    is int64, N, -1 where most raters saw no emotion of ours or no face."""

    crops: NDArray[np.uint8]
    blendshapes: NDArray[np.float32]
    known: NDArray[np.bool_]
    votes: NDArray[np.float32]
    majority: NDArray[np.int64]

    def take(self, where: NDArray[np.bool_]) -> "Faces":
        return Faces(*(column[where] for column in self))


class Cutter(NamedTuple):
    """A tracker that cuts faces: how it is made, and the files that decide what it sees."""

    make: Callable[[], Tracker]
    files: tuple[Path, ...]


def mediapipe(bundle: Path) -> Cutter:
    """:param bundle: MediaPipe's `face_landmarker.task`."""
    return Cutter(lambda: MediaPipeTracker(bundle, CONFIDENCE, CONFIDENCE, still=True), (bundle,))


def compact(store: Store) -> Cutter:
    """Rapport's own tracker, as it is in a store."""
    files = tuple(store.path(name) for name in (detector.MODEL_ID, mesh.MODEL_ID))
    return Cutter(lambda: CompactTracker(store, CONFIDENCE, CONFIDENCE, still=True), files)


def load(data: Path, cutter: Cutter, cache: Path, most: int | None = None) -> tuple[Faces, Faces]:
    """Training and validation faces, from the cache where the crops in it are cut alike.

    Both parts of FER+; for the training also what stands in the folders of `face_folders`.

    :param data: the data folder.
    :param cache: a folder; it is made if it is not there.
    :param most: how many training faces of each corpus are cut; None: all.
    """
    with np.load(data / FERPLUS) as content:
        images, votes, split = content["images"], content["votes"], content["split"]
    if most is not None:
        drawn = _drawn(np.flatnonzero(split == 0), most)
        chosen = np.concatenate([drawn, np.flatnonzero(split == 1)])
        images, votes, split = images[chosen], votes[chosen], split[chosen]
    faces = _cut("ferplus", images, len(images), votes, cutter, cache)
    usable = faces.majority >= 0
    training = [faces.take(usable & (split == 0))]
    for name, listed in face_folders.found(data / "face").items():
        items = [listed[place] for place in _drawn(np.arange(len(listed)), most)]
        pictures = (face_folders.picture(path) for path, _ in items)
        chosen = np.eye(len(LABELS))[[label for _, label in items]]
        training.append(_cut(name, pictures, len(items), chosen, cutter, cache))
    joined = (np.concatenate(columns) for columns in zip(*training, strict=True))
    return Faces(*joined), faces.take(usable & (split == 1))


def _drawn(places: NDArray[np.int64], most: int | None) -> NDArray[np.int64]:
    if most is None or most >= len(places):
        return places
    return np.sort(np.random.default_rng(SEED).choice(places, most, replace=False))


def read_picture(
    tracker: Tracker, picture: NDArray[np.uint8], margin: int
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Crop and blendshapes of one tight grey or BGR picture of a face; without a detection the
    whole picture and None."""
    image = crop.enlarge(picture)
    if image.ndim == 2:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    found = tracker.track(Frame(0, image))
    if found is None:
        return crop.whole_as_crop(picture, margin), None
    return crop.crop_face(image, found.landmarks, margin), found.blendshapes


def _cut(
    name: str,
    pictures: Iterable[NDArray[np.uint8]],
    count: int,
    votes: NDArray[np.generic],
    cutter: Cutter,
    cache: Path,
) -> Faces:
    """A corpus as faces. `votes`, N x 8 or more columns, stand for emotions in our order."""
    geometry = (crop.CROP_SIZE, crop.EYE_DISTANCE, crop.EYE_LINE, MARGIN, CONFIDENCE, crop.ANCHORS)
    key = hashlib.sha256(repr(geometry).encode())
    for file in cutter.files:
        key.update(file.read_bytes())
    kept = cache / f"{name}-{count}-{key.hexdigest()[:12]}.npz"
    if not kept.is_file():
        _track_all(name, pictures, count, cutter, kept)
    with np.load(kept) as content:
        crops, blendshapes, known = content["crops"], content["blendshapes"], content["known"]
    counted = votes[:, : len(LABELS)].astype(np.float32)
    majority = votes.argmax(axis=1).astype(np.int64)
    majority[majority >= len(LABELS)] = -1
    shares = counted / np.maximum(counted.sum(axis=1, keepdims=True), 1.0)
    return Faces(crops, blendshapes.astype(np.float32), known, shares, majority)


def _track_all(
    name: str, pictures: Iterable[NDArray[np.uint8]], count: int, cutter: Cutter, kept: Path
) -> None:
    size = crop.CROP_SIZE + 2 * MARGIN
    crops = np.zeros((count, size, size), np.uint8)
    blendshapes = np.zeros((count, len(BLENDSHAPES)), np.float16)
    known = np.zeros(count, np.bool_)
    tracker = cutter.make()
    for index, picture in enumerate(progress(pictures, f"Faces of {name}", count)):
        face, shapes = read_picture(tracker, picture, MARGIN)
        crops[index] = np.clip(np.rint(face), 0, 255)
        if shapes is not None:
            blendshapes[index], known[index] = shapes, True
    tracker.close()
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(".partial.npz")
    np.savez(partial, crops=crops, blendshapes=blendshapes, known=known)
    partial.replace(kept)
