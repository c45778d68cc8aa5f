"""`python -m models.evaluation face` on good and bad input."""

import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from rapport.state import LABELS

pytestmark = pytest.mark.tooling


def evaluate(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "models.evaluation", "face", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=100)


def test_whole_pictures_and_pictures_without_a_face(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    with av.open(str(shared / "data/clips/eamm_happy.mp4")) as clip:
        frames = [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]
    happy = frames[40:80:10]
    archive = tmp_path / "pictures.npz"
    images = np.stack([*happy, np.full_like(happy[0], 128), np.zeros_like(happy[0])])
    np.savez(archive, images=images, labels=np.array([1, 1, 1, 1, 0, -1]))
    done = evaluate(repository, str(archive), "--json", "--models", str(shared / "models"))
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["n"] == 5
    assert figures["read"] == pytest.approx(0.8)
    assert figures["per_class"]["happiness"] == 1.0
    # A face that is not there is not counted as a neutral one that was read.
    assert figures["per_class"]["neutral"] == 0.0
    assert figures["accuracy"] == pytest.approx(0.8)
    assert figures["uar"] == pytest.approx(0.5)
    assert np.shape(figures["confusion"]) == (len(LABELS), len(LABELS))
    assert figures["ms_per_item"] > 0.0


def test_crops_are_read_with_and_without_landmarks(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    with np.load(shared / "data/face/ferplus_train_valid.npz") as data:
        pictures = data["images"][:40]
        labels = data["votes"][:40, : len(LABELS)].argmax(axis=1)
    archive = tmp_path / "crops.npz"
    noise = np.random.default_rng(5).integers(0, 255, (1, 48, 48), np.uint8)
    np.savez(archive, images=np.concatenate([pictures, noise]), labels=np.append(labels, -1))
    for extra in ([], ["--pixels-only"]):
        done = evaluate(repository, str(archive), "--crops", "--json", *extra)
        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)
        assert figures["n"] == 40
        assert figures["read"] == 1.0
        assert figures["accuracy"] > 0.5


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        (None, "no readable .npz"),
        ({"pictures": np.zeros((1, 4, 4), np.uint8)}, "must hold"),
        ({"images": np.zeros((1, 4, 4)), "labels": np.zeros(1, int)}, "uint8"),
        ({"images": np.zeros((2, 4, 4), np.uint8), "labels": np.zeros(1, int)}, "one a picture"),
        ({"images": np.zeros((1, 4, 4), np.uint8), "labels": np.array([-1])}, "No picture"),
    ],
)
def test_a_file_that_is_not_as_documented_is_refused(
    repository: Path, tmp_path: Path, arrays: dict[str, np.ndarray] | None, complaint: str
) -> None:
    archive = tmp_path / "bad.npz"
    if arrays is None:
        archive.write_text("no archive")
    else:
        np.savez(archive, **arrays)
    done = evaluate(repository, str(archive), "--json")
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
