"""Held-out photographs of people, spoiled on purpose: how much the compact tracker still sees.

Each photograph, with the face as MediaPipe sees it in the unspoiled one, is put into a frame of
640 x 480 and changed in one way. The corruptions are those of the training, on other pictures.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from models.evaluation.agreement import SAME_FACE, landmark_error, overlap
from models.training import tracker_light as light
from models.training.tracker_covers import draw_glasses, draw_hair, draw_hand, draw_mask
from numpy.typing import NDArray

from rapport.capture.signals import Frame
from rapport.experts.face.tracker import Track, Tracker

WIDTH, HEIGHT = 640, 480
SIDE = 160.0
"""Pixels from the forehead to the chin, unless a row says otherwise."""
SEED = 3

Change = Callable[[light.Grey, NDArray[np.float32], light.Random], light.Grey]


def _drawn(draw: Callable[..., None]) -> Change:
    def change(image: light.Grey, points: NDArray[np.float32], random: light.Random) -> light.Grey:
        mask = np.zeros_like(image)
        draw(mask, points, random)
        shade = int(random.integers(20, 220))
        return np.where(mask > 0, shade, image).astype(np.uint8)

    return change


def _plain(step: Callable[..., light.Grey]) -> Change:
    return lambda image, _, random: step(image, random)


ROWS: tuple[tuple[str, float, float, Change | None], ...] = (
    ("as it is", SIDE, 0.0, None),
    ("large", 380.0, 0.0, None),
    ("80 pixels", 80.0, 0.0, None),
    ("40 pixels", 40.0, 0.0, None),
    ("turned 20", SIDE, 20.0, None),
    ("turned 35", SIDE, 35.0, None),
    ("dark and noisy", SIDE, 0.0, _plain(light.darken)),
    ("over-exposed", SIDE, 0.0, _plain(light.overexpose)),
    ("light from a side", SIDE, 0.0, _plain(light.side_light)),
    ("sensor noise", SIDE, 0.0, _plain(light.grain)),
    ("motion blur", SIDE, 0.0, _plain(light.motion)),
    ("compressed", SIDE, 0.0, _plain(light.compress)),
    ("hand", SIDE, 0.0, _drawn(draw_hand)),
    ("mask", SIDE, 0.0, _drawn(draw_mask)),
    ("glasses", SIDE, 0.0, _drawn(draw_glasses)),
    ("hair", SIDE, 0.0, _drawn(draw_hair)),
)


def stress(files: list[Path], teacher: Tracker, tracker: Tracker) -> dict[str, dict[str, Any]]:
    """Share of found faces and median landmark error for each row."""
    known = []
    for path in files:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        face = None if image is None else teacher.track(Frame(0, np.asarray(image, np.uint8)))
        if face is not None:
            known.append((np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8), face))
    return {row[0]: _row(known, tracker, *row[1:]) for row in ROWS}


def _row(
    known: list[tuple[light.Grey, Track]],
    tracker: Tracker,
    side: float,
    turn: float,
    change: Change | None,
) -> dict[str, Any]:
    random = np.random.default_rng(SEED)
    errors = []
    for image, face in known:
        scene, truth = _scene(image, face, side, turn * random.choice([-1, 1]))
        if change is not None:
            scene = change(scene, truth.landmarks, random)
        ours = tracker.track(
            Frame(0, np.asarray(cv2.cvtColor(scene, cv2.COLOR_GRAY2BGR), np.uint8))
        )
        if ours is not None and overlap(truth.box, ours.box) >= SAME_FACE:
            errors.append(landmark_error(truth, ours))
    median = float(np.median(errors)) if errors else None
    return {"n": len(known), "found": len(errors) / len(known), "landmark_error": median}


def _scene(image: light.Grey, face: Track, side: float, degrees: float) -> tuple[light.Grey, Track]:
    """The photograph in a grey frame, its face in the middle, `side` pixels high."""
    left, top, right, bottom = face.box
    scale = side / max(right - left, bottom - top)
    matrix = cv2.getRotationMatrix2D(((left + right) / 2, (top + bottom) / 2), degrees, scale)
    matrix[:, 2] += [WIDTH / 2 - (left + right) / 2, HEIGHT / 2 - (top + bottom) / 2]
    if scale < 1.0:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)
    scene = cv2.warpAffine(
        image, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_CONSTANT, borderValue=110
    )
    points = face.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    landmarks = np.hstack([points, face.landmarks[:, 2:] * scale]).astype(np.float32)
    return np.asarray(scene, np.uint8), face._replace(landmarks=landmarks)
