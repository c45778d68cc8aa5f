"""Whoever means harm is refused or dropped, and an honest client goes on."""

import base64
import contextlib
import importlib.util
import os
import socket
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import psutil
import pytest
import zmq

from rapport.state import EmotionState
from rapport.wire import auth, codec
from rapport.wire import requests as ask
from rapport.wire.client import Client
from rapport.wire.controller import BURST
from rapport.wire.discovery import Place

pytestmark = pytest.mark.wire

PATIENCE_S = 20.0
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"PLAIN".ljust(20, b"\0") + bytes(32)
INPUTS = int(os.environ.get("RAPPORT_FUZZ_INPUTS", "5000"))
"""The nightly run sets 200,000."""


class Honest:
    """A client of all three endpoints in good standing."""

    def __init__(self, served: Any, state: EmotionState) -> None:
        self._served, self._state = served, state
        keys = served.guard.keys
        self.control = served.control("honest")
        read = keys.credentials("read")
        control = keys.credentials("control")
        self.client = Client(Place(*served.addresses[:2], read, served.addresses[2], control))
        self.asked = 0
        self.go_on()

    def go_on(self) -> None:
        """States arrive, events arrive, requests are answered."""
        self.control.ask(ask.TakeLease())
        self.asked += 1
        sequence = self._served.publisher.publish(self._state).sequence
        end = time.monotonic() + PATIENCE_S
        while (newest := self.client.newest()) is None or newest.sequence < sequence:
            self._served.publisher.publish(self._state)
            assert time.monotonic() < end, "no state arrived"
            time.sleep(0.005)
        for _ in range(1000):
            self._served.publisher.announce("status")
            if self.client.events(0.05):
                return
        raise AssertionError("no event arrived")


@pytest.fixture
def honest(served: Any, golden_states: dict[str, dict[str, Any]]) -> Iterator[Honest]:
    frame = bytes.fromhex(golden_states["typical"]["frame_hex"])
    honest = Honest(served, codec.decode_state(frame))
    yield honest
    honest.go_on()
    assert honest.client.missed_events == 0
    honest.control.close()
    honest.client.close()


def port(address: str) -> int:
    return int(address.rpartition(":")[2])


def connected(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port(address)), PATIENCE_S)


def dealer(served: Any, context: Any) -> Any:
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    served.guard.keys.credentials("control").show(socket)
    socket.connect(served.controller.address)
    return socket


def test_fuzzing_breaks_nothing(repository: Path) -> None:
    path = repository / "tools" / "fuzz_control.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    fuzzer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzer)
    seed = time.time_ns() % 2**32
    figures = fuzzer.fuzz(INPUTS, seed)
    assert figures["crashes"] == 0, figures
    assert figures["inputs"] == INPUTS
    assert figures["read_as_requests"] > INPUTS // 100, "all input was refused at once"
    assert figures["connections_denied"] > 0


def browser_requests(host: str, http_port: int) -> list[bytes]:
    """What a page of any web site can make a browser send to this machine."""
    url_host = f"{host}:{http_port}"
    key = base64.b64encode(bytes(16)).decode()
    body = msgspec.msgpack.encode({"op": "shutdown", "id": 1})
    return [
        f"GET / HTTP/1.1\r\nHost: {url_host}\r\nOrigin: https://evil.example\r\n\r\n".encode(),
        f"POST /control HTTP/1.1\r\nHost: {url_host}\r\nOrigin: https://evil.example\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body,
        f"GET /chat HTTP/1.1\r\nHost: {url_host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: ZWS2.0\r\nOrigin: https://evil.example\r\n\r\n".encode(),
        f"OPTIONS * HTTP/1.1\r\nHost: {url_host}\r\nOrigin: null\r\n\r\n".encode(),
        # A POST whose body is a whole ZMTP conversation; the header comes before it all the same.
        b"POST / HTTP/1.1\r\nContent-Length: 200\r\n\r\n" + GREETING + b"\x04\x33\x05HELLO",
        # A TLS ClientHello, for https:// and wss://.
        b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(190),
    ]  # fmt: skip


def test_a_page_in_a_browser_has_no_effect_on_any_port(served: Any, honest: Honest) -> None:
    for address in served.addresses:
        for sent in browser_requests("127.0.0.1", port(address)):
            with connected(address) as browser, contextlib.suppress(OSError):
                browser.sendall(sent)
                browser.settimeout(2 * auth.HANDSHAKE_MS / 1000)
                answer = b""
                while part := browser.recv(4096):
                    answer += part
                # ZeroMQ's own greeting at most, which no browser takes for HTTP or a WebSocket.
                assert not answer.startswith(b"HTTP")
                assert len(answer) <= 64
        honest.go_on()
    assert [request for request, peer in served.asked if peer.app != "honest"] == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_real_http_client_gets_nothing(served: Any, honest: Honest, method: str) -> None:
    for address in served.addresses:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port(address)}/",
            data=b'{"op": "shutdown"}' if method == "POST" else None,
            headers={"Origin": "https://evil.example"},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises((urllib.error.URLError, OSError, ValueError)) as failed:
            opener.open(request, timeout=PATIENCE_S)
        assert not isinstance(failed.value, urllib.error.HTTPError)
    assert len(served.asked) == honest.asked + 1


def test_handshakes_that_never_end_are_cut_off_and_cost_no_memory(
    served: Any, honest: Honest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 to each port: silent, in the middle of the greeting, or before showing a token."""
    process = psutil.Process()
    before = process.num_fds() if psutil.POSIX else 0
    beginnings = [b"", GREETING[:10], GREETING[:40], GREETING, GREETING + b"\x04\x33\x05HEL"]
    strangers = []
    for address in served.addresses:
        for number in range(200):
            strangers.append(connected(address))
            strangers[-1].sendall(beginnings[number % len(beginnings)])
    honest.go_on()
    end = time.monotonic() + 4 * auth.HANDSHAKE_MS / 1000
    for stranger in strangers:
        stranger.settimeout(max(0.1, end - time.monotonic()))
        with contextlib.suppress(ConnectionError):  # cut off with something unread: a reset
            while stranger.recv(4096):
                pass
        stranger.close()
    if psutil.POSIX:
        until(lambda: process.num_fds() <= before + 5)


@pytest.mark.parametrize(("endpoint", "kind"), [(0, "SUB"), (1, "SUB"), (2, "DEALER")])
@pytest.mark.parametrize("sent", [0, 60_000, 1_000_000])
def test_messages_that_are_too_long_end_the_connection(
    served: Any,
    honest: Honest,
    load_script: Callable[[str], ModuleType],
    endpoint: int,
    kind: str,
    sent: int,
) -> None:
    """One that says it has a megabyte, whatever of it is sent."""
    asked = len(served.asked)
    connect = load_script("minimal_client.py").connect
    address, token = served.addresses[endpoint], served.guard.keys.control
    with connect(address, kind, "control", token) as hostile, contextlib.suppress(ConnectionError):
        hostile.sendall(b"\x02" + struct.pack(">Q", 1_000_000) + bytes(sent))
        while hostile.recv(4096):  # heartbeats, and then the end
            pass
    assert len(served.asked) == asked


def test_a_flood_of_requests_is_slowed_down_and_nobody_else(served: Any, honest: Honest) -> None:
    request = msgspec.msgpack.encode({"op": "time", "id": 1})
    with zmq.Context() as context:
        hostile = [dealer(served, context) for _ in range(5)]
        end = time.monotonic() + 2.0
        asked = 0
        while time.monotonic() < end:
            for flood in hostile:
                with contextlib.suppress(zmq.Again):
                    for _ in range(200):
                        flood.send(request, zmq.DONTWAIT)
            honest.control.ask(ask.GetTime())
            asked += 1
        assert served.controller.refused > 0
        assert asked > 5
        mine = sum(peer.app == "" for _, peer in served.asked)
        assert mine <= len(hostile) * (BURST + 200 * 10), "the budget was not kept"
        for flood in hostile:
            flood.close()
    honest.go_on()


def test_a_flood_of_subscriptions_stops_nobody(served: Any, honest: Honest) -> None:
    resident = psutil.Process().memory_info().rss
    with zmq.Context() as context:
        for address in served.addresses[:2]:
            with context.socket(zmq.XSUB) as hostile:
                hostile.linger = 0
                served.guard.keys.credentials("read").show(hostile)
                hostile.connect(address)
                for number in range(20_000):
                    hostile.send(b"\x01%d" % number)
                honest.go_on()
    honest.go_on()
    assert psutil.Process().memory_info().rss - resident < 60 * 1024 * 1024


def test_connections_that_come_and_go_leave_nothing_behind(served: Any, honest: Honest) -> None:
    process = psutil.Process()

    def come_and_go(count: int) -> None:
        for number in range(count):
            address = served.addresses[number % 3]
            with connected(address) as stranger:
                stranger.sendall(GREETING)
            with served.control("visitor") as control:
                control.ask(ask.GetTime())

    come_and_go(20)
    before = process.memory_info().rss, process.num_fds() if psutil.POSIX else 0
    come_and_go(50)
    assert process.memory_info().rss - before[0] < 4 * 1024 * 1024
    if psutil.POSIX:
        until(lambda: process.num_fds() <= before[1] + 6)


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
