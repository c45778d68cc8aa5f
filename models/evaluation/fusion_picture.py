"""The grid of light and noise as a picture: how well the fused state does, and whom it trusts.

An SVG file of a few kilobytes with a background of its own, so that it reads the same on a light
and on a dark page.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

PAPER, INK, FAINT = "#ffffff", "#1f2328", "#6e7781"
POOR, GOOD = (243, 238, 226), (24, 108, 84)
"""Colours (red, green, blue) of the lowest and the highest recall."""
FACE, VOICE = (196, 92, 30), (52, 86, 170)
"""Colours of the weight: all with the face, all with the voice."""
CELL_WIDTH, CELL_HEIGHT, LEFT, TOP, GAP = 66, 48, 96, 92, 56
WHITE_BELOW = 150
"""Brightness of a cell, 0 ... 255, below which its number is written in white."""
FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"

Colour = tuple[float, float, float]


def grid_picture(figures: dict[str, Any], path: Path) -> None:
    """Draw the grid of `python -m models.evaluation fusion`.

    :param path: an .svg file; its folder is made if it is not there.
    """
    columns, rows = len(figures["snr_db"]), len(figures["light"])
    wide = columns * CELL_WIDTH
    width, height = LEFT + 2 * wide + GAP + 28, TOP + rows * CELL_HEIGHT + 62
    recalls = [cell["fused"] for row in figures["grid"] for cell in row]
    low, high = min(recalls), max(recalls)
    parts = [_text(24, 30, "Face and voice fused, by light and noise", 15, weight=600)]
    panels = (
        (LEFT, "recall, mean of the labels", lambda cell: cell["fused"], POOR, GOOD, low, high),
        (
            LEFT + wide + GAP,
            "weight of the voice (the rest: face)",
            lambda cell: cell["weight"]["voice"],
            FACE,
            VOICE,
            0.0,
            1.0,
        ),
    )
    for left, title, value, first, last, least, most in panels:
        parts.append(_text(left, 60, title, 12))
        for column, snr_db in enumerate(figures["snr_db"]):
            noise = "no noise" if snr_db is None else f"{snr_db:g} dB"
            x = left + (column + 0.5) * CELL_WIDTH
            parts.append(_text(x, TOP - 10, noise, 11, "middle", FAINT))
        for line, row in enumerate(figures["grid"]):
            for column, cell in enumerate(row):
                share = (value(cell) - least) / max(most - least, 1e-9)
                x, y = left + column * CELL_WIDTH, TOP + line * CELL_HEIGHT
                parts += _cell(x, y, value(cell), _mixed(first, last, share))
    for line, light in enumerate(figures["light"]):
        y = TOP + (line + 0.5) * CELL_HEIGHT + 4
        parts.append(_text(LEFT - 12, y, f"{light:.0%} light", 11, "end", FAINT))
    summary = figures["summary"]
    told = (
        f"better single expert in full light without noise: "
        f"{figures['grid'][0][0]['best']:.2f}; least gain over the better one in any of the"
        f" conditions: {summary['gain_least'] * 100:+.1f} points"
    )
    parts.append(_text(24, height - 24, told, 11, colour=FAINT))
    _write(path, parts, width, height)


def _cell(x: float, y: float, number: float, colour: Colour) -> Iterator[str]:
    red, green, blue = (round(part) for part in colour)
    fill = f"#{red:02x}{green:02x}{blue:02x}"
    ink = PAPER if 0.3 * red + 0.59 * green + 0.11 * blue < WHITE_BELOW else INK
    yield (
        f"<rect x='{x}' y='{y}' width='{CELL_WIDTH - 3}' height='{CELL_HEIGHT - 3}' rx='4'"
        f" fill='{fill}'/>"
    )
    middle = x + (CELL_WIDTH - 3) / 2
    yield _text(middle, y + CELL_HEIGHT / 2 + 3, f"{number:.2f}", 13, "middle", ink)


def _mixed(first: Colour, last: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(first, last, strict=True))
    return red, green, blue


def _text(
    x: float,
    y: float,
    words: str,
    size: int,
    anchor: str = "start",
    colour: str = INK,
    weight: int = 400,
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}' fill='{colour}'"
        f" font-weight='{weight}'>{words}</text>"
    )


def _write(path: Path, parts: Sequence[str], width: int, height: int) -> None:
    size = f"width='{width}' height='{height}' viewBox='0 0 {width} {height}'"
    head = f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {FONT}>"
    title = "<title>Recall of the fused state and weight of the voice by light and noise</title>"
    paper = f"<rect width='100%' height='100%' rx='8' fill='{PAPER}'/>"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([head, title, paper, *parts, "</svg>", ""])
    path.write_text(text, encoding="utf-8", newline="\n")
