"""The sidecar where only models that are cleared for commercial use may be loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.experts.manifest import Entry
from rapport.experts.store import manifest
from rapport.state import Condition, EventKind, Modality
from sidecars import READY_S, SidecarProcess

pytestmark = pytest.mark.system

Start = Callable[..., SidecarProcess]

POLICY = {"RAPPORT_MODELS__LICENCE_POLICY": "commercial", "RAPPORT_LOG__LEVEL": "info"}


def refused(model_id: str) -> bool:
    entry: Entry = manifest()[model_id]
    return entry.commercial_use != "yes"


def test_a_face_is_seen_and_arousal_heard_without_the_refused_models(
    start_sidecar: Start, demo_clip: Path
) -> None:
    assert refused("face_expression") and refused("voice_emotion"), "nothing would be refused"
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop", **POLICY)
    face_seen = heard = False
    with sidecar.connect() as client:
        for number, state in enumerate(client.states(READY_S)):
            face, voice = state.modalities[Modality.FACE], state.modalities[Modality.VOICE]
            assert face.distribution is None
            assert voice.distribution is None
            assert state.probabilities is None
            assert state.label == "uncertain"
            assert state.confidence == 0.0
            if state.face_present and face.condition is Condition.OK:
                face_seen = face.quality.score > 0.3 and "expression" not in face.model
            if state.speaking and voice.arousal is not None:
                heard = state.arousal is not None and "voice_emotion" not in voice.model
            if face_seen and heard:
                break
            assert number < 3000, f"face seen: {face_seen}, arousal heard: {heard}"
    sidecar.process.terminate()
    code, _, err = sidecar.finish()
    assert code == 0
    assert "Traceback" not in err
    for name in ("face_expression", "voice_emotion"):
        (line,) = [line for line in err.splitlines() if f"Model {name} " in line]
        assert str(EventKind.EXPERT_FAILED) in line and "model_not_cleared" in line
        assert "No emotion is read from the" in line
