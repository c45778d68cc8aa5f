"""Noticing a call into a driver that does not come back."""

import threading
from collections.abc import Callable

from rapport.capture.clock import now_ns

LOOK_S = 0.1
"""How often the watchdog looks."""
JOIN_S = 1.0
"""Its thread only waits and barks, so that it ends within two looks."""


class Watchdog:
    """Barks, again and again, while something is overdue.

    :param name: of its thread.
    :param bark: called from that thread; it must stand being called more than once.
    """

    def __init__(self, name: str, bark: Callable[[], None]) -> None:
        self._bark = bark
        self._stop = threading.Event()
        self._overdue_ns: int | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def expect_within(self, seconds: float) -> None:
        """From now on, this or `rest` must be called again within so many seconds."""
        self._overdue_ns = now_ns() + round(seconds * 1e9)

    def rest(self) -> None:
        """Nothing is expected."""
        self._overdue_ns = None

    def close(self) -> None:
        """End the thread. Idempotent, from any thread."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_S):
            overdue_ns = self._overdue_ns
            if overdue_ns is not None and now_ns() > overdue_ns:
                self._bark()
