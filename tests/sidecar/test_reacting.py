"""Profiles over the control endpoint and from files: what is fired, for whom, in which order."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from rapport import settings
from rapport.errors import RequestRefused
from rapport.reactions.engine import run
from rapport.reactions.profile import parse
from rapport.recording.player import timeline
from rapport.recording.script import load
from rapport.recording.tables import Item
from rapport.settings import Settings, Wire
from rapport.sidecar.playback import REPEAT_S, Playback
from rapport.sidecar.profile_files import LOOK_S, ProfileFile
from rapport.sidecar.simulation import simulate
from rapport.state import EmotionState, Event, EventKind, Reaction
from rapport.wire import requests as ask
from rapport.wire.control_client import Control, connect_control
from reactions.players import SECOND, player

pytestmark = pytest.mark.wire

READY_S = 20.0
SPEED = 8.0
GAME = "org.example.tavern"
COMFORT = """
title = "Companion"
[reaction.comfort]
when = { signal = "anger", enter = 0.5, exit = 0.3 }
"""
GUARDED = """
[reaction.retreat]
when = { all = [
  { signal = "anger", enter = 0.5, exit = 0.3 },
  { signal = "context.armed", is = true },
] }
"""
REACTIONS = {EventKind.REACTION_BEGAN, EventKind.REACTION_UPDATED, EventKind.REACTION_ENDED}


@pytest.fixture(scope="module")
def frustrated() -> list[Item]:
    """The states and events of a player who gets angry."""
    return list(simulate(load("calm_then_frustrated"), settings.Fusion()))


@pytest.fixture
def play(tmp_path: Path, frustrated: list[Item]) -> Iterator[Callable[..., Playback]]:
    """Play it, eight times as fast; what is left at the end is stopped."""
    started: list[Playback] = []
    wired = Settings(wire=Wire(runtime_directory=str(tmp_path / "run")))

    def start(*profiles: ProfileFile, speed: float = SPEED) -> Playback:
        items = timeline(lambda: frustrated)
        started.append(Playback(wired, items, "simulation", speed, tuple(profiles)))
        started[-1].start()
        return started[-1]

    yield start
    for playback in started:
        playback.stop()


def game(tmp_path: Path, app: str = GAME) -> Control:
    return connect_control(app, "A game", READY_S, tmp_path / "run")


def fired(playback: Playback) -> list[tuple[EventKind, Reaction]]:
    told = playback.publisher.events_since(0)
    return [(event.kind, event.reaction) for event in told if event.reaction is not None]


def kinds(told: list[Event]) -> list[EventKind]:
    return [event.kind for event in told]


def test_a_profile_that_a_game_sets_fires_with_reasons(
    tmp_path: Path, play: Callable[..., Playback]
) -> None:
    playback = play()
    with game(tmp_path) as control:
        status = control.ask(ask.SetProfile(npc="mira", profile=COMFORT, format="toml"))
        assert (status.title, status.reactions) == ("Companion", ("comfort",))
        assert (status.npc, status.source) == ("mira", "control")
        playback.wait(READY_S)
        fetched = [e for e in control.ask(ask.GetEvents(sequence=0)).events if e.kind in REACTIONS]
    told = fired(playback)
    assert [(e.kind, e.reaction) for e in fetched] == told
    began, ended = told[0], told[-1]
    assert (began[0], ended[0]) == (EventKind.REACTION_BEGAN, EventKind.REACTION_ENDED)
    assert {reaction.firing for _, reaction in told} == {1}
    assert {(r.name, r.npc, r.app) for _, r in told} == {("comfort", "mira", GAME)}
    (cause,) = began[1].why
    assert (cause.signal, cause.level) == ("anger", 0.5)
    assert cause.value is not None and cause.value >= 0.5
    assert cause.modality in ("face", "voice")
    assert (began[1].reason, ended[1].reason) == ("entered", "left")
    assert max(reaction.strength for _, reaction in told) > 0.8
    for event in playback.publisher.events_since(0):
        assert (event.reaction is not None) == (event.kind in REACTIONS)
        assert "comfort" not in event.detail, "reactions tell of the player"


def test_characters_have_their_own_context(tmp_path: Path, play: Callable[..., Playback]) -> None:
    playback = play()
    with game(tmp_path) as control:
        for npc, armed in (("guard", True), ("cook", False), ("cat", None)):
            control.ask(ask.SetProfile(npc=npc, profile=GUARDED, format="toml"))
            control.ask(ask.SetContext(npc=npc, values={"armed": armed}))
        playback.wait(READY_S)
    assert {reaction.npc for _, reaction in fired(playback)} == {"guard"}


def test_the_same_session_fires_the_same_at_every_playing(play: Callable[..., Playback]) -> None:
    def once(speed: float) -> list[tuple[EventKind, Reaction]]:
        playback = play(ProfileFile("mira", "companion"), speed=speed)
        playback.wait(READY_S)
        found = fired(playback)
        playback.stop()
        return found

    first = once(SPEED)
    assert first
    assert once(SPEED * 2) == first


def test_a_playback_fires_what_the_engine_does_on_the_time_of_the_session(tmp_path: Path) -> None:
    """However long a state is repeated, and from one round of a loop to the next."""
    profile = """
    [reaction.comfort]
    when = { signal = "anger", enter = 0.5, exit = 0.3, for_s = 0.5 }
    hold_s = 0.5
    cooldown_s = 4.0
    [reaction.greet]
    when = { signal = "anger", enter = 0.3, exit = 0.5 }
    hold_s = 0
    cooldown_s = 0
    decay_s = 0
    """
    file = tmp_path / "mira.toml"
    file.write_text(profile, encoding="utf-8")
    step_ns = round(2 * REPEAT_S * SECOND)
    session: list[Item] = [
        msgspec.structs.replace(
            player("anger" if 1 <= n <= 5 else "neutral"), published_ns=n * step_ns
        )
        for n in range(8)
    ]
    rounds = 4
    due = islice(timeline(lambda: session, loop=True), rounds * len(session))
    states = (
        (round(due_s * SECOND), item) for due_s, item in due if isinstance(item, EmotionState)
    )
    wanted = [(kind, told) for _, kind, told in run(parse(profile, "toml"), "mira", states)]
    while wanted[-1][1].reason == "stopped":
        wanted.pop()
    assert {told.name for _, told in wanted} == {"comfort", "greet"}
    wired = Settings(wire=Wire(runtime_directory=str(tmp_path / "run")))
    profiles = (ProfileFile("mira", str(file)),)
    for speed, enough in ((1.0, 4), (10.0, len(wanted))):
        with Playback(
            wired, timeline(lambda: session, loop=True), "replay", speed, profiles
        ) as playback:
            end = time.monotonic() + READY_S
            while len(fired(playback)) < enough and time.monotonic() < end:
                time.sleep(0.02)
            told = fired(playback)
        assert len(told) >= enough
        assert told[:enough] == wanted[:enough]


def test_requests_about_profiles_are_answered_by_name(
    tmp_path: Path, play: Callable[..., Playback]
) -> None:
    play()
    with game(tmp_path) as control, game(tmp_path, "org.example.other") as other:
        control.ask(ask.SetProfile(npc="mira", profile=COMFORT, format="toml"))
        assert control.ask(ask.GetProfile(npc="mira")).profile == COMFORT
        assert [p.npc for p in control.ask(ask.ListProfiles()).profiles] == ["mira"]
        assert other.ask(ask.ListProfiles()).profiles == ()
        report = control.ask(
            ask.CheckProfile(profile=COMFORT.replace("anger", "angre"), format="toml")
        )
        (problem,) = report.problems
        assert (problem.line, problem.suggestion) == (4, "anger")
        assert report.reactions == ("comfort",)
        presets = control.ask(ask.ListPresets()).presets
        for preset in presets:
            assert not control.ask(ask.CheckProfile(profile=preset.profile, format="toml")).problems
        with pytest.raises(RequestRefused, match="line 4") as refused:
            control.ask(
                ask.SetProfile(npc="mira", profile=COMFORT.replace("0.5", '"x"'), format="toml")
            )
        assert refused.value.code == "profile_invalid"
        assert control.ask(ask.GetProfile(npc="mira")).profile == COMFORT, "the good one stays"
        for missing in (
            ask.GetProfile(npc="odo"),
            ask.ClearProfile(npc="odo"),
            ask.SetContext(npc="odo", values={"a": 1.0}),
        ):
            with pytest.raises(RequestRefused) as refused:
                control.ask(missing)
            assert refused.value.code == "profile_missing"
        control.ask(ask.ClearProfile(npc="mira"))
        assert control.ask(ask.ListProfiles()).profiles == ()


def test_more_characters_than_there_is_room_for_are_refused(
    tmp_path: Path, play: Callable[..., Playback]
) -> None:
    play()
    with game(tmp_path) as control:
        for number in range(64):
            control.ask(ask.SetProfile(npc=f"n{number}", profile=COMFORT, format="toml"))
        with pytest.raises(RequestRefused) as refused:
            control.ask(ask.SetProfile(npc="one-more", profile=COMFORT, format="toml"))
        assert refused.value.code == "profile_limit"
        control.ask(ask.SetProfile(npc="n3", profile=GUARDED, format="toml"))


def test_a_saved_file_is_read_again_and_a_broken_one_is_told(
    tmp_path: Path, play: Callable[..., Playback]
) -> None:
    file = tmp_path / "mira.toml"
    file.write_text(COMFORT, encoding="utf-8")
    playback = play(ProfileFile("mira", str(file)), speed=0.2)

    def until(kind: EventKind, number: int) -> Event:
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            found = [e for e in playback.publisher.events_since(0) if e.kind == kind]
            if len(found) >= number:
                return found[number - 1]
            time.sleep(LOOK_S / 4)
        raise AssertionError(f"no {kind}")

    until(EventKind.PROFILE_LOADED, 1)
    file.write_text(COMFORT.replace("exit = 0.3", "exit = 0.5"), encoding="utf-8")
    refused = until(EventKind.PROFILE_REFUSED, 1)
    assert refused.code == "profile_invalid"
    assert "line 4" in refused.detail and "exit" in refused.detail
    with game(tmp_path) as control:
        assert "exit = 0.3" in control.ask(ask.GetProfile(npc="mira")).profile
        file.unlink()
        time.sleep(3 * LOOK_S)
        assert "exit = 0.3" in control.ask(ask.GetProfile(npc="mira")).profile
        file.write_text(COMFORT.replace("0.3", "0.25"), encoding="utf-8")
        until(EventKind.PROFILE_LOADED, 2)
        assert "0.25" in control.ask(ask.GetProfile(npc="mira")).profile
        (listed,) = control.ask(ask.ListProfiles()).profiles
        assert listed.source == str(file)
    assert kinds(playback.publisher.events_since(0)).count(EventKind.PROFILE_REFUSED) == 1


def test_what_is_active_ends_with_the_profile_and_with_the_sidecar(
    tmp_path: Path, play: Callable[..., Playback]
) -> None:
    always = '[reaction.nod]\nwhen = { signal = "neutral", enter = 0.1, exit = 0.05 }\n'
    playback = play()
    with game(tmp_path) as control:
        control.ask(ask.SetProfile(npc="mira", profile=always, format="toml"))
        control.ask(ask.SetProfile(npc="odo", profile=always, format="toml"))
        end = time.monotonic() + READY_S
        while len({r.npc for _, r in fired(playback)}) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        control.ask(ask.ClearProfile(npc="mira"))
    playback.stop()
    ends = {r.npc: r.reason for kind, r in fired(playback) if kind == EventKind.REACTION_ENDED}
    assert ends == {"mira": "profile", "odo": "stopped"}
