"""The control endpoint: reads requests, has them handled, sends the replies."""

import contextlib
import logging
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import zmq

from rapport import settings
from rapport.errors import (
    HelloFirst,
    InternalError,
    RapportError,
    TooManyRequests,
)
from rapport.wire import control_codec as codec
from rapport.wire.answers import Answer
from rapport.wire.auth import Guard
from rapport.wire.codec import MESSAGE_BYTES_MAX
from rapport.wire.requests import (
    AnyRequest,
    CheckProfile,
    Describe,
    GetEvents,
    GetStatus,
    GetTime,
    Hello,
    ListDevices,
    SelectDevice,
)

BEFORE_HELLO = (Hello, GetStatus, GetTime, Describe, GetEvents)
"""Requests of which it does not matter which application asks."""
SLOW = (ListDevices, SelectDevice, CheckProfile)
"""Requests that may take long, and may be answered later than others of the same client; they are
handled one after another in a thread of their own. Setting a profile is none: the game's variables
may follow it at once."""
SLOW_WAITING_MAX = 16
"""Slow requests that wait; more are refused."""

REQUESTS_PER_S = 200.0
"""What each client may ask on average; a frame loop at 60 Hz stays far below."""
BURST = 200.0
"""Requests at once after a pause."""
BATCH = 20
"""Messages read, one client after another, before replies of the slow ones are looked at."""
FLOOD_PAUSE_S = 0.004
"""Pause after a batch in which somebody asked too much. It slows the flood down by leaving its
messages in the system's buffers, costs an honest client its length, and leaves the processor to
the game: at most `BATCH` messages are looked at in each."""
QUEUE = 100
"""Messages that wait in each direction per client; TCP holds back what comes on top, and replies
that nobody reads are dropped."""

PEERS_MAX = 256
"""Clients that are remembered; of more, the one that was silent longest is forgotten."""
SILENT_S = 60.0
"""A client that asks nothing for so long is forgotten, and has to say hello again."""
LOOK_MS = 1_000
"""How often the thread looks for silent clients when nothing comes."""
LINGER_MS = 250
"""How long closing waits for the last replies to go out (`shutdown` is answered)."""

_WAKE = "inproc://rapport.controller.wake"
_log = logging.getLogger("rapport.wire")


class Peer(msgspec.Struct, frozen=True):
    """A client of the control endpoint. `identity` is its connection's, made by ZeroMQ; `app` and
    `name` are what it said in `hello`, empty before."""

    identity: bytes
    app: str = ""
    name: str = ""


Handler = Callable[[AnyRequest, Peer], Answer]
"""Does what is asked and returns the answer; what it raises becomes the error of the reply. It is
called in the controller's thread, for `SLOW` requests in another: an answer that takes longer than
some milliseconds holds up all others."""


class _Known:
    """What is kept of a client: who it is, when it last asked, and what it may still ask."""

    __slots__ = ("budget", "peer", "seen_s")

    def __init__(self, peer: Peer) -> None:
        self.peer, self.seen_s, self.budget = peer, time.monotonic(), BURST

    def take(self) -> bool:
        """Take one request off the budget (token bucket); False: nothing is left."""
        now_s = time.monotonic()
        self.budget = min(BURST, self.budget + (now_s - self.seen_s) * REQUESTS_PER_S)
        self.seen_s = now_s
        if self.budget < 1.0:
            return False
        self.budget -= 1.0
        return True


class Controller:
    """A ROUTER socket and its thread.

    :param guard: the publisher's, which lets in who holds the control token.
    :param handle: see `Handler`.
    :param forgotten: told, in the controller's thread, of a client that said hello and was silent
        for `SILENT_S`.
    :raises PortInUse: `settings.control_port` cannot be bound.
    """

    def __init__(
        self,
        settings: settings.Wire,
        guard: Guard,
        handle: Handler,
        forgotten: Callable[[Peer], None] = lambda _peer: None,
    ) -> None:
        self.dropped = 0
        """Messages without a readable id, which could not even be answered."""
        self.refused = 0
        """Requests that were refused because the client asked too much."""
        self._handle = handle
        self._forgotten = forgotten
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._replies: deque[list[bytes]] = deque()
        self._slow_places = threading.BoundedSemaphore(SLOW_WAITING_MAX)
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="rapport-slow-requests")
        self._stopping = False
        self._waking = threading.Lock()
        self._socket = guard.socket(zmq.ROUTER, "control")
        self._socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES_MAX)
        self._socket.setsockopt(zmq.RCVHWM, QUEUE)
        self._socket.setsockopt(zmq.SNDHWM, QUEUE)
        self._socket.setsockopt(zmq.LINGER, LINGER_MS)
        try:
            self.address = guard.bind(self._socket, settings.control_port)
            """Where requests are taken, for example `tcp://127.0.0.1:40125`."""
        except BaseException:
            self._socket.close(linger=0)
            raise
        self._wake, self._waker = guard.context.socket(zmq.PAIR), guard.context.socket(zmq.PAIR)
        self._wake.bind(_WAKE)
        self._waker.connect(_WAKE)
        self._thread = threading.Thread(target=self._serve, name="rapport-control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer what is being handled and close the socket. Idempotent, from any thread but the
        handler's own: there, it only ends the serving."""
        self._stopping = True
        self._wake_up()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _serve(self) -> None:
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._wake, zmq.POLLIN)
        while not self._stopping:
            ready = dict(poller.poll(LOOK_MS))
            if self._wake in ready:
                self._wake.recv(zmq.DONTWAIT)
            if self._socket in ready and self._read_batch():
                time.sleep(FLOOD_PAUSE_S)
            self._send_replies()
            self._forget_silent(time.monotonic())
        self._slow.shutdown(cancel_futures=True)
        self._send_replies()
        self._socket.close()
        with self._waking:
            self._wake.close(linger=0)
            self._waker.close(linger=0)

    def _read_batch(self) -> bool:
        """Read some messages; whether one of them was too many."""
        flooded = False
        for _ in range(BATCH):
            try:
                frames = self._socket.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                break
            flooded |= self._read(frames)
        return flooded

    def _read(self, frames: list[bytes]) -> bool:
        """Read a message and answer it now or later; whether it was too many."""
        identity, *delimiter, payload = frames
        if delimiter not in ([], [b""]):  # DEALER sends none, REQ an empty one
            self.dropped += 1
            return False
        route = [identity, *delimiter]
        known = self._known_peer(identity)
        if not known.take():
            self.refused += 1
            too_many = TooManyRequests(f"more than {REQUESTS_PER_S:.0f} requests a second")
            self._refuse(route, codec.read_id(payload), too_many)
            return True
        request = codec.decode_request(payload)
        if isinstance(request, codec.Refused):
            self._refuse(route, request.id, request.error)
        elif not known.peer.app and not isinstance(request, BEFORE_HELLO):
            self._refuse(route, request.id, HelloFirst("this client did not say hello"))
        elif isinstance(request, SLOW):
            self._answer_later(route, request, known.peer)
        else:
            if isinstance(request, Hello):
                known.peer = Peer(identity, request.app, request.name)
            self._replies.append([*route, self._answer(request, known.peer)])
        return False

    def _answer(self, request: AnyRequest, peer: Peer) -> bytes:
        """Have a request handled; returns the reply, whatever happens."""
        try:
            return codec.encode_reply(request.id, self._handle(request, peer))
        except RapportError as error:
            return codec.encode_error(request.id, error)
        except Exception as error:  # noqa: BLE001  told to the client and in the log
            # Where it happened and not what it says, which may quote the request.
            where = "".join(traceback.format_tb(error.__traceback__))
            name = type(request).__name__
            _log.error("%s failed with %s:\n%s", name, type(error).__name__, where)
            return codec.encode_error(request.id, InternalError(f"{name} failed in the sidecar"))

    def _answer_later(self, route: list[bytes], request: AnyRequest, peer: Peer) -> None:
        if not self._slow_places.acquire(blocking=False):
            busy = TooManyRequests("too many slow requests wait already")
            self._refuse(route, request.id, busy)
            return

        def answer() -> None:
            self._replies.append([*route, self._answer(request, peer)])
            self._slow_places.release()
            self._wake_up()

        self._slow.submit(answer)

    def _refuse(self, route: list[bytes], number: int | None, error: RapportError) -> None:
        if number is None:
            self.dropped += 1
        else:
            self._replies.append([*route, codec.encode_error(number, error)])

    def _send_replies(self) -> None:
        while self._replies:
            try:
                self._socket.send_multipart(self._replies.popleft(), zmq.DONTWAIT)
            except zmq.ZMQError as error:
                _log.debug("a reply could not be sent: %s", error.strerror)

    def _known_peer(self, identity: bytes) -> _Known:
        known = self._known.get(identity)
        if known is None:
            known = self._known[identity] = _Known(Peer(identity))
        self._known.move_to_end(identity)
        if len(self._known) > PEERS_MAX:
            self._forget(next(iter(self._known)))
        return known

    def _forget_silent(self, now_s: float) -> None:
        while self._known:
            identity, known = next(iter(self._known.items()))
            if now_s - known.seen_s < SILENT_S:
                return
            self._forget(identity)

    def _forget(self, identity: bytes) -> None:
        peer = self._known.pop(identity).peer
        if peer.app:
            try:
                self._forgotten(peer)
            except Exception as error:  # noqa: BLE001  the endpoint must go on
                _log.error("forgetting a client failed with %s", type(error).__name__)

    def _wake_up(self) -> None:
        with self._waking:
            if not self._waker.closed:
                with contextlib.suppress(zmq.Again):  # enough calls wait already
                    self._waker.send(b"", zmq.DONTWAIT)
