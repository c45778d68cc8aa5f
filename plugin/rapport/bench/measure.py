"""The measuring process: starts a sidecar, receives its states, watches its size."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil

from rapport import settings
from rapport.bench.machine import machine
from rapport.capture.clip import clip_signals
from rapport.capture.clock import now_ns
from rapport.capture.signals import Frame
from rapport.errors import ModelError
from rapport.wire.client import Client, connect

WARM_UP_S = 3.0
"""Left out of every figure but the first state: models load, caches and pools fill."""

START_TIMEOUT_S = 60.0
READING_TIMEOUT_S = 20.0
SAMPLE_S = 0.5
"""Time between two looks at the sidecar's memory."""

TRACKED_FRAMES = 200
"""Frames that the tracker is timed on alone."""

MEGABYTE = 1024 * 1024


class Spread(msgspec.Struct, frozen=True):
    """A distribution of milliseconds."""

    median: float
    p95: float
    p99: float


class Report(msgspec.Struct, frozen=True):
    """What `rapport bench --json` prints. Keys are added and never renamed.

    `latency_ms`: frame grabbed to state decoded in another process. `stages_ms`: where that time
    goes (`face_wait`: grabbed to the expert's start; `transport`: published to decoded) and what
    runs beside it (`voice`: one reading, `voice_wait`: the age of its samples).
    `first_state_s`: from the start of `rapport run` to its first state, whatever it says;
    `first_reading_s`: to the first that names probabilities (None: not within 20 s).
    `growth_mb_per_10min`: slope of resident memory after the warm-up; short runs exaggerate it.
    `tracker_alone_ms`: the bare face tracker on frames of the same clip in the same run, as a
    yardstick for the machine.
    """

    latency_ms: Spread
    states_per_second: float
    cpu_cores: float
    rss_mb: float
    first_state_s: float
    first_reading_s: float | None
    growth_mb_per_10min: float
    stages_ms: dict[str, Spread]
    machine: dict[str, Any]
    seconds: float
    tracker_alone_ms: Spread | None = None


def measure(clip: Path, seconds: float, progress: Callable[[str], None]) -> Report:
    """Measure a sidecar that plays a clip in a loop.

    :param progress: told in words what goes on.
    :raises SidecarNotFound, SidecarSilent: the sidecar did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as directory:
        environment = {**os.environ, "RAPPORT_WIRE__RUNTIME_DIRECTORY": directory}
        progress("starting `rapport run` twice, to time its first state warm")
        for _ in range(2):
            first_state_s, first_reading_s = _first_s(clip, directory, environment)
        progress(f"measuring for {seconds:.0f} s")
        with _started(_serve(clip), environment) as process:
            with connect(START_TIMEOUT_S, directory) as client:
                watched = psutil.Process(process.pid)
                _receive(client, WARM_UP_S, watched)
                received = _receive(client, seconds, watched)
            stages = json.loads(process.communicate()[0])
    progress("timing the face tracker alone")
    return Report(
        latency_ms=spread(received["latency"]),
        states_per_second=received["states"] / received["seconds"],
        cpu_cores=received["cpu_s"] / received["seconds"],
        rss_mb=max(received["rss_mb"]),
        first_state_s=first_state_s,
        first_reading_s=first_reading_s,
        growth_mb_per_10min=_slope(received["rss_mb"], SAMPLE_S) * 600.0,
        stages_ms={
            **{stage: spread(times) for stage, times in sorted(stages.items())},
            "transport": spread(received["transport"]),
        },
        machine=machine(),
        seconds=received["seconds"],
        tracker_alone_ms=_tracker_alone(clip),
    )


def spread(times_ms: list[float]) -> Spread:
    """Median and tails; zeros if there is nothing."""
    values = np.percentile(times_ms, [50, 95, 99]) if times_ms else np.zeros(3)
    return Spread(*(round(float(value), 3) for value in values))


def _serve(clip: Path) -> list[str]:
    return [sys.executable, "-m", "rapport.bench.serve", str(clip)]


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  our own interpreter and module
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _first_s(clip: Path, directory: str, environment: dict[str, str]) -> tuple[float, float | None]:
    """Seconds from the start of `rapport run` to its first state and to its first reading."""
    command = [sys.executable, "-m", "rapport.cli", "run", "--source", str(clip), "--loop"]
    begun = time.perf_counter()
    with _started(command, environment) as process:
        try:
            with connect(START_TIMEOUT_S, directory) as client:
                state = client.state()
                first_state_s = time.perf_counter() - begun
                while state.probabilities is None:
                    if time.perf_counter() - begun > READING_TIMEOUT_S:
                        return first_state_s, None
                    state = client.state()
                return first_state_s, time.perf_counter() - begun
        finally:
            process.terminate()
            process.communicate()


def _receive(client: Client, seconds: float, process: psutil.Process) -> dict[str, Any]:
    """Receive for some seconds; latencies are those of states that rest on a new frame."""
    latency, transport, rss_mb = [], [], []
    states, newest_ns = 0, 0
    cpu_before = sum(process.cpu_times()[:2])
    begun_ns = now_ns()
    looked_ns = 0
    while (at_ns := now_ns()) - begun_ns < seconds * 1e9:
        if at_ns - looked_ns >= SAMPLE_S * 1e9:
            looked_ns = at_ns
            rss_mb.append(process.memory_info().rss / MEGABYTE)
        state = client.state()
        received_ns = now_ns()
        states += 1
        transport.append((received_ns - state.published_ns) / 1e6)
        if state.captured_ns > newest_ns:
            newest_ns = state.captured_ns
            latency.append((received_ns - state.captured_ns) / 1e6)
    return {
        "latency": latency,
        "transport": transport,
        "rss_mb": rss_mb,
        "states": states,
        "seconds": (now_ns() - begun_ns) / 1e9,
        "cpu_s": sum(process.cpu_times()[:2]) - cpu_before,
    }


def _tracker_alone(clip: Path) -> Spread | None:
    """The bare face tracker on the first frames of the clip; None if it cannot be had."""
    from rapport.experts.face.choice import make_tracker
    from rapport.experts.store import Store

    loaded = settings.load()
    try:
        tracker = make_tracker(loaded.face, Store(loaded.models))
    except ModelError:
        return None
    times = []
    frames = (signal for signal in clip_signals(clip) if isinstance(signal, Frame))
    for frame in islice(frames, TRACKED_FRAMES):
        begun_ns = now_ns()
        tracker.track(frame)
        times.append((now_ns() - begun_ns) / 1e6)
    tracker.close()
    return spread(times)


def _slope(values: list[float], spacing_s: float) -> float:
    """Slope per second of evenly spaced values, by least squares; zero for fewer than three."""
    if len(values) < 3:
        return 0.0
    return float(np.polyfit(np.arange(len(values)) * spacing_s, values, 1)[0])
