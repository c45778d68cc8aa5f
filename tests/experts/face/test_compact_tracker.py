"""The compact tracker: when it searches, when it follows, when it lets go; and the real models."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from rapport import settings
from rapport.capture.signals import Frame
from rapport.experts.face.compact_tracker import FORGET_S, CompactTracker
from rapport.experts.face.detector import LONG_SIDE
from rapport.experts.face.square import MESH_REACH, MESH_SIZE
from rapport.experts.store import Store, manifest, packaged_directory

FRAME_NS = 33_000_000
FACE = (320.0, 240.0, 120.0)
"""Centre and side of the scripted face, in pixels of a frame 640 wide."""


class ScriptedModel:
    """Answers what the test says, and counts how often it was asked."""

    def __init__(self, name: str, answer) -> None:
        self.id, self.name, self.provider = name, f"{name}-0", "CPUExecutionProvider"
        self.answer, self.asked = answer, 0

    def run(self, inputs):
        self.asked += 1
        return self.answer(next(iter(inputs.values())))


class ScriptedStore:
    """One face in the middle of the frame, as sure as `presence` says."""

    def __init__(self) -> None:
        self.presence, self.score = 0.9, 4.0
        self.models = {
            "face_detector": ScriptedModel("face_detector", self._cells),
            "face_mesh": ScriptedModel("face_mesh", self._reading),
        }

    def load(self, model_id: str) -> ScriptedModel:
        return self.models[model_id]

    @property
    def asked(self) -> tuple[int, int]:
        """How often the detector and the landmark model ran since the last look."""
        counts = tuple(model.asked for model in self.models.values())
        for model in self.models.values():
            model.asked = 0
        return counts

    def _cells(self, picture):
        cells = np.full((1, 6, picture.shape[2] // 8, picture.shape[3] // 8), -9.0, np.float32)
        scale = LONG_SIDE / 640
        x, y, side = (value * scale / 8 for value in FACE)
        row, column = min(int(y), cells.shape[2] - 1), min(int(x), cells.shape[3] - 1)
        cells[0, :, row, column] = (
            self.score, x - column - 0.5, y - row - 0.5, np.log(side), 1.0, 0.0,
        )  # fmt: skip
        return [cells]

    def _reading(self, crop):
        """A face that fills the crop as a tracked face does: it stays where it is."""
        half = MESH_SIZE / MESH_REACH / 2
        points = np.full((1, 478, 3), MESH_SIZE / 2, np.float32)
        points[0, 33, 0] -= half / 2
        points[0, 263, 0] += half / 2
        points[0, 10, 1] -= half
        points[0, 152, 1] += half
        shapes = np.full((1, 52), 0.25, np.float32)
        state = np.array([[self.presence, 0.1]], np.float32)
        return [points, shapes, state, np.array([[1, 0, 0, 0, 1, 0]], np.float32)]


def picture() -> np.ndarray:
    return np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture
def store() -> ScriptedStore:
    return ScriptedStore()


@pytest.fixture
def tracker(store) -> CompactTracker:
    return CompactTracker(store)


@pytest.mark.unit
def test_it_searches_once_and_follows_then(store, tracker):
    first = tracker.track(Frame(0, picture()))
    assert store.asked == (1, 2)
    assert first is not None
    assert first.box[1] == pytest.approx(180, abs=0.5)
    assert first.box[3] == pytest.approx(300, abs=0.5)
    assert first.confidence == pytest.approx(0.9)
    for number in range(1, 5):
        assert tracker.track(Frame(number * FRAME_NS, picture())) is not None
        assert store.asked == (0, 1)


@pytest.mark.unit
def test_a_face_that_is_gone_is_searched_in_the_same_frame(store, tracker):
    tracker.track(Frame(0, picture()))
    store.presence, store.score = 0.2, -9.0
    _ = store.asked
    assert tracker.track(Frame(FRAME_NS, picture())) is None
    assert store.asked == (1, 1)
    assert tracker.track(Frame(2 * FRAME_NS, picture())) is None
    assert store.asked == (1, 0)
    store.presence, store.score = 0.9, 4.0
    assert tracker.track(Frame(3 * FRAME_NS, picture())) is not None


@pytest.mark.unit
def test_what_the_landmark_model_does_not_confirm_is_no_face(store, tracker):
    store.presence = 0.3
    assert tracker.track(Frame(0, picture())) is None
    assert store.asked == (1, 1)


@pytest.mark.unit
@pytest.mark.parametrize("captured_ns", [-FRAME_NS, int((FORGET_S + 0.1) * 1e9)])
def test_after_a_gap_or_a_step_back_it_searches_again(store, tracker, captured_ns):
    tracker.track(Frame(0, picture()))
    _ = store.asked
    assert tracker.track(Frame(captured_ns, picture())) is not None
    assert store.asked == (1, 2)


@pytest.mark.unit
def test_still_pictures_are_read_one_by_one(store):
    tracker = CompactTracker(store, still=True)
    for _ in range(3):
        assert tracker.track(Frame(0, picture())) is not None
        assert store.asked == (1, 2)


@pytest.mark.unit
@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (480, 640, 3), (700, 3, 3)])
def test_pictures_of_any_shape_are_read(store, tracker, shape):
    image = np.zeros(shape, np.uint8)
    for number in range(3):
        tracker.track(Frame(number * FRAME_NS, image))
    tracker.close()
    tracker.close()


def need_models() -> Store:
    for model_id in ("face_detector", "face_mesh"):
        if model_id not in manifest():
            pytest.skip(f"{model_id} is not in the manifest")
    return Store(settings.Models())


def frames(path: Path, count: int):
    video = cv2.VideoCapture(str(path))
    for number in range(count):
        there, image = video.read()
        if not there:
            break
        yield Frame(number * FRAME_NS, image)
    video.release()


@pytest.mark.model
@pytest.mark.parametrize("clip", ["eamm_happy.mp4", "eamm_fear.mp4", "pyfeat_single_face.mp4"])
def test_a_real_face_is_found_and_kept(shared, clip):
    tracker = CompactTracker(need_models())
    tracks = [tracker.track(frame) for frame in frames(shared / "data/clips" / clip, 40)]
    assert sum(track is not None for track in tracks) >= 0.95 * len(tracks)
    last = next(track for track in reversed(tracks) if track is not None)
    assert last.landmarks.shape == (478, 3)
    assert last.blendshapes.shape == (52,)
    assert 0.0 <= last.blendshapes.min() <= last.blendshapes.max() <= 1.0
    # Eyes above the mouth, the right eye to the left of the left one.
    assert last.landmarks[33, 0] < last.landmarks[263, 0]
    assert last.landmarks[[33, 263], 1].max() < last.landmarks[[13, 14], 1].min()


@pytest.mark.model
def test_a_turned_picture_turns_the_roll(shared):
    tracker = CompactTracker(need_models(), still=True)
    image = next(frames(shared / "data/clips/eamm_happy.mp4", 1)).image
    rolls = []
    for angle in (0, 20):
        turn = cv2.getRotationMatrix2D((image.shape[1] / 2, image.shape[0] / 2), angle, 0.8)
        turned = cv2.warpAffine(image, turn, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        track = tracker.track(Frame(0, turned))
        assert track is not None
        rolls.append(track.roll)
    # OpenCV turns counter-clockwise: the head tilts to the person's right shoulder.
    assert rolls[1] - rolls[0] == pytest.approx(-20, abs=6)


@pytest.mark.model
def test_nobody_is_nobody(shared):
    tracker = CompactTracker(need_models())
    clip = frames(shared / "data/clips/pyfeat_no_face.mp4", 60)
    assert sum(tracker.track(frame) is not None for frame in clip) == 0
    random = np.random.default_rng(11)
    for number in range(10):
        noise = random.integers(0, 256, (240, 320, 3), np.uint8)
        assert tracker.track(Frame(10**12 + number * FRAME_NS, noise)) is None
    assert tracker.track(Frame(2 * 10**12, np.zeros((240, 320, 3), np.uint8))) is None


@pytest.mark.model
def test_the_models_are_small():
    need_models()
    sizes = [manifest()[model_id].bytes for model_id in ("face_detector", "face_mesh")]
    assert sum(sizes) <= 4_500_000
    for model_id in ("face_detector", "face_mesh"):
        entry = manifest()[model_id]
        assert (packaged_directory() / entry.file).stat().st_size == entry.bytes


@pytest.mark.model
def test_the_path_imports_neither_mediapipe_nor_matplotlib():
    need_models()
    program = (
        "import sys, numpy as np\n"
        "from rapport import settings\n"
        "from rapport.capture.signals import Frame\n"
        "from rapport.experts.face.compact_tracker import CompactTracker\n"
        "from rapport.experts.store import Store\n"
        "tracker = CompactTracker(Store(settings.Models()))\n"
        "tracker.track(Frame(0, np.zeros((90, 90, 3), np.uint8)))\n"
        "print([name for name in ('mediapipe', 'matplotlib') if name in sys.modules])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "[]"
