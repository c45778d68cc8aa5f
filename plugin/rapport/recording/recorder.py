"""Writes a session to a file while it happens."""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from rapport.capture.clock import now_ns, wall
from rapport.errors import RecordingFailed
from rapport.recording.header import Counts, Header
from rapport.recording.rows import MarkedRow, row_of
from rapport.recording.tables import Item, Line
from rapport.recording.writer import Writer, cannot_go_on
from rapport.state import EmotionState, Event

FLUSH_S = 1.5
"""A chunk is written at least this often, so that a process that is killed loses less than two
seconds."""
CHUNK_ITEMS_MAX = 1000
"""A chunk is also written when it has this many items."""
QUEUE_MAX = 5000
"""Items that wait for a disk that is slow: nearly three minutes of states; then it has failed."""
JOIN_S = 5.0
"""How long closing waits for the disk."""

log = logging.getLogger("rapport.recording")


def live_header(source: str, origin: str = "") -> Header:
    """The header of a session that begins now."""
    return Header(start_ns=now_ns(), start_wall=wall(), source=source, origin=origin)


class Recorder:
    """A file that is being written; made in one thread, fed from any.

    Items are handed to a thread of its own, so that feeding takes microseconds whatever the disk
    does. When the file cannot be written on, the recording ends: `failure` says why, `failed` is
    called once (in that thread), and what is fed from then on is left out.

    :raises RecordingFailed: the file exists, or cannot be made.
    """

    def __init__(
        self,
        path: Path,
        header: Header,
        failed: Callable[[RecordingFailed], None] = lambda _: None,
    ) -> None:
        self.path = path
        self.failure: RecordingFailed | None = None
        self._failed = failed
        self._waiting: queue.Queue[Item | None] = queue.Queue(QUEUE_MAX)
        self._closed = False
        self._writer = Writer(path, header)
        self._thread = threading.Thread(target=self._run, name="rapport-record", daemon=True)
        self._thread.start()

    def state(self, state: EmotionState) -> None:
        """Take a state that was published."""
        self._take(state)

    def event(self, event: Event) -> None:
        """Take an event; its detail is not kept."""
        self._take(event)

    def line(self, line: str, role: str, at_ns: int) -> None:
        """Take the game's id of a line of dialogue, and who said it."""
        self._take(Line(line, role, at_ns))

    @property
    def counts(self) -> Counts:
        """What has been written so far."""
        return self._writer.counts

    def close(self) -> Counts:
        """Write what is left and end the file. Idempotent; returns what is in it."""
        if not self._closed:
            self._closed = True
            with contextlib.suppress(queue.Full):
                self._waiting.put(None, timeout=JOIN_S)
        self._thread.join(JOIN_S)
        return self.counts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self, item: Item) -> None:
        if self._closed or self.failure is not None:
            return
        try:
            self._waiting.put_nowait(item)
        except queue.Full:
            self._fail(RecordingFailed(f"{self.path}: the disk is too slow"))

    def _run(self) -> None:
        try:
            self._write()
        except OSError as error:
            self._fail(cannot_go_on(self.path, error))
        except Exception as error:  # a defect here must not end unnoticed either
            log.debug("a recording failed", exc_info=True)
            self._fail(RecordingFailed(f"{self.path}: a defect, {type(error).__name__}"))
        finally:
            self._writer.close()

    def _write(self) -> None:
        self._writer.begin()
        going_on = True
        while going_on:
            rows, going_on = self._gather()
            if self.failure is not None:
                return
            if rows:
                self._writer.write(rows)
        self._writer.finish()

    def _gather(self) -> tuple[list[MarkedRow], bool]:
        """The rows of the next chunk, and whether there is more to come. Items become rows as
        they come, which spreads the work."""
        rows: list[MarkedRow] = []
        end_ns = now_ns() + round(FLUSH_S * 1e9)
        while len(rows) < CHUNK_ITEMS_MAX and (left_s := (end_ns - now_ns()) / 1e9) > 0.0:
            try:
                item = self._waiting.get(timeout=left_s)
            except queue.Empty:
                break
            if item is None:
                return rows, False
            rows.append(row_of(item, self._writer.header.base))
        return rows, True

    def _fail(self, failure: RecordingFailed) -> None:
        if self.failure is None:
            self.failure = failure
            log.error("%s", failure)
            self._failed(failure)
