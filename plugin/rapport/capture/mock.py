"""A camera and a microphone made of arrays, for testing programs without devices."""

import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.capture.clock import now_ns
from rapport.capture.signals import SAMPLE_RATE, Frame, Notify, Samples
from rapport.errors import CameraLost, MicrophoneLost
from rapport.state import EventKind

BLOCK = 512
"""Samples that an unpaced `MockMicrophone` gives at once: 32 ms."""


def _tell_nobody(_kind: EventKind, _code: str, _detail: str) -> None:
    pass


class _MockDevice:
    """What the two have in common: they can be lost, given back and closed."""

    def __init__(self, notify: Notify, lost: tuple[EventKind, str], back: EventKind) -> None:
        self._notify = notify
        self._lost = lost
        self._back = back
        self._changed = threading.Condition()
        self._present = True
        self._closed = False

    def lose(self) -> None:
        """Let the device go, as if its cable were pulled. Time goes on without it."""
        if self._set_present(False):
            kind, code = self._lost
            self._notify(kind, code, "the mock device was lost")

    def give_back(self) -> None:
        """Let the device come back."""
        if self._set_present(True):
            self._notify(self._back, "", "the mock device is back")

    def _set_present(self, present: bool) -> bool:
        with self._changed:
            changed = self._present is not present and not self._closed
            self._present = present
            self._changed.notify_all()
            return changed

    @property
    def available(self) -> bool:
        """Whether signals are coming just now."""
        return self._present and not self._closed

    def close(self) -> None:
        """Give nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class MockCamera(_MockDevice):
    """A `FrameSource` that gives images.

    :param images: each uint8, height x width x 3, BGR.
    :param fps: frames a second; frames that were not taken in time are dropped, as by a camera.
    :param paced: False gives the next image at every call, without waiting and dropping.
    :param loop: start again after the last image.
    :param notify: hears `camera_lost` and `camera_back`.
    """

    def __init__(
        self,
        images: Sequence[NDArray[np.uint8]],
        fps: float = 30.0,
        *,
        paced: bool = True,
        loop: bool = False,
        notify: Notify = _tell_nobody,
    ) -> None:
        lost = (EventKind.CAMERA_LOST, CameraLost.code)
        super().__init__(notify, lost, EventKind.CAMERA_BACK)
        self._images = images
        self._fps = fps
        self._paced = paced
        self._loop = loop
        self._start_ns = now_ns()
        self._next = 0

    @property
    def ended(self) -> bool:
        """Whether no frame will ever come again."""
        return self._closed or (not self._loop and self._next >= len(self._images))

    @property
    def measured_fps(self) -> float:
        """The rate it was made with; 0 while it is lost."""
        return self._fps if self.available else 0.0

    def newest(self, timeout_s: float) -> Frame | None:
        """Wait for a frame that was not handed out yet; None when there is none in time."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self.ended:
                number = max(self._next, self._due() if self._paced else 0)
                wait_s = self._wait_s(number)
                remaining_s = deadline - time.monotonic()
                if self.available and wait_s <= 0.0:
                    self._next = number + 1
                    image = self._images[number % len(self._images)]
                    return Frame(self._captured_ns(number), image.copy())
                if remaining_s <= 0.0:
                    return None
                due_s = wait_s if self.available else remaining_s
                self._changed.wait(min(max(due_s, 0.0), remaining_s))
        return None

    def _due(self) -> int:
        """The number of the newest frame whose time has come."""
        newest = int((now_ns() - self._start_ns) * self._fps / 1e9)
        return newest if self._loop else min(newest, len(self._images) - 1)

    def _wait_s(self, number: int) -> float:
        return (self._captured_ns(number) - now_ns()) / 1e9 if self._paced else 0.0

    def _captured_ns(self, number: int) -> int:
        return self._start_ns + round(number * 1e9 / self._fps)


class MockMicrophone(_MockDevice):
    """A `SampleSource` that gives samples.

    :param values: float32, mono, 16 kHz, full scale -1 ... +1.
    :param paced: False gives the next 32 ms at every call, without waiting.
    :param loop: start again after the last sample.
    :param notify: hears `mic_lost` and `mic_back`.
    """

    def __init__(
        self,
        values: NDArray[np.float32],
        *,
        paced: bool = True,
        loop: bool = False,
        notify: Notify = _tell_nobody,
    ) -> None:
        lost = (EventKind.MIC_LOST, MicrophoneLost.code)
        super().__init__(notify, lost, EventKind.MIC_BACK)
        self._values = np.asarray(values, np.float32)
        self._paced = paced
        self._loop = loop
        self._start_ns = now_ns()
        self._next = 0

    @property
    def ended(self) -> bool:
        """Whether no sample will ever come again."""
        return self._closed or (not self._loop and self._next >= self._values.size)

    def read(self, timeout_s: float) -> Samples | None:
        """Wait for the samples that came since the last call; None when there are none in time."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self.ended:
                ready = self._ready()
                if ready >= BLOCK or (ready > 0 and self._at_the_end(ready)):
                    return self._take(ready)
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0.0:
                    return None
                due_s = (BLOCK - ready) / SAMPLE_RATE if self.available else remaining_s
                self._changed.wait(min(due_s, remaining_s))
        return None

    def _ready(self) -> int:
        """How many samples could be given now. What sounds while it is lost is never heard."""
        if not self._paced:
            ready = BLOCK if self.available else 0
        else:
            elapsed = (now_ns() - self._start_ns) * SAMPLE_RATE // 1_000_000_000
            if not self.available:
                self._next = max(self._next, elapsed)
            ready = elapsed - self._next
        return ready if self._loop else min(ready, self._values.size - self._next)

    def _at_the_end(self, ready: int) -> bool:
        return not self._loop and self._next + ready >= self._values.size

    def _take(self, count: int) -> Samples:
        wanted = np.arange(self._next, self._next + count)
        self._next += count
        captured_ns = self._start_ns + self._next * 1_000_000_000 // SAMPLE_RATE
        return Samples(captured_ns, self._values.take(wanted, mode="wrap"))
