"""How good the sound is: what is broken or clipped in it, and how far speech stands out of noise.

Every measure comes with a score from 0 (useless) to 1 (as good as it gets); the ramps between
them are in `RAMPS`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE
from rapport.state import Measure, Quality

Array = NDArray[np.float32]

CLIP_LEVEL = 0.985
"""Full scale less a little, for microphones that clip just below it."""
OFFSET_WINDOW = SAMPLE_RATE // 10
"""Samples whose running mean is taken away (100 ms: a high-pass at about 5 Hz, with zeros at the
harmonics of 10 Hz and so at 50 and 60 Hz hum)."""
SNR_MIN_DB, SNR_MAX_DB = -10.0, 60.0
"""The SNR is not told beyond these: below, speech is not found; above, only rounding is
measured."""
LEVEL_MEMORY = 100
"""Frames (1 s) over which the levels of speech and of noise are averaged."""
FLOOR_SMOOTHING = 10
"""Frames (0.1 s) that are averaged before a minimum is taken, so that it is no chance dip."""
TINY_POWER = 1e-12
"""Below any microphone's own noise; keeps logarithms finite."""

NOISY_BELOW_DB = 5.0
CLIPPED_FROM = 0.01
"""Share of clipped samples in speech from which the sound is called clipped."""

RAMPS = {
    # Speech is barely found at -5 dB; the model loses little above 20 dB (see its card).
    "snr_db": (-5.0, 20.0),
    # The detector's own probability, averaged over the window.
    "speech_probability": (0.3, 0.9),
    # Shares of samples; the spectrum is wrecked when one in twenty is cut off.
    "clipping": (0.05, 0.001),
    "broken": (0.05, 0.0),
}
"""For each measure, the value that scores 0 and the value that scores 1, linear between."""


class Cleaned(NamedTuple):
    """Samples that are safe to compute with, and how many of them were clipped and broken."""

    samples: Array
    clipped: int
    broken: int


def repair(samples: NDArray[np.floating]) -> Cleaned:
    """Samples in -1 ... +1: NaN and infinite ones become 0 and count as broken; those at or beyond
    full scale count as clipped."""
    values = np.asarray(samples, np.float32).reshape(-1)
    finite = np.isfinite(values)
    clipped = int(np.count_nonzero(np.abs(values[finite]) >= CLIP_LEVEL))
    safe = np.clip(np.where(finite, values, np.float32(0.0)), -1.0, 1.0)
    return Cleaned(safe, clipped, int(len(values) - np.count_nonzero(finite)))


class OffsetFilter:
    """Takes the running mean of the last `OFFSET_WINDOW` samples away: an offset is no sound."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._past: Array | None = None

    def push(self, samples: Array) -> Array:
        """The same samples without their offset."""
        if not len(samples):
            return samples
        if self._past is None:
            # As if the stream had always stood at its first level: no step, no click.
            first = samples[:OFFSET_WINDOW].mean(dtype=np.float64)
            self._past = np.full(OFFSET_WINDOW, first, np.float32)
        signal = np.concatenate([self._past, samples])
        sums = np.cumsum(signal, dtype=np.float64)
        mean = (sums[OFFSET_WINDOW:] - sums[:-OFFSET_WINDOW]) / OFFSET_WINDOW
        self._past = signal[-OFFSET_WINDOW:]
        return (samples - mean).astype(np.float32)


class NoiseFloor:
    """Power of the noise, per band: the average of what is heard while nobody speaks.

    While somebody speaks it can only sink (what is heard is speech plus noise), and before the
    first silence it is the lowest smoothed power so far, the idea of minimum statistics
    (Martin 2001).
    """

    def __init__(self, bands: int) -> None:
        self._bands = bands
        self.reset()

    def reset(self) -> None:
        """Forget the room; `power` is infinite until something was heard."""
        self.power: NDArray[np.float64] = np.full(self._bands, np.inf)
        self._smooth = np.zeros(self._bands)
        self._frames = 0
        self._quiet_frames = 0

    def update(self, powers: NDArray[np.floating], quiet: bool) -> None:
        """Take in the band powers of a few frames (n x bands), all with speech or all without."""
        count = len(powers)
        if not count:
            return
        power = powers.mean(axis=0, dtype=np.float64)
        self._frames = min(self._frames + count, FLOOR_SMOOTHING)
        self._smooth += (power - self._smooth) * min(1.0, count / self._frames)
        if quiet:
            start = self.power if self._quiet_frames else power
            self._quiet_frames = min(self._quiet_frames + count, LEVEL_MEMORY)
            self.power = start + (power - start) * min(1.0, count / self._quiet_frames)
        elif self._frames >= FLOOR_SMOOTHING:
            self.power = np.minimum(self.power, self._smooth)


def snr_db(speech_power: float, noise_power: float) -> float:
    """Signal-to-noise ratio in dB from the power of speech with its noise and of noise alone."""
    if not np.isfinite(noise_power):
        return SNR_MIN_DB
    noise = max(noise_power, TINY_POWER)
    ratio = 10.0 * np.log10(max(speech_power - noise, TINY_POWER) / noise)
    return float(np.clip(ratio, SNR_MIN_DB, SNR_MAX_DB))


def measure(name: str, value: float) -> Measure:
    """A value with its score by the ramp of that name."""
    zero, one = RAMPS[name]
    return Measure(value, float(np.clip((value - zero) / (one - zero), 0.0, 1.0)))


def assess(measures: dict[str, float]) -> Quality:
    """The quality from measured values (keys of `RAMPS`); the total is the product of the scores,
    because each defect alone can make the sound useless."""
    scored = {name: measure(name, value) for name, value in measures.items()}
    total = float(np.prod([entry.score for entry in scored.values()])) if scored else 0.0
    return Quality(total, scored)
