"""The clip of `rapport demo --scene sarcasm`: the same words twice, meant once; then a smile over
sad words. Whole experts on the packaged clip, offline."""

import importlib.util
import sys
from pathlib import Path

import pytest

from rapport.cli.demo import CLIPS, TRANSCRIPTS, Scene
from rapport.conversation.transcript import read_transcript
from rapport.settings import Settings
from rapport.sidecar.offline import analyze
from rapport.state import EmotionState, Modality

pytestmark = pytest.mark.model

TRANSCRIPT = read_transcript(TRANSCRIPTS[Scene.SARCASM])


@pytest.fixture(scope="module")
def told() -> dict[str, EmotionState]:
    """Line -> the state one second after it was told."""
    found: dict[str, EmotionState] = {}
    due = {cue.line: cue.due_s + 1.0 for cue in TRANSCRIPT if cue.role == "player" and cue.line}
    for state in analyze(CLIPS[Scene.SARCASM], Settings(), TRANSCRIPT):
        for line, when_s in due.items():
            if line not in found and state.captured_ns >= when_s * 1e9:
                found[line] = state
    return found


def test_glad_words_in_a_glad_voice_with_a_smile_are_taken_at_their_word(
    told: dict[str, EmotionState],
) -> None:
    for line in ("question", "paid_twice", "great_meant"):
        assert told[line].contradiction is None, line
    assert told["great_meant"].label == "happiness"


def test_the_same_words_without_warmth_are_doubted_and_lose_weight(
    told: dict[str, EmotionState],
) -> None:
    contradiction = told["great_sarcastic"].contradiction
    assert contradiction is not None
    assert contradiction.kind in {"sarcasm", "forced_politeness"}
    assert contradiction.line == "great_sarcastic"
    assert told["great_sarcastic"].label != "happiness"
    weights = [
        told[line].modalities[Modality.TEXT].weight for line in ("great_meant", "great_sarcastic")
    ]
    assert weights[1] < weights[0] / 2.0


def test_a_smile_over_sad_words_is_masking(told: dict[str, EmotionState]) -> None:
    contradiction = told["sad_smiling"].contradiction
    assert contradiction is not None and contradiction.kind == "masking"
    assert told["sad_smiling"].label != "happiness"


def test_the_transcript_says_what_is_heard(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(repository / "tools"))
    spec = importlib.util.spec_from_file_location(
        "sarcasm_timeline", repository / "tools" / "sarcasm_timeline.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        spoken = [(speech.start, speech.text) for speech in module.SARCASM.speech]
    finally:
        sys.modules.pop("demo_timeline", None)
    assert [(cue.at, cue.text) for cue in TRANSCRIPT if cue.role == "player" and cue.text] == spoken
