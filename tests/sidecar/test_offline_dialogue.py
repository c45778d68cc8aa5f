"""A clip with a transcript, offline: the same utterances as in a game."""

from pathlib import Path

import pytest

from rapport.conversation.transcript import Cue
from rapport.settings import Settings
from rapport.sidecar.offline import analyze
from rapport.state import Condition, EmotionState, Modality

pytestmark = pytest.mark.model

TRANSCRIPT = (
    Cue(at=2.0, text="Look who is here.", role="npc", speaker="Mira", line="m1"),
    Cue(at=5.0, mark="arrival"),
    Cue(
        at=3.4, seconds=3.2, text="Hello! I am so glad that you are here with me today.", line="p1"
    ),
)


@pytest.fixture(scope="module")
def states(demo_clip: Path) -> list[EmotionState]:
    found = []
    for state in analyze(demo_clip, Settings(), TRANSCRIPT):
        found.append(state)
        if state.captured_ns > 9.0e9:
            break
    return found


def at(states: list[EmotionState], seconds: float) -> EmotionState:
    return next(state for state in states if state.captured_ns >= seconds * 1e9)


def test_lines_are_told_when_they_were_said(states: list[EmotionState]) -> None:
    assert at(states, 1.5).conversation is None
    early, late = at(states, 2.5).conversation, at(states, 7.5).conversation
    assert early is not None and late is not None
    assert (early.role, early.line) == ("npc", "m1")
    assert (late.role, late.line, late.utterances) == ("player", "p1", 2)


def test_glad_words_are_evidence_beside_the_glad_face(states: list[EmotionState]) -> None:
    before, after = (at(states, s).modalities[Modality.TEXT] for s in (6.0, 7.2))
    assert before.distribution is None and before.condition is Condition.SILENT
    assert after.distribution is not None
    assert after.distribution[1] == max(after.distribution)


def test_what_was_marked_is_followed(states: list[EmotionState]) -> None:
    assert not at(states, 4.5).moments
    assert set(at(states, 6.0).moments) == {"arrival"}


def test_the_player_is_quiet_after_the_sentence(states: list[EmotionState]) -> None:
    speaking, quiet = at(states, 5.0).conversation, at(states, 8.8).conversation
    assert speaking is not None and quiet is not None
    assert speaking.pause_s is None
    assert quiet.pause_s is not None and 0.7 < quiet.pause_s < 4.0


def test_without_a_transcript_nothing_is_said(demo_clip: Path) -> None:
    state = next(analyze(demo_clip, Settings()))
    assert state.conversation is None
    assert state.modalities[Modality.TEXT].condition is Condition.DISABLED
