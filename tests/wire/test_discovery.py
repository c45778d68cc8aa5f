"""A running sidecar is found; anything else is not, and what is stale is cleaned away."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from rapport.errors import DirectoryUnwritable
from rapport.wire import discovery

pytestmark = pytest.mark.unit

STATE, EVENTS = "tcp://127.0.0.1:40001", "tcp://127.0.0.1:40002"


def test_a_registered_sidecar_is_found_until_it_is_unregistered(tmp_path: Path) -> None:
    file = discovery.register(tmp_path, STATE, EVENTS)
    running = discovery.find(tmp_path)
    assert running is not None
    assert (running.pid, running.state, running.events) == (os.getpid(), STATE, EVENTS)
    assert running.version
    assert [path.name for path in tmp_path.iterdir()] == [f"sidecar-{os.getpid()}.json"]
    discovery.unregister(file)
    discovery.unregister(file)
    assert discovery.find(tmp_path) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards the user's folders by ACL")
def test_only_the_user_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    before = os.umask(0)
    try:
        file = discovery.register(directory, STATE, EVENTS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_file_of_a_dead_process_is_stale_and_removed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = discovery._started(psutil.Process(process.pid))
    file = _write(tmp_path, pid=process.pid, process_started=started)
    assert discovery.find(tmp_path) is not None
    process.kill()
    if sys.platform != "win32":
        # A game that started it and does not wait for it leaves a zombie: dead all the same.
        _until_zombie(process.pid)
        assert discovery.find(tmp_path) is None
        assert not file.exists()
        _write(tmp_path, pid=process.pid, process_started=started)
    process.communicate()
    assert discovery.find(tmp_path) is None
    assert not file.exists()


def test_a_process_id_that_was_used_again_is_stale(tmp_path: Path) -> None:
    started = discovery._started(psutil.Process())
    file = _write(tmp_path, pid=os.getpid(), process_started=started - 60)
    assert discovery.find(tmp_path) is None
    assert not file.exists()


def test_the_newest_sidecar_wins(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        for pid, ready in ((os.getpid(), 1000.0), (other.pid, 2000.0)):
            started = discovery._started(psutil.Process(pid))
            _write(tmp_path, pid=pid, process_started=started, started_wall=ready)
        assert [running.pid for running in discovery.find_all(tmp_path)] == [other.pid, os.getpid()]
        other.kill()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b'{"pid": 1}',
        b'{"a":' * 5000,
        b"x" * 100_000,
    ],
)
def test_a_file_that_is_no_such_file_is_passed_over_and_left(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "sidecar-7.json"
    file.write_bytes(content)
    discovery.register(tmp_path, STATE, EVENTS)
    running = discovery.find(tmp_path)
    assert running is not None
    assert running.pid == os.getpid()
    assert file.read_bytes() == content


@pytest.mark.parametrize("change", [{"state": "tcp://10.0.0.1:5"}, {"pid": -1}, {"pid": 2**70}])
def test_a_file_with_impossible_values_is_passed_over(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    discovery.register(tmp_path, STATE, EVENTS)
    file = next(tmp_path.iterdir())
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    assert discovery.find(tmp_path) is None
    assert file.exists()


def test_fields_of_a_newer_sidecar_are_passed_over(tmp_path: Path) -> None:
    file = discovery.register(tmp_path, STATE, EVENTS)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": 5, "mood": ["calm"]}))
    assert discovery.find(tmp_path) is not None


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DirectoryUnwritable, match="file"):
        discovery.register(tmp_path / "file" / "run", STATE, EVENTS)


def test_no_directory_is_no_sidecar(tmp_path: Path) -> None:
    assert discovery.find_all(tmp_path / "nowhere") == []


def test_the_directory_is_the_named_one_or_the_environments_or_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(discovery.DIRECTORY_VARIABLE, str(tmp_path / "set"))
    assert discovery.directory(tmp_path / "named") == tmp_path / "named"
    assert discovery.directory("") == tmp_path / "set"
    monkeypatch.delenv(discovery.DIRECTORY_VARIABLE)
    assert discovery.directory().is_absolute()


@pytest.mark.skipif(sys.platform != "linux", reason="XDG directories are Linux's")
def test_on_linux_it_is_the_session_directory_only_if_that_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(discovery.DIRECTORY_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert discovery.directory() == tmp_path / "rapport"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert discovery.directory() == tmp_path / "cache" / "rapport" / "run"


def _write(directory: Path, pid: int, process_started: float, started_wall: float = 1.0) -> Path:
    running = discovery.Running(pid, process_started, started_wall, "0", STATE, EVENTS)
    file = directory / f"sidecar-{pid}.json"
    file.write_bytes(msgspec.json.encode(running))
    return file


def _until_zombie(pid: int) -> None:
    for _ in range(500):
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.02)
    raise AssertionError("the process did not end")
