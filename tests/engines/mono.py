"""The core of the Unity bridge, compiled with mcs and run on Mono, as a game would use it."""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path("bridge", "unity", "com.rapport.bridge")
LANGUAGE = ["-langversion:7.2", "-warnaserror", "-warn:4"]
"""The newest C# that mcs knows; Unity 2021.3 knows more."""
TIMEOUT_S = 60.0
"""On a busy machine; nothing here takes more than some seconds."""


class Core:
    """The compiled core and its test program."""

    def __init__(self, folder: Path, repository: Path) -> None:
        package = repository / PACKAGE
        self.library = folder / "Rapport.Core.dll"
        self.program = folder / "Rapport.Core.Tests.exe"
        tests = repository / "tests" / "engines" / "unity"
        _compile(self.library, ["-target:library"], package / "Runtime" / "Core")
        _compile(self.program, [f"-r:{self.library}"], package / "Tests" / "Core", tests)

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        """Exit code and output of a command of the test program."""
        command = ["mono", "--debug", str(self.program), *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S)
        return done.returncode, done.stdout


class Game:
    """A running game: `heard` is everything that it was told so far, in order."""

    def __init__(self, core: Core, app: str, runtime: Path) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._told: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.process = subprocess.Popen(
            ["mono", str(core.program), "game", app, str(runtime)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def say(self, *words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def wait(
        self, what: str, matches: Callable[[Any], bool] = lambda _: True, seconds: float = TIMEOUT_S
    ) -> Any:
        """The next thing of this kind that it is told; fails when none comes in time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                told = self._told.get(timeout=left)
            except queue.Empty:
                break
            self.heard.append(told)
            assert told[0] != "elsewhere", f"told on another thread than the game's: {told}"
            if told[0] == what and matches(told[1]):
                return told[1]
        pytest.fail(f"no {what!r} in time; heard {self.heard[-20:]}")

    def ask(self, op: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask through the game, and wait for the reply."""
        self.say("ask", op, json.dumps(fields or {}))
        reply: dict[str, Any] = self.wait("reply")
        return reply

    def figures(self) -> dict[str, Any]:
        self.say("figures")
        figures: dict[str, Any] = self.wait("figures")
        return figures

    def quit(self) -> int:
        """End it in order; its exit code."""
        self.say("quit")
        self.wait("stopped")
        return self.process.wait(TIMEOUT_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._told.put(next(iter(json.loads(line).items())))


StartGame = Callable[..., Game]


@pytest.fixture(scope="session")
def mono_core(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Core:
    """The core, compiled for this run."""
    missing = [program for program in ("mcs", "mono") if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing} must be there in CI: dev.py installs mono-mcs and mono-runtime")
    if missing:
        pytest.skip("needs Mono (Debian: mono-mcs, mono-runtime), see TEST_PACKAGES in dev.py")
    return Core(tmp_path_factory.mktemp("mono"), repository)


@pytest.fixture
def start_game(mono_core: Core, tmp_path: Path) -> Iterator[StartGame]:
    """Start games that look for a sidecar in `tmp_path / "runtime"`, or where they are told."""
    started: list[Game] = []

    def start(app: str = "org.example.game", runtime: Path | None = None) -> Game:
        started.append(Game(mono_core, app, runtime or tmp_path / "runtime"))
        return started[-1]

    yield start
    for game in started:
        game.kill()


def _compile(target: Path, options: list[str], *folders: Path) -> None:
    sources = [str(file) for folder in folders for file in sorted(folder.rglob("*.cs"))]
    command = ["mcs", *LANGUAGE, *options, "-debug", f"-out:{target}", *sources]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, done.stdout
