"""The One Euro filter (Casiez, Roussel and Vogel 2012): steady at rest, quick in motion."""

import math

import numpy as np
from numpy.typing import NDArray


class OneEuro:
    """Smooths an array of values over time.

    :param cutoff_hz: cut-off frequency at rest: lower is steadier.
    :param slope: growth of the cut-off with speed (in units of the values a second): higher is
        quicker.
    :param speed_hz: cut-off frequency of the speed itself; 1 Hz in the paper.
    """

    def __init__(self, cutoff_hz: float, slope: float, speed_hz: float = 1.0) -> None:
        self._cutoff_hz, self._slope, self._speed_hz = cutoff_hz, slope, speed_hz
        self._values: NDArray[np.float32] | None = None
        self._speed: NDArray[np.float32] | None = None

    def reset(self) -> None:
        """Forget; the next values come out as they are."""
        self._values = self._speed = None

    def smooth(self, values: NDArray[np.float32], elapsed_s: float) -> NDArray[np.float32]:
        """:param elapsed_s: seconds since the last values; more than zero."""
        if self._values is None or self._speed is None:
            self._values, self._speed = values.copy(), np.zeros_like(values)
            return values
        speed = (values - self._values) / np.float32(elapsed_s)
        self._speed += np.float32(_share(self._speed_hz, elapsed_s)) * (speed - self._speed)
        cutoff = self._cutoff_hz + self._slope * np.abs(self._speed)
        share = 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff * elapsed_s))
        self._values = np.asarray(self._values + share * (values - self._values), np.float32)
        return self._values.copy()


def _share(cutoff_hz: float, elapsed_s: float) -> float:
    return 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff_hz * elapsed_s))
