"""Corpora in their publishers' folders are found, with the right labels."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from models.training import face_folders, voice_corpora

from rapport.state import LABELS

pytestmark = pytest.mark.tooling


def write(path: Path, content: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def draw(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 20, 3), 90, np.uint8))


def labels(items: face_folders.Items) -> list[tuple[str, str]]:
    return [(path.name, LABELS[label]) for path, label in items]


@pytest.mark.parametrize("below", ["", "basic"])
def test_raf_db(tmp_path: Path, below: str) -> None:
    root = tmp_path / "raf-db" / below
    numbers = [("train_00001", 1), ("train_00002", 7), ("test_0001", 4), ("train_00003", 5)]
    lines = [f"{name}.jpg {number}" for name, number in numbers]
    write(root / "EmoLabel" / "list_patition_label.txt", "\n".join([*lines, "train_9.jpg x", ""]))
    for name in ("train_00001", "train_00002", "test_0001"):
        draw(root / "Image" / "aligned" / f"{name}_aligned.jpg")
    found = face_folders.found(tmp_path)
    assert list(found) == ["raf-db"]
    assert labels(found["raf-db"]) == [
        ("train_00001_aligned.jpg", "surprise"),
        ("train_00002_aligned.jpg", "neutral"),
    ]


def test_affectnet(tmp_path: Path) -> None:
    root = tmp_path / "affectnet" / "train_set"
    (root / "annotations").mkdir(parents=True)
    for number, label in ((10, 7), (2, 1), (3, 9), (4, None)):
        draw(root / "images" / f"{number}.jpg")
        if label is not None:
            np.save(root / "annotations" / f"{number}_exp.npy", str(label))
    write(root / "images" / "5.jpg", "no picture")
    np.save(root / "annotations" / "5_exp.npy", "0")
    found = face_folders.found(tmp_path)["affectnet"]
    assert labels(found) == [("2.jpg", "happiness"), ("10.jpg", "contempt")]
    assert face_folders.picture(found[0][0]).shape == (20, 20, 3)


def test_crema_d_and_meld_join_the_manifest(tmp_path: Path) -> None:
    columns = ("corpus", "path", "speaker", "gender", "emotion", "intensity", "seconds")
    write(tmp_path / "manifest.csv", ",".join(columns) + "\nnemo,nemo/a.opus,nemo-A,F,sad,,1\n")
    write(tmp_path / "crema-d" / "VideoDemographics.csv", "ActorID,Age,Sex\n1001,51,Male\n")
    for name in ("1001_DFA_ANG_XX", "1002_IEO_HAP_HI", "1001_IEO_NEW_HI", "notes"):
        write(tmp_path / "crema-d" / "AudioWAV" / f"{name}.wav")
    with (tmp_path / "nothing").open("w"):
        pass
    rows = voice_corpora.rows(tmp_path)
    assert [row["path"] for row in rows] == [
        "nemo/a.opus",
        "crema-d/AudioWAV/1001_DFA_ANG_XX.wav",
        "crema-d/AudioWAV/1002_IEO_HAP_HI.wav",
    ]
    assert [(r["speaker"], r["emotion"], r["gender"]) for r in rows[1:]] == [
        ("crema-d-1001", "angry", "M"),
        ("crema-d-1002", "happy", ""),
    ]
    told = tmp_path / "meld" / "train_sent_emo.csv"
    write(told)
    with told.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Sr No.", "Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID"])
        table.writerow([1, "Oh, my God!", "Joey", "surprise", 0, 0])
        table.writerow([2, "The clip is gone.", "Joey", "joy", 0, 1])
        table.writerow([3, "No!", "Monica", "anger", 1, 0])
    write(tmp_path / "meld" / "train_splits" / "dia0_utt0.mp4")
    write(tmp_path / "meld" / "train_splits" / "dia1_utt0.wav")
    meld = [row for row in voice_corpora.rows(tmp_path) if row["corpus"] == "meld"]
    assert [(row["speaker"], row["emotion"], Path(row["path"]).suffix) for row in meld] == [
        ("meld-Joey", "surprise", ".mp4"),
        ("meld-Monica", "angry", ".wav"),
    ]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert face_folders.found(tmp_path) == {}
    assert not list(voice_corpora.crema_d(tmp_path))
    assert not list(voice_corpora.meld(tmp_path))
