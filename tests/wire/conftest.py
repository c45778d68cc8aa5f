"""Publishers in processes of their own, and the golden vectors."""

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rapport.capture.clock import now_ns, wall
from rapport.errors import CameraBusy
from rapport.settings import Wire
from rapport.state import LABELS, SCHEMA
from rapport.wire import answers
from rapport.wire import requests as ask
from rapport.wire.auth import Guard
from rapport.wire.control_client import Control
from rapport.wire.controller import Controller, Peer
from rapport.wire.credentials import Credentials
from rapport.wire.publisher import Publisher

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
        said = json.loads(self._process.stdout.readline())
        self.state_address, self.events_address, self.control_address = said[:3]
        self.read_token, self.control_token = said[3:]

    @property
    def addresses(self) -> tuple[str, str]:
        return self.state_address, self.events_address

    @property
    def read(self) -> Credentials:
        return Credentials("read", self.read_token)

    @property
    def control(self) -> Credentials:
        return Credentials("control", self.control_token)

    @property
    def pid(self) -> int:
        return self._process.pid

    def announce(self, count: int) -> None:
        """Announce so many events; back when they are."""
        assert self._process.stdout is not None
        self._say(f"events {count}\n")
        assert self._process.stdout.readline() == "announced\n"

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


class Served:
    """A publisher and a controller in this process; `asked` is what the controller handled."""

    def __init__(self, wire: Wire) -> None:
        self.guard = Guard(wire)
        self.publisher = Publisher(wire, self.guard)
        self.asked: list[tuple[ask.AnyRequest, Peer]] = []
        self.forgotten: list[Peer] = []
        self.listing = threading.Event()
        """`devices.list` takes until this is set."""
        self.controller = Controller(wire, self.guard, self._handle, self.forgotten.append)

    @property
    def addresses(self) -> tuple[str, str, str]:
        publisher = self.publisher
        return publisher.state_address, publisher.events_address, self.controller.address

    def control(self, app: str = "org.example.game", timeout_s: float = 20.0) -> Control:
        credentials = self.guard.keys.credentials("control")
        return Control(self.controller.address, credentials, app, "Game", timeout_s)

    def close(self) -> None:
        self.listing.set()
        self.controller.close()
        self.publisher.close()
        self.guard.close()

    def _handle(self, request: ask.AnyRequest, peer: Peer) -> answers.Answer:
        self.asked.append((request, peer))
        match request:
            case ask.Hello():
                words = (LABELS, (), (), (), ())
                return answers.Welcome(SCHEMA, "test", 1, *words, (), *self.addresses[:2])
            case ask.GetTime():
                return answers.Time(now_ns(), wall())
            case ask.TakeLease():
                return answers.Lease(request.seconds)
            case ask.GetEvents():
                return self.publisher.page_since(request.sequence)
            case ask.ListDevices():
                self.listing.wait(30)
                return answers.Devices((), ())
            case ask.SetDuty():
                raise CameraBusy("the camera is in use")
            case ask.Say():
                raise ValueError(request.text)
        return answers.Done()


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served(Wire())
    yield served
    served.close()


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
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(path.parent)  # as for a script that is started
            spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def golden_control(repository: Path) -> dict[str, list[dict[str, Any]]]:
    file = repository / "bridge" / "protocol" / "golden" / "control.json"
    content: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _vectors(repository: Path, name: str) -> Vectors:
    text = (repository / "bridge" / "protocol" / "golden" / name).read_text(encoding="utf-8")
    return {vector["name"]: vector for vector in json.loads(text)["vectors"]}
