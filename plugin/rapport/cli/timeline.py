"""A trial as a timeline for a terminal: signals, reactions, firings. Plain without colour too."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rapport.cli.comparison import Change
from rapport.cli.course import ACTIVE, FADING, IDLE, Course, Firing, Level, Part, Track
from rapport.cli.reasons import asked, difference, ending, reasons, summary
from rapport.cli.words import printable
from rapport.reactions.past import MOMENT
from rapport.reactions.signal import Value
from rapport.reactions.signals import CONTEXT

NARROWEST, WIDEST = 60, 140
NAMES_WIDTH = 22
"""Columns before the charts; a longer name is cut."""
BLOCKS = "▁▂▃▄▅▆▇█"
NOTHING_KNOWN = "·"
MARKS: dict[Part, str] = {"beyond": "━", "on": "┄", "short": " ", "unknown": NOTHING_KNOWN}
STYLES: dict[Part, str] = {"beyond": "green", "on": "yellow", "short": "", "unknown": "grey50"}
RANK: tuple[Part, ...] = ("beyond", "on", "short", "unknown")
"""What a column says that has several of them: the first."""
BARS = {IDLE: " ", ACTIVE: "█", FADING: "░"}
BAR_STYLES = {IDLE: "", ACTIVE: "bold cyan", FADING: "cyan"}
QUIET = "grey58"
TICKS_S = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800)
TICK_COLUMNS = 9
"""Marks of the time axis stand at least so far apart."""
LEGEND = (
    "≥ enter … exit ~ how sure   ━ beyond enter   ┄ still beyond exit   · unknown",
    "█ active   ░ fading",
)


def draw(course: Course, width: int) -> RenderableType:
    """Signals, reactions, firings and a summary.

    :param width: columns.
    """
    width = min(max(width, NARROWEST), WIDEST)
    columns = Columns(course.at_s, width - NAMES_WIDTH)
    return Group(
        columns.axis(),
        *(row for track in course.tracks for row in _signal(track, columns)),
        Text(),
        *(_reaction(name, course, columns) for name in course.phases),
        columns.axis(),
        *(Text(line, QUIET) for line in LEGEND),
        Text(),
        _firings(course),
        Text(),
        *map(Text, summary(course)),
    )


class Columns:
    """How the states of a session share the columns of a chart."""

    def __init__(self, at_s: list[float], count: int) -> None:
        self.seconds = at_s[-1] if at_s else 0.0
        self.count = count
        places = [min(count - 1, int(s / (self.seconds or 1.0) * count)) for s in at_s]
        self._bins: list[list[int]] = [[] for _ in range(count)]
        for state, place in enumerate(places):
            self._bins[place].append(state)
        for place in range(1, count):  # few states in many columns: the last one goes on
            self._bins[place] = self._bins[place] or self._bins[place - 1][-1:]

    def __iter__(self) -> Iterator[list[int]]:
        """The states of each column."""
        return iter(self._bins)

    def axis(self) -> Text:
        """The times, in seconds."""
        least_s = self.seconds * TICK_COLUMNS / self.count
        step_s = next((step for step in TICKS_S if step >= least_s), 3600)
        line = [" "] * (self.count + TICK_COLUMNS)
        for tick in range(int(self.seconds / step_s) + 1):
            at = int(tick * step_s / (self.seconds or 1.0) * self.count)
            word = f"╷{tick * step_s:g} s"
            line[at : at + len(word)] = word
        return Text(_name("") + "".join(line[: self.count]).rstrip(), QUIET)


def _name(name: str) -> str:
    cut = name if len(name) < NAMES_WIDTH else f"{name[: NAMES_WIDTH - 2]}…"
    return cut.ljust(NAMES_WIDTH)


def _signal(track: Track, columns: Columns) -> Iterator[Text]:
    """A signal's values, and below them where each of its levels is passed."""
    yield Text.assemble((_name(track.signal.name), "bold"), _values(track, columns))
    for level in track.levels:
        row = Text(_name(f"  {asked(level)}"), QUIET)
        for states in columns:
            part = _part(level, track, states)
            row.append(MARKS[part], STYLES[part])
        yield row


def _part(level: Level, track: Track, states: list[int]) -> Part:
    found = {level.part(track.values[i], track.confidences[i]) for i in states}
    return next((part for part in RANK if part in found), "unknown")


def _values(track: Track, columns: Columns) -> Text:
    known = [value for value in track.values if value is not None]
    if not known:
        name = track.signal.name
        own = name.removeprefix(CONTEXT)
        why = f"; set it with --context {own}=…" if own != name else ""
        if name.startswith(MOMENT):
            why = "; the session does not mark it, or shows too little after it"
        return Text(f"never known{why}", QUIET)
    if any(isinstance(value, str) for value in known):
        return _words([track.values[states[-1]] if states else None for states in columns])
    low, high = _range(track, known)
    drawn = Text()
    for states in columns:
        values = [v for i in states if isinstance(v := track.values[i], int | float)]
        if values:
            share = (max(values, key=abs) - low) / (high - low)
            drawn.append(BLOCKS[min(len(BLOCKS) - 1, max(0, int(share * len(BLOCKS))))])
        else:
            drawn.append(NOTHING_KNOWN, QUIET)
    return drawn


def _range(track: Track, known: Sequence[Value]) -> tuple[float, float]:
    """The ends of a chart; a variable of the game and a time have none of their own."""
    if track.signal.bounded:
        return track.signal.low, track.signal.high
    own = [value for value in known if isinstance(value, int | float)]
    ends = [e for level in track.levels for e in (level.enter, level.exit) if e is not None]
    low, high = min(0.0, *own, *ends), max(0.0, *own, *ends)
    return low, high if high > low else low + 1.0


def _words(values: list[Value]) -> Text:
    """Words, each once over the columns in which it holds."""
    drawn = Text()
    for word, columns in groupby(values):
        length = len(list(columns))
        if word is None:
            drawn.append(NOTHING_KNOWN * length, QUIET)
        else:
            drawn.append(f"{printable(str(word))[: max(0, length - 1)]}│".rjust(length, "─"))
    return drawn


def _reaction(name: str, course: Course, columns: Columns) -> Text:
    row = Text(_name(name), "bold")
    for states in columns:
        phases = {course.phases[name][i] for i in states}
        phase = next((one for one in (ACTIVE, FADING) if one in phases), IDLE)
        row.append(BARS[phase], BAR_STYLES[phase])
    return row


def _firings(course: Course) -> RenderableType:
    if not course.firings:
        return Text("Nothing fired.")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for name in ("begins", "reaction", "most", "goes on"):
        table.add_column(name, no_wrap=True, justify="left" if name == "reaction" else "right")
    table.add_column("why, and why it ends", overflow="fold")
    for firing in course.firings:
        why = Text(f"{reasons(firing.why)}\n")
        why.append(ending(firing, course), QUIET)
        table.add_row(
            f"{firing.began_s:.1f} s",
            Text(firing.reaction, "bold"),
            f"{firing.strength:.2f}",
            f"{firing.seconds:.1f} s",
            why,
        )
    return table


def changes(found: tuple[Change, ...], other: str) -> RenderableType:
    """What another profile changes."""
    same = sum(change.kind == "same" for change in found)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for name in ("reaction", "here", "there"):
        table.add_column(name, no_wrap=True)
    table.add_column("what changes", overflow="fold")
    for change in found:
        if change.kind != "same":
            table.add_row(
                Text(change.reaction, "bold"),
                _span(change.before),
                _span(change.after),
                difference(change),
            )
    if not found:
        return Text(f"Compared with {other}: nothing fires there either.")
    told = f"Compared with {other}: {len(found) - same} of {len(found)} firings differ."
    return Group(Text(told), *([table] if same < len(found) else []))


def _span(firing: Firing | None) -> str:
    return "-" if firing is None else f"{firing.began_s:.1f} to {firing.ended_s:.1f} s"
