"""A recorder never holds up who feeds it, and ends with a named error when it cannot go on."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rapport.errors import RecordingFailed
from rapport.recording import recorder as module
from rapport.recording.recorder import Recorder
from rapport.recording.session import CUT_OFF, read
from rapport.recording.writer import Writer
from rapport.state import EmotionState, Event
from recording.examples import HEADER, event, session, state

LOST_S = 2.0
FULL = Path("/dev/full")
"""Linux: opens like a file and has no room."""


def feed(recorder: Recorder, count: int = 60) -> None:
    for item in session(count):
        if isinstance(item, EmotionState):
            recorder.state(item)
        elif isinstance(item, Event):
            recorder.event(item)
        else:
            recorder.line(item.line, item.role, item.at_ns)


@pytest.mark.unit
def test_what_was_fed_is_in_the_file(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s", HEADER) as recorder:
        feed(recorder)
    assert recorder.failure is None
    found = read(tmp_path / "s")
    assert len(list(found)) == 64
    assert found.flaws == ()
    counts = recorder.close()
    assert (counts.states, counts.events, counts.lines) == (60, 3, 1)
    recorder.state(state(1))  # what comes after the end is left out
    assert recorder.close() == counts


@pytest.mark.unit
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    with Recorder(tmp_path / "s", HEADER):
        pass
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600


@pytest.mark.unit
def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("precious")
    link = tmp_path / "link"
    link.symlink_to(there)
    for path in (there, link, tmp_path / "no" / "such" / "folder", tmp_path, Path("a\0b")):
        with pytest.raises(RecordingFailed):
            Recorder(path, HEADER)
    assert there.read_text() == "precious"


class FullDisk(Writer):
    """A disk that has room for the header and one chunk."""

    written = 0

    def write(self, rows: list) -> None:  # type: ignore[type-arg]
        FullDisk.written += 1
        if FullDisk.written > 1:
            raise OSError(28, "No space left on device")
        super().write(rows)


@pytest.mark.unit
def test_a_full_disk_ends_the_recording_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullDisk.written = 0
    monkeypatch.setattr(module, "Writer", FullDisk)
    monkeypatch.setattr(module, "CHUNK_ITEMS_MAX", 20)
    failures: list[RecordingFailed] = []
    failed = threading.Event()

    def note(failure: RecordingFailed) -> None:
        failures.append(failure)
        failed.set()

    recorder = Recorder(tmp_path / "s", HEADER, note)
    feed(recorder)
    assert failed.wait(10)
    feed(recorder)
    recorder.close()
    assert [failure.code for failure in failures] == ["recording_failed"]
    assert "No space left" in str(recorder.failure)
    found = read(tmp_path / "s")
    assert len(list(found)) == 20
    assert [flaw.code for flaw in found.flaws] == [CUT_OFF]


@pytest.mark.unit
@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_device_that_takes_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapport.recording.writer._create", lambda _: FULL.open("wb", 0))
    recorder = Recorder(FULL, HEADER)
    recorder.close()
    assert recorder.failure is not None
    assert "cannot be written on" in recorder.failure.what


class SlowDisk(Writer):
    """A disk that does not answer until it is let go."""

    free = threading.Event()

    def begin(self) -> None:
        SlowDisk.free.wait(30)
        super().begin()


@pytest.mark.unit
def test_a_slow_disk_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SlowDisk.free.clear()
    monkeypatch.setattr(module, "Writer", SlowDisk)
    monkeypatch.setattr(module, "QUEUE_MAX", 100)
    recorder = Recorder(tmp_path / "s", HEADER)
    for number in range(100):
        recorder.state(state(number))
    assert recorder.failure is None
    recorder.event(event(101))
    assert recorder.failure is not None
    assert "too slow" in recorder.failure.what
    SlowDisk.free.set()
    recorder.close()


@pytest.mark.system
@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_a_process_that_is_killed_loses_less_than_two_seconds(
    tmp_path: Path, repository: Path
) -> None:
    path = tmp_path / "s"
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("feed.py")), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(repository / "tests"), *sys.path])},
    )
    assert process.stdout is not None
    fed = 0
    for line in process.stdout:
        fed = int(line)
        if fed >= 120:
            break
    process.kill()
    fed += len(process.stdout.read().split())
    process.stdout.close()
    process.wait()
    found = read(path)
    states = list(found.states())
    assert len(states) >= fed - LOST_S * 30
    assert [flaw.code for flaw in found.flaws] == [CUT_OFF]
