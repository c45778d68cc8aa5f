"""Every request that the protocol names is answered by the live sidecar, with what it promises."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rapport.consent import text
from rapport.errors import RapportError, SettingNotLive, SettingsInvalid
from rapport.settings import LIVE, Consent, Settings, Wire
from rapport.sidecar.answers import live_answers
from rapport.sidecar.live import Sidecar
from rapport.sidecar.table import Answers
from rapport.state import EmotionState, EventKind, Modality
from rapport.wire import requests as ask
from rapport.wire.answers import ConsentStatus, Description, Recording, SettingsNow, Status, Welcome
from rapport.wire.client import Client
from rapport.wire.controller import Peer
from rapport.wire.discovery import Place

pytestmark = pytest.mark.system

GAME = Peer(b"1", "tavern", "Tavern")
GREET = """
[reaction.greet]
hold_s = 0
cooldown_s = 0
decay_s = 0
when = { signal = "context.near", is = true }
"""
READY_S = 20.0


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory, demo_clip: Path) -> Iterator[Sidecar]:
    folder = tmp_path_factory.mktemp("answers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rapport.sidecar.live.own_folder", lambda name: folder / name)
        settings = Settings(
            consent=Consent(directory=str(folder / "consent")),
            wire=Wire(runtime_directory=str(folder / "run")),
        )
        with Sidecar(settings, demo_clip, loop=True) as running:
            yield running


@pytest.fixture
def answers(sidecar: Sidecar) -> Answers:
    return live_answers(sidecar)


def test_every_request_of_the_protocol_is_answered(answers: Answers) -> None:
    understood = {kind.__struct_config__.tag for kind in answers.understood}
    assert understood == set(ask.REQUESTS)
    welcome = answers.answer(ask.Hello(app="tavern", name="Tavern"), GAME)
    assert isinstance(welcome, Welcome)
    assert set(welcome.capabilities) == understood
    assert {model.id for model in welcome.models} >= {"text_emotion", "voice_emotion"}
    assert all(model.provider == "CPUExecutionProvider" for model in welcome.models)


def test_a_description_holds_a_schema_of_every_request(answers: Answers) -> None:
    described = answers.answer(ask.Describe(), GAME)
    assert isinstance(described, Description)
    assert set(described.requests) == set(ask.REQUESTS)
    assert "properties" in str(described.requests["hello"])
    assert len(msgspec.msgpack.encode(described)) < 60_000


def test_a_line_of_the_player_is_evidence_and_one_of_a_character_is_remembered(
    answers: Answers, sidecar: Sidecar
) -> None:
    answers.answer(ask.Say(speaker="Mira", text="I hate you all!", role="npc", line="m1"), GAME)
    state = _state_with(sidecar, lambda s: s.conversation is not None)
    assert state.conversation is not None
    assert (state.conversation.role, state.conversation.line) == ("npc", "m1")
    assert state.modalities[Modality.TEXT].distribution is None
    answers.answer(ask.Say(speaker="Player", text="I hate you all!", line="p1"), GAME)
    state = _state_with(sidecar, lambda s: s.modalities[Modality.TEXT].distribution is not None)
    heard = state.modalities[Modality.TEXT].distribution
    assert heard is not None and heard[4] == max(heard)


def test_a_marked_moment_is_told(answers: Answers, sidecar: Sidecar) -> None:
    answers.answer(ask.Mark(moment="betrayal"), GAME)
    marked = [e for e in sidecar.publisher.events_since(0) if e.kind is EventKind.MOMENT_MARKED]
    assert marked and marked[-1].detail == "betrayal"
    state = _state_with(sidecar, lambda s: "betrayal" in s.moments)
    assert state.moments["betrayal"].since_s >= 0.0


def _state_with(sidecar: Sidecar, seen: Callable[[EmotionState], bool]) -> EmotionState:
    """The next published state of which something is true."""
    status = sidecar.status()
    read = sidecar.guard.keys.credentials("read")
    with Client(Place(status.state_address, status.events_address, read)) as client:
        until = time.monotonic() + READY_S
        for state in client.states():
            if seen(state):
                return state
            assert time.monotonic() < until, "no such state came"
    raise AssertionError("the sidecar has ended")


def test_settings_change_together_or_not_at_all(answers: Answers, sidecar: Sidecar) -> None:
    before = sidecar.settings
    for values, error in (
        ({"fusion.fast_s": 0.3, "camera.fps": 10}, SettingNotLive),
        ({"fusion.fast_s": 0.3, "fusion.slow_s": -1.0}, SettingsInvalid),
        ({"fusion.fast_s": 0.3, "fusion.slow": 1.0}, SettingsInvalid),
        ({"fusion.fast_s": 0.3, "nothing": 1.0}, SettingsInvalid),
        ({"fusion.fast_s": "0.3"}, SettingsInvalid),
    ):
        with pytest.raises(error):
            answers.answer(ask.SetSettings(values=values), GAME)
        assert sidecar.settings == before
    now = answers.answer(ask.SetSettings(values={"fusion.fast_s": 0.3}), GAME)
    assert isinstance(now, SettingsNow)
    assert now.values["fusion.fast_s"] == 0.3
    assert set(now.live) == set(LIVE) <= set(now.values)
    answers.answer(ask.SetSettings(values={"fusion.fast_s": before.fusion.fast_s}), GAME)


def test_recording_needs_the_players_consent_and_is_readable_by_the_user_alone(
    answers: Answers, sidecar: Sidecar
) -> None:
    with pytest.raises(RapportError, match="consent_missing"):
        answers.answer(ask.StartRecording(name="first"), GAME)
    grant = ask.GrantConsent(
        permissions=("recording",), language="en", text_version=text.VERSION, days=1.0
    )
    held = answers.answer(grant, GAME)
    assert isinstance(held, ConsentStatus)
    assert [g.permission for g in held.grants] == ["recording"]
    began = answers.answer(ask.StartRecording(name="first"), GAME)
    assert isinstance(began, Recording)
    assert sidecar.status().recording == "first"
    with pytest.raises(RapportError, match="not_available"):
        answers.answer(ask.StartRecording(name="second"), GAME)
    answers.answer(ask.RevokeConsent(permissions=("recording",)), GAME)
    assert sidecar.status().recording == ""
    assert Path(began.path).stat().st_size > 0
    with pytest.raises(RapportError):
        answers.answer(ask.StartRecording(name="first"), GAME)


def test_a_clip_has_no_devices_to_choose(answers: Answers) -> None:
    for request in (ask.ListDevices(), ask.SelectDevice(kind="camera", device="1")):
        with pytest.raises(RapportError, match="not_available"):
            answers.answer(request, GAME)


def test_a_pause_and_duty_show_in_the_status(answers: Answers) -> None:
    paused = answers.answer(ask.Pause(), GAME)
    assert isinstance(paused, Status)
    assert paused.paused
    assert paused.capturing == ()
    assert set(paused.waiting_for.values()) == {"paused"}
    resumed = answers.answer(ask.Resume(), GAME)
    assert isinstance(resumed, Status)
    assert resumed.waiting_for == {}
    menu = answers.answer(ask.SetDuty(level="menu"), GAME)
    assert isinstance(menu, Status)
    assert menu.budget_ms is not None
    answers.answer(ask.SetDuty(level="full"), GAME)


def test_characters_react_while_their_application_is_there(
    answers: Answers, sidecar: Sidecar
) -> None:
    seen = sidecar.publisher.announce(EventKind.STATUS).sequence

    def until(*wanted: EventKind) -> None:
        """Wait for these, in this order, among what is told from now on."""
        nonlocal seen
        left, end = list(wanted), time.monotonic() + READY_S
        while left:
            assert time.monotonic() < end, f"no {left[0]}"
            for event in sidecar.publisher.events_since(seen):
                seen = event.sequence
                if left and event.kind == left[0]:
                    left.pop(0)
            time.sleep(0.01)

    began, ended = EventKind.REACTION_BEGAN, EventKind.REACTION_ENDED
    answers.answer(ask.SetProfile(npc="mira", profile=GREET, format="toml"), GAME)
    answers.answer(ask.SetContext(npc="mira", values={"near": True}), GAME)
    until(began)  # it need not hold a lease
    answers.answer(ask.TakeLease(seconds=0.1), GAME)
    until(EventKind.LEASE_LOST, ended, EventKind.PROFILE_CLEARED)
    answers.answer(ask.TakeLease(seconds=2.0), GAME)
    until(EventKind.LEASE_TAKEN, EventKind.PROFILE_LOADED, began)
    answers.answer(ask.EndLease(), GAME)
    until(ended)
    answers.answer(ask.EndLease(), GAME)
    answers.answer(ask.SetProfile(npc="mira", profile=GREET, format="toml"), GAME)
    until(began)
    answers.answer(ask.EndLease(), GAME)
    answers.answer(ask.ClearProfile(npc="mira"), GAME)
    until(ended)


@given(st.text(max_size=40), st.sampled_from(["camera", "fusion", "log", "x"]), st.floats())
@hypothesis_settings(max_examples=60)
def test_whatever_is_set_the_settings_stay_in_their_ranges(
    sidecar: Sidecar, key: str, group: str, value: float
) -> None:
    values: dict[str, Any] = {f"{group}.{key}": value}
    with contextlib.suppress(RapportError):
        live_answers(sidecar).answer(ask.SetSettings(values=values), GAME)
    assert 0.0 < sidecar.settings.fusion.fast_s <= 600.0
