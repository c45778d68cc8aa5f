"""`python -m models.evaluation fusion`: the corruptions, the figures, and the command itself."""

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from models.evaluation import fusion_corruption as corruption
from models.evaluation import fusion_grid as grid
from models.evaluation.fusion_picture import grid_picture
from models.evaluation.fusion_readings import Library, Reading

from rapport import settings
from rapport.experts.store import Store
from rapport.fusion import Parameters
from rapport.state import LABELS, Condition, Evidence, Modality, Quality

pytestmark = pytest.mark.tooling

NOW_NS = 1_000_000_000
FACE, VOICE = Modality.FACE, Modality.VOICE


def evaluate(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "models.evaluation", "fusion", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=110)


def read_as(modality: Modality, said: dict[int, int | None], sure: float = 0.9) -> list[Reading]:
    """Ten people, each showing every label of `said` once, which is read as another one or not at
    all (None)."""
    readings = []
    for label, guess in said.items():
        shares = [(1.0 - sure) / 7.0] * 8
        if guess is not None:
            shares[guess] = sure
        evidence = Evidence(
            modality,
            NOW_NS,
            Condition.OK if guess is not None else Condition.ABSENT,
            Quality(1.0),
            tuple(shares) if guess is not None else None,
        )
        readings += [Reading(label, f"{modality}-{who}", evidence) for who in range(10)]
    return readings


def test_experts_that_err_on_different_labels_are_better_together() -> None:
    # Each is right about two of three labels, and does not see the third.
    readings = {
        FACE: read_as(FACE, {0: 0, 1: 1, 2: None}),
        VOICE: read_as(VOICE, {0: None, 1: 1, 2: 2}),
    }
    groups = grid.draw(readings, 30, seed=1)
    answers = grid.answer(readings, groups, Parameters())
    cell = grid.cell(answers)
    assert cell.n == 90
    # An unread face counts as equal probabilities, whose first place is neutral.
    assert cell.expert == pytest.approx({FACE: 2 / 3, VOICE: 1.0})
    assert cell.fused == 1.0
    assert cell.read == pytest.approx({FACE: 2 / 3, VOICE: 2 / 3})
    low, high = grid.fused_interval(answers, seed=1)
    assert low == high == 1.0


def test_a_modality_that_is_missing_leaves_the_other_as_it_is() -> None:
    readings = {FACE: read_as(FACE, {0: 0, 1: 2, 2: 2}), VOICE: read_as(VOICE, {0: 1, 1: 1, 2: 2})}
    groups = grid.draw(readings, 20, seed=1)
    cell = grid.cell(grid.answer(readings, groups, Parameters(), missing=[VOICE]))
    assert cell.expert.keys() == {FACE}
    assert cell.fused == cell.best == pytest.approx(2 / 3)
    assert cell.weight == {FACE: 1.0, VOICE: 0.0}


def test_confidence_that_is_never_right_is_called_too_high() -> None:
    readings = {FACE: read_as(FACE, {0: 1, 1: 0}), VOICE: read_as(VOICE, {0: 1, 1: 0})}
    answers = grid.answer(readings, grid.draw(readings, 20, seed=1), Parameters())
    assert grid.cell(answers).ece > 0.9
    assert grid.leaning(answers) > 0.9


@pytest.mark.parametrize("name", corruption.FACES)
def test_every_way_to_see_a_face_changes_it_and_can_be_repeated(name: str) -> None:
    x, y = np.meshgrid(np.arange(160), np.arange(160))
    picture = (128 + 60 * np.sin(x / 5) * np.cos(y / 7)).astype(np.uint8)
    points = np.random.default_rng(3).uniform(40, 120, (478, 3)).astype(np.float32)
    first, second = (
        corruption.FACES[name](picture, points, np.random.default_rng(9)) for _ in range(2)
    )
    assert first.shape == picture.shape and first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert not np.array_equal(first, picture)


@pytest.mark.parametrize("name", corruption.VOICES)
def test_every_way_to_hear_a_voice_is_sound_and_can_be_repeated(name: str) -> None:
    random = np.random.default_rng(2)
    sound = (0.1 * np.sin(np.arange(16_000) / 12.0)).astype(np.float32)
    noise = random.normal(size=30_000).astype(np.float32)
    first, second = (
        corruption.VOICES[name](sound, noise, np.random.default_rng(9)) for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert np.isfinite(first).all() and np.abs(first).max() <= 1.0
    assert np.array_equal(first, sound) == (name == "clean")


def test_readings_are_kept_and_not_read_twice(tmp_path: Path) -> None:
    library = Library(Store(settings.Models()), tmp_path)
    calls = []

    def make() -> list[Reading]:
        calls.append(1)
        return read_as(FACE, {0: 0, 1: None})

    first, second = (library.kept("face", {"what": 1}, make) for _ in range(2))
    library.kept("face", {"what": 2}, make)
    assert first == second
    assert len(calls) == 2


def test_the_picture_is_a_sound_file_with_every_number(tmp_path: Path) -> None:
    cell = {"fused": 0.42, "best": 0.4, "weight": {"face": 0.3, "voice": 0.7}}
    figures = {
        "light": [1.0, 0.1],
        "snr_db": [None, 10.0, 0.0],
        "grid": [[cell] * 3] * 2,
        "summary": {"gain_least": -0.004},
    }
    grid_picture(figures, tmp_path / "a" / "grid.svg")
    drawn = ET.fromstring((tmp_path / "a" / "grid.svg").read_text(encoding="utf-8"))
    words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("0.42") == 6 and words.count("0.70") == 6
    assert {"100% light", "10% light", "no noise", "0 dB"} <= set(words)


def test_the_command_on_other_faces_voices_and_lines(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    with np.load(shared / "data/face/ferplus_train_valid.npz") as data:
        majority = data["votes"].argmax(axis=1)
        chosen = [int(np.flatnonzero(majority == label)[0]) for label in (1, 4)]
        np.savez(tmp_path / "faces.npz", images=data["images"][chosen], labels=majority[chosen])
    with (shared / "data/voice/manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"] == "ravdess-18"]
    clips = [next(row for row in rows if row["emotion"] == name) for name in ("happy", "angry")]
    listed = [f"{shared / 'data/voice' / row['path']},one,{row['emotion']}" for row in clips]
    manifest = tmp_path / "voices.csv"
    manifest.write_text("path,speaker,emotion\n" + "\n".join(listed) + "\n", encoding="utf-8")
    lines = tmp_path / "lines.csv"
    lines.write_text("text,emotion\nI love this so much!,joy\nI hate you,anger\n", encoding="utf-8")
    done = evaluate(
        repository, "--faces", str(tmp_path / "faces.npz"), "--crops", "--voices", str(manifest),
        "--lines", str(lines), "--noise", str(shared / "data/noise/ambient_cafe.opus"),
        "--groups", "5", "--cache", str(tmp_path / "cache"),
        "--picture", str(tmp_path / "grid.svg"), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["labels"] == sorted([LABELS[1], LABELS[4]])
    assert len(figures["grid"]) == len(corruption.LIGHT)
    cells = [cell for row in figures["grid"] for cell in row]
    cells += [*figures["others"].values(), *figures["with_text"].values()]
    for cell in cells:
        assert cell["n"] == 10
        assert 0.0 <= cell["fused"] <= 1.0 and 0.0 <= cell["ece"] <= 1.0
        assert sum(cell["weight"].values()) == pytest.approx(1.0) or not any(
            cell["weight"].values()
        )
    assert figures["grid"][-1][0]["weight"]["voice"] > figures["grid"][0][0]["weight"]["voice"]
    assert (tmp_path / "grid.svg").is_file()


def test_what_cannot_be_evaluated_is_said(repository: Path, shared: Path, tmp_path: Path) -> None:
    broken = evaluate(repository, "--faces", str(tmp_path / "missing.npz"))
    assert broken.returncode == 2
    assert "missing.npz" in broken.stderr and "Traceback" not in broken.stderr
    no_gate = evaluate(repository, "--gate", str(tmp_path / "gate.json"))
    assert no_gate.returncode == 2
    assert "gate.json" in no_gate.stderr and "Traceback" not in no_gate.stderr
