"""Each preset fires in the sessions that show it, through the real fusion and the learned gate, and
where nothing is the matter it stays quiet."""

import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from rapport import settings
from rapport.reactions.engine import run
from rapport.reactions.granular import GranularStates
from rapport.reactions.presets import preset, shipped
from rapport.reactions.profile import parse
from rapport.recording.player import timeline
from rapport.recording.script import load
from rapport.sidecar.simulation import simulate
from rapport.state import EmotionState, EventKind
from reactions.granular_course import gate

pytestmark = pytest.mark.unit

SHOWN = {
    ("companion", "calm_then_frustrated"): "celebrate give_space comfort",
    ("companion", "mourning"): "comfort",
    ("companion", "shared_joke"): "celebrate",
    ("horror_director", "scare"): "build_up savour relieve",
    ("horror_director", "waiting_for_nothing"): "build_up savour build_up",
    ("interrogation", "masking"): "press_on",
    ("interrogation", "sarcasm"): "press_on",
    ("interrogation", "everything_at_once"): "change_tack",
    ("interrogation", "deep_in_the_game"): "believe",
    ("merchant", "tall_tale"): "offer_proof",
    ("merchant", "beaten_again"): "give_way",
    ("merchant", "shared_joke"): "ask_more",
    ("support_line", "beaten_again"): "de_escalate to_a_person",
    ("tutorial_helper", "everything_at_once"): "slow_down",
    ("tutorial_helper", "stuck_on_a_riddle"): "hint",
    ("tutorial_helper", "waiting_for_nothing"): "speed_up",
    ("wellbeing_checkin", "mourning"): "ask_gently",
    ("wellbeing_checkin", "everything_at_once"): "offer_break",
    ("merchant", "haggling"): "ask_more offer_proof give_way ask_more",
    ("interrogation", "questioning"): "believe press_on change_tack believe",
    ("horror_director", "haunted_house"): (
        "build_up savour relieve build_up savour relieve build_up"
    ),
    ("tutorial_helper", "first_lesson"): "slow_down hint speed_up",
    ("support_line", "support_call"): "de_escalate to_a_person",
    ("wellbeing_checkin", "low_day"): "ask_gently",
}
"""Preset and session -> its reactions in the order in which they begin; the same again and again
stands once."""

QUIET = {
    "calm_player": {
        "companion",
        "interrogation",
        "merchant",
        "support_line",
        "tutorial_helper",
        "wellbeing_checkin",
    },
    "device_trouble": {
        "horror_director",
        "interrogation",
        "support_line",
        "tutorial_helper",
        "wellbeing_checkin",
    },
    "deep_in_the_game": {"support_line", "tutorial_helper", "wellbeing_checkin"},
    "scare": {"support_line", "wellbeing_checkin"},
    "mourning": {"interrogation", "merchant", "support_line", "tutorial_helper"},
    "shared_joke": {"interrogation", "support_line", "tutorial_helper", "wellbeing_checkin"},
    "haggling": {"wellbeing_checkin"},  # "of course it does" is sarcastic
    "questioning": {"support_line"},
    "haunted_house": {"companion", "merchant", "support_line"},
    "first_lesson": {"merchant", "support_line"},
    "support_call": {"interrogation", "wellbeing_checkin"},
    "low_day": {"merchant", "support_line", "tutorial_helper"},
}
"""Session -> the presets that have nothing to say to it."""

MOURNED_S = (9.0, 90.0)
"""From when to when the player of `mourning` is sad."""

LOST_S = (80.0, 100.0)
"""From when to when nobody is seen or heard in `low_day`."""


@cache
def states(session: str) -> tuple[tuple[int, EmotionState], ...]:
    granular = GranularStates()
    found = []
    for due_s, item in timeline(
        lambda: simulate(load(session), settings.Fusion(), 0, gate("learned"))
    ):
        if isinstance(item, EmotionState):
            at_ns = round(due_s * 1e9)
            known = granular.tick(item, at_ns)
            found.append((at_ns, msgspec.structs.replace(item, granular=known)))
    return tuple(found)


@cache
def begins(name: str, session: str) -> tuple[tuple[float, str], ...]:
    """When which reaction begins."""
    profile = parse(preset(name).text, "toml", name)
    return tuple(
        (at_ns / 1e9, reaction.name)
        for at_ns, kind, reaction in run(profile, "x", states(session))
        if kind is EventKind.REACTION_BEGAN
    )


def order(name: str, session: str) -> str:
    """The reactions in the order in which they begin, each once in a row."""
    told: list[str] = []
    for _, reaction in begins(name, session):
        if told[-1:] != [reaction]:
            told.append(reaction)
    return " ".join(told)


@pytest.mark.parametrize(("name", "session"), SHOWN)
def test_its_reactions_fire_in_the_session_that_shows_them(name: str, session: str) -> None:
    assert order(name, session) == SHOWN[name, session]


def test_every_reaction_of_every_preset_is_shown_by_a_session() -> None:
    for found in shipped():
        seen = {r for (name, _), told in SHOWN.items() if name == found.name for r in told.split()}
        assert seen == set(parse(found.text, "toml").reaction), found.name


@pytest.mark.parametrize(
    ("name", "session"), [(name, session) for session in QUIET for name in sorted(QUIET[session])]
)
def test_nothing_fires_where_nothing_is_the_matter(name: str, session: str) -> None:
    assert begins(name, session) == ()


def test_a_calm_player_is_what_the_horror_director_builds_up_on() -> None:
    assert order("horror_director", "calm_player") == "build_up"


def test_the_horror_director_never_builds_up_on_sadness_or_fear() -> None:
    begun = [at_s for at_s, name in begins("horror_director", "mourning") if name == "build_up"]
    assert begun, "there is nothing to look at"
    assert not [at_s for at_s in begun if MOURNED_S[0] <= at_s <= MOURNED_S[1]]
    in_fear = [at_s for at_s, name in begins("horror_director", "scare") if name == "build_up"]
    assert not [at_s for at_s in in_fear if at_s > 6.0]


def test_a_person_comes_after_it_was_tried_to_calm_down() -> None:
    at_s = {name: at_s for at_s, name in begins("support_line", "beaten_again")}
    assert at_s["de_escalate"] + 5.0 < at_s["to_a_person"]


def test_nobody_is_asked_twice_nor_on_what_was_not_seen() -> None:
    profile = parse(preset("wellbeing_checkin").text, "toml")
    told = [
        (at_ns / 1e9, kind, reaction.reason)
        for at_ns, kind, reaction in run(profile, "x", states("low_day"))
        if kind is not EventKind.REACTION_UPDATED
    ]
    assert [kind for _, kind, _ in told] == [EventKind.REACTION_BEGAN, EventKind.REACTION_ENDED]
    ended_s, _, reason = told[1]
    assert reason == "unknown"
    assert LOST_S[0] < ended_s < LOST_S[1]


def test_the_table_for_designers_says_the_same(repository: Path) -> None:
    text = (repository / "docs" / "reactions.md").read_text(encoding="utf-8")
    section = text.partition("\n## Presets\n")[2].partition("\n## ")[0]
    told = {
        (preset, session): " ".join(re.findall(r"`(\w+)`", reactions))
        for preset, session, reactions in re.findall(
            r"^\| `(\w+)` \| `(\w+)` \| (.+?) \|", section, re.MULTILINE
        )
    }
    assert told == SHOWN
