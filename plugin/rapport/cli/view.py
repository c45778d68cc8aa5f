"""The live view: the newest state and what led to it, drawn for a terminal of 80 x 24 or more."""

from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from rapport.cli import words
from rapport.cli.stream import Stream
from rapport.state import (
    LABEL_VAD,
    LABELS,
    UNCERTAIN,
    Condition,
    EmotionState,
    Modality,
    ModalityState,
)

NARROWEST, WIDEST = 80, 120
"""Columns: a narrower terminal cuts the right end off, wider bars would not tell more."""
FIXED_LINES = 17
"""Lines that all but the events, the signals' rows and the past take."""
TITLE_WIDTH = 10
TITLE_FRAME = 8
"""Columns of a panel's frame beside its title."""
STRENGTH_WIDTH = 5
"""Of the bar of a reaction's strength."""
GOOD, FAIR, BAD = (95, 200, 130), (165, 170, 180), (235, 100, 95)
"""Red, green, blue of pleasant, neither and unpleasant."""
COURSE_HUES = {"escalating": -1.0, "recovering": 1.0}
"""Courses as the valences that have their colours; the others are quiet."""
GAP = "   "
ENDS = "Ctrl-C ends "
TRACK = "grey27"
QUIET = "grey58"
FRAME = "grey35"


def draw(stream: Stream, now_ns: int, width: int, height: int, title: str) -> RenderableType:
    """The whole view.

    :param title: what is watched, one or two words.
    """
    width = min(max(width, NARROWEST), WIDEST)
    state = stream.newest
    if state is None:
        return Text(f" {words.silent(None)}", "yellow")
    left, right = (width + 1) // 2, width // 2
    top = Table.grid(padding=0)
    top.add_row(_emotions(state, left), _feelings(state, right))
    past, shown = _past(state, width), _shown(state)
    return Group(
        _headline(state, stream, now_ns, width, title),
        top,
        *past,
        _signals(state, shown, width),
        _events(stream, max(1, height - FIXED_LINES - len(past) - len(shown)), width),
        _timing(stream, now_ns),
    )


def hue(valence: float | None) -> Style:
    """The colour of a valence: red, grey, green from -1 over 0 to +1."""
    value = 0.0 if valence is None else max(-1.0, min(1.0, valence))
    end = GOOD if value > 0 else BAD
    share = min(1.0, abs(value) / 0.6)  # what people show rarely goes beyond this
    mixed = (round(a + (b - a) * share) for a, b in zip(FAIR, end, strict=True))
    return Style(color="#{:02x}{:02x}{:02x}".format(*mixed))


def bar(share: float, width: int, style: Style | str) -> Text:
    """A bar from the left, in half characters; heavy on light, to be seen without colour too."""
    full, half = divmod(round(max(0.0, min(1.0, share)) * width * 2), 2)
    filled = "━" * full + "╾" * half
    return Text.assemble((filled, style), ("─" * (width - len(filled)), TRACK))


def scale(value: float | None, width: int, style: Style | str) -> Text:
    """A bar from the middle of -1 ... +1 to the value."""
    side = (width - 1) // 2
    length = round(min(1.0, abs(value or 0.0)) * side)
    filled, rest, empty = ("━" * length, style), ("─" * (side - length), TRACK), ("─" * side, TRACK)
    middle = ("┼", QUIET)
    if (value or 0.0) < 0.0:
        return Text.assemble(rest, filled, middle, empty)
    return Text.assemble(empty, middle, filled, rest)


def _panel(content: RenderableType, title: str | Text, width: int, height: int) -> Panel:
    return Panel(
        content,
        title=Text(title, QUIET) if isinstance(title, str) else title,
        title_align="left",
        box=box.ROUNDED,
        border_style=FRAME,
        width=width,
        height=height,
        padding=(0, 1),
    )


def _headline(
    state: EmotionState, stream: Stream, now_ns: int, width: int, title: str
) -> RenderableType:
    silent_s = stream.silent_s(now_ns)
    if silent_s is not None:
        mark, said = Text(" ○ ", hue(-1.0)), Text(words.silent(silent_s), "yellow")
    else:
        mark, said = Text(" ● ", hue(1.0)), Text(words.label(state), _label_style(state))
    line = Table.grid(expand=True)
    line.width = width
    line.add_column(no_wrap=True)
    line.add_column(justify="right", no_wrap=True, overflow="ellipsis")
    room = width - len(f"{mark}{said}") - len(GAP)
    more = words.granular(state, max(0, room - len(f" {ENDS}"))) if silent_s is None else ""
    whole = f"{title} · {ENDS}"
    right = whole if len(f"{more} {whole}") <= room or not more else ENDS
    line.add_row(Text.assemble(mark, said, GAP, more), Text(right, QUIET))
    return line


def _label_style(state: EmotionState) -> Style:
    if state.label == UNCERTAIN:
        return Style(dim=True)
    return hue(LABEL_VAD[LABELS.index(state.label)][0]) + Style(bold=True)


def _emotions(state: EmotionState, width: int) -> Panel:
    """One bar for each label; the published one stands out."""
    bar_width = width - 4 - TITLE_WIDTH - 6
    rows = Table.grid(padding=0)
    for index, label in enumerate(LABELS):
        chosen = label == state.label
        colour = hue(LABEL_VAD[index][0])
        name = Text(label.ljust(TITLE_WIDTH), colour + Style(bold=True) if chosen else QUIET)
        if state.probabilities is None:
            rows.add_row(name, bar(0.0, bar_width, colour), Text("     -", QUIET))
            continue
        share = state.probabilities[index]
        style = colour if chosen or state.label == UNCERTAIN else colour + Style(dim=True)
        number = Text(f"{share:6.2f}", Style(bold=True) if chosen else QUIET)
        rows.add_row(name, bar(share, bar_width, style), number)
    return _panel(rows, "emotion", width, len(LABELS) + 2)


def _feelings(state: EmotionState, width: int) -> Panel:
    """Valence, arousal, dominance on their scales; trend, and who is there."""
    bar_width = width - 4 - TITLE_WIDTH - 6
    bar_width -= (bar_width + 1) % 2  # odd, so that a scale has a middle
    rows = Table.grid(padding=0)
    for name, value, style in (
        ("valence", state.valence, hue(state.valence)),
        ("arousal", state.arousal, Style(color="#e0b050")),
        ("dominance", state.dominance, Style(color="#8fa8e0")),
    ):
        rows.add_row(
            Text(name.ljust(TITLE_WIDTH), QUIET),
            scale(value, bar_width, style),
            Text(words.signed(value).rjust(6)),
        )
    facts = Table.grid(padding=0)
    for name, words_for_it in (
        ("trend", Text(words.trend(state.trend), hue((state.trend or 0.0) * 5))),
        ("face", _flag(state.face_present, "in the picture", "nobody there")),
        ("voice", _flag(state.speaking, "speaking", "quiet")),
        ("agreement", _agreement(state, bar_width)),
        ("baseline", Text(state.baseline, QUIET)),
    ):
        facts.add_row(Text(name.ljust(TITLE_WIDTH), QUIET), words_for_it)
    return _panel(Group(rows, facts), "feeling", width, len(LABELS) + 2)


def _flag(value: bool | None, yes: str, no: str) -> Text:
    if value is None:
        return Text("- not known", TRACK)
    return Text.assemble(("● ", hue(1.0)), yes) if value else Text(f"○ {no}", QUIET)


def _agreement(state: EmotionState, width: int) -> Text:
    """Whether the modalities agree: the bar is full when they do. Where it has a name, that."""
    if state.contradiction is not None:
        said = words.contradiction(state.contradiction)
        return Text(said, "yellow", no_wrap=True, overflow="ellipsis")
    incongruence = state.incongruence
    if incongruence is None:
        return Text("- one signal only", TRACK)
    return bar(1.0 - incongruence, width, hue(1.0 - 2.0 * incongruence)).append(
        f"{1.0 - incongruence:6.2f}", "default"
    )


def _past(state: EmotionState, width: int) -> list[Text]:
    """Where the emotion comes from: a line for the mood and the conversation, one for the moments
    of the game, the newest first; each only if there is any."""
    course, moments = Text(), Text()
    if state.mood is not None:
        course.append(words.mood(state.mood), hue(state.mood.long_valence))
    if state.conversation is not None:
        course.append(GAP if course else "").append(words.conversation(state.conversation), QUIET)
    for name, found in reversed(state.moments.items()):
        moments.append(" · " if moments else "", QUIET)
        style = hue(COURSE_HUES[found.course]) if found.course in COURSE_HUES else QUIET
        moments.append(words.moment(name, found), style)
    lines = []
    for title, line in (("mood", course), ("moments", moments)):
        if line:
            lines.append(Text.assemble((f"  {title.ljust(TITLE_WIDTH)}", QUIET), line))
            lines[-1].truncate(width, overflow="ellipsis")
    return lines


def _shown(state: EmotionState) -> list[Modality]:
    """The modalities that are shown: an appraisal only where there is one."""
    return [m for m in Modality if m is not Modality.APPRAISAL or m in state.modalities]


def _signals(state: EmotionState, shown: list[Modality], width: int) -> Panel:
    """What the gate gave each expert, and how good its signal is."""
    model_width = width - NARROWEST
    name_width = max(len(modality) for modality in shown) + 1
    bar_width = (width - 4 - name_width - 15 - 13 - model_width) // 2 - 6
    rows = Table.grid(padding=0)
    header = ("", "weight", "", "condition", "quality", "", "age", "model" if model_width else "")
    rows.add_row(*(Text(name, QUIET) for name in header))
    for modality in shown:
        part = state.modalities.get(modality) or ModalityState(0.0, Condition.DISABLED)
        rows.add_row(*_signal(modality, part, name_width, bar_width, model_width))
    return _panel(rows, "signals", width, len(shown) + 3)


def _signal(
    modality: Modality, part: ModalityState, name_width: int, bar_width: int, model_width: int
) -> list[Text]:
    in_use = part.weight > 0.0
    fine = part.condition in (Condition.OK, Condition.NOISY)
    off = part.condition is Condition.DISABLED
    style = QUIET if off else "default" if fine else "yellow"
    age = "-" if part.age_ms is None else f"{part.age_ms:.0f} ms" if part.age_ms < 9999 else "> 9 s"
    model = Text(words.printable(part.model) if model_width else "", QUIET)
    model.truncate(model_width, overflow="ellipsis")
    return [
        Text(str(modality).ljust(name_width), "default" if in_use else QUIET),
        bar(part.weight, bar_width, Style(color="#5fb8d8")),
        Text(f"{part.weight:5.2f} ", "default" if in_use else QUIET),
        Text(words.condition(part.condition).ljust(15), style),
        bar(part.quality.score, bar_width, hue(2.0 * part.quality.score - 1.0)),
        Text("     - " if off else f"{part.quality.score:5.2f} ", QUIET),
        Text(age.rjust(8) + " ", QUIET),
        model,
    ]


def _events(stream: Stream, lines: int, width: int) -> Panel:
    """The newest events, the newest last."""
    rows = [
        Text.assemble(
            (f"{datetime.fromtimestamp(event.at_wall):%H:%M:%S} ", QUIET),  # noqa: DTZ006 - local time is for people
            (words.event(event), "yellow" if event.code else "default"),
            no_wrap=True,
            overflow="ellipsis",
        )
        for event in list(stream.events)[-lines:]
    ]
    title = _reacting(stream)
    title.truncate(width - TITLE_FRAME, overflow="ellipsis")
    return _panel(Group(*rows), title, width, lines + 2)


def _reacting(stream: Stream) -> Text:
    """The reactions that go on, with their strength; how much fits decides the frame."""
    title = Text("events", QUIET)
    for number, found in enumerate(stream.active):
        said = f"{found.npc} {found.name} "
        title.append(" · reacting: " if number == 0 else " · ", QUIET)
        title.append(words.printable(said), "default")
        title.append_text(bar(found.strength, STRENGTH_WIDTH, Style(color="#e0b050")))
        title.append(f" {found.strength:.2f}", "default")
    return title


def _timing(stream: Stream, now_ns: int) -> Text:
    rate, latency, age = stream.rate_hz(), stream.latency_ms(), stream.age_ms(now_ns)
    parts = [
        "- states/s" if rate is None else f"{rate:.1f} states/s",
        f"capture to here {latency[0]:.0f} ms (95 %: {latency[1]:.0f} ms)" if latency else "",
        "" if age is None else f"age {age:.0f} ms",
    ]
    return Text(" " + "  ·  ".join(part for part in parts if part), QUIET, no_wrap=True)
