"""A peer that answers the handshake of a client by the rules, and then breaks them."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01PLAIN" + bytes(47)
TOKEN = "t" * 43

Act = Callable[[socket.socket], None]


def frame(body: bytes, flags: int = 0) -> bytes:
    """A ZMTP frame."""
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | 2,)) + len(body).to_bytes(8, "big") + body


def command(name: bytes, data: bytes = b"") -> bytes:
    """A ZMTP command."""
    return frame(bytes((len(name),)) + name + data, 4)


def welcome(client: socket.socket) -> None:
    """Shake hands as a sidecar does, with whatever token."""
    client.sendall(GREETING)
    client.recv(1024)
    client.sendall(command(b"WELCOME"))
    client.recv(1024)
    client.sendall(command(b"READY", b"\x0bSocket-Type\x00\x00\x00\x03PUB"))


class FakePeer:
    """Listens on three ports of this machine, and leaves a file like a sidecar's."""

    def __init__(self, runtime: Path, act: Act) -> None:
        self._act = act
        self._stopping = threading.Event()
        self.connections = 0
        self._sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        addresses = [f"tcp://127.0.0.1:{s.getsockname()[1]}" for s in self._sockets]
        runtime.mkdir(parents=True, exist_ok=True)
        self.file = write_file(runtime, *addresses)
        self._threads = [threading.Thread(target=self._serve, args=(s,)) for s in self._sockets]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self.file.unlink()

    def _serve(self, listener: socket.socket) -> None:
        listener.settimeout(0.05)
        with listener:
            while not self._stopping.is_set():
                try:
                    client, _ = listener.accept()
                except TimeoutError:
                    continue
                self.connections += 1
                with client:
                    client.settimeout(1.0)
                    try:
                        self._act(client)
                    except OSError:
                        continue


def write_file(
    runtime: Path, state: str, events: str, control: str, token: str = TOKEN, pid: int | None = None
) -> Path:
    """The file by which clients find a sidecar."""
    pid = os.getpid() if pid is None else pid
    path = runtime / f"sidecar-{pid}.json"
    # On Linux since the system's start, elsewhere since the epoch.
    began = psutil.Process(pid).create_time() - (psutil.boot_time() if psutil.LINUX else 0.0)
    told = {
        "pid": pid, "process_started": began, "started_wall": time.time(), "version": "test",
        "state": state, "events": events, "control": control,
        "read_token": token, "control_token": token, "server_key": "", "schema": 2,
    }  # fmt: skip
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@contextlib.contextmanager
def serving(act: Act | None, receive_bytes: int | None = None) -> Iterator[str]:
    """Serve one client after the other on a port of this machine; its address.

    :param act: what to do with one; None: nobody listens there.
    :param receive_bytes: how much the system holds for a server that reads nothing.
    """
    stopping = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    if receive_bytes is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    listener.settimeout(0.05)
    address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

    def serve() -> None:
        while not stopping.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            with client, contextlib.suppress(OSError):
                client.settimeout(1.0)
                assert act is not None
                act(client)
                stopping.wait(10.0)  # the client is to end it

    if act is None:
        listener.close()
        yield address
        return
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield address
    finally:
        stopping.set()
        thread.join()
        listener.close()
