"""FER+ as the face expert sees it: aligned crops, blendshapes and votes, made once and kept.

The shipped tracker and the shipped crop code run over every picture. That takes about eight
minutes on two cores, so that the outcome is kept in a cache folder outside the project.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track as progress

from rapport.capture.signals import Frame
from rapport.experts.face import crop
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.face.tracker import BLENDSHAPES
from rapport.state import LABELS

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


def read_picture(
    tracker: MediaPipeTracker, picture: NDArray[np.uint8], margin: int
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


def load(archive: Path, bundle: Path, cache: Path) -> tuple[Faces, Faces]:
    """Training and validation part of FER+, from the cache if the crops in it are cut alike.

    :param archive: `ferplus_train_valid.npz`.
    :param bundle: MediaPipe's `face_landmarker.task`.
    :param cache: a folder; it is made if it is not there.
    """
    with np.load(archive) as data:
        images, votes, split = data["images"], data["votes"], data["split"]
    geometry = (crop.CROP_SIZE, crop.EYE_DISTANCE, crop.EYE_LINE, MARGIN, CONFIDENCE, crop.ANCHORS)
    key = hashlib.sha256(repr(geometry).encode() + bundle.read_bytes()).hexdigest()[:12]
    kept = cache / f"ferplus-{len(images)}-{key}.npz"
    if not kept.is_file():
        _track_all(images, bundle, kept)
    with np.load(kept) as data:
        crops, blendshapes, known = data["crops"], data["blendshapes"], data["known"]
    counted = votes[:, : len(LABELS)].astype(np.float32)
    majority = votes.argmax(axis=1).astype(np.int64)
    majority[majority >= len(LABELS)] = -1
    faces = Faces(
        crops,
        blendshapes.astype(np.float32),
        known,
        counted / np.maximum(counted.sum(axis=1, keepdims=True), 1.0),
        majority,
    )
    usable = majority >= 0
    return faces.take(usable & (split == 0)), faces.take(usable & (split == 1))


def _track_all(images: NDArray[np.uint8], bundle: Path, kept: Path) -> None:
    size = crop.CROP_SIZE + 2 * MARGIN
    crops = np.zeros((len(images), size, size), np.uint8)
    blendshapes = np.zeros((len(images), len(BLENDSHAPES)), np.float16)
    known = np.zeros(len(images), np.bool_)
    tracker = MediaPipeTracker(bundle, CONFIDENCE, CONFIDENCE, still=True)
    for index, picture in enumerate(progress(images, "Tracking faces")):
        face, shapes = read_picture(tracker, picture, MARGIN)
        crops[index] = np.clip(np.rint(face), 0, 255)
        if shapes is not None:
            blendshapes[index], known[index] = shapes, True
    tracker.close()
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(".partial.npz")
    np.savez(partial, crops=crops, blendshapes=blendshapes, known=known)
    partial.replace(kept)
