"""`python -m models.evaluation text FILE`: the shipped text expert on any labelled lines.

`text_lines` says which forms a file may have: GoEmotions' own, tables with emotions or ratings.

Everything goes through the code and the model that are shipped. `macro_f1` and `f1` are over the 28
labels with the thresholds in the model; `accuracy`, `uar`, `per_class`, `confusion` and `ece` are
over the basic emotions, on the lines whose labels all belong to one of them (`n_basic`). A line
that the expert does not read counts as wrong, and is left out of the correlations (`read` says how
many were read). `ms_per_item` is the median time of one line. What a file has no labels for is
null. `--bootstrap` gives intervals over lines, `--pictures` draws what is taken for what.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.evaluation import shipped
from models.evaluation.bootstrap import intervals
from models.evaluation.metrics import report
from models.evaluation.pictures import confusion_picture, reliability_picture
from models.evaluation.progress import progress
from models.evaluation.text_figures import f1, pearson
from models.evaluation.text_lines import Item, Unusable, read_items

from rapport.errors import RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.dialogue.emotions import NAMES
from rapport.state import LABELS, Evidence

BASIC_FIGURES = ("accuracy", "uar", "per_class", "confusion", "ece")
WARM_UP = 20
"""Lines that are read once before the clock starts: the first run of a model is slow."""


class Answer(NamedTuple):
    """What the expert said to a line: its evidence, and the 28 labels that hold."""

    evidence: Evidence
    labels: tuple[bool, ...]
    ms: float


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        items, left_out = read_items(options.file, options.split)
        expert = TextExpert(shipped.store(options.models))
    except (Unusable, RapportError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for item in items[:WARM_UP]:
        expert.read(item.text, 0)
    answers = [answer(expert, item.text) for item in progress(items, "Reading")]
    figures = {**assess(items, answers), "left_out": dict(left_out)}
    if options.bootstrap:
        figures["intervals"] = intervals(
            lambda places: _flat(assess([items[p] for p in places], [answers[p] for p in places])),
            len(items),
            options.bootstrap,
        )
    if options.pictures and figures["confusion"]:
        draw(items, answers, figures["confusion"], options)
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation text", description=(__doc__ or "").splitlines()[0]
    )
    option = parser.add_argument
    option("file", type=Path, help="a .tsv or .csv file, see the module's documentation")
    option("--split", help="only rows whose column `split` says this")
    option("--bootstrap", type=int, default=0, metavar="DRAWS", help="intervals by so many draws")
    option("--pictures", type=Path, metavar="FOLDER", help="draw confusion and reliability there")
    option("--title", default="text_emotion", help="of those pictures")
    option("--models", type=Path, metavar="FOLDER", help="of another text_emotion.onnx")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


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


def draw(
    items: list[Item],
    answers: list[Answer],
    confusion: list[list[int]],
    options: argparse.Namespace,
) -> None:
    """The pictures of the card, from the answers alone."""
    folder, title = options.pictures, options.title
    confusion_picture(confusion, LABELS, folder / "text_emotion-confusion.svg", title)
    read = [
        (given.evidence.distribution, item.basic)
        for item, given in zip(items, answers, strict=True)
        if item.basic is not None and given.evidence.distribution is not None
    ]
    probabilities, truth = (np.array(column) for column in zip(*read, strict=True))
    path = folder / "text_emotion-reliability.svg"
    reliability_picture(probabilities, truth, path, title)


def _flat(figures: dict[str, Any]) -> dict[str, float]:
    """The figures that a bootstrap can give an interval for."""
    flat = {n: figures[n] for n in ("accuracy", "uar", "ece", "macro_f1") if figures[n] is not None}
    for group in ("per_class", "pearson"):
        flat |= {n: value for n, value in (figures[group] or {}).items() if value is not None}
    return flat


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
