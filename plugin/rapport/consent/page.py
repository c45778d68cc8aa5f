"""Rapport's own page of consent: one question, on a server of its own that lives for one answer.

It listens on 127.0.0.1 only, on a port and under a path that nobody can guess, and believes no
request that another page could have sent: the Host header must be its own address (else a
foreign name could be bound to 127.0.0.1), and an answer must come from its own page.
"""

import logging
import secrets
import socketserver
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from rapport.consent import markup, text
from rapport.consent.entries import PERMISSIONS, Permission
from rapport.errors import ConsentTextUnknown, RapportError

HOST = "127.0.0.1"
TOKEN_BYTES = 32
BODY_BYTES_MAX = 4096
"""An answer has some hundred."""
FIELDS_MAX = 16
REQUEST_TIMEOUT_S = 5.0
"""Who says nothing for this long is cut off."""
CONNECTIONS_MAX = 32
"""A browser opens a handful; more at one time are closed unheard."""
POLL_S = 0.05
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Content-Security-Policy": markup.POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not no-referrer: browsers would then send `Origin: null` with the answer.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_log = logging.getLogger("rapport.consent")


class Answer(NamedTuple):
    """What the player ticked (nothing: no), and the language that it was read in."""

    permissions: tuple[str, ...]
    language: str


Keep = Callable[[Answer], None]
"""Writes the answer down; called once, from a thread of the server, before the page says that it
is saved."""


class ConsentPage:
    """Asks one question on a page, from construction until `close`.

    :param app: id and `name` of the application that is asked for.
    :param language: the language that the page opens in; it offers all.
    :param permissions: what is asked for, each with a box of its own.
    """

    def __init__(
        self,
        app: str,
        name: str,
        language: str,
        keep: Keep,
        permissions: tuple[Permission, ...] = PERMISSIONS,
    ) -> None:
        self.app, self.name, self.language = app, name, text.find(language)
        self.permissions = permissions
        self._keep = keep
        self._answering = threading.Lock()
        self._answer: Answer | None = None
        self._failure: RapportError | None = None
        self._over = threading.Event()
        self.path = f"/{secrets.token_urlsafe(TOKEN_BYTES)}/"
        self._server = _Server((HOST, 0), _Handler)
        self._server.page = self
        self.origin = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_S,), name="consent-page", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """What the browser is to open; a secret until it is answered."""
        return self.origin + self.path

    def wait(self, seconds: float) -> Answer | None:
        """The answer, which is kept by then; None: nobody answered in time.

        :raises RapportError: it could not be kept.
        """
        self._over.wait(seconds)
        if self._failure is not None:
            raise self._failure
        return self._answer

    def close(self) -> None:
        """End the server. Idempotent."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, language: str) -> str:
        """The page with the question, or that it is over."""
        shown = text.shown(language, self.name)
        if self._answer is not None or self._failure is not None:
            return markup.note(shown, language, shown.page.over)
        return markup.question(shown, language, self.app, self.name, self.path, self.permissions)

    def take(self, answer: Answer) -> str | None:
        """Keep the first answer; the page that says so, or None: there was one before."""
        with self._answering:
            if self._answer is not None or self._failure is not None:
                return None
            shown = text.shown(answer.language, self.name)
            try:
                self._keep(answer)
            except RapportError as error:
                self._failure = error
                return markup.note(shown, answer.language, str(error))
            self._answer = answer
        said = shown.page.saved if answer.permissions else shown.page.declined
        return markup.note(shown, answer.language, said)

    def told(self) -> None:
        """The browser has the page that ends it."""
        if self._answer is not None or self._failure is not None:
            self._over.set()


class _Server(ThreadingHTTPServer):
    """One thread a request, up to a number."""

    daemon_threads = True
    # On Windows it would let another program take over the port.
    allow_reuse_address = False
    # Who comes in a burst is heard, or closed at once, instead of trying again for seconds.
    request_queue_size = CONNECTIONS_MAX
    page: ConsentPage

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(CONNECTIONS_MAX)
        super().__init__(*arguments)

    def server_bind(self) -> None:
        # Not HTTPServer's, which asks the name service what this machine is called.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        _log.debug("a request to the page of consent failed", exc_info=True)


class _Refused(Exception):
    """A request that is not answered as asked."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: _Server
    timeout = REQUEST_TIMEOUT_S

    def do_GET(self) -> None:
        try:
            query = self._checked_query()
            language = text.find(query.get("language", [self.server.page.language])[0])
        except _Refused as refused:
            self.send_error(refused.status)
        except ConsentTextUnknown:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._reply(HTTPStatus.OK, self.server.page.ask(language), "text/html")

    def do_POST(self) -> None:
        try:
            # First of all, because a reply is lost on who is still sending.
            body = self._body()
            self._checked_query()
            said = self.server.page.take(self._answer(body))
        except _Refused as refused:
            self.send_error(refused.status)
            return
        if said is None:
            self.send_error(HTTPStatus.GONE)
            return
        try:
            self._reply(HTTPStatus.OK, said, "text/html")
        finally:
            self.server.page.told()

    def _checked_query(self) -> dict[str, list[str]]:
        """The query of a request to the secret path of this very server."""
        page = self.server.page
        if self.headers.get_all("Host") != [page.origin.removeprefix("http://")]:
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST)
        try:
            asked = urlsplit(self.path)
            query = parse_qs(asked.query, max_num_fields=FIELDS_MAX)
        except ValueError:
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        if not secrets.compare_digest(asked.path.encode(), page.path.encode()):
            raise _Refused(HTTPStatus.NOT_FOUND)
        return query

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED)
        if len(length) > len(str(BODY_BYTES_MAX)) or int(length) > BODY_BYTES_MAX:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        return body

    def _answer(self, body: bytes) -> Answer:
        """The answer that a form of this very page sent."""
        own = {None, self.server.page.origin}
        if self.headers.get("Origin") not in own:
            raise _Refused(HTTPStatus.FORBIDDEN)
        if self.headers.get("Sec-Fetch-Site") not in {None, "same-origin"}:
            raise _Refused(HTTPStatus.FORBIDDEN)
        if self.headers.get_content_type() != FORM:
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=FIELDS_MAX)
            language = text.find(fields["language"][0])
            allow = {"allow": True, "decline": False}[fields["answer"][0]]
        except (ValueError, KeyError, ConsentTextUnknown):
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        ticked = fields.get("permission", [])
        asked = self.server.page.permissions
        if not set(ticked) <= set(asked):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        return Answer(tuple(each for each in asked if allow and each in ticked), language)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """As the base class, which calls it too, but with our headers and without echoing."""
        del message, explain
        self._reply(HTTPStatus(code), HTTPStatus(code).phrase, "text/plain")

    def _reply(self, status: HTTPStatus, content: str, kind: str) -> None:
        data = content.encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def version_string(self) -> str:
        return "Rapport"

    def log_message(self, _format: str, *_arguments: Any) -> None:
        """Nothing: the path is a secret."""
