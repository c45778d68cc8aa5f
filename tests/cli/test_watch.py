"""`rapport watch` in a process of its own, on a real publisher."""

import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rapport.capture.clock import now_ns, wall
from rapport.settings import Wire
from rapport.state import Condition, EmotionState, EventKind, Modality, ModalityState, Quality
from rapport.wire import discovery
from rapport.wire.publisher import Publisher

pytestmark = pytest.mark.wire

Start = Callable[..., subprocess.Popen[str]]
PERIOD_S = 1 / 30


def state() -> EmotionState:
    return EmotionState(
        captured_ns=now_ns(),
        captured_wall=wall(),
        label="happiness",
        confidence=0.7,
        modalities={Modality.FACE: ModalityState(1.0, Condition.OK, Quality(0.9), 12.0)},
        probabilities=(0.1, 0.7, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0),
        valence=0.5,
    )


@contextmanager
def publishing(runtime: Path) -> Iterator[Publisher]:
    """What a running sidecar looks like to programs."""
    ended = threading.Event()

    def publish(publisher: Publisher) -> None:
        while not ended.wait(PERIOD_S):
            publisher.publish(state())

    with Publisher(Wire()) as publisher:
        file = discovery.register(
            runtime,
            publisher.state_address,
            publisher.events_address,
            keys=publisher.guard.keys,
        )
        thread = threading.Thread(target=publish, args=(publisher,))
        thread.start()
        try:
            yield publisher
        finally:
            ended.set()
            thread.join()
            discovery.unregister(file)


def test_a_line_a_second_without_a_terminal(start: Start, alone: Path) -> None:
    with publishing(alone):
        out, err = start("watch", "--seconds", "2.5").communicate(timeout=30)
    *lines, end = out.splitlines()
    assert 2 <= len(lines) <= 4
    assert all("happiness 70 %" in line and "valence +0.50" in line for line in lines)
    assert "states/s" in lines[-1]
    assert re.match(r"\d+ states received in 2\.\d s; capture to here \d+ ms\.", end)
    assert err == ""


def test_it_waits_for_the_next_sidecar(start: Start, alone: Path) -> None:
    with publishing(alone):
        watching = start("watch", "--seconds", "6")
        assert watching.stdout is not None
        assert "happiness" in watching.stdout.readline()
    time.sleep(1.6)
    with publishing(alone):
        out, err = watching.communicate(timeout=30)
    lines = out.splitlines()[:-1]
    silent = [number for number, line in enumerate(lines) if "waiting for a sidecar" in line]
    assert silent
    assert "happiness 70 %" in lines[-1]
    assert silent[-1] < len(lines) - 1
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_ends_it_cleanly(start: Start, alone: Path) -> None:
    with publishing(alone):
        watching = start("watch")
        assert watching.stdout is not None
        watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate(timeout=10)
    assert watching.returncode == 0
    assert "states received" in out
    assert err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_the_live_view_in_a_terminal(alone: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with publishing(alone) as publisher:
        watching = subprocess.Popen(
            [sys.executable, "-m", "rapport.cli", "watch", "--seconds", "3"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color"},
        )
        os.close(theirs)
        written, announced = b"", False
        while True:
            ready, _, _ = select.select([ours], [], [], 20.0)
            assert ready, "the view hangs"
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not piece:
                break
            written += piece
            if b"happiness" in written and not announced:
                announced = True
                publisher.announce(EventKind.CAMERA_LOST, "camera_lost", "no frame came")
        code = watching.wait(10)
    os.close(ours)
    seen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written.decode())
    assert code == 0
    assert written.index(b"\x1b[?1049h") < written.index(b"\x1b[?1049l"), "screen not given back"
    for said in ("happiness 70 %", "signals", "states/s", "camera_lost", "states received"):
        assert said in seen
    drawings = written.count("╭─".encode()) // 4  # panels
    assert 10 <= drawings <= 50
