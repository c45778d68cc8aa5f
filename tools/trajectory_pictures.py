"""Draws the pictures of docs/trajectory.md: scripted sessions with the mood, the moments that the
game marks, and what the script does.

    python tools/trajectory_pictures.py docs/images/trajectory

Needs matplotlib (`pip install "rapport-sidecar[plot]"`).
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from rapport import settings
from rapport.experts.store import Store
from rapport.recording.acting import START_NS
from rapport.recording.script import Script, load
from rapport.sidecar.assembly import gate_parameters
from rapport.sidecar.simulation import simulate
from rapport.state import Appraisal, EmotionState

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SESSIONS = ("betrayal", "boss_fight", "put_on_hold")
DRAWN_EVERY = 10
"""States per point: three a second are as many as can be seen."""
INCHES_WIDE, MOOD_INCHES, MOMENT_INCHES, ROW_INCHES, MARGIN_INCHES = 9.0, 1.7, 0.75, 0.2, 1.0
COURSES = {
    "escalating": "#c92a2a",
    "steady": "#868e96",
    "recovering": "#2b8a3e",
    "unknown": "#e9ecef",
}
LABELS = {
    "neutral": "#e4e8ed",
    "happiness": "#f2c94c",
    "surprise": "#f2994a",
    "sadness": "#7a9cc6",
    "anger": "#d9604f",
    "disgust": "#8a9a5b",
    "fear": "#9b7bb8",
    "contempt": "#b08968",
}
INK, FAINT, NOW, SHORT, LONG = "#343a40", "#868e96", "#ced4da", "#0b7285", "#5f3dc4"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: smaller, and read out by a screen reader
    "svg.hashsalt": "rapport",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#adb5bd",
}
Points = list[tuple[float, EmotionState]]
Span = tuple[float, float, str, str]
"""Begin and end in seconds, the colour, and a word."""


def play(script: Script) -> Points:
    """Seconds and states of a script, through the gate in use."""
    gate = gate_parameters(Store(settings.Models()))
    items = simulate(script, settings.Fusion(), gate=gate)
    states = [item for item in items if isinstance(item, EmotionState)]
    return [((s.published_ns - START_NS) / 1e9, s) for s in states][::DRAWN_EVERY]


def draw(name: str, script: Script, points: Points, target: Path) -> None:
    """Draw one session."""
    moments = list(dict.fromkeys(name for _, state in points for name in state.moments))
    rows = [(word, spans) for word, spans in _rows(script) if spans]
    heights = [MOOD_INCHES, *[MOMENT_INCHES] * len(moments), ROW_INCHES * (len(rows) + 1)]
    with mpl.rc_context(STYLE):
        figure = Figure((INCHES_WIDE, sum(heights) + MARGIN_INCHES), layout="constrained")
        axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
        _mood(axes[0], points)
        for place, moment in zip(axes[1:-1], moments, strict=True):
            _moment(place, moment, points)
        _script(axes[-1], rows)
        for place in axes:
            for mark in script.mark:
                place.axvline(mark.at, color=INK, linewidth=0.8, linestyle="dashed")
        for mark in script.mark:
            axes[0].annotate(
                mark.id, (mark.at, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -6),
                textcoords="offset points", fontsize=7, color=INK,
            )  # fmt: skip
        axes[-1].set_xlim(0.0, script.seconds)
        axes[-1].set_xlabel("seconds", fontsize=7)
        figure.suptitle(f"{script.title} ({name})", fontsize=10)
        figure.savefig(target, metadata={"Date": None, "Creator": "Rapport"})


def _mood(place: "Axes", points: Points) -> None:
    """Valence of now, of the last seconds and of the last minutes; the volatility below."""
    times = [at_s for at_s, _ in points]
    nothing = float("nan")
    for word, colour, width, values in (
        ("valence now", NOW, 1.0, [s.valence for _, s in points]),
        ("mood.valence", SHORT, 1.6, [s.mood and s.mood.valence for _, s in points]),
        ("mood.long_valence", LONG, 1.6, [s.mood and s.mood.long_valence for _, s in points]),
        ("mood.volatility", FAINT, 0.9, [s.mood and s.mood.volatility for _, s in points]),
    ):
        known = [nothing if value is None else value for value in values]
        style = "dotted" if word == "mood.volatility" else "solid"
        place.plot(times, known, color=colour, linewidth=width, linestyle=style, label=word)
    place.set_ylim(-1.0, 1.0)
    place.set_yticks([-1.0, 0.0, 1.0])
    place.axhline(0.0, color="#e9ecef", linewidth=0.6, zorder=0)
    place.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, fontsize=6, frameon=False)


def _moment(place: "Axes", moment: str, points: Points) -> None:
    """The strength of a moment, coloured by its course; its confidence dotted."""
    found = [(at_s, state.moments[moment]) for at_s, state in points if moment in state.moments]
    begin = 0
    for course, group in groupby(found, key=lambda one: one[1].course):
        count = len(list(group))
        part: list[tuple[float, Appraisal]] = found[begin : begin + count + 1]
        times = [at_s for at_s, _ in part]
        # Up to the next course, whose strength is another thing.
        heights = [
            one.strength if one.course == course else part[-2][1].strength for _, one in part
        ]
        if course == "unknown":
            heights = [1.0] * len(part)
        place.fill_between(
            times, heights, color=COURSES[course], linewidth=0.0,
            alpha=1.0 if course == "unknown" else 0.55, label=course,
        )  # fmt: skip
        begin += count
    place.plot(
        [at_s for at_s, _ in found], [one.confidence for _, one in found],
        color=INK, linewidth=0.9, linestyle="dotted", label="confidence",
    )  # fmt: skip
    place.set_ylim(0.0, 1.05)
    place.set_yticks([0.0, 1.0])
    place.set_ylabel(
        f"moment.\n{moment}", rotation="horizontal", ha="right", va="center", fontsize=7
    )
    handles, words = place.get_legend_handles_labels()
    once = dict(zip(words, handles, strict=True))
    place.legend(once.values(), once.keys(), loc="center left", fontsize=6, frameon=False)


def _rows(script: Script) -> Iterator[tuple[str, list[Span]]]:
    """What the script does, row by row."""
    cues = sorted(script.emotion, key=lambda cue: cue.at)
    ends = [*(cue.at for cue in cues[1:]), script.seconds]
    yield (
        "shows",
        [
            (cue.at, min(end, cue.until or end), LABELS[cue.label], cue.label)
            for cue, end in zip(cues, ends, strict=True)
        ],
    )
    yield "speaks", [(span.at, span.until, FAINT, "") for span in script.speaking]
    yield "words deny", [(c.at, c.until, "#f2994a", c.kind) for c in script.contradiction]
    for what in dict.fromkeys(trouble.what for trouble in script.trouble):
        yield what, [(t.at, t.until, INK, "") for t in script.trouble if t.what == what]


def _script(place: "Axes", rows: list[tuple[str, list[Span]]]) -> None:
    for number, (_, spans) in enumerate(rows):
        for begin_s, end_s, colour, word in spans:
            bar = place.barh(number, end_s - begin_s, left=begin_s, height=0.8, color=colour)
            place.text(
                begin_s + 0.5, number, word, fontsize=6, va="center", color=INK, clip_on=True
            ).set_clip_path(bar[0])
    place.set_yticks(range(len(rows)), [word for word, _ in rows], fontsize=7)
    place.set_ylim(len(rows) - 0.5, -0.5)
    place.tick_params(labelsize=7, length=2)
    for side in ("left", "top", "right"):
        place.spines[side].set_visible(False)


def main(folder: Path) -> None:
    """Draw all of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SESSIONS:
        script = load(name)
        path = folder / f"{name}.svg"
        draw(name, script, play(script), path)
        print(f"{path}: {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
