"""Sidecars for tests: the real program in a process of its own, and media made on the spot."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE
from rapport.consent import text
from rapport.consent.gatekeeper import Gatekeeper
from rapport.consent.ledger import Ledger
from rapport.settings import Consent
from rapport.wire.client import Client, connect

BUNDLE = "face_landmarker.task"
READY_S = 60.0
"""A busy machine takes its time to import the libraries."""


class SidecarProcess:
    """A `rapport` command in a process of its own."""

    def __init__(self, arguments: list[str], environment: dict[str, str], runtime: Path) -> None:
        self.runtime = runtime
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rapport.cli", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def connect(self) -> Client:
        """Wait for the sidecar and receive from it."""
        return connect(READY_S, self.runtime)

    def finish(self, seconds: float = 60.0) -> tuple[int, str, str]:
        """Wait for its end; exit code, standard output, standard error."""
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err


def allow(environment: dict[str, str], *permissions: str, app: str = "rapport") -> None:
    """Give consent as the player of this environment."""
    keeper = Gatekeeper(Ledger(Consent(directory=environment["RAPPORT_CONSENT__DIRECTORY"])))
    keeper.grant(
        app, app.title(), permissions, "en", text.VERSION, None, "command line", time.time()
    )


@pytest.fixture
def clean_environment(tmp_path: Path, repository: Path) -> dict[str, str]:
    """The environment of a new user: no settings, folders of this test, and the face
    landmarker's bundle if it is beside the project."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_")}
    models = repository.parent / "shared" / "models"
    if (models / BUNDLE).is_file():
        environment["RAPPORT_MODELS__DIRECTORY"] = str(models)
    for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
        environment[f"XDG_{kind}_HOME"] = str(tmp_path / kind.lower())
    return environment | {
        "RAPPORT_WIRE__RUNTIME_DIRECTORY": str(tmp_path / "runtime"),
        "RAPPORT_CONSENT__DIRECTORY": str(tmp_path / "consent"),
    }


@pytest.fixture
def start_sidecar(
    clean_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., SidecarProcess]]:
    """Start `rapport ARGUMENTS` with variables on top; whatever is left at the end is killed."""
    started: list[SidecarProcess] = []

    def start(*arguments: str, **variables: str) -> SidecarProcess:
        environment = clean_environment | variables
        runtime = Path(environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"])
        started.append(SidecarProcess(list(arguments), environment, runtime))
        return started[-1]

    yield start
    for sidecar in started:
        sidecar.process.kill()  # nothing, where it has ended
        sidecar.process.wait()
        for pipe in (sidecar.process.stdout, sidecar.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def face_bundle(shared: Path) -> Path:
    """The face landmarker's bundle."""
    bundle = shared / "models" / BUNDLE
    if not bundle.is_file():
        pytest.skip(f"needs {BUNDLE}, which is not part of the project")
    return bundle


@pytest.fixture(scope="session")
def demo_clip(repository: Path) -> Path:
    """The clip that comes with the package: a face and speech."""
    return repository / "plugin" / "rapport" / "media" / "demo.mp4"


def write_clip(
    path: Path,
    frames: list[NDArray[np.uint8]] | None = None,
    samples: NDArray[np.float32] | None = None,
    fps: int = 30,
) -> Path:
    """Write a clip with video, sound, or both."""
    with av.open(str(path), "w") as container:
        if frames:
            video = container.add_stream("mpeg4", rate=fps)
            video.height, video.width = frames[0].shape[:2]
            video.pix_fmt = "yuv420p"
            for image in frames:
                container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
            container.mux(video.encode())
        if samples is not None:
            audio = container.add_stream("pcm_s16le", rate=SAMPLE_RATE)
            audio.layout = "mono"
            whole = (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path
