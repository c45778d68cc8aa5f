"""`python -m models.evaluation face` on good and bad input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
import pytest
from models.evaluation import face

from rapport.capture.clip import clip_signals
from rapport.capture.signals import Frame
from rapport.state import LABELS

pytestmark = pytest.mark.tooling

HAPPY = LABELS.index("happiness")


class Done(NamedTuple):
    """How a run in this process ended."""

    code: int
    out: str
    err: str

    @property
    def figures(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def evaluate(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> Done:
        code = face.main([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def somebody() -> np.ndarray:
    """A frame with a face, BGR."""
    clip = Path(__file__).parents[2] / "plugin" / "rapport" / "media" / "demo.mp4"
    frame = next(signal for signal in clip_signals(clip) if isinstance(signal, Frame))
    return frame.image


def archive_of(folder: Path, images: Any, labels: Any) -> Path:
    file = folder / "pictures.npz"
    np.savez(file, images=images, labels=labels)
    return file


def test_as_a_program_on_whole_pictures_and_pictures_without_a_face(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    with av.open(str(shared / "data/clips/eamm_happy.mp4")) as clip:
        frames = [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]
    happy = frames[40:80:10]
    images = np.stack([*happy, np.full_like(happy[0], 128), np.zeros_like(happy[0])])
    file = archive_of(tmp_path, images, np.array([1, 1, 1, 1, 0, -1]))
    command = [sys.executable, "-m", "models.evaluation", "face", str(file), "--json"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=100)
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
    evaluate: Any, shared: Path, tmp_path: Path
) -> None:
    with np.load(shared / "data/face/ferplus_train_valid.npz") as data:
        pictures = data["images"][:40]
        labels = data["votes"][:40, : len(LABELS)].argmax(axis=1)
    noise = np.random.default_rng(5).integers(0, 255, (1, 48, 48), np.uint8)
    file = archive_of(tmp_path, np.concatenate([pictures, noise]), np.append(labels, -1))
    for extra in ([], ["--pixels-only"]):
        figures = evaluate(file, "--crops", "--json", *extra).figures
        assert figures["n"] == 40
        assert figures["read"] == 1.0
        assert figures["accuracy"] > 0.5


def grey(image: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))


FORMS = {
    "colour": lambda image: image,
    "grey": grey,
    "grey with a channel": lambda image: grey(image)[..., None],
    "with alpha": lambda image: np.dstack([image, np.full(image.shape[:2], 255, np.uint8)]),
    "channels first": lambda image: np.moveaxis(image, 2, 0),
    "floats to 1": lambda image: image / 255.0,
    "floats to 255": lambda image: image.astype(np.float32),
    "sixteen bits": lambda image: image.astype(np.uint16) * 257,
    "long integers": lambda image: image.astype(np.int64),
}


def test_all_forms_of_a_picture_are_read_alike(
    evaluate: Any, somebody: np.ndarray, tmp_path: Path
) -> None:
    for name, form in FORMS.items():
        images = np.stack([form(somebody)] * 2)
        figures = evaluate(archive_of(tmp_path, images, [HAPPY, -1]), "--json").figures
        assert (figures["n"], figures["read"]) == (1, 1.0), name


def test_pictures_of_different_sizes_from_tiny_to_huge(
    evaluate: Any, somebody: np.ndarray, tmp_path: Path
) -> None:
    height, width = somebody.shape[:2]
    huge = cv2.resize(somebody, (5000, 5000 * height // width))
    odd = [np.zeros(shape, np.uint8) for shape in ((0, 0), (1, 1), (1, 900), (20, 20, 3))]
    pictures = [somebody, grey(somebody), huge, *odd]
    images = np.empty(len(pictures), object)
    images[:] = pictures
    labels = [HAPPY] * len(pictures)
    for extra, read in ([], 3), (["--crops"], 6):
        figures = evaluate(archive_of(tmp_path, images, labels), "--json", *extra).figures
        assert figures["n"] == len(pictures)
        assert figures["read"] * len(pictures) == pytest.approx(read), extra


@pytest.mark.parametrize(
    ("labels", "used"),
    [
        ([1, 0, -1], {"happiness", "neutral"}),
        ([1.0, np.nan, 99.0], {"happiness"}),
        ([[1], [6], [8]], {"happiness", "fear"}),
        (np.eye(8)[[1, 2, 3]], {"happiness", "surprise", "sadness"}),
        ([[0, 9, 1, 0, 0, 0, 0, 0, 0, 0], [0] * 10, [0] * 9 + [10]], {"happiness"}),
        (np.eye(8, dtype=bool)[[1, 1, 7]], {"happiness", "contempt"}),
        (["happy", "Anger ", "no emotion"], {"happiness", "anger"}),
        (np.array(["happy", "sad", "?"], object), {"happiness", "sadness"}),
        (np.array([b"fear", b"joy", b"\xff"]), {"fear", "happiness"}),
        (np.array([1, 0, -1], np.int8), {"happiness", "neutral"}),
    ],
)
def test_all_forms_of_labels(
    evaluate: Any, somebody: np.ndarray, tmp_path: Path, labels: Any, used: set[str]
) -> None:
    small = cv2.resize(somebody, (64, 48))
    figures = evaluate(archive_of(tmp_path, [small] * 3, labels), "--crops", "--json").figures
    assert set(figures["per_class"]) == used


class Harmful:
    """What a pickle could do."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (Path("harm.txt"), "done")


def objects(*content: Any) -> np.ndarray:
    array = np.empty(len(content), object)
    array[:] = content
    return array


BAD: dict[str, tuple[dict[str, Any] | bytes | None, str]] = {
    "missing": (None, "No such file"),
    "no archive": (b"no archive", "no readable .npz"),
    "other names": ({"pictures": np.zeros((1, 4, 4), np.uint8)}, "must hold"),
    "texts": ({"images": np.array([["a"]]), "labels": np.zeros(1, int)}, "must be numbers"),
    "too flat": ({"images": np.zeros((2, 9), np.uint8), "labels": np.zeros(2, int)}, "N x H x W"),
    "scalar": ({"images": np.uint8(3), "labels": np.zeros(1, int)}, "one a picture"),
    "too few": ({"images": np.zeros((2, 4, 4)), "labels": np.zeros(1, int)}, "one a picture"),
    "fractions": ({"images": np.zeros((1, 4, 4)), "labels": np.array([0.5])}, "fractions"),
    "no label": ({"images": np.zeros((1, 4, 4)), "labels": np.array([-1])}, "No picture"),
    "channels": ({"images": np.zeros((1, 9, 9, 7), np.uint8), "labels": np.array([1])}, "channels"),
    "code": ({"images": objects(Harmful()), "labels": np.array([1])}, "which is no array"),
    "nothing": ({"images": objects(None), "labels": np.array([1])}, "must be numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_not_as_documented_is_refused(
    evaluate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    content, complaint = BAD[name]
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "bad.npz"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        np.savez(file, **content)
    done = evaluate(file, "--json")
    assert done.code == 2
    assert complaint in done.err
    assert not (tmp_path / "harm.txt").exists()


def test_a_damaged_archive_is_refused_wherever_it_is_damaged(
    evaluate: Any, tmp_path: Path, somebody: np.ndarray
) -> None:
    good = archive_of(tmp_path, [somebody] * 2, [1, 1])
    np.savez_compressed(tmp_path / "packed.npz", images=[somebody] * 2, labels=[1, 1])
    file = tmp_path / "bad.npz"
    for whole in (good.read_bytes(), (tmp_path / "packed.npz").read_bytes()):
        for share in (0.1, 0.5, 0.99):
            file.write_bytes(whole[: int(len(whole) * share)])
            assert evaluate(file, "--json").code == 2
            broken = bytearray(whole)
            broken[int(len(whole) * share) : int(len(whole) * share) + 40] = b"?" * 40
            file.write_bytes(broken)
            assert evaluate(file, "--json").code == 2


def test_a_list_of_pictures_and_videos(
    evaluate: Any, repository: Path, tmp_path: Path, somebody: np.ndarray
) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), somebody)
    clip = repository / "plugin" / "rapport" / "media" / "demo.mp4"
    file = tmp_path / "list.csv"
    file.write_text(
        f"path,weak_label\none.png,happiness\ngone.png,neutral\n{clip},neutral\n"
        "one.png,unclear\none.png,3\n",
        encoding="utf-8-sig",
    )
    whole = evaluate(file, "--json").figures
    assert whole["n"] == 10, "a picture, eight frames, a picture by number"
    assert set(whole["per_class"]) == {"happiness", "neutral", "sadness"}
    assert evaluate(file, "--only", "happiness,neutral", "--json").figures["n"] == 9
    assert evaluate(file, "--rows", "3:", "--json").figures["n"] == 1
    assert evaluate(clip, "--label", "neutral", "--json").figures["n"] == 8
    assert evaluate(clip, "--label", "joyful").code == 2
    for wrong in (["--only", "joy"], ["--rows", "x"], ["--rows", "1:2"]):
        assert evaluate(file, *wrong).code == 2


def test_intervals_and_pictures(evaluate: Any, tmp_path: Path, somebody: np.ndarray) -> None:
    mirrored = somebody[:, ::-1]
    file = archive_of(tmp_path, [somebody, mirrored] * 3, [0, 0, 0, 1, 1, 1])
    drawn = tmp_path / "drawn"
    figures = evaluate(file, "--bootstrap", "50", "--pictures", drawn, "--json").figures
    low, high = figures["intervals"]["accuracy"]
    assert 0.0 <= low <= figures["accuracy"] <= high <= 1.0
    for name in ("confusion", "reliability"):
        assert (drawn / f"face_expression-{name}.svg").stat().st_size < 100_000
    table = evaluate(file, "--bootstrap", "20")
    assert "..." in table.out
