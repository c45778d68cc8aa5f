"""Draws the pictures of docs/granular.md: for each granular state its scripted session, what the
script does, and what the states make of it. Says how long a tick takes, too.

    python tools/granular_pictures.py docs/images/granular
"""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from rapport import settings
from rapport.experts.store import Store
from rapport.reactions.granular import GranularStates
from rapport.recording.acting import START_NS
from rapport.recording.script import Script, load
from rapport.sidecar.assembly import gate_parameters
from rapport.sidecar.simulation import simulate
from rapport.state import GRANULAR, EmotionState, Granular

SESSIONS = {
    "frustration": "beaten_again",
    "confusion": "stuck_on_a_riddle",
    "overwhelm": "everything_at_once",
    "boredom": "waiting_for_nothing",
    "engagement": "deep_in_the_game",
    "amusement": "shared_joke",
    "scepticism": "tall_tale",
    "grief": "mourning",
}
"""Granular state -> the script that shows it."""

Moment = tuple[float, dict[str, Granular]]
Span = tuple[float, float, str, float]
"""Begin and end in seconds, a name, and how strong, 0 ... 1."""

PAPER, INK, FAINT, GRID = "#ffffff", "#1f2328", "#6e7781", "#e4e8ed"
MINE, OTHER = "#09509e", "#b8bfc7"
LABEL_COLOURS = {
    "neutral": "#e4e8ed",
    "happiness": "#f2c94c",
    "surprise": "#f2994a",
    "sadness": "#7a9cc6",
    "anger": "#d9604f",
    "disgust": "#8a9a5b",
    "fear": "#9b7bb8",
    "contempt": "#b08968",
}
LEFT, TOP, WIDE, HIGH, RIGHT = 92, 46, 600, 150, 128
ROW, ROW_GAP = 16, 5
LETTER, LETTERS_LEAST = 6.2, 3
"""Width of a letter; with fewer of them a word says nothing and is left out."""
POINTS_PER_S = 2
"""More would not be seen at this size, and make a large file."""
DRAWN_FROM = 0.05
"""Another state is drawn where it gets at least this far; less is a line at the foot."""
FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"


def play(script: Script) -> tuple[list[Moment], float]:
    """What is known at each tick of a script, through the gate in use; the mean time of a tick in
    microseconds."""
    granular, moments, spent_s = GranularStates(), [], 0.0
    gate = gate_parameters(Store(settings.Models()))
    for item in simulate(script, settings.Fusion(), gate=gate):
        if isinstance(item, EmotionState):
            began_s = time.perf_counter()
            known = granular.tick(item, item.published_ns)
            spent_s += time.perf_counter() - began_s
            moments.append(((item.published_ns - START_NS) / 1e9, known))
    return moments, spent_s / len(moments) * 1e6


def draw(name: str, script: Script, moments: Sequence[Moment]) -> str:
    """The picture of one session as SVG; the state of that name stands out."""
    rows = [(word, spans) for word, spans in _rows(script) if spans]
    bottom = TOP + HIGH
    height = bottom + 30 + len(rows) * (ROW + ROW_GAP) + 8
    parts = [_text(16, 26, f"{name}: {script.title}", 14, weight=600)]
    parts += _axes(script.seconds)
    peaks = []
    for other in GRANULAR:
        if other != name:
            peak_s, peak = max(
                ((at_s, known[other].value) for at_s, known in moments if other in known),
                key=lambda point: point[1],
                default=(0.0, 0.0),
            )
            peaks.append((peak, peak_s, other))
            if peak >= DRAWN_FROM:
                parts += _line(moments, other, script.seconds, OTHER, 1.2)
    parts += _line(moments, name, script.seconds, MINE, 1.2, confidence=True)
    parts += _line(moments, name, script.seconds, MINE, 2.4)
    parts += _legend(name, max(peaks))
    for number, (word, spans) in enumerate(rows):
        y = bottom + 28 + number * (ROW + ROW_GAP)
        parts.append(_text(LEFT - 8, y + 12, word, 11, "end", FAINT))
        parts += [_span(span, y, script.seconds) for span in spans]
    size = f"width='{LEFT + WIDE + RIGHT}' height='{height}'"
    box = f"viewBox='0 0 {LEFT + WIDE + RIGHT} {height}'"
    head = f"<svg xmlns='http://www.w3.org/2000/svg' {size} {box} role='img' {FONT}>"
    title = f"<title>{escape(f'{name} in the session {script.title}')}</title>"
    paper = f"<rect width='100%' height='100%' rx='8' fill='{PAPER}'/>"
    return "\n".join([head, title, paper, *parts, "</svg>", ""])


def _rows(script: Script) -> Iterator[tuple[str, list[Span]]]:
    """What the script does, row by row."""
    cues = sorted(script.emotion, key=lambda cue: cue.at)
    ends = [*(cue.at for cue in cues[1:]), script.seconds]
    shown = [
        (cue.at, min(end, cue.until or end), str(cue.label), cue.strength)
        for cue, end in zip(cues, ends, strict=True)
    ]
    yield "shows", [span for span in shown if span[2] != "neutral"]
    yield "speaks", [(s.at, s.until, "", 0.5) for s in script.speaking]
    yield "sounds", [(b.at, b.until, str(b.name), 0.0) for b in script.burst]
    yield "says", [(said.at, said.at + 1.0, str(said.label), 0.0)
                   for said in script.line if said.role == "player"]  # fmt: skip
    for what in dict.fromkeys(trouble.what for trouble in script.trouble):
        spans = [(t.at, t.until, "", 0.5) for t in script.trouble if t.what == what]
        yield what.replace("_", " "), spans


def _axes(seconds: float) -> Iterator[str]:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = TOP + HIGH * (1.0 - share)
        yield f"<path d='M{LEFT} {y:.1f}h{WIDE}' stroke='{GRID}'/>"
        yield _text(LEFT - 8, y + 4, f"{share:g}", 11, "end", FAINT)
    for second in range(0, int(seconds) + 1, 10):
        x = LEFT + WIDE * second / seconds
        yield _text(x, TOP + HIGH + 16, f"{second} s" if second else "0", 11, "middle", FAINT)


def _line(
    moments: Sequence[Moment],
    name: str,
    seconds: float,
    colour: str,
    width: float,
    confidence: bool = False,
) -> Iterator[str]:
    """The course of a state, with a gap where it is unknown; dotted for its confidence."""
    course, pen, due_s = [], "M", 0.0
    for at_s, known in moments:
        if name not in known:
            pen = "M"
        elif at_s >= due_s or pen == "M":
            share = known[name].confidence if confidence else known[name].value
            x, y = LEFT + WIDE * at_s / seconds, TOP + HIGH * (1.0 - share)
            course.append(f"{pen}{x:.1f} {y:.1f}")
            pen, due_s = "L", at_s + 1.0 / POINTS_PER_S
    dash = " stroke-dasharray='2 3'" if confidence else ""
    if course:
        yield (
            f"<path d='{''.join(course)}' fill='none' stroke='{colour}' stroke-width='{width}'"
            f" stroke-linejoin='round'{dash}/>"
        )


def _legend(name: str, highest: tuple[float, float, str]) -> Iterator[str]:
    """What the lines are, beside them."""
    x = LEFT + WIDE + 10
    peak, peak_s, other = highest
    entries = [(name, MINE, "2.4", ""), ("confidence", MINE, "1.2", " stroke-dasharray='2 3'")]
    entries.append(("the others", OTHER, "1.2", ""))
    for number, (word, colour, width, dash) in enumerate(entries):
        y = TOP + 14 + number * 32
        yield f"<path d='M{x} {y}h24' stroke='{colour}' stroke-width='{width}'{dash}/>"
        yield _text(x, y + 14, word, 11, colour=INK)
    if peak >= DRAWN_FROM:
        yield _text(x, TOP + 14 + 3 * 32, "the highest of them:", 10, colour=FAINT)
        yield _text(x, TOP + 28 + 3 * 32, f"{other}, {peak_s:.0f} s", 10, colour=FAINT)


def _span(span: Span, y: float, seconds: float) -> str:
    begin_s, end_s, word, strength = span
    x, wide = LEFT + WIDE * begin_s / seconds, WIDE * (end_s - begin_s) / seconds
    colour = LABEL_COLOURS.get(word, FAINT)
    box = (
        f"<rect x='{x:.1f}' y='{y}' width='{wide:.1f}' height='{ROW}' rx='2' fill='{colour}'"
        f" fill-opacity='{0.25 + 0.75 * strength:.2f}'><title>{word}</title></rect>"
    )
    if strength == 0.0:  # A moment: its word stands beside it.
        return box + _text(x + 3, y + 12, word, 10)
    letters = int(wide / LETTER)
    short = word if len(word) <= letters else f"{word[: letters - 1]}."
    return box + (_text(x + 3, y + 12, short, 10) if letters > LETTERS_LEAST else "")


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
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{colour}' font-size='{size}'"
        f" font-weight='{weight}'>{escape(words)}</text>"
    )


def main(folder: Path) -> None:
    """Draw all of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, session in SESSIONS.items():
        script = load(session)
        moments, spent_us = play(script)
        path = folder / f"{name}.svg"
        path.write_text(draw(name, script, moments), encoding="utf-8", newline="\n")
        size = path.stat().st_size // 1024
        print(f"{path}: {len(moments)} ticks of {spent_us:.0f} µs, {size} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
