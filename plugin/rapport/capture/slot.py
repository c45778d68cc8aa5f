"""The slot between whoever makes frames and whoever reads them."""

import threading
from collections import deque

from rapport.capture.signals import Frame

RATE_FRAMES = 31
"""Frames over which the rate is measured: one second at 30 fps."""


class FrameSlot:
    """Holds the newest frame until somebody takes it; a `FrameSource` by itself.

    A frame that nobody took before the next one came is dropped and counted in `skipped`.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._finished = False
        self._times: deque[int] = deque(maxlen=RATE_FRAMES)
        self.skipped = 0

    def put(self, frame: Frame) -> None:
        """Offer a frame; it replaces the one that waits. Ignored after `finish` and `close`."""
        with self._changed:
            if self._finished:
                return
            if self._frame is not None:
                self.skipped += 1
            self._frame = frame
            self._times.append(frame.captured_ns)
            self._changed.notify()

    def newest(self, timeout_s: float) -> Frame | None:
        """Wait for a frame that was not handed out yet; None when there is none in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._finished, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    @property
    def measured_fps(self) -> float:
        """Frames a second by their capture times, over the last second or so; 0: not known."""
        with self._changed:
            if len(self._times) < 2 or self._times[-1] <= self._times[0]:
                return 0.0
            return (len(self._times) - 1) * 1e9 / (self._times[-1] - self._times[0])

    def forget_rate(self) -> None:
        """Measure the rate anew: the device was gone, and the gap is not a frame interval."""
        with self._changed:
            self._times.clear()

    @property
    def available(self) -> bool:
        """Whether frames may still come."""
        return not self._finished

    @property
    def ended(self) -> bool:
        """Whether no frame will ever come again; a frame that waits can still be taken."""
        with self._changed:
            return self._finished and self._frame is None

    def finish(self) -> None:
        """Say that no further frame comes; the one that waits stays."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Take no further frame and overwrite the one that waits."""
        with self._changed:
            self._finished = True
            if self._frame is not None and self._frame.image.flags.writeable:
                self._frame.image.fill(0)
            self._frame = None
            self._changed.notify_all()
