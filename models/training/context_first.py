"""First readings: what an utterance says taken alone, by a linear classifier.

On a corpus of a few thousand utterances a regularised logistic regression on sparse words is hard
to beat for single utterances, and a network that begins with its answers needs not learn to read.
For the training part the answers come from classifiers that have not seen the dialogue (stacking,
Wolpert 1992): its own would be too good, and what builds on them would trust them too much.

There is one classifier for each set of modalities that may be there together, so that a missing
voice is a known case and not a row of zeros.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from models.evaluation.merc_corpus import MODALITIES
from models.training.context_features import Array, Read
from numpy.typing import NDArray

TEXT = ("emotions", "words", "sentence")
"""The experts that read the words; they come and go together."""
SCALES: Mapping[str, float] = {"emotions": 0.1, "sentence": 0.05, "voice": 0.2, "face": 0.2}
"""What each expert's numbers are multiplied by beside TF-IDF, whose rows have length one: under one
penalty, the smaller, the less the classifier relies on them. Set by hand on the
stand-ins of docs/training.md. `words` is left out: it is the same TF-IDF, with less in it."""
PENALTIES = (0.1, 0.3, 1.0, 3.0)
"""Inverse strengths that are tried, from strong to weak, until it gets no better."""
FOLDS = 5
ROUNDS = 150
TOLERANCE = 1e-3
PRIOR_SHARE = 0.01
"""Of the answer, so that no class is ever ruled out."""

Modalities = frozenset[str]


def modalities_of(read: Read) -> dict[str, NDArray[np.bool_]]:
    """Which utterances have each modality of the corpus [N]."""
    there = {"text": np.logical_or.reduce([read.there[n] for n in TEXT if n in read.there])}
    return there | {name: read.there[name] for name in MODALITIES if name in read.there}


def first_readings(
    read: Read, truth: NDArray[np.int64], folds: Sequence[NDArray[np.bool_]], classes: int
) -> dict[Modalities, Array]:
    """Probabilities [N, classes] for each set of modalities that is not empty.

    :param truth: number of the class [N]; below 0: not judged.
    :param folds: which utterances are in each fold of the training part [N]; all of a dialogue are
        in the same.
    """
    there = modalities_of(read)
    taught = np.logical_or.reduce(list(folds)) & (truth >= 0)
    sets = [frozenset(s) for n in range(len(there)) for s in combinations(there, n + 1)]
    return {s: _read_by(read, s, there, truth, taught, folds, classes) for s in sets}


def _read_by(
    read: Read,
    taken: Modalities,
    there: Mapping[str, NDArray[np.bool_]],
    truth: NDArray[np.int64],
    taught: NDArray[np.bool_],
    folds: Sequence[NDArray[np.bool_]],
    classes: int,
) -> Array:
    numbers = _numbers(read, taken)
    mine = taught & np.logical_and.reduce([there[name] for name in taken])
    best, found, chosen = np.inf, np.zeros((len(truth), classes), np.float32), PENALTIES[0]
    for penalty in PENALTIES:
        shares = np.zeros_like(found)
        for fold in folds:
            shares[fold] = _classified(numbers, truth, mine & ~fold, fold, classes, penalty)
        surprise = -float(np.log(shares[taught, truth[taught]]).mean())
        if surprise >= best:
            break
        best, found, chosen = surprise, shares, penalty
    rest = ~np.logical_or.reduce(list(folds))
    found[rest] = _classified(numbers, truth, mine, rest, classes, chosen)
    return found


def _numbers(read: Read, taken: Modalities) -> Any:
    """Sparse [N, n]."""
    from scipy.sparse import csr_matrix, hstack

    experts = [n for n in read.features if n in SCALES and ("text" if n in TEXT else n) in taken]
    parts = [csr_matrix(read.features[name] * SCALES[name]) for name in experts]
    return hstack([read.counts, *parts] if "text" in taken else parts).tocsr()


def _classified(
    numbers: Any,
    truth: NDArray[np.int64],
    taught: NDArray[np.bool_],
    asked: NDArray[np.bool_],
    classes: int,
    penalty: float,
) -> Array:
    """Probabilities of the asked utterances, by a classifier of the taught ones; the shares of the
    classes where there is nothing to learn from."""
    from sklearn.linear_model import LogisticRegression

    known = truth[taught]
    prior = (np.bincount(known, minlength=classes) + 1.0) / (len(known) + classes)
    shares = np.tile(prior, (int(asked.sum()), 1))
    if len(np.unique(known)) > 1 and asked.any():
        line = LogisticRegression(C=penalty, max_iter=ROUNDS, tol=TOLERANCE)
        line.fit(numbers[np.flatnonzero(taught)], known)
        answer = np.zeros_like(shares)
        answer[:, line.classes_] = line.predict_proba(numbers[np.flatnonzero(asked)])
        shares = (1.0 - PRIOR_SHARE) * answer + PRIOR_SHARE * prior
    return np.asarray(shares, np.float32)
