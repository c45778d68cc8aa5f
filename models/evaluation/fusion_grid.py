"""Groups of a face, a voice and a line of the same label, fused, and how well that goes.

Every group goes through the shipped `Fusion`, one tick without memory. What an expert could not
read counts as equal probabilities. The same groups are drawn in every cell, so that cells differ by
their conditions alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from models.evaluation.fusion_readings import NOW_NS, Reading, Readings
from models.evaluation.metrics import calibration_error, confidence_bins
from numpy.typing import NDArray

from rapport import settings
from rapport.fusion import Fusion, Parameters
from rapport.state import LABELS, Distribution, EmotionState, Evidence, Modality

RESAMPLES = 300
"""Of the people, for an interval."""
INTERVAL = (2.5, 97.5)
"""Per cent."""

EQUAL = (1.0 / len(LABELS),) * len(LABELS)

Floats = NDArray[np.float64]


class Answers(NamedTuple):
    """N groups of one cell: the true labels, what each expert, each expert alone through the gate,
    and the fused state said (N x 8), the weights, and who was seen, heard and read."""

    truth: NDArray[np.int64]
    expert: dict[Modality, Floats]
    alone: dict[Modality, Floats]
    fused: Floats
    weight: dict[Modality, Floats]
    source: dict[Modality, NDArray[np.str_]]
    read: dict[Modality, float]


class Cell(NamedTuple):
    """Figures of one condition. Recalls are averaged over the labels. `best` is the better of what
    the single experts say, by themselves or alone through the gate."""

    expert: dict[str, float]
    alone: dict[str, float]
    fused: float
    best: float
    ece: float
    weight: dict[str, float]
    read: dict[str, float]
    n: int


def draw(readings: Mapping[Modality, Readings], count: int, seed: int) -> list[dict[Modality, int]]:
    """Places of readings that make up `count` groups of each label that every modality has: first a
    person, then one of that person's readings."""
    random = np.random.default_rng(seed)
    places: dict[Modality, dict[int, dict[str, list[int]]]] = {m: {} for m in readings}
    for modality, own in readings.items():
        for place, one in enumerate(own):
            places[modality].setdefault(one.label, {}).setdefault(one.source, []).append(place)
    shared = set.intersection(*(set(found) for found in places.values()))

    def pick(people: dict[str, list[int]]) -> int:
        own = list(people.values())[int(random.integers(len(people)))]
        return own[int(random.integers(len(own)))]

    return [
        {modality: pick(found[label]) for modality, found in places.items()}
        for label in sorted(shared)
        for _ in range(count)
    ]


def answer(
    readings: Mapping[Modality, Readings],
    groups: Sequence[Mapping[Modality, int]],
    parameters: Parameters,
    missing: Sequence[Modality] = (),
) -> Answers:
    """Fuse the groups.

    :param missing: modalities that are not captured at all, in none of the groups.
    """
    fusion = settings.Fusion()
    there = [modality for modality in readings if modality not in missing]
    place = {m: np.array([group[m] for group in groups]) for m in readings}

    def fuse(evidence: Mapping[Modality, Evidence]) -> EmotionState:
        return Fusion(fusion, parameters).tick(evidence, NOW_NS, 0.0)

    def each(modality: Modality, of: Callable[[Reading], Distribution | None]) -> Floats:
        """What comes of each reading, laid out by group."""
        table = np.array([of(reading) or EQUAL for reading in readings[modality]])
        return table[place[modality]]

    states = [
        fuse({modality: readings[modality][group[modality]].evidence for modality in there})
        for group in groups
    ]
    first = next(iter(readings))
    return Answers(
        truth=np.array([readings[first][at].label for at in place[first]]),
        expert={m: each(m, lambda one: one.evidence.distribution) for m in there},
        alone={
            m: each(m, lambda one, m=m: fuse({m: one.evidence}).probabilities)  # type: ignore[misc]
            for m in there
        },
        fused=np.array([state.probabilities or EQUAL for state in states]),
        weight={m: np.array([s.modalities[m].weight for s in states]) for m in readings},
        source={m: np.array([readings[m][at].source for at in place[m]]) for m in readings},
        read={
            m: float(
                np.mean([readings[m][at].evidence.distribution is not None for at in place[m]])
            )
            for m in there
        },
    )


def cell(answers: Answers) -> Cell:
    """The figures of the answers."""
    expert = {m.value: recall(rows, answers.truth) for m, rows in answers.expert.items()}
    alone = {m.value: recall(rows, answers.truth) for m, rows in answers.alone.items()}
    return Cell(
        expert,
        alone,
        recall(answers.fused, answers.truth),
        max([*expert.values(), *alone.values()]),
        calibration_error(answers.fused, answers.truth),
        _mean_weights(answers),
        {m.value: share for m, share in answers.read.items()},
        len(answers.truth),
    )


def _mean_weights(answers: Answers) -> dict[str, float]:
    """Over the groups in which anything could be read; they sum to one."""
    some = sum(answers.weight.values()) > 0.0
    return {
        m.value: float(values[some].mean()) if some.any() else 0.0
        for m, values in answers.weight.items()
    }


def recall(rows: Floats, truth: NDArray[np.int64], counts: Floats | None = None) -> float:
    """Mean recall over the labels; `counts` says how often each group is there."""
    counts = np.ones(len(truth)) if counts is None else counts
    right = (rows.argmax(axis=1) == truth) * counts
    shares = [
        right[truth == label].sum() / total
        for label in np.unique(truth)
        if (total := counts[truth == label].sum()) > 0.0
    ]
    return float(np.mean(shares))


def resample(answers: Answers, seed: int) -> list[Floats]:
    """How often each group is there when the people are drawn anew, with replacement: those seen
    and those heard each by themselves (Owen 2007, "The pigeonhole bootstrap")."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        counts = np.ones(len(answers.truth))
        for sources in answers.source.values():
            names, member = np.unique(sources, return_inverse=True)
            drawn = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))
            counts *= drawn[member]
        found.append(counts)
    return found


def fused_interval(answers: Answers, seed: int) -> tuple[float, float]:
    """95 % interval of the fused recall."""
    values = [recall(answers.fused, answers.truth, c) for c in resample(answers, seed)]
    low, high = np.percentile(values, INTERVAL)
    return float(low), float(high)


def gain_interval(answers: Answers, seed: int) -> tuple[float, float]:
    """95 % interval of how far the fused recall is above the best single one."""
    singles = [*answers.expert.values(), *answers.alone.values()]
    values = [
        recall(answers.fused, answers.truth, c) - max(recall(s, answers.truth, c) for s in singles)
        for c in resample(answers, seed)
    ]
    low, high = np.percentile(values, INTERVAL)
    return float(low), float(high)


def leaning(answers: Answers) -> float:
    """How far the confidence is above (positive) or below the share that is right."""
    bins = confidence_bins(answers.fused, answers.truth)
    return float(sum((each.confidence - each.right) * each.share for each in bins))
