"""How well a way of reading dialogues does, with intervals over whole dialogues."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from models.evaluation.bootstrap import intervals
from models.evaluation.metrics import calibration_error, f1_scores, macro_f1, weighted_f1
from models.training.context_data import TAUGHT
from numpy.typing import NDArray

Shares = NDArray[np.float64]
"""Probabilities of the lines of a dialogue [lines, labels]."""
SURPRISE_LEAST = 1e-4
"""Least probability in the log loss: a label before that is simply repeated is otherwise endlessly
surprised."""
COMPARED = {
    "network over text expert": ("line alone", "text expert"),
    "memory of words": ("after words", "line alone"),
    "memory of a game": ("after a game, usual", "line alone"),
    "memory of voices and faces": ("after everybody, usual", "after words"),
    "expected over most frequent": ("expected in a game, usual", "most frequent label"),
}
"""Name of a gain -> the way that should be better, and the other one."""


def _measured(shares: Shares, truth: NDArray[np.int64]) -> dict[str, float]:
    guess = shares.argmax(axis=1)
    likely = np.maximum(shares[np.arange(len(truth)), truth], SURPRISE_LEAST)
    return {
        "weighted_f1": weighted_f1(guess, truth),
        "macro_f1": macro_f1(guess, truth),
        "ece": calibration_error(shares, truth),
        "log_loss": -float(np.log(likely).mean()),
    }


def figures_of(
    shares: Sequence[Shares], truths: Sequence[NDArray[np.int64]], draws: int
) -> dict[str, Any]:
    """Figures of one way, by the names that `--json` prints.

    :param truths: of each dialogue, the labels [lines].
    :param draws: for the intervals; 0: none.
    """
    said, truth = np.concatenate(shares), np.concatenate(truths)
    ends = np.cumsum([len(labels) for labels in truths])

    def of(places: NDArray[np.int64]) -> dict[str, float]:
        rows = _rows(ends, places)
        return _measured(said[rows], truth[rows])

    return {
        **_measured(said, truth),
        "per_class": {TAUGHT[c]: f1 for c, f1 in f1_scores(said.argmax(axis=1), truth).items()},
        "intervals": intervals(of, len(truths), draws) if draws else {},
    }


def gains(
    found: Mapping[str, Sequence[Shares]], truths: Sequence[NDArray[np.int64]], draws: int
) -> dict[str, Any]:
    """How far one way is above another on the same lines, for each of `COMPARED`."""
    return {
        name: _gain(found[way], found[other], truths, draws)
        for name, (way, other) in COMPARED.items()
        if way in found
    }


def _gain(
    way: Sequence[Shares],
    other: Sequence[Shares],
    truths: Sequence[NDArray[np.int64]],
    draws: int,
) -> dict[str, Any]:
    said, truth = (np.concatenate(way), np.concatenate(other)), np.concatenate(truths)
    ends = np.cumsum([len(labels) for labels in truths])

    def of(places: NDArray[np.int64]) -> dict[str, float]:
        rows = _rows(ends, places)
        first, second = (_measured(shares[rows], truth[rows]) for shares in said)
        return {name: first[name] - second[name] for name in ("weighted_f1", "log_loss")}

    return {
        **of(np.arange(len(truths))),
        "intervals": intervals(of, len(truths), draws) if draws else {},
    }


def _rows(ends: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the lines of some dialogues lie.

    :param ends: of each dialogue, where the next one begins.
    """
    lengths = np.diff(ends, prepend=0)
    taken = lengths[places]
    within = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
    return np.asarray(np.repeat(ends[places] - taken, taken) + within)


def table(figures: Mapping[str, Any]) -> str:
    """The figures for people."""
    lines = []
    for corpus, told in figures.items():
        lines += [
            f"{corpus}: {told['n']} lines of {told['dialogues']} dialogues",
            f"{'':32} weighted F1  macro F1    ECE  log loss",
        ]
        for name, way in told["ways"].items():
            ends = way["intervals"].get("weighted_f1")
            told_ends = "" if ends is None else f"  {ends[0]:.3f} ... {ends[1]:.3f}"
            lines.append(
                f"{name:32} {way['weighted_f1']:11.3f} {way['macro_f1']:9.3f} {way['ece']:6.3f}"
                f" {way['log_loss']:9.3f}{told_ends}"
            )
        for name, gain in told["gains"].items():
            ends = gain["intervals"].get("weighted_f1")
            told_ends = "" if ends is None else f"  {ends[0]:+.3f} ... {ends[1]:+.3f}"
            lines.append(f"{name:32} {gain['weighted_f1']:+11.3f}{told_ends}")
        lines.append("")
    return "\n".join(lines)
