"""`rapport run`, `demo` and `analyze` as a user starts them."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import msgspec
import pytest

from rapport.cli.demo import CLIP
from rapport.experts.store import Store
from rapport.settings import Models
from rapport.state import EmotionState
from rapport.wire import discovery
from rapport.wire.client import connect

pytestmark = pytest.mark.system

Start = Callable[..., subprocess.Popen[str]]
NOTHING = ("run", "--no-camera", "--no-microphone")
SHORT_S = 4.0
BUNDLE = "face_landmarker"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads go to a proxy that is not there."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def with_bundle(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The face landmarker's bundle is where the sidecar looks."""
    monkeypatch.setenv("RAPPORT_MODELS__DIRECTORY", str(shared / "models"))


@pytest.fixture
def short_clip(tmp_path: Path) -> Path:
    """The first seconds of the demo clip."""
    path = tmp_path / "short.mp4"
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as target:
        copies = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        for packet in source.demux():
            if packet.dts is not None and packet.dts * packet.time_base < SHORT_S:
                packet.stream = copies[packet.stream.index]
                target.mux(packet)
    return path


def registered(runtime: Path) -> discovery.Running:
    """The sidecar, once it has left its file."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        running = discovery.find(runtime)
        if running is not None:
            return running
        time.sleep(0.02)
    raise AssertionError(f"no sidecar in {runtime}")


def test_run_ends_by_itself_and_leaves_nothing(start: Start, alone: Path) -> None:
    out, err = (process := start(*NOTHING, "--seconds", "1")).communicate(timeout=30)
    first, last = out.splitlines()
    assert process.returncode == 0
    assert "Capturing nothing" in first
    assert "tcp://127.0.0.1:" in first
    assert "Ctrl-C" in first
    assert last == "Stopped."
    assert list(alone.glob("sidecar-*")) == []
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_run_ends_cleanly_when_asked_to(start: Start, alone: Path, name: str) -> None:
    process = start(*NOTHING)
    assert process.stdout is not None
    assert registered(alone).pid == process.pid
    assert "Capturing" in process.stdout.readline()
    with connect(5.0, alone) as client:
        assert client.state().probabilities is None
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0
    assert out == "Stopped.\n"
    assert list(alone.glob("sidecar-*")) == []
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
@pytest.mark.parametrize("after_s", [0.15, 0.35, 0.6, 1.0])
def test_ctrl_c_while_starting_is_quiet(start: Start, alone: Path, after_s: float) -> None:
    process = start("run", "--source", str(CLIP), "--loop")
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode in (0, 130, -signal.SIGINT)
    assert "rapport/" not in "".join(
        line for line in err.splitlines() if line.lstrip().startswith("File ")
    )
    assert not alone.is_dir() or list(alone.glob("sidecar-*")) == []


def test_the_demo_needs_nothing_but_what_is_packaged(start: Start, offline: None) -> None:
    process = start("demo", "--seconds", "6")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "note:" not in err
    assert "download" not in err
    *lines, end = out.splitlines()
    assert len(lines) >= 2
    assert "states received" in end
    assert re.search(r"face [01]\.\d+ ok", out), "no face was read"
    assert "Traceback" not in err


def test_the_demo_without_its_tracker_says_so_and_goes_on(
    start: Start, offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_FACE__TRACKER", "mediapipe")
    process = start("demo", "--seconds", "6")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert f"note: Model {BUNDLE}" in err
    assert "rapport models pull" in err
    assert "states received" in out.splitlines()[-1]
    assert "Traceback" not in err


def test_the_demo_shows_face_and_voice(start: Start, offline: None, with_bundle: None) -> None:
    process = start("demo", "--seconds", "6", "--profile", "mira=companion")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "note:" not in err
    lines = out.splitlines()[:-1]
    states = [line for line in lines if "valence" in line]
    assert 4 <= len(states) <= 7
    assert any("face 1.00 ok" in line or "face 0." in line for line in states)
    assert any(line.endswith(" s  face found") for line in lines), "events have lines of their own"


def test_analyze_gives_the_same_states_every_time(
    start: Start, tmp_path: Path, short_clip: Path, with_bundle: None
) -> None:
    file = tmp_path / "states.jsonl"
    written, _ = start("analyze", str(short_clip), "--format", "jsonl").communicate(timeout=90)
    again = start("analyze", str(short_clip), "--format", "jsonl", "--out", str(file))
    out, err = again.communicate(timeout=90)
    assert again.returncode == 0, err
    assert out == ""
    assert file.read_text(encoding="utf-8") == written
    states = [msgspec.json.decode(line, type=EmotionState) for line in written.splitlines()]
    assert len(states) >= SHORT_S * 25
    assert any(state.face_present for state in states)
    assert any(state.probabilities for state in states)
    times = [state.captured_ns for state in states]
    assert times == sorted(times)


def test_analyze_gives_a_readable_summary(
    start: Start, short_clip: Path, with_bundle: None
) -> None:
    process = start("analyze", str(short_clip))
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    for said in (short_clip.name, "states in", "conditions", "face", "voice", "100 %"):
        assert said in out
    assert "analyzing" not in err, "a progress bar where there is no terminal"


@pytest.mark.skipif(sys.platform == "win32", reason="uses a POSIX shell")
def test_analyze_into_a_closed_pipe_is_quiet(with_bundle: None) -> None:
    command = f'"{sys.executable}" -m rapport.cli analyze "{CLIP}" --format jsonl | head -n 1'
    ended = subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8", timeout=90)
    msgspec.json.decode(ended.stdout, type=EmotionState)
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


def test_analyze_never_overwrites_the_clip(start: Start, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(CLIP.read_bytes())
    for out in (clip, tmp_path / "not-there" / "states.jsonl"):
        process = start("analyze", str(clip), "--out", str(out))
        _, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "--out" in err
    assert clip.read_bytes() == CLIP.read_bytes()


def test_the_packaged_models_are_genuine() -> None:
    """What the commands rest on; the bundle may be missing, the rest may not."""
    from rapport.experts.store import manifest

    store = Store(Models())
    for entry in manifest().values():
        if not entry.url:
            assert store.path(entry.id).stat().st_size == entry.bytes
