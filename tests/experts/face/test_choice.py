"""Which tracker is made."""

from pathlib import Path

import pytest

from rapport import settings
from rapport.errors import ModelMissing, ModelTampered
from rapport.experts.face import choice

pytestmark = pytest.mark.unit


class Absent:
    """A store that misses the models it is told to miss."""

    def __init__(self, missing: set[str], error: type[Exception] = ModelMissing) -> None:
        self.missing, self.error = missing, error

    def path(self, model_id: str) -> Path:
        if model_id in self.missing:
            raise self.error(f"no {model_id}")
        return Path(model_id)

    def load(self, model_id: str) -> Path:
        return self.path(model_id)


@pytest.fixture(autouse=True)
def trackers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trackers that only say which they are, once their models are there."""

    def compact(store: Absent, *_: object) -> str:
        store.load("face_mesh")
        return "compact"

    monkeypatch.setattr(choice, "CompactTracker", compact)
    monkeypatch.setattr(choice, "MediaPipeTracker", lambda *_: "mediapipe")


def test_a_named_tracker_is_taken_or_missed() -> None:
    for name in ("compact", "mediapipe"):
        assert choice.make_tracker(settings.Face(tracker=name), Absent(set())) == name
    with pytest.raises(ModelMissing):
        choice.make_tracker(settings.Face(tracker="compact"), Absent({"face_mesh"}))
    with pytest.raises(ModelMissing):
        choice.make_tracker(settings.Face(tracker="mediapipe"), Absent({choice.TRACKER_BUNDLE}))


def test_auto_takes_what_is_there() -> None:
    face = settings.Face()
    assert choice.make_tracker(face, Absent(set())) == choice.AUTO[0]
    assert choice.make_tracker(face, Absent({choice.TRACKER_BUNDLE})) == "compact"
    assert choice.make_tracker(face, Absent({"face_mesh"})) == "mediapipe"
    with pytest.raises(ModelMissing):
        choice.make_tracker(face, Absent({"face_mesh", choice.TRACKER_BUNDLE}))


def test_auto_does_not_pass_over_a_forged_model() -> None:
    forged = Absent({"face_mesh", choice.TRACKER_BUNDLE}, ModelTampered)
    with pytest.raises(ModelTampered):
        choice.make_tracker(settings.Face(), forged)
