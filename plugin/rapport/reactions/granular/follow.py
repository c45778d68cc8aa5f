"""Follows emotion states over time, and says what they add up to."""

from rapport.reactions.granular.changes import Changes
from rapport.reactions.granular.compositions import COMPOSITIONS, TRACES
from rapport.reactions.granular.memory import StateMemory, TraceMemory
from rapport.reactions.granular.signals import Signals, read
from rapport.state import EmotionState, Granular

NANOSECONDS = 1_000_000_000
SEEN_MAX_S = 0.25
"""The longest time between two ticks that counts as seen. What is beyond was not watched, and
nothing is known of it."""


class GranularStates:
    """Frustration, confusion, overwhelm, boredom, engagement, amusement, scepticism and grief
    (`state.GRANULAR`) of one player, from the states that the fusion makes of this player.

    Each is a composition of evidence over seconds to tens of seconds (`compositions`). They are
    what the words mean; how often they are right has been measured on no data set.

    Time comes in with each tick and never from a clock, and there is no arithmetic but + - * /,
    so the same states at the same times give the same answer, bit for bit, on every machine. Not
    safe to share between threads.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all that was seen: it may not be used any more, or there is another player."""
        self._at_ns: int | None = None
        self._changes = Changes()
        self._traces = {name: TraceMemory(trace) for name, trace in TRACES.items()}
        self._states = {
            name: StateMemory(composition, self._traces)
            for name, composition in COMPOSITIONS.items()
        }

    def tick(self, state: EmotionState, at_ns: int) -> dict[str, Granular]:
        """Take one more state into account.

        :param at_ns: when it is from, on any clock that all ticks share. A step back in time
            counts as none, and time goes on from there.
        :returns: by their names, those that enough is known about, in the order of
            `state.GRANULAR`; `value` and `confidence` are in 0 ... 1. A name that is missing is
            unknown, which is not zero. In a tick that comes t seconds after the one before, no
            value moves by more than t / (1.5 + t), nor by more than 0.15.
        """
        passed_s = 0.0
        if self._at_ns is not None and at_ns > self._at_ns:
            passed_s = (at_ns - self._at_ns) / NANOSECONDS
        self._at_ns = at_ns
        if passed_s > SEEN_MAX_S:
            self._step({}, passed_s - SEEN_MAX_S)
            passed_s = SEEN_MAX_S
        self._step(read(state), passed_s)
        return {
            name: Granular(memory.value, memory.confidence)
            for name, memory in self._states.items()
            if memory.known
        }

    def _step(self, signals: Signals, passed_s: float) -> None:
        self._changes.follow(signals, passed_s)
        for name, trace in self._traces.items():
            trace.follow(signals.get(name), passed_s)
        for memory in self._states.values():
            memory.follow(passed_s)
