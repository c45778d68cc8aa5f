"""How fast a camera is let go: when consent is revoked, and when the game is killed."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rapport.bench.measure import Spread, spread
from rapport.bench.stand_in import CameraStandIn
from rapport.consent import text
from rapport.wire import requests as ask
from rapport.wire.control_client import Control, connect_control

REVOCATIONS = 20
KILLS = 5
READY_S = 60.0
"""A busy machine takes its time to import the libraries."""
APP = "rapport-bench"
GAME = f"""
import time
from rapport.wire.control_client import connect_control
game = connect_control(app={APP!r}, name="Bench", timeout_s=60)
game.keep_lease()
time.sleep(600)
"""


class Release(NamedTuple):
    """From the request to the answer (which comes when the handle is closed), to when the camera's
    far end has seen it, and from killing a game to that."""

    revoked_ms: Spread
    far_end_ms: Spread
    killed_ms: Spread


def measure_release() -> Release:
    """Run a sidecar on a stand-in camera and take the camera away from it.

    :raises TimeoutError: it never opened the camera, or never let it go.
    """
    camera = CameraStandIn()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder,
            _sidecar(camera, Path(folder)) as environment,
        ):
            revoked, far_end = _revoke(camera, Path(folder))
            killed = _kill(camera, environment)
    finally:
        camera.close()
    return Release(spread(revoked), spread(far_end), spread(killed))


@contextmanager
def _sidecar(camera: CameraStandIn, folder: Path) -> Iterator[dict[str, str]]:
    environment = os.environ | {
        "RAPPORT_WIRE__RUNTIME_DIRECTORY": str(folder),
        "RAPPORT_CONSENT__DIRECTORY": str(folder / "consent"),
        "RAPPORT_LOG__LEVEL": "warning",
    }
    command = [sys.executable, "-m", "rapport.cli", "run", "--camera", camera.url]
    command += ["--no-microphone"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603  our own program
        try:
            yield environment
        finally:
            process.terminate()


def _revoke(camera: CameraStandIn, folder: Path) -> tuple[list[float], list[float]]:
    answered, seen = [], []
    with connect_control(
        app=APP, name="Bench", timeout_s=READY_S, runtime_directory=folder
    ) as game:
        game.keep_lease()
        for _ in range(REVOCATIONS):
            _allow(game)
            _wait(camera, 1)
            _wait_for_frames(game)
            begun = time.perf_counter()
            game.ask(ask.RevokeConsent(permissions=("camera",)))
            answered.append((time.perf_counter() - begun) * 1e3)
            _wait(camera, 0)
            seen.append((time.perf_counter() - begun) * 1e3)
        _allow(game)
        game.end_lease()
    return answered, seen


def _kill(camera: CameraStandIn, environment: dict[str, str]) -> list[float]:
    taken = []
    for _ in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", GAME], env=environment) as game:  # noqa: S603  our own text
            _wait(camera, 1)
            begun = time.perf_counter()
            game.kill()
            _wait(camera, 0)
            taken.append((time.perf_counter() - begun) * 1e3)
    return taken


def _allow(game: Control) -> None:
    permissions: tuple[ask.Permission, ...] = ("camera",)
    game.ask(ask.GrantConsent(permissions=permissions, language="en", text_version=text.VERSION))


def _wait_for_frames(game: Control) -> None:
    """An open connection is no handle that gives frames yet; the usual case is what counts."""
    until = time.monotonic() + READY_S
    while not game.ask(ask.GetStatus()).capturing:
        if time.monotonic() > until:
            raise TimeoutError("the camera gives no frames")
        time.sleep(0.05)


def _wait(camera: CameraStandIn, readers: int) -> None:
    if not camera.wait(readers, READY_S):
        raise TimeoutError(f"the camera never had {readers} readers")
