"""The tracker's figures, from what it and MediaPipe saw; `tracker` explains their names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from models.evaluation.agreement import SAME_FACE, landmark_error, overlap
from numpy.typing import NDArray

from rapport.experts.face.tracker import BLENDSHAPES, Track

EXPRESSIVE = 10
DRAWS = 1000
SEED = 5
Z95 = 1.96


class Seen(NamedTuple):
    """One frame, as both saw it. `faceless` is None where nobody can say, `following` None for a
    single picture."""

    source: str
    teacher: Track | None
    ours: Track | None
    faceless: bool | None
    following: bool | None
    ms: float
    ms_expression: float | None

    @property
    def pair(self) -> "Pair | None":
        """What both say of the face, if it is the same one."""
        if self.teacher is None or self.ours is None:
            return None
        same = overlap(self.teacher.box, self.ours.box) >= SAME_FACE
        return Pair(self.teacher, self.ours) if same else None


class Pair(NamedTuple):
    """One face, as both see it."""

    teacher: Track
    ours: Track

    @property
    def landmark_error(self) -> float:
        return landmark_error(self.teacher, self.ours)

    @property
    def shapes_apart(self) -> NDArray[np.float32]:
        """Absolute error of the 52 blendshapes."""
        apart = np.abs(np.subtract(self.teacher.blendshapes, self.ours.blendshapes))
        return np.asarray(apart, np.float32)


def report(seen: Sequence[Seen], expressive: list[str] | None = None) -> dict[str, Any]:
    """The figures of some frames.

    :param expressive: names of the blendshapes that count; None: those that vary most.
    """
    judged = [frame for frame in seen if frame.faceless is not None]
    asked = [frame for frame in seen if frame.teacher is not None]
    both = [pair for frame in asked if (pair := frame.pair)]
    answered = sum(frame.ours is not None for frame in asked)
    faceless = [frame for frame in judged if frame.faceless]
    times = {
        "ms_per_item": [frame.ms for frame in seen if frame.following],
        "ms_searching": [frame.ms for frame in seen if not frame.following],
        "ms_expression": [f.ms_expression for f in seen if f.ms_expression is not None],
    }
    return {
        "n": len(seen),
        "answered": _share(sum(frame.ours is not None for frame in seen), len(seen)),
        "with_face": len(asked) if judged else None,
        "found": _share(len(both), len(asked)),
        "elsewhere": _share(answered - len(both), len(asked)),
        "faceless": len(faceless) if judged else None,
        "false_faces": _share(sum(frame.ours is not None for frame in faceless), len(faceless)),
        **{name: _quantile(values, 0.5) for name, values in times.items()},
        "ms_p95": {name: _quantile(values, 0.95) for name, values in times.items()},
        **_errors(both, expressive),
    }


def _errors(both: Sequence[Pair], expressive: list[str] | None) -> dict[str, Any]:
    if not both:
        nothing = ("landmark_error", "landmark_error_p90", "blendshape_error",
                   "blendshape_error_all", "angle_error")  # fmt: skip
        return dict.fromkeys(nothing) | {"expressive": expressive}
    names = expressive or _expressive(both)
    errors = [pair.landmark_error for pair in both]
    apart = np.stack([pair.shapes_apart for pair in both])
    turns = np.array(
        [
            [getattr(taught, name) - getattr(ours, name) for name in ("yaw", "pitch", "roll")]
            for taught, ours in both
        ]
    )
    return {
        "landmark_error": float(np.median(errors)),
        "landmark_error_p90": float(np.quantile(errors, 0.9)),
        "blendshape_error": float(apart[:, places(names)].mean()),
        "blendshape_error_all": float(apart.mean()),
        "angle_error": np.abs((turns + 180.0) % 360.0 - 180.0).mean(axis=0).round(3).tolist(),
        "expressive": names,
    }


def _expressive(both: Sequence[Pair]) -> list[str]:
    true = np.array([pair.teacher.blendshapes for pair in both], np.float32)
    return [BLENDSHAPES[index] for index in np.argsort(true.std(axis=0))[::-1][:EXPRESSIVE]]


def places(names: Sequence[str]) -> list[int]:
    """Where blendshapes stand in `Track.blendshapes`."""
    return [BLENDSHAPES.index(name) for name in names]


def intervals(seen: Sequence[Seen], expressive: list[str] | None) -> dict[str, Any]:
    """95 % intervals by the bootstrap; frames of one clip are drawn together, as they are alike."""
    asked = [frame for frame in seen if frame.teacher is not None]
    if not asked or not expressive:
        return dict.fromkeys(("found", "landmark_error", "blendshape_error"))
    groups: dict[str, list[int]] = {}
    for place, frame in enumerate(asked):
        alone = frame.following is None
        groups.setdefault(f"{place}" if alone else f"clip {frame.source}", []).append(place)
    members = [np.array(group) for group in groups.values()]
    pairs = [frame.pair for frame in asked]
    found = np.array([pair is not None for pair in pairs])
    points = np.array([pair.landmark_error if pair else np.nan for pair in pairs])
    wanted = places(expressive)
    shapes = np.array([pair.shapes_apart[wanted].mean() if pair else np.nan for pair in pairs])
    random = np.random.default_rng(SEED)
    drawn = []
    for _ in range(DRAWS):
        chosen = np.concatenate(
            [members[index] for index in random.integers(0, len(members), len(members))]
        )
        hit = chosen[found[chosen]]
        if len(hit):
            drawn.append((found[chosen].mean(), np.median(points[hit]), shapes[hit].mean()))
    if not drawn:
        return dict.fromkeys(("found", "landmark_error", "blendshape_error"))
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0).round(4).tolist()
    names = ("found", "landmark_error", "blendshape_error")
    return {name: [low[place], high[place]] for place, name in enumerate(names)}


def share_interval(hits: int, count: int) -> tuple[float, float] | None:
    """The 95 % score interval of a share (Wilson 1927)."""
    if not count:
        return None
    share, square = hits / count, Z95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z95 * np.sqrt(share * (1 - share) / count + square / (4 * count**2))
    half /= 1 + square / count
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _quantile(values: list[float], level: float) -> float | None:
    return float(np.quantile(values, level)) if values else None
