"""Devices for tests: a fake microphone behind a private PulseAudio, a camera behind loopback HTTP.

The fixtures here can be asked for from every test folder (`conftest.py` loads this module).
"""

import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from rapport.state import EventKind

START_S = 5.0
ASOUND_CONF = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint.description "Default (pulse)" }
ctl.!default { type pulse }
"""
# norewinds: without it the sink renders ahead, and the first sound comes up to a second late.
SINK = ("module-null-sink", "sink_name=vspk", "norewinds=1", "rate=48000", "channels=1")
SOURCE = ("module-remap-source", "master=vspk.monitor", "source_name=vmic")


class Told(list[tuple[EventKind, str, str]]):
    """A `notify` that remembers."""

    def __call__(self, kind: EventKind, code: str, detail: str) -> None:
        self.append((kind, code, detail))

    @property
    def kinds(self) -> list[EventKind]:
        return [kind for kind, _, _ in self]


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    """Wait until something is true; False if it is not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class FakeMicrophone:
    """A sound server of its own with one microphone, which hears what is played to it.

    `environment` is what a program must see to use this sound server and no other.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "asound.conf").write_text(ASOUND_CONF, encoding="ascii")
        self.environment = {
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_SERVER": f"unix:{folder / 'native'}",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the sound server, with the microphone plugged in."""
        options = ["--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        options += ["--disable-shm=yes", "--log-target=stderr", "--log-level=error"]
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self.folder / 'native'}"
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                ["pulseaudio", "-n", *options, "-L", protocol],
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
            )
        assert wait_for(lambda: self._control("info") is not None, START_S), (
            self.folder / "log"
        ).read_text()
        self.plug()

    def plug(self) -> None:
        """Plug the microphone in, if it is not."""
        modules = self._control("list", "short", "modules") or ""
        if SINK[0] not in modules:
            self._control("load-module", *SINK)
        if SOURCE[0] not in modules or SINK[0] not in modules:
            self._control("load-module", *SOURCE)
            self._control("set-default-source", "vmic")
            self._control("set-default-sink", "vspk")

    def unplug(self) -> None:
        """Pull the microphone: the sound server goes on without any source."""
        self.quiet()
        self._control("unload-module", SINK[0])

    def play(self, values: NDArray[np.float32], rate: int = 16_000) -> None:
        """Play mono sound to the microphone; returns at once."""
        sound = self.folder / f"{len(self._players)}.raw"
        sound.write_bytes(values.astype("<f4").tobytes())
        form = ["--raw", "--format=float32le", f"--rate={rate}", "--channels=1"]
        self._players.append(
            subprocess.Popen(
                ["pacat", "--playback", "--device=vspk", "--latency-msec=50", *form, str(sound)],
                env=os.environ | self.environment,
            )
        )

    def quiet(self) -> None:
        """Stop everything that is played."""
        for player in self._players:
            player.kill()
            player.wait()
        self._players.clear()

    def listeners(self) -> int:
        """How many programs are listening to the microphone."""
        # The remapped source listens too, to the sink's monitor; programs come by this protocol.
        return (self._control("list", "short", "source-outputs") or "").count("protocol-native")

    def freeze(self, frozen: bool) -> None:
        """Let the sound server hang, or go on."""
        assert self._server
        self._server.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def stop(self) -> None:
        """End the sound server."""
        self.quiet()
        if self._server:
            self._server.kill()
            self._server.wait()
            self._server = None

    def _control(self, *arguments: str) -> str | None:
        done = subprocess.run(
            ["pactl", *arguments],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        return done.stdout if done.returncode == 0 else None


@pytest.fixture(scope="session")
def _sound_server() -> Iterator[FakeMicrophone]:
    for program in ("pulseaudio", "pactl", "pacat"):
        if not shutil.which(program):
            pytest.skip(f"needs {program} (Debian: pulseaudio, pulseaudio-utils)")
    if not list(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so")):
        pytest.skip("needs ALSA's PulseAudio plugin (Debian: libasound2-plugins)")
    # Not pytest's tmp_path: a socket's path may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="rapport-sound-") as folder:
        microphone = FakeMicrophone(Path(folder))
        try:
            microphone.start()
            yield microphone
        finally:
            microphone.stop()


@pytest.fixture
def fake_microphone(
    _sound_server: FakeMicrophone, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeMicrophone]:
    """A real audio device to PyAudio, plugged in and silent, in this process and its children."""
    for name, value in _sound_server.environment.items():
        monkeypatch.setenv(name, value)
    _sound_server.plug()
    yield _sound_server
    _sound_server.quiet()
    _sound_server.plug()


NUMBER_BITS = 16


def numbered_image(number: int, width: int = 640, height: int = 480) -> NDArray[np.uint8]:
    """A picture that says which one it is: 16 bars, white for a bit that is set."""
    bars = [255 * (number >> bit & 1) for bit in range(NUMBER_BITS)]
    row = np.repeat(np.array(bars, np.uint8), math.ceil(width / NUMBER_BITS))[:width]
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def number_of(image: NDArray[np.uint8]) -> int:
    """The number that a picture made by `numbered_image` says."""
    bars = np.array_split(image[image.shape[0] // 2].mean(axis=1), NUMBER_BITS)
    return sum(1 << bit for bit, bar in enumerate(bars) if bar[len(bar) // 2] > 127)


class FakeCamera:
    """A network camera: Motion JPEG over HTTP on loopback, with pictures that are numbered.

    It can be killed (the port closes, connections break), stalled (connections stay, nothing
    comes) and started again on the same port.
    """

    def __init__(self, fps: float = 30.0, images: list[NDArray[np.uint8]] | None = None) -> None:
        self.fps = fps
        self._jpegs = [
            cv2.imencode(".jpg", image)[1].tobytes()
            for image in images or [numbered_image(number) for number in range(90)]
        ]
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self._sockets: set[socket.socket] = set()
        self.stalled = threading.Event()
        self.accepted = 0
        """How many connections there ever were."""
        self.newest = -1
        """The number of the picture that was sent last."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/camera"

    @property
    def connections(self) -> int:
        return len(self._sockets)

    def start(self) -> None:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="fake-camera", daemon=True
        )
        self._thread.start()

    def kill(self) -> None:
        if self._server is None or self._thread is None:
            return
        server, self._server = self._server, None
        server.shutdown()
        server.server_close()
        self._thread.join()
        for connection in list(self._sockets):
            connection.close()

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        server = self._server
        self._sockets.add(request.connection)
        self.accepted += 1
        request.connection.settimeout(0.2)  # a client that is gone must be noticed
        try:
            request.send_response(200)
            request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
            request.end_headers()
            start, sent = time.monotonic(), 0
            while self._server is server:
                if self.stalled.is_set():
                    if self._hung_up(request.connection):
                        return
                    start = time.monotonic() - sent / self.fps
                    continue
                time.sleep(max(0.0, start + sent / self.fps - time.monotonic()))
                jpeg = self._jpegs[sent % len(self._jpegs)]
                head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                self.newest = sent % len(self._jpegs)
                request.wfile.write(head.encode() + b"\r\n\r\n" + jpeg + b"\r\n")
                sent += 1
        except OSError:
            return
        finally:
            self._sockets.discard(request.connection)

    @staticmethod
    def _hung_up(connection: socket.socket) -> bool:
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False


@pytest.fixture
def fake_camera() -> Iterator[FakeCamera]:
    """A camera at `fake_camera.url`, 640x480 at 30 fps, running."""
    camera = FakeCamera()
    camera.start()
    yield camera
    camera.kill()
