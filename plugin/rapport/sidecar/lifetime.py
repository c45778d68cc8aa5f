"""Whose life a sidecar's depends on: nobody's, its leases', or the program's that started it."""

import threading
from collections.abc import Callable

import msgspec
import psutil

from rapport.capture.clock import now_ns
from rapport.errors import NotAvailable

GRACE_S = 10.0
"""How long a sidecar that serves leases waits for a first or a next one before it ends: a game that
restarts, or loads, is back by then."""

POLL_S = 0.2
"""How often a wait without end looks up, so that Ctrl-C is heard on Windows too."""


class Lifetime(msgspec.Struct, frozen=True):
    """`leased`: captures while an application holds a lease, and ends when none has for
    `grace_s` seconds. `parent`: the process with which it ends."""

    leased: bool = False
    grace_s: float = GRACE_S
    parent: psutil.Process | None = None

    def over(self, unleased_s: float) -> str:
        """Why the sidecar is to end now, in words; empty: it goes on.

        :param unleased_s: how long nobody has held a lease.
        """
        if self.parent is not None and not _lives(self.parent):
            return "The program that started the sidecar is gone."
        if self.leased and unleased_s >= self.grace_s:
            return "No application holds a lease any more."
        return ""


ITS_OWN = Lifetime()
"""It depends on nobody: it was started by a person."""


def process(pid: int) -> psutil.Process:
    """The process of this id.

    :raises NotAvailable: there is none, so that nobody would be lived for.
    """
    try:
        return psutil.Process(pid)
    except psutil.Error as error:
        raise NotAvailable(f"there is no process {pid} to end with") from error


def _lives(process: psutil.Process) -> bool:
    """Whether it is the same process still, and not one that ended and was not collected yet."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def wait_for_end(
    stopping: threading.Event, ended: Callable[[], bool], seconds: float | None
) -> bool:
    """Wait until it is to stop or has ended; False if the time was over before."""
    end_ns = None if seconds is None else now_ns() + round(seconds * 1e9)
    while not stopping.is_set() and not ended():
        left_s = POLL_S if end_ns is None else min(POLL_S, (end_ns - now_ns()) / 1e9)
        if left_s <= 0.0:
            return False
        stopping.wait(left_s)
    return True
