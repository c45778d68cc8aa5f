"""The figures by which classifiers are judged, the same for every modality."""

from collections.abc import Sequence
from typing import Any, NamedTuple

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


def f1_scores(guess: NDArray[Any], truth: NDArray[Any]) -> dict[int, float]:
    """F1 of each class that occurs in `truth`."""
    found = {}
    for c in np.unique(truth):
        hits = int(((guess == c) & (truth == c)).sum())
        found[int(c)] = 2.0 * hits / (int((guess == c).sum()) + int((truth == c).sum()))
    return found


def weighted_f1(guess: NDArray[Any], truth: NDArray[Any]) -> float:
    """Mean F1 over the classes that occur, each weighed by how often it does."""
    return float(sum(f1 * (truth == c).mean() for c, f1 in f1_scores(guess, truth).items()))


def macro_f1(guess: NDArray[Any], truth: NDArray[Any]) -> float:
    """Mean F1 over the classes that occur."""
    return float(np.mean(list(f1_scores(guess, truth).values())))


class Bin(NamedTuple):
    """Items whose confidence lies in one range: its ends, the mean confidence, the share of them
    that is guessed right, and how many of all items they are."""

    low: float
    high: float
    confidence: float
    right: float
    share: float


def confidence_bins(probabilities: NDArray[Any], truth: NDArray[Any]) -> list[Bin]:
    """Items by the probability of their most probable class; empty bins are left out."""
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == truth
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    found = []
    for place in np.unique(places):
        mine = places == place
        means = (float(values[mine].mean()) for values in (confidence, hit))
        found.append(Bin(place / BINS, (place + 1) / BINS, *means, float(mine.mean())))
    return found


def calibration_error(probabilities: NDArray[Any], truth: NDArray[Any]) -> float:
    """Expected calibration error of the most probable class (Guo et al. 2017), 0 ... 1."""
    bins = confidence_bins(probabilities, truth)
    return float(sum(abs(each.right - each.confidence) * each.share for each in bins))


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
