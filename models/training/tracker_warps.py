"""Other faces on the same photographs: smooth warps that move single features.

Press photographs smile or look earnest, on both sides alike. To learn what else a face does, the
tracker needs mouths pulled down on one side, single raised brows, narrowed lids, eyes that look
away. A warp moves and stretches the picture around single features; the teacher then says what
it sees in the changed picture, so that every label is an answer of the teacher, not a guess about
the warp's effect.
"""

from typing import NamedTuple

import cv2
import numpy as np
from models.training.tracker_light import Random
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

RIGHT_EYE, LEFT_EYE = (33, 133), (362, 263)
"""Corners of the eyes in MediaPipe's face mesh."""


class Feature(NamedTuple):
    """A place that a warp moves. Lengths are in distances between the centres of the eyes, along
    (x) and across (y) the line between them."""

    right: tuple[int, ...]
    """Landmarks around its centre; of the person's right side, if it has two."""
    left: tuple[int, ...]
    """The same on the person's left; empty for a feature in the middle of the face."""
    reach: float
    """Deviation of the Gaussian within which the picture moves."""
    shift: tuple[float, float]
    """Deviation of the movement, x and y."""
    stretch: tuple[float, float]
    """Deviation of the stretch about the centre, x and y, as a share."""
    mirrored: bool = True
    """Whether both sides usually move as mirror images; else in the same direction."""


FEATURES = (
    Feature((61,), (291,), 0.24, (0.09, 0.12), (0.0, 0.0)),  # corners of the mouth
    Feature((55, 107), (285, 336), 0.20, (0.06, 0.11), (0.0, 0.0)),  # inner ends of the brows
    Feature((46, 70), (276, 300), 0.20, (0.03, 0.11), (0.0, 0.0)),  # outer ends
    Feature((33, 133, 159, 145), (263, 362, 386, 374), 0.19, (0.0, 0.0), (0.0, 0.5)),  # lids
    Feature((468,), (473,), 0.075, (0.07, 0.03), (0.0, 0.0), mirrored=False),  # irises
    Feature((205,), (425,), 0.28, (0.03, 0.06), (0.15, 0.15)),  # cheeks
    Feature((129,), (358,), 0.15, (0.02, 0.06), (0.0, 0.0)),  # wings of the nose
    Feature((13, 14), (), 0.36, (0.05, 0.0), (0.25, 0.35)),  # lips, pursed to stretched, opened
    Feature((0,), (), 0.16, (0.05, 0.06), (0.0, 0.0)),  # upper lip
    Feature((17,), (), 0.18, (0.05, 0.09), (0.0, 0.0)),  # lower lip
    Feature((152,), (), 0.55, (0.12, 0.10), (0.0, 0.0)),  # chin
)
MOVED = 0.45
"""Share of the features that one warp changes."""
ONE_SIDED = 0.45
"""Share of the changed pairs whose sides move independently."""
FOLD = 0.75
"""Largest stretch, and largest shift per reach: beyond it the picture would fold over."""
ASPECT, KEYSTONE = 0.08, 0.06
"""Deviations of the logarithm of the picture's aspect, and of the corners' place in pictures."""
COARSEST, FINEST = 0.55, 1.5
"""Scale of the warped picture."""


class Move(NamedTuple):
    """One Gaussian of the displacement; pixels and shares."""

    centre: NDArray[np.float64]
    reach: float
    shift: NDArray[np.float64]
    stretch: NDArray[np.float64]


def warped(image: Picture, faces: list[Points], random: Random) -> Picture:
    """The picture with all its faces changed at random.

    :param faces: landmarks of each face, 478 x 2 or more, in pixels of the picture.
    """
    height, width = image.shape[:2]
    moved = displaced(image, [move for points in faces for move in moves_of(points, random)])
    scale = np.exp(random.uniform(np.log(COARSEST), np.log(FINEST)))
    aspect = np.exp(random.normal(0, ASPECT) / 2)
    size = (max(16, round(width * scale * aspect)), max(16, round(height * scale / aspect)))
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    aims = (corners + random.normal(0, KEYSTONE, (4, 2))) * size
    matrix = cv2.getPerspectiveTransform(
        (corners * (width, height)).astype(np.float32), aims.astype(np.float32)
    )
    if scale < 1.0:
        moved = np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.4 / scale), np.uint8)
    out = cv2.warpPerspective(moved, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)


def moves_of(points: Points, random: Random) -> list[Move]:
    """What one warp does to one face."""
    right, left = (
        points[list(eye), :2].mean(axis=0).astype(float) for eye in (RIGHT_EYE, LEFT_EYE)
    )
    between = float(np.linalg.norm(left - right)) + 1e-6
    # Rows: the face's own x axis, towards the person's left, and its y axis, downwards.
    across = (left - right) / between
    axes = np.stack([across, [-across[1], across[0]]])
    moves = []
    for feature in FEATURES:
        if random.random() >= MOVED:
            continue
        alike = random.random() >= ONE_SIDED
        drawn: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        for marks in filter(None, (feature.right, feature.left)):
            shift = random.normal(0, 1, 2) * feature.shift
            stretch = random.normal(0, 1, 2) * feature.stretch
            if drawn and alike:
                shift, stretch = drawn[0]
                shift = shift * [-1, 1] if feature.mirrored else shift
            drawn.append((shift, stretch))
            limit = FOLD * feature.reach
            moves.append(
                Move(
                    points[list(marks), :2].mean(axis=0).astype(float),
                    feature.reach * between,
                    np.clip(shift, -limit, limit) @ axes * between,
                    axes.T @ np.diag(np.clip(stretch, -FOLD, FOLD)) @ axes,
                )
            )
    return moves


def displaced(image: Picture, moves: list[Move]) -> Picture:
    """The picture after all the movements at once."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    source = np.stack([x, y], axis=2)
    for move in moves:
        low = np.maximum(np.floor(move.centre - 3 * move.reach), 0).astype(int)
        high = np.ceil(move.centre + 3 * move.reach).astype(int) + 1
        window = np.s_[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
        apart = np.stack([x[window], y[window]], axis=2) - (move.centre + move.shift)
        weight = np.exp(-0.5 * (apart**2).sum(axis=2) / move.reach**2)
        # Backwards: where does the picture at this place come from?
        source[window] -= weight[..., None] * (move.shift + apart @ move.stretch)
    return np.asarray(
        cv2.remap(image, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
