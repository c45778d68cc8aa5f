"""Pictures for the model cards, drawn from figures alone: no picture, sound or line of the data.

They are SVG files of a few kilobytes with a background of their own, so that they read the same on
a light and on a dark page.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from models.evaluation.metrics import Bin, calibration_error, confidence_bins
from numpy.typing import NDArray

PAPER, INK, FAINT = "#ffffff", "#1f2328", "#8b949e"
LEAST, MOST = (240, 244, 250), (9, 76, 160)
"""Colours (red, green, blue) of the shares 0 and 1."""
DARK_FROM = 0.5
"""Share from which a cell is so dark that its number is written in white."""
CELL, MARGIN, NAMES = 56, 24, 96
SIDE = 320
"""Width and height of the reliability diagram, in pixels."""
FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"


def confusion_picture(
    confusion: Sequence[Sequence[int]], labels: Sequence[str], path: Path, title: str = ""
) -> None:
    """Draw what is taken for what: one row per true label, in per cent of that row.

    Labels that never occur in truth have no row.

    :param confusion: counts; one row per true label, one column per guessed one.
    :param path: an .svg file; its folder is made if it is not there.
    """
    rows = [place for place, row in enumerate(confusion) if sum(row) > 0]
    left, top = MARGIN + NAMES, MARGIN + 30 + NAMES // 2
    parts = [_text(MARGIN, MARGIN + 6, title, size=14, weight=600)]
    parts += [
        _text(left + (column + 0.5) * CELL, top - 10, _short(label), anchor="middle", size=11)
        for column, label in enumerate(labels)
    ]
    parts.append(_text(left, top - 30, "taken for", colour=FAINT, size=11))
    for line, place in enumerate(rows):
        counts = confusion[place]
        y = top + line * CELL
        parts.append(_text(left - 10, y + CELL / 2, labels[place], anchor="end", size=12))
        number = f"n = {sum(counts)}"
        parts.append(_text(left - 10, y + CELL / 2 + 15, number, "end", FAINT, size=10))
        for column, count in enumerate(counts):
            parts += _cell(left + column * CELL, y, count / sum(counts), column == place)
    width, height = left + len(labels) * CELL + MARGIN, top + len(rows) * CELL + MARGIN
    _write(path, parts, width, height, title or "Confusion of labels")


def reliability_picture(
    probabilities: NDArray[Any], truth: NDArray[Any], path: Path, title: str = ""
) -> None:
    """Draw how often the most probable label is right, by how probable it is said to be. On the
    diagonal the two agree; bars at the foot show how many items have that confidence.

    :param probabilities: N x labels; every row sums to one.
    :param truth: N, the places of the true labels.
    :param path: an .svg file; its folder is made if it is not there.
    """
    bins = confidence_bins(probabilities, truth)
    left, top = MARGIN + 44, MARGIN + 24
    bottom = top + SIDE
    parts = [_text(MARGIN, MARGIN + 6, title, size=14, weight=600)]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + tick * SIDE, bottom - tick * SIDE
        parts.append(_line(left, y, left + SIDE, y, "#e4e8ed"))
        parts.append(_text(left - 8, y + 4, f"{tick:g}", "end", FAINT, size=11))
        parts.append(_text(x, bottom + 18, f"{tick:g}", "middle", FAINT, size=11))
    parts += _shares(bins, left, bottom)
    parts.append(_line(left, bottom, left + SIDE, top, FAINT, dash="4 4"))
    points = [(left + b.confidence * SIDE, bottom - b.right * SIDE) for b in bins]
    course = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts.append(
        f"<polyline points='{course}' fill='none' stroke='{_colour(1)}' stroke-width='2'/>"
    )
    parts += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4' fill='{_colour(1)}'/>" for x, y in points]
    error = f"calibration error {calibration_error(probabilities, truth):.3f}, n = {len(truth)}"
    parts.append(_text(left + 10, top + 18, error, size=12))
    parts.append(_text(left + SIDE / 2, bottom + 38, "confidence", "middle", size=12))
    turn = f"transform='rotate(-90 {MARGIN} {bottom - SIDE / 2:.0f})'"
    parts.append(_text(MARGIN, bottom - SIDE / 2, "share that is right", "middle", extra=turn))
    width, height = left + SIDE + MARGIN, bottom + 38 + MARGIN
    _write(path, parts, width, height, title or "Reliability")


def _shares(bins: list[Bin], left: float, bottom: float) -> Iterator[str]:
    """Bars at the foot of the diagram: the share of the items in each bin."""
    for each in bins:
        x, wide = left + each.low * SIDE, (each.high - each.low) * SIDE
        high = each.share * SIDE / 2
        yield (
            f"<rect x='{x:.1f}' y='{bottom - high:.1f}' width='{wide - 2:.1f}' height='{high:.1f}'"
            f" fill='{_colour(0.25)}'/>"
        )


def _cell(x: float, y: float, share: float, right: bool) -> Iterator[str]:
    frame = f" stroke='{INK}' stroke-width='1.5'" if right else ""
    side = CELL - 3
    yield (
        f"<rect x='{x:.0f}' y='{y:.0f}' width='{side}' height='{side}' rx='3'"
        f" fill='{_colour(share)}'{frame}/>"
    )
    if share > 0.0:
        colour = PAPER if share >= DARK_FROM else INK
        number = f"{share * 100:.0f}" if share >= 0.005 else "<1"
        yield _text(x + side / 2, y + side / 2 + 4, number, "middle", colour, size=12)


def _colour(share: float) -> str:
    mixed = np.array(LEAST) * (1.0 - share) + np.array(MOST) * share
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def _short(label: str, most: int = 9) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}."


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "none") -> str:
    return (
        f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'"
        f" stroke-dasharray='{dash}'/>"
    )


def _text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    colour: str = INK,
    size: int = 12,
    weight: int = 400,
    extra: str = "",
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{colour}' font-size='{size}'"
        f" font-weight='{weight}' {extra}>{escape(words)}</text>"
    )


def _write(path: Path, parts: list[str], width: float, height: float, described: str) -> None:
    size = f"width='{width:.0f}' height='{height:.0f}' viewBox='0 0 {width:.0f} {height:.0f}'"
    head = f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {FONT}>"
    paper = f"<rect width='100%' height='100%' rx='8' fill='{PAPER}'/>"
    body = [head, f"<title>{escape(described)}</title>", paper, *parts, "</svg>", ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(body), encoding="utf-8", newline="\n")
