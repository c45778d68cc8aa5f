"""A publisher and its readers, in processes of their own, over TCP."""

import itertools
import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import zmq

import rapport
from rapport.capture.clock import now_ns
from rapport.errors import AddressRefused, SidecarNotFound, SidecarSilent
from rapport.state import EmotionState, Event, EventKind
from rapport.wire import client as client_module
from rapport.wire import codec
from rapport.wire.discovery import Place

pytestmark = pytest.mark.wire

Vectors = dict[str, dict[str, Any]]
PATIENCE_S = 15.0
"""How long something may take that happens at once on a machine with nothing else to do."""


@pytest.fixture
def by_hand() -> Iterator[tuple[zmq.Socket[bytes], zmq.Socket[bytes], tuple[str, str]]]:
    """Two bare PUB sockets, to send what no sidecar would."""
    with zmq.Context() as context:
        sockets = [context.socket(zmq.PUB), context.socket(zmq.PUB)]
        for publisher in sockets:
            publisher.linger = 0
            publisher.bind("tcp://127.0.0.1:*")
        addresses = [publisher.getsockopt_string(zmq.LAST_ENDPOINT) for publisher in sockets]
        yield sockets[0], sockets[1], (addresses[0], addresses[1])
        for publisher in sockets:
            publisher.close()


def test_states_arrive_as_they_were_published(
    start_publisher: Callable[..., Any], tmp_path: Path, golden_states: Vectors
) -> None:
    start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        states = list(itertools.islice(client.states(), 10))
    sequences = [state.sequence for state in states]
    assert sequences == sorted(set(sequences))
    stamps = {"sequence", "published_ns", "published_wall"}
    expected = golden_states["typical"]["expected"]
    for state in states:
        plain = msgspec.json.decode(msgspec.json.encode(state))
        assert {k: v for k, v in plain.items() if k not in stamps} == {
            k: v for k, v in expected.items() if k not in stamps
        }
        assert state.published_ns <= now_ns()


def test_after_a_stall_of_the_reader_the_next_state_is_new(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    start_publisher(100.0)
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        before = client.state()
        time.sleep(1.5)
        after = client.state()
        age_s = (now_ns() - after.published_ns) / 1e9
    assert age_s < 0.5, "a queue would have given a state that is 1.5 s old"
    assert after.sequence > before.sequence + 20


def test_the_last_state_of_a_dead_sidecar_is_not_handed_out_when_it_is_old(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    publisher = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        client.state()
        time.sleep(0.1)
        publisher.kill()
        time.sleep(client_module.FRESH_S + 0.1)
        with pytest.raises(SidecarSilent):
            client.state(0.1)
        assert client.newest() is None


def test_newest_does_not_wait_and_repeats_itself(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    start_publisher(20.0)
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        seen = set()
        for _ in range(2000):
            state = client.newest()
            assert state is not None
            seen.add(state.sequence)
            if len(seen) == 3:
                break
            time.sleep(0.001)
        assert len(seen) == 3


def test_all_events_arrive_in_order(start_publisher: Callable[..., Any], tmp_path: Path) -> None:
    publisher = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        assert client.events() == []
        publisher.announce(500)
        events = _collect_events(client, 500)
        assert [event.sequence for event in events] == list(range(1, 501))
        assert events[499].detail == "number 499"
        assert client.missed_events == 0


def test_twenty_readers_get_every_event_and_new_states(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    publisher = start_publisher(60.0)
    clients = [rapport.connect(PATIENCE_S, tmp_path) for _ in range(20)]
    try:
        publisher.announce(100)
        for client in clients:
            assert len(_collect_events(client, 100)) == 100
            states = [client.state() for _ in range(5)]
            assert len({state.sequence for state in states}) == 5
            assert (client.missed_events, client.invalid_messages) == (0, 0)
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_sidecar_started_anew_is_found_by_itself(
    start_publisher: Callable[..., Any], tmp_path: Path, ending: str
) -> None:
    first = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        first.announce(3)
        assert len(_collect_events(client, 3)) == 3
        getattr(first, ending)()
        second = start_publisher()
        assert second.addresses != first.addresses
        restarted_ns = now_ns()
        _until(lambda: client.state(PATIENCE_S).published_ns > restarted_ns)
        event = _announce_until_one_arrives(second, client)
        assert event.sequence == 1  # those of before it was found are fetched
        assert client.missed_events == 0


def test_a_sidecar_started_anew_on_the_same_ports_is_reconnected_to_with_its_new_token(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    first = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        first.announce(3)
        assert len(_collect_events(client, 3)) == 3
        first.kill()
        ports = [int(address.rpartition(":")[2]) for address in first.addresses]
        second = start_publisher(50.0, *ports)
        restarted_ns = now_ns()
        _until(lambda: client.state(PATIENCE_S).published_ns > restarted_ns)
        assert _announce_until_one_arrives(second, client).kind == EventKind.STATUS


def test_an_older_sidecar_that_lives_is_kept(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    first = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        start_publisher()
        end = time.monotonic() + client_module.SILENT_S * 1.5
        while time.monotonic() < end:
            client.events(0.1)
        first.announce(1)
        assert len(_collect_events(client, 1)) == 1


def test_no_sidecar_and_a_silent_one_are_told_apart(tmp_path: Path, by_hand: Any) -> None:
    with pytest.raises(SidecarNotFound):
        rapport.connect(0.1, tmp_path)
    with pytest.raises(SidecarSilent):
        rapport.connect(0.1, addresses=by_hand[2])


def test_a_sidecar_that_starts_a_little_later_is_waited_for(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(SidecarNotFound):
        rapport.connect(0.0, tmp_path)
    start_publisher()
    rapport.connect(PATIENCE_S, tmp_path).close()


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:5555", "nonsense", ""])
def test_only_loopback_is_connected_to(address: str) -> None:
    with pytest.raises(AddressRefused):
        rapport.connect(0.1, addresses=(address, address))


def test_what_is_no_message_is_counted_and_logged_once_and_the_next_goes_on(
    by_hand: Any, golden_states: Vectors, golden_invalid: Vectors, caplog: pytest.LogCaptureFixture
) -> None:
    states, events, addresses = by_hand
    good = codec.decode_state(bytes.fromhex(golden_states["typical"]["frame_hex"]))
    bad = [bytes.fromhex(vector["frame_hex"]) for vector in golden_invalid.values()]
    bad = [frame for frame in bad if frame.startswith(codec.STATE_TOPIC)]
    with rapport.Client(Place(*addresses)) as client:
        _send_until(states, good, lambda: client.newest() is not None)
        with caplog.at_level(logging.INFO, "rapport.wire"):
            for count, frame in enumerate(bad, 1):
                states.send(frame)
                _until(
                    lambda wanted=count: bool(client.newest()) and client.invalid_messages == wanted
                )
            _send_until_event(events, client, b"event \xc1")
        assert len(caplog.records) == 1
        _send_until(states, good, lambda: bool(client.state(0.0)))


def test_a_message_that_is_too_long_costs_the_connection_and_not_the_service(
    by_hand: Any, golden_states: Vectors
) -> None:
    states, events, addresses = by_hand
    good = codec.decode_state(bytes.fromhex(golden_states["typical"]["frame_hex"]))
    with rapport.Client(Place(*addresses)) as client:
        _send_until(states, good, lambda: client.newest() is not None)
        states.send(codec.STATE_TOPIC + bytes(10_000_000))
        cut_ns = now_ns()
        time.sleep(0.2)
        _send_until(states, good, lambda: client.state(0.0).published_ns > cut_ns)
        _send_until_event(events, client, _event(1))
        events.send(codec.EVENT_TOPIC + bytes(10_000_000))
        time.sleep(0.2)
        _send_until_event(events, client, _event(2))


def test_events_that_were_lost_on_the_way_are_fetched(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    """More than all queues on the way hold, and no more than the sidecar keeps."""
    publisher = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        client._events.close()  # as if the connection had been cut
        publisher.announce(800)
        client.state(PATIENCE_S)
        client._events._open()
        assert client._events.wait_connected(PATIENCE_S)
        client._history.last = 0
        end = time.monotonic() + PATIENCE_S
        got: list[int] = []
        while len(got) <= 800 and time.monotonic() < end:
            publisher.announce(1)
            got += [event.sequence for event in client.events(0.1)]
        assert got == list(range(1, len(got) + 1))
        assert client.missed_events == 0


def test_without_a_control_token_a_gap_is_counted(
    start_publisher: Callable[..., Any],
) -> None:
    publisher = start_publisher()
    with rapport.connect(
        PATIENCE_S, addresses=publisher.addresses, credentials=publisher.read
    ) as client:
        client._history.last = 0
        client._events.close()
        publisher.announce(10)
        client.state(PATIENCE_S)
        client._events._open()
        assert client._events.wait_connected(PATIENCE_S)
        first = _announce_until_one_arrives(publisher, client)
        assert client.missed_events == first.sequence - 1 >= 10


def test_a_gap_in_the_events_is_counted(by_hand: Any, golden_states: Vectors) -> None:
    _, events, addresses = by_hand
    with rapport.Client(Place(*addresses)) as client:
        # Number 1 is sent until it arrives; a number that does not go up counts as a new start.
        _send_until_event(events, client, _event(1))
        before = client.missed_events
        for sequence in (2, 5, 6, 10, 2):
            events.send(_event(sequence))
        got = [event.sequence for event in _collect_events(client, 5)]
        assert got == [2, 5, 6, 10, 2]
        assert client.missed_events - before == 2 + 3 + 1


@pytest.mark.parametrize(
    "hello", [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", bytes(200), b"\xff" * 200]
)
def test_what_does_not_speak_zeromq_disturbs_nobody(
    start_publisher: Callable[..., Any], tmp_path: Path, hello: bytes
) -> None:
    publisher = start_publisher()
    with rapport.connect(PATIENCE_S, tmp_path) as client:
        for address in publisher.addresses:
            port = int(address.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as stranger:
                stranger.sendall(hello)
        publisher.announce(5)
        assert len(_collect_events(client, 5)) == 5
        client.state(PATIENCE_S)


def test_readers_that_come_and_go_leave_nothing_behind(
    start_publisher: Callable[..., Any], tmp_path: Path
) -> None:
    process = psutil.Process(start_publisher(200.0).pid)

    def come_and_go(count: int) -> tuple[int, int]:
        for _ in range(count):
            rapport.connect(PATIENCE_S, tmp_path).close()
        return process.memory_info().rss, process.num_fds() if psutil.POSIX else 0

    resident, descriptors = come_and_go(30)
    resident_after, descriptors_after = come_and_go(200)
    assert descriptors_after <= descriptors + 4  # of readers that are just being let go
    assert resident_after - resident < 1024 * 1024, "11 KB a reader were kept once"


def test_a_closed_client_says_so(start_publisher: Callable[..., Any], tmp_path: Path) -> None:
    start_publisher()
    client = rapport.connect(PATIENCE_S, tmp_path)
    client.close()
    client.close()
    with pytest.raises(SidecarSilent, match="closed"):
        client.state()
    with pytest.raises(SidecarSilent, match="closed"):
        client.events()


def _collect_events(client: rapport.Client, count: int) -> list[Event]:
    events: list[Event] = []
    end = time.monotonic() + PATIENCE_S
    while len(events) < count and time.monotonic() < end:
        events += client.events(0.5)
    return events


def _announce_until_one_arrives(publisher: Any, client: rapport.Client) -> Event:
    """A new connection takes a moment to stand, and states may be back before events are."""
    arrived: list[Event] = []

    def announce_and_look() -> bool:
        publisher.announce(1)
        arrived.extend(client.events(0.1))
        return bool(arrived)

    _until(announce_and_look)
    return arrived[0]


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def _send_until(
    publisher: zmq.Socket[bytes], state: EmotionState, happened: Callable[[], bool]
) -> None:
    def send_and_look() -> bool:
        frame = bytearray()
        fresh = msgspec.structs.replace(state, published_ns=now_ns())
        codec.encode_into(codec.STATE_TOPIC, fresh, frame)
        publisher.send(frame)
        try:
            return happened()
        except SidecarSilent:
            return False

    _until(send_and_look)


def _send_until_event(publisher: zmq.Socket[bytes], client: rapport.Client, frame: bytes) -> None:
    """Send until the reader has it: a subscription takes a moment to arrive."""
    before = client.invalid_messages

    def send_and_look() -> bool:
        publisher.send(frame)
        return bool(client.events()) or client.invalid_messages > before

    _until(send_and_look)
    client.events(0.2)


def _event(sequence: int) -> bytes:
    frame = bytearray()
    event = Event(EventKind.STATUS, at_ns=1, at_wall=1.0, sequence=sequence)
    codec.encode_into(codec.EVENT_TOPIC, event, frame)
    return bytes(frame)
