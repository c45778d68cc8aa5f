"""The frame slot: the newest only, its rate, waiting, wiping."""

import threading
import time

import numpy as np
import pytest

from rapport.capture.signals import Frame
from rapport.capture.slot import FrameSlot

pytestmark = pytest.mark.unit


def frame(at_ns: int) -> Frame:
    return Frame(at_ns, np.full((4, 6, 3), 200, np.uint8))


def test_only_the_newest_is_kept_and_given_once() -> None:
    slot = FrameSlot()
    for at_ns in (1, 2, 3):
        slot.put(frame(at_ns))
    newest = slot.newest(0.0)
    assert newest is not None
    assert newest.captured_ns == 3
    assert slot.skipped == 2
    assert slot.newest(0.0) is None


def test_a_reader_waits_and_is_woken_by_frame_and_by_close() -> None:
    slot = FrameSlot()
    threading.Timer(0.1, slot.put, (frame(5),)).start()
    assert slot.newest(5.0) is not None
    threading.Timer(0.1, slot.close).start()
    began = time.monotonic()
    assert slot.newest(10.0) is None
    assert time.monotonic() - began < 5.0


def test_the_rate_comes_from_capture_times() -> None:
    slot = FrameSlot()
    assert slot.measured_fps == 0.0
    for number in range(100):
        slot.put(frame(number * 40_000_000))
    assert slot.measured_fps == pytest.approx(25.0)
    slot.forget_rate()
    assert slot.measured_fps == 0.0


def test_closing_overwrites_the_frame_that_waits() -> None:
    slot = FrameSlot()
    waiting = frame(1)
    slot.put(waiting)
    slot.close()
    assert not waiting.image.any()
    assert slot.ended
    slot.put(frame(2))
    assert slot.newest(0.0) is None


def test_the_last_frame_can_be_taken_after_the_end() -> None:
    slot = FrameSlot()
    slot.put(frame(1))
    slot.finish()
    assert not slot.ended
    assert slot.newest(0.0) is not None
    assert slot.ended
