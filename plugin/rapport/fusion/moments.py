"""Moments: where the player has gone since something in the game that it has named.

What is followed is the *rise*: how much more strain (`strain`) there is now than in the half
minute before the moment. It counts down to rest and no further, so that delight over a calm
before is no change, and delight over a strained one is relief. docs/trajectory.md draws it.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from rapport.fusion import strain
from rapport.fusion.gate import NANOSECONDS
from rapport.state import COURSES, Appraisal

ESCALATING, STEADY, RECOVERING, UNKNOWN = COURSES

AWAY = 0.2
"""The least change of strain that is one: a quarter of the way from calm to anger. Readings of
real faces and voices tremble, averaged as they are here, by less than half of it."""
TURN_SHARE, TURN_LEAST = 1 / 3, 0.1
"""What must be undone of a rise to call it coming back: a third of it, and no tremble."""
NOTICED = 0.02
"""A smaller fall of strain is none."""
SETTLED_S = 30.0
"""Who has not come back any further for so long is steady there."""
FULL = 0.7
"""The rise of strength 1: from calm to anger as clear as one expert reads it."""
SINCE_S = 30.0
"""Time constant of what was seen since the moment: the confidence speaks of the last half minute.
Without anything seen or heard the course is unknown a minute and a half later."""
ENOUGH, LEAST = 0.2, 0.15
"""Confidence from which the course is known, and below which it is unknown again: two, so that it
does not come and go at every tick."""
FOLLOW_S = 1800.0
"""A moment is followed for half an hour: later, other things have happened."""


class Moment(NamedTuple):
    """A moment that is followed.

    `level` is the rise at which the course turned last or has its end so far: where it settled
    (steady), its height (escalating), its depth (recovering); `top` is the height from which it
    recovers and `still_s` how long it has not done so. `recent_s` is how much of the time since
    the moment was seen, of the newest `SINCE_S` mostly; `seen_s` and `tick_ns` are those of the
    last tick.
    """

    at_ns: int
    before: strain.Before
    seen_s: float
    tick_ns: int
    course: str = STEADY
    rise: float = 0.0
    level: float = 0.0
    top: float = 0.0
    still_s: float = 0.0
    recent_s: float = 0.0
    known: bool = False


def mark(
    at_ns: int, history: Iterable[strain.Memory], newest: strain.Memory | None, now_ns: int
) -> Moment:
    """A moment, followed up to now.

    :param at_ns: when it was; one that is still to come is now.
    :param history: what is remembered of the time before `newest`, in order.
    """
    at_ns = min(at_ns, now_ns)
    known = [*history, *(() if newest is None else (newest,))]
    earlier = [memory for memory in known if memory.tick_ns <= at_ns]
    begin = earlier[-1] if earlier else None
    seen_s = known[0].seen_s if begin is None and known else 0.0
    moment = Moment(
        at_ns,
        strain.before(begin),
        seen_s if begin is None else begin.seen_s,
        at_ns if begin is None else begin.tick_ns,
    )
    for memory in known[len(earlier) :]:
        moment = follow(moment, memory)
    return moment


def follow(moment: Moment, memory: strain.Memory) -> Moment:
    """The moment after one more tick."""
    passed_s = max(0, memory.tick_ns - moment.tick_ns) / NANOSECONDS
    seen_s = min(passed_s, max(0.0, memory.seen_s - moment.seen_s))
    faded_s = moment.recent_s * math.exp(-(passed_s - seen_s) / SINCE_S)
    risen = strain.rise(memory, moment.before)
    moment = moment._replace(
        tick_ns=memory.tick_ns,
        seen_s=memory.seen_s,
        recent_s=SINCE_S + (faded_s - SINCE_S) * math.exp(-seen_s / SINCE_S),
        rise=moment.rise if risen is None else max(risen, _rest(moment)),
    )
    moment = moment._replace(known=confidence(moment) >= (LEAST if moment.known else ENOUGH))
    return _turned(moment, seen_s)


def over(moment: Moment, now_ns: int) -> bool:
    """Whether it is followed no longer."""
    return now_ns - moment.at_ns > FOLLOW_S * NANOSECONDS


def confidence(moment: Moment) -> float:
    """How much of the time since then was seen or heard, 0 ... 1; half of it if nothing is known
    of before."""
    return strain.sureness(moment.recent_s) * (1.0 + moment.before.known) / 2.0


def appraisal(moment: Moment, now_ns: int) -> Appraisal:
    """What is published of a moment."""
    return Appraisal(
        course=moment.course if moment.known else UNKNOWN,
        strength=min(1.0, max(0.0, _strength(moment))) if moment.known else 0.0,
        confidence=confidence(moment),
        since_s=max(0, now_ns - moment.at_ns) / NANOSECONDS,
    )


def _rest(moment: Moment) -> float:
    """The rise of a player at rest, or as before if that was better: further down is no relief."""
    return -max(0.0, moment.before.all)


def _turned(moment: Moment, seen_s: float) -> Moment:
    """The moment with the course that its rise gives it."""
    now, level = moment.rise, moment.level
    if moment.course == STEADY:
        if now >= max(0.0, level) + AWAY:
            return moment._replace(course=ESCALATING, level=now)
        if now <= level - AWAY:
            return moment._replace(course=RECOVERING, level=now, top=level, still_s=0.0)
        return moment
    turn = max(TURN_LEAST, TURN_SHARE * level)
    if moment.course == ESCALATING:
        if now <= level - turn:
            return moment._replace(course=RECOVERING, level=now, top=level, still_s=0.0)
        return moment._replace(level=max(level, now))
    if now >= max(AWAY, level + turn):
        return moment._replace(course=ESCALATING, level=now)
    if now < level - NOTICED:
        return moment._replace(level=now, still_s=0.0)
    still_s = moment.still_s + seen_s
    if still_s >= SETTLED_S:
        return moment._replace(course=STEADY, level=now)
    return moment._replace(still_s=still_s)


def _strength(moment: Moment) -> float:
    """How far it goes that way: the rise; the share of the way back to before or, if it never went
    up, to rest; how little has changed."""
    if moment.course == ESCALATING:
        return moment.rise / FULL
    if moment.course == STEADY:
        return 1.0 - abs(moment.rise - moment.level) / AWAY
    way = moment.top - (0.0 if moment.top >= AWAY else _rest(moment))
    return (moment.top - moment.rise) / way if way > 0.0 else 1.0
