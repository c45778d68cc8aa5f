"""A sidecar that does what a test says: real ZeroMQ sockets, whatever is published or answered."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import zmq

from rapport.capture.clock import now_ns, wall
from rapport.settings import Wire
from rapport.state import LABELS, EmotionState, Event, EventKind
from rapport.wire import codec, discovery
from rapport.wire.auth import Endpoint, Guard, Keys

POLL_MS = 20
STATE_INTERVAL_S = 0.02
Answer = dict[str, Any]


def state_frame(sequence: int) -> bytes:
    """A state that knows nothing, published now."""
    state = EmotionState(now_ns(), wall(), "uncertain", 0.0, {})
    state = msgspec.structs.replace(state, sequence=sequence, schema=5, published_ns=now_ns())
    frame = bytearray()
    codec.encode_into(codec.STATE_TOPIC, state, frame)
    return bytes(frame)


def event_frame(sequence: int, detail: str = "") -> bytes:
    """An event of that number."""
    event = Event(EventKind.STATUS, now_ns(), wall(), detail=detail, schema=5, sequence=sequence)
    frame = bytearray()
    codec.encode_into(codec.EVENT_TOPIC, event, frame)
    return bytes(frame)


class FakeSidecar:
    """Publishes a state every 20 ms; events by `publish`; answers requests with `answer`.

    `asked` is what was asked. One that is not `guarded` has no tokens: ZMTP's NULL mechanism.
    """

    def __init__(self, runtime: Path, guarded: bool = True) -> None:
        self.asked: list[Answer] = []
        self.answers: dict[str, Callable[[Answer], Answer]] = {"hello": lambda _: welcome()}
        self.states = 0
        self._guard = Guard(Wire()) if guarded else None
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._state, self._events = self._socket(zmq.PUB, "state"), self._socket(zmq.PUB, "events")
        self._control = self._socket(zmq.ROUTER, "control")
        self._addresses = []
        for one in (self._state, self._events, self._control):
            one.bind("tcp://127.0.0.1:*")
            self._addresses.append(one.getsockopt_string(zmq.LAST_ENDPOINT))
        keys = self._guard.keys if self._guard else Keys("", "")
        self.file = discovery.register(runtime, *self._addresses, keys)
        self._threads = [threading.Thread(target=run) for run in (self._publish, self._serve)]
        for thread in self._threads:
            thread.start()

    def publish(self, *frames: bytes, on_state: bool = False) -> None:
        """Send frames on the events endpoint, or on that of the states."""
        with self._lock:
            for frame in frames:
                (self._state if on_state else self._events).send(frame)

    def cut_events(self) -> None:
        """Break all connections of the events endpoint; another socket listens there at once."""
        with self._lock:
            self._events.close(linger=0)
            self._events = self._socket(zmq.PUB, "events")
            for _ in range(500):
                with contextlib.suppress(zmq.ZMQError):
                    self._events.bind(self._addresses[1])
                    return
                time.sleep(0.01)
            raise AssertionError("the port stays taken")

    def wait_asked(self, op: str, count: int = 1, seconds: float = 30.0) -> list[Answer]:
        """Wait until something was asked so often; all requests of that kind."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = [request for request in list(self.asked) if request["op"] == op]
            if len(found) >= count:
                return found
            time.sleep(0.01)
        raise AssertionError(f"{op} was asked {len(found)} times")

    def close(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self.file.unlink(missing_ok=True)
        for socket in (self._state, self._events, self._control):
            socket.close(linger=0)
        self._context.term()
        if self._guard:
            self._guard.close()

    def _socket(self, kind: int, endpoint: Endpoint) -> "zmq.Socket[bytes]":
        return self._guard.socket(kind, endpoint) if self._guard else self._context.socket(kind)

    def _publish(self) -> None:
        while not self._stopping.wait(STATE_INTERVAL_S):
            self.states += 1
            self.publish(state_frame(self.states), on_state=True)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            if not self._control.poll(POLL_MS):
                continue
            peer, payload = self._control.recv_multipart()
            request = msgspec.msgpack.decode(payload)
            self.asked.append(request)
            answer = self.answers.get(request["op"], lambda _: {})(request)
            key = "error" if "code" in answer else "reply"
            reply = msgspec.msgpack.encode({"id": request.get("id", 0), key: answer})
            self._control.send_multipart([peer, reply])


@contextlib.contextmanager
def fake_sidecar(runtime: Path, guarded: bool = True) -> Iterator[FakeSidecar]:
    """A fake sidecar for the time of a block."""
    sidecar = FakeSidecar(runtime, guarded)
    try:
        yield sidecar
    finally:
        sidecar.close()


def welcome() -> Answer:
    """The answer to hello."""
    words = {"labels": LABELS, "modalities": (), "conditions": (), "capabilities": ()}
    return {"schema": 5, "version": "test", "pid": os.getpid(), **words, "languages": ("en",)}
