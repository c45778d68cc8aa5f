"""Rate and latency as a reader of the stream sees them."""

import pytest

from rapport.cli.stream import ACTIVE_MAX, EVENTS_KEPT, SILENT_S, Stream
from rapport.state import EmotionState, Event, EventKind, Reaction

pytestmark = pytest.mark.unit

MS = 1_000_000


def state(sequence: int, published_ns: int, captured_ns: int = 0) -> EmotionState:
    return EmotionState(
        captured_ns=captured_ns,
        captured_wall=0.0,
        label="uncertain",
        confidence=0.0,
        modalities={},
        sequence=sequence,
        published_ns=published_ns,
    )


def reacted(kind: EventKind, firing: int, strength: float = 0.5) -> Event:
    return Event(kind, 0, 0.0, reaction=Reaction(f"r{firing}", "mira", firing, strength, "entered"))


def test_nothing_is_said_of_nothing() -> None:
    stream = Stream()
    assert stream.newest is None
    assert stream.rate_hz() is None
    assert stream.latency_ms() is None
    assert stream.age_ms(0) is None
    assert stream.silent_s(0) is None


def test_the_rate_counts_states_that_the_reader_skipped() -> None:
    stream = Stream()
    for sequence in range(1, 32, 3):  # every third of 30 a second
        stream.add(state(sequence, round(sequence * 1e9 / 30)), 0)
    assert stream.rate_hz() == pytest.approx(30.0)


def test_latency_is_from_capture_to_arrival() -> None:
    stream = Stream()
    for number in range(1, 21):
        delay = 40 if number == 20 else 10
        at_ns = number * 33 * MS
        stream.add(state(number, at_ns, at_ns - delay * MS), at_ns)
    latency = stream.latency_ms()
    assert latency is not None
    assert latency[0] == pytest.approx(10.0)
    assert 10.0 < latency[1] <= 40.0


def test_a_sidecar_started_anew_begins_afresh() -> None:
    stream = Stream()
    for sequence in range(100, 200):
        stream.add(state(sequence, sequence * 33 * MS), 0)
    stream.add(state(1, 900_000 * MS), 0)
    assert stream.rate_hz() is None
    stream.add(state(2, 900_050 * MS), 0)
    assert stream.rate_hz() == pytest.approx(20.0)
    assert stream.received == 102


def test_it_is_silent_only_after_a_while() -> None:
    stream = Stream()
    stream.add(state(1, 0), 1_000 * MS)
    assert stream.silent_s(1_100 * MS) is None
    assert stream.silent_s(1_000 * MS + round(SILENT_S * 2e9)) == pytest.approx(2 * SILENT_S)


def test_reactions_are_followed_from_their_begin_to_their_end() -> None:
    began, updated, ended = (
        EventKind.REACTION_BEGAN, EventKind.REACTION_UPDATED, EventKind.REACTION_ENDED,
    )  # fmt: skip
    stream = Stream()
    stream.tell([reacted(began, 1), reacted(began, 2), reacted(updated, 1, 0.8)])
    assert [(r.firing, r.strength) for r in stream.active] == [(1, 0.8), (2, 0.5)]
    stream.tell([reacted(ended, 1), reacted(ended, 7)])
    assert [r.firing for r in stream.active] == [2]
    for sequence in (9, 1):  # a sidecar that was started anew
        stream.add(state(sequence, 0), 0)
    assert stream.active == ()
    stream.tell(reacted(began, number) for number in range(2 * ACTIVE_MAX))
    assert len(stream.active) == ACTIVE_MAX


def test_changes_of_strength_push_no_event_out() -> None:
    stream = Stream()
    stream.tell([Event(EventKind.CAMERA_LOST, 0, 0.0)])
    stream.tell(reacted(EventKind.REACTION_UPDATED, 1) for _ in range(2 * EVENTS_KEPT))
    assert [event.kind for event in stream.events] == [EventKind.CAMERA_LOST]
    assert stream.told == 1
