"""One request to the language model's server, under a deadline that nothing it does can move.

No redirect is followed, no proxy and no cookie is used, nothing is decompressed, and only addresses
that were checked are connected to.
"""

# ruff: noqa: ARG002  the signatures are httpcore's; its time-outs give way to the deadline
import errno
import logging
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import httpcore
import msgspec

from rapport.conversation.appraiser.answer import SCHEMA
from rapport.conversation.appraiser.endpoint import POLL_S, Endpoint, Over, addresses
from rapport.errors import EndpointFailed, EndpointSlow, EndpointUnreachable
from rapport.settings import Appraiser as AppraiserSettings

ANSWER_BYTES_MAX = 64 * 1024
"""An honest answer has about one kilobyte, with the thoughts of a talkative model some ten."""
TOKENS_MAX = 400
"""The object that is asked for has about 150."""
OK = 200
HEADERS: list[tuple[bytes | str, bytes | str]] = [
    ("Content-Type", "application/json"),
    ("Accept", "application/json"),
    ("Accept-Encoding", "identity"),
    ("Connection", "close"),
]
FORMATS: dict[str, dict[str, Any]] = {
    "json_schema": {
        "type": "json_schema",
        "json_schema": {"name": "appraisal", "strict": True, "schema": SCHEMA},
    },
    # Not OpenAI's: llama-cpp-python's server and older ones of llama.cpp take the schema so.
    "json_object": {"type": "json_object", "schema": SCHEMA},
    "text": {"type": "text"},
}
PENDING = (errno.EINPROGRESS, errno.EWOULDBLOCK)
"""What a connection that is being made answers, on one system or another."""

# At its debug level httpcore logs headers, which a server can fill with what it was told.
logging.getLogger("httpcore").setLevel(logging.WARNING)

Result = TypeVar("Result")


def body(prompt: str, settings: AppraiserSettings) -> bytes:
    """A request for a chat completion: one message, one answer of the schema."""
    asked: dict[str, Any] = {
        "messages": [{"role": "user", "content": prompt}],
        "response_format": FORMATS[settings.response_format],
        "temperature": 0,
        "max_tokens": TOKENS_MAX,
        "stream": False,
    }
    return msgspec.json.encode({"model": settings.model, **asked} if settings.model else asked)


def send(to: Endpoint, content: bytes, seconds: float, over: Over) -> bytes:
    """Send a request and return what it is answered.

    :param seconds: how long all of it may take, from looking up the name to the last byte.
    :param over: is asked every `POLL_S`, and raises to give the request up.
    :raises EndpointUnreachable, EndpointRefused: nobody is there, or may be asked there.
    :raises EndpointSlow: the answer was not complete in time.
    :raises EndpointFailed: the status is not 200 (a redirect is none), the answer is too large, or
        the connection broke off.
    """
    still = _within(seconds, over)
    headers = [*HEADERS, ("Authorization", f"Bearer {to.key}")] if to.key else HEADERS
    network = _Network(addresses(to, still), still)
    try:
        with (
            httpcore.ConnectionPool(network_backend=network) as pool,
            pool.stream("POST", to.url, headers=headers, content=content) as response,
        ):
            if response.status != OK:
                raise EndpointFailed(f"The endpoint answered {response.status}.")
            return _whole(response.iter_stream())
    except httpcore.ProtocolError:
        # Not the cause's own words: a server can write them.
        raise EndpointFailed("The endpoint broke off, or speaks no HTTP.") from None


def knock(at: Endpoint, seconds: float) -> None:
    """Connect, and go without a word.

    :raises EndpointUnreachable, EndpointRefused, EndpointSlow: as `send`.
    """
    still = _within(seconds, lambda: None)
    _Network(addresses(at, still), still).connect_tcp(at.host, at.port).close()


def _within(seconds: float, over: Over) -> Over:
    """The same, and over when the time is."""
    deadline = time.monotonic() + seconds

    def still() -> None:
        over()
        if time.monotonic() > deadline:
            raise EndpointSlow(f"No whole answer came within {seconds:g} s.")

    return still


def _whole(chunks: Iterable[bytes]) -> bytes:
    read = bytearray()
    for chunk in chunks:
        read += chunk
        if len(read) > ANSWER_BYTES_MAX:
            raise EndpointFailed(f"The answer is larger than {ANSWER_BYTES_MAX:,} bytes.")
    return bytes(read)


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were checked, whatever name the request has."""

    def __init__(self, checked: tuple[str, ...], over: Over) -> None:
        self._checked = checked
        self._over = over

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self._checked:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                connection = socket.socket(family, socket.SOCK_STREAM)
            except OSError:  # no IPv6 here
                continue
            try:
                self._connect(connection, (address, port))
            except OSError:
                connection.close()
            except BaseException:
                connection.close()
                raise
            else:
                return _Stream(connection, self._over)
        raise EndpointUnreachable(f"Nobody answers at {host}, port {port}.")

    def _connect(self, connection: socket.socket, address: tuple[str, int]) -> None:
        """:raises OSError: it cannot be reached."""
        connection.setblocking(False)
        answer = connection.connect_ex(address)
        if answer in PENDING:
            with selectors.DefaultSelector() as selector:
                selector.register(connection, selectors.EVENT_WRITE)
                while not selector.select(POLL_S):
                    self._over()
            answer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if answer:
            raise OSError(answer, "cannot be reached")
        connection.settimeout(POLL_S)


class _Stream(httpcore.NetworkStream):
    """A connection that looks every `POLL_S` whether it is still to go on."""

    def __init__(self, connection: socket.socket, over: Over) -> None:
        self._connection = connection
        self._over = over

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._patiently(partial(self._connection.recv, max_bytes))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        sent = 0
        while sent < len(buffer):
            sent += self._patiently(partial(self._connection.send, buffer[sent:]))

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            secured = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._connection = secured
            self._patiently(secured.do_handshake)
        except BaseException:
            self.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        return {"is_readable": False}.get(info)

    def _patiently(self, act: Callable[[], Result]) -> Result:
        """Do it in spite of short time-outs, until it is over.

        :raises EndpointFailed: the connection is broken.
        """
        while True:
            self._over()
            try:
                return act()
            except TimeoutError:
                continue
            except OSError as error:
                raise EndpointFailed(f"The connection broke: {type(error).__name__}.") from None
