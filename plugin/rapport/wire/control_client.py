"""Asks a running sidecar for things: consent, devices, a lease, its clock."""

import contextlib
import logging
import threading
import time
from pathlib import Path
from typing import TypeVar

import zmq

from rapport.capture.clock import now_ns
from rapport.errors import AccessDenied, RapportError, RequestRefused, SidecarNotFound
from rapport.wire import discovery
from rapport.wire.answers import Welcome
from rapport.wire.credentials import Credentials
from rapport.wire.exchange import Exchange
from rapport.wire.requests import EndLease, GetTime, Hello, Request, TakeLease

Answer = TypeVar("Answer")

LOOK_S = 0.05
"""Time between two looks for a sidecar while one is waited for."""
RENEW = 3.0
"""A lease is taken anew after this part of its time: two heartbeats may be lost."""
OFFSET_ROUNDS = 8
"""Requests to the sidecar's clock; the quickest tells the offset best."""

_log = logging.getLogger("rapport.wire")


def connect_control(
    app: str,
    name: str,
    timeout_s: float = 5.0,
    runtime_directory: str | Path | None = None,
    address: str = "",
    credentials: Credentials | None = None,
) -> "Control":
    """Connect to the newest running sidecar of this user and say hello.

    :param app: id of the application, for example `org.example.game`; consent is given to it.
    :param name: its name, for people.
    :param timeout_s: how long to wait in total for a sidecar and its answer, and later for each
        answer.
    :param runtime_directory: where to look for it; None: where sidecars are by default.
    :param address: the control address, instead of looking for a sidecar; with `credentials`.
    :raises SidecarNotFound: no sidecar runs.
    :raises SidecarSilent: one runs, but did not answer in time.
    :raises AccessDenied: the sidecar does not know the credentials.
    :raises AddressRefused: the address is not of the form `tcp://127.0.0.1:port`.
    """
    deadline_s = time.monotonic() + timeout_s
    while not address:
        directory = discovery.directory(runtime_directory)
        running = discovery.find(directory)
        if running is not None and running.control:
            address, credentials = running.control, running.credentials("control")
        elif (left_s := deadline_s - time.monotonic()) > 0:
            time.sleep(min(LOOK_S, left_s))
        else:
            raise SidecarNotFound(f"no sidecar that can be controlled was found in {directory}")
    if credentials is None:
        raise AccessDenied("an address was given, but no credentials")
    return Control(address, credentials, app, name, timeout_s)


class Control:
    """A connection to the control endpoint; made by `connect_control`, usable from any thread,
    to be closed. `welcome` is the sidecar's answer to hello."""

    def __init__(
        self, address: str, credentials: Credentials, app: str, name: str, timeout_s: float = 5.0
    ) -> None:
        self.welcome: Welcome
        self._address, self._credentials = address, credentials
        self._hello = Hello(app=app, name=name)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._lease: _Lease | None = None
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._exchange = self._connect()
            self.welcome = self._exchange.ask(self._hello, timeout_s)
        except BaseException:
            self._context.destroy(linger=0)
            raise

    def ask(self, request: Request[Answer], timeout_s: float | None = None) -> Answer:
        """Ask for something of `rapport.wire.requests`, and wait for the answer.

        :param timeout_s: None: as long as was said at connecting.
        :raises RequestRefused: the sidecar refused; `code` says why.
        :raises RequestInvalid: a field of the request is not what it must be.
        :raises SidecarSilent: no answer came in time; the request may have been carried out.
        """
        with self._lock:
            seconds = self._timeout_s if timeout_s is None else timeout_s
            return _ask(self._exchange, self._hello, request, seconds)

    def keep_lease(self, seconds: float = 1.5) -> None:
        """Take a lease and keep it with heartbeats from a thread and a connection of its own,
        until `end_lease` or `close`. If this process dies, the lease ends by itself.

        :raises RapportError: the first one was refused; see `ask`.
        """
        self.end_lease()
        self._lease = _Lease(self._connect(), self._hello, seconds, self._timeout_s)

    def end_lease(self) -> None:
        """End the lease that is kept, if one is."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.end()

    def clock_offset_ns(self, rounds: int = OFFSET_ROUNDS) -> int:
        """How far the sidecar's clock is ahead of this process's `now_ns`: by the midpoint method
        (Cristian 1989, "Probabilistic clock synchronization"), of the quickest of some rounds. On
        one machine it is close to zero."""
        offsets = []
        for _ in range(rounds):
            sent_ns = now_ns()
            answered = self.ask(GetTime())
            round_trip_ns = now_ns() - sent_ns
            offsets.append((round_trip_ns, answered.now_ns - sent_ns - round_trip_ns // 2))
        return min(offsets)[1]

    def close(self) -> None:
        """End the lease and disconnect. Idempotent."""
        self.end_lease()
        with self._lock:
            self._exchange.close()
        self._context.term()

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> Exchange:
        return Exchange(self._context, self._address, self._credentials)


class _Lease:
    """A lease and the thread that keeps it."""

    def __init__(self, exchange: Exchange, hello: Hello, seconds: float, timeout_s: float) -> None:
        self._exchange, self._hello = exchange, hello
        self._seconds, self._timeout_s = seconds, timeout_s
        self._ending = threading.Event()
        try:
            self._take(timeout_s)
        except BaseException:
            exchange.close()
            raise
        self._thread = threading.Thread(target=self._keep, name="rapport-lease", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ending.set()
        self._thread.join()
        with contextlib.suppress(RapportError):  # a sidecar that is gone keeps no lease
            _ask(self._exchange, self._hello, EndLease(), self._seconds)
        self._exchange.close()

    def _keep(self) -> None:
        while not self._ending.wait(self._seconds / RENEW):
            try:
                self._take(self._seconds)
            except RapportError as error:
                _log.debug("the lease could not be renewed: %s", error.code)

    def _take(self, timeout_s: float) -> None:
        _ask(self._exchange, self._hello, TakeLease(seconds=self._seconds), timeout_s)


def _ask(exchange: Exchange, hello: Hello, request: Request[Answer], timeout_s: float) -> Answer:
    """Ask, and say hello first if the sidecar does not know this connection (any more)."""
    try:
        return exchange.ask(request, timeout_s)
    except RequestRefused as refused:
        if refused.code != "hello_first":
            raise
    exchange.ask(hello, timeout_s)
    return exchange.ask(request, timeout_s)
