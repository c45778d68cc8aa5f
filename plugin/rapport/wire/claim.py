"""One sidecar per user: the first one claims the runtime directory for as long as it lives."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from rapport.errors import AlreadyRunning, DirectoryUnwritable
from rapport.wire import discovery

LOCK_FILE = "sidecar.lock"


@contextlib.contextmanager
def claimed(runtime_directory: Path) -> Iterator[None]:
    """Be the only sidecar of this directory while the context lasts.

    The system lets the lock go when the process ends, however it ends.

    :raises AlreadyRunning: another one is there.
    :raises DirectoryUnwritable: the directory cannot be made or written to.
    """
    lock = filelock.FileLock(runtime_directory / LOCK_FILE, timeout=0, mode=0o600)
    try:
        runtime_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        running = discovery.find(runtime_directory)
        who = f"process {running.pid}, states on {running.state}" if running else "it is starting"
        raise AlreadyRunning(f"a sidecar runs already ({who})") from None
    except OSError as error:
        raise DirectoryUnwritable(f"{runtime_directory}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
