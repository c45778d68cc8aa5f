"""Incongruence: how far the modalities contradict each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def incongruence(
    distributions: Sequence[Sequence[float]], weights: Sequence[float]
) -> float | None:
    """The weighted Jensen-Shannon divergence of the experts, 0 (they agree) ... 1.

    H(sum of w p) - sum of w H(p) (Lin 1991, "Divergence measures based on the Shannon entropy"),
    divided by log n so that n equally weighted experts that share no label give one. The gate's
    weights are used, so that an expert of poor quality cannot make a contradiction.
    None with fewer than two experts that weigh anything.
    """
    used = [(p, w) for p, w in zip(distributions, weights, strict=True) if w > 0.0]
    if len(used) < 2:
        return None
    shares = np.array([w for _, w in used])
    rows = np.array([p for p, _ in used])
    divergence = _entropy(shares @ rows) - float(shares @ np.apply_along_axis(_entropy, 1, rows))
    return float(np.clip(divergence / np.log(len(used)), 0.0, 1.0))


def _entropy(p: NDArray[np.float64]) -> float:
    positive = p[p > 0.0]
    return float(-(positive * np.log(positive)).sum())
