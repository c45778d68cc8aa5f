"""Reactions between processes: a simulated or recorded player, a game that sets profiles."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.recording.session import read
from rapport.recording.tables import Item
from rapport.state import Event, EventKind, Reaction
from rapport.wire import requests as ask
from rapport.wire.client import Client
from rapport.wire.control_client import Control, connect_control
from sidecars import READY_S, SidecarProcess

pytestmark = pytest.mark.system

Start = Callable[..., SidecarProcess]
Told = tuple[EventKind, Reaction]
GAME = "org.example.tavern"
SCRIPT = "calm_then_frustrated"
SPEED = ("--speed", "5")
COMFORT = """
[reaction.comfort]
when = { all = [
  { signal = "anger", enter = 0.5, exit = 0.3 },
  { signal = "context.friend", is = true },
] }
"""
BEGAN, UPDATED, ENDED = (
    EventKind.REACTION_BEGAN, EventKind.REACTION_UPDATED, EventKind.REACTION_ENDED,
)  # fmt: skip


def until_the_end(client: Client, game: Control) -> list[Event]:
    """The events of a playback, from its first to its last."""
    told = list(game.ask(ask.GetEvents(sequence=0)).events)
    while told[-1].kind is not EventKind.ENDED:
        new = client.events(READY_S)
        assert new, "nothing came any more"
        told += [event for event in new if event.sequence > told[-1].sequence]
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    return told


def reactions(told: list[Event]) -> list[Told]:
    return [(event.kind, event.reaction) for event in told if event.reaction is not None]


def control(runtime: Path) -> Control:
    return connect_control(GAME, "Tavern", READY_S, runtime)


def test_a_game_sets_profiles_and_is_told_what_fires_and_why(start_sidecar: Start) -> None:
    sidecar = start_sidecar("simulate", SCRIPT, *SPEED)
    with sidecar.connect() as client, control(sidecar.runtime) as game:
        for npc, friend in (("mira", True), ("odo", False)):
            game.ask(ask.SetProfile(npc=npc, profile=COMFORT, format="toml"))
            game.ask(ask.SetContext(npc=npc, values={"friend": friend}))
        fired = reactions(until_the_end(client, game))
    assert {reaction.npc for _, reaction in fired} == {"mira"}
    kinds = [kind for kind, _ in fired]
    assert (kinds[0], kinds[-1], set(kinds[1:-1])) == (BEGAN, ENDED, {UPDATED})
    began, ended = fired[0][1], fired[-1][1]
    assert [(c.signal, c.level) for c in began.why] == [("anger", 0.5), ("context.friend", None)]
    assert began.why[0].value is not None and began.why[0].value >= 0.5
    assert began.why[0].modality in ("face", "voice")
    assert ended.why[0].value is not None and ended.why[0].value < 0.3
    assert {(r.firing, r.name, r.app) for _, r in fired} == {(1, "comfort", GAME)}
    code, _, err = sidecar.finish()
    assert code == 0
    assert "Traceback" not in err


def test_a_recorded_session_fires_the_same_at_every_replay(
    start_sidecar: Start, tmp_path: Path
) -> None:
    """Nothing of what fired is in the session: it is made anew from its states."""
    session = tmp_path / "frustrated.rapport"
    written = start_sidecar("simulate", SCRIPT, "--out", str(session))
    assert written.finish()[0] == 0
    items: list[Item] = list(read(session))
    assert not [item for item in items if isinstance(item, Event) and item.reaction]

    def replayed(*speed: str) -> list[Told]:
        sidecar = start_sidecar("replay", str(session), *speed, "--profile", "mira=companion")
        with sidecar.connect() as client, control(sidecar.runtime) as game:
            told = reactions(until_the_end(client, game))
        sidecar.finish()
        return told

    first = replayed(*SPEED)
    assert {kind for kind, _ in first} >= {BEGAN, ENDED}
    assert replayed("--speed", "10") == first


def test_what_a_game_was_told_is_in_no_recording_of_it(
    start_sidecar: Start, demo_clip: Path
) -> None:
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop")
    always = '[reaction.nod]\nhold_s = 0\nwhen = { signal = "context.near", is = true }\n'
    with sidecar.connect() as client, control(sidecar.runtime) as game:
        text = game.ask(ask.GetConsentText())
        game.ask(
            ask.GrantConsent(
                permissions=("recording",), language=text.language, text_version=text.version
            )
        )
        recording = game.ask(ask.StartRecording(name="nods"))
        game.ask(ask.SetProfile(npc="mira", profile=always, format="toml"))
        game.ask(ask.SetContext(npc="mira", values={"near": True}))
        told: list[Event] = []
        while not reactions(told):
            new = client.events(READY_S)
            assert new, "nothing was fired"
            told += new
        game.ask(ask.StopRecording())
        game.ask(ask.Shutdown())
    assert sidecar.finish()[0] == 0
    events = [item for item in read(Path(recording.path)) if isinstance(item, Event)]
    assert EventKind.PROFILE_LOADED in {event.kind for event in events}
    assert not {BEGAN, UPDATED, ENDED} & {event.kind for event in events}


def test_the_line_view_tells_reactions_as_they_begin_and_end(
    start_sidecar: Start, clean_environment: dict[str, str]
) -> None:
    sidecar = start_sidecar("simulate", SCRIPT, *SPEED, "--loop", "--profile", "mira=companion")
    sidecar.connect().close()
    watched = subprocess.run(
        [*sidecar.process.args[:3], "watch", "--seconds", "10"],  # type: ignore[index]
        env=clean_environment, capture_output=True, encoding="utf-8", timeout=READY_S, check=True,
    ).stdout  # fmt: skip
    lines = [line for line in watched.splitlines() if "reaction" in line]
    assert any(" s  reaction mira: " in line for line in lines)
    assert any(" s  reaction has ended mira: " in line for line in lines)
