"""The mixture: several experts' distributions become one."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.experts.affect import expected_vad
from rapport.fusion.parameters import Parameters
from rapport.state import LABELS, Modality

UNIFORM: NDArray[np.float64] = np.full(len(LABELS), 1.0 / len(LABELS))


def pool(
    distributions: Mapping[Modality, Sequence[float]],
    trusts: Mapping[Modality, float],
    parameters: Parameters,
) -> NDArray[np.float64]:
    """The logarithmic opinion pool of distributions, each raised to its expert's trust.

    p(label) is proportional to prior(label) times the product over experts of (p_expert(label) /
    base_rate_expert(label)) ** trust: with trusts of one, and experts that err independently of
    each other, that is Bayes' rule; other trusts make it the pool of Genest & Zidek 1986,
    "Combining probability distributions". Experts that agree make the result surer than each is;
    an expert of trust zero changes nothing; with no trust at all the result is the prior. What an
    expert says and its base rates are mixed with the lapse first.

    :param distributions: one of length 8 per expert, each summing to one.
    :param trusts: not negative, at least of the same experts.
    """
    logarithm = np.log(parameters.prior)
    for modality, distribution in distributions.items():
        says = np.array((distribution, parameters.experts[modality].base_rates), np.float64)
        softened = np.log((1.0 - parameters.lapse) * says + parameters.lapse * UNIFORM)
        logarithm += trusts[modality] * (softened[0] - softened[1])
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
