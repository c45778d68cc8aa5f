"""A table of rows as packed columns, and back.

A column is whole numbers or None. Neighbours are alike, so what is written is how far each is from
what the ones before it let expect, as variable-length numbers (LEB128): most take one byte, and
a column that stands still is all the same byte, which compresses to nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from rapport.recording.shapes import WORDS, Cell, Misfit, Path

ROWS_MAX = 4096
"""Rows of one table. A chunk of two seconds has sixty at thirty frames a second."""
NUMBER_BYTES_MAX = 10
"""A 64-bit number needs no more."""
DEPTH_MAX = 6
"""Names in a path; a measure of a modality has five."""

ORDERS = (0, 1, 2)
"""What is expected of the next number: zero, the one before, the line through the two before."""

Packed = tuple[int, int, bytes]
"""Scale, order and bytes of a column."""


def pack_table(rows: Sequence[Iterable[tuple[Path, int, Cell]]], words: dict[str, int]) -> Any:
    """The columns of a table, nested by name; words are replaced by their number in `words`,
    which takes in those that are new."""
    columns: dict[Path, tuple[int, list[int | None]]] = {}
    for row, cells in enumerate(rows):
        for path, scale, cell in cells:
            _, column = columns.setdefault(path, (scale, []))
            column.extend([None] * (row - len(column)))
            column.append(words.setdefault(cell, len(words)) if isinstance(cell, str) else cell)
    nested: dict[str, Any] = {}
    for path, (scale, column) in columns.items():
        column.extend([None] * (len(rows) - len(column)))
        below = nested
        for name in path[:-1]:
            below = below.setdefault(name, {})
        below[path[-1]] = (scale, *pack(column))
    return nested


def unpack_table(packed: Any, rows: int, words: Sequence[str], depth: int = DEPTH_MAX) -> Any:
    """What `pack_table` made, with a list of cells for each column.

    :raises Misfit: it is no such thing.
    """
    if isinstance(packed, dict) and depth:
        return {name: unpack_table(below, rows, words, depth - 1) for name, below in packed.items()}
    match packed:
        case [int(scale), int(order), bytes(data)]:
            numbers = unpack(order, data, rows)
            if scale == WORDS:
                return [_word(number, words) for number in numbers]
            if scale == 1:
                return numbers
            if scale > 1:
                return [None if number is None else number / scale for number in numbers]
    raise Misfit


def pack(column: Sequence[int | None]) -> tuple[int, bytes]:
    """The order that gives the smallest numbers, and the bytes."""
    if len(set(column)) == 1 and column[0] is not None:  # most columns stand still
        return 1, _varints(_differences(column[:1], 1)) + b"\1" * (len(column) - 1)
    tries = [(order, _differences(column, order)) for order in ORDERS]
    order, best = min(tries, key=lambda tried: sum(tried[1]))
    return order, _varints(best)


def unpack(order: int, data: bytes, count: int) -> list[int | None]:
    """The column that `pack` wrote.

    :raises Misfit: it is not `count` numbers, or has an order that is not known.
    """
    if order not in ORDERS:
        raise Misfit
    column: list[int | None] = []
    last = before = 0
    for code in _numbers(data, count):
        if code == 0:
            column.append(None)
            continue
        difference = (code - 1) >> 1 if (code - 1) & 1 == 0 else -(code >> 1)
        last, before = _expected(order, last, before) + difference, last
        if not -(2**63) <= last < 2**63:
            raise Misfit
        column.append(last)
    return column


def _differences(column: Sequence[int | None], order: int) -> list[int]:
    """Zero for None, else one more than the difference with its sign in the lowest bit."""
    codes = []
    last = before = 0
    for value in column:
        if value is None:
            codes.append(0)
            continue
        difference = value - _expected(order, last, before)
        codes.append((2 * difference if difference >= 0 else -2 * difference - 1) + 1)
        last, before = value, last
    return codes


def _expected(order: int, last: int, before: int) -> int:
    return (0, last, 2 * last - before)[order]


def _varints(numbers: Iterable[int]) -> bytes:
    data = bytearray()
    for number in numbers:
        while number > 127:
            data.append(number & 127 | 128)
            number >>= 7
        data.append(number)
    return bytes(data)


def _numbers(data: bytes, count: int) -> list[int]:
    numbers: list[int] = []
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
        elif shift >= 7 * NUMBER_BYTES_MAX:
            raise Misfit
    if shift or len(numbers) != count:
        raise Misfit
    return numbers


def _word(number: int | None, words: Sequence[str]) -> str | None:
    if number is None:
        return None
    if not 0 <= number < len(words):
        raise Misfit
    return words[number]
