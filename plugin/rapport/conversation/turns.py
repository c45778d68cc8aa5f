"""Turns: when the player spoke, by what the voice expert hears."""

from typing import NamedTuple

from rapport.state import Evidence

PAUSE_NS = 700_000_000
"""Silence (0.7 s) that ends a turn: within what they say, people mostly pause for less."""
SHORTEST_NS = 250_000_000
"""A turn shorter than this is a cough or a click, and no utterance."""


class Turn(NamedTuple):
    """A stretch of the player's speech; `end_ns` is the newest moment of speech so far."""

    start_ns: int
    end_ns: int

    @property
    def counts(self) -> bool:
        """Whether it is long enough to be an utterance."""
        return self.end_ns - self.start_ns >= SHORTEST_NS


class Turns(NamedTuple):
    """The turn that is going on, and the one that has just ended; None: there is none."""

    going_on: Turn | None = None
    ended: Turn | None = None


def follow(turns: Turns, voice: Evidence, now_ns: int) -> Turns:
    """The turns after one more look at the voice.

    `ended` is set in the one result in which a turn ends, and only there.
    """
    current = turns.going_on
    # An old reading says nothing about now: a microphone that hangs must not hold a turn open.
    if voice.present and now_ns - voice.captured_ns < PAUSE_NS:
        start_ns = voice.captured_ns if current is None else current.start_ns
        return Turns(Turn(min(start_ns, voice.captured_ns), max(start_ns, voice.captured_ns)))
    if current is not None and now_ns - current.end_ns >= PAUSE_NS:
        return Turns(None, current if current.counts else None)
    return Turns(current)
