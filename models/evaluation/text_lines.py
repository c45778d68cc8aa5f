"""Labelled lines from a file, whatever its form.

UTF-8 or UTF-16, any ends of lines, blank lines passed over. The columns lie between tabs if the
first line has one, else between commas with CSV quoting. One of these:

- no header (GoEmotions' own form): text, labels, and what follows is ignored;
- a header with a column for the text (`TEXT_COLUMNS`) and one of labels (`LABEL_COLUMNS`);
- a header with the text and a column of 0 or 1 for each of the 28 labels (GoEmotions, raw);
- a header with the text and ratings `V`, `A`, `D` (or `valence`, `arousal`, `dominance`; any of
  them), on any scale (EmoBank). A column `split` may say which rows are meant.

Labels are names or numbers, several with one of `,;|` between, in brackets or not: GoEmotions' 28,
or one of our eight basic emotions as corpora call them (`happy`, `joy` ...). Numbers are those of
GoEmotions (0 ... 27); in a column `emotion` they are ours (0 ... 7), and `joy` is our happiness.
"""

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from models.evaluation.labels import PLACES
from models.evaluation.text_figures import IMPRESSIONS

from rapport.experts.dialogue.emotions import NAMES, basic_of
from rapport.state import LABELS

TEXT_COLUMNS = ("text", "utterance", "sentence", "line", "comment", "content", "tweet")
BASIC_COLUMN = "emotion"
LABEL_COLUMNS = (BASIC_COLUMN, "labels", "label", "emotions")
RATING_COLUMNS = (("v", "valence"), ("a", "arousal"), ("d", "dominance"))
SEPARATORS = re.compile(r"[,;|]")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Unusable(Exception):
    """The file is not what the documentation asks for."""


class Item(NamedTuple):
    """A line and what is known of it: GoEmotions' labels, its basic emotion, its ratings (NaN where
    there is none)."""

    text: str
    labels: tuple[int, ...] | None = None
    basic: int | None = None
    ratings: tuple[float, ...] = (np.nan,) * len(IMPRESSIONS)


class _Columns(NamedTuple):
    """Which column holds what; None: no such column."""

    text: int
    label: int | None
    is_basic: bool
    """The labels are our eight basic emotions first."""
    each: list[int]
    """One for each of the 28 labels, or none at all."""
    ratings: list[int | None]


def read_items(file: Path, split: str | None = None) -> tuple[list[Item], Counter[str]]:
    """The lines that can be evaluated, and how many others there are for which reason.

    :raises Unusable: the file cannot be read, or holds no such line.
    """
    try:
        content = file.read_bytes()
        encoding = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
        rows = _rows(content.decode(encoding, errors="replace").replace("\0", ""))
    except (OSError, csv.Error) as error:
        raise Unusable(f"{file} cannot be read: {error}") from error
    place = {name.strip().lower(): at for at, name in enumerate(rows[0])} if rows else {}
    columns = _columns(place)
    if columns is None:
        found = [_item(row, _Columns(0, 1, False, [], [])) for row in rows]
    else:
        kept = [row for row in rows[1:] if _in_split(row, place.get("split"), split)]
        found = [_item(row, columns) for row in kept]
    left_out = Counter(item for item in found if isinstance(item, str))
    items = [item for item in found if isinstance(item, Item)]
    if not items:
        raise Unusable(f"There is nothing to evaluate in {file}; left out: {dict(left_out)}")
    return items, left_out


def _rows(text: str) -> list[list[str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    tabs = "\t" in text.partition("\n")[0]
    # Between tabs a quotation mark is just one: comments open quotations that they never close.
    quoting = csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL
    stream = io.StringIO(text, newline="\n")
    rows = csv.reader(stream, delimiter="\t" if tabs else ",", quoting=quoting)
    cells = [[_unquoted(cell) for cell in row] if tabs else row for row in rows]
    return [row for row in cells if any(cell.strip() for cell in row)]


def _unquoted(cell: str) -> str:
    """A cell without the quotation marks that a spreadsheet put around it."""
    inner = cell.strip()[1:-1]
    quoted = len(cell.strip()) > 1 and cell.strip()[0] == cell.strip()[-1] == '"'
    return inner.replace('""', '"') if quoted and '"' not in inner.replace('""', "") else cell


def _columns(place: dict[str, int]) -> _Columns | None:
    """What a header says; None: the first row is none."""
    text = next((place[name] for name in TEXT_COLUMNS if name in place), None)
    if text is None:
        return None
    name = next((name for name in LABEL_COLUMNS if name in place), None)
    return _Columns(
        text,
        None if name is None else place[name],
        name == BASIC_COLUMN,
        [place[each] for each in NAMES] if place.keys() >= set(NAMES) else [],
        [next((place[n] for n in names if n in place), None) for names in RATING_COLUMNS],
    )


def _in_split(row: list[str], place: int | None, split: str | None) -> bool:
    return split is None or (place is not None and _cell(row, place).strip() == split)


def _item(row: list[str], columns: _Columns) -> Item | str:
    """A row, or why it is left out."""
    if columns.text >= len(row):
        return "no text"
    text = row[columns.text]
    ratings = tuple(_number(_cell(row, at)) for at in columns.ratings) or Item("").ratings
    if columns.each:
        labels = tuple(i for i, at in enumerate(columns.each) if _number(_cell(row, at)) > 0.0)
        return Item(text, labels, basic_of(labels), ratings) if labels else "no labels"
    told = _cell(row, columns.label).strip(" []")
    if not told:
        return Item(text, ratings=ratings) if np.isfinite(ratings).any() else "no labels"
    names = [name.strip(" '\"").lower() for name in SEPARATORS.split(told) if name.strip(" '\"")]
    basic = _basic(names, numbers=columns.is_basic)
    if columns.is_basic and basic is not None:
        return Item(text, None, basic, ratings)
    places = [_goemotion(name) for name in names]
    if names and None not in places:
        labels = tuple(place for place in places if place is not None)
        return Item(text, labels, basic_of(labels), ratings)
    if basic is not None or np.isfinite(ratings).any():
        return Item(text, None, basic, ratings)
    return "unknown label"


def _basic(names: list[str], numbers: bool) -> int | None:
    if len(names) != 1:
        return None
    if numbers and names[0].isdecimal() and int(names[0]) < len(LABELS):
        return int(names[0])
    return PLACES.get(names[0])


def _goemotion(name: str) -> int | None:
    if name.isdecimal():
        return int(name) if int(name) < len(NAMES) else None
    return NAMES.index(name) if name in NAMES else None


def _cell(row: list[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
