"""`python -m models.evaluation text FILE.tsv`: the shipped text expert on any labelled lines.

The file is one of these, UTF-8, with tabs between columns if its name ends in .tsv or .txt, else
with commas (CSV quoting):

- GoEmotions' own form, no header: text, labels with commas between (numbers 0 ... 27 in the order
  of the data set, or names), and an id that is ignored;
- a header with `text` (or `utterance`) and `emotion`: one of our eight basic emotions, or what
  other corpora call them (`joy`, `sad` ...);
- a header with `text` and ratings `V`, `A`, `D` (or `valence`, `arousal`, `dominance`; any of
  them), on any scale: EmoBank's form. `--split dev` keeps the rows whose column `split` says so.

Everything goes through the code and the model that are shipped. `macro_f1` and `f1` are over the 28
labels with the thresholds in the model; `accuracy`, `uar`, `per_class`, `confusion` and `ece` are
over the basic emotions, on the lines whose labels all belong to one of them (`n_basic`). A line
that the expert does not read counts as wrong, and is left out of the correlations (`read` says how
many were read). `ms_per_item` is the median time of one line. What a file has no labels for is
null.
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.evaluation.metrics import report
from models.evaluation.text_figures import IMPRESSIONS, f1, pearson
from models.evaluation.voice import PLACES
from rich.progress import track as progress

from rapport import settings
from rapport.errors import RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.dialogue.emotions import NAMES, basic_of
from rapport.experts.store import Store
from rapport.state import LABELS, Evidence

TEXT_COLUMNS = ("text", "utterance")
EMOTION_COLUMN = "emotion"
RATING_COLUMNS = (("v", "valence"), ("a", "arousal"), ("d", "dominance"))
BASIC_FIGURES = ("accuracy", "uar", "per_class", "confusion", "ece")
WARM_UP = 20
"""Lines that are read once before the clock starts: the first run of a model is slow."""


class Unusable(Exception):
    """The file is not what the documentation asks for."""


class Item(NamedTuple):
    """A line and what is known of it: GoEmotions' labels, its basic emotion, its ratings (NaN where
    there is none)."""

    text: str
    labels: tuple[int, ...] | None = None
    basic: int | None = None
    ratings: tuple[float, ...] = (np.nan,) * len(IMPRESSIONS)


class Answer(NamedTuple):
    """What the expert said to a line: its evidence, and the 28 labels that hold."""

    evidence: Evidence
    labels: tuple[bool, ...]
    ms: float


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        items, left_out = read_items(options.file, options.split)
        expert = TextExpert(Store(settings.Models()))
    except (Unusable, RapportError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for item in items[:WARM_UP]:
        expert.read(item.text, 0)
    answers = [
        answer(expert, item.text) for item in progress(items, "Reading", disable=options.json)
    ]
    figures = {**assess(items, answers), "left_out": dict(left_out)}
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation text", description=(__doc__ or "").splitlines()[0]
    )
    option = parser.add_argument
    option("file", type=Path, help="a .tsv or .csv file, see the module's documentation")
    option("--split", help="only rows whose column `split` says this")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def read_items(file: Path, split: str | None = None) -> tuple[list[Item], Counter[str]]:
    """The lines that can be evaluated, and how many others there are for which reason.

    :raises Unusable: the file cannot be read, or holds no such line.
    """
    delimiter = "\t" if file.suffix.lower() in (".tsv", ".txt") else ","
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            rows = [row for row in csv.reader(stream, delimiter=delimiter, quoting=quoting) if row]
    except (OSError, csv.Error) as error:
        raise Unusable(f"{file} cannot be read: {error}") from error
    header = [name.strip().lower() for name in rows[0]] if rows else []
    place = {name: at for at, name in enumerate(header)}
    text = next((place[name] for name in TEXT_COLUMNS if name in place), None)
    ratings = [next((place[n] for n in names if n in place), None) for names in RATING_COLUMNS]
    left_out: Counter[str] = Counter()
    found: list[Item | str]
    if text is None:
        found = [_goemotions(row) for row in rows]
    else:
        rows = [row for row in rows[1:] if _in_split(row, place.get("split"), split)]
        found = [_headed(row, text, place.get(EMOTION_COLUMN), ratings) for row in rows]
    items = []
    for item in found:
        if isinstance(item, str):
            left_out[item] += 1
        else:
            items.append(item)
    if not items:
        raise Unusable(f"There is nothing to evaluate in {file}; left out: {dict(left_out)}")
    return items, left_out


def _in_split(row: list[str], place: int | None, split: str | None) -> bool:
    return split is None or (place is not None and place < len(row) and row[place] == split)


def _goemotions(row: list[str]) -> Item | str:
    """A row without a header, or why it is left out."""
    if len(row) < 2:
        return "no labels"
    try:
        labels = tuple(_label(name.strip()) for name in row[1].split(","))
    except ValueError:
        return "unknown label"
    return Item(row[0], labels, basic_of(labels))


def _label(name: str) -> int:
    number = int(name) if name.isdecimal() else NAMES.index(name.lower())
    if number >= len(NAMES):
        raise ValueError(name)
    return number


def _headed(
    row: list[str], text: int, emotion: int | None, ratings: list[int | None]
) -> Item | str:
    """A row under a header, or why it is left out."""
    if len(row) <= text:
        return "no text"
    basic = None
    if emotion is not None and emotion < len(row):
        basic = PLACES.get(row[emotion].strip().lower())
    values = tuple(_number(row, at) for at in ratings)
    if basic is None and not np.isfinite(values).any():
        return "no label of ours and no rating"
    return Item(row[text], None, basic, values)


def _number(row: list[str], at: int | None) -> float:
    try:
        return float(row[at]) if at is not None and at < len(row) else float("nan")
    except ValueError:
        return float("nan")


def answer(expert: TextExpert, text: str) -> Answer:
    """Read one line with the clock running, then ask for the 28 labels."""
    began = time.perf_counter()
    evidence = expert.read(text, 0)
    ms = (time.perf_counter() - began) * 1e3
    found = expert.emotions(text) or dict.fromkeys(NAMES, 0.0)
    return Answer(evidence, tuple(found[n] >= expert.thresholds[n] for n in NAMES), ms)


def assess(items: list[Item], answers: list[Answer]) -> dict[str, Any]:
    """All figures, by the names that `--json` prints."""
    evidence = [given.evidence for given in answers]
    read = np.array([one.distribution is not None for one in evidence])
    basic = np.array([-1 if item.basic is None else item.basic for item in items])
    ms = float(np.median([given.ms for given in answers]))
    figures: dict[str, Any] = dict.fromkeys(BASIC_FIGURES)
    kept = basic >= 0
    if (kept & read).any():
        nothing = (0.0,) * len(LABELS)
        shares = np.array([one.distribution or nothing for one in evidence])
        basics = report(shares[kept], basic[kept], LABELS, ms, read[kept])
        figures = {name: basics[name] for name in BASIC_FIGURES}
    labelled = [place for place, item in enumerate(items) if item.labels is not None]
    ratings = np.array([item.ratings for item in items])
    said = np.array([(one.valence, one.arousal, one.dominance) for one in evidence], np.float64)
    return {
        "n": len(items),
        "n_basic": int(kept.sum()),
        **figures,
        **_many_labels([items[p] for p in labelled], [answers[p] for p in labelled]),
        "pearson": pearson(said[read], ratings[read]) if np.isfinite(ratings).any() else None,
        "read": float(read.mean()),
        "ms_per_item": ms,
        "model": evidence[0].model,
    }


def _many_labels(items: list[Item], answers: list[Answer]) -> dict[str, Any]:
    """Macro-F1 over the 28 labels, F1 of each, and the share of lines with exactly the right
    ones."""
    if not items:
        return {"macro_f1": None, "f1": None, "exact": None}
    truth = np.zeros((len(items), len(NAMES)), np.bool_)
    for row, item in enumerate(items):
        truth[row, list(item.labels or ())] = True
    guess = np.array([given.labels for given in answers])
    scores = f1(guess, truth)[truth.any(axis=0)]
    present = [name for name, there in zip(NAMES, truth.any(axis=0), strict=True) if there]
    return {
        "macro_f1": float(scores.mean()),
        "f1": dict(zip(present, scores.tolist(), strict=True)),
        "exact": float((guess == truth).all(axis=1).mean()),
    }


def _table(figures: dict[str, Any]) -> str:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [name, *(f"  {key:<16} {_short(entry)}" for key, entry in value.items())]
        elif name != "confusion" and value is not None:
            lines.append(f"{name:<18} {_short(value)}")
    if figures["confusion"]:
        lines += ["rows: true, columns: guessed"]
        lines.append(" " * 10 + " ".join(label[:5].rjust(5) for label in LABELS))
        for label, row in zip(LABELS, figures["confusion"], strict=True):
            lines.append(label.ljust(10) + " ".join(str(count).rjust(5) for count in row))
    return "\n".join(lines) + "\n"


def _short(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
