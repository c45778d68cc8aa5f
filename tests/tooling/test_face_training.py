"""What the expression model is trained with does what it says."""
# ruff: noqa: E402 - these modules cannot be imported where torch is missing

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the packages of the extra `training`")
pytest.importorskip("onnx", reason="needs the packages of the extra `training`")

from models.training import face, face_data, face_head
from models.training.face_data import Cutter, Faces
from models.training.face_net import ExpressionNet
from torch.nn import functional

from rapport.capture.signals import Frame
from rapport.experts.face.tracker import Track
from rapport.state import LABELS

pytestmark = pytest.mark.tooling

SEED = 23
HAPPY, ANGRY = LABELS.index("happiness"), LABELS.index("anger")


def drawn_faces(count: int, smile: float) -> Faces:
    """Noise, of which only the blendshapes say whether it smiles; `smile` is how strongly."""
    random = np.random.default_rng(SEED)
    labels = random.choice([HAPPY, ANGRY], count)
    shapes = np.zeros((count, 52), np.float32)
    shapes[:, 44] = smile * (labels == HAPPY)
    return Faces(
        random.integers(0, 255, (count, 64, 64)).astype(np.uint8),
        shapes,
        np.ones(count, bool),
        np.eye(len(LABELS), dtype=np.float32)[labels],
        labels,
    )


def test_the_head_meets_both_trackers_and_the_picture_part_stays(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_head, "LEARNING_RATE", 3e-3)
    monkeypatch.setattr(face_head, "BATCH", 40)
    torch.manual_seed(SEED)
    # Threads that wait for each other spin, which stalls them all on a busy machine.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    request.addfinalizer(lambda: torch.set_num_threads(threads))
    net = ExpressionNet().eval()
    strong, faint = drawn_faces(160, 0.9), drawn_faces(160, 0.3)
    chances = [torch.ones(160).double()] * 2
    fitted = face_head.refit(net, [strong, faint], chances, SEED)
    for name, before in net.state_dict().items():
        after = fitted.state_dict()[name]
        assert torch.equal(before, after) == name.startswith("picture."), name
    for faces in (strong, faint):
        votes = torch.from_numpy(faces.votes)
        loss = [
            float(functional.cross_entropy(torch.from_numpy(face.predict(n, faces)), votes))
            for n in (net, fitted)
        ]
        assert loss[1] < loss[0] - 0.05, f"seed {SEED}"


class Finder:
    """A tracker that finds every second face."""

    name = "finder-1"

    def __init__(self) -> None:
        self.looked = 0

    def track(self, frame: Frame) -> Track | None:
        self.looked += 1
        if self.looked % 2:
            return None
        points = np.random.default_rng(SEED).uniform(60, 140, (478, 3)).astype(np.float32)
        return Track(points, np.full(52, 0.5, np.float32), 0.0, 0.0, 0.0, 1.0)

    def close(self) -> None:
        pass


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten FER+ faces, eight of them for training, one of which nobody can tell; and RAF-DB."""
    folder = tmp_path / "data" / "face"
    (folder / "raf-db" / "EmoLabel").mkdir(parents=True)
    random = np.random.default_rng(SEED)
    votes = np.zeros((10, 10), np.uint8)
    votes[np.arange(10), [1, 1, 4, 4, 0, 0, 2, 8, 1, 4]] = 7
    votes[:, 3] = 3
    np.savez(
        folder / "ferplus_train_valid.npz",
        images=random.integers(0, 255, (10, 48, 48)).astype(np.uint8),
        votes=votes,
        split=np.array([0] * 8 + [1] * 2),
    )
    aligned = folder / "raf-db" / "Image" / "aligned"
    aligned.mkdir(parents=True)
    cv2.imwrite(str(aligned / "train_1_aligned.jpg"), np.full((100, 100, 3), 60, np.uint8))
    listed = folder / "raf-db" / "EmoLabel" / "list_patition_label.txt"
    listed.write_text("train_1.jpg 2\n", encoding="utf-8")
    return folder.parent


def test_faces_are_cut_once_and_other_corpora_join_the_training(data: Path, tmp_path: Path) -> None:
    made: list[Finder] = []

    def make() -> Finder:
        made.append(Finder())
        return made[-1]

    file = tmp_path / "weights"
    file.write_bytes(b"one")
    for _ in range(2):
        training, validation = face_data.load(data, Cutter(make, (file,)), tmp_path / "cache")
        assert [finder.looked for finder in made] == [10, 1]
        assert training.majority.tolist() == [1, 1, 4, 4, 0, 0, 2, LABELS.index("fear")]
        assert validation.majority.tolist() == [1, 4]
        assert training.votes[0, [1, 3]] == pytest.approx([0.7, 0.3])
        assert training.votes.sum(axis=1) == pytest.approx(1.0)
        assert training.known.tolist() == [False, True] * 3 + [False, False]
    file.write_bytes(b"another")
    few, validation = face_data.load(data, Cutter(make, (file,)), tmp_path / "cache", most=3)
    assert len(made) == 4, "another tracker cuts other crops"
    assert len(few.crops) <= 3 + 1
    assert len(validation.crops) == 2


def test_rare_labels_are_drawn_more_often_than_they_occur() -> None:
    majority = np.array([0] * 90 + [5] * 10)
    share = face.drawn_share(majority, 0.5)
    assert 0.1 < share[5] < share[0] < 0.9
    assert share.sum() == pytest.approx(1.0)
