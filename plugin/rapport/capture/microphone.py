"""The microphone: a ring that PortAudio fills, and a thread that notices when it stops."""

import logging
import threading

import numpy as np
from numpy.typing import NDArray

from rapport.capture.clock import now_ns
from rapport.capture.health import Backoff, Health
from rapport.capture.microphone_devices import (
    MicrophoneInfo,
    list_microphones,
    open_microphone,
)
from rapport.capture.ring import SampleRing
from rapport.capture.signals import Notify, Samples
from rapport.capture.watchdog import Watchdog
from rapport.errors import AudioUnavailable, CaptureError, MicrophoneLost
from rapport.settings import Microphone as MicrophoneSettings
from rapport.state import EventKind

__all__ = ["Microphone", "MicrophoneInfo", "list_microphones"]

log = logging.getLogger("rapport.capture")

WATCH_S = 0.05
"""How often it is looked whether new samples came."""
OPEN_S = 3.0
"""Opening a microphone takes a tenth of this, unless the sound system hangs."""
CLOSE_S = 2.0
"""A sound server that hangs may hold PortAudio's closing up; nobody waits longer for it."""


class Microphone:
    """The sound of a microphone at 16 kHz, mono; a `SampleSource`.

    It opens the device at once, in a thread of its own; it never raises because of the device.
    When the device cannot be opened, or calls back no more for `stall_s`, `notify` hears
    `mic_lost`, once, with the code that says why; PortAudio is terminated and initialised again
    to look for it, with growing pauses up to `retry_max_s`; when samples come again, `notify`
    hears `mic_back`. Without PyAudio there is nothing to wait for: it stays unavailable.

    :param settings: which microphone, and the time-outs.
    :param notify: hears the changes, from the microphone's thread.
    """

    def __init__(self, settings: MicrophoneSettings, notify: Notify) -> None:
        self._settings = settings
        self._ring = SampleRing()
        self._health = Health(notify, EventKind.MIC_BACK)
        self._stop = threading.Event()
        self._heard_ns = 0
        self.overflows = 0
        """How often the driver said that it lost samples before they came here."""
        self._watchdog = Watchdog("rapport-microphone-watch", self._report_hanging)
        self._thread = threading.Thread(target=self._run, name="rapport-microphone", daemon=True)
        self._thread.start()

    def read(self, timeout_s: float) -> Samples | None:
        """Wait for the samples that came since the last call; None when there are none in time."""
        return self._ring.read(timeout_s)

    @property
    def available(self) -> bool:
        """Whether samples are coming just now."""
        return self._health.available

    @property
    def ended(self) -> bool:
        """Whether no sample will ever come again: after `close`."""
        return self._ring.ended

    @property
    def dropped(self) -> int:
        """Samples that were overwritten because nobody read them in time."""
        return self._ring.dropped

    def close(self) -> None:
        """Release the device and overwrite the ring. Idempotent, from any thread.

        Takes at most three seconds. A sound server that hangs longer is left to the thread, which
        releases the device as soon as it can.
        """
        self._stop.set()
        self._health.hush()
        self._ring.close()
        self._watchdog.close()
        if self._thread is threading.current_thread():
            return
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            log.warning("the sound system hangs; the microphone is released when it returns")

    def _run(self) -> None:
        backoff = Backoff(self._settings.retry_max_s)
        while not self._stop.is_set():
            self._watchdog.expect_within(OPEN_S)
            try:
                with open_microphone(self._settings.device, self._hear) as microphone:
                    self._watchdog.rest()
                    self._watch(microphone, backoff)
            except CaptureError as error:
                self._health.fail(EventKind.MIC_LOST, error)
                if not error.retryable:
                    break
            self._watchdog.rest()
            self._stop.wait(backoff.next_s())
        self._watchdog.rest()
        self._tell_losses()

    def _hear(self, values: NDArray[np.float32], captured_ns: int, overflow: bool) -> None:
        """Called by PortAudio's thread, which must not be kept waiting."""
        self._heard_ns = captured_ns
        self.overflows += overflow
        self._ring.write(values, captured_ns)

    def _watch(self, microphone: MicrophoneInfo, backoff: Backoff) -> None:
        """Return when the microphone is closed or has stopped calling back.

        The loss is told before the stream is closed, because closing may hang for long.
        """
        opened_ns = now_ns()
        while not self._stop.wait(WATCH_S):
            if self._heard_ns > opened_ns:
                self._health.fine(f"the microphone {microphone.name!r} gives samples")
                backoff.reset()
            silent_s = (now_ns() - max(self._heard_ns, opened_ns)) / 1e9
            if silent_s > self._settings.stall_s:
                lost = MicrophoneLost(f"the microphone {microphone.name!r} gives no samples")
                self._health.fail(EventKind.MIC_LOST, lost)
                return

    def _report_hanging(self) -> None:
        hangs = AudioUnavailable("the sound system does not answer")
        self._health.fail(EventKind.MIC_LOST, hangs)

    def _tell_losses(self) -> None:
        if self.dropped or self.overflows:
            log.warning(
                "microphone: %d samples were not read in time, the driver lost samples %d times",
                self.dropped,
                self.overflows,
            )
