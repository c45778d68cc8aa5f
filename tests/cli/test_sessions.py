"""`simulate`, `replay`, `info`, `export` and `record` as a user types them."""

import csv
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.recording.script import shipped
from rapport.recording.session import read
from rapport.wire.client import connect
from recording.examples import session, written
from sidecars import READY_S, SidecarProcess

from .conftest import Rapport

pytestmark = pytest.mark.system

Start = Callable[..., subprocess.Popen[str]]


def test_the_scripts_are_listed(rapport: Rapport) -> None:
    ended = rapport("simulate", "--list")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == list(shipped())


def test_a_script_is_written_and_told(rapport: Rapport, tmp_path: Path) -> None:
    path = tmp_path / "scare.rapport"
    ended = rapport("simulate", "scare", "--seed", "7", "--out", str(path))
    assert (ended.code, ended.err) == (0, "")
    assert "600 states" in ended.out
    ended = rapport("info", str(path))
    assert "20.0 s" in ended.out
    assert "600 states, 5 events, 0 lines" in ended.out
    assert "by a script" in ended.out
    again = rapport("simulate", "scare", "--out", str(path))
    assert again.code == 1
    assert "recording_failed" in again.err
    assert "exists already" in again.err


def test_info_for_programs_names_what_is_the_matter(rapport: Rapport, tmp_path: Path) -> None:
    path = written(tmp_path / "s", session(30))
    path.write_bytes(path.read_bytes()[:-4])
    ended = rapport("info", str(path), "--json")
    found = json.loads(ended.out)
    assert found["counts"] == {"states": 30, "events": 3, "lines": 1}
    assert found["header"]["source"] == "live"
    assert [flaw["code"] for flaw in found["flaws"]] == ["recording_cut_off"]


def test_what_is_no_session_is_told_by_name(rapport: Rapport, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("hello")
    for command in ("info", "replay", "export"):
        ended = rapport(command, str(other))
        assert ended.code == 1
        assert "recording_unreadable" in ended.err
        assert "Traceback" not in ended.err
    ended = rapport("simulate", "scar")
    assert ended.code == 1
    assert "did you mean 'scare'" in ended.err


def test_a_session_is_exported_as_a_table(rapport: Rapport, tmp_path: Path) -> None:
    path = written(tmp_path / "s", session(30))
    out = tmp_path / "s.csv"
    ended = rapport("export", str(path), "--to", "csv", "--out", str(out))
    assert ended.code == 0
    assert "34 rows" in ended.err
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    kinds = [row["item"] for row in rows]
    assert (kinds.count("state"), kinds.count("event"), kinds.count("line")) == (30, 3, 1)
    states = [row for row in rows if row["item"] == "state"]
    originals = list(read(path).states())
    for row, state in zip(states, originals, strict=True):
        assert float(row["probabilities.happiness"]) == state.probabilities[1]
        assert row["modalities.face.condition"] == "ok"
        assert row["face_present"] == "1"
        assert float(row["mood.volatility"]) == 0.35
        assert row["moments.betrayal.course"] == "escalating"
        assert row["conversation.line"] == "thanks_2"
    assert [row["line"] for row in rows if row["item"] == "line"] == ["greeting_3"]
    assert "detail" not in rows[0]
    assert rapport("export", str(path)).out == out.read_text(encoding="utf-8")
    refused = rapport("export", str(path), "--out", str(path))
    assert refused.code == 2
    assert len(list(read(path))) == 34


def test_parquet_is_written_or_its_library_asked_for(rapport: Rapport, tmp_path: Path) -> None:
    path = written(tmp_path / "s", session(30))
    out = tmp_path / "s.parquet"
    ended = rapport("export", str(path), "--to", "parquet", "--out", str(out))
    try:
        from pyarrow import parquet
    except ImportError:
        assert ended.code == 1
        assert "pyarrow" in ended.err
        assert "pip install" in ended.err
        return
    assert ended.code == 0
    table = parquet.read_table(out)
    assert table.num_rows == 34
    assert table.column("modalities.face.valence").to_pylist()[0] == 0.5


@pytest.mark.parametrize("command", ["replay", "simulate"])
def test_it_is_received_like_a_live_one(
    start: Start, alone: Path, tmp_path: Path, command: str
) -> None:
    what = str(written(tmp_path / "s", session(60))) if command == "replay" else "scare"
    process = start(command, what, "--loop")
    with connect(READY_S, alone) as client:
        state = client.state()
        assert state.replay
        assert state.probabilities is not None
    process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "tcp://127.0.0.1:" in out
    assert out.endswith("Stopped.\n")
    assert "Traceback" not in err
    assert not list(alone.glob("sidecar-*.json"))


def test_a_replay_ends_by_itself(start: Start, tmp_path: Path) -> None:
    process = start("replay", str(written(tmp_path / "s", session(15))), "--speed", "2")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")


def test_recording_needs_a_sidecar(rapport: Rapport, tmp_path: Path) -> None:
    ended = rapport("record", str(tmp_path / "s.rapport"), "--seconds", "1")
    assert ended.code == 1
    assert "sidecar_not_found" in ended.err


def test_a_running_sidecar_is_recorded_with_consent_only(
    start_sidecar: Callable[..., SidecarProcess], demo_clip: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.rapport"
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop")
    with sidecar.connect():
        pass
    code, _, err = start_sidecar("record", str(path), "--seconds", "1").finish()
    assert code == 1
    assert "consent_missing" in err
    assert not path.exists()
    granted = start_sidecar("consent", "grant", "--recording", "--yes").finish()
    assert granted[0] == 0, granted
    code, out, err = start_sidecar("record", str(path), "--seconds", "3").finish()
    assert code == 0, err
    assert str(path) in out.replace("\n", "")
    found = read(path)
    states = list(found.states())
    assert len(states) > 20
    assert found.header.source == "clip"
    assert found.flaws == ()
    sidecar.process.terminate()
    sidecar.finish()


@pytest.mark.parametrize(
    ("profiles", "said"),
    [
        (("mira",), "NPC=FILE"),
        (("mira=",), "NPC=FILE"),
        (("=mira.toml",), "NPC=FILE"),
        (("../mira=companion",), "NPC=FILE"),
        (("con=companion",), "NPC=FILE"),
        (("mira=companion", "mira=merchant"), "mira has a profile already"),
    ],
)
@pytest.mark.parametrize("command", [("simulate", "scare"), ("demo",), ("run", "--no-camera")])
def test_a_profile_is_for_one_character(
    rapport: Rapport, command: tuple[str, ...], profiles: tuple[str, ...], said: str
) -> None:
    options = [part for one in profiles for part in ("--profile", one)]
    ended = rapport(*command, *options)
    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", "").split())


def test_a_profile_that_cannot_be_used_is_told_before_anything_is_played(
    rapport: Rapport, tmp_path: Path
) -> None:
    broken = tmp_path / "mira.toml"
    broken.write_text('[reaction.comfort]\nwhen = { signal = "angre", enter = 0.5 }\n')
    ended = rapport("simulate", "scare", "--profile", f"mira={broken}")
    assert ended.code == 1
    assert "profile_invalid" in ended.err
    for said in ("line 2", "angre", "anger"):
        assert said in ended.err
    ended = rapport("simulate", "scare", "--profile", "mira=nobody")
    assert (ended.code, "companion" in ended.err) == (1, True)
    ended = rapport("simulate", "scare", "--out", str(tmp_path / "s"), "--profile", "m=companion")
    assert ended.code == 2
    assert not (tmp_path / "s").exists()
