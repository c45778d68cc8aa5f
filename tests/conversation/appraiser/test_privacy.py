"""No word leaves the machine unless settings and player allow it, and none reaches a log."""

import logging
import socket
import threading
from collections.abc import Callable

import pytest

from conversation.appraiser.conftest import Told
from conversation.appraiser.scripted import (
    Script,
    Server,
    answering,
    eventually,
    response,
    sending,
    silent,
)
from conversation.appraiser.talk import appraisal, completion, feelings, said
from rapport.conversation.appraiser import endpoint
from rapport.conversation.appraiser.appraiser import Appraiser
from rapport.state import Condition

pytestmark = pytest.mark.privacy

Serve = Callable[[Script], Server]
Ask = Callable[..., Appraiser]

SECRET = "I buried the treasure under the oak"
GOOD = completion(appraisal())


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers of this test count as another machine of this network."""
    monkeypatch.setattr(endpoint, "_is_loopback", lambda _host: False)


def test_another_machine_is_not_even_connected_to(
    ask: Ask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[object] = []
    monkeypatch.setattr(socket.socket, "connect_ex", lambda _, to: connected.append(to) or 111)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *name, **_: connected.append(name) or [])
    for address in ("http://192.0.2.1/v1", "https://example.com/v1"):
        appraiser = ask(address, allowed=lambda: True)
        appraiser.consider(said(SECRET))
        eventually(lambda: told)
        assert told.pop()[1] == "endpoint_refused"
        appraiser.close()
        appraiser = ask(address, allowed=lambda: False, remote=True)
        appraiser.consider(said(SECRET))
        eventually(lambda: told)
        assert told.pop()[1] == "text_not_allowed"
        appraiser.close()
    assert connected == []


def test_with_both_words_are_sent_and_a_revocation_ends_it_at_once(
    serve: Serve, ask: Ask, told: Told, far: None
) -> None:
    allowed = threading.Event()
    server = serve(
        lambda connection, number: (silent if number == 2 else answering(GOOD))(connection, number)
    )
    appraiser = ask(server.endpoint, allowed.is_set, remote=True, timeout_s=600.0)
    appraiser.consider(said(SECRET))
    eventually(lambda: told)
    assert told.pop()[1] == "text_not_allowed"
    assert server.heads == []

    allowed.set()
    appraiser.consider(said(SECRET))
    eventually(lambda: appraiser.incongruence is not None)
    assert told == []
    server.ended.clear()

    appraiser.consider(said(SECRET, "Yes."))
    eventually(lambda: len(server.heads) == 2)
    allowed.clear()
    assert server.ended.wait(30), "the request under way was not given up"
    eventually(lambda: told)
    evidence = appraiser.current()
    assert evidence is not None
    assert (evidence.condition, evidence.distribution) == (Condition.DISABLED, None)
    assert [event[1] for event in told] == ["text_not_allowed"]
    appraiser.consider(said(SECRET, "Yes.", "No."))
    appraiser.close()
    assert len(server.heads) == 2


def test_what_was_read_from_words_goes_with_the_permission(
    serve: Serve, ask: Ask, told: Told, far: None
) -> None:
    allowed = threading.Event()
    allowed.set()
    appraiser = ask(serve(answering(GOOD)).endpoint, allowed.is_set, remote=True)
    appraiser.consider(said(SECRET))
    eventually(lambda: appraiser.incongruence is not None)
    allowed.clear()
    eventually(lambda: appraiser.incongruence is None)
    eventually(lambda: told)
    evidence = appraiser.current()
    assert evidence is not None and evidence.condition is Condition.DISABLED


def test_a_name_that_moves_after_it_was_checked_is_not_followed(
    serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the name is looked up once, and what was found is what is connected to."""
    server = serve(answering(GOOD))
    asked: list[str] = []

    def look(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1" if len(asked) == 1 else "192.0.2.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    appraiser = ask(f"http://studio.lan:{server.port}/v1", lambda: True, remote=True)
    appraiser.consider(said(SECRET))
    eventually(lambda: appraiser.incongruence is not None)
    assert asked == ["studio.lan"]
    assert f"Host: studio.lan:{server.port}" in server.heads[0]


def test_closing_does_not_wait_for_a_name_server(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def look(*_: object, **__: object) -> list[object]:
        asked.set()
        answered.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look)
    appraiser = ask("http://studio.lan/v1", lambda: True, remote=True, timeout_s=600.0)
    appraiser.consider(said(SECRET))
    assert asked.wait(30)
    appraiser.close()
    answered.set()


ECHOES: dict[str, Script] = {
    "in its reason": answering(completion(appraisal(reason=SECRET))),
    "in its status": sending(response(b"", f"500 {SECRET}")),
    "in a header": sending(response(GOOD, "200 OK", f"X-Said: {SECRET}")),
    "in no header": sending(f"HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n".encode()),
    "instead of HTTP": sending(SECRET.encode() + b"\r\n\r\n"),
    "as its address": sending(response(b"", "302 Found", f"Location: http://x/{SECRET}")),
    "as its answer": answering(SECRET.encode()),
    "as its content": answering(completion(SECRET)),
    "as a key": answering(completion(appraisal().replace("reason", SECRET))),
    "as a feeling": answering(
        completion(f'{{"reason": "", "distribution": "{SECRET}", "incongruence": 0}}')
    ),
    "as another label": answering(completion(appraisal().replace('"fear"', f'"{SECRET}"'))),
    "as why it ended": answering(completion("{", finish_reason=SECRET)),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_no_log_and_no_event_holds_a_word_that_was_said_or_answered(
    serve: Serve, ask: Ask, told: Told, caplog: pytest.LogCaptureFixture, echo: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(ECHOES[echo])
    appraiser = ask(server.endpoint, question="Mind the oak tree.", model="tiny")
    appraiser.consider(said("The treasure?", SECRET))
    eventually(lambda: told or appraiser.incongruence is not None)
    appraiser.close()
    assert SECRET in server.prompts()[0], "nothing was said, so this test would prove nothing"
    everything = caplog.text + str(told)
    for word in ("treasure", "oak", "buried", *(f'"{label}"' for label in feelings())):
        assert word not in everything
