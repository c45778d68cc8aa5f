"""Duty: how much of the machine reading may take, as the game decides."""

import threading

MENU_BUDGET_MS = 2.0
"""Milliseconds of work per camera frame in a menu: a compact tracker then reads about every second
frame."""
SMOOTHING = 0.2
"""How fast the measured cost of a reading follows a change."""


class Pace:
    """Decides which frames are read so that reading costs no more than a budget on average.

    A leaky account: each frame brings the budget in, each reading takes its cost out, and a frame
    is read when the account is not in debt. Without a budget every frame is read. Safe from any
    thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budget_ms: float | None = None
        self._account_ms = 0.0
        self._cost_ms = 0.0

    @property
    def budget_ms(self) -> float | None:
        """Milliseconds per frame; None: as many as it takes."""
        return self._budget_ms

    def limit(self, budget_ms: float | None) -> None:
        """Set another budget."""
        with self._lock:
            self._budget_ms, self._account_ms = budget_ms, 0.0

    def due(self) -> bool:
        """Whether the frame that has just come is to be read."""
        with self._lock:
            if self._budget_ms is None:
                return True
            # Savings are bounded by one reading: a pause must not be followed by a burst.
            self._account_ms = min(self._account_ms + self._budget_ms, self._cost_ms)
            return self._account_ms >= 0.0

    def spent(self, cost_ms: float) -> None:
        """A frame was read, at this cost."""
        with self._lock:
            self._cost_ms += SMOOTHING * (cost_ms - self._cost_ms)
            if self._budget_ms is not None:
                self._account_ms -= cost_ms
