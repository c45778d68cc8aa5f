"""Servers that do what a test tells them to, good or bad, on a port of this machine."""

import contextlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from typing import Any

WAIT_S = 30.0
"""Longer than anything here takes; who waits this long has failed."""

Script = Callable[[socket.socket, int], None]
"""Answers the request of this number (from 1) on that connection, which is closed then."""


class Server:
    """Reads each request whole, keeps it, and lets the script answer."""

    def __init__(self, script: Script, host: str = "127.0.0.1") -> None:
        self._script = script
        self._host = host
        self._lock = threading.Lock()
        self._open = 0
        self.at_once = 0
        """The most requests that were open at one time."""
        self.requests: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.ended = threading.Event()
        """Set when a connection is over."""
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    owner._serve(self.request)
                owner.ended.set()

        class Listening(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Listening((host, 0), Handler)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://{self._host}:{self.port}/v1"

    def prompts(self) -> list[str]:
        """What was asked, in order."""
        return [request["messages"][0]["content"] for request in self.requests]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(WAIT_S)
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += _some(connection)
        with self._lock:
            self._open += 1
            self.at_once = max(self.at_once, self._open)
            self.heads.append(head.decode())
            self.requests.append(json.loads(body))
            number = len(self.requests)
        try:
            self._script(connection, number)
        finally:
            with self._lock:
                self._open -= 1


def _some(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("closed")
    return part


def response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answering(*bodies: bytes) -> Script:
    """Answers with these in turn, the last one for ever."""
    return lambda connection, number: connection.sendall(
        response(bodies[min(number, len(bodies)) - 1])
    )


def sending(raw: bytes) -> Script:
    return lambda connection, _number: connection.sendall(raw)


def silent(connection: socket.socket, _number: int) -> None:
    """Says nothing until the other side goes."""
    connection.recv(1)


def dripping(raw: bytes) -> Script:
    """One byte at a time, so that no pause is ever long."""

    def drip(connection: socket.socket, _number: int) -> None:
        for byte in raw:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)
        silent(connection, 0)

    return drip


def endless(connection: socket.socket, _number: int) -> None:
    """An answer without end, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def hanging_up(_connection: socket.socket, _number: int) -> None:
    """Goes without a word."""


def eventually(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
