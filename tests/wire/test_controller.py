"""Requests and replies over real sockets: order, refusals, slow requests, silence, leases."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import zmq

from rapport.errors import RequestInvalid, RequestRefused, SidecarSilent
from rapport.state import SCHEMA, EventKind
from rapport.wire import answers
from rapport.wire import controller as controller_module
from rapport.wire import requests as ask

pytestmark = pytest.mark.wire

PATIENCE_S = 20.0
HELLO = {"op": "hello", "app": "org.example.game", "name": "Game"}


@pytest.fixture
def dealer(served: Any) -> Any:
    """A bare socket that was let in."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        served.guard.keys.credentials("control").show(dealer)
        dealer.connect(served.controller.address)
        yield dealer


def reply(dealer: Any, message: Any) -> Any:
    """The reply to one message, given as a map or as bytes."""
    dealer.send(message if isinstance(message, bytes) else msgspec.msgpack.encode(message))
    assert dealer.poll(1000 * PATIENCE_S), "no reply"
    return msgspec.msgpack.decode(dealer.recv())


def test_hello_comes_first_and_names_who_asks(served: Any, dealer: Any) -> None:
    assert reply(dealer, {"op": "pause", "id": 7})["error"]["code"] == "hello_first"
    assert reply(dealer, {"op": "time", "id": 8}).keys() == {"id", "reply"}
    assert reply(dealer, HELLO | {"id": 9})["reply"]["version"] == "test"
    assert reply(dealer, {"op": "lease.take", "id": 10}) == {"id": 10, "reply": {"seconds": 1.5}}
    request, peer = served.asked[-1]
    assert (type(request), peer.app, peer.name) == (ask.TakeLease, "org.example.game", "Game")


def test_a_req_socket_is_answered_too(served: Any) -> None:
    with zmq.Context() as context, context.socket(zmq.REQ) as client:
        client.linger = 0
        served.guard.keys.credentials("control").show(client)
        client.connect(served.controller.address)
        assert "reply" in reply(client, {"op": "time"})
        assert "reply" in reply(client, HELLO)


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ({"op": "no.such", "id": 1}, "request_unknown", "op: not one of"),
        ({"id": 1}, "request_unknown", "op"),
        ({"op": "lease.take", "id": 1, "seconds": 99.0}, "request_invalid", "seconds: Expected"),
        ({"op": "lease.take", "id": 1, "seconds": "ten"}, "request_invalid", "seconds: Expected"),
        ({"op": "dialogue", "id": 1, "text": "x"}, "request_invalid", "missing required"),
        ({"op": "dialogue", "id": 1, "text": "x", "speaker": "y", "role": "secret"},
         "request_invalid", "role: not a value that is allowed"),
        ({"op": "settings.set", "id": 1, "values": {"a": float("nan")}},
         "request_invalid", "finite"),
        ({"op": "settings.set", "id": 1, "values": {"a": float("inf")}},
         "request_invalid", "finite"),
        ({"op": "hello", "id": 1, "app": "a", "name": "b", "schema": 0},
         "request_invalid", "schema"),
        ({"op": "record.start", "id": 1, "name": "../x"}, "request_invalid", "name: Expected"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_not_quoted(
    dealer: Any, message: Any, code: str, said: str
) -> None:
    reply(dealer, HELLO)
    error = reply(dealer, message)["error"]
    assert error["code"] == code
    assert said in error["what"]
    assert "secret" not in error["what"]
    assert error["meaning"]
    assert error["remedy"]


def test_a_newer_client_is_understood(served: Any, dealer: Any) -> None:
    newer = HELLO | {"schema": 999, "mood": [1, {"a": None}]}
    assert reply(dealer, newer)["reply"]["schema"] == SCHEMA
    assert "reply" in reply(dealer, {"op": "time", "zone": "utc"})


@pytest.mark.parametrize(
    "name",
    ["..", "../x", "a/b", "a\\b", "/etc/passwd", "C:x", "nul", "NUL.txt", "com1", "LPT9.a.b", "a.",
     ".hidden", "", "a" * 65, "a\n", "a\0", "ä", "-a", "~", "a b", "%2e%2e"],
)  # fmt: skip
@pytest.mark.parametrize(("op", "field"), [("record.start", "name"), ("hello", "app")])
def test_no_name_is_a_path(dealer: Any, op: str, field: str, name: str) -> None:
    reply(dealer, HELLO)
    assert reply(dealer, {"name": "x", "op": op, field: name})["error"]["code"] == "request_invalid"


@pytest.mark.parametrize("name", ["org.example.game", "a", "A-1_b.c", "conrad", "nul0", "a..b"])
def test_good_names_are_taken(dealer: Any, name: str) -> None:
    assert "reply" in reply(dealer, HELLO | {"app": name})


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "a\u202eb", "", "x" * 65, "a\u2028"])
def test_no_name_draws_anything_on_a_terminal(dealer: Any, name: str) -> None:
    assert reply(dealer, HELLO | {"name": name})["error"]["code"] == "request_invalid"


def test_an_error_of_ours_is_told_and_another_only_that_it_was_one(
    served: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with served.control() as control:
        with pytest.raises(RequestRefused) as refused:
            control.ask(ask.SetDuty(level="off"))
        assert (refused.value.code, refused.value.what) == ("camera_busy", "the camera is in use")
        assert refused.value.retryable
        assert "camera" in refused.value.remedy
        with caplog.at_level(logging.DEBUG), pytest.raises(RequestRefused) as failed:
            control.ask(ask.Say(speaker="Ada", text="my most secret secret"))
    assert failed.value.code == "internal_error"
    assert "ValueError" in caplog.text
    assert "secret secret" not in caplog.text + str(failed.value) + failed.value.meaning


def test_a_slow_request_holds_up_nobody_and_not_even_its_own_client(served: Any) -> None:
    done: list[answers.Devices] = []
    with served.control() as slow, served.control() as quick:
        waiting = threading.Thread(target=lambda: done.append(slow.ask(ask.ListDevices())))
        waiting.start()
        for _ in range(20):
            quick.ask(ask.TakeLease())
        assert not done
        served.listing.set()
        waiting.join(PATIENCE_S)
        assert done == [answers.Devices((), ())]


def test_slow_requests_do_not_pile_up(served: Any, dealer: Any) -> None:
    reply(dealer, HELLO)
    count = controller_module.SLOW_WAITING_MAX + 5
    for number in range(count):
        dealer.send(msgspec.msgpack.encode({"op": "devices.list", "id": number}))
    refused = []
    while len(refused) < 5:
        assert dealer.poll(1000 * PATIENCE_S)
        refused.append(msgspec.msgpack.decode(dealer.recv()))
    assert {one["error"]["code"] for one in refused} == {"too_many_requests"}
    served.listing.set()


def test_who_asks_too_much_is_refused_by_name_and_others_are_served(
    served: Any, dealer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_module, "REQUESTS_PER_S", 0.001)
    monkeypatch.setattr(controller_module, "BURST", 5.0)
    codes = [reply(dealer, {"op": "time", "id": n}).get("error", {}).get("code") for n in range(8)]
    assert codes == [None] * 5 + ["too_many_requests"] * 3
    with served.control() as honest:
        honest.ask(ask.GetTime())
    assert served.controller.refused == 3


def test_what_is_no_request_is_dropped_and_counted(served: Any, dealer: Any) -> None:
    garbage = [
        b"",
        b"\xc1",
        b"\x81\xa2id\xa1x",
        b"\xdf\xff\xff\xff\xff",
        b"\x91" * 60_000,
        bytes(9),
    ]
    garbage += [b"GET / HTTP/1.1\r\n\r\n", b"\x81\xa2id" + b"\x91" * 60_000]
    for payload in garbage:
        dealer.send(payload)
    dealer.send_multipart([b"x", msgspec.msgpack.encode({"op": "time", "id": 1})])
    dealer.send_multipart([b"", b"", msgspec.msgpack.encode({"op": "time", "id": 2})])
    assert reply(dealer, {"op": "time", "id": 3})["id"] == 3
    assert served.controller.dropped == len(garbage) + 2


def test_a_client_that_was_silent_is_forgotten_and_says_hello_again_by_itself(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_module, "LOOK_MS", 20)
    with served.control() as control:
        monkeypatch.setattr(controller_module, "SILENT_S", 0.05)
        until(lambda: len(served.forgotten) == 1)
        monkeypatch.setattr(controller_module, "SILENT_S", 60.0)
        assert served.forgotten[0].app == "org.example.game"
        assert control.ask(ask.TakeLease(seconds=1.0)).seconds == 1.0


def test_the_number_of_known_clients_is_bounded(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_module, "PEERS_MAX", 3)
    for number in range(8):
        served.control(f"app{number}").close()
    assert [peer.app for peer in served.forgotten] == [f"app{number}" for number in range(5)]


def test_a_lease_is_kept_until_it_is_ended(served: Any) -> None:
    def count(kind: type) -> int:
        return sum(isinstance(request, kind) for request, _ in served.asked)

    with served.control() as control:
        control.keep_lease(seconds=0.15)
        until(lambda: count(ask.TakeLease) >= 4)
        control.end_lease()
        assert count(ask.EndLease) == 1
        taken = count(ask.TakeLease)
        control.keep_lease()
        assert count(ask.TakeLease) == taken + 1
    assert count(ask.EndLease) == 2
    apps = {peer.app for request, peer in served.asked if isinstance(request, ask.TakeLease)}
    assert apps == {"org.example.game"}


def test_the_clocks_of_one_machine_agree(served: Any) -> None:
    with served.control() as control:
        assert abs(control.clock_offset_ns()) < 50_000_000


def test_a_sidecar_that_is_gone_is_silent_and_what_waited_is_not_sent_later(served: Any) -> None:
    control = served.control(timeout_s=0.2)
    served.controller.close()
    with pytest.raises(SidecarSilent):
        control.ask(ask.Pause())
    control.close()
    control.close()


def test_a_request_that_is_out_of_range_is_refused_before_it_is_sent(served: Any) -> None:
    with served.control() as control:
        asked = len(served.asked)
        with pytest.raises(RequestInvalid, match="seconds"):
            control.ask(ask.TakeLease(seconds=60.0))
        with pytest.raises(RequestInvalid):
            control.ask(ask.Say(speaker="x", text="y" * 2001))
        assert len(served.asked) == asked


def test_missed_events_come_in_pages_that_fit_into_a_message(served: Any) -> None:
    for _ in range(200):
        served.publisher.announce(EventKind.STATUS, detail="ä" * 500)
    got: list[int] = []
    pages = 0
    with served.control() as control:
        while page := control.ask(ask.GetEvents(sequence=got[-1] if got else 0)).events:
            got += [event.sequence for event in page]
            pages += 1
    assert got == list(range(1, 201))
    assert pages > 1


def test_an_answer_that_is_too_long_is_an_error_and_no_silence(served: Any, dealer: Any) -> None:
    served.controller._handle = lambda _request, _peer: answers.Recording("x" * 70_000, "", 0, 0)
    assert reply(dealer, {"op": "time", "id": 4})["error"]["code"] == "message_invalid"


def test_every_request_has_an_answer_and_its_field_names_are_no_others() -> None:
    for op, kind in ask.REQUESTS.items():
        assert issubclass(ask.answer_type(kind), msgspec.Struct), op
        assert "op" not in kind.__struct_fields__


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
