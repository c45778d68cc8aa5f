"""Publishers in processes of their own, and the golden vectors."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Vectors = dict[str, dict[str, Any]]


class PublisherProcess:
    """A running publish_states.py."""

    def __init__(self, frame_hex: str, directory: Path, rate_hz: float, *ports: int) -> None:
        script = Path(__file__).with_name("publish_states.py")
        arguments = [frame_hex, str(rate_hz), str(directory), *map(str, ports)]
        self._process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.state_address, self.events_address = json.loads(self._process.stdout.readline())

    @property
    def addresses(self) -> tuple[str, str]:
        return self.state_address, self.events_address

    @property
    def pid(self) -> int:
        return self._process.pid

    def announce(self, count: int) -> None:
        self._say(f"events {count}\n")

    def stop(self) -> None:
        """End it in order."""
        if self._process.poll() is None:
            self._say("quit\n")
        self._close()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _close(self) -> None:
        self._process.wait(timeout=20)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()


StartPublisher = Callable[..., PublisherProcess]


@pytest.fixture
def start_publisher(golden_states: Vectors, tmp_path: Path) -> Iterator[StartPublisher]:
    """Start publishers of the golden state `typical` that register in `tmp_path`."""
    started: list[PublisherProcess] = []

    def start(rate_hz: float = 50.0, *ports: int) -> PublisherProcess:
        frame_hex = golden_states["typical"]["frame_hex"]
        started.append(PublisherProcess(frame_hex, tmp_path, rate_hz, *ports))
        return started[-1]

    yield start
    for process in started:
        process.stop()


@pytest.fixture(scope="session")
def golden_states(repository: Path) -> Vectors:
    return _vectors(repository, "states.json")


@pytest.fixture(scope="session")
def golden_events(repository: Path) -> Vectors:
    return _vectors(repository, "events.json")


@pytest.fixture(scope="session")
def golden_invalid(repository: Path) -> Vectors:
    return _vectors(repository, "invalid.json")


@pytest.fixture(scope="session")
def load_script(repository: Path) -> Callable[[str], ModuleType]:
    """Import a script of bridge/protocol, which is no package."""

    def load(name: str) -> ModuleType:
        path = repository / "bridge" / "protocol" / name
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def _vectors(repository: Path, name: str) -> Vectors:
    text = (repository / "bridge" / "protocol" / "golden" / name).read_text(encoding="utf-8")
    return {vector["name"]: vector for vector in json.loads(text)["vectors"]}
