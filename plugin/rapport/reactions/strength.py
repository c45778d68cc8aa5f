"""Strength: the curve of a reaction, and how fast it may fall."""

from collections.abc import Sequence

Points = Sequence[tuple[float, float]]


def curved(raw: float, points: Points | None) -> float:
    """The strength on a piecewise-linear curve, flat beyond its ends; as it is without one."""
    if not points:
        return raw
    before = points[0]
    for point in points:
        if raw <= point[0]:
            width = point[0] - before[0]
            share = (raw - before[0]) / width if width > 0.0 else 1.0
            return before[1] + share * (point[1] - before[1])
        before = point
    return before[1]


def eased(strength: float, target: float, passed_s: float, decay_s: float) -> float:
    """The strength after some time: it rises at once, and falls no faster than 1 / `decay_s`."""
    fallen = strength - passed_s / decay_s if decay_s > 0.0 else 0.0
    return max(target, fallen, 0.0)
