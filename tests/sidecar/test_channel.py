"""A channel with scripted sources and experts: what goes wrong stays inside it."""

import queue
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from rapport.capture.clock import now_ns
from rapport.capture.signals import Samples
from rapport.errors import ModelMissing, ModelNotCleared
from rapport.sidecar.channel import Channel, Expert
from rapport.state import Condition, EventKind, Evidence, Modality

pytestmark = pytest.mark.unit


class ScriptedSource:
    """Gives the signals that the test puts in."""

    def __init__(self) -> None:
        self.signals: queue.Queue[Samples] = queue.Queue()
        self.available = True
        self.ended = False
        self.closed = 0

    def read(self, timeout_s: float) -> Samples | None:
        try:
            return self.signals.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self) -> None:
        self.closed += 1


class Stage:
    """A channel, its source, and what it told."""

    def __init__(self, read: Callable[[Samples], Evidence | None]) -> None:
        self.source = ScriptedSource()
        self.events: list[tuple[EventKind, str, str]] = []
        self.arrived = threading.Event()
        self.expert_closed = threading.Event()
        self.channel: Channel[Samples] = Channel(
            Modality.VOICE,
            lambda *event: self.events.append(event),
            lambda _stage, _ms: None,
            self.arrived.set,
        )
        assert self.channel.load(lambda: Expert(read, self.expert_closed.set))
        self.channel.start(self.source, self.source.read)

    def hear(self) -> Evidence:
        self.arrived.clear()
        self.source.signals.put(Samples(now_ns(), np.zeros(160, np.float32)))
        assert self.arrived.wait(5.0)
        return self.channel.current()


def reading(samples: Samples) -> Evidence:
    return Evidence(Modality.VOICE, samples.captured_ns, Condition.OK)


def test_evidence_goes_from_source_to_current() -> None:
    stage = Stage(reading)
    assert stage.channel.current().condition is Condition.STARTING
    assert stage.hear().condition is Condition.OK
    assert stage.channel.capturing
    stage.channel.close()
    stage.channel.close()
    assert stage.source.closed
    assert stage.expert_closed.is_set()


def test_a_lost_device_is_published_as_lost_and_comes_back() -> None:
    stage = Stage(reading)
    heard = stage.hear()
    stage.source.available = False
    lost = stage.channel.current()
    assert lost.condition is Condition.LOST
    assert lost.captured_ns == heard.captured_ns
    assert not stage.channel.capturing
    stage.source.available = True
    assert stage.hear().condition is Condition.OK
    stage.channel.close()


def test_an_expert_that_breaks_is_told_once_and_gets_another_chance() -> None:
    broken = True

    def read(samples: Samples) -> Evidence:
        if broken:
            raise ValueError("secret 0.123")
        return reading(samples)

    stage = Stage(read)
    assert stage.hear().condition is Condition.FAILED
    assert stage.hear().condition is Condition.FAILED
    assert [event[0] for event in stage.events] == [EventKind.EXPERT_FAILED]
    assert "secret" not in str(stage.events)
    broken = False
    assert stage.hear().condition is Condition.OK
    stage.channel.close()


def test_an_expert_that_cannot_be_loaded_leaves_the_device_closed() -> None:
    events = []
    channel: Channel[Samples] = Channel(
        Modality.VOICE, lambda *e: events.append(e), lambda *_: None, lambda: None
    )

    def make() -> Expert[Samples]:
        raise ModelMissing("Model x is not on this machine.")

    assert not channel.load(make)
    source = ScriptedSource()
    channel.start(source, source.read)
    assert source.closed
    assert channel.current().condition is Condition.FAILED
    assert channel.ended
    assert events[0][:2] == (EventKind.EXPERT_FAILED, "model_missing")
    channel.close()


def test_an_expert_that_reads_less_than_it_could_says_so_once_and_works() -> None:
    events = []
    channel: Channel[Samples] = Channel(
        Modality.VOICE, lambda *e: events.append(e), lambda *_: None, lambda: None
    )
    less = ModelNotCleared("Model x is not cleared.", "No emotion is read.")
    assert channel.load(lambda: Expert(lambda _: None, lambda: None, less))
    ((kind, code, detail),) = events
    assert (kind, code) == (EventKind.EXPERT_FAILED, "model_not_cleared")
    assert detail.startswith("No emotion is read. Model x is not cleared.")
    assert "licence_policy" in detail
    channel.close()


def test_a_library_that_cannot_be_imported_costs_only_its_own_modality() -> None:
    channel: Channel[Samples] = Channel(
        Modality.VOICE, lambda *_: None, lambda *_: None, lambda: None
    )

    def make() -> Expert[Samples]:
        raise ImportError("no such library")

    assert not channel.load(make)
    assert channel.current().condition is Condition.FAILED


def test_a_source_that_ends_ends_the_channel() -> None:
    stage = Stage(reading)
    stage.hear()
    stage.source.ended = True
    deadline = time.monotonic() + 5.0
    while any(t.name == "rapport-voice" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert stage.channel.ended
    assert stage.channel.current().condition is Condition.DISABLED
    stage.channel.close()


def test_a_channel_that_was_closed_takes_no_source_any_more() -> None:
    stage = Stage(reading)
    stage.channel.close()
    late = ScriptedSource()
    stage.channel.start(late, late.read)
    assert late.closed


def test_a_released_source_is_closed_forgotten_and_can_be_followed_by_another() -> None:
    forgotten = []
    channel: Channel[Samples] = Channel(Modality.VOICE, lambda *_: None, lambda *_: None)
    channel.load(lambda: Expert(reading, lambda: None, forget=lambda: forgotten.append(True)))
    for count in (1, 2):
        source = ScriptedSource()
        channel.start(source, source.read)
        heard = Samples(now_ns(), np.ones(160, np.float32))
        source.signals.put(heard)
        deadline = time.monotonic() + 5.0
        while channel.current().condition is not Condition.OK:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        channel.release()
        assert source.closed
        assert not heard.values.any(), "samples that were read are still in memory"
        assert channel.current() == Evidence(Modality.VOICE, -1, Condition.DISABLED)
        assert not channel.capturing
        assert len(forgotten) == count
    channel.close()


def test_a_second_source_beside_an_open_one_is_refused() -> None:
    stage = Stage(reading)
    second = ScriptedSource()
    stage.channel.start(second, second.read)
    assert second.closed
    assert not stage.source.closed
    stage.channel.close()
