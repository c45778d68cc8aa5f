"""`python -m models.evaluation moments` on real voices, and on input that is of no use."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from models.evaluation import moments

pytestmark = pytest.mark.tooling


def manifest(folder: Path, *rows: str) -> Path:
    path = folder / "clips.csv"
    path.write_text("\n".join(["path,speaker,emotion", *rows]) + "\n", encoding="utf-8")
    return path


def test_an_angry_voice_after_a_calm_one_escalates(
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(moments, "PART_S", 15.0)
    monkeypatch.setattr(moments, "AFTER_S", 15.0)
    # Copied, because the order of a session's clips comes from their paths in the manifest.
    (tmp_path / "actor").mkdir()
    for clip in (shared / "data/voice/ravdess/actor_18").glob("03-01-0[25]-*-01-0?-18.opus"):
        shutil.copyfile(clip, tmp_path / "actor" / clip.name)
    rows = [
        f"actor/{clip.format(1 + place)},a,{emotion}"
        for emotion, clip in (
            ("calm", "03-01-02-01-01-0{}-18.opus"),
            ("angry", "03-01-05-02-01-0{}-18.opus"),
        )
        for place in range(2)
    ]
    rows += ["missing.opus,b,neutral", "missing.opus,b,sad", "actor,c,angry"]
    assert moments.main([str(manifest(tmp_path, *rows)), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == {moments.CONTROL, "anger"}
    assert figures["anger"]["sessions"] == figures[moments.CONTROL]["sessions"] == 1
    assert figures["anger"]["escalated"] == 1
    assert 0.0 < figures["anger"]["after_s"] < 15.0
    assert figures[moments.CONTROL]["escalated"] == 0


def test_silence_is_unknown_and_escalates_nothing() -> None:
    silence = np.zeros(16_000 * 5, np.float32)
    assert moments.listen(silence, silence, silence) == ("unknown", "unknown", None)


def test_a_manifest_without_calm_speech_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert moments.main([str(manifest(tmp_path, "a.wav,a,angry"))]) == 1
    assert "is calm" in capsys.readouterr().err
    assert moments.main([str(tmp_path / "none.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err
