"""Reads a session file, whole or not."""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec

from rapport.errors import RecordingUnreadable
from rapport.recording import chunks
from rapport.recording.header import Counts, Header, decode_counts, decode_header
from rapport.recording.rows import TABLES, US_PER_S
from rapport.recording.shapes import Misfit
from rapport.recording.tables import Item
from rapport.state import EmotionState

Cell = TypeVar("Cell", int, str)

log = logging.getLogger("rapport.recording")

CUT_OFF = "recording_cut_off"
DAMAGED = "recording_damaged"
FLAWS = {
    CUT_OFF: "The file has no end; it is read up to its last whole part.",
    DAMAGED: "Parts of the file are damaged; they are left out.",
}
"""What may be the matter with a file that can be read, in words."""


class Flaw(NamedTuple):
    """What is the matter with a file: a stable code, and a sentence."""

    code: str
    what: str


class Session:
    """A session file. Each pass over it reads the file anew, so it may be longer than memory.

    `flaws` is complete after a pass: what the checksums did not see is found when it is decoded.

    :raises RecordingUnreadable: the file is missing, no session, or of a newer format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.flaws: tuple[Flaw, ...] = ()
        with _opened(path) as stream:
            self.header = _read_header(path, stream)

    def __iter__(self) -> Iterator[Item]:
        """States, events and lines in the order in which they came."""
        for chunk in self.parts():
            try:
                yield from chunk.items(self.header.base)
            except Misfit:
                self._note(DAMAGED)

    def states(self) -> Iterator[EmotionState]:
        """The states alone."""
        return (item for item in self if isinstance(item, EmotionState))

    def parts(self) -> Iterator[chunks.Chunk]:
        """The chunks that are whole, unpacked."""
        finished = False
        items = 0
        with _opened(self.path) as stream:
            _read_header(self.path, stream)
            try:
                for frame in chunks.frames(stream):
                    if frame.kind == chunks.DATA:
                        for chunk in self._decoded(frame):
                            items += len(chunk.order)
                            yield chunk
                    if frame.kind == chunks.DONE:
                        finished = True
                        self._compare(frame, items)
            except Misfit:
                self._note(DAMAGED if finished else CUT_OFF)
                return
            except OSError as error:
                raise _unreadable(self.path, error) from error
        if not finished:
            self._note(CUT_OFF)

    def _decoded(self, frame: chunks.Frame) -> Iterator[chunks.Chunk]:
        try:
            if not frame.sound:
                raise Misfit
            yield chunks.decode(frame.payload, self.header.dictionary)
        except Misfit:
            self._note(DAMAGED)

    def _compare(self, end: chunks.Frame, items: int) -> None:
        """Note it if the end of the file knows of more than there is."""
        try:
            if not end.sound or sum(msgspec.structs.astuple(decode_counts(end.payload))) != items:
                raise Misfit
        except Misfit:
            self._note(DAMAGED)

    def _note(self, code: str) -> None:
        if code not in (flaw.code for flaw in self.flaws):
            self.flaws = (*self.flaws, Flaw(code, FLAWS[code]))
            log.warning("%s: %s [%s]", self.path, FLAWS[code], code)


class Info(msgspec.Struct, frozen=True):
    """What a session file holds. `seconds` is from its first state to its last."""

    header: Header
    counts: Counts
    seconds: float
    bytes: int
    flaws: tuple[Flaw, ...]
    labels: dict[str, int]
    kinds: dict[str, int]


def read(path: Path) -> Session:
    """A session file, for passes over its items.

    :raises RecordingUnreadable: the file is missing, no session, or of a newer format.
    """
    return Session(path)


def info(path: Path) -> Info:
    """What a session file holds.

    :raises RecordingUnreadable: the file is missing, no session, or of a newer format.
    """
    session = Session(path)
    counts = dict.fromkeys((table.name for table in TABLES), 0)
    labels: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    times: list[float] = []
    for chunk in session.parts():
        for table in TABLES:
            counts[table.name] += chunk.count(table)
        labels.update(_words(chunk, "states", "label"))
        kinds.update(_words(chunk, "events", "kind"))
        at_us = _cells(chunk, "states", "at", int)
        times = [*times, *at_us][:1] + [*times, *at_us][-1:]
    return Info(
        header=session.header,
        counts=Counts(**counts),
        seconds=(times[-1] - times[0]) / US_PER_S if times else 0.0,
        bytes=path.stat().st_size,
        flaws=session.flaws,
        labels=dict(labels.most_common()),
        kinds=dict(kinds.most_common()),
    )


def _words(chunk: chunks.Chunk, table: str, column: str) -> list[str]:
    return _cells(chunk, table, column, str)


def _cells(chunk: chunks.Chunk, table: str, column: str, kind: type[Cell]) -> list[Cell]:
    """A column's cells, as far as they are what they must be."""
    columns = chunk.columns.get(table)
    found = columns.get(column) if isinstance(columns, dict) else None
    return [cell for cell in found if isinstance(cell, kind)] if isinstance(found, list) else []


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> RecordingUnreadable:
    return RecordingUnreadable(f"{path}: {getattr(error, 'strerror', None) or error}")


def _read_header(path: Path, stream: BinaryIO) -> Header:
    try:
        prefix = stream.read(chunks.PREFIX.size)
        magic, version = chunks.PREFIX.unpack(prefix.ljust(chunks.PREFIX.size, b"\0"))
        if magic != chunks.MAGIC:
            raise RecordingUnreadable(f"{path} is no recorded session")
        if version != chunks.FORMAT:
            raise RecordingUnreadable(
                f"{path} has format {version}; this Rapport reads format {chunks.FORMAT}"
            )
        first = next(chunks.frames(stream), None)
        if first is None or first.kind != chunks.HEAD or not first.sound:
            raise Misfit
        return decode_header(first.payload)
    except Misfit as error:
        raise RecordingUnreadable(f"the header of {path} is damaged") from error
    except OSError as error:
        raise _unreadable(path, error) from error
