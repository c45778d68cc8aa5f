"""What the compact tracker learns from: faces as MediaPipe sees them, made once and kept.

Every photograph, and several warped copies of it (`tracker_warps`), go through MediaPipe's
FaceLandmarker. Each face that it finds is kept as a grey, upright patch with landmarks,
blendshapes and rotation; whole pictures with room around the face, and parts of pictures without
any face, are kept for the detector.
"""

import csv
import logging
import multiprocessing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import skimage
from models.training.tracker_teacher import Taught, Teacher
from models.training.tracker_warps import warped
from numpy.typing import NDArray
from rich.progress import track as progress

from rapport.experts.face.square import MESH_REACH, MESH_SIZE, cut, square_of, to_crop

PATCH = 160
"""Pixels; at the scale of the landmark crop, with room to move and turn it."""
PATCH_REACH = MESH_REACH * PATCH / MESH_SIZE
CONFIDENCE = 0.3
"""Of the teacher, on pictures that are known to show people."""
TWENTIETHS = {"training": range(17), "validation": range(17, 18), "held-out": range(18, 20)}
"""The split: by consecutive twentieths of the portraits, and of the photos of each label, as
neighbours in the lists are more often of the same person than others. Steps and weights of losses
are chosen on the validation part; the held-out part is for the card alone."""
WARPS = 6
"""Changed copies of each training photograph."""
PARTS = 12
"""Archives in which the training faces are kept."""
SEED = 7
SPECIMENS = (
    "brick", "cell", "clock_motion", "coins", "grass", "ihc", "logo", "microaneurysms", "moon",
    "motorcycle_left",
)  # fmt: skip
"""Of scikit-image's pictures; the others are for checks."""
PARTS_EACH = 60

log = logging.getLogger("models.training.tracker_data")


class Faces(NamedTuple):
    """N faces. `patches` uint8, N x 160 x 160. `landmarks` float32, N x 478 x 3 in pixels of the
    patch. `blendshapes` float32, N x 52. `rotation` float32, N x 3 x 3, after the patch was
    turned upright. `frames` float32, N x 4 x 2: corners of the picture in pixels of the patch;
    beyond them the patch repeats an edge. `covered` float32, N: share of the face under a mask."""

    patches: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    rotation: NDArray[np.float32]
    frames: NDArray[np.float32]
    covered: NDArray[np.float32]


class Pictures(NamedTuple):
    """N whole pictures, grey, of various shapes, and the squares of the faces in each, M x 4."""

    images: list[NDArray[np.uint8]]
    squares: list[NDArray[np.float32]]


class Lessons(NamedTuple):
    """All that is learned from: faces, pictures with faces, and parts of pictures without."""

    faces: Faces
    pictures: Pictures
    empty: list[NDArray[np.uint8]]


Entry = tuple[Path, str]
"""A photograph and its label."""

MASK_COVERS = 0.45
"""Share of the landmarks' hull that a mask over mouth and nose covers."""


def is_on_side(index: int, count: int, side: str) -> bool:
    """Whether the picture at a position in a list of `count` belongs to a side of the split."""
    return index * 20 // count in TWENTIETHS[side]


def turned(rotation: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    """Rotation (x right, y up, z to the viewer) after the picture was turned by `angle` radians
    (y down)."""
    cos, sin = np.cos(angle), np.sin(angle)
    spin = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    return np.asarray(spin @ rotation, np.float32)


def listed(folder: Path) -> list[Entry]:
    """Files and labels of a folder's manifest.csv, in its order."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [(folder / row[0], row[1]) for row in list(csv.reader(file))[1:]]


def photographs(data: Path, side: str) -> list[Entry]:
    """Portraits and photos of one side of the split. Each label of the photos is split apart."""
    chosen: list[Entry] = []
    for folder in (data / "portraits", data / "photos"):
        entries = listed(folder)
        labels = sorted({label for _, label in entries}) if folder.name == "photos" else [""]
        for label in labels:
            group = [entry for entry in entries if not label or entry[1] == label]
            chosen += [
                entry for index, entry in enumerate(group) if is_on_side(index, len(group), side)
            ]
    return chosen


def make(data: Path, bundle: Path, cache: Path, workers: int) -> None:
    """Run the teacher over everything; what is already in the cache is left as it is.

    :param data: the folder with `photos` and `portraits`.
    :param workers: processes that do so.
    """
    cache.mkdir(parents=True, exist_ok=True)
    training = photographs(data, "training")
    jobs = [(cache / f"lessons-{number}.npz", training[number::PARTS], WARPS, number)
            for number in range(PARTS)]  # fmt: skip
    jobs.append((cache / "validation.npz", photographs(data, "validation"), 0, PARTS))
    jobs = [job for job in jobs if not job[0].is_file()]
    if not jobs:
        return
    # MediaPipe's threads do not survive a fork.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.imap_unordered(partial(_lessons, bundle), jobs)
        for path in progress(done, "Asking the teacher", total=len(jobs)):
            log.info("%s is made", path.name)


def load(cache: Path) -> Lessons:
    """Everything of the training part."""
    parts = [_loaded(cache / f"lessons-{number}.npz") for number in range(PARTS)]
    columns = zip(*(part.faces for part in parts), strict=True)
    return Lessons(
        Faces(*(np.concatenate(column) for column in columns)),
        Pictures(
            [image for part in parts for image in part.pictures.images],
            [squares for part in parts for squares in part.pictures.squares],
        ),
        [*(scrap for part in parts for scrap in part.empty), *_specimens()],
    )


def validation(cache: Path) -> Faces:
    """The faces on which steps and losses are judged."""
    return _loaded(cache / "validation.npz").faces


def _loaded(path: Path) -> Lessons:
    with np.load(path, allow_pickle=True) as content:
        return Lessons(
            Faces(*(content[name] for name in Faces._fields)),
            Pictures(list(content["images"]), list(content["squares"])),
            list(content["empty"]),
        )


def _lessons(bundle: Path, job: tuple[Path, list[Entry], int, int]) -> Path:
    """What one part of the photographs teaches, as an archive."""
    path, entries, copies, number = job
    cv2.setNumThreads(1)
    random = np.random.default_rng([SEED, number])
    teacher = Teacher(bundle, CONFIDENCE)
    faces, images, squares, empty = [], [], [], []
    for file, label in entries:
        image = np.asarray(cv2.imread(str(file), cv2.IMREAD_COLOR), np.uint8)
        found = teacher.look(image)
        if not found:
            continue
        covered = MASK_COVERS if label == "with_mask" else 0.0
        faces += _patches(image, found, covered)
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        images.append(grey)
        squares.append(np.array([square_of(face.landmarks) for face in found], np.float32))
        empty += _empty(grey, squares[-1], teacher, random)
        for _ in range(copies):
            copy = warped(image, [face.landmarks for face in found], random)
            faces += _patches(copy, teacher.look(copy), covered)
    teacher.close()
    columns = (np.stack(column) for column in zip(*faces, strict=True))
    partial_path = path.with_suffix(".partial")
    with partial_path.open("wb") as archive:
        np.savez(
            archive,
            **dict(zip(Faces._fields, columns, strict=True)),
            images=_objects(images),
            squares=_objects(squares),
            empty=_objects(empty),
        )
    partial_path.replace(path)
    return path


def _empty(
    image: NDArray[np.uint8],
    squares: NDArray[np.float32],
    teacher: Teacher,
    random: np.random.Generator,
) -> list[NDArray[np.uint8]]:
    """Parts of a picture in which no face is seen, not even the edge of one, nor by the
    teacher."""
    height, width = image.shape
    parts: list[NDArray[np.uint8]] = []
    for _ in range(24):
        wide, high = (random.uniform(0.2, 0.6, 2) * min(height, width)).astype(int)
        left, top = random.integers(0, width - wide + 1), random.integers(0, height - high + 1)
        middle = np.array([left + wide / 2, top + high / 2])
        gap = np.abs(squares[:, :2] - middle) - np.array([wide, high]) / 2
        clear = (gap.max(axis=1) > 0.58 * squares[:, 2]).all()
        part = image[top : top + high, left : left + wide]
        if min(wide, high) < 28 or not clear or part.std() <= 4:
            continue
        if not teacher.look(np.asarray(cv2.resize(part, (192, 192)), np.uint8)):
            parts.append(part.copy())
        if len(parts) == 3:
            break
    return parts


def _objects(values: list[NDArray[np.generic]]) -> NDArray[np.object_]:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _specimens() -> list[NDArray[np.uint8]]:
    """Parts of pictures that come with scikit-image."""
    random = np.random.default_rng(SEED)
    parts: list[NDArray[np.uint8]] = []
    for name in SPECIMENS:
        image = cv2.imread(str(Path(skimage.data_dir) / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
        for _ in range(PARTS_EACH):
            side = int(min(image.shape) * np.exp(random.uniform(np.log(0.15), 0)))
            left, top = (int(random.integers(0, size - side + 1)) for size in image.shape[::-1])
            part = image[top : top + side, left : left + side]
            size = min(side, PATCH)
            parts.append(
                np.asarray(cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
            )
    return parts


def _patches(image: NDArray[np.uint8], found: list[Taught], covered: float) -> list[Faces]:
    height, width = image.shape[:2]
    inside = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    return [_patch(image, face, inside, covered) for face in found]


def _patch(
    image: NDArray[np.uint8], face: Taught, inside: NDArray[np.int64], covered: float
) -> Faces:
    square = square_of(face.landmarks)
    matrix = to_crop(square, PATCH, PATCH_REACH)
    scale = np.hypot(matrix[0, 0], matrix[1, 0])
    points = np.hstack(
        [face.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2], face.landmarks[:, 2:] * scale]
    )
    return Faces(
        cut(image, matrix, PATCH),
        points.astype(np.float32),
        face.blendshapes,
        turned(face.rotation, -square.angle),
        (inside @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32),
        np.asarray(covered, np.float32),
    )
