"""The ring buffer between whoever makes samples and whoever reads them."""

import threading

import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE, Samples

CAPACITY_S = 2.5
"""A reader may fall this far behind (a long scene load) before the oldest samples are dropped."""


class SampleRing:
    """Gives all samples in order; a `SampleSource` by itself.

    When it is full, the oldest samples are overwritten and counted in `dropped`.
    """

    def __init__(self, capacity: int = round(CAPACITY_S * SAMPLE_RATE)) -> None:
        self._changed = threading.Condition()
        self._buffer: NDArray[np.float32] = np.zeros(capacity, np.float32)
        self._start = 0
        self._filled = 0
        self._captured_ns = 0
        self._finished = False
        self.dropped = 0

    def write(self, values: NDArray[np.float32], captured_ns: int) -> None:
        """Append samples, the last of which was captured at `captured_ns`.

        Ignored after `finish` and `close`.
        """
        with self._changed:
            if self._finished or not values.size:
                return
            capacity = self._buffer.size
            surplus = max(0, values.size - capacity)
            values = values[surplus:]
            overrun = max(0, self._filled + values.size - capacity)
            self._start = (self._start + overrun) % capacity
            self._filled -= overrun
            self.dropped += overrun + surplus
            end = (self._start + self._filled) % capacity
            before_wrap = min(values.size, capacity - end)
            self._buffer[end : end + before_wrap] = values[:before_wrap]
            self._buffer[: values.size - before_wrap] = values[before_wrap:]
            self._filled += values.size
            self._captured_ns = captured_ns
            self._changed.notify()

    def read(self, timeout_s: float) -> Samples | None:
        """Wait for the samples that came since the last call; None when there are none in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._filled or self._finished, timeout_s)
            if not self._filled:
                return None
            end = self._start + self._filled
            wrapped = max(0, end - self._buffer.size)
            values = np.concatenate((self._buffer[self._start : end], self._buffer[:wrapped]))
            self._start, self._filled = 0, 0
            return Samples(self._captured_ns, values)

    @property
    def available(self) -> bool:
        """Whether samples may still come."""
        return not self._finished

    @property
    def ended(self) -> bool:
        """Whether no sample will ever come again; samples that wait can still be read."""
        with self._changed:
            return self._finished and not self._filled

    def finish(self) -> None:
        """Say that no further sample comes; those that wait stay."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Take no further sample and overwrite those that wait, and those that were read."""
        with self._changed:
            self._finished = True
            self._buffer.fill(0.0)
            self._start, self._filled = 0, 0
            self._changed.notify_all()
