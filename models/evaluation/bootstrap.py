"""Intervals of figures by the bootstrap over items (Efron 1979, percentiles)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SEED = 0
LEVEL = 0.95

Figures = dict[str, float]
Interval = tuple[float, float]


def intervals(
    figures: Callable[[NDArray[np.int64]], Figures], count: int, draws: int
) -> dict[str, Interval]:
    """Low and high end of the interval of each figure that is a number in every draw.

    :param figures: what comes of some of the items, given by their places.
    :param count: how many items there are.
    :param draws: how many samples of that many items are drawn, with replacement.
    """
    random = np.random.default_rng(SEED)
    found = [figures(random.integers(count, size=count)) for _ in range(draws)]
    tail = 100.0 * (1.0 - LEVEL) / 2.0
    return {
        name: _ends([each[name] for each in found], tail)
        for name in found[0]
        if all(np.isfinite(each.get(name, np.nan)) for each in found)
    }


def _ends(values: list[float], tail: float) -> Interval:
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return float(low), float(high)
