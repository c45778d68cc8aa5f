"""Changes are told once; pauses grow."""

import pytest

from devices import Told
from rapport.capture.health import FIRST_PAUSE_S, Backoff, Health
from rapport.errors import CameraBusy, CameraLost, CameraNotFound
from rapport.state import EventKind

pytestmark = pytest.mark.unit

LOST, BUSY, BACK = EventKind.CAMERA_LOST, EventKind.CAMERA_BUSY, EventKind.CAMERA_BACK


def test_a_device_that_works_from_the_start_is_no_news() -> None:
    told = Told()
    health = Health(told, BACK)
    assert not health.available
    health.fine("")
    assert health.available
    assert told == []


def test_each_change_is_told_once() -> None:
    told = Told()
    health = Health(told, BACK)
    health.fail(LOST, CameraNotFound("none"))
    health.fail(LOST, CameraLost("again"))
    health.fail(BUSY, CameraBusy("held"))
    health.fine("here")
    health.fine("still here")
    health.fail(LOST, CameraLost("gone"))
    assert told == [
        (LOST, "camera_not_found", "none"),
        (BUSY, "camera_busy", "held"),
        (BACK, "", "here"),
        (LOST, "camera_lost", "gone"),
    ]
    assert not health.available


def test_nothing_is_told_while_closing() -> None:
    told = Told()
    health = Health(told, BACK)
    health.fine("")
    health.hush()
    health.fail(LOST, CameraLost("closed"))
    health.fine("")
    assert told == []
    assert not health.available


def test_pauses_double_up_to_the_longest_and_start_anew() -> None:
    backoff = Backoff(1.5)
    assert [backoff.next_s() for _ in range(5)] == [0.25, 0.5, 1.0, 1.5, 1.5]
    backoff.reset()
    assert backoff.next_s() == FIRST_PAUSE_S
    assert Backoff(0.1).next_s() == 0.1
