"""Shapes: how a struct lies in columns of whole numbers and words, and how it comes back.

A shape says for one field which cells it fills. Numbers are multiplied by a scale and rounded, so
a number with scale 1000 comes back within 0.0005 of what it was. A shape that holds others gives
each of their cells a longer path, such as ("modalities", "face", "valence").
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from rapport.state import LABELS

Cell = int | str | None
"""What one row has in one column."""
Path = tuple[str, ...]

WORD_CHARACTERS_MAX = 120
"""Labels, conditions, ids of models and lines; what is longer is cut."""
NAMES_MAX = 32
"""Names in one map: modalities, measures of one modality, moments. There are four, eight and at
most sixteen; what would be more is left out."""
NAMES_IN_CHUNK_MAX = 512
"""Names in one map over all the rows of a chunk: a game may name a moment at every state."""
NAME_CHARACTERS_MAX = 64
_FAR = 1e12
"""No measure of a picture or a sound comes near."""


class Misfit(Exception):
    """A cell that this shape never writes. Told as damage of the chunk it is in."""


class Number(NamedTuple):
    """A number or None, kept as a multiple of 1/scale; NaN becomes None, what is beyond the range
    becomes its end."""

    scale: int
    low: float = -_FAR
    high: float = _FAR


class Count(NamedTuple):
    """A whole number that is not negative."""

    high: int = 2**62


class Flag(NamedTuple):
    """True, false or None."""


class Word(NamedTuple):
    """A word of the vocabulary or an id; never what a person said."""

    kind: Callable[[str], Any] = str


class Shares(NamedTuple):
    """Eight shares that sum to one, or None; a column for each label. They are rounded so that
    the sum stays one: each to a neighbouring multiple."""

    scale: int


class Record(NamedTuple):
    """A struct of ours, or None; a field without a shape is not written. `required` are the
    fields without which there is no struct."""

    kind: Callable[..., Any]
    required: tuple[str, ...]
    fields: Mapping[str, "Shape"]


class Each(NamedTuple):
    """A map by name; the names need not be known beforehand."""

    other: "Shape"
    known: Mapping[str, "Shape"] = {}
    kind: Callable[[str], Any] = str

    def shape(self, name: str) -> "Shape":
        """The shape of what stands under this name."""
        return self.known.get(name, self.other)


Shape = Number | Count | Flag | Word | Shares | Record | Each

WORDS = 0
"""The scale of a column of words."""


def cells(shape: Shape, value: Any, path: Path = ()) -> Iterator[tuple[Path, int, Cell]]:
    """Path, scale and content of every cell that a value fills; None fills none."""
    if value is None:
        return
    match shape:
        case Number(scale, low, high):
            if math.isfinite(value):
                yield path, scale, round(min(high, max(low, value)) * scale)
        case Count(high):
            yield path, 1, min(high, max(0, int(value)))
        case Flag():
            yield path, 1, int(value)
        case Word():
            yield path, WORDS, str(value)[:WORD_CHARACTERS_MAX]
        case Shares(scale):
            for label, cell in zip(LABELS, _rounded(value, scale), strict=True):
                yield (*path, label), scale, cell
        case Record(_, _, fields):
            for name, field in fields.items():
                yield from cells(field, getattr(value, name), (*path, name))
        case Each():
            for name, content in list(value.items())[:NAMES_MAX]:
                if 0 < len(name) <= NAME_CHARACTERS_MAX:
                    yield from cells(shape.shape(str(name)), content, (*path, str(name)))


def value(shape: Shape, columns: Any, row: int) -> Any:
    """The value that a row of (nested) columns holds; None if it holds none.

    :param columns: a list of cells for a shape that fills one, else a map of such by name.
    :raises Misfit: a cell is out of range or of another type.
    """
    if columns is None:
        return None
    match shape:
        case Number(_, low, high):
            number = _number(columns, row)
            _require(number is None or low <= number <= high)
            return None if number is None else float(number)
        case Count(high):
            count = _number(columns, row)
            _require(count is None or 0 <= count <= high)
            return None if count is None else int(count)
        case Flag():
            flag = _number(columns, row)
            _require(flag is None or flag in (0, 1))
            return None if flag is None else bool(flag)
        case Word(kind):
            word = _cell(columns, row)
            _require(word is None or isinstance(word, str))
            return None if word is None else kind(word)
        case Shares():
            return _shares([_number(_under(columns, label), row) for label in LABELS])
        case Record(kind, required, fields):
            found = {
                name: content
                for name, field in fields.items()
                if (content := value(field, _under(columns, name), row)) is not None
            }
            return kind(**found) if all(name in found for name in required) else None
        case Each(_, _, kind):
            _require(isinstance(columns, dict) and len(columns) <= NAMES_IN_CHUNK_MAX)
            return {
                kind(name): content
                for name, below in columns.items()
                if (content := value(shape.shape(name), below, row)) is not None
            }


def _under(columns: Any, name: str) -> Any:
    _require(isinstance(columns, dict))
    return columns.get(name)


def _cell(column: Any, row: int) -> Any:
    _require(column is None or isinstance(column, list))
    return None if column is None else column[row]


def _number(column: Any, row: int) -> int | float | None:
    number = _cell(column, row)
    _require(number is None or isinstance(number, int | float))
    return number  # type: ignore[no-any-return]


def _shares(found: list[float | None]) -> tuple[float, ...] | None:
    shares = [share for share in found if share is not None]
    if not shares:
        return None
    _require(len(shares) == len(LABELS) and min(shares) >= 0.0 and abs(sum(shares) - 1.0) < 1e-6)
    return tuple(shares)


def _require(sound: bool) -> None:
    if not sound:
        raise Misfit


def _rounded(shares: tuple[float, ...], scale: int) -> list[int]:
    """Whole numbers in the ratio of the shares that sum to `scale` (largest remainders)."""
    total = sum(shares)
    exact = [share * scale / total for share in shares]
    whole = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(whole)), key=lambda i: whole[i] - exact[i])
    for i in by_remainder[: scale - sum(whole)]:
        whole[i] += 1
    return whole
