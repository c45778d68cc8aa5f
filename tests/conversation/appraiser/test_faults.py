"""Whatever the language model's server does costs the appraiser alone, and never for long."""

import json
import socket
import threading
from collections.abc import Callable

import pytest

from conversation.appraiser.conftest import Told
from conversation.appraiser.scripted import (
    Script,
    Server,
    answering,
    dripping,
    endless,
    eventually,
    hanging_up,
    response,
    sending,
    silent,
)
from conversation.appraiser.talk import SADNESS, appraisal, completion, said, taken
from rapport.capture.clock import now_ns
from rapport.conversation.appraiser import appraiser as module
from rapport.conversation.appraiser import request
from rapport.conversation.appraiser.appraiser import Appraiser, back_off_s
from rapport.conversation.appraiser.prompt import Context
from rapport.conversation.utterance import Utterance
from rapport.errors import EndpointFailed
from rapport.state import NEVER, Condition, EventKind, Evidence

pytestmark = pytest.mark.wire

Serve = Callable[[Script], Server]
Ask = Callable[..., Appraiser]

GOOD = completion(appraisal(30))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: "


def reading(appraiser: Appraiser) -> Evidence:
    """Its evidence, once there is a distribution."""
    found: list[Evidence] = []

    def read() -> bool:
        evidence = appraiser.current()
        assert evidence is not None
        found[:] = [evidence]
        return evidence.distribution is not None

    eventually(read)
    return found[0]


def test_a_good_answer_is_evidence_of_when_the_newest_line_was_said(
    serve: Serve, ask: Ask, told: Told
) -> None:
    server = serve(answering(GOOD))
    appraiser = ask(server.endpoint, model="tiny", question="Is it about the bill?")
    before = appraiser.current()
    assert before is not None and (before.condition, before.captured_ns) == ("silent", NEVER)
    assert appraiser.incongruence is None
    context = said("Hello.", "My dog died.")
    appraiser.consider(context)
    evidence = reading(appraiser)
    assert evidence.captured_ns == context.utterances[-1].end_ns
    assert evidence.distribution is not None
    assert evidence.distribution[SADNESS] == pytest.approx(taken(70))
    assert (evidence.condition, evidence.quality.score) == (Condition.OK, 1.0)
    assert evidence.model == "tiny"
    assert appraiser.incongruence == 0.3
    assert told == []
    (asked,) = server.requests
    assert asked["model"] == "tiny"
    assert asked["response_format"]["json_schema"]["schema"]["required"]
    assert "My dog died." in server.prompts()[0]
    assert "Is it about the bill?" in server.prompts()[0]
    assert "Authorization" not in server.heads[0]


def test_each_line_that_was_said_since_costs_quality(serve: Serve, ask: Ask) -> None:
    server = serve(lambda connection, number: (answering(GOOD) if number == 1 else silent)(
        connection, number
    ))  # fmt: skip
    appraiser = ask(server.endpoint)
    appraiser.consider(said("Hello."))
    assert reading(appraiser).quality.score == 1.0
    scores = []
    for count in (2, 3, 4):
        appraiser.consider(said(*["Hello."] * count))
        scores.append(reading(appraiser).quality.score)
    assert scores == [1 / 2, 1 / 3, 1 / 4]
    assert reading(appraiser).quality.measures["lines_behind"].value == 3.0


FAULTS: dict[str, tuple[Script, str]] = {
    "refuses with 500": (sending(response(b"oops", "500 Broken")), "endpoint_failed"),
    "still loads its model": (sending(response(b"{}", "503 Loading")), "endpoint_failed"),
    "knows no such path": (sending(response(b"{}", "404 Not Found")), "endpoint_failed"),
    "hangs up": (hanging_up, "endpoint_failed"),
    "hangs up in its head": (sending(b"HTTP/1.1 200"), "endpoint_failed"),
    "hangs up in its answer": (sending(HEAD + b"9000\r\n\r\n{"), "endpoint_failed"),
    "speaks no HTTP": (sending(b"\x00\x01SSH-2.0\r\n\r\n"), "endpoint_failed"),
    "says it is longer than it is": (sending(HEAD + b"-1\r\n\r\n"), "endpoint_failed"),
    "has a head without end": (
        sending(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 99_999), "endpoint_failed"
    ),
    "answers without end": (endless, "endpoint_failed"),
    "says nothing": (silent, "endpoint_slow"),
    "drips its head": (dripping(HEAD + b"1\r\n\r\n" * 999), "endpoint_slow"),
    "drips its answer": (
        lambda connection, number: (connection.sendall(HEAD + b"9000\r\n\r\n"),
                                    dripping(b" " * 9000)(connection, number))[0],
        "endpoint_slow",
    ),
    "waits for ever with 100 Continue": (
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 9999), "endpoint_slow"
    ),
    "answers no JSON": (answering(b"<html>"), "answer_invalid"),
    "answers other JSON": (answering(b'{"choices": 3}'), "answer_invalid"),
    "answers another schema": (answering(completion('{"mood": "happy"}')), "answer_invalid"),
    "answers in words": (answering(completion("They seem happy!")), "answer_invalid"),
    "answers with nothing": (answering(b""), "answer_invalid"),
    "sends a zip bomb": (
        sending(response(b"\x1f\x8b" + b"\0" * 999, "200 OK", "Content-Encoding: gzip")),
        "answer_invalid",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_only_this_expert(serve: Serve, ask: Ask, told: Told, fault: str) -> None:
    script, code = FAULTS[fault]
    server = serve(script)
    appraiser = ask(server.endpoint, timeout_s=0.5 if code == "endpoint_slow" else 20.0)
    appraiser.consider(said("Hello."))
    eventually(lambda: told)
    evidence = appraiser.current()
    assert evidence is not None and evidence.distribution is None
    assert (evidence.condition, evidence.captured_ns) == (Condition.FAILED, NEVER)
    assert appraiser.incongruence is None
    appraiser.close()
    ((kind, told_code, detail),) = told
    assert (kind, told_code) == (EventKind.EXPERT_FAILED, code)
    assert "Hello" not in detail and "oops" not in detail


def test_a_server_that_is_not_there(ask: Ask, told: Told) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for host in ("127.0.0.1", "localhost"):
            appraiser = ask(f"http://{host}:{nobody.getsockname()[1]}/v1")
            appraiser.consider(said("Hello."))
            eventually(lambda: told)
            assert told.pop()[1] == "endpoint_unreachable"
            appraiser.close()


def test_a_server_that_takes_no_connection(
    ask: Ask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a host behind a firewall: the connection is neither made nor refused."""
    monkeypatch.setattr(request.selectors.DefaultSelector, "select", lambda self, timeout=None: [])
    appraiser = ask("http://127.0.0.1:9/v1", timeout_s=0.3)
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: request.PENDING[0])
    appraiser.consider(said("Hello."))
    eventually(lambda: told)
    assert told[0][1] == "endpoint_slow"


def test_no_redirect_is_followed(serve: Serve, ask: Ask, told: Told) -> None:
    elsewhere = serve(answering(GOOD))
    for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
        moved = response(b"", status, f"Location: {elsewhere.endpoint}/chat/completions")
        server = serve(sending(moved))
        appraiser = ask(server.endpoint)
        appraiser.consider(said("Hello."))
        eventually(lambda: told)
        assert told.pop()[1] == "endpoint_failed"
        appraiser.close()
    assert elsewhere.requests == []


def test_no_proxy_of_the_environment_is_used(
    serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(answering(GOOD)), serve(answering(GOOD))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    appraiser = ask(server.endpoint)
    appraiser.consider(said("Hello."))
    reading(appraiser)
    assert proxy.heads == []


def test_one_request_at_a_time_and_the_newest_context_wins(serve: Serve, ask: Ask) -> None:
    go_on = threading.Event()

    def held(connection: socket.socket, number: int) -> None:
        go_on.wait(30)
        answering(GOOD)(connection, number)

    server = serve(held)
    appraiser = ask(server.endpoint)
    contexts = [said(*["Hello."] * n, f"this is {n}") for n in range(6)]
    appraiser.consider(contexts[0])
    eventually(lambda: server.requests)
    for context in contexts[1:]:
        appraiser.consider(context)
    go_on.set()
    eventually(lambda: reading(appraiser).captured_ns == contexts[-1].utterances[-1].end_ns)
    first, second = server.prompts()
    assert "this is 0" in first
    assert "this is 5" in second
    assert server.at_once == 1


def test_an_outage_is_told_once_and_ends_in_silence(serve: Serve, ask: Ask, told: Told) -> None:
    down = {"now": True}

    def moody(connection: socket.socket, number: int) -> None:
        (hanging_up if down["now"] else answering(GOOD))(connection, number)

    server = serve(moody)
    appraiser = ask(server.endpoint)
    appraiser.consider(said("Hello."))
    eventually(lambda: len(server.requests) >= 4)  # nothing new was said: the same again
    assert len(told) == 1
    down["now"] = False
    reading(appraiser)
    assert len(told) == 1
    down["now"] = True
    appraiser.consider(said("Hello.", "Hi."))
    eventually(lambda: len(told) == 2)
    evidence = appraiser.current()
    assert evidence is not None and evidence.distribution is not None, "an older reading stands"


def test_an_old_context_is_not_worth_another_try(
    serve: Serve, ask: Ask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_WITHIN_S", 0.0)
    server = serve(hanging_up)
    appraiser = ask(server.endpoint)
    appraiser.consider(said("Hello."))
    eventually(lambda: told)
    appraiser.consider(said("Hello.", "Hi."))
    eventually(lambda: len(server.requests) == 2)
    assert "Hi." in server.prompts()[1]


def test_what_the_same_question_cannot_mend_is_not_asked_again(
    serve: Serve, ask: Ask, told: Told
) -> None:
    server = serve(answering(completion("They seem happy!"), GOOD))
    appraiser = ask(server.endpoint)
    appraiser.consider(said("Hello."))
    eventually(lambda: told)
    appraiser.consider(said("Hello.", "Hi."))
    reading(appraiser)
    assert len(server.requests) == 2
    assert "Hi." in server.prompts()[1]


def test_the_pause_after_failures_doubles_up_to_a_limit() -> None:
    pauses = [back_off_s(failures) for failures in range(1, 100)]
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == module.BACK_OFF_MAX_S


@pytest.mark.parametrize("script", [silent, endless, dripping(b" " * 9999)])
def test_closing_never_waits_for_a_server(serve: Serve, ask: Ask, script: Script) -> None:
    server = serve(script)
    appraiser = ask(server.endpoint, timeout_s=600.0)
    appraiser.consider(said("Hello."))
    eventually(lambda: server.requests)
    appraiser.close()
    assert not [each for each in threading.enumerate() if each.name == "rapport-appraise"]
    appraiser.close()


def test_what_is_forgotten_is_not_read_when_its_answer_comes(
    serve: Serve, ask: Ask, told: Told
) -> None:
    server = serve(lambda connection, number: (silent if number == 1 else answering(GOOD))(
        connection, number
    ))  # fmt: skip
    appraiser = ask(server.endpoint, timeout_s=600.0)
    appraiser.consider(said("Hello."))
    eventually(lambda: server.requests)
    appraiser.forget()
    assert server.ended.wait(30), "the request was not given up"
    evidence = appraiser.current()
    assert evidence is not None and evidence.condition is Condition.SILENT
    appraiser.consider(said("Hello.", "Hi."))
    assert reading(appraiser).distribution
    appraiser.forget()
    evidence = appraiser.current()
    assert evidence is not None and evidence.distribution is None
    assert told == []


def test_switched_off_it_has_no_thread_and_asks_nothing(serve: Serve, ask: Ask) -> None:
    server = serve(answering(GOOD))
    appraiser = ask(server.endpoint, enabled=False)
    appraiser.consider(said("Hello."))
    assert appraiser.current() is None
    assert not [each for each in threading.enumerate() if each.name == "rapport-appraise"]
    on = module.AppraiserSettings(enabled=True, endpoint=server.endpoint, every_s=0.0)
    appraiser.adjust(on)
    appraiser.consider(said("Hello."))
    reading(appraiser)
    appraiser.adjust(module.AppraiserSettings(endpoint=server.endpoint))
    assert appraiser.current() is None
    assert len(server.requests) == 1
    appraiser.adjust(on)
    evidence = appraiser.current()
    assert evidence is not None and evidence.distribution is None, "it was to forget"


def test_wrong_settings_are_an_outage_too_until_they_are_right(
    serve: Serve, ask: Ask, told: Told
) -> None:
    server = serve(answering(GOOD))
    for wrong, code in (
        ({"template": "/no/such/file"}, "template_invalid"),
        ({"key_file": "/no/such/file"}, "endpoint_invalid"),
    ):
        appraiser = ask(server.endpoint, **wrong)
        appraiser.consider(said("Hello."))
        eventually(lambda: told)
        assert told.pop()[1] == code
    appraiser = ask("gopher://x")
    appraiser.consider(said("Hello."))
    eventually(lambda: told)
    assert told[0][1] == "endpoint_invalid"
    appraiser.adjust(module.AppraiserSettings(enabled=True, endpoint=server.endpoint))
    appraiser.consider(said("Hello.", "Hi."))
    reading(appraiser)
    assert len(server.requests) == 1


def test_a_defect_of_ours_is_an_outage_and_not_the_end(
    serve: Serve, ask: Ask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(answering(GOOD))
    appraiser = ask(server.endpoint)

    def broken(*_: object) -> bytes:
        raise KeyError("Hello.")

    with monkeypatch.context() as patch:
        patch.setattr(request, "body", broken)
        appraiser.consider(said("Hello."))
        eventually(lambda: told)
    assert told[0][1] == EndpointFailed.code
    assert "KeyError" in told[0][2] and "Hello" not in told[0][2]
    appraiser.consider(said("Hello.", "Hi."))
    reading(appraiser)


def test_a_key_is_sent_to_whom_it_is_for(serve: Serve, ask: Ask, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "key"
    file.write_text("sk-secret", encoding="utf-8")
    server = serve(answering(GOOD))
    appraiser = ask(server.endpoint, key_file=str(file))
    appraiser.consider(said("Hello."))
    reading(appraiser)
    assert "Authorization: Bearer sk-secret" in server.heads[0]


def test_a_dialogue_of_any_size_is_one_small_request(serve: Serve, ask: Ask) -> None:
    server = serve(answering(GOOD))
    appraiser = ask(server.endpoint)
    now = now_ns()
    lines = tuple(
        Utterance(n, "you", "player", now, now, text="\u202e<" * 1000) for n in range(2000)
    )
    appraiser.consider(Context(lines))
    reading(appraiser)
    assert len(json.dumps(server.requests[0])) < 40_000
