"""Measures the wire under strain, stalls, many readers, clients that come and go, a flood, and how
fast a camera is let go.

The endpoints run in a process of their own (`bench.wire_serve`), without capture and models, so
that the figures are the wire's; the camera's is a whole sidecar (`bench.release`).
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil
import zmq

from rapport.bench.measure import MEGABYTE, Spread, spread
from rapport.bench.release import Release, measure_release
from rapport.capture.clock import now_ns
from rapport.errors import SidecarSilent
from rapport.wire import codec
from rapport.wire.client import connect
from rapport.wire.control_client import connect_control
from rapport.wire.discovery import Running, find
from rapport.wire.exchange import Exchange
from rapport.wire.requests import GetTime
from rapport.wire.subscription import Subscription

START_S = 30.0
STALL_S = 5.0
STALL_EVENTS_HZ = 100.0
"""Far more than a sidecar has to tell, and no more in a stall than it keeps."""
SUBSCRIBERS = 20
SUBSCRIBERS_HZ = 60.0
MEASURE_S = 10.0
CYCLES = 1000
WARM_UP_CYCLES = 100
FLOODERS = 5
FLOOD_S = 5.0
PAUSE_S = 0.005
"""Between two questions of the honest client."""


class Stall(NamedTuple):
    """After a reader slept: the age of its first state, and events that it did not get."""

    first_state_ms: float
    events: int
    events_lost: int


class Subscribers(NamedTuple):
    """Published to received, and what the readers cost the publisher (cores)."""

    latency_ms: Spread
    cpu_cores: float


class Cycles(NamedTuple):
    """What connecting and disconnecting left behind in the sidecar."""

    cycles: int
    descriptors: int
    memory_mb: float


class Flood(NamedTuple):
    """How long an honest client waits for an answer, alone and beside clients that flood."""

    alone_ms: Spread
    flooded_ms: Spread
    sidecar_cores: float


class TrustReport(msgspec.Struct, frozen=True):
    """What `rapport bench --trust --json` prints. Keys are added and never renamed."""

    stall: Stall
    subscribers: Subscribers
    cycles: Cycles
    flood: Flood
    release: Release


def measure_trust(progress: Callable[[str], None]) -> TrustReport:
    """Measure all of it; takes about a minute.

    :param progress: told in words what goes on.
    """
    progress(f"a reader that sleeps for {STALL_S:.0f} s")
    stalled = stall()
    progress(f"{SUBSCRIBERS} readers at {SUBSCRIBERS_HZ:.0f} Hz")
    subscribed = subscribers()
    progress(f"{CYCLES} clients that come and go")
    cycled = cycles()
    progress(f"{FLOODERS} clients that flood")
    flooded = flood()
    progress("a camera that is taken away")
    return TrustReport(stalled, subscribed, cycled, flooded, measure_release())


def stall(seconds: float = STALL_S, events_hz: float = STALL_EVENTS_HZ) -> Stall:
    """A reader that sleeps, as a game does that loads a scene."""
    with _endpoints(SUBSCRIBERS_HZ, events_hz) as (directory, _), connect(START_S, directory) as it:
        time.sleep(0.5)
        got = it.events()
        missed_before = it.missed_events
        time.sleep(seconds)
        state = it.state()
        age_ms = (now_ns() - state.published_ns) / 1e6
        first = got[-1].sequence if got else 0
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            got += it.events(0.1)
        wanted = got[-1].sequence - first
        received = len({event.sequence for event in got if event.sequence > first})
        lost = max(wanted - received, it.missed_events - missed_before)
        return Stall(round(age_ms, 2), wanted, lost)


def subscribers(count: int = SUBSCRIBERS, seconds: float = MEASURE_S) -> Subscribers:
    """Many readers of states, and the processor time that they cost."""
    with _endpoints(SUBSCRIBERS_HZ, 1.0) as (directory, process):
        alone = _cores(process, seconds / 2)
        running = _running(directory)
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        read = running.credentials("read")
        readers = [
            Subscription(context, running.state, codec.STATE_TOPIC, read, queue=100)
            for _ in range(count)
        ]
        latencies: list[float] = []
        for reader in readers:
            if not reader.wait_connected(START_S):
                raise SidecarSilent(f"no connection to {running.state} in time")
        before, begun = sum(process.cpu_times()[:2]), time.monotonic()
        while time.monotonic() - begun < seconds:
            readers[0].wait(0.05)
            for reader in readers:
                while (frame := reader.receive()) is not None:
                    received_ns = now_ns()
                    published_ns = codec.decode_state(frame).published_ns
                    latencies.append((received_ns - published_ns) / 1e6)
        cores = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - begun)
        for reader in readers:
            reader.close()
        context.term()
        return Subscribers(spread(latencies), round(cores - alone, 4))


def cycles(count: int = CYCLES) -> Cycles:
    """Clients of all endpoints that come and go."""
    with _endpoints(200.0, 1.0) as (directory, process):
        running = _running(directory)
        read, control = running.credentials("read"), running.credentials("control")
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()

        def come_and_go(times: int) -> None:
            for _ in range(times):
                readers = (
                    Subscription(context, running.state, codec.STATE_TOPIC, read),
                    Subscription(context, running.events, codec.EVENT_TOPIC, read),
                )
                asker = Exchange(context, running.control, control)
                asker.ask(GetTime(), START_S)
                for reader in readers:
                    if not reader.wait_connected(START_S):
                        raise SidecarSilent("no connection in time")
                for client in (*readers, asker):
                    client.close()

        come_and_go(WARM_UP_CYCLES)
        time.sleep(0.5)
        resident, descriptors = process.memory_info().rss, _descriptors(process)
        come_and_go(count)
        time.sleep(0.5)
        context.term()
        growth_mb = (process.memory_info().rss - resident) / MEGABYTE
        return Cycles(count, _descriptors(process) - descriptors, round(growth_mb, 2))


def flood(seconds: float = FLOOD_S, flooders: int = FLOODERS) -> Flood:
    """An honest client beside clients, in another process, that ask as much as they can."""
    with _endpoints(SUBSCRIBERS_HZ, 1.0) as (directory, process):
        alone = _answers(directory, seconds)
        command = [sys.executable, "-m", "rapport.bench.flood", str(directory), str(flooders)]
        with subprocess.Popen(command) as hostile:  # noqa: S603  our own interpreter and module
            time.sleep(1.0)
            before, begun = sum(process.cpu_times()[:2]), time.monotonic()
            flooded = _answers(directory, seconds)
            cores = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - begun)
            hostile.kill()
        return Flood(alone, flooded, round(cores, 3))


def _answers(directory: Path, seconds: float) -> Spread:
    waits = []
    with connect_control("bench", "Bench", 30.0, directory) as control:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            asked_ns = now_ns()
            control.ask(GetTime())
            waits.append((now_ns() - asked_ns) / 1e6)
            time.sleep(PAUSE_S)
    return spread(waits)


@contextlib.contextmanager
def _endpoints(states_hz: float, events_hz: float) -> Iterator[tuple[Path, psutil.Process]]:
    """The endpoints in a process of their own, and the folder by which they are found."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as directory:
        command = [sys.executable, "-m", "rapport.bench.wire_serve", directory]
        command += [str(states_hz), str(events_hz)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603  our own
            connect(START_S, directory).close()
            yield Path(directory), psutil.Process(process.pid)


def _running(directory: Path) -> Running:
    running = find(directory)
    if running is None:
        raise SidecarSilent("the measured process has ended")
    return running


def _cores(process: psutil.Process, seconds: float) -> float:
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return float(sum(process.cpu_times()[:2]) - before) / seconds


def _descriptors(process: psutil.Process) -> int:
    """Open files and sockets (handles on Windows)."""
    return int(process.num_fds() if psutil.POSIX else process.num_handles())
