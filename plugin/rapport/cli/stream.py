"""What a reader of states and events can say about the stream: rate, latency, what happened."""

from collections import deque
from collections.abc import Iterable
from statistics import median, quantiles
from typing import NamedTuple

from rapport.state import EmotionState, Event, EventKind, Reaction

WINDOW = 90
"""States that rate and latency are measured over: three seconds at 30 a second."""
EVENTS_KEPT = 50
ACTIVE_MAX = 50
"""Reactions that are taken for active; of those whose end was missed, the oldest are let go."""

SILENT_S = 0.5
"""A stream without a state for this long is silent: a sidecar sends at least twenty a second."""


class Arrival(NamedTuple):
    """A state and when it came here, on the clock of `capture.clock.now_ns`."""

    received_ns: int
    state: EmotionState


class Stream:
    """The newest arrivals and events of one sidecar."""

    def __init__(self) -> None:
        self._arrivals: deque[Arrival] = deque(maxlen=WINDOW)
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        """What happened; not the changes of strength, which would push the rest out."""
        self.told = 0
        """How many there were, those that are not kept any more among them."""
        self.received = 0
        self._active: dict[int, Reaction] = {}

    @property
    def newest(self) -> EmotionState | None:
        """The newest state, None before the first."""
        return self._arrivals[-1].state if self._arrivals else None

    def add(self, state: EmotionState, received_ns: int) -> None:
        """Take note of a state. One of a sidecar that has been started anew begins afresh."""
        if self._arrivals and state.sequence <= self._arrivals[-1].state.sequence:
            self._arrivals.clear()
            self._active.clear()
        self._arrivals.append(Arrival(received_ns, state))
        self.received += 1

    @property
    def active(self) -> tuple[Reaction, ...]:
        """The reactions that go on, as they were told last, in the order in which they began."""
        return tuple(self._active.values())

    def tell(self, events: Iterable[Event]) -> None:
        """Take note of events."""
        for event in events:
            if event.reaction is not None:
                self._follow(event.kind, event.reaction)
            if event.kind is not EventKind.REACTION_UPDATED:
                self.events.append(event)
                self.told += 1

    def _follow(self, kind: EventKind, reaction: Reaction) -> None:
        if kind is EventKind.REACTION_ENDED:
            self._active.pop(reaction.firing, None)
            return
        self._active[reaction.firing] = reaction
        if len(self._active) > ACTIVE_MAX:
            del self._active[next(iter(self._active))]

    def silent_s(self, now_ns: int) -> float | None:
        """For how long no state has come, if that is worth mentioning; a late one is not."""
        if not self._arrivals:
            return None
        silent_s = (now_ns - self._arrivals[-1].received_ns) / 1e9
        return silent_s if silent_s > SILENT_S else None

    def rate_hz(self) -> float | None:
        """States published a second; those that a slow reader skipped are counted too."""
        if len(self._arrivals) < 2:
            return None
        first, last = self._arrivals[0].state, self._arrivals[-1].state
        elapsed_s = (last.published_ns - first.published_ns) / 1e9
        return (last.sequence - first.sequence) / elapsed_s if elapsed_s > 0 else None

    def latency_ms(self) -> tuple[float, float] | None:
        """Median and 95th percentile of the time from capture to here."""
        if len(self._arrivals) < 2:
            return None
        delays = [(a.received_ns - a.state.captured_ns) / 1e6 for a in self._arrivals]
        return median(delays), quantiles(delays, n=20)[-1]

    def age_ms(self, now_ns: int) -> float | None:
        """How long ago the newest state was published."""
        newest = self.newest
        return None if newest is None else (now_ns - newest.published_ns) / 1e6
