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

pytestmark = pytest.mark.wire

Vectors = dict[str, dict[str, Any]]


def test_it_is_small(repository: Path) -> None:
    lines = (repository / "bridge" / "protocol" / "minimal_subscriber.py").read_text().splitlines()
    assert len(lines) <= 150


def test_it_reads_the_golden_vectors(
    load_script: Callable[[str], ModuleType], golden_states: Vectors, golden_events: Vectors
) -> None:
    read_message = load_script("minimal_subscriber.py").read_message
    for vector in (*golden_states.values(), *golden_events.values()):
        message = read_message(bytes.fromhex(vector["frame_hex"]))
        for field in message.keys() & vector["expected"].keys() - {"modalities"}:
            assert message[field] == vector["expected"][field], (vector["name"], field)


def test_it_receives_real_states_and_events_without_site_packages(
    start_publisher: Callable[..., Any], repository: Path, golden_states: Vectors
) -> None:
    publisher = start_publisher()
    script = repository / "bridge" / "protocol" / "minimal_subscriber.py"
    command = [sys.executable, "-I", "-S", str(script)]
    received = subprocess.run(
        [*command, publisher.state_address, "state", "5"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    states = [json.loads(line) for line in received.stdout.splitlines()]
    assert len(states) == 5
    first = states[0]["sequence"]
    assert [state["sequence"] for state in states] == list(range(first, first + 5))
    stamps = {"sequence", "published_ns", "published_wall"}
    expected = golden_states["typical"]["expected"]
    for state in states:
        assert state.keys() == expected.keys()
        assert all(state[name] == expected[name] for name in expected.keys() - stamps)
    with subprocess.Popen(
        [*command, publisher.events_address, "event", "1"], stdout=subprocess.PIPE, text=True
    ) as reader:
        end = time.monotonic() + 30
        while reader.poll() is None and time.monotonic() < end:  # until its subscription is there
            publisher.announce(1)
            time.sleep(0.1)
        assert reader.stdout is not None
        event = json.loads(reader.stdout.readline())
        reader.kill()
    assert (event["kind"], event["detail"]) == ("status", "number 0")


def test_it_answers_heartbeats_and_so_stays_connected(
    load_script: Callable[[str], ModuleType], golden_states: Vectors
) -> None:
    """A publisher that cuts off whoever leaves a heartbeat unanswered for a second."""
    frame, last = (
        bytes.fromhex(golden_states[name]["frame_hex"]) for name in ("typical", "nothing_known")
    )
    subscribe = load_script("minimal_subscriber.py").subscribe
    received: list[dict[str, Any]] = []
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.linger = 0
        publisher.setsockopt(zmq.HEARTBEAT_IVL, 100)
        publisher.setsockopt(zmq.HEARTBEAT_TIMEOUT, 1000)
        publisher.bind("tcp://127.0.0.1:*")
        address = publisher.getsockopt_string(zmq.LAST_ENDPOINT)

        def read() -> None:
            for message in subscribe(address, "state"):
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
    assert received[-1]["label"] == "uncertain"
