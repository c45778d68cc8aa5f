"""Whose life a sidecar's depends on: nobody's, its leases', or the program's that started it."""

import msgspec
import psutil

from rapport.errors import NotAvailable

GRACE_S = 10.0
"""How long a sidecar that serves leases waits for a first or a next one before it ends: a game that
restarts, or loads, is back by then."""


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
