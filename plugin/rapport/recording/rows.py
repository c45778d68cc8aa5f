"""Items to rows of cells, and back, on the time base of a session.

Three columns stand for the four long times of a state: `at` (published, an event happened, a line
came: microseconds from the base), `delay` (microseconds from the capture to that) and `drift`
(milliseconds that the wall clock has moved against the monotonic one since the base).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from rapport.recording.shapes import Cell, Misfit, Number, Path, Record, Shape, cells, value
from rapport.recording.tables import EVENT_FIELDS, LINE_FIELDS, STATE_FIELDS, Item, Line
from rapport.state import EmotionState, Event

Row = list[tuple[Path, int, Cell]]
MarkedRow = tuple[str, Row]
"""A row and the mark of the table that it belongs to."""

NS_PER_US = 1_000
US_PER_S = 1_000_000
MS_PER_S = 1_000
MICROSECONDS = Number(1, -(2.0**52), 2.0**52)
MILLISECONDS = Number(1, -(2.0**52), 2.0**52)
"""Whole ones, as far as a double counts them: 142 years of microseconds."""


class Base(NamedTuple):
    """Where times count from: the monotonic clock in nanoseconds, the wall clock in seconds."""

    ns: int
    wall: float

    def at_us(self, ns: int) -> int:
        """Microseconds from the base."""
        return round((ns - self.ns) / NS_PER_US)

    def drift_ms(self, wall: float, at_us: int) -> int:
        """How far the wall clock has moved since the base."""
        return round((wall - self.wall - at_us / US_PER_S) * MS_PER_S)

    def times(self, at_us: float, drift_ms: float) -> tuple[int, float]:
        """The monotonic and the wall time."""
        ns = self.ns + round(at_us) * NS_PER_US
        return ns, self.wall + at_us / US_PER_S + drift_ms / MS_PER_S


class Table(NamedTuple):
    """One kind of item: its name in the file, its mark in the order of items, its columns, and
    how its times get into columns and back."""

    name: str
    mark: str
    kind: type[Item]
    columns: Record
    times_of: Callable[[Any, Base], Mapping[str, int]]
    fields_of: Callable[[Base, float, float, float], Mapping[str, Any]]


def _state_times(state: EmotionState, base: Base) -> Mapping[str, int]:
    # One that was never published (from a clip that was analysed) counts as published when it
    # was captured.
    published_ns = state.published_ns or state.captured_ns
    at_us = base.at_us(published_ns)
    wall = state.published_wall or state.captured_wall
    return {
        "at": at_us,
        "delay": at_us - base.at_us(state.captured_ns),
        "drift": base.drift_ms(wall, at_us),
    }


def _state_fields(base: Base, at_us: float, delay_us: float, drift_ms: float) -> Mapping[str, Any]:
    published_ns, published_wall = base.times(at_us, drift_ms)
    return {
        "published_ns": published_ns,
        "published_wall": published_wall,
        "captured_ns": published_ns - round(delay_us) * NS_PER_US,
        "captured_wall": published_wall - delay_us / US_PER_S,
    }


def _event_times(event: Event, base: Base) -> Mapping[str, int]:
    at_us = base.at_us(event.at_ns)
    return {"at": at_us, "drift": base.drift_ms(event.at_wall, at_us)}


def _event_fields(base: Base, at_us: float, _: float, drift_ms: float) -> Mapping[str, Any]:
    at_ns, at_wall = base.times(at_us, drift_ms)
    return {"at_ns": at_ns, "at_wall": at_wall}


def _line_times(line: Line, base: Base) -> Mapping[str, int]:
    return {"at": base.at_us(line.at_ns)}


def _line_fields(base: Base, at_us: float, _delay: float, _drift: float) -> Mapping[str, Any]:
    return {"at_ns": base.times(at_us, 0.0)[0]}


_TIMES: Mapping[str, Shape] = {"at": MICROSECONDS, "delay": MICROSECONDS, "drift": MILLISECONDS}


def _columns(fields: Mapping[str, Shape], *required: str) -> Record:
    return Record(dict, ("at", *required), {**_TIMES, **fields})


TABLES = (
    Table(
        "states", "s", EmotionState,
        _columns(STATE_FIELDS, "label", "confidence"), _state_times, _state_fields,
    ),
    Table("events", "e", Event, _columns(EVENT_FIELDS, "kind"), _event_times, _event_fields),
    Table("lines", "l", Line, _columns(LINE_FIELDS, "line", "role"), _line_times, _line_fields),
)  # fmt: skip
BY_KIND = {table.kind: table for table in TABLES}
BY_MARK = {table.mark: table for table in TABLES}


def row_of(item: Item, base: Base) -> MarkedRow:
    """An item's table and cells."""
    table = BY_KIND[type(item)]
    row: Row = [((name,), 1, us) for name, us in table.times_of(item, base).items()]
    for name, shape in table.columns.fields.items():
        if name not in _TIMES:
            row.extend(cells(shape, getattr(item, name), (name,)))
    return table.mark, row


def item_of(table: Table, columns: Any, row: int, base: Base) -> Item:
    """The item of a row.

    :raises Misfit: it is none.
    """
    found = value(table.columns, columns, row)
    if found is None:
        raise Misfit
    at, delay, drift = (found.pop(name, 0.0) for name in _TIMES)
    if table.kind is EmotionState:
        found.setdefault("modalities", {})
    try:
        return table.kind(**table.fields_of(base, at, delay, drift), **found)
    except (TypeError, OverflowError, msgspec.ValidationError) as error:
        raise Misfit from error
