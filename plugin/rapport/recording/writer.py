"""Writes a session file, chunk by chunk."""

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from rapport.errors import RecordingFailed
from rapport.recording import chunks
from rapport.recording.header import Counts, Header, closing, opening
from rapport.recording.rows import TABLES, MarkedRow, row_of
from rapport.recording.tables import Item

CHUNK_ITEMS = 300
"""Items of a chunk where nobody waits for it to be on the disk: ten seconds of states."""


class Writer:
    """A new session file. Whatever was written by `write` can be read, however the process ends.

    :raises RecordingFailed: the file exists, or cannot be made.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        self._counts = dict.fromkeys((table.name for table in TABLES), 0)
        self._stream = _create(path)

    @property
    def counts(self) -> Counts:
        """What has been written so far."""
        return Counts(**self._counts)

    def begin(self) -> None:
        """Write the header; once, and first.

        :raises OSError: the disk is full, or gone.
        """
        self._put(opening(self.header))

    def write(self, rows: list[MarkedRow]) -> None:
        """Write a chunk.

        :raises OSError: the disk is full, or gone.
        """
        self._put(chunks.frame(chunks.DATA, chunks.encode(rows, self.header.dictionary)))
        for table in TABLES:
            self._counts[table.name] += sum(mark == table.mark for mark, _ in rows)

    def finish(self) -> None:
        """Write the end; once, and last.

        :raises OSError: the disk is full, or gone.
        """
        self._put(closing(self.counts))

    def close(self) -> None:
        """Let the file go. Idempotent."""
        self._stream.close()

    def _put(self, data: bytes) -> None:
        # Without a buffer of our own: a half-written chunk must not come after a failure.
        view = memoryview(data)
        while view:
            view = view[self._stream.write(view) :]


def write_session(path: Path, header: Header, items: Iterable[Item]) -> Counts:
    """Write a whole session; returns what is in it.

    :raises RecordingFailed: the file exists, or cannot be written.
    """
    writer = Writer(path, header)
    try:
        writer.begin()
        waiting = iter(items)
        while rows := [row_of(item, header.base) for item in islice(waiting, CHUNK_ITEMS)]:
            writer.write(rows)
        writer.finish()
    except OSError as error:
        raise cannot_go_on(path, error) from error
    finally:
        writer.close()
    return writer.counts


def cannot_go_on(path: Path, error: OSError) -> RecordingFailed:
    """What became of a file that could be made and not written."""
    return RecordingFailed(f"{path} cannot be written on: {error.strerror or error}")


def _create(path: Path) -> BinaryIO:
    """A new file that only this user can read: never one that is there already."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)
    except FileExistsError as error:
        raise RecordingFailed(f"{path} exists already, and is not overwritten") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RecordingFailed(f"{path} cannot be made: {reason}") from error
