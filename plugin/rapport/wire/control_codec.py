"""Requests and replies of the control endpoint to bytes and back.

Decoding trusts nothing. The text of an error names the field and never the value: a line of
dialogue must not end in a log.
"""

import math
import re
from typing import Any, NamedTuple, TypeVar

import msgspec

from rapport.errors import MessageInvalid, RapportError, RequestInvalid, RequestUnknown
from rapport.wire.answers import Failure
from rapport.wire.codec import MESSAGE_BYTES_MAX
from rapport.wire.requests import REQUESTS, AnyRequest, Id, Request

AnswerType = TypeVar("AnswerType")


class _Envelope(msgspec.Struct):
    """What every request has."""

    id: Id = 0
    op: str = ""


class Reply(msgspec.Struct, frozen=True):
    """A reply as it came: `reply` is still to be read by `decode_answer`."""

    id: Id
    reply: msgspec.Raw = msgspec.Raw()
    error: Failure | None = None


class Refused(NamedTuple):
    """A request that cannot be read: its id, if that can be, and what is wrong with it."""

    id: int | None
    error: RapportError


_encoder = msgspec.msgpack.Encoder()
_request_decoder = msgspec.msgpack.Decoder(AnyRequest)
_envelope_decoder = msgspec.msgpack.Decoder(_Envelope)
_reply_decoder = msgspec.msgpack.Decoder(Reply)
_EXPECTED = re.compile(
    r"Expected `\w+`( (of length )?[<>]=? [-0-9.e+]+)?|Object missing required field `\w+`"
)
"""The beginning of what the decoder says that quotes nothing of the message."""
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def encode_request(request: Request[Any]) -> bytes:
    """Write a request.

    :raises RequestInvalid: it is longer than any message may be, or its fields are not what they
        must be: found here, the error names the caller's own line.
    """
    payload = _encoder.encode(request)
    read = decode_request(payload)
    if isinstance(read, Refused):
        raise read.error
    return payload


def decode_request(payload: bytes) -> AnyRequest | Refused:
    """Read a request; never raises, whatever the bytes are."""
    if len(payload) > MESSAGE_BYTES_MAX:
        return Refused(None, RequestInvalid(f"the request has {len(payload)} bytes"))
    try:
        request: AnyRequest = _request_decoder.decode(payload)
    except _UNREADABLE as error:
        return _refused(payload, error)
    if not _is_finite(request):
        return Refused(request.id, RequestInvalid("a number is not finite"))
    return request


def read_id(payload: bytes) -> int | None:
    """The id alone, of whatever has one."""
    try:
        return _envelope_decoder.decode(payload).id
    except _UNREADABLE:
        return None


def encode_reply(number: int, answer: msgspec.Struct) -> bytes:
    """Write a reply.

    :raises MessageInvalid: it is longer than any message may be.
    """
    payload = _encoder.encode({"id": number, "reply": answer})
    if len(payload) > MESSAGE_BYTES_MAX:
        raise MessageInvalid(f"the reply has {len(payload)} bytes, {MESSAGE_BYTES_MAX} may be sent")
    return payload


def encode_error(number: int, error: RapportError) -> bytes:
    """Write why a request was refused."""
    failure = Failure(error.code, error.what, error.meaning, error.remedy, error.retryable)
    return _encoder.encode({"id": number, "error": failure})


def decode_reply(payload: bytes) -> Reply:
    """Read a reply's envelope.

    :raises MessageInvalid: it is none.
    """
    try:
        reply: Reply = _reply_decoder.decode(payload)
    except _UNREADABLE as error:
        raise MessageInvalid("the reply is not what the protocol says") from error
    return reply


def decode_answer(reply: Reply, answer: type[AnswerType]) -> AnswerType:
    """Read what a request was answered with.

    :raises MessageInvalid: it is another answer.
    """
    try:
        return msgspec.msgpack.decode(reply.reply, type=answer)
    except _UNREADABLE as error:
        raise MessageInvalid(f"the reply is no {answer.__name__}") from error


def _refused(payload: bytes, error: Exception) -> Refused:
    try:
        envelope = _envelope_decoder.decode(payload)
    except _UNREADABLE:
        return Refused(None, RequestInvalid("the message is no request"))
    if envelope.op not in REQUESTS:
        known = ", ".join(REQUESTS)
        return Refused(envelope.id, RequestUnknown(f"op: not one of {known}"))
    return Refused(envelope.id, RequestInvalid(_without_values(str(error))))


def _without_values(text: str) -> str:
    """What the decoder says, with the place and what was expected, without what was given."""
    what, _, place = text.partition(" - at `$.")
    said = _EXPECTED.match(what)
    what = said.group() if said else "not a value that is allowed"
    return f"{place.rstrip('`')}: {what}" if place else what


def _is_finite(value: Any) -> bool:
    """Whether no number in a request, however deep, is NaN or infinite."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, msgspec.Struct):
        return all(_is_finite(getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, dict):
        return all(_is_finite(part) for part in value.values())
    if isinstance(value, tuple | list):
        return all(_is_finite(part) for part in value)
    return True
