"""A client written from SPEC.md alone, without any library, receives what is published."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zmq

from rapport.capture.clock import now_ns
from rapport.settings import Wire
from rapport.wire.auth import Guard

pytestmark = pytest.mark.wire

Vectors = dict[str, dict[str, Any]]


def test_it_is_small(repository: Path) -> None:
    lines = (repository / "bridge" / "protocol" / "minimal_client.py").read_text().splitlines()
    assert len(lines) <= 240


def test_it_reads_the_golden_vectors(
    load_script: Callable[[str], ModuleType], golden_states: Vectors, golden_events: Vectors
) -> None:
    read_message = load_script("minimal_client.py").read_message
    for vector in (*golden_states.values(), *golden_events.values()):
        message = read_message(bytes.fromhex(vector["frame_hex"]), len(b"state "))
        for field in message.keys() & vector["expected"].keys() - {"modalities"}:
            assert message[field] == vector["expected"][field], (vector["name"], field)


def test_it_receives_real_states_and_events_without_site_packages(
    start_publisher: Callable[..., Any], repository: Path, tmp_path: Path, golden_states: Vectors
) -> None:
    publisher = start_publisher()
    states = _run(repository, tmp_path, "state", "5")
    first = states[0]["sequence"]
    assert [state["sequence"] for state in states] == list(range(first, first + 5))
    stamps = {"sequence", "published_ns", "published_wall"}
    expected = golden_states["typical"]["expected"]
    for state in states:
        assert state.keys() == expected.keys()
        assert all(state[name] == expected[name] for name in expected.keys() - stamps)
    command = _command(repository, tmp_path, "event", "1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        end = time.monotonic() + 30
        while reader.poll() is None and time.monotonic() < end:  # until its subscription is there
            publisher.announce(1)
            time.sleep(0.1)
        assert reader.stdout is not None
        event = json.loads(reader.stdout.readline())
        reader.kill()
    assert (event["kind"], event["detail"]) == ("status", "number 0")


def test_it_asks_a_real_controller_without_site_packages(
    start_publisher: Callable[..., Any], repository: Path, tmp_path: Path
) -> None:
    publisher = start_publisher()
    publisher.announce(3)
    requests = [
        {"op": "lease.take", "seconds": 1.0},
        {"op": "hello", "app": "org.example.game", "name": "Spiel mit Umläuten"},
        {"op": "lease.take", "seconds": 1.0},
        {"op": "time"},
        {"op": "no.such"},
        {"op": "events.since", "sequence": 1},
    ]
    refused, welcome, lease, clock, unknown, events = _run(
        repository, tmp_path, "ask", *map(json.dumps, requests)
    )
    assert refused["error"]["code"] == "hello_first"
    assert welcome["reply"]["pid"] == publisher.pid
    assert lease["reply"] == {"seconds": 1.0}
    assert abs(clock["reply"]["now_ns"] - now_ns()) < 60e9
    assert unknown["error"]["code"] == "request_unknown"
    assert [event["sequence"] for event in events["reply"]["events"]] == [2, 3]
    assert [reply["id"] for reply in (refused, welcome, lease, clock, unknown, events)] == [
        *range(1, 7)
    ]


@pytest.mark.parametrize(("scope", "token"), [("control", "x" * 43), ("read", None), ("root", "")])
def test_it_is_told_when_its_token_is_refused(
    start_publisher: Callable[..., Any],
    load_script: Callable[[str], ModuleType],
    scope: str,
    token: str | None,
) -> None:
    script = load_script("minimal_client.py")
    publisher = start_publisher()
    with pytest.raises(script.Closed, match="refused: 400"):
        script.connect(publisher.control_address, "DEALER", scope, token or publisher.read_token)


def test_it_answers_heartbeats_and_so_stays_connected(
    load_script: Callable[[str], ModuleType], golden_states: Vectors
) -> None:
    """A publisher that cuts off whoever leaves a heartbeat unanswered for a second."""
    frame, last = (
        bytes.fromhex(golden_states[name]["frame_hex"]) for name in ("typical", "nothing_known")
    )
    subscribe = load_script("minimal_client.py").subscribe
    received: list[dict[str, Any]] = []
    guard = Guard(Wire())
    with guard.socket(zmq.PUB, "state") as publisher:
        publisher.linger = 0
        publisher.setsockopt(zmq.HEARTBEAT_IVL, 100)
        publisher.setsockopt(zmq.HEARTBEAT_TIMEOUT, 1000)
        address = guard.bind(publisher, 0)

        def read() -> None:
            for message in subscribe(address, guard.keys.read, "state"):
                received.append(message)
                if message["label"] == "uncertain":
                    return

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        end = time.monotonic() + 30
        while not received and time.monotonic() < end:
            publisher.send(frame)
            time.sleep(0.05)
        time.sleep(2.5)
        publisher.send(last)
        reader.join(10)
    guard.close()
    assert received[-1]["label"] == "uncertain"


def _command(repository: Path, directory: Path, *arguments: str) -> list[str]:
    script = repository / "bridge" / "protocol" / "minimal_client.py"
    return [sys.executable, "-I", "-S", str(script), str(directory), *arguments]


def _run(repository: Path, directory: Path, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        _command(repository, directory, *arguments),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
