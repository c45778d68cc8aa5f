"""What lets a client in: a scope with its token, or CURVE keys.

Over loopback it is ZeroMQ's PLAIN mechanism with the scope as user name and the token as
password. With CURVE the secret is the client's own secret key, and what it may do depends on
where the sidecar keeps the public one.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec
import zmq
import zmq.auth

from rapport.errors import AccessDenied, KeysUnreadable

Scope = Literal["read", "control"]
"""`read`: states and events; `control`: requests too."""


class Credentials(msgspec.Struct, frozen=True):
    """What a client shows. `secret` is the scope's token or, if `server_key` (the sidecar's
    public key) is given, the client's secret CURVE key; both keys in Z85. Never to be logged;
    `repr` leaves the secret out."""

    scope: Scope
    secret: str
    server_key: str = ""

    @property
    def encrypted(self) -> bool:
        """Whether CURVE is used."""
        return bool(self.server_key)

    def show(self, socket: zmq.Socket[Any]) -> None:
        """Set up a socket that is not connected yet.

        :raises AccessDenied: the token cannot be one: it is empty or too long.
        :raises KeysUnreadable: a CURVE key is none.
        """
        if not self.server_key:
            try:
                socket.setsockopt_string(zmq.PLAIN_USERNAME, self.scope)
                socket.setsockopt_string(zmq.PLAIN_PASSWORD, self.secret)
            except zmq.ZMQError as error:
                raise AccessDenied("what was given as a token cannot be one") from error
            return
        try:
            secret = self.secret.encode("ascii")
            socket.setsockopt(zmq.CURVE_PUBLICKEY, zmq.curve_public(secret))
            socket.setsockopt(zmq.CURVE_SECRETKEY, secret)
            socket.setsockopt(zmq.CURVE_SERVERKEY, self.server_key.encode("ascii"))
        except (zmq.ZMQError, ValueError) as error:
            raise KeysUnreadable("a CURVE key is not 40 characters of Z85") from error

    def __repr__(self) -> str:
        return f"Credentials(scope={self.scope!r}, encrypted={self.encrypted})"


def curve_credentials(scope: Scope, secret_file: Path, server_file: Path) -> Credentials:
    """Credentials from the client's secret and the sidecar's public key file.

    :raises KeysUnreadable: a file is missing, or holds no such key.
    """
    server_key, _ = load_key(server_file)
    _, secret = load_key(secret_file)
    if not secret:
        raise KeysUnreadable(f"{secret_file} holds no secret key")
    return Credentials(scope, secret, server_key)


def load_key(file: Path) -> tuple[str, str]:
    """The public and the secret key of a key file, the secret empty if it holds none.

    :raises KeysUnreadable: it is missing, or no key file.
    """
    try:
        public, secret = zmq.auth.load_certificate(file)
        return public.decode("ascii"), (secret or b"").decode("ascii")
    except (OSError, ValueError, IndexError) as error:
        raise KeysUnreadable(f"{file}: no CURVE key could be read") from error
