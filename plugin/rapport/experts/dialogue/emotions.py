"""The 28 labels of GoEmotions, and what they are among the eight basic emotions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.state import LABELS, Distribution

BASIC = {
    "admiration": "happiness",
    "amusement": "happiness",
    "anger": "anger",
    "annoyance": "anger",
    "approval": "happiness",
    "caring": "happiness",
    "confusion": "surprise",
    "curiosity": "surprise",
    "desire": "happiness",
    "disappointment": "sadness",
    "disapproval": "anger",
    "disgust": "disgust",
    "embarrassment": "sadness",
    "excitement": "happiness",
    "fear": "fear",
    "gratitude": "happiness",
    "grief": "sadness",
    "joy": "happiness",
    "love": "happiness",
    "nervousness": "fear",
    "optimism": "happiness",
    "pride": "happiness",
    "realization": "surprise",
    "relief": "happiness",
    "remorse": "sadness",
    "sadness": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""GoEmotions label -> basic emotion: the grouping into Ekman's emotions by the data set's authors
(Demszky et al. 2020, section 3.3 and the published mapping). The order is that of the data set.
Nothing in it is contempt."""

NAMES = tuple(BASIC)
PLACES = np.array([LABELS.index(basic) for basic in BASIC.values()])
"""For each GoEmotions label, its place in `LABELS`."""

UNTAUGHT = tuple(label for label in LABELS if label not in BASIC.values())
UNTAUGHT_SHARE = 0.02
"""Probability given to contempt, always: the data say nothing about it, and an exact zero would
forbid it to whoever multiplies distributions."""
TINY = 1e-4
"""Least probability of an emotion before they are made to sum to one."""


def to_basic(probabilities: NDArray[np.floating], temperature: float) -> Distribution:
    """One distribution over `LABELS` from 28 independent probabilities.

    An emotion is there if any of its labels is: 1 - prod(1 - p). The eight are raised to the
    power 1 / `temperature` and divided by their sum; `UNTAUGHT` keeps its fixed share.
    """
    missing = np.ones(len(LABELS))
    np.multiply.at(missing, PLACES, 1.0 - np.asarray(probabilities, np.float64))
    strength = np.clip(1.0 - missing, TINY, 1.0) ** (1.0 / temperature)
    strength[[LABELS.index(label) for label in UNTAUGHT]] = 0.0
    shares = strength / strength.sum() * (1.0 - UNTAUGHT_SHARE * len(UNTAUGHT))
    for label in UNTAUGHT:
        shares[LABELS.index(label)] = UNTAUGHT_SHARE
    return tuple(float(share) for share in shares)


def basic_of(labels: Sequence[int]) -> int | None:
    """The place in `LABELS` that all these GoEmotions labels share, or None if they differ."""
    found = {int(PLACES[label]) for label in labels}
    return found.pop() if len(found) == 1 else None
