"""How programs find a running sidecar: a small file, readable by its user only.

Every sidecar writes `sidecar-<pid>.json` into the runtime directory when it is ready and removes
it when it ends. A file whose process is gone is stale: it is not believed, and it is removed by
whoever looks next. The same process id alone proves nothing, because ids are used again, so the
file also says when the process was started.
"""

import contextlib
import logging
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import platformdirs
import psutil

from rapport.capture.clock import wall
from rapport.errors import AddressRefused, DirectoryUnwritable
from rapport.wire.address import allowed_endpoint
from rapport.wire.auth import Keys
from rapport.wire.credentials import Credentials, Scope

DIRECTORY_VARIABLE = "RAPPORT_WIRE__RUNTIME_DIRECTORY"
"""The environment variable of the setting `wire.runtime_directory`: readers obey it too."""
FILE_BYTES_MAX = 16 * 1024
SAME_START_S = 1.0
"""Two start times of one process differ by less: clock ticks and the rounding of boot time."""

_log = logging.getLogger("rapport.wire")


class Place(NamedTuple):
    """Where a sidecar is, and what lets a reader in. With `control` events that were missed are
    fetched; without, they are only counted."""

    state: str
    events: str
    credentials: Credentials | None = None
    control: str = ""
    control_credentials: Credentials | None = None


class Running(msgspec.Struct, frozen=True):
    """What a running sidecar says about itself.

    `process_started` is the start of its process in seconds, on Linux since the system's start
    (so that setting the clock changes nothing), elsewhere since the Unix epoch. `started_wall`
    is when the sidecar was ready, in seconds since the epoch. `state`, `events` and `control` are
    ZeroMQ addresses, `control` empty if there is none. The tokens are what clients show, each
    start has its own; if `server_key` is not empty, they are secret CURVE keys and it is the
    sidecar's public one. `repr` leaves them out.
    """

    pid: Annotated[int, msgspec.Meta(ge=1, lt=2**32)]
    process_started: float
    started_wall: float
    version: str
    state: str
    events: str
    control: str = ""
    read_token: str = ""
    control_token: str = ""
    server_key: str = ""
    schema: int = 2

    def credentials(self, scope: Scope) -> Credentials:
        """What a client shows to be let in under a scope."""
        token = self.read_token if scope == "read" else self.control_token
        return Credentials(scope, token, self.server_key)

    @property
    def place(self) -> Place:
        """What a reader needs of it."""
        read, control = self.credentials("read"), self.credentials("control")
        return Place(self.state, self.events, read, self.control, control)

    def __repr__(self) -> str:
        return f"Running(pid={self.pid}, version={self.version!r}, state={self.state!r})"


def directory(configured: str | Path | None = None) -> Path:
    """The runtime directory: the one named, else the environment's, else the user's own.

    The user's own is, on Linux, `rapport` in `$XDG_RUNTIME_DIR` or `/run/user/<uid>`, the first
    of them that exists; where neither does (root in a container) and on other systems it is
    `run` in the user's cache directory for Rapport. Not the temporary directory: there another
    user could have made it first.
    """
    named = configured or os.environ.get(DIRECTORY_VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform == "linux":
        from_environment = os.environ.get("XDG_RUNTIME_DIR")
        for candidate in (from_environment, f"/run/user/{os.getuid()}"):
            if candidate and Path(candidate).is_dir():
                return Path(candidate) / "rapport"
    return Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "run"


def register(
    runtime_directory: Path,
    state_address: str,
    events_address: str,
    control_address: str = "",
    keys: Keys | None = None,
) -> Path:
    """Write this process's file, whole or not at all; returns it for `unregister`.

    :param keys: what clients must show: `Guard.keys`.

    :raises DirectoryUnwritable: the directory cannot be made or written to.
    """
    running = Running(
        pid=os.getpid(),
        process_started=_started(psutil.Process()),
        started_wall=wall(),
        version=own_version(),
        state=state_address,
        events=events_address,
        control=control_address,
        read_token=keys.read if keys else "",
        control_token=keys.control if keys else "",
        server_key=keys.server if keys else "",
    )
    file = runtime_directory / f"sidecar-{running.pid}.json"
    try:
        write_privately(file, msgspec.json.encode(running))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DirectoryUnwritable(f"{runtime_directory}: {reason}") from error
    return file


def write_privately(file: Path, content: bytes) -> None:
    """Write a file, whole or not at all, that this user alone can read; its folder is made.

    :raises OSError: it cannot be written; nothing is left behind.
    """
    draft = file.with_suffix(".part")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What a crash left would keep its mode, and may be a link.
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        draft.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def unregister(file: Path) -> None:
    """Remove a file that `register` wrote. Idempotent; one that cannot be removed goes stale."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s could not be removed: %s", file, error.strerror or error)


def find(runtime_directory: Path) -> Running | None:
    """The newest sidecar that runs, or None."""
    return next(iter(find_all(runtime_directory)), None)


def find_all(runtime_directory: Path) -> list[Running]:
    """All sidecars of this user that run, the newest first. Removes stale files."""
    found = []
    for file in runtime_directory.glob("sidecar-*.json"):
        running = _read(file)
        if running is None:
            continue
        if _is_alive(running):
            found.append(running)
        else:
            _log.debug("%s is stale and is removed", file)
            unregister(file)
    return sorted(found, key=lambda running: running.started_wall, reverse=True)


def _read(file: Path) -> Running | None:
    """The content of a file, or None if it is gone by now, another user's, or not what it should
    be; such a one is left alone."""
    try:
        with file.open("rb") as stream:
            if sys.platform != "win32" and os.fstat(stream.fileno()).st_uid != os.getuid():
                return None
            running = msgspec.json.decode(stream.read(FILE_BYTES_MAX), type=Running)
        for address in (running.state, running.events, running.control):
            if address:
                allowed_endpoint(address, encrypted=bool(running.server_key))
        return running
    except (OSError, ValueError, RecursionError, AddressRefused) as error:
        _log.debug("%s cannot be read: %s", file, error)
        return None


def _is_alive(running: Running) -> bool:
    try:
        process = psutil.Process(running.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(_started(process) - running.process_started) < SAME_START_S
    except psutil.Error:
        # Gone, or by now a process of somebody else that we may not look at.
        return False


def _started(process: psutil.Process) -> float:
    # On Linux the system keeps the start since boot; psutil adds a boot time that moves with the
    # clock, so it is taken off again.
    return float(process.create_time() - (psutil.boot_time() if sys.platform == "linux" else 0.0))


def own_version() -> str:
    """The version that is installed."""
    try:
        return version("rapport-sidecar")
    except PackageNotFoundError:
        return "unknown"
