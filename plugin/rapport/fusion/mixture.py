"""The mixture: several experts' distributions become one."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

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


def weighted_mean(values: Iterable[float | None], weights: Iterable[float]) -> float | None:
    """The mean of the values that there are, by weight; None where nothing weighs anything."""
    pairs = [
        (value, weight)
        for value, weight in zip(values, weights, strict=True)
        if value is not None and np.isfinite(value) and weight > 0.0
    ]
    total = sum(weight for _, weight in pairs)
    if total <= 0.0:
        return None
    return float(np.clip(sum(value * weight for value, weight in pairs) / total, -1.0, 1.0))
