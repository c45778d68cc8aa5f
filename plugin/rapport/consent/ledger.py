"""The record of what the player allowed: an append-only file of lines, in the user's data folder.

Several processes write it (the sidecar, the command line) and may be cut off at any moment. A line
is appended in one write under a file lock and is on the disk before anybody is told that it is
kept. A reader needs no lock.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import filelock
import platformdirs

from rapport.consent.entries import Entry, Lines, line, read_lines
from rapport.errors import ConsentInvalid, ConsentUnreadable, ConsentUnwritable
from rapport.settings import Consent as ConsentSettings
from rapport.state import EventKind

FILE = "consent.jsonl"
LOCK_FILE = "consent.lock"
TORN_FILE = "consent.torn"
"""Where the rest of a line goes that a power cut left unfinished."""
LOCK_TIMEOUT_S = 5.0
"""Others hold the lock for milliseconds."""
GRANTS_UP_TO_BYTES = 4 * 1024 * 1024
"""No grant is added to a larger ledger (some ten thousand answers: no player gave those); what
takes back always is."""
TORN_CODE = "consent_torn"

Notify = Callable[[EventKind, str, str], None]
_Signature = tuple[int, int, int]
"""Modification time in ns, size, file number: what differs when the file was written to."""
_ABSENT: _Signature = (0, -1, 0)
_UNREACHABLE: _Signature = (0, -2, 0)
_BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows would write other line ends without it."""

_log = logging.getLogger("rapport.consent")


def _tell_nobody(_kind: EventKind, _code: str, _detail: str) -> None:
    pass


class Ledger:
    """The ledger of one user. Cheap to ask again and again: the file is read when it has changed.

    :param settings: where it lies.
    :param notify: told once of each unfinished line and each damage; called from the thread that
        reads.
    """

    def __init__(
        self, settings: ConsentSettings | None = None, notify: Notify = _tell_nobody
    ) -> None:
        configured = settings.directory if settings else ""
        own = Path(platformdirs.user_data_dir("rapport", appauthor=False))
        self.directory = Path(configured).expanduser() if configured else own
        self.path = self.directory / FILE
        self._is_own_directory = not configured
        self._notify = notify
        # Replaced as a whole, so that threads need no lock: what was read and of which file.
        self._read: tuple[_Signature, tuple[Entry, ...], str] = (_ABSENT, (), "")

    def changed(self) -> bool:
        """Whether the file is another than the one that `current` read last. Some microseconds."""
        return self._signature() != self._read[0]

    def current(self) -> tuple[Entry, ...]:
        """The entries, oldest first; none without a file. The same object as long as nothing has
        changed.

        :raises ConsentUnreadable: the file is damaged, was changed, or cannot be read. There is
            no consent then.
        """
        if self.changed():
            self._read = self._load()
        _, entries, damage = self._read
        if damage:
            raise ConsentUnreadable(f"{self.path}: {damage}")
        return entries

    def append(self, entry: Entry) -> None:
        """Add an entry; it is on the disk when this returns.

        :raises ConsentUnwritable: it could not be written; the file is as it was.
        """
        with self._locked(), self._opened() as stream:
            kept, newline, torn = stream.read().rpartition(b"\n")
            before = kept + newline
            if torn:
                self._set_aside(torn)
                stream.truncate(len(before))
            if entry.action == "grant" and len(before) > GRANTS_UP_TO_BYTES:
                raise ConsentUnwritable(f"{self.path} is full; erase it or take it elsewhere")
            _write_whole(stream.fileno(), line(entry, before), len(before))

    def erase(self, marker: Entry) -> None:
        """Empty the ledger, damaged or not; only the marker that says so is left.

        :raises ConsentUnwritable: the file could not be written.
        """
        with self._locked(), self._opened() as stream:
            # In place: other programs may have the file open, and Windows would not replace it.
            stream.truncate(0)
            _write_whole(stream.fileno(), line(marker, b""), 0)
            (self.directory / TORN_FILE).unlink(missing_ok=True)

    def export(self, target: Path) -> int:
        """Copy the ledger as it is, damaged or not, to a new file that only this user can read;
        the number of bytes.

        :raises ConsentInvalid: there is nothing to export, or there is such a file already.
        :raises ConsentUnwritable: the target cannot be written.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ConsentInvalid(f"There is no ledger to export: {_reason(error)}") from error
        try:
            descriptor = os.open(target, _BINARY | os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                return stream.write(data)
        except FileExistsError as error:
            raise ConsentInvalid(f"{target} is there already") from error
        except OSError as error:
            raise ConsentUnwritable(f"{target}: {_reason(error)}") from error

    def _signature(self) -> _Signature:
        try:
            return _signature(self.path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return _ABSENT
        except OSError:
            return _UNREACHABLE

    def _load(self) -> tuple[_Signature, tuple[Entry, ...], str]:
        signature = self._signature()
        try:
            signature, lines = self._read_file()
            if lines.torn:
                # Perhaps another program is just writing it; under the lock nobody is.
                with contextlib.suppress(ConsentUnwritable), self._locked():
                    signature, lines = self._read_file()
            if lines.torn:
                self._warn(TORN_CODE, "The last line of the ledger is unfinished and is ignored.")
        except (FileNotFoundError, NotADirectoryError):
            return _ABSENT, (), ""
        except OSError as error:
            return signature, (), self._damaged(_reason(error))
        except ConsentUnreadable as error:
            return signature, (), self._damaged(error.what)
        return signature, lines.entries, ""

    def _read_file(self) -> tuple[_Signature, Lines]:
        with self.path.open("rb") as stream:
            # Before reading: what is added meanwhile is read again rather than never.
            status = os.fstat(stream.fileno())
            if sys.platform != "win32" and status.st_uid != os.getuid():
                raise ConsentUnreadable("it belongs to another user")
            return _signature(status), read_lines(stream.read())

    def _damaged(self, reason: str) -> str:
        self._warn(ConsentUnreadable.code, f"The ledger cannot be believed: {reason}")
        return reason

    def _warn(self, code: str, detail: str) -> None:
        _log.warning("%s: %s", self.path, detail)
        self._notify(EventKind.STATUS, code, detail)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._is_own_directory:
                # The models' downloads may have made it, for everybody to read.
                self.directory.chmod(0o700)
            with filelock.FileLock(self.directory / LOCK_FILE, LOCK_TIMEOUT_S, mode=0o600):
                yield
        except filelock.Timeout as error:
            raise ConsentUnwritable(f"{self.path} is locked by another program") from error
        except OSError as error:
            raise ConsentUnwritable(f"{self.path}: {_reason(error)}") from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[FileIO]:
        new = not self.path.exists()
        descriptor = os.open(self.path, _BINARY | os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as stream:
            yield stream
        if new:
            _keep_name(self.directory)

    def _set_aside(self, torn: bytes) -> None:
        aside = self.directory / TORN_FILE
        descriptor = os.open(aside, _BINARY | os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as stream:
            stream.write(torn + b"\n")
        _log.warning("the unfinished last line of %s was moved to %s", self.path, aside)


def _write_whole(descriptor: int, data: bytes, size: int) -> None:
    """Write at the end and wait for the disk; else leave the file at the size it had."""
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError("the disk is full")
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def _keep_name(directory: Path) -> None:
    """Let a new file's name survive a power cut too, where a directory can be synced."""
    if sys.platform != "win32":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _signature(status: os.stat_result) -> _Signature:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
