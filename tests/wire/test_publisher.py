"""Real sockets in this process: binding, numbering, history, closing."""

import socket
import threading
from typing import Any

import pytest

from rapport.capture.clock import now_ns
from rapport.errors import AddressRefused, PortInUse
from rapport.settings import Wire
from rapport.state import EmotionState, EventKind
from rapport.wire import codec, publisher
from rapport.wire.publisher import Publisher

pytestmark = pytest.mark.wire

Vectors = dict[str, dict[str, Any]]


@pytest.fixture
def state(golden_states: Vectors) -> EmotionState:
    return codec.decode_state(bytes.fromhex(golden_states["typical"]["frame_hex"]))


def test_states_are_stamped_and_counted(state: EmotionState) -> None:
    with Publisher(Wire()) as wire:
        before_ns = now_ns()
        first, second = wire.publish(state), wire.publish(state)
    assert (first.sequence, second.sequence) == (1, 2)
    assert before_ns <= first.published_ns <= second.published_ns <= now_ns()
    assert second.published_wall >= first.published_wall > state.published_wall - 1e9
    assert first.captured_ns == state.captured_ns


def test_addresses_are_loopback_and_differ() -> None:
    with Publisher(Wire()) as wire:
        assert wire.state_address.startswith("tcp://127.0.0.1:")
        assert wire.events_address.startswith("tcp://127.0.0.1:")
        assert wire.state_address != wire.events_address


@pytest.mark.parametrize("field", ["state_port", "events_port"])
def test_a_port_in_use_is_named_and_nothing_stays_open(field: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            Publisher(Wire(**{field: port}))
    with Publisher(Wire(**{field: port})) as wire:
        assert str(port) in wire.state_address + wire.events_address


def test_one_port_for_both_is_in_use() -> None:
    with Publisher(Wire()) as wire:
        port = int(wire.state_address.rpartition(":")[2])
    with pytest.raises(PortInUse):
        Publisher(Wire(state_port=port, events_port=port))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "no such host", "*"])
def test_an_address_that_others_could_reach_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        Publisher(Wire(host=host))


def test_events_of_many_threads_are_numbered_without_a_gap() -> None:
    with Publisher(Wire()) as wire:
        threads = [
            threading.Thread(target=lambda: [wire.announce(EventKind.STATUS) for _ in range(50)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = wire.events_since(0)
    assert [event.sequence for event in kept] == list(range(1, 401))
    assert [event.sequence for event in wire.events_since(398)] == [399, 400]


def test_the_history_is_bounded_and_keeps_the_newest() -> None:
    with Publisher(Wire()) as wire:
        for _ in range(publisher.HISTORY + 5):
            wire.announce(EventKind.STATUS)
        kept = wire.events_since(0)
    assert [kept[0].sequence, kept[-1].sequence] == [6, publisher.HISTORY + 5]


def test_a_long_detail_is_cut_so_that_no_reader_refuses_the_event() -> None:
    with Publisher(Wire()) as wire:
        event = wire.announce(EventKind.STATUS, detail="x" * 1_000_000)
    assert len(event.detail) == publisher.DETAIL_CHARACTERS_MAX


def test_after_closing_nothing_is_sent_and_nothing_raises(state: EmotionState) -> None:
    wire = Publisher(Wire())
    wire.close()
    wire.close()
    assert wire.publish(state).sequence == 1
    assert wire.announce(EventKind.CAMERA_LOST).sequence == 1
