"""Admission: keeps the open devices in line with consent, leases, pause and duty at every moment.

Requests change what is wanted and wait until the devices have followed. Time changes it too (a
lease or a consent runs out, the command line revokes), so a thread calls `follow` ten times a
second.
"""

import threading
from collections.abc import Callable, Iterable, Mapping

from rapport.capture.clock import now_ns
from rapport.capture.signals import Notify
from rapport.errors import ConsentMissing
from rapport.sidecar.access import COMMAND_LINE, Allows, Device, Duty, Wish, obstacles
from rapport.sidecar.leases import Held, Leases
from rapport.sidecar.sources import Sources
from rapport.state import EventKind

FOLLOW_S = 0.1
"""How often it is looked whether the devices are still allowed."""


class Admission:
    """What is wanted of the devices, and why one is not open. Safe from any thread."""

    def __init__(
        self,
        sources: Sources,
        enabled: Mapping[Device, bool],
        leased_only: bool,
        allows: Allows | None,
        notify: Notify,
        leased: Callable[[str, bool], None],
    ) -> None:
        """
        :param allows: whether the player allows an application a device; None: a clip plays.
        :param leased: told of an application that holds a lease now (True), or no more.
        """
        self._sources = sources
        self._allows = allows
        self._notify = notify
        self._leased = leased
        self._turn = threading.RLock()
        self._leases = Leases(now_ns())
        self._held = Held((), (), 0.0)
        self._wish = Wish(enabled, leased_only=leased_only)
        self._obstacles: dict[Device, str] = {}
        self._taken_back: frozenset[tuple[str, str]] = frozenset()

    @property
    def wish(self) -> Wish:
        """What is wanted just now."""
        return self._wish

    @property
    def waiting_for(self) -> dict[str, str]:
        """Device -> why it is not open, for those that are not."""
        return {device: code for device, code in self._obstacles.items() if code}

    @property
    def unleased_s(self) -> float:
        """How many seconds nobody has held a lease."""
        return self._held.unheld_s

    def may_send_text(self) -> bool:
        """Whether the player allows every application that is served to send words elsewhere."""
        applications = self._wish.applications or (COMMAND_LINE,)
        return all(self._allowed(app, "text") for app in applications)

    def follow(self) -> None:
        """Look at everything anew; when this returns, no device is open that must not be."""
        with self._turn:
            self._held = self._leases.look(now_ns())
            for app in self._held.lost:
                self._notify(EventKind.LEASE_LOST, "", f"{app} fell silent; its lease is over.")
                self._leased(app, False)
            self._wish = self._wish._replace(applications=self._held.apps)
            found = obstacles(self._wish, self._allowed if self._allows else None)
            self._sources.follow(found)
            before, self._obstacles = self._obstacles, found
            for device, code in found.items():
                if code == ConsentMissing.code and before.get(device) == "":
                    self._notify(EventKind.CONSENT_REVOKED, code, f"The {device} is released.")

    def revoke(self, app: str, permissions: Iterable[str], write: Callable[[], object]) -> None:
        """Release what the player takes back from an application, and only then write it down:
        a disk may be slow."""
        with self._turn:
            self._taken_back = frozenset((app, permission) for permission in permissions)
            try:
                self.follow()
                write()
            finally:
                self._taken_back = frozenset()
            self.follow()

    def pause(self, paused: bool) -> None:
        """Stop all capture, or allow it again."""
        if self._change(lambda wish: wish._replace(paused=paused)):
            kind = EventKind.PAUSED if paused else EventKind.RESUMED
            self._notify(kind, "", "All capture is paused." if paused else "The pause is over.")

    def set_duty(self, duty: Duty) -> None:
        """How much the game lets the sidecar do; `off` releases the devices."""
        self._change(lambda wish: wish._replace(duty=duty))

    def select(self, device: Device, name: str) -> None:
        """Use another camera or microphone."""
        with self._turn:
            self._sources.select(device, name)
            self.follow()

    def take_lease(self, app: str, seconds: float) -> None:
        """An application needs the capture for so long."""
        with self._turn:
            if self._leases.take(app, seconds, now_ns()):
                self._notify(EventKind.LEASE_TAKEN, "", f"{app} holds a lease.")
                self._leased(app, True)
                self.follow()

    def end_lease(self, app: str) -> None:
        """An application needs the capture no more."""
        with self._turn:
            if self._leases.end(app):
                self._leased(app, False)
            self.follow()

    def _allowed(self, app: str, permission: str) -> bool:
        taken_back = (app, permission) in self._taken_back
        return self._allows is not None and not taken_back and self._allows(app, permission)

    def _change(self, change: Callable[[Wish], Wish]) -> bool:
        with self._turn:
            before, self._wish = self._wish, change(self._wish)
            self.follow()
            return before != self._wish
