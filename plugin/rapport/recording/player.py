"""When each item of a session is due, and what it becomes when it is played."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rapport.recording.tables import Item, Line
from rapport.state import SCHEMA, EmotionState, EventKind

GAP_S = 2.0
"""A longer pause in a session (the machine slept, a file was damaged) is cut to this."""
TURN_S = 1 / 30
"""From the last item to the first one again."""
DELAY_NS = 2_000_000_000
"""No state is played as older than this."""

NOT_PLAYED = frozenset(
    {
        EventKind.STARTED,
        EventKind.STOPPING,
        EventKind.ENDED,
        EventKind.STATUS,
        EventKind.CONSENT_GRANTED,
        EventKind.CONSENT_REVOKED,
        EventKind.PAUSED,
        EventKind.RESUMED,
        EventKind.LEASE_TAKEN,
        EventKind.LEASE_LOST,
        EventKind.RECORDING_BEGAN,
        EventKind.RECORDING_ENDED,
        EventKind.PROFILE_LOADED,
        EventKind.PROFILE_REFUSED,
        EventKind.PROFILE_CLEARED,
        EventKind.REACTION_BEGAN,
        EventKind.REACTION_UPDATED,
        EventKind.REACTION_ENDED,
    }
)
"""What a sidecar says of itself and of what it is allowed. It was true then; told by the one that
plays, it would be wrong. Reactions are made anew from the states, by the profiles of now."""

Timed = tuple[float, Item]
"""Seconds from the start, and what is due then."""


def at_ns(item: Item) -> int:
    """When an item came, on the clock of its session."""
    return item.published_ns if isinstance(item, EmotionState) else item.at_ns


def timeline(items: Callable[[], Iterable[Item]], loop: bool = False) -> Iterator[Timed]:
    """The items and when they are due, in their order; with `loop` again and again.

    :param items: gives the items from the start, each time it is called.
    """
    due_s = 0.0
    while True:
        last_ns: int | None = None
        for item in items():
            # A line may be told long after it was said; it is no measure of time.
            if not isinstance(item, Line):
                now_ns = at_ns(item)
                passed_s = 0.0 if last_ns is None else (now_ns - last_ns) / 1e9
                due_s += min(GAP_S, max(0.0, passed_s))
                last_ns = now_ns if last_ns is None else max(last_ns, now_ns)
            yield due_s, item
        if not loop or last_ns is None:
            return
        due_s += TURN_S


def as_now(state: EmotionState, now_ns: int, now_wall: float) -> EmotionState:
    """A state of then as one of now: as old as it was when it was published, and flagged."""
    delay_ns = min(DELAY_NS, max(0, state.published_ns - state.captured_ns))
    return msgspec.structs.replace(
        state,
        captured_ns=max(0, now_ns - delay_ns),
        captured_wall=max(0.0, now_wall - delay_ns / 1e9),
        schema=SCHEMA,
        replay=True,
    )
