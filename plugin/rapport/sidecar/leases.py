"""Leases: which applications say that they are still there."""

import threading
from typing import NamedTuple

SECOND_NS = 1_000_000_000


class Leases:
    """Applications hold a lease by asking for it again before it ends; safe from any thread.

    A game that crashes or is killed simply stops asking.
    """

    def __init__(self, began_ns: int) -> None:
        """:param began_ns: the start of the wait for a first lease, on `capture.clock.now_ns`."""
        self._lock = threading.Lock()
        self._until_ns: dict[str, int] = {}
        self._last_ns = began_ns

    def take(self, app: str, seconds: float, now_ns: int) -> bool:
        """Hold or extend a lease; returns whether it is a new one."""
        with self._lock:
            new = self._until_ns.get(app, 0) <= now_ns
            self._until_ns[app] = now_ns + round(seconds * SECOND_NS)
            self._last_ns = now_ns
            return new

    def end(self, app: str) -> bool:
        """Give a lease back; returns whether it was held. One that was not is no error: the wish is
        fulfilled."""
        with self._lock:
            return self._until_ns.pop(app, None) is not None

    def look(self, now_ns: int) -> "Held":
        """Who holds a lease now, who just lost it by silence, and how long nobody has held one."""
        with self._lock:
            lost = tuple(app for app, until in self._until_ns.items() if until <= now_ns)
            for app in lost:
                self._last_ns = max(self._last_ns, self._until_ns.pop(app))
            if self._until_ns:
                self._last_ns = now_ns
            unheld_s = (now_ns - self._last_ns) / SECOND_NS
            return Held(tuple(sorted(self._until_ns)), lost, unheld_s)


class Held(NamedTuple):
    """`apps` hold a lease, `lost` have let theirs run out since the last look, `unheld_s` is how
    many seconds nobody has held one (0.0 while somebody does)."""

    apps: tuple[str, ...]
    lost: tuple[str, ...]
    unheld_s: float
