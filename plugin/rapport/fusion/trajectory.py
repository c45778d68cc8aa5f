"""The trajectory: what was felt a moment ago is part of what is felt now.

All constants of time work with any spacing of ticks, so that a stall or a slow camera changes
nothing but the resolution.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport import settings
from rapport.fusion.gate import NANOSECONDS
from rapport.fusion.mixture import UNIFORM

TREND_FAST_S = 0.5
TREND_SLOW_S = 4.0
"""Time constants of the two averages of valence whose distance is the trend: long enough to
see through a blink or a syllable, short enough to answer within a sentence."""


class Reading(NamedTuple):
    """One tick's fused evidence: a distribution (8), valence, arousal and dominance (each
    -1 ... +1) and how clear it is, 0 ... 1."""

    distribution: NDArray[np.float64]
    vad: NDArray[np.float64]
    clarity: float


class Memory(NamedTuple):
    """What is remembered: the smoothed distribution and VAD, two averages of valence, when the
    last evidence and the last tick were."""

    distribution: NDArray[np.float64]
    vad: NDArray[np.float64]
    valence_fast: float
    valence_slow: float
    evidence_ns: int
    tick_ns: int


class Remembered(NamedTuple):
    """What the memory says now: a distribution (8), VAD and the slope of valence in 1/s."""

    distribution: NDArray[np.float64]
    vad: NDArray[np.float64]
    trend: float


def remember(
    memory: Memory | None, reading: Reading | None, now_ns: int, fusion: settings.Fusion
) -> Memory | None:
    """The memory after one more tick; None when everything is forgotten."""
    if reading is None:
        if memory is None or now_ns - memory.evidence_ns >= fusion.forget_s * NANOSECONDS:
            return None
        return memory._replace(tick_ns=max(now_ns, memory.tick_ns))
    if memory is None:
        valence = float(reading.vad[0])
        return Memory(reading.distribution, reading.vad, valence, valence, now_ns, now_ns)
    # Time that runs backwards (a clip that loops offline) counts as no time.
    passed_s = max(0, now_ns - memory.evidence_ns) / NANOSECONDS
    step = _step(passed_s, time_constant_s(reading.clarity, fusion))
    return Memory(
        distribution=memory.distribution + step * (reading.distribution - memory.distribution),
        vad=memory.vad + step * (reading.vad - memory.vad),
        valence_fast=_follow(memory.valence_fast, float(reading.vad[0]), passed_s, TREND_FAST_S),
        valence_slow=_follow(memory.valence_slow, float(reading.vad[0]), passed_s, TREND_SLOW_S),
        evidence_ns=max(now_ns, memory.evidence_ns),
        tick_ns=max(now_ns, memory.tick_ns),
    )


def recall(memory: Memory, fusion: settings.Fusion) -> Remembered:
    """What the memory says at its last tick: without new evidence it fades in a straight line
    to the uniform distribution and to VAD zero, reached after `forget_s`."""
    idle_s = (memory.tick_ns - memory.evidence_ns) / NANOSECONDS
    faded = min(1.0, idle_s / fusion.forget_s)
    slope = (memory.valence_fast - memory.valence_slow) / (TREND_SLOW_S - TREND_FAST_S)
    return Remembered(
        distribution=(1.0 - faded) * memory.distribution + faded * UNIFORM,
        vad=(1.0 - faded) * memory.vad,
        trend=(1.0 - faded) * slope,
    )


def time_constant_s(clarity: float, fusion: settings.Fusion) -> float:
    """From `slow_s` for evidence of no clarity to `fast_s` for full clarity, geometrically: the
    better the evidence, the sooner it is believed."""
    return float(fusion.slow_s * (fusion.fast_s / fusion.slow_s) ** clarity)


def _step(passed_s: float, constant_s: float) -> float:
    return 1.0 - math.exp(-passed_s / constant_s)


def _follow(average: float, value: float, passed_s: float, constant_s: float) -> float:
    """One step of an exponential average; of a ramp k t it lags k times its time constant, so
    the distance of two such averages over that of their constants is the slope k."""
    return average + _step(passed_s, constant_s) * (value - average)
