"""What the compact tracker learns from: faces as MediaPipe sees them, made once and kept.

Every picture goes through MediaPipe's FaceLandmarker. Each face that it finds is kept as a grey,
upright patch with landmarks, blendshapes and rotation; whole pictures with room around the face,
and parts of pictures without any face, are kept for the detector.
"""

import csv
import logging
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import skimage
from models.training.tracker_teacher import Teacher
from numpy.typing import NDArray
from rich.progress import track as progress

from rapport.experts.face.crop import enlarge
from rapport.experts.face.square import MESH_REACH, MESH_SIZE, cut, square_of, to_crop

PATCH = 160
"""Pixels; at the scale of the landmark crop, with room to move and turn it."""
PATCH_REACH = MESH_REACH * PATCH / MESH_SIZE
CONFIDENCE = 0.3
"""Of the teacher, on pictures that are known to show people."""
HELD_OUT = 10
"""Of the portraits and photos the last of this many consecutive parts is held out: neighbours are
more often of the same person than others. Of FER+ it is the validation split."""
SHUFFLE = 7
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


MASK_COVERS = 0.45
"""Share of the landmarks' hull that a mask over mouth and nose covers."""


def is_held_out(index: int, count: int) -> bool:
    return index * HELD_OUT // count == HELD_OUT - 1


def turned(rotation: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    """Rotation (x right, y up, z to the viewer) after the picture was turned by `angle` radians
    (y down)."""
    cos, sin = np.cos(angle), np.sin(angle)
    spin = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    return np.asarray(spin @ rotation, np.float32)


def listed(folder: Path) -> list[tuple[Path, str]]:
    """Files and labels of a folder's manifest.csv, in its order."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [(folder / row[0], row[1]) for row in list(csv.reader(file))[1:]]


def photographs(data: Path, held_out: bool) -> list[tuple[Path, str]]:
    """Portraits and photos of one side of the split. Each label of the photos is split apart."""
    chosen: list[tuple[Path, str]] = []
    for folder in (data / "portraits", data / "photos"):
        entries = listed(folder)
        labels = sorted({label for _, label in entries}) if folder.name == "photos" else [""]
        for label in labels:
            group = [entry for entry in entries if not label or entry[1] == label]
            chosen += [
                entry
                for index, entry in enumerate(group)
                if is_held_out(index, len(group)) == held_out
            ]
    return chosen


def make(data: Path, bundle: Path, cache: Path, limit: int) -> None:
    """Run the teacher over everything; what is already in the cache is left as it is.

    :param data: the folder with `photos`, `portraits` and `ferplus_train_valid.npz`.
    :param limit: how many FER+ faces are used.
    """
    cache.mkdir(parents=True, exist_ok=True)
    teacher = Teacher(bundle, CONFIDENCE)
    if not (cache / "photographs.npz").is_file():
        _photographs(photographs(data, held_out=False), teacher, cache)
    if not (cache / "empty.npz").is_file():
        _empty(_pictures(cache / "pictures.npz"), teacher, cache / "empty.npz")
    archive = data / "ferplus_train_valid.npz"
    with np.load(archive) as content:
        images = content["images"][content["split"] == 0]
    order = np.random.default_rng(SHUFFLE).permutation(len(images))[:limit]
    for number, part in enumerate(np.array_split(order, max(1, limit // 4000))):
        kept = cache / f"ferplus-{number}.npz"
        if not kept.is_file():
            faces = []
            for picture in progress(images[part], f"FER+ part {number}"):
                image = enlarge(picture)
                border = (image.shape[0] - image.shape[0] / 1.5) / 2
                inside = _corners(border, border, image.shape[1] - border, image.shape[0] - border)
                found = teacher.look(image)[:1]
                faces += [_patch(image, face, inside, 0.0) for face in found]
            _save(kept, _joined(faces))
    teacher.close()


def load(cache: Path) -> tuple[Faces, Pictures, list[NDArray[np.uint8]]]:
    """Faces, pictures with faces, and parts of pictures without any."""
    files = [cache / "photographs.npz", *sorted(cache.glob("ferplus-*.npz"))]
    parts = []
    for path in files:
        with np.load(path) as content:
            parts.append(Faces(*(content[name] for name in Faces._fields)))
    faces = Faces(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    with np.load(cache / "empty.npz", allow_pickle=True) as content:
        empty = [*content["empty"], *_specimens()]
    return faces, _pictures(cache / "pictures.npz"), empty


def _specimens() -> list[NDArray[np.uint8]]:
    """Parts of pictures that come with scikit-image."""
    random = np.random.default_rng(SHUFFLE)
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


def _pictures(path: Path) -> Pictures:
    with np.load(path, allow_pickle=True) as content:
        return Pictures(list(content["images"]), list(content["squares"]))


def _photographs(entries: list[tuple[Path, str]], teacher: Teacher, cache: Path) -> None:
    faces, images, squares = [], [], []
    for path, label in progress(entries, "Photographs"):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        found = teacher.look(image)
        if not found:
            continue
        height, width = image.shape[:2]
        inside = _corners(0, 0, width, height)
        covered = MASK_COVERS if label == "with_mask" else 0.0
        faces += [_patch(image, face, inside, covered) for face in found]
        images.append(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        squares.append(np.array([square_of(face.landmarks) for face in found], np.float32))
    _save(cache / "photographs.npz", _joined(faces))
    np.savez(cache / "pictures.npz", images=_objects(images), squares=_objects(squares))


def _objects(values: list[NDArray[np.generic]]) -> NDArray[np.object_]:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _empty(pictures: Pictures, teacher: Teacher, path: Path) -> None:
    """Parts of pictures in which no face is seen, not even the edge of one, nor by the teacher."""
    random = np.random.default_rng(SHUFFLE)
    parts: list[NDArray[np.uint8]] = []
    for image, squares in zip(*pictures, strict=True):
        height, width = image.shape
        taken = 0
        for _ in range(24):
            wide, high = (random.uniform(0.2, 0.6, 2) * min(height, width)).astype(int)
            left, top = random.integers(0, width - wide + 1), random.integers(0, height - high + 1)
            middle = np.array([left + wide / 2, top + high / 2])
            gap = np.abs(squares[:, :2] - middle) - np.array([wide, high]) / 2
            clear = (gap.max(axis=1) > 0.58 * squares[:, 2]).all()
            part = image[top : top + high, left : left + wide]
            if taken < 3 and min(wide, high) >= 28 and clear and part.std() > 4:
                large = cv2.resize(part, (192, 192))
                if not teacher.look(large):
                    parts.append(part.copy())
                    taken += 1
    np.savez(path, empty=_objects(parts))
    log.info("%d parts without a face", len(parts))


def _corners(left: float, top: float, right: float, bottom: float) -> NDArray[np.float32]:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _patch(image, found, inside, covered) -> Faces:
    square = square_of(found.landmarks)
    matrix = to_crop(square, PATCH, PATCH_REACH)
    scale = np.hypot(matrix[0, 0], matrix[1, 0])
    points = np.hstack(
        [found.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2], found.landmarks[:, 2:] * scale]
    )
    return Faces(
        cut(image, matrix, PATCH),
        points.astype(np.float32),
        found.blendshapes,
        turned(found.rotation, -square.angle),
        (inside @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32),
        np.float32(covered),
    )


def _joined(faces: list[Faces]) -> Faces:
    return Faces(*(np.stack(column) for column in zip(*faces, strict=True)))


def _save(path: Path, faces: Faces) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, **faces._asdict())
    partial.replace(path)
    log.info("%s: %d faces", path.name, len(faces.patches))
