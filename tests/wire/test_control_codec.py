"""Requests and replies as bytes: the golden vectors, and whatever else may come."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import MessageInvalid
from rapport.wire import control_codec as codec
from rapport.wire import requests as ask

pytestmark = pytest.mark.property

Vectors = dict[str, list[dict[str, Any]]]


def test_the_golden_requests_are_read(golden_control: Vectors) -> None:
    for vector in golden_control["requests"]:
        request = codec.decode_request(bytes.fromhex(vector["payload_hex"]))
        plain = msgspec.json.decode(msgspec.json.encode(request))
        assert plain == vector["expected"], vector["name"]
    named = {vector["expected"]["op"] for vector in golden_control["requests"]}
    assert named == set(ask.REQUESTS), "every request has a vector"


def test_the_golden_replies_are_read(golden_control: Vectors) -> None:
    for vector in golden_control["replies"]:
        reply = codec.decode_reply(bytes.fromhex(vector["payload_hex"]))
        expected = vector["expected"]
        assert reply.id == expected["id"]
        if vector["answer"] == "Failure":
            assert reply.error is not None
            assert msgspec.to_builtins(reply.error) == expected["error"]
        else:
            answer = codec.decode_answer(reply, getattr(ask, vector["answer"]))
            assert msgspec.json.decode(msgspec.json.encode(answer)) == expected["reply"]
    named = {vector["answer"] for vector in golden_control["replies"]} - {"Failure"}
    assert named == {ask.answer_type(kind).__name__ for kind in ask.REQUESTS.values()}


def test_the_golden_refusals_are_refused(golden_control: Vectors) -> None:
    for vector in golden_control["refused"]:
        refused = codec.decode_request(bytes.fromhex(vector["payload_hex"]))
        assert isinstance(refused, codec.Refused), vector["name"]
        code = None if refused.id is None else refused.error.code
        assert code == vector["code"], vector["name"]


def test_the_minimal_client_writes_what_the_sidecar_reads(
    load_script: Callable[[str], ModuleType], golden_control: Vectors
) -> None:
    script = load_script("minimal_client.py")
    for vector in golden_control["requests"]:
        written = script.write_message(vector["expected"])
        request = codec.decode_request(written)
        assert msgspec.json.decode(msgspec.json.encode(request)) == vector["expected"]
    for vector in golden_control["replies"]:
        assert script.read_message(bytes.fromhex(vector["payload_hex"])) == vector["expected"]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    request = codec.decode_request(payload)
    assert isinstance(request, codec.Refused | ask.Request)
    codec.read_id(payload)
    try:
        reply = codec.decode_reply(payload)
        codec.decode_answer(reply, reply.Welcome)
    except MessageInvalid:
        pass


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_what_is_wrong_is_told_without_quoting_it(text: str, role: str) -> None:
    secret = f"geheim{text}"
    message = {"op": "dialogue", "id": 1, "speaker": "A", "text": secret, "role": f"geheim{role}"}
    refused = codec.decode_request(msgspec.msgpack.encode(message))
    assert isinstance(refused, codec.Refused)
    assert "geheim" not in str(refused.error)
    assert refused.error.what == "role: not a value that is allowed"


@given(st.floats())
def test_no_number_that_is_not_finite_comes_through(value: float) -> None:
    payload = msgspec.msgpack.encode({"op": "settings.set", "id": 1, "values": {"a.b": value}})
    request = codec.decode_request(payload)
    finite = value - value == 0
    assert isinstance(request, ask.SetSettings) == finite
