"""The figures by which classifiers are judged, the same for every modality."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Bins of confidence for the calibration error, as in Guo et al. 2017."""


def accuracy(guess: NDArray[Any], truth: NDArray[Any]) -> float:
    """Share of items that are guessed right."""
    return float((guess == truth).mean())


def recalls(guess: NDArray[Any], truth: NDArray[Any]) -> dict[int, float]:
    """Recall of each class that occurs in `truth`."""
    return {int(c): float((guess[truth == c] == c).mean()) for c in np.unique(truth)}


def balanced_accuracy(guess: NDArray[Any], truth: NDArray[Any]) -> float:
    """Mean recall over the classes that occur (unweighted average recall)."""
    return float(np.mean(list(recalls(guess, truth).values())))


def calibration_error(probabilities: NDArray[Any], truth: NDArray[Any]) -> float:
    """Expected calibration error of the most probable class (Guo et al. 2017), 0 ... 1."""
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(hit[bins == b].mean() - confidence[bins == b].mean())) * float((bins == b).mean())
        for b in np.unique(bins)
    ]
    return float(sum(gaps))


def confusion(guess: NDArray[Any], truth: NDArray[Any], classes: int) -> list[list[int]]:
    """Counts; one row per true class, one column per guessed class."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, guess), 1)
    rows: list[list[int]] = counts.tolist()
    return rows


def report(
    probabilities: NDArray[Any],
    truth: NDArray[Any],
    labels: Sequence[str],
    ms_per_item: float,
    read: NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """All figures, by the names that `--json` prints. Classes that do not occur are left out of
    the averages and of `per_class`.

    :param read: which items the expert gave an answer for; None: all. One without an answer counts
        as wrong in `accuracy`, `uar` and `per_class`, and is left out of `confusion` and `ece`.
    """
    read = np.ones(len(truth), np.bool_) if read is None else read
    guess = np.where(read, probabilities.argmax(axis=1), -1)
    found = recalls(guess, truth)
    return {
        "n": len(truth),
        "accuracy": accuracy(guess, truth),
        "uar": float(np.mean(list(found.values()))),
        "per_class": {labels[c]: recall for c, recall in found.items()},
        "confusion": confusion(guess[read], truth[read], len(labels)),
        "ece": calibration_error(probabilities[read], truth[read]),
        "ms_per_item": ms_per_item,
    }
