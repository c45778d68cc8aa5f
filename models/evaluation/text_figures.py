"""Figures for lines with several labels each, and for ratings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

IMPRESSIONS = ("valence", "arousal", "dominance")


def f1(guess: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """F1 of each label, from N x labels; 0 where a label is neither guessed nor there."""
    hits = (guess & truth).sum(axis=0)
    total = guess.sum(axis=0) + truth.sum(axis=0)
    return np.asarray(2.0 * hits / np.maximum(total, 1))


def pearson(guess: NDArray[Any], truth: NDArray[Any]) -> dict[str, float | None]:
    """Correlation of each column with a rating, from N x 3; None where one of the two is constant
    or the ratings are missing (NaN)."""
    found: dict[str, float | None] = {}
    for name, one, other in zip(IMPRESSIONS, guess.T, truth.T, strict=True):
        rated = np.isfinite(other)
        varied = rated.sum() > 1 and np.ptp(one[rated]) > 0.0 and np.ptp(other[rated]) > 0.0
        found[name] = float(np.corrcoef(one[rated], other[rated])[0, 1]) if varied else None
    return found
