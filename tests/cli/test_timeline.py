"""How a trial is drawn: every stretch in its column, what is unknown as such, no peak lost."""

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from rapport.cli import timeline, timeline_picture
from rapport.cli.comparison import compare
from rapport.cli.course import Course, follow
from rapport.cli.reasons import reasons, summary
from rapport.cli.timeline import Columns
from rapport.reactions.profile import parse
from rapport.state import Cause, EmotionState
from reactions.players import SECOND, UNKNOWN, player

pytestmark = pytest.mark.unit

WIDTH = timeline.NAMES_WIDTH + 40
RATE_HZ = 10
FEAR = """
[reaction.flee]
when = { signal = "fear", enter = 0.6, exit = 0.4 }
hold_s = 0.0
decay_s = 2.0
"""


def course(profile: str, *stretches: tuple[float, EmotionState]) -> Course:
    """The course of a profile over stretches of so many seconds, each of one state."""
    states = [state for seconds, state in stretches for _ in range(round(seconds * RATE_HZ))]
    timed = [(number * SECOND // RATE_HZ, state) for number, state in enumerate(states)]
    return follow([parse(profile, "toml")], "mira", timed, {})[0]


def rows(found: Course) -> list[str]:
    shown = io.StringIO()
    Console(file=shown, width=WIDTH).print(timeline.draw(found, WIDTH))
    return shown.getvalue().splitlines()


def row(found: Course, name: str) -> str:
    """The chart of a row."""
    line = next(line for line in rows(found) if line.startswith(name))
    return line[timeline.NAMES_WIDTH :].ljust(WIDTH - timeline.NAMES_WIDTH)


@pytest.fixture
def scared() -> Course:
    """Ten seconds each: calm, fear, nothing known, calm."""
    calm = player("neutral", 0.9)
    return course(FEAR, (10, calm), (10, player("fear", 0.9)), (10, UNKNOWN), (10.1, calm))


def test_every_stretch_stands_in_its_columns(scared: Course) -> None:
    values, level = row(scared, "fear"), row(scared, "  ≥ 0.6 … 0.4")
    assert values == "▁" * 10 + "█" * 10 + "·" * 10 + "▁" * 10
    assert level == " " * 10 + "━" * 10 + "·" * 10 + " " * 10


def test_a_reaction_is_full_where_active_and_light_where_fading(scared: Course) -> None:
    # Unknown is held for five seconds; then the strength of 0.9 fades at one half a second.
    assert row(scared, "flee") == " " * 10 + "█" * 15 + "░" * 2 + " " * 13
    (firing,) = scared.firings
    assert (firing.began_s, firing.end) == (10.0, "unknown")
    assert 26.5 < firing.ended_s < 27.0


def test_a_short_peak_is_seen_however_long_the_session(scared: Course) -> None:
    calm, peak = player("neutral", 0.9), player("fear", 0.95)
    long = course(FEAR, (305, calm), (0.1, peak), (300, calm))
    assert row(long, "fear").count("█") == 1
    track = long.tracks[0]
    drawn = timeline_picture.shown(track)
    assert max(value for i in drawn if isinstance(value := track.values[i], float)) == 0.95
    assert len(drawn) < 2 * timeline_picture.POINTS_MAX + 2


def test_a_short_gap_is_seen_in_a_picture() -> None:
    calm = player("neutral", 0.9)
    found = course(FEAR, (300, calm), (0.1, UNKNOWN), (300, calm))
    track = found.tracks[0]
    assert track.unknown(found.at_s) == [(300.0, 300.1)]
    assert [i for i in timeline_picture.shown(track) if track.values[i] is None] == [3000]


def test_words_stand_once_where_they_hold() -> None:
    found = course(
        '[reaction.a]\nwhen = { signal = "label", is = ["fear", "anger"] }',
        (10, player("fear", 0.9)),
        (10.1, player("neutral", 0.9)),
    )
    assert row(found, "label") == "─" * 15 + "fear│" + "─" * 12 + "neutral│"
    assert row(found, "  is fear or anger") == "━" * 20 + " " * 20


@pytest.mark.parametrize("seconds", [0.4, 7.0, 40.0, 3600.0])
def test_the_axis_stands_where_the_columns_do(seconds: float) -> None:
    at_s = [seconds * i / 100 for i in range(101)]
    columns = Columns(at_s, 50)
    axis = columns.axis().plain[timeline.NAMES_WIDTH :]
    marks = [i for i, character in enumerate(axis) if character == "╷"]
    assert marks[0] == 0
    assert len(axis) <= 50
    times = [float(word.split()[0]) for word in axis.split("╷")[1:-1]]
    assert all(abs(at - t / seconds * 50) <= 1 for at, t in zip(marks, times, strict=False))
    assert sum(len(states) for states in columns) >= 101


def test_the_same_level_asked_with_another_confidence_is_told_apart() -> None:
    found = course(
        '[reaction.a]\nwhen = { signal = "fear", enter = 0.6, exit = 0.4, min_confidence = 0.95 }\n'
        '[reaction.b]\nwhen = { signal = "fear", enter = 0.6, exit = 0.4 }',
        (4.1, player("fear", 0.9)),
    )
    assert row(found, "  ≥ 0.6 … 0.4 ~0.95") == "·" * 40
    assert row(found, "  ≥ 0.6 … 0.4 ") == "·" * 40
    assert rows(found)[3].rstrip().endswith("━" * 40)
    assert "a never fired: fear was never known surely enough." in summary(found)


def never(when: str, *stretches: tuple[float, EmotionState], more: str = "") -> str:
    found = course(f"[reaction.a]\nwhen = {when}\n{more}", *stretches)
    return next(iter(summary(found))).partition(": ")[2]


def test_it_says_why_a_reaction_never_fired() -> None:
    calm, fear = player("neutral", 0.9), player("fear", 0.9)
    high = '{ signal = "fear", enter = 0.6, for_s = 3.0 }'
    assert never(high, (5, player("fear", 0.5))) == "fear came to 0.50 of 0.6."
    assert never(high, (2, fear), (2, calm), (1, fear)) == "fear stayed ≥ 0.6 for 1.90 s of 3."
    assert never(high, (5, UNKNOWN)) == "fear was never known."
    talks = '{ signal = "speaking", is = true, for_s = 2.0 }'
    assert never(talks, (5, calm)) == "speaking was never true."
    assert never(talks, (1, player(speaking=True)), (2, calm)) == (
        "speaking was true for 0.90 s of 2."
    )
    both = '{ all = [{ signal = "fear", enter = 0.6 }, { signal = "speaking", is = true }] }'
    assert never(both, (2, fear), (2, player(speaking=True))) == (
        "its conditions did not hold all at once."
    )
    rival = 'group = "g"\n[reaction.b]\ngroup = "g"\nwhen = { signal = "fear", enter = 0.6 }'
    apart = never(both, (2, fear), (2, player(speaking=True)), more=rival)
    assert apart == "its conditions did not hold all at once, or another of its group went on."


@pytest.mark.parametrize(
    ("value", "level", "told"),
    [
        (0.72, 0.6, "fear 0.72 ≥ 0.6"),
        (0.2996, 0.3, "fear 0.2996 < 0.3"),
        (0.3, 0.3, "fear 0.30 ≥ 0.3"),
        (0.3 - 1e-12, 0.3, f"fear {0.3 - 1e-12!r} < 0.3"),
    ],
)
def test_a_value_is_told_apart_from_its_level(value: float, level: float, told: str) -> None:
    assert reasons([Cause("fear", value, level)]) == told


def names(found: Sequence[Course]) -> list[tuple[str, str]]:
    return [(change.reaction, change.kind) for change in compare(*found)]


def test_changes_pair_what_overlaps_and_nothing_else() -> None:
    calm, fear = player("neutral", 0.9), player("fear", 0.9)
    stretches = ((3, calm), (3, fear), (10, calm), (3, fear), (3, calm))
    before = course(FEAR, *stretches)
    later = course(FEAR.replace("exit = 0.4", "exit = 0.4, for_s = 1.0"), *stretches)
    assert names((before, before)) == [("flee", "same")] * 2
    assert names((before, later)) == [("flee", "changed")] * 2
    assert [round(change.later_s, 3) for change in compare(before, later)] == [1.0, 1.0]
    once = course(f"{FEAR}cooldown_s = 60.0", *stretches)
    assert names((before, once)) == [("flee", "same"), ("flee", "gone")]
    assert names((once, before)) == [("flee", "same"), ("flee", "new")]
    other = course(FEAR.replace("flee", "hide"), *stretches)
    assert sorted(names((once, other))) == [("flee", "gone"), ("hide", "new"), ("hide", "new")]
