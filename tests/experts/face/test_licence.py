"""The face expert where the licence policy refuses the expression model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest

from rapport import settings
from rapport.capture.clip import clip_signals
from rapport.capture.signals import Frame
from rapport.errors import ModelNotCleared
from rapport.experts import store
from rapport.experts.face.expert import FaceExpert
from rapport.experts.store import Store
from rapport.state import Condition

pytestmark = pytest.mark.model

COMMERCIAL = settings.Models(licence_policy="commercial")
COMPACT = settings.Face(tracker="compact")


def clear(
    monkeypatch: pytest.MonkeyPatch, commercial_use: Mapping[str, Literal["yes", "no", "unclear"]]
) -> None:
    """Let the manifest say so of these models."""
    known = dict(store.manifest())
    for name, use in commercial_use.items():
        known[name] = msgspec.structs.replace(known[name], commercial_use=use)
    monkeypatch.setattr(store, "manifest", lambda: known)


def test_the_face_is_seen_and_its_emotion_is_not_read(
    demo_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear(monkeypatch, {"face_detector": "yes", "face_mesh": "yes", "face_expression": "unclear"})
    expert = FaceExpert(COMPACT, Store(COMMERCIAL))
    frame = next(signal for signal in clip_signals(demo_clip) if isinstance(signal, Frame))
    seen = [expert.read(frame._replace(captured_ns=i * 33_000_000)) for i in range(4)][-1]
    nobody = expert.read(Frame(200_000_000, np.full_like(frame.image, 128)))
    expert.close()
    assert expert.without is not None
    assert expert.without.code == "model_not_cleared"
    assert seen.present
    assert seen.condition is Condition.OK
    assert seen.quality.score > 0.3
    assert {"yaw", "pitch"} & seen.quality.measures.keys()
    assert seen.distribution is None
    assert (seen.valence, seen.arousal, seen.dominance) == (None, None, None)
    assert "expression" not in seen.model
    assert seen.model
    assert not nobody.present
    assert nobody.condition is Condition.ABSENT


def test_without_any_tracker_that_is_cleared_there_is_no_face(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clear(monkeypatch, {"face_detector": "no", "face_mesh": "no", "face_landmarker": "no"})
    with pytest.raises(ModelNotCleared):
        FaceExpert(settings.Face(), Store(COMMERCIAL))
