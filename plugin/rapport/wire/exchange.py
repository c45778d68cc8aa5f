"""Requests to the sidecar and their replies, one at a time."""

import math
import time
from typing import Any, TypeVar

import msgspec
import zmq
from zmq.utils.monitor import recv_monitor_message

from rapport.errors import AccessDenied, RequestRefused, SidecarSilent
from rapport.wire import control_codec as codec
from rapport.wire.address import allowed_endpoint
from rapport.wire.codec import MESSAGE_BYTES_MAX
from rapport.wire.credentials import Credentials
from rapport.wire.requests import Request, answer_type

Answer = TypeVar("Answer")

HEARTBEAT_MS = 2_000
HEARTBEAT_TIMEOUT_MS = 6_000
"""A sidecar that answers no heartbeat for so long is connected to anew."""


class Exchange:
    """A DEALER socket to the control endpoint, to be used in one thread at a time and closed.

    :raises AddressRefused: the address is not of the form `tcp://127.0.0.1:port`.
    """

    def __init__(
        self, context: "zmq.Context[zmq.Socket[bytes]]", address: str, credentials: Credentials
    ) -> None:
        self.address = allowed_endpoint(address, credentials.encrypted)
        self._context = context
        self._credentials = credentials
        self._number = 0
        self._open()

    def ask(self, request: Request[Answer], timeout_s: float) -> Answer:
        """Ask, and wait for the answer.

        :raises RequestRefused: the sidecar refused; `code` says why.
        :raises RequestInvalid: a field of the request is not what it must be.
        :raises SidecarSilent: no answer came in time; the request may have been carried out.
        :raises AccessDenied: the sidecar does not know the credentials.
        :raises MessageInvalid: the answer is not what the protocol says.
        """
        self._number += 1
        payload = codec.encode_request(msgspec.structs.replace(request, id=self._number))
        try:
            self._socket.send(payload, zmq.DONTWAIT)
            reply = self._wait(time.monotonic() + timeout_s)
        except (AccessDenied, SidecarSilent):
            # A new socket forgets what still waits to be sent: a request that failed must not
            # be carried out minutes later, when a sidecar is there again.
            self.close()
            self._open()
            raise
        if reply.error is not None:
            told = reply.error
            raise RequestRefused(told.what, told.code, told.meaning, told.remedy, told.retryable)
        return codec.decode_answer(reply, answer_type(type(request)))

    def close(self) -> None:
        """Disconnect. Idempotent."""
        if not self._socket.closed:
            self._socket.disable_monitor()
            self._monitor.close()
            self._socket.close()

    def _wait(self, deadline_s: float) -> codec.Reply:
        """The reply to the newest request; older ones, which nobody waits for, are passed over."""
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)
        while (left_s := deadline_s - time.monotonic()) > 0:
            ready = dict[Any, int](poller.poll(math.ceil(1000 * left_s)))
            if self._socket in ready:
                reply = codec.decode_reply(self._socket.recv_multipart(zmq.DONTWAIT)[-1])
                if reply.id == self._number:
                    return reply
            elif self._monitor in ready:
                recv_monitor_message(self._monitor)
                raise AccessDenied(f"the sidecar at {self.address} refused the token or key")
        raise SidecarSilent(f"no answer came from {self.address} in time")

    def _open(self) -> None:
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.IPV6, "[" in self.address)
        self._socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES_MAX)
        self._socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
        self._socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
        self._credentials.show(self._socket)
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self._socket.connect(self.address)
