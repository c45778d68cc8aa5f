"""The camera against a real network camera on loopback, and against drivers that misbehave."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from devices import FakeCamera, Told, number_of, wait_for
from rapport.capture import camera as camera_module
from rapport.capture.camera import GRACE_S, Camera
from rapport.capture.clock import now_ns
from rapport.errors import CameraBusy
from rapport.settings import Camera as CameraSettings
from rapport.state import EventKind

LOST, BUSY, BACK = EventKind.CAMERA_LOST, EventKind.CAMERA_BUSY, EventKind.CAMERA_BACK
READ_TIMEOUT_S = 0.6
SLACK_S = 3.0
"""For a machine that does other things too; the bounds themselves are much larger without us."""


@contextmanager
def opened(device: str, told: Told) -> Iterator[Camera]:
    camera = Camera(
        CameraSettings(
            device=device, open_timeout_s=1.0, read_timeout_s=READ_TIMEOUT_S, retry_max_s=0.5
        ),
        told,
    )
    try:
        yield camera
    finally:
        camera.close()


def camera_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("rapport-camera")]


@pytest.mark.device
def test_thirty_frames_a_second_arrive_in_order_and_fresh(fake_camera: FakeCamera) -> None:
    told = Told()
    with opened(fake_camera.url, told) as camera:
        frames = [camera.newest(3.0) for _ in range(45)]
        assert camera.available
        assert camera.measured_fps == pytest.approx(30.0, abs=3.0)
        newest = camera.newest(1.0)
        assert newest is not None
        assert now_ns() - newest.captured_ns < 1_000_000_000
    numbers = [number_of(frame.image) for frame in frames if frame]
    times = [frame.captured_ns for frame in frames if frame]
    assert len(numbers) == 45
    assert all(frame.image.shape == (480, 640, 3) for frame in frames if frame)
    assert numbers == sorted(set(numbers))
    assert times == sorted(set(times))
    assert told == []


@pytest.mark.device
def test_a_slow_reader_gets_the_newest_frame(fake_camera: FakeCamera) -> None:
    with opened(fake_camera.url, Told()) as camera:
        assert camera.newest(3.0)
        time.sleep(1.0)
        frame = camera.newest(1.0)
        assert frame is not None
        behind = fake_camera.newest - number_of(frame.image)
        assert 0 <= behind % 90 < 12, "a queue would be 30 pictures behind"
        assert camera.skipped > 15


@pytest.mark.device
def test_a_killed_camera_is_lost_and_comes_back(fake_camera: FakeCamera) -> None:
    told = Told()
    with opened(fake_camera.url, told) as camera:
        assert camera.newest(3.0)
        fake_camera.kill()
        assert wait_for(lambda: told, READ_TIMEOUT_S + GRACE_S + SLACK_S)
        assert not camera.available
        assert camera.measured_fps == 0.0
        camera.newest(0.0)  # the last one before the loss may still wait
        assert camera.newest(0.1) is None
        time.sleep(1.0)  # several tries fail; none of them is told
        fake_camera.start()
        assert wait_for(lambda: camera.available, SLACK_S)
        assert camera.newest(1.0)
        assert told.kinds == [LOST, BACK]
        assert told[0][1] == "camera_lost"


@pytest.mark.device
def test_a_stalled_camera_is_lost_and_comes_back(fake_camera: FakeCamera) -> None:
    told = Told()
    with opened(fake_camera.url, told) as camera:
        assert camera.newest(3.0)
        fake_camera.stalled.set()
        assert wait_for(lambda: LOST in told.kinds, READ_TIMEOUT_S + GRACE_S + SLACK_S)
        assert not camera.available
        fake_camera.stalled.clear()
        assert wait_for(lambda: camera.available, SLACK_S)
        assert told.kinds == [LOST, BACK]


@pytest.mark.device
def test_closing_a_stalled_camera_is_bounded_and_hangs_up(fake_camera: FakeCamera) -> None:
    told = Told()
    with opened(fake_camera.url, told) as camera:
        assert camera.newest(3.0)
        fake_camera.stalled.set()
        time.sleep(0.1)
        began = time.monotonic()
        camera.close()
        assert time.monotonic() - began < 1.0 + GRACE_S + SLACK_S
        assert camera.ended
        assert not camera_threads()
        assert wait_for(lambda: fake_camera.connections == 0, SLACK_S)
        assert told == []


@pytest.mark.device
def test_closing_hangs_up_and_leaves_no_thread(fake_camera: FakeCamera) -> None:
    with opened(fake_camera.url, Told()) as camera:
        assert camera.newest(3.0)
        assert fake_camera.connections == 1
        closers = [threading.Thread(target=camera.close) for _ in range(3)]
        for closer in closers:
            closer.start()
        for closer in closers:
            closer.join(SLACK_S)
        assert not any(closer.is_alive() for closer in closers)
        assert wait_for(lambda: fake_camera.connections == 0, SLACK_S)
        assert not camera_threads()
        assert camera.newest(1.0) is None


@pytest.mark.device
def test_an_address_where_nothing_answers(
    fake_camera: FakeCamera, capfd: pytest.CaptureFixture[str]
) -> None:
    url = fake_camera.url.replace("http://", "http://player:secret@")
    fake_camera.kill()
    told = Told()
    with opened(url, told) as camera:
        assert wait_for(lambda: told, SLACK_S)
        assert told.kinds == [LOST]
        assert told[0][1] == "camera_not_found"
        assert "secret" not in told[0][2]
        assert not camera.available
    assert capfd.readouterr().err == ""


@pytest.mark.device
@pytest.mark.parametrize("device", ["63", "no such camera"])
def test_a_camera_that_is_not_there(device: str, capfd: pytest.CaptureFixture[str]) -> None:
    told = Told()
    with opened(device, told) as camera:
        assert wait_for(lambda: told, SLACK_S)
        assert told.kinds == [LOST]
        assert told[0][1] == "camera_not_found"
        assert not camera.available
        assert camera.newest(0.05) is None
    assert capfd.readouterr().err == "", "OpenCV must not print what is told as an event"


PICTURE = np.full((48, 64, 3), 90, np.uint8)


class ScriptedCapture:
    """Stands where `cv2.VideoCapture` does. Each step is what one read gives; after the last
    step it repeats that. A callable step is called instead (to wait)."""

    def __init__(self, *steps: Any) -> None:
        self._steps = list(steps)
        self._step: Any = None
        self.released = False

    def grab(self) -> bool:
        self._step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if callable(self._step):
            self._step = self._step()
        time.sleep(0.002)
        return self._step is not False

    def retrieve(self) -> tuple[bool, Any]:
        return self._step is not None, self._step

    def release(self) -> None:
        self.released = True


Script = Callable[..., list[ScriptedCapture]]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Let the next openings give these captures, or raise these errors."""

    def use(*outcomes: ScriptedCapture | Exception) -> list[ScriptedCapture]:
        waiting = list(outcomes)

        def open_camera(_: CameraSettings) -> ScriptedCapture:
            outcome = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(camera_module, "open_camera", open_camera)
        return [outcome for outcome in outcomes if isinstance(outcome, ScriptedCapture)]

    return use


@pytest.mark.unit
@pytest.mark.parametrize(
    "damaged",
    [None, False, np.empty((0, 0, 3), np.uint8), np.empty((0,), np.uint8), PICTURE * 1.0],
    ids=["none", "failed", "zero size", "no picture", "float"],
)
def test_single_damaged_frames_are_left_out(script: Script, damaged: Any) -> None:
    script(ScriptedCapture(PICTURE, damaged, damaged, PICTURE, damaged, PICTURE))
    told = Told()
    with opened("0", told) as camera:
        for _ in range(5):
            frame = camera.newest(SLACK_S)
            assert frame is not None
            assert frame.image.shape == (48, 64, 3)
    assert told == []


@pytest.mark.unit
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_grey_and_transparent_pictures_become_bgr(script: Script, channels: int) -> None:
    image = PICTURE[..., 0] if channels == 1 else np.repeat(PICTURE[..., :1], channels, axis=2)
    script(ScriptedCapture(image))
    with opened("0", Told()) as camera:
        frame = camera.newest(0.3)
        if channels == 2:
            assert frame is None
        else:
            assert frame is not None
            np.testing.assert_array_equal(frame.image, PICTURE)


@pytest.mark.unit
def test_a_camera_that_gives_only_empty_frames_is_lost_released_and_opened_again(
    script: Script,
) -> None:
    first, second = script(ScriptedCapture(PICTURE, None), ScriptedCapture(PICTURE))
    told = Told()
    with opened("0", told) as camera:
        assert wait_for(lambda: told.kinds == [LOST, BACK], SLACK_S)
        assert first.released
        assert camera.available
    assert second.released


@pytest.mark.unit
def test_a_busy_camera_is_told_once_and_comes_when_it_is_free(script: Script) -> None:
    busy = CameraBusy("camera 0 is held")
    script(busy, busy, busy, ScriptedCapture(PICTURE))
    told = Told()
    with opened("0", told) as camera:
        assert wait_for(lambda: camera.available, SLACK_S)
    assert told.kinds == [BUSY, BACK]
    assert told[0][1] == "camera_busy"


@pytest.mark.unit
def test_a_device_that_opens_but_never_gives_a_frame_is_busy(script: Script) -> None:
    script(ScriptedCapture(False))
    told = Told()
    with opened("0", told):
        assert wait_for(lambda: told, READ_TIMEOUT_S + SLACK_S)
    assert told.kinds == [BUSY]


@pytest.mark.unit
def test_a_driver_that_hangs_is_lost_and_released_when_it_returns(script: Script) -> None:
    hang = threading.Event()

    def blocked() -> np.ndarray:
        hang.wait(20.0)
        return PICTURE

    (capture,) = script(ScriptedCapture(PICTURE, PICTURE, blocked))
    told = Told()
    with opened("0", told) as camera:
        assert wait_for(lambda: told.kinds == [LOST], READ_TIMEOUT_S + GRACE_S + SLACK_S)
        assert not camera.available
        began = time.monotonic()
        camera.close()
        assert time.monotonic() - began < 1.0 + GRACE_S + SLACK_S
        assert not capture.released
        hang.set()
        assert wait_for(lambda: capture.released, SLACK_S)
        assert wait_for(lambda: not camera_threads(), SLACK_S)
    assert told.kinds == [LOST]


@pytest.mark.unit
def test_a_driver_that_hung_and_went_on_is_back(script: Script) -> None:
    hang = threading.Event()

    def blocked() -> np.ndarray:
        hang.wait(20.0)
        return PICTURE

    script(ScriptedCapture(PICTURE, blocked, PICTURE))
    told = Told()
    with opened("0", told) as camera:
        assert wait_for(lambda: told.kinds == [LOST], READ_TIMEOUT_S + GRACE_S + SLACK_S)
        hang.set()
        assert wait_for(lambda: camera.available, SLACK_S)
    assert told.kinds == [LOST, BACK]


@pytest.mark.unit
def test_a_camera_may_be_closed_by_whom_it_notifies(script: Script) -> None:
    script(ScriptedCapture(PICTURE, None))
    closed = threading.Event()

    def close_it(*_: object) -> None:
        camera.close()
        closed.set()

    camera = Camera(CameraSettings(read_timeout_s=READ_TIMEOUT_S), close_it)
    assert closed.wait(READ_TIMEOUT_S + GRACE_S + 2 * SLACK_S)
    assert wait_for(lambda: not camera_threads(), SLACK_S)
