"""A trial as a picture: signals with their levels, and below them when each reaction fired."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapport.cli.course import ACTIVE, Course, Level, Track, spans
from rapport.cli.reasons import asked
from rapport.cli.words import printable
from rapport.errors import PictureFailed
from rapport.reactions.signal import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES_WIDE = 9.0
SIGNAL_INCHES, REACTION_INCHES, MARGIN_INCHES = 0.72, 0.3, 1.0
POINTS_MAX = 300
"""Of a line, but for edges; more are not seen, and make a drawing large."""
FORMATS = {".svg", ".png"}
COLOURS = ("#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e")
"""Of the reactions and of the levels of a signal, in turn; told apart in most kinds of sight."""
LEGEND = "dashed: enter, dotted: exit, filled: beyond enter, grey: unknown, pale: fading"
LINE, UNKNOWN = "#343a40", "#dee2e6"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: smaller, and read out by a screen reader
    "svg.hashsalt": "rapport",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#adb5bd",
}

METADATA = {".svg": {"Date": None, "Creator": "Rapport"}, ".png": {"Software": "Rapport"}}
"""The same session makes the same file: no date, no version."""


def draw(target: Path, courses: Mapping[str, Course], session: str) -> None:
    """Draw the courses of profiles over a session, by the profiles' names; the signals are those
    of the first.

    :param target: an SVG or PNG file; one that is there is drawn over.
    :raises PictureFailed: matplotlib is missing, or the file cannot be written.
    """
    if target.suffix.lower() not in FORMATS:
        raise PictureFailed(f"{target} is neither an .svg nor a .png")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PictureFailed("pictures need matplotlib, which is not installed") from error

    first = next(iter(courses.values()))
    tracks = [track for track in first.tracks if _numbers(track)]
    bars = [(name, course, at) for at, course in courses.items() for name in course.phases]
    heights = [SIGNAL_INCHES] * len(tracks) + [REACTION_INCHES * (len(bars) + 0.5)]
    with mpl.rc_context(STYLE):
        figure = Figure((INCHES_WIDE, sum(heights) + MARGIN_INCHES), layout="constrained")
        axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[
            :, 0
        ]
        for place, track in zip(axes, tracks, strict=False):
            _signal(place, track, first.at_s)
        _reactions(axes[-1], courses)
        if len(courses) > 1:
            figure.legend(loc="outside lower right", ncols=len(courses), frameon=False, fontsize=7)
        figure.suptitle(_plain(f"{' and '.join(courses)} on {session}"), fontsize=10)
        try:
            figure.savefig(target, dpi=150, metadata=METADATA[target.suffix.lower()])
        except OSError as error:
            what = f"{target} cannot be written: {error.strerror or error}"
            raise PictureFailed(what) from error


def _numbers(track: Track) -> bool:
    """Whether there is a number to draw."""
    return any(isinstance(value, int | float) for value in track.values)


def shown(track: Track) -> list[int]:
    """The states that are drawn: of each few the one furthest from zero, so that no peak is lost,
    and every edge of what is unknown."""
    step = max(1, len(track.values) // POINTS_MAX)
    edges = [
        place
        for number, (before, value) in enumerate(pairwise(track.values))
        if (before is None) != (value is None)
        for place in (number, number + 1)
    ]
    peaks = [
        max(
            range(begin, min(begin + step, len(track.values))), key=lambda i: _size(track.values[i])
        )
        for begin in range(0, len(track.values), step)
    ]
    return sorted({0, *peaks, *edges, len(track.values) - 1})


def _size(value: Value) -> float:
    return abs(value) if isinstance(value, int | float) else -1.0


def _signal(place: "Axes", track: Track, at_s: list[float]) -> None:
    """One signal: its line, its levels, where it is beyond them, where it is unknown."""
    drawn = shown(track)
    times = [at_s[i] for i in drawn]
    values = [v if isinstance(v := track.values[i], int | float) else float("nan") for i in drawn]
    place.plot(times, values, color=LINE, linewidth=1.0)
    for begin_s, end_s in track.unknown(at_s):
        place.axvspan(begin_s, end_s, color=UNKNOWN, linewidth=0.0)
    for number, level in enumerate(track.levels):
        if level.enter is not None and level.exit is not None:
            beyond = [level.part(track.values[i], track.confidences[i]) == "beyond" for i in drawn]
            _level(place, level, COLOURS[number % len(COLOURS)], times, values, beyond)
    if track.signal.bounded:
        low, high = track.signal.low, track.signal.high
        margin = 0.06 * (high - low)
        place.set_ylim(low - margin, high + margin)
        place.set_yticks([low, high])
    place.set_ylabel(
        _plain(track.signal.name), rotation="horizontal", horizontalalignment="right",
        verticalalignment="center",
    )  # fmt: skip
    place.tick_params(labelsize=6, length=2)


def _level(
    place: "Axes",
    level: Level,
    colour: str,
    times: list[float],
    values: list[float],
    beyond: list[bool],
) -> None:
    """An enter level as a dashed line, its exit level dotted, and what lies beyond it filled."""
    enter, exit = float(level.enter or 0.0), float(level.exit or 0.0)
    place.axhline(enter, color=colour, linewidth=0.7, linestyle="dashed")
    place.axhline(exit, color=colour, linewidth=0.7, linestyle="dotted")
    place.fill_between(times, values, enter, where=beyond, color=colour, alpha=0.25, linewidth=0.0)
    place.annotate(
        asked(level), (1.005, enter), xycoords=("axes fraction", "data"), color=colour,
        fontsize=6, verticalalignment="center",
    )  # fmt: skip


def _reactions(place: "Axes", courses: Mapping[str, Course]) -> None:
    """A row for each reaction: full where active, light where fading; of a second profile below
    that of the first."""
    names = list(dict.fromkeys(name for course in courses.values() for name in course.phases))
    share = 0.8 / len(courses)
    for number, (profile, course) in enumerate(courses.items()):
        for name, phases in course.phases.items():
            low = names.index(name) - 0.4 + number * share
            colour = COLOURS[number % len(COLOURS)]
            for phase, begin_s, end_s in spans(phases, course.at_s):
                place.broken_barh(
                    [(begin_s, end_s - begin_s)], (low, share * 0.9), color=colour,
                    alpha=1.0 if phase == ACTIVE else 0.35, linewidth=0.0,
                )  # fmt: skip
        place.plot([], [], color=COLOURS[number % len(COLOURS)], linewidth=5, label=_plain(profile))
    place.set_ylim(len(names) - 0.5, -0.5)
    place.set_yticks(range(len(names)), [_plain(name) for name in names])
    place.tick_params(axis="y", length=0)
    place.set_xlim(0.0, max(course.seconds for course in courses.values()) or 1.0)
    place.set_xlabel(f"seconds      ({LEGEND})")
    place.grid(axis="x", color=UNKNOWN, linewidth=0.5)
    place.set_axisbelow(True)


def _plain(text: str) -> str:
    """A text that matplotlib does not take for a formula."""
    return printable(text).replace("$", r"\$")
