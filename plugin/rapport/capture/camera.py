"""The camera: a thread that grabs its newest frame, and opens it again when it was gone."""

import logging
import threading
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from rapport.capture.camera_devices import CameraInfo, display_name, list_cameras, open_camera
from rapport.capture.clock import now_ns
from rapport.capture.health import Backoff, Health
from rapport.capture.signals import Frame, Notify
from rapport.capture.slot import FrameSlot
from rapport.capture.watchdog import Watchdog
from rapport.errors import CameraBusy, CameraLost, CaptureError
from rapport.settings import Camera as CameraSettings
from rapport.state import EventKind

__all__ = ["Camera", "CameraInfo", "list_cameras"]

log = logging.getLogger("rapport.capture")

FAILED_READS = 5
"""A camera is lost after this many failed reads in a row: single ones come from damaged frames."""
GRACE_S = 0.5
"""The driver's own time-out may fire this much late before the watchdog speaks instead of it."""
TO_BGR = {1: cv2.COLOR_GRAY2BGR, 4: cv2.COLOR_BGRA2BGR}
"""By number of channels, for cameras that do not give three."""


class Camera:
    """The newest frame of a camera; a `FrameSource`.

    It opens the device at once, in a thread of its own; it never raises because of the device.
    When the device cannot be opened, goes, or stalls, `notify` hears `camera_busy` or
    `camera_lost`, once, and the device is opened again and again, with growing pauses up to
    `retry_max_s`; when frames come again, `notify` hears `camera_back`.

    :param settings: which camera, at what size and rate, and the time-outs.
    :param notify: hears the changes, from the camera's threads.
    """

    def __init__(self, settings: CameraSettings, notify: Notify) -> None:
        self._settings = settings
        self._name = display_name(settings.device)
        self._slot = FrameSlot()
        self._health = Health(notify, EventKind.CAMERA_BACK)
        self._stop = threading.Event()
        # V4L2, Media Foundation and AVFoundation may hang in a read, for long.
        self._watchdog = Watchdog("rapport-camera-watch", self._report_hanging)
        self._thread = threading.Thread(target=self._run, name="rapport-camera", daemon=True)
        self._thread.start()

    def newest(self, timeout_s: float) -> Frame | None:
        """Wait for a frame that was not handed out yet; None when there is none in time."""
        return self._slot.newest(timeout_s)

    @property
    def available(self) -> bool:
        """Whether frames are coming just now."""
        return self._health.available

    @property
    def ended(self) -> bool:
        """Whether no frame will ever come again: after `close`."""
        return self._slot.ended

    @property
    def measured_fps(self) -> float:
        """Frames a second over the last second or so; 0 while none come."""
        return self._slot.measured_fps if self.available else 0.0

    @property
    def skipped(self) -> int:
        """Frames that nobody took before the next one came."""
        return self._slot.skipped

    def close(self) -> None:
        """Release the device and overwrite the frame that waits. Idempotent, from any thread.

        Takes no longer than the longer of the two time-outs and two seconds. A driver that hangs
        beyond that is left to its thread, which releases the device as soon as it can.
        """
        self._stop.set()
        self._health.hush()
        self._slot.close()
        longest_s = max(self._settings.open_timeout_s, self._settings.read_timeout_s) + GRACE_S
        self._watchdog.close()
        if self._thread is threading.current_thread():
            return
        self._thread.join(longest_s)
        if self._thread.is_alive():
            log.warning("%s hangs in its driver; it is released when that returns", self._name)

    def _run(self) -> None:
        backoff = Backoff(self._settings.retry_max_s)
        while not self._stop.is_set():
            try:
                self._open_and_grab(backoff)
            except CameraBusy as error:
                self._health.fail(EventKind.CAMERA_BUSY, error)
            except CaptureError as error:
                self._health.fail(EventKind.CAMERA_LOST, error)
            except cv2.error as error:
                lost = CameraLost(f"{self._name} failed in {error.func or 'OpenCV'}")
                self._health.fail(EventKind.CAMERA_LOST, lost)
            self._watchdog.rest()
            self._slot.forget_rate()
            self._stop.wait(backoff.next_s())

    def _open_and_grab(self, backoff: Backoff) -> None:
        self._watchdog.expect_within(self._settings.open_timeout_s + GRACE_S)
        capture = open_camera(self._settings)
        try:
            self._grab(capture, backoff)
        finally:
            capture.release()

    def _grab(self, capture: cv2.VideoCapture, backoff: Backoff) -> None:
        """Fill the slot until the camera is closed.

        :raises CameraLost: the camera stopped giving frames.
        :raises CameraBusy: it never gave one, which is how most systems refuse a camera that
            another program uses.
        """
        read_timeout_s = self._settings.read_timeout_s
        failed, any_came, last_good_ns = 0, False, now_ns()
        while not self._stop.is_set():
            self._watchdog.expect_within(read_timeout_s + GRACE_S)
            grabbed = capture.grab()
            captured_ns = now_ns()
            image = _as_bgr(capture.retrieve()[1]) if grabbed else None
            if image is not None:
                self._slot.put(Frame(captured_ns, image))
                self._health.fine(f"{self._name} gives frames")
                backoff.reset()
                failed, any_came, last_good_ns = 0, True, captured_ns
                continue
            failed += 1
            silent_s = (captured_ns - last_good_ns) / 1e9
            if silent_s > read_timeout_s or (any_came and failed >= FAILED_READS):
                if any_came or "://" in self._settings.device:
                    raise CameraLost(f"{self._name} stopped giving frames")
                raise CameraBusy(f"{self._name} opens but gives no frame")
            self._stop.wait(1.0 / self._settings.fps)

    def _report_hanging(self) -> None:
        lost = CameraLost(f"{self._name} does not answer")
        self._health.fail(EventKind.CAMERA_LOST, lost)


def _as_bgr(image: Any) -> NDArray[np.uint8] | None:
    """The image as height x width x 3; None if it is no image at all."""
    if image is None or image.size == 0 or image.dtype != np.uint8 or image.ndim not in (2, 3):
        return None
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels == 3:
        return np.asarray(image, np.uint8)
    if channels not in TO_BGR:
        return None
    return np.asarray(cv2.cvtColor(image, TO_BGR[channels]), np.uint8)
