"""What goes wrong has a stable code and says what to do; the other modality goes on."""

import os
import random
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rapport.capture.signals import SAMPLE_RATE
from rapport.state import Condition, EventKind, Modality
from sidecars import BUNDLE, READY_S, SidecarProcess, write_clip

pytestmark = pytest.mark.system

Start = Callable[..., SidecarProcess]
CLICK_SEEDS = (1, 2, 3, 4)


def refused(sidecar: SidecarProcess, code: str) -> str:
    """Check that a command ended with one error, in order; returns what it said."""
    status, _, err = sidecar.finish()
    assert status in (1, 2)
    assert f"[{code}]" in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) >= 3, "what happened, what it means, what to do"
    return err


def test_a_port_in_use_is_refused_before_anything_is_captured(
    start_sidecar: Start, demo_clip: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sidecar = start_sidecar("run", "--source", str(demo_clip), RAPPORT_WIRE__STATE_PORT=port)
        assert port in refused(sidecar, "port_in_use")


def test_an_address_that_is_not_loopback_is_refused(start_sidecar: Start, demo_clip: Path) -> None:
    sidecar = start_sidecar("run", "--source", str(demo_clip), RAPPORT_WIRE__HOST="0.0.0.0")
    refused(sidecar, "address_refused")


def test_a_runtime_directory_that_is_none_is_refused(
    start_sidecar: Start, demo_clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a directory")
    sidecar = start_sidecar(
        "run",
        "--source",
        str(demo_clip),
        RAPPORT_WIRE__RUNTIME_DIRECTORY=str(tmp_path / "file" / "below"),
    )
    refused(sidecar, "directory_unwritable")


@pytest.mark.parametrize("content", [b"", b"no media at all" * 1000, None])
def test_a_source_that_is_no_clip_is_refused(
    start_sidecar: Start, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    for arguments in (("run", "--source", str(path)), ("analyze", str(path))):
        assert "clip.mp4" in refused(start_sidecar(*arguments), "clip_unreadable")


def test_a_wrong_setting_is_refused_with_its_range(start_sidecar: Start) -> None:
    err = refused(start_sidecar("run", RAPPORT_CAMERA__FPS="0"), "settings_invalid")
    assert "RAPPORT_CAMERA__FPS" in err
    assert "5 to 120" in err


def test_a_tampered_model_costs_its_own_modality_only(
    start_sidecar: Start, demo_clip: Path, face_bundle: Path, tmp_path: Path
) -> None:
    content = bytearray(face_bundle.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / BUNDLE).write_bytes(content)
    sidecar = start_sidecar(
        "run",
        "--source",
        str(demo_clip),
        "--loop",
        RAPPORT_MODELS__DIRECTORY=str(tmp_path),
        RAPPORT_FACE__TRACKER="mediapipe",
    )
    with sidecar.connect() as client:
        for number, state in enumerate(client.states(READY_S)):
            if state.speaking:
                break
            assert number < 3000, "the voice was never heard"
    assert state.modalities[Modality.FACE].condition is Condition.FAILED
    sidecar.process.terminate()
    code, _, err = sidecar.finish()
    assert code == 0
    assert "[model_tampered]" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("track", ["video", "sound"])
def test_a_clip_with_one_track_is_read_as_far_as_it_goes(
    start_sidecar: Start, tmp_path: Path, track: str, face_bundle: Path
) -> None:
    frames = [np.full((240, 320, 3), 90, np.uint8)] * 20
    silence = np.zeros(SAMPLE_RATE, np.float32)
    clip = write_clip(
        tmp_path / "clip.mkv",
        frames if track == "video" else None,
        silence if track == "sound" else None,
    )
    code, out, err = start_sidecar("analyze", str(clip), "--format", "jsonl").finish()
    assert code == 0, err
    assert "Traceback" not in err
    missing = Modality.VOICE if track == "video" else Modality.FACE
    assert out.count(f'"{missing}":{{"weight":0.0,"condition":"disabled"') == len(out.splitlines())
    assert len(out.splitlines()) >= 20


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("seed", CLICK_SEEDS)
def test_ctrl_c_at_any_moment_ends_quietly(
    start_sidecar: Start, demo_clip: Path, seed: int
) -> None:
    # Earlier than this, Python itself is still starting, and has the word.
    wait_s = random.Random(seed).uniform(0.5, 4.0)
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop")
    time.sleep(wait_s)
    sidecar.process.send_signal(signal.SIGINT)
    code, _, err = sidecar.finish(30)
    # While libraries are imported the system ends the process, which a shell calls 130 too.
    assert code in (0, 130, -signal.SIGINT), f"after {wait_s:.2f} s (seed {seed}): {err}"
    assert "Traceback" not in err, f"after {wait_s:.2f} s (seed {seed})"
    assert not list(sidecar.runtime.glob("sidecar-*"))


def test_events_name_codes_and_never_numbers_of_the_player(
    start_sidecar: Start, demo_clip: Path
) -> None:
    sidecar = start_sidecar(
        "run", "--source", str(demo_clip), "--seconds", "4", RAPPORT_MODELS__DIRECTORY=""
    )
    with sidecar.connect() as client:
        events = client.events(READY_S)
    assert events
    for event in events:
        assert isinstance(event.kind, EventKind)
        assert not re.search(r"0\.\d\d", event.detail)
    assert sidecar.finish()[0] == 0
