"""How far two trackers agree on one face."""

import numpy as np

from rapport.experts.face.tracker import Track

SAME_FACE = 0.3
"""Overlap (intersection over union) of the boxes from which two faces are the same."""


def landmark_error(taught: Track, ours: Track) -> float:
    """Mean distance in the picture, in units of the distance between the centres of the eyes."""
    eyes = [taught.landmarks[list(corners), :2].mean(axis=0) for corners in ((33, 133), (362, 263))]
    apart = np.linalg.norm(taught.landmarks[:, :2] - ours.landmarks[:, :2], axis=1)
    return float(apart.mean() / max(float(np.linalg.norm(eyes[0] - eyes[1])), 1e-6))


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / max(sum(areas) - shared, 1e-9)
