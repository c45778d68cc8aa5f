"""The page of consent under real HTTP: its own answer counts, nobody else's does."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from rapport.consent import text
from rapport.consent.entries import PERMISSIONS
from rapport.consent.page import BODY_BYTES_MAX, CONNECTIONS_MAX, FORM, Answer, ConsentPage
from rapport.errors import ConsentUnwritable

pytestmark = pytest.mark.wire

YES = (("language", "de"), ("permission", "camera"), ("answer", "allow"))


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def kept() -> list[Answer]:
    """What was answered."""
    return []


@pytest.fixture
def page(kept: list[Answer]) -> Iterator[ConsentPage]:
    with ConsentPage("a.game", 'Moon "<b>" & Sea', "en", kept.append) as page:
        yield page


def request(
    page: ConsentPage,
    method: str = "GET",
    path: str | None = None,
    body: bytes | str | None = None,
    **headers: str | None,
) -> Reply:
    """One request as a browser would send it; a header that is None is left out."""
    host = urlsplit(page.origin).netloc
    sent: dict[str, str | None] = {"Host": host}
    if method == "POST":
        sent |= {"Content-Type": FORM, "Content-Length": str(len(body or ""))}
        sent |= {"Origin": page.origin, "Sec-Fetch-Site": "same-origin"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(host, timeout=20)
    try:
        connection.putrequest(method, path or page.path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body.encode() if isinstance(body, str) else body)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


def post(page: ConsentPage, *fields: tuple[str, str], **headers: str | None) -> Reply:
    return request(page, "POST", None, urlencode(fields or YES), **headers)


def test_it_listens_on_loopback_under_a_path_of_256_bits(page: ConsentPage) -> None:
    assert urlsplit(page.url).hostname == "127.0.0.1"
    assert re.fullmatch(r"/[\w-]{43}/", page.path)
    with ConsentPage("a", "A", "en", lambda _: None) as other:
        assert other.path != page.path
        assert other.origin != page.origin


def test_the_question_is_asked_in_every_language_with_nothing_ticked(page: ConsentPage) -> None:
    assert request(page).body.startswith('<!doctype html><html lang="en"')
    for language in text.languages():
        reply = request(page, path=f"{page.path}?language={language}")
        shown = text.shown(language, "GAME")
        assert reply.status == 200
        assert f'<html lang="{language}"' in reply.body
        for sentence in (*shown.permissions.values(), shown.agree, shown.decline):
            # The apostrophe is the one character that HTML writes otherwise here.
            assert sentence.replace("'", "&#x27;") in reply.body
        assert reply.body.count('type="checkbox"') == len(PERMISSIONS)
        assert "checked" not in reply.body


def test_what_is_not_asked_for_has_no_box_and_cannot_be_answered(kept: list[Answer]) -> None:
    with ConsentPage("a", "A", "en", kept.append, ("camera", "microphone")) as page:
        asked = request(page).body
        shown = text.shown("en", "A")
        assert asked.count('type="checkbox"') == 2
        assert shown.permissions["text"] not in asked
        assert post(page, *YES, ("permission", "text")).status == 400
    assert kept == []


def test_the_name_of_the_game_is_no_markup(page: ConsentPage) -> None:
    body = request(page).body
    assert "<b>" not in body
    assert "Moon &quot;&lt;b&gt;&quot; &amp; Sea" in body


def test_the_page_needs_and_allows_nothing_from_elsewhere(page: ConsentPage) -> None:
    reply = request(page)
    policy = reply.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert "script" not in reply.body
    assert not re.search(r"(src|href)=.?(https?:)?//|url\(|@import", reply.body)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert "Python" not in reply.headers["Server"]


def test_an_answer_is_kept_and_ends_it(page: ConsentPage, kept: list[Answer]) -> None:
    fields = (("language", "ja"), ("permission", "recording"), ("permission", "camera"))
    reply = post(page, *fields, ("answer", "allow"))
    assert reply.status == 200
    assert text.template("ja").page.saved in reply.body
    assert kept == [Answer(("camera", "recording"), "ja")]
    assert page.wait(5) == kept[0]
    assert post(page).status == 410
    assert text.template("en").page.over in request(page).body
    assert len(kept) == 1


@pytest.mark.parametrize(
    "fields",
    [
        (("language", "en"), ("permission", "camera"), ("answer", "decline")),
        (("language", "en"), ("answer", "allow")),
    ],
)
def test_no_is_an_answer(
    page: ConsentPage, kept: list[Answer], fields: tuple[tuple[str, str], ...]
) -> None:
    assert text.template("en").page.declined in post(page, *fields).body
    assert page.wait(5) == Answer((), "en")
    assert kept == [Answer((), "en")]


def test_programs_without_an_origin_are_no_browser_and_may_answer(page: ConsentPage) -> None:
    assert post(page, Origin=None, Sec_Fetch_Site=None).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["/", "/favicon.ico", "/x/", "//evil.example/", "/%00", "{half}", "/..{path}", "*"]
)
def test_without_the_right_path_there_is_nothing(
    page: ConsentPage, kept: list[Answer], method: str, path: str
) -> None:
    path = path.format(half=page.path[:20] + "/", path=page.path)
    reply = request(page, method, path, urlencode(YES) if method == "POST" else None)
    assert reply.status == 404
    assert "Moon" not in reply.body
    assert page.wait(0) is None
    assert not kept


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost:{port}", None])
def test_another_host_is_refused_even_with_the_token(
    page: ConsentPage, kept: list[Answer], method: str, host: str | None
) -> None:
    port = str(urlsplit(page.origin).port)
    reply = request(
        page,
        method,
        None,
        urlencode(YES) if method == "POST" else None,
        Host=host and host.format(port=port),
    )
    assert reply.status == 421
    assert "Moon" not in reply.body
    assert not kept


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Origin": None},
    ],
)
def test_a_post_from_another_page_is_refused_even_with_the_token(
    page: ConsentPage, kept: list[Answer], headers: dict[str, str | None]
) -> None:
    assert post(page, **headers).status == 403
    assert not kept
    assert post(page).status == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("", {}, 400),
        ("garbage", {}, 400),
        ("answer=allow", {}, 400),
        ("language=xx&answer=allow", {}, 400),
        ("language=en&answer=maybe", {}, 400),
        ("language=en&answer=allow&permission=screen", {}, 400),
        ("language=en&answer=allow&permission=%FF", {}, 400),
        ("&".join(["language=en"] * 100), {}, 400),
        (urlencode(YES), {"Content_Type": "application/json"}, 415),
        (urlencode(YES), {"Content_Type": "text/plain"}, 415),
        (urlencode(YES), {"Content_Length": None}, 411),
        (urlencode(YES), {"Content_Length": "-1"}, 411),
        (urlencode(YES), {"Content_Length": "1e3"}, 411),
        ("", {"Content_Length": str(BODY_BYTES_MAX + 1)}, 413),
        ("", {"Content_Length": "9" * 5000}, 413),
    ],
)
def test_a_malformed_answer_is_refused_by_its_own_status(
    page: ConsentPage,
    kept: list[Answer],
    body: str,
    headers: dict[str, str | None],
    status: int,
) -> None:
    assert request(page, "POST", None, body, **headers).status == status
    assert not kept
    assert post(page).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "CONNECT"])
def test_other_methods_are_not_there(page: ConsentPage, kept: list[Answer], method: str) -> None:
    reply = request(page, method)
    assert reply.status == 501
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert not kept


def send_raw(page: ConsentPage, data: bytes) -> bytes:
    with socket.create_connection(page._server.server_address, timeout=20) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while part := connection.recv(65536):
                received += part
        except OSError:
            return b""
        return received


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\0" * 5000,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL",
    ],
)
def test_garbage_gets_nothing_and_breaks_nothing(
    page: ConsentPage, kept: list[Answer], data: bytes
) -> None:
    assert b"Moon" not in send_raw(page, data)
    assert post(page).status == 200
    assert len(kept) == 1


def test_a_body_that_never_ends_is_cut_off(page: ConsentPage, kept: list[Answer]) -> None:
    host = urlsplit(page.origin).netloc
    head = f"POST {page.path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100000000\r\n\r\n"
    reply = send_raw(page, head.encode() + b"x" * 1_000_000)
    assert not reply or b" 413 " in reply.splitlines()[0]
    assert post(page).status == 200
    assert len(kept) == 1


def test_a_flood_of_guesses_keeps_nobody_out(page: ConsentPage, kept: list[Answer]) -> None:
    wrong: list[int] = []

    def guess() -> None:
        for _ in range(75):
            try:
                wrong.append(request(page, path="/guess/").status)
            except (OSError, http.client.HTTPException):
                wrong.append(0)  # too many at one time

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert request(page).status == 200
    for thread in threads:
        thread.join()
    assert len(wrong) == 300
    assert set(wrong) <= {404, 0}
    assert post(page).status == 200
    assert len(kept) == 1


def test_connections_that_say_nothing_are_bounded_and_cut_off(
    page: ConsentPage, kept: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapport.consent.page._Handler.timeout", 0.5)
    before = threading.active_count()
    address = page._server.server_address
    silent = [socket.create_connection(address, timeout=20) for _ in range(CONNECTIONS_MAX + 20)]
    try:
        for connection in silent:
            assert connection.recv(1) == b""  # closed by the server, all of them
            assert threading.active_count() <= before + CONNECTIONS_MAX
    finally:
        for connection in silent:
            connection.close()
    assert post(page).status == 200
    assert len(kept) == 1


def test_two_answers_at_one_time_are_one(page: ConsentPage, kept: list[Answer]) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(post(page).status)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [410] * 7
    assert len(kept) == 1


def test_an_answer_that_cannot_be_kept_is_not_called_saved() -> None:
    def full(_: Answer) -> None:
        raise ConsentUnwritable("the disk is full")

    with ConsentPage("a", "A", "en", full) as page:
        reply = post(page)
        assert "consent_unwritable" in reply.body
        assert text.template("de").page.saved not in reply.body
        with pytest.raises(ConsentUnwritable, match="full"):
            page.wait(5)


def test_without_an_answer_it_ends_and_the_port_is_closed(kept: list[Answer]) -> None:
    with ConsentPage("a", "A", "en", kept.append) as page:
        address = page._server.server_address
        assert page.wait(0.05) is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
    assert "consent-page" not in {thread.name for thread in threading.enumerate()}
