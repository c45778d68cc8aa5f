"""The mood: where valence and arousal have been over the last seconds and the last minutes.

Affect is one complex number here: valence is its real part, arousal its imaginary part, so that
means are means and the square of a distance is that of both. A reading counts for the time since
the tick before it, as far as it is trusted. Everything is integrated exactly over that time, so
that the spacing of the ticks changes nothing.
"""

import math
from typing import NamedTuple

from rapport.fusion.gate import NANOSECONDS
from rapport.state import Mood

SHORT_S = 5.0
"""Time constant of the short term: a sentence or two. One word, one blink, does not turn it."""
LONG_S = 180.0
"""Time constant of the long term: three minutes, a conversation or one try at a level; ten minutes
ago counts for less than 4 %."""
SEEN_MAX_S = 1.0
"""The longest time between two ticks that counts as seen. There are several ticks a second; in a
longer pause the machine slept, and nobody looked."""
SWING = 0.66
"""The deviation that is volatility 1: swinging between full happiness and full anger, half of the
time each. It is half of the distance between the two in `state.LABEL_VAD`."""
LEAST_S = 1e-9
"""Of less trusted time than this nothing can be said: it could not be told from rounding."""


class Felt(NamedTuple):
    """One tick's affect, and how far it is trusted, 0 ... 1."""

    affect: complex
    trust: float


class Memory(NamedTuple):
    """What is remembered of the past.

    `short` is the short-term average, `behind_s` how long ago it was moved. `weight`, `affect`,
    `shorts` and `squares` are sums over the long term: of the trust, and of the affect, the
    short-term average and the square of its length, each times the trust. `seen` and `long_seen`
    are the shares of the short and of the long term that were seen or heard.
    """

    short: complex
    behind_s: float
    weight: float
    affect: complex
    shorts: complex
    squares: float
    seen: float
    long_seen: float
    tick_ns: int


def remember(memory: Memory | None, felt: Felt | None, now_ns: int) -> Memory | None:
    """The memory after one more tick. Time that runs backwards counts as no time."""
    if memory is None:
        if felt is None:
            return None
        return Memory(felt.affect, 0.0, 0.0, 0j, 0j, 0.0, 0.0, 0.0, now_ns)
    passed_s = max(0, now_ns - memory.tick_ns) / NANOSECONDS
    seen_s = 0.0 if felt is None else min(passed_s, SEEN_MAX_S)
    if passed_s > seen_s:
        memory = _pass(memory, passed_s - seen_s)
    if felt is not None and seen_s > 0.0:
        memory = _see(memory, felt, seen_s)
    return memory._replace(tick_ns=now_ns)


def recall(memory: Memory | None) -> Mood | None:
    """The mood at the last tick; None if there was too little to speak of.

    The volatility is the deviation of the short-term average from the long-term one: the root of
    the mean over the long term of their squared distance, over `SWING`, at most one.
    """
    if memory is None or memory.weight < LEAST_S:
        return None
    mean = memory.affect / memory.weight
    crossed = (mean.conjugate() * memory.shorts).real
    variance = (memory.squares - 2.0 * crossed) / memory.weight + abs(mean) ** 2
    return Mood(
        valence=_signed(memory.short.real),
        arousal=_signed(memory.short.imag),
        long_valence=_signed(mean.real),
        long_arousal=_signed(mean.imag),
        volatility=min(1.0, math.sqrt(max(0.0, variance)) / SWING),
        confidence=min(1.0, (memory.seen + memory.long_seen) / 2.0),
    )


def _pass(memory: Memory, passed_s: float) -> Memory:
    """Time in which nothing was seen: no average moves, and what was before counts less."""
    fading = math.exp(-passed_s / LONG_S)
    return memory._replace(
        behind_s=memory.behind_s + passed_s,
        weight=memory.weight * fading,
        affect=memory.affect * fading,
        shorts=memory.shorts * fading,
        squares=memory.squares * fading,
        seen=memory.seen * math.exp(-passed_s / SHORT_S),
        long_seen=memory.long_seen * fading,
    )


def _see(memory: Memory, felt: Felt, seen_s: float) -> Memory:
    """Time in which one affect x was felt: the short-term average s goes x + d exp(-r t)."""
    x, trust = felt
    d = (memory.short - x) * math.exp(-memory.behind_s / SHORT_S)
    rate = trust / SHORT_S
    fading = math.exp(-seen_s / LONG_S)
    # The integrals of 1, of exp(-r t) and of its square over the time, as it is remembered.
    ones, falls, squared = (
        trust * fading * seen_s * _growth(seen_s / LONG_S - times * rate * seen_s)
        for times in (0.0, 1.0, 2.0)
    )
    size, along = abs(x) ** 2, (x.conjugate() * d).real
    return memory._replace(
        short=x + d * math.exp(-rate * seen_s),
        behind_s=0.0,
        weight=memory.weight * fading + ones,
        affect=memory.affect * fading + ones * x,
        shorts=memory.shorts * fading + ones * x + falls * d,
        squares=memory.squares * fading
        + (ones * size + 2.0 * falls * along + squared * abs(d) ** 2),
        seen=_filled(memory.seen, seen_s, SHORT_S),
        long_seen=_filled(memory.long_seen, seen_s, LONG_S),
    )


def _filled(share: float, seen_s: float, constant_s: float) -> float:
    return share + (1.0 - share) * -math.expm1(-seen_s / constant_s)


def _growth(exponent: float) -> float:
    """(exp(k) - 1) / k, which is one at zero."""
    return math.expm1(exponent) / exponent if exponent else 1.0


def _signed(value: float) -> float:
    return min(1.0, max(-1.0, value))
