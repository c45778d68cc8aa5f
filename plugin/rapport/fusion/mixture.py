"""The mixture: several experts' distributions become one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.experts.affect import expected_vad
from rapport.state import LABELS

LAPSE = 0.1
"""The chance that an expert, however sure, is altogether mistaken. It bounds how far one expert
can overrule another (4.3 nats), and keeps one that was never taught a label from vetoing it."""

UNIFORM: NDArray[np.float64] = np.full(len(LABELS), 1.0 / len(LABELS))


def pool(distributions: Sequence[Sequence[float]], trusts: Sequence[float]) -> NDArray[np.float64]:
    """The logarithmic opinion pool of distributions, each raised to its expert's trust.

    p(label) is proportional to the product over experts of p_expert(label) ** trust (Genest &
    Zidek 1986, "Combining probability distributions", with trusts that need not sum to one).
    Experts that agree make the result surer than each is; an expert of trust zero changes
    nothing; with no trust at all the result is uniform.

    :param distributions: one of length 8 per expert, each summing to one.
    :param trusts: 0 ... 1 per expert.
    """
    logarithm = np.zeros(len(LABELS))
    for distribution, trust in zip(distributions, trusts, strict=True):
        softened = (1.0 - LAPSE) * np.asarray(distribution) + LAPSE * UNIFORM
        logarithm += trust * np.log(softened)
    raised = np.exp(logarithm - logarithm.max())
    return np.asarray(raised / raised.sum())


def place(
    pooled: Sequence[float],
    distributions: Sequence[Sequence[float]],
    readings: Sequence[Sequence[float | None]],
    weights: Sequence[float],
) -> NDArray[np.float64]:
    """Valence, arousal and dominance of several experts together, each -1 ... +1.

    The expectation under the pooled distribution, so that it agrees with the labels, plus the
    weighted mean of what each expert reads beyond its own distribution (the voice: how loud and
    high it is).

    :param pooled: what `pool` made of the distributions.
    :param readings: valence, arousal and dominance per expert; None (or no number): nothing to
        add to its distribution.
    :param weights: one per expert, summing to one.
    """
    expected = np.array(expected_vad(pooled))
    for distribution, reading, weight in zip(distributions, readings, weights, strict=True):
        read = np.array([np.nan if value is None else value for value in reading], np.float64)
        beyond = np.clip(read, -1.0, 1.0) - np.array(expected_vad(distribution))
        expected += weight * np.where(np.isfinite(read), beyond, 0.0)
    return np.asarray(np.clip(expected, -1.0, 1.0))
