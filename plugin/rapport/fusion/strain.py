"""Strain: how far the player is on the way to distress, for each modality by itself.

Strain is half the arousal less the valence: full anger and full fear have 0.8 and 0.9, sadness and
disgust 0.5 and 0.8, calm has none, happiness -0.6. It is one number so that there is a "worse".
It is kept for each modality, because a face says less than a voice and words more than both: when
one falls silent, the others must be compared with what they themselves said before.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from rapport.fusion.gate import NANOSECONDS
from rapport.fusion.mood import SEEN_MAX_S
from rapport.state import Modality

AROUSAL_SHARE = 0.5
"""How much of the arousal is strain: excitement alone, and a low mood without any, are strain of
little weight, and what is unpleasant decides."""
NOW_S = 5.0
"""Time constant of the strain of now, in time that was seen: a sentence or two. A gap counts as no
time, so that the first word after it does not decide alone."""
BEFORE_S = 30.0
"""Time constant of the strain that the player had "before": the last half minute mostly."""
KEPT_S = 120.0
"""Time constant with which a modality counts less that is gone. Who stops speaking has not calmed
down; two minutes of a calm face later it is likely."""
OTHERS_S = 1.0
"""How long a modality must have been seen for what it said by itself to count as much as what the
others said."""
ENOUGH_S = 10.0
"""Evidence of how many seconds makes it known by 63 %, of twice as many by 86 %. A share of the
time would leave those unknown who speak now and then, and have no camera."""
LEAST_S = 1e-6
"""Less trusted time than this is none."""

Strains = Mapping[Modality, tuple[float, float]]
"""The strain that each modality reads now, and how far it is trusted, above 0 ... 1; one that
cannot be read is not in it."""


class Trace(NamedTuple):
    """One modality: its strain of `now`; how far it is `known`, 0 ... 1, which is what it counts;
    and sums of its trusted time and of the strain in it, of the last `BEFORE_S`."""

    now: float
    known: float = 0.0
    weight: float = 0.0
    strain: float = 0.0


class Memory(NamedTuple):
    """The modalities that were ever read; the time in which any was, all in all, in seconds; when
    the last tick was."""

    traces: Mapping[Modality, Trace]
    seen_s: float
    tick_ns: int


class Before(NamedTuple):
    """The strain before a moment: of each modality, of all together, and how far it is known,
    0 ... 1."""

    of: Mapping[Modality, float]
    all: float
    known: float


UNKNOWN = Before({}, 0.0, 0.0)
"""Nothing is known of before: a player at rest has no strain."""


def strain(valence: float, arousal: float) -> float:
    """The strain of an affect."""
    return AROUSAL_SHARE * arousal - valence


def remember(
    memory: Memory | None, strains: Strains, now_ns: int, relief: bool = True
) -> Memory | None:
    """The memory after one more tick. Time that runs backwards counts as no time.

    :param relief: whether less strain is believed. Who says one thing and shows another is no
        calmer for a cold voice or a smile.
    """
    if memory is None:
        if not strains:
            return None
        return Memory({m: Trace(now) for m, (now, _) in strains.items()}, 0.0, now_ns)
    passed_s = max(0, now_ns - memory.tick_ns) / NANOSECONDS
    traces = {
        m: _follow(trace, strains.get(m), passed_s, relief) for m, trace in memory.traces.items()
    }
    for modality, read in strains.items():
        if modality not in traces:
            traces[modality] = _follow(Trace(read[0]), read, passed_s, relief)
    seen_s = min(passed_s, SEEN_MAX_S) if strains else 0.0
    return Memory(traces, memory.seen_s + seen_s, now_ns)


def before(memory: Memory | None) -> Before:
    """How it was until the last tick."""
    traces = {} if memory is None else memory.traces
    weight = sum(trace.weight for trace in traces.values())
    if weight < LEAST_S:
        return UNKNOWN
    together = sum(trace.strain for trace in traces.values()) / weight
    return Before(
        {
            m: (trace.strain + OTHERS_S * together) / (trace.weight + OTHERS_S)
            for m, trace in traces.items()
        },
        together,
        sureness(weight),
    )


def rise(memory: Memory, since: Before) -> float | None:
    """How much more strain there is now than before, as each modality says of itself; None if
    none is known."""
    known = sum(trace.known for trace in memory.traces.values())
    if known < LEAST_S:
        return None
    risen = sum(
        trace.known * (trace.now - since.of.get(m, since.all)) for m, trace in memory.traces.items()
    )
    return risen / known


def sureness(seen_s: float) -> float:
    """How far something is known of which so many seconds were seen, 0 ... 1."""
    return -math.expm1(-seen_s / ENOUGH_S)


def _follow(trace: Trace, read: tuple[float, float] | None, passed_s: float, relief: bool) -> Trace:
    seen_s = 0.0 if read is None else min(passed_s, SEEN_MAX_S)
    now, known, weight, strained = trace
    if passed_s > seen_s:
        gone_s = passed_s - seen_s
        fading = math.exp(-gone_s / BEFORE_S)
        known *= math.exp(-gone_s / KEPT_S)
        weight, strained = weight * fading, strained * fading
    if read is None or seen_s <= 0.0:
        return Trace(now, known, weight, strained)
    value, trust = read
    value = value if relief else max(value, now)
    fading = math.exp(-seen_s / BEFORE_S)
    felt_s = trust * BEFORE_S * (1.0 - fading)
    constant_s = NOW_S if trust > known else KEPT_S
    return Trace(
        value + (now - value) * math.exp(-trust * seen_s / NOW_S),
        trust + (known - trust) * math.exp(-seen_s / constant_s),
        weight * fading + felt_s,
        strained * fading + felt_s * value,
    )
