"""What capture hands on: frames, samples, and where they come from."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rapport.state import EventKind

Notify = Callable[[EventKind, str, str], None]
"""Called as ``notify(kind, code, detail)`` from any thread when a device goes or comes back; it
must return at once and must not raise."""

SAMPLE_RATE = 16_000
"""Hz; every microphone and clip is resampled to this, the rate the voice models hear."""


class Frame(NamedTuple):
    """One picture: `image` is uint8, height x width x 3, BGR; `captured_ns` is its capture time."""

    captured_ns: int
    image: NDArray[np.uint8]


class Samples(NamedTuple):
    """Some sound: `values` is float32, mono, `SAMPLE_RATE`, full scale is -1 ... +1;
    `captured_ns` is the capture time of its last sample."""

    captured_ns: int
    values: NDArray[np.float32]


class FrameSource(Protocol):
    """Gives the newest frame; older ones that nobody took are dropped."""

    def newest(self, timeout_s: float) -> Frame | None:
        """Wait for a frame that was not handed out yet; None when there is none in time."""

    @property
    def available(self) -> bool:
        """Whether frames are coming just now (False while the device is gone)."""

    @property
    def ended(self) -> bool:
        """Whether no frame will ever come again."""

    def close(self) -> None:
        """Release the device. Idempotent, and safe from any thread."""


class SampleSource(Protocol):
    """Gives all samples in order; if the reader falls behind by seconds, the oldest are dropped."""

    def read(self, timeout_s: float) -> Samples | None:
        """Wait for the samples that came since the last call; None when there are none in time."""

    @property
    def available(self) -> bool:
        """Whether samples are coming just now (False while the device is gone)."""

    @property
    def ended(self) -> bool:
        """Whether no sample will ever come again."""

    def close(self) -> None:
        """Release the device. Idempotent, and safe from any thread."""
