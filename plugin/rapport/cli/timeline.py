"""A trial as a timeline for a terminal: signals, reactions, firings. Plain without colour too."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rapport.cli.comparison import Change
from rapport.cli.course import ACTIVE, FADING, IDLE, Course, Firing, Level, Part, Track, levels
from rapport.cli.words import printable
from rapport.reactions.signals import CONTEXT, Value
from rapport.state import Cause

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
    "≥ enter … exit   ━ beyond enter   ┄ still beyond exit   · unknown",
    "█ active         ░ fading",
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
        own = f"; set it with --context {name.removeprefix(CONTEXT)}=…"
        return Text(f"never known{own if name.startswith(CONTEXT) else ''}", QUIET)
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
    """The ends of a chart; a variable of the game has none of its own."""
    if track.signal.kind != "any":
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


def asked(level: Level) -> str:
    """A level in a few characters."""
    if level.enter is None or level.exit is None:
        return "is " + " or ".join(map(_word, level.words))
    return f"{'≤' if level.falls else '≥'} {level.enter:g} … {level.exit:g}"


def _word(word: bool | str) -> str:
    return str(word).lower() if isinstance(word, bool) else printable(word)


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


def reasons(why: Iterable[Cause]) -> str:
    """The conditions that decided, each with its level and who carried it."""
    return ", ".join(map(_reason, why))


def _reason(cause: Cause) -> str:
    carried = f" ({cause.modality})" if cause.modality else ""
    if cause.word:
        return f"{cause.signal} {printable(cause.word)}{carried}"
    if cause.value is None:
        return f"{cause.signal} unknown"
    if cause.level is None:
        return f"{cause.signal} {_flag(cause.value)}{carried}"
    sign = "≥" if cause.value >= cause.level else "<"
    return f"{cause.signal} {cause.value:.2f} {sign} {cause.level:g}{carried}"


def _flag(value: float) -> str:
    return {1.0: "true", 0.0: "false"}.get(value, f"{value:g}")


def ending(firing: Firing, course: Course) -> str:
    """Why a firing ended, in words."""
    because = reasons(firing.end_why)
    match firing.end:
        case "replaced":
            return f"ends: {_successor(firing, course)} takes over"
        case "stopped":
            return "goes on when the session ends"
        case "unknown":
            return f"ends, not known any more: {because}"
    return f"ends: {because}"


def _successor(firing: Firing, course: Course) -> str:
    rules = course.profile.reaction
    group = rules[firing.reaction].group
    return next(
        one.reaction
        for one in course.firings
        if one.began_s == firing.ended_s
        and one.number > firing.number
        and rules[one.reaction].group == group
    )


def summary(course: Course) -> Iterator[str]:
    """How often and how long, and of what never fired how far it was from it."""
    fired = {name: course.of(name) for name in course.phases}
    for name, firings in fired.items():
        if firings:
            seconds = sum(firing.seconds for firing in firings)
            share = seconds / (course.seconds or 1.0)
            times = {1: "once", 2: "twice"}.get(len(firings), f"{len(firings)} times")
            yield f"{name} fired {times}, {seconds:.1f} s in all, {share:.0%} of the session."
        else:
            yield f"{name} never fired: {_missed(name, course)}."


def _missed(name: str, course: Course) -> str:
    """How far the signals of a reaction that never fired came."""
    rule = course.profile.reaction[name]
    tracks = {track.signal.name: track for track in course.tracks}
    short = [
        told
        for level in levels(rule.when, rule, denied=False)
        if (told := _short_of(level, tracks[level.signal]))
    ]
    return ", ".join(short) or "its conditions did not hold all at once, or not long enough"


def _short_of(level: Level, track: Track) -> str:
    """How far a signal came, if it never came beyond its level."""
    seen = list(zip(track.values, track.confidences, strict=True))
    parts = {level.part(value, confidence) for value, confidence in seen}
    if "beyond" in parts:
        return ""
    if parts <= {"unknown"}:
        sure = " surely enough" if any(value is not None for value, _ in seen) else ""
        return f"{level.signal} was never known{sure}"
    if level.enter is None:
        return f"{level.signal} was never {' or '.join(map(_word, level.words))}"
    numbers = [v for v, sure in seen if isinstance(v, int | float) and sure >= level.least]
    closest = min(numbers) if level.falls else max(numbers)
    return f"{level.signal} came to {closest:.2f} of {level.enter:g}"


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
    told = f"Compared with {other}: {len(found) - same} of {len(found)} firings differ."
    return Group(Text(told), *([table] if same < len(found) else []))


def _span(firing: Firing | None) -> str:
    return "-" if firing is None else f"{firing.began_s:.1f} to {firing.ended_s:.1f} s"


def difference(change: Change) -> str:
    """What is different there, in words."""
    if change.kind in ("gone", "new"):
        return "only here" if change.kind == "gone" else "only there"
    parts = (
        (change.later_s, "s", "later", "earlier", 1),
        (change.longer_s, "s", "longer", "shorter", 1),
        (change.stronger, "", "stronger", "weaker", 2),
    )
    told = [
        f"{abs(size):.{digits}f} {unit} {more if size > 0 else less}".replace("  ", " ")
        for size, unit, more, less, digits in parts
        if size
    ]
    return ", ".join(told) or "the same"
