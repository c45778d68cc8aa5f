"""What camera and microphone share: telling once per change, and waiting longer each time."""

import threading

from rapport.capture.signals import Notify
from rapport.errors import CaptureError
from rapport.state import EventKind

FIRST_PAUSE_S = 0.25
"""The wait before the first new try; each further one doubles it."""


class Health:
    """Whether a device gives signals just now. Tells `notify` once per change, never twice.

    A device that works from the start is no news; one that never did is.
    """

    def __init__(self, notify: Notify, back: EventKind) -> None:
        self._notify = notify
        self._back = back
        # Held while notifying, which keeps changes in order; reentrant, for a notify that closes.
        self._lock = threading.RLock()
        self._trouble: EventKind | None = None
        self._hushed = False
        self.available = False

    def fine(self, detail: str) -> None:
        """A signal came."""
        with self._lock:
            if self._hushed or self.available:
                return
            self.available = True
            returned, self._trouble = self._trouble is not None, None
            if returned:
                self._notify(self._back, "", detail)

    def fail(self, kind: EventKind, error: CaptureError) -> None:
        """No signal comes; `kind` says in which way, `error` why."""
        with self._lock:
            if self._hushed:
                return
            self.available = False
            if kind is not self._trouble:
                self._trouble = kind
                self._notify(kind, error.code, error.what)

    def hush(self) -> None:
        """The device is being closed: what happens to it from now on is no news."""
        with self._lock:
            self._hushed = True
            self.available = False


class Backoff:
    """Waits between tries: doubling from `FIRST_PAUSE_S` up to `longest_s`."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._pause_s = FIRST_PAUSE_S

    def next_s(self) -> float:
        """The wait before the next try."""
        pause_s = min(self._pause_s, self._longest_s)
        self._pause_s = 2.0 * pause_s
        return pause_s

    def reset(self) -> None:
        """The last try worked."""
        self._pause_s = FIRST_PAUSE_S
