"""A game in the real Godot that does what a test says."""

import json
import queue
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engines.godot_engine import GodotProject, Ran, checked

TIMEOUT_S = 60.0
"""On a busy machine; nothing here takes more than some seconds."""


class GodotGame:
    """A running game: `heard` is everything that it was told so far, in order.

    `settings` are lines of a Godot project that stand above the project's own.
    """

    def __init__(
        self, project: GodotProject, environment: Mapping[str, str], settings: str = ""
    ) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._told: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._override = project.folder / "override.cfg"
        self._override.write_text(settings, encoding="utf-8")
        # Closed by `close`.
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(TIMEOUT_S)
            port = str(listener.getsockname()[1])
            self.process = project.start(
                "--", "driven", port, environment=environment, output=self._output
            )
            self._link, _ = listener.accept()
        self._lines = self._link.makefile(encoding="utf-8")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.app = self.wait("begun")

    def say(self, *words: Any) -> None:
        """Let it do something: a function of the case `driven`, and its arguments."""
        self._link.sendall(json.dumps(words).encode() + b"\n")

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
            if told[0] == what and matches(told[1]):
                return told[1]
        pytest.fail(f"no {what!r} in time; heard {self.heard[-20:]}; {self._said()}")

    def wait_all(self, what: str, count: int) -> list[Any]:
        """Wait until it was told so many of this kind since it began; all of them."""
        while len(self.all_of(what)) < count:
            self.wait(what)
        return self.all_of(what)

    def ask(self, op: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask through the game, and wait for the answer."""
        return self.tell("ask", op, fields or {})

    def tell(self, *words: Any) -> dict[str, Any]:
        """Let it ask for something, and wait for the answer: the reply, or the error."""
        self.say(*words)
        told: dict[str, Any] = self.wait("reply")
        answer: dict[str, Any] = told["reply"] if "reply" in told else told["error"]
        return answer

    def look(self, what: str = "state", *words: Any) -> dict[str, Any]:
        """Its state, or what it has counted (`count`), or something else that it can tell."""
        self.say(what, *words)
        told: dict[str, Any] = self.wait(what)
        return told

    def all_of(self, what: str) -> list[Any]:
        """Everything of this kind that was heard so far."""
        return [told for kind, told in self.heard if kind == what]

    def quit(self) -> Ran:
        """End it in order; the engine must have had nothing to complain about."""
        self.say("quit")
        code = self.process.wait(TIMEOUT_S)
        ran = checked(Ran(code, self._said()))
        assert code == 0, ran.output
        return ran

    def close(self) -> None:
        self._override.unlink(missing_ok=True)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        self._lines.close()
        self._link.close()
        self._output.close()

    def _said(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def _read(self) -> None:
        try:
            for line in self._lines:
                what, told = json.loads(line)
                self._told.put((what, told))
        except OSError:
            return


StartGodotGame = Callable[..., GodotGame]
