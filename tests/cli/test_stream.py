"""Rate and latency as a reader of the stream sees them."""

import pytest

from rapport.cli.stream import SILENT_S, Stream
from rapport.state import EmotionState

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
