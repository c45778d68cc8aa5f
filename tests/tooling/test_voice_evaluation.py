"""`python -m models.evaluation voice` on good and bad input."""

import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from models.evaluation.sounds import decode

pytestmark = pytest.mark.tooling


def evaluate(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "models.evaluation", "voice", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=100)


def write_wave(path: Path, samples: np.ndarray, rate: int = 16_000, channels: int = 1) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype(np.int16).tobytes())


def test_figures_of_real_clips_beside_bad_rows(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    ravdess = shared / "data/voice/ravdess"
    (tmp_path / "no_media.wav").write_text("this is no sound")
    write_wave(tmp_path / "silence.wav", np.zeros(16_000))
    write_wave(tmp_path / "hiss.wav", np.random.default_rng(1).normal(0, 0.1, 32_000).clip(-1, 1))
    manifest = tmp_path / "clips.csv"
    manifest.write_text(
        "path,speaker,emotion,note\n"
        f"{ravdess / 'actor_15/03-01-05-02-01-01-15.opus'},a,angry,\n"
        f"{ravdess / 'actor_15/03-01-04-02-01-01-15.opus'},a,SAD,\n"
        f"{ravdess / 'actor_16/03-01-01-01-01-01-16.opus'},b,neutral,\n"
        "silence.wav,b,neutral,nobody speaks\n"
        "no_media.wav,b,neutral,\n"
        "missing.wav,b,neutral,\n"
        "silence.wav,b,boredom,not one of ours\n",
        encoding="utf-8",
    )
    noisy = ["--noise", str(tmp_path), "--noises", "hiss.wav", "--snr", "10"]
    for extra in ([], noisy):
        done = evaluate(repository, str(manifest), "--json", *extra)
        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)
        assert figures["n"] == 4
        assert figures["unread"] == 1
        assert figures["left_out"] == {"emotion 'boredom'": 1, "unreadable file": 2}
        assert set(figures["per_class"]) == {"neutral", "sadness", "anger"}
        assert 0.0 <= figures["uar"] <= 1.0 and 0.0 <= figures["ece"] <= 1.0
        # The clip in which nobody speaks is wrong, and taken for nothing.
        assert np.sum(figures["confusion"]) == 3
        assert figures["accuracy"] <= 0.75
        assert figures["ms_per_item"] > 0.0 and figures["ms_per_reading"] > 0.0


def test_recordings_and_lists_as_people_have_them(
    repository: Path, shared: Path, tmp_path: Path
) -> None:
    """Stereo at 48 kHz, a file that breaks off, minutes of sound; UTF-16 with semicolons, columns
    in another order and case, no speakers, one class; a folder of noise and other things."""
    folder = shared / "data/voice/ravdess/actor_15"
    speech = decode(folder / "03-01-05-02-01-01-15.opus")
    assert speech is not None
    stereo = np.repeat(np.repeat(speech, 3), 2) * 0.5
    write_wave(tmp_path / "stereo.wav", stereo, 48_000, 2)
    whole = (tmp_path / "stereo.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) * 2 // 3])
    write_wave(tmp_path / "long.wav", np.tile(speech, 30))
    write_wave(tmp_path / "empty.wav", np.zeros(0))
    (tmp_path / "zero.wav").write_bytes(b"")
    noises = tmp_path / "noise"
    noises.mkdir()
    write_wave(noises / "hiss.WAV", np.random.default_rng(1).normal(0, 0.1, 9_000).clip(-1, 1))
    (noises / "read me.txt").write_text("no noise")
    manifest = tmp_path / "clips.csv"
    rows = ["stereo", "cut", "long", "empty", "zero"]
    manifest.write_text(
        "\ufeffEmotion;Corpus;PATH\n" + "".join(f"ANGRY;mine;{name}.wav\n" for name in rows),
        encoding="utf-16",
    )
    done = evaluate(repository, str(manifest), "--noise", str(noises), "--snr", "20", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["n"] == 3 and figures["unread"] == 0
    assert figures["left_out"] == {"unreadable file": 2}
    assert list(figures["per_class"]) == ["anger"]
    assert figures["by_corpus"]["mine"]["n"] == 3


def test_what_is_asked_wrongly_is_said(repository: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("path,speaker,emotion\n", encoding="utf-8")
    nothing = evaluate(repository, str(empty))
    assert nothing.returncode == 1
    assert "nothing to evaluate" in nothing.stderr
    missing = evaluate(repository, str(tmp_path / "missing.csv"))
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr
    half = evaluate(repository, str(empty), "--snr", "10")
    assert half.returncode == 2
    assert "belong together" in half.stderr
