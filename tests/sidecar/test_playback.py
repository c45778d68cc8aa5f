"""A session on real sockets: what was recorded, as if it happened now."""

import threading
from pathlib import Path

import msgspec
import pytest

from rapport.capture.clock import now_ns
from rapport.errors import DirectoryUnwritable
from rapport.recording.player import timeline
from rapport.recording.session import read
from rapport.recording.tables import Item
from rapport.settings import Settings, Wire
from rapport.sidecar.playback import Playback
from rapport.state import SCHEMA, EmotionState, Event, EventKind
from rapport.wire import discovery
from rapport.wire.client import Client, connect
from recording.examples import event, session, state, written

pytestmark = pytest.mark.wire

STAMPED = ("captured_ns", "captured_wall", "published_ns", "published_wall", "sequence", "replay")
READY_S = 20.0


@pytest.fixture
def wired(tmp_path: Path) -> Settings:
    """Settings with a runtime directory of this test."""
    return Settings(wire=Wire(runtime_directory=str(tmp_path / "run")))


class Received:
    """What a client receives from now on, in a thread of its own."""

    def __init__(self, client: Client) -> None:
        self.states: list[EmotionState] = []
        self.events: list[Event] = []
        self._client = client
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        last = 0
        while not self._ending.is_set():
            newest = self._client.newest()
            if newest is not None and newest.sequence != last:
                last = newest.sequence
                self.states.append(newest)
            self.events.extend(self._client.events())
            self._ending.wait(0.003)
        self.events.extend(self._client.events(0.2))


def play(settings: Settings, items: list[Item], loop: bool, speed: float = 1.0) -> Playback:
    return Playback(settings, timeline(lambda: items, loop), "replay", speed)


def without_stamps(item: EmotionState) -> EmotionState:
    same = {name: 0 for name in STAMPED if name != "replay"}
    # Granular states are made anew, over what was played before.
    return msgspec.structs.replace(item, **same, schema=SCHEMA, replay=True, granular={})


def test_what_is_received_is_what_was_recorded(tmp_path: Path, wired: Settings) -> None:
    recorded = list(read(written(tmp_path / "s", session(90))))
    with play(wired, recorded, loop=True) as playback:
        client = connect(READY_S, tmp_path / "run")
        begun_ns = now_ns()
        received = Received(client)
        playback.wait(4.0)  # more than a whole round
        received.end()
        client.close()
    then = [item for item in recorded if isinstance(item, EmotionState)]
    assert len(received.states) > len(then) / 2
    for found in received.states:
        original = then[(found.sequence - 1) % len(then)]
        assert without_stamps(found) == without_stamps(original)
        assert found.replay
        assert found.published_ns >= begun_ns - 10**9
        delay_ns = found.published_ns - found.captured_ns
        assert delay_ns >= original.published_ns - original.captured_ns
    kinds = [e.kind for e in received.events]
    told = [EventKind.CAMERA_LOST, EventKind.FACE_LOST, EventKind.CAMERA_BACK]
    first = kinds.index(EventKind.CAMERA_LOST)
    assert kinds[first : first + 3] == told
    assert received.events[first].code == "camera_lost"
    assert client.missed_events == 0


def test_it_is_found_like_a_sidecar_and_captures_nothing(tmp_path: Path, wired: Settings) -> None:
    with play(wired, session(30), loop=True) as playback:
        running = discovery.find(tmp_path / "run")
        status = playback.status()
        assert running is not None
        assert running.state == status.state_address
        assert (status.source, status.capturing) == ("replay", ())
    assert discovery.find(tmp_path / "run") is None
    playback.stop()


def test_it_ends_with_an_event_and_tells_nothing_of_the_recorded_sidecar(wired: Settings) -> None:
    untold = [event(1, EventKind.STARTED), event(1, EventKind.PAUSED), event(2, EventKind.STATUS)]
    items = [state(0), *untold, event(2, EventKind.FACE_FOUND), state(3)]
    with play(wired, items, loop=False) as playback:
        playback.wait(READY_S)
        assert playback.ended
        kinds = [told.kind for told in playback.publisher.events_since(0)]
    assert kinds == [EventKind.STARTED, EventKind.FACE_FOUND, EventKind.ENDED]


def test_speed_changes_when_things_happen_and_not_what(wired: Settings) -> None:
    begun_ns = now_ns()
    with play(wired, session(60), loop=False, speed=4.0) as playback:
        playback.wait(READY_S)
        assert playback.ended
        passed_s = (now_ns() - begun_ns) / 1e9
        sent = playback.publisher.publish(state(0)).sequence - 1
    assert sent == 60
    assert passed_s >= 59 / 30 / 4


def test_in_slow_motion_the_last_state_is_sent_again(wired: Settings) -> None:
    with play(wired, [state(0), state(3)], loop=False, speed=0.1) as playback:
        playback.wait(READY_S)
        sent = playback.publisher.publish(state(0)).sequence - 1
    assert 2 < sent <= 7


def test_a_state_that_may_not_be_sent_is_left_out(wired: Settings) -> None:
    too_long = msgspec.structs.replace(state(0), baseline="x" * 100_000)
    with play(wired, [too_long, event(1), state(2)], loop=False) as playback:
        playback.wait(READY_S)
        kinds = [told.kind for told in playback.publisher.events_since(0)]
    assert kinds[1:] == [EventKind.FACE_LOST, EventKind.ENDED]


def test_what_ends_the_playing_is_told_by_wait(wired: Settings) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield 0.0, state(0)
        raise ZeroDivisionError

    with (
        Playback(wired, broken(), "replay") as playback,
        pytest.raises(ZeroDivisionError),
    ):
        playback.wait(READY_S)


def test_without_a_place_to_be_found_it_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(wire=Wire(runtime_directory=str(tmp_path / "file" / "run")))
    with pytest.raises(DirectoryUnwritable):
        play(settings, session(3), loop=False).start()
