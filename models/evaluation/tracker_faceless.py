"""Where there is no face: does the tracker see one all the same?

Three kinds of frames. Parts of held-out photographs of people that hold no face: backgrounds,
clothes, hair, hands. Parts of those pictures of scikit-image that are not trained on. Drawn rooms,
as an extra: they are easier than real ones. A part in which MediaPipe sees a face at a confidence
of 0.2 is none of them; without MediaPipe, the photographs cannot be used.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from models.evaluation.tracker_report import share_interval
from numpy.typing import NDArray

from rapport.capture.signals import Frame
from rapport.experts.face.tracker import Tracker

Picture = NDArray[np.uint8]
Random = np.random.Generator

SEED = 11
WIDTH, HEIGHT = 640, 480
PER_PHOTOGRAPH, TRIES = 6, 60
SMALLEST = 28
"""Pixels of a part of a photograph; less is only blur."""
ROOM = 0.05
"""Sides of a face's box that are left free around it."""
PER_SPECIMEN, SPECIMEN_SHARE = 40, (0.25, 1.0)
ROOMS = 200


def faceless(photographs: list[Path], teacher: Tracker | None, tracker: Tracker) -> dict[str, Any]:
    """`n` frames and the share `false_faces` of each kind, and of both `blind` kinds together,
    with a 95 % interval."""
    random = np.random.default_rng(SEED)
    kinds = {
        "photographs": _backgrounds(photographs, teacher, random) if teacher else iter(()),
        "scikit-image": _specimens(teacher, random),
        "drawn rooms": (_room(random) for _ in range(ROOMS)),
    }
    counts = {name: _count(frames, tracker) for name, frames in kinds.items()}
    pairs = [counts[name] for name in ("photographs", "scikit-image")]
    blind = sum(hits for hits, _ in pairs), sum(count for _, count in pairs)
    return {name: _told(*pair) for name, pair in {**counts, "blind": blind}.items()}


def _told(hits: int, count: int) -> dict[str, Any]:
    interval = share_interval(hits, count)
    return {
        "n": count,
        "false_faces": hits / count if count else None,
        "interval": interval and [round(end, 4) for end in interval],
    }


def _count(frames: Iterator[Picture], tracker: Tracker) -> tuple[int, int]:
    answers = [tracker.track(Frame(0, image)) is not None for image in frames]
    return sum(answers), len(answers)


def _backgrounds(files: list[Path], teacher: Tracker, random: Random) -> Iterator[Picture]:
    """Parts beside the one face that the teacher finds; it looks at the part again, as there may
    be more people."""
    for path in files:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        face = None if image is None else teacher.track(Frame(0, np.asarray(image, np.uint8)))
        if face is None:
            continue
        height, width = image.shape[:2]
        box = np.array(face.box)
        room = ROOM * (box[3] - box[1])
        taken = 0
        for _ in range(TRIES):
            size = (random.uniform(0.12, 0.6, 2) * (width, height)).astype(int)
            low = random.integers(0, (width, height) - size + 1)
            high = low + size
            beside = (high < box[:2] - room) | (low > box[2:] + room)
            if size.min() < SMALLEST or not beside.any() or taken == PER_PHOTOGRAPH:
                continue
            frame = _fitted(np.asarray(image[low[1] : high[1], low[0] : high[0]], np.uint8))
            if teacher.track(Frame(0, frame)) is None:
                taken += 1
                yield frame


def _specimens(teacher: Tracker | None, random: Random) -> Iterator[Picture]:
    try:
        import skimage
        from models.training.tracker_data import SPECIMENS
    except ImportError:
        return
    # The right view is the left one, shifted; and whoever looks into a camera has a face, too.
    known = {*SPECIMENS, "motorcycle_right", "astronaut", "camera"}
    folder = Path(skimage.data_dir)
    for path in sorted([*folder.glob("*.png"), *folder.glob("*.jpg")]):
        if path.stem in known:
            continue
        image = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)
        for _ in range(PER_SPECIMEN):
            side = int(min(image.shape[:2]) * random.uniform(*SPECIMEN_SHARE))
            top, left = (int(random.integers(0, n - side + 1)) for n in image.shape[:2])
            frame = _fitted(np.ascontiguousarray(image[top : top + side, left : left + side]))
            if teacher is None or teacher.track(Frame(0, frame)) is None:
                yield frame


def _fitted(part: Picture) -> Picture:
    """The part as a frame of a webcam, as large as fits, its edges repeated around."""
    scale = min(WIDTH / part.shape[1], HEIGHT / part.shape[0])
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    large = cv2.resize(part, size, interpolation=cv2.INTER_CUBIC)
    right, below = WIDTH - size[0], HEIGHT - size[1]
    edges = (below // 2, below - below // 2, right // 2, right - right // 2)
    return np.asarray(cv2.copyMakeBorder(large, *edges, cv2.BORDER_REPLICATE), np.uint8)


def _room(random: Random) -> Picture:
    """Walls, a window, shelves with books, a lamp, a picture of nothing, the noise of a sensor."""
    shade = np.linspace(*random.uniform(30, 220, 2), WIDTH)
    image = np.repeat(shade[None, :, None], HEIGHT, 0) + random.uniform(-15, 15, 3)
    room = np.ascontiguousarray(np.clip(image, 0, 255).astype(np.uint8))
    floor = int(random.uniform(0.6, 0.95) * HEIGHT)
    cv2.rectangle(room, (0, floor), (WIDTH, HEIGHT), _colour(random), -1)
    for _ in range(random.integers(1, 5)):
        x, y = int(random.integers(0, WIDTH - 60)), int(random.integers(0, floor - 40))
        wide, high = (int(n) for n in random.integers(50, 260, 2))
        cv2.rectangle(room, (x, y), (x + wide, y + high), _colour(random), -1)
        cv2.rectangle(room, (x, y), (x + wide, y + high), _colour(random), 4)
        if random.random() < 0.5:  # A shelf; else a window or a picture.
            for book in range(x + 4, x + wide - 8, 12):
                top = y + int(random.uniform(0.1, 0.5) * high)
                cv2.rectangle(room, (book, top), (book + 9, y + high - 4), _colour(random), -1)
        else:
            cv2.line(room, (x + wide // 2, y), (x + wide // 2, y + high), _colour(random), 3)
            cv2.line(room, (x, y + high // 2), (x + wide, y + high // 2), _colour(random), 3)
    for _ in range(random.integers(0, 4)):  # Lamps, clocks, cushions, plates.
        place = (int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT)))
        size = int(random.integers(10, 90))
        cv2.ellipse(room, place, (size, int(size * random.uniform(0.7, 1.4))), 0, 0, 360,
                    _colour(random), -1)  # fmt: skip
        cv2.circle(room, place, size // 3, _colour(random), -1)
    room = np.asarray(cv2.GaussianBlur(room, (0, 0), random.uniform(0.5, 2.5)), np.uint8)
    noise = random.normal(0, random.uniform(1, 8), room.shape)
    return np.clip(room + noise, 0, 255).astype(np.uint8)


def _colour(random: Random) -> tuple[int, int, int]:
    shades = random.integers(0, 256, 3)
    return int(shades[0]), int(shades[1]), int(shades[2])
