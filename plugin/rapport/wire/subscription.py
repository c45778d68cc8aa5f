"""One SUB socket that stays connected, whatever the other end does."""

import math
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from rapport.wire.address import allowed_endpoint
from rapport.wire.codec import MESSAGE_BYTES_MAX
from rapport.wire.credentials import Credentials

HEARTBEAT_MS = 2_000
HEARTBEAT_TIMEOUT_MS = 6_000
"""A publisher that answers no heartbeat for so long is connected to anew."""
REOPEN_S = 0.25
"""Least time between two new connections after a broken one."""


class Subscription:
    """Receives the frames of one topic from one address.

    `newest_only` keeps the newest frame and drops the others even while nobody reads (CONFLATE);
    else up to `queue` frames wait in order. ZeroMQ connects anew by itself when a connection is
    lost, but never after a breach of the protocol, such as a frame that is too long; so every
    disconnection is watched for, and answered with a new socket.

    :param credentials: what lets it in; None: nothing is asked for (as by a bare ZeroMQ socket).
    :raises AddressRefused: the address is not of the form `tcp://127.0.0.1:port`.
    """

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        address: str,
        topic: bytes,
        credentials: Credentials | None = None,
        *,
        newest_only: bool = False,
        queue: int = 1,
    ) -> None:
        encrypted = credentials is not None and credentials.encrypted
        self.address = allowed_endpoint(address, encrypted)
        self.denied = False
        """Whether the other end let nobody in with these credentials."""
        self._context = context
        self._credentials = credentials
        self._topic = topic
        self._queue = (zmq.CONFLATE, 1) if newest_only else (zmq.RCVHWM, queue)
        self._open()

    def receive(self) -> bytes | None:
        """The next frame, or None when there is none yet."""
        try:
            return self._socket.recv(zmq.DONTWAIT)
        except zmq.Again:
            self._look_at_connection()
            if self._was_cut and time.monotonic() - self._opened_s > REOPEN_S:
                self.close()
                self._open()
            return None

    def wait(self, timeout_s: float) -> None:
        """Return when there is a frame, or after the time."""
        self._socket.poll(math.ceil(1000 * timeout_s))

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until the connection stands; returns whether it does."""
        deadline = time.monotonic() + timeout_s
        self._look_at_connection()
        while not (self._connected or self.denied) and (left := deadline - time.monotonic()) > 0:
            self._monitor.poll(math.ceil(1000 * left))
            self._look_at_connection()
        return self._connected

    def close(self) -> None:
        """Disconnect. Idempotent."""
        if not self._socket.closed:
            self._socket.disable_monitor()
            self._monitor.close()
            self._socket.close()

    def _open(self) -> None:
        self._opened_s = time.monotonic()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.IPV6, "[" in self.address)
        self._socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES_MAX)
        self._socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
        self._socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
        self._socket.setsockopt(*self._queue)
        self._socket.setsockopt(zmq.SUBSCRIBE, self._topic)
        if self._credentials is not None:
            self._credentials.show(self._socket)
        self._monitor = self._socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_DISCONNECTED
        )
        self._connected = self._was_cut = False
        self._socket.connect(self.address)

    def _look_at_connection(self) -> None:
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)["event"]
            self._connected = event == zmq.EVENT_HANDSHAKE_SUCCEEDED
            self._was_cut = not self._connected
            if event != zmq.EVENT_DISCONNECTED:
                self.denied = not self._connected
