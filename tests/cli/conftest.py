"""The command line, run inside the test process or as a program of its own."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from rapport.cli.app import execute


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Rapport = Callable[..., Ended]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """No settings of this machine, a runtime directory of this test; the log as it was."""
    for name in [name for name in os.environ if name.startswith("RAPPORT_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "TERMINAL_WIDTH"):
        monkeypatch.delenv(name, raising=False)
    runtime = tmp_path / "runtime"
    monkeypatch.setenv("RAPPORT_WIRE__RUNTIME_DIRECTORY", str(runtime))
    for kind in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    log = logging.getLogger("rapport")
    handlers, level, propagate = log.handlers, log.level, log.propagate
    yield runtime
    log.handlers, log.propagate = handlers, propagate
    log.setLevel(level)


@pytest.fixture
def rapport(capsys: pytest.CaptureFixture[str]) -> Rapport:
    """Run a command in this process."""

    def run(*arguments: str) -> Ended:
        code = execute(list(arguments))
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    return run


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command as a program; it is killed if it does not end by itself."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "rapport.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()
