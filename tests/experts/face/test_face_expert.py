"""The face expert on real clips, with the real tracker and the real expression model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.signals import Frame
from rapport.errors import ModelMissing, ModelUnreadable
from rapport.experts.face.expert import FaceExpert
from rapport.experts.face.expression import ExpressionModel
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.store import Store
from rapport.state import LABELS, Condition, Evidence

pytestmark = pytest.mark.model

Image = NDArray[np.uint8]


@pytest.fixture
def store(shared: Path) -> Store:
    return Store(settings.Models(directory=str(shared / "models")))


@pytest.fixture
def expert(store: Store) -> Iterator[FaceExpert]:
    expert = FaceExpert(settings.Face(tracker="mediapipe"), store)
    yield expert
    expert.close()


def frames(clip: Path, every: int = 3, most: int = 40) -> Iterator[Frame]:
    with av.open(str(clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index >= every * most:
                return
            if index % every == 0:
                yield Frame(int(frame.time * 1e9), frame.to_ndarray(format="bgr24"))


def first(clip: Path) -> Image:
    return next(frames(clip)).image


def steady(expert: FaceExpert, image: Image, start_ms: int = 0) -> Evidence:
    """The reading after the tracker has seen the same picture a few times."""
    return [expert.read(Frame((start_ms + 33 * step) * 1_000_000, image)) for step in range(4)][-1]


def test_a_smile_is_happiness(expert: FaceExpert, shared: Path) -> None:
    readings = [expert.read(frame) for frame in frames(shared / "data/clips/eamm_happy.mp4")]
    assert all(reading.condition is Condition.OK for reading in readings)
    mean = np.mean([reading.distribution for reading in readings], axis=0)
    assert LABELS[int(mean.argmax())] == "happiness"
    assert np.mean([reading.valence for reading in readings]) > 0.3
    for reading in readings:
        assert reading.present
        assert sum(reading.distribution) == pytest.approx(1.0)
        assert reading.model.startswith("face_expression-")


def test_a_face_that_goes_away_is_absent(expert: FaceExpert, shared: Path) -> None:
    clip = shared / "data/clips/pyfeat_face_noface.mov"
    readings = [expert.read(frame) for frame in frames(clip, every=4)]
    present = [reading.present for reading in readings]
    assert any(present)
    assert not all(present)
    for reading in readings:
        assert reading.present == (reading.distribution is not None)
        assert reading.condition in (Condition.OK, Condition.ABSENT, Condition.LOW_LIGHT)


def test_the_face_is_found_again(expert: FaceExpert, shared: Path) -> None:
    face = first(shared / "data/clips/pyfeat_single_face.mp4")
    wall = np.full_like(face, 128)
    assert steady(expert, face).present
    assert steady(expert, wall, 200).condition is Condition.ABSENT
    assert steady(expert, face, 400).present


def test_nobody_is_never_somebody(expert: FaceExpert, shared: Path) -> None:
    for frame in frames(shared / "data/clips/pyfeat_no_face.mp4"):
        reading = expert.read(frame)
        assert not reading.present
        assert reading.distribution is None
        assert reading.condition is Condition.ABSENT


def darkened(image: Image) -> Image:
    return np.rint(image * 0.06).astype(np.uint8)


def blurred(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 9.0), np.uint8)


def masked(image: Image) -> Image:
    """A flat patch over the lower face of the first frame of the clip."""
    covered = image.copy()
    covered[215:320, 210:390] = (200, 190, 180)
    return covered


@pytest.mark.parametrize(
    ("spoil", "measure"),
    [(darkened, "brightness"), (blurred, "sharpness"), (masked, "occlusion")],
)
def test_a_spoiled_picture_lowers_the_right_score(
    expert: FaceExpert, shared: Path, spoil: Any, measure: str
) -> None:
    face = first(shared / "data/clips/pyfeat_single_face.mp4")
    good = steady(expert, face).quality
    bad = steady(expert, spoil(face), 200).quality
    assert good.measures[measure].score > 0.9
    assert bad.measures[measure].score < 0.75
    assert bad.score < good.score


def test_darkness_without_a_face_is_low_light(expert: FaceExpert) -> None:
    reading = expert.read(Frame(7, np.full((480, 640, 3), 3, np.uint8)))
    assert reading.condition is Condition.LOW_LIGHT
    assert reading.captured_ns == 7


BAD_FRAMES = [
    (np.zeros((0, 0, 3), np.uint8), Condition.ABSENT),
    (np.zeros((0, 640, 3), np.uint8), Condition.ABSENT),
    (np.zeros((1, 1, 3), np.uint8), Condition.LOW_LIGHT),
    (np.full((48, 64), 128, np.uint8), Condition.ABSENT),
    (np.full((48, 64, 1), 128, np.uint8), Condition.ABSENT),
    (np.full((48, 64, 4), 128, np.uint8), Condition.ABSENT),
    (np.full((48, 64, 2), 128, np.uint8), Condition.FAILED),
    (np.full((48, 64, 3), np.nan, np.float32), Condition.FAILED),
    (np.full((48, 64, 3), 128, np.int32), Condition.FAILED),
    (np.zeros(7, np.uint8), Condition.FAILED),
    (None, Condition.FAILED),
    (np.full((96, 128, 3), 128, np.uint8)[::-2, ::-1], Condition.ABSENT),
]


@pytest.mark.parametrize(("image", "condition"), BAD_FRAMES, ids=range(len(BAD_FRAMES)))
def test_bad_frames_are_conditions(expert: FaceExpert, image: Any, condition: Condition) -> None:
    reading = expert.read(Frame(5, image))
    assert reading.condition is condition
    assert reading.distribution is None
    assert not reading.present


def test_bad_frames_do_not_cost_the_next_good_one(expert: FaceExpert, shared: Path) -> None:
    for image, _ in BAD_FRAMES:
        expert.read(Frame(5, image))
    assert steady(expert, first(shared / "data/clips/pyfeat_single_face.mp4")).present


def test_time_may_stand_still_or_run_back(expert: FaceExpert, shared: Path) -> None:
    face = first(shared / "data/clips/pyfeat_single_face.mp4")
    for captured_ns in (10_000_000_000, 10_000_000_001, 10_000_000_001, 0, 5_000_000_000):
        assert expert.read(Frame(captured_ns, face)).present


def test_the_size_of_frames_may_change(expert: FaceExpert, shared: Path) -> None:
    face = first(shared / "data/clips/pyfeat_single_face.mp4")
    half = np.asarray(cv2.resize(face, None, fx=0.5, fy=0.5), np.uint8)
    assert steady(expert, face).present
    assert steady(expert, half, 200).present


def test_grey_pictures_are_read_like_coloured_ones(expert: FaceExpert, shared: Path) -> None:
    face = first(shared / "data/clips/pyfeat_single_face.mp4")
    grey = np.asarray(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), np.uint8)
    coloured, plain = steady(expert, face), steady(expert, grey, 200)
    assert plain.distribution == pytest.approx(coloured.distribution, abs=0.15)


def test_angles_have_the_documented_signs(store: Store, shared: Path) -> None:
    tracker = MediaPipeTracker(store.path("face_landmarker"), still=True)
    face = first(shared / "data/clips/pyfeat_single_face.mp4")
    height, width = face.shape[:2]
    # Turned clockwise, as seen, the head leans to the person's left shoulder.
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -20, 1.0)
    leaning = tracker.track(Frame(0, np.asarray(cv2.warpAffine(face, turn, (width, height)))))
    upright = tracker.track(Frame(0, face))
    tracker.close()
    assert upright is not None
    assert leaning is not None
    assert leaning.roll - upright.roll == pytest.approx(20.0, abs=4.0)
    assert abs(upright.yaw) < 15.0


def test_the_tracker_is_quiet_and_leaves_portaudio_alone(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    tracker = MediaPipeTracker(store.path("face_landmarker"))
    tracker.track(Frame(40_000_000, np.full((480, 640, 3), 90, np.uint8)))
    tracker.close()
    tracker.close()
    assert capfd.readouterr().err == ""
    sounddevice = pytest.importorskip("sounddevice", reason="MediaPipe came without sounddevice")
    assert not sounddevice._initialized


def test_a_broken_bundle_is_unreadable(tmp_path: Path) -> None:
    bundle = tmp_path / "face_landmarker.task"
    bundle.write_bytes(b"no bundle")
    with pytest.raises(ModelUnreadable, match=r"face_landmarker\.task"):
        MediaPipeTracker(bundle)


def test_without_the_bundle_the_expert_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapport.experts.store.downloads_directory", lambda: tmp_path)
    with pytest.raises(ModelMissing, match="face_landmarker"):
        FaceExpert(settings.Face(tracker="mediapipe"), Store(settings.Models()))


def test_the_expression_model_works_without_blendshapes() -> None:
    model = ExpressionModel(Store(settings.Models()))
    crop = np.random.default_rng(1).uniform(0, 255, (48, 48)).astype(np.float32)
    for blendshapes in (None, np.zeros(52, np.float32), np.ones(52, np.float32)):
        distribution = model.read(crop, blendshapes)
        assert len(distribution) == len(LABELS)
        assert sum(distribution) == pytest.approx(1.0)
        assert min(distribution) >= 0.0


def test_the_expression_model_is_blind_to_gain_and_offset() -> None:
    model = ExpressionModel(Store(settings.Models()))
    crop = np.random.default_rng(2).uniform(40, 120, (48, 48)).astype(np.float32)
    plain, brighter = model.read(crop, None), model.read(crop * 1.8 + 20.0, None)
    assert brighter == pytest.approx(plain, abs=0.05)
