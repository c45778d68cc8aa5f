"""Who is let in: the sidecar's tokens and keys, and the handler that checks them.

ZeroMQ asks a handler in the same process about every connection before a single message of it is
read (ZAP, https://rfc.zeromq.org/spec/27/). pyzmq's own handler is not used, because it writes
passwords to the debug log and knows no scopes.
"""

import errno
import hmac
import logging
import secrets
import threading
from pathlib import Path
from typing import Any, Literal

import msgspec
import zmq
import zmq.auth
from zmq.utils import z85

from rapport import settings
from rapport.errors import AddressRefused, KeysUnreadable, PortInUse
from rapport.wire.address import allowed_host
from rapport.wire.credentials import Credentials, Scope, load_key

Endpoint = Literal["state", "events", "control"]

ALLOWED: dict[str, frozenset[Scope]] = {
    "state": frozenset(("read", "control")),
    "events": frozenset(("read", "control")),
    "control": frozenset(("control",)),
}
"""Which scopes each endpoint lets in."""

TOKEN_BYTES = 32
"""Random bytes of a token: beyond any guessing."""
HANDSHAKE_MS = 5_000
"""Who has not shown a valid token after so long is cut off. On one machine it takes a millisecond;
a process that opens connections and says nothing must not hold their descriptors."""
HEARTBEAT_MS = 5_000
HEARTBEAT_TIMEOUT_MS = 30_000
"""A client that answers no heartbeat for so long is cut off. A game that loads a scene on the
thread that reads may be silent for many seconds and should not lose its events for it."""

_ZAP = "inproc://zeromq.zap.01"
_STOP = "inproc://rapport.guard.stop"
_BIND_ERRORS = {
    errno.EADDRINUSE: PortInUse,
    # A port that needs privileges, or one that Windows keeps for another program.
    errno.EACCES: PortInUse,
}

_log = logging.getLogger("rapport.wire")


class Keys(msgspec.Struct, frozen=True):
    """What clients on this machine show, fresh at every start: the tokens of both scopes. With
    CURVE they are secret keys, and `server` is the sidecar's public one."""

    read: str
    control: str
    server: str = ""

    def credentials(self, scope: Scope) -> Credentials:
        """What a client shows to be let in under a scope."""
        return Credentials(scope, getattr(self, scope), self.server)

    def __repr__(self) -> str:
        return "Keys(...)"


class Guard:
    """Makes the sidecar's sockets, and lets in whoever shows a token or key of the right scope.

    :raises KeysUnreadable: a CURVE key file that the settings name cannot be used.
    :raises AddressRefused: `settings.host` is not loopback, and there are no CURVE keys.
    """

    def __init__(self, settings: settings.Wire) -> None:
        self._server_secret, known = _load_curve(settings)
        self._host = allowed_host(settings.host, encrypted=bool(self._server_secret))
        self.keys = _fresh_keys(self._server_secret)
        self._scopes = known | self._fresh_scopes()
        self.denied = 0
        """Connections that were not let in."""
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._handler = self.context.socket(zmq.REP)
        self._handler.bind(_ZAP)
        self._told_to_stop = self.context.socket(zmq.PAIR)
        self._told_to_stop.bind(_STOP)
        self._thread = threading.Thread(target=self._answer, name="rapport-guard", daemon=True)
        self._thread.start()

    def socket(self, kind: int, endpoint: Endpoint) -> zmq.Socket[bytes]:
        """A socket that is not bound yet and lets in only whom it should."""
        socket = self.context.socket(kind)
        socket.setsockopt_string(zmq.ZAP_DOMAIN, endpoint)
        if self._server_secret:
            socket.setsockopt(zmq.CURVE_SERVER, 1)
            socket.setsockopt_string(zmq.CURVE_SECRETKEY, self._server_secret)
        else:
            socket.setsockopt(zmq.PLAIN_SERVER, 1)
        socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
        # Not TCP keepalive: on loopback a dead peer closes its connection, and only a heartbeat
        # sees one that hangs.
        socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
        socket.setsockopt(zmq.HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS)
        return socket

    def bind(self, socket: zmq.Socket[bytes], port: int) -> str:
        """Bind a socket to the host and a port (0: any free one); returns its address.

        :raises PortInUse: the port cannot be had.
        :raises AddressRefused: the host is not an address of this machine.
        """
        host = self._host
        try:
            socket.setsockopt(zmq.IPV6, host.startswith("["))
            socket.bind(f"tcp://{host}:{port or '*'}")
        except zmq.ZMQError as error:
            kind = _BIND_ERRORS.get(error.errno or 0, AddressRefused)
            raise kind(f"tcp://{host}:{port} cannot be bound: {error.strerror}") from error
        return socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def close(self) -> None:
        """End the handler and the context; every socket made here must be closed. Idempotent."""
        if self.context.closed:
            return
        with self.context.socket(zmq.PAIR) as stop:
            stop.connect(_STOP)
            stop.send(b"")
            self._thread.join()
        self.context.term()

    def _fresh_scopes(self) -> dict[str, Scope]:
        """The fresh keys' public halves; nothing without CURVE."""
        if not self._server_secret:
            return {}
        scopes: tuple[Scope, ...] = ("read", "control")
        return {_public(getattr(self.keys, scope)): scope for scope in scopes}

    def _answer(self) -> None:
        """The handler's thread: one reply to every connection."""
        poller = zmq.Poller()
        poller.register(self._handler, zmq.POLLIN)
        poller.register(self._told_to_stop, zmq.POLLIN)
        while self._told_to_stop not in dict(poller.poll()):
            request = self._handler.recv_multipart()
            scope = self._scope(request)
            self.denied += not scope
            status, text = (b"200", b"") if scope else (b"400", b"denied")
            version, number = (*request, b"", b"")[:2]
            self._handler.send_multipart(
                [version, number, status, text, scope.encode() if scope else b"", b""]
            )
        self._handler.close(linger=0)
        self._told_to_stop.close(linger=0)

    def _scope(self, request: list[bytes]) -> Scope | None:
        """The scope under which a connection is let in, or None."""
        if len(request) < 6:
            return None
        endpoint, mechanism, shown = request[2].decode("latin-1"), request[5], request[6:]
        scope: Scope | None = None
        if mechanism == b"PLAIN" and len(shown) == 2:
            scope = self._of_token(*shown)
        elif mechanism == b"CURVE" and len(shown) == 1:
            scope = self._scopes.get(z85.encode(shown[0]).decode("ascii"))
        return scope if scope in ALLOWED.get(endpoint, ()) else None

    def _of_token(self, name: bytes, token: bytes) -> Scope | None:
        scopes: tuple[Scope, ...] = ("read", "control")
        for scope in scopes:
            expected = getattr(self.keys, scope).encode()
            if name == scope.encode() and hmac.compare_digest(token, expected):
                return scope
        return None


def make_keys(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a pair of CURVE keys; returns the public and the secret file, the latter readable by
    this user only.

    :raises KeysUnreadable: they cannot be written, or are there already.
    """
    public, secret = folder / f"{name}.key", folder / f"{name}.key_secret"
    if public.exists() or secret.exists():
        raise KeysUnreadable(f"{public} is there already and is not replaced")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret.touch(mode=0o600)  # before it holds anything; what is there keeps its mode
        zmq.auth.create_certificates(folder, name)
    except OSError as error:
        raise KeysUnreadable(f"{folder}: {error.strerror or error}") from error
    return public, secret


def _load_curve(settings: settings.Wire) -> tuple[str, dict[str, Scope]]:
    """The sidecar's secret key, empty without CURVE, and the clients' public keys."""
    if not settings.curve_server_secret:
        if settings.curve_clients:
            raise KeysUnreadable("wire.curve_clients is set, but not wire.curve_server_secret")
        return "", {}
    _, secret = load_key(Path(settings.curve_server_secret).expanduser())
    if not secret:
        raise KeysUnreadable(f"{settings.curve_server_secret} holds no secret key")
    _public(secret)
    scopes: dict[str, Scope] = {}
    if settings.curve_clients:
        folder = Path(settings.curve_clients).expanduser()
        if not folder.is_dir():
            raise KeysUnreadable(f"{folder} is no folder")
        scopes |= {load_key(file)[0]: "read" for file in folder.glob("*.key")}
        scopes |= {load_key(file)[0]: "control" for file in folder.glob("control/*.key")}
    return secret, scopes


def _fresh_keys(server_secret: str) -> Keys:
    if not server_secret:
        return Keys(secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES))
    read, control = (zmq.curve_keypair()[1].decode("ascii") for _ in range(2))
    return Keys(read, control, _public(server_secret))


def _public(secret: str) -> str:
    try:
        public: Any = zmq.curve_public(secret.encode("ascii"))
        return str(public.decode("ascii"))
    except (zmq.ZMQError, ValueError) as error:
        raise KeysUnreadable("a secret key is not 40 characters of Z85") from error
