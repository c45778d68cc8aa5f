"""A session as one flat table, for spreadsheets and pandas: a row for each state, event, line."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import msgspec

from rapport.errors import ExportFailed
from rapport.recording.player import at_ns
from rapport.recording.rows import BY_KIND
from rapport.recording.session import Session
from rapport.state import LABELS

ROWS_AT_ONCE = 10_000
"""Rows of a Parquet row group: a few megabytes in memory."""

Row = dict[str, Any]


def rows(session: Session) -> Iterator[Row]:
    """The items as flat maps; nested names are joined with dots, distributions have a column for
    each label, and what is None is left out."""
    for item in session:
        seconds = (at_ns(item) - session.header.start_ns) / 1e9
        named = {"seconds": seconds, "item": BY_KIND[type(item)].name.removesuffix("s")}
        flat = dict(_flat(msgspec.to_builtins(item)))
        flat.pop("detail", None)  # of an event; it is never recorded
        yield named | flat


def columns(session: Session) -> dict[str, type]:
    """Name and type of every column, in order: the common ones, then those of each kind of item
    as they first come."""
    found: dict[str, type] = {}
    for row in rows(session):
        for name, content in row.items():
            if found.setdefault(name, type(content)) is int and isinstance(content, float):
                found[name] = float
    return found


def write_csv(session: Session, stream: TextIO) -> int:
    """Write a session as CSV with a line of names; returns the number of rows. What is None is
    empty; true and false are 1 and 0.

    :raises ExportFailed: it cannot be written.
    """
    names = list(columns(session))
    count = 0
    try:
        writer = csv.DictWriter(stream, names, restval="", lineterminator="\n")
        writer.writeheader()
        for row in rows(session):
            writer.writerow({k: int(v) if isinstance(v, bool) else v for k, v in row.items()})
            count += 1
        stream.flush()
    except OSError as error:
        raise ExportFailed(f"the table cannot be written: {error.strerror or error}") from error
    return count


def write_parquet(session: Session, path: Path) -> int:
    """Write a session as Parquet; returns the number of rows.

    :raises ExportFailed: it cannot be written, or pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise ExportFailed("Parquet is written by pyarrow, which is not installed") from error
    kinds: Mapping[type, Callable[[], Any]] = {
        float: arrow.float64,
        int: arrow.int64,
        bool: arrow.bool_,
        str: arrow.string,
    }
    schema = arrow.schema([(name, kinds[kind]()) for name, kind in columns(session).items()])
    count = 0
    try:
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            waiting = iter(rows(session))
            while some := list(islice(waiting, ROWS_AT_ONCE)):
                writer.write_table(arrow.Table.from_pylist(some, schema))
                count += len(some)
    except OSError as error:
        raise ExportFailed(f"{path} cannot be written: {error.strerror or error}") from error
    return count


def _flat(content: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        yield from _flat_each(content.items(), name)
    elif isinstance(content, list | tuple):
        yield from _flat_each(zip(LABELS, content, strict=True), name)
    elif content is not None:
        yield name, content


def _flat_each(content: Iterable[tuple[str, Any]], name: str) -> Iterator[tuple[str, Any]]:
    for key, below in content:
        yield from _flat(below, f"{name}.{key}" if name else key)
