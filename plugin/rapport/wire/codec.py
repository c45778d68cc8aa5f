"""Messages to bytes and back: one frame is a topic and a MessagePack map.

The bytes are specified in bridge/protocol/SPEC.md. Decoding trusts nothing: whatever comes in,
the result is a message whose every number is finite and in its documented range, or
`MessageInvalid`. Its text names the field and never the value, which may be personal.
"""

import sys
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from rapport.errors import MessageInvalid
from rapport.state import LABELS, UNCERTAIN, Distribution, EmotionState, Event, ModalityState

STATE_TOPIC = b"state "
EVENT_TOPIC = b"event "
"""What a frame begins with and what subscribers filter by. The space ends the topic, so that no
topic is the beginning of another."""

MESSAGE_BYTES_MAX = 64 * 1024
"""No message is longer; a state has about 1.7 KB, the rest is room for fields to come."""

TOLERANCE = 1e-6
"""How far a bounded number may lie outside its range: rounding, not meaning."""
SUM_TOLERANCE = 1e-3
"""How far a sum of probabilities or weights may lie from what it must be: room for senders
that compute in 32 bits."""

Range = tuple[float, float]
_COUNT: Range = (0, 2**63 - 1)
_FINITE: Range = (-sys.float_info.max, sys.float_info.max)
_NOT_NEGATIVE: Range = (0, sys.float_info.max)
_SHARE: Range = (0, 1)
_SIGNED: Range = (-1, 1)

STATE_RANGES: dict[str, Range] = {
    "schema": (1, 2**31 - 1),
    "sequence": _COUNT,
    "captured_ns": _COUNT,
    "captured_wall": _NOT_NEGATIVE,
    "published_ns": _COUNT,
    "published_wall": _NOT_NEGATIVE,
    "confidence": _SHARE,
    "valence": _SIGNED,
    "arousal": _SIGNED,
    "dominance": _SIGNED,
    "trend": _FINITE,
    "incongruence": _SHARE,
}
MODALITY_RANGES: dict[str, Range] = {
    "weight": _SHARE,
    "age_ms": _NOT_NEGATIVE,
    "valence": _SIGNED,
    "arousal": _SIGNED,
}
BURST_RANGES: dict[str, Range] = {"confidence": _SHARE}
GRANULAR_RANGES: dict[str, Range] = {"value": _SHARE, "confidence": _SHARE}
CONTRADICTION_RANGES: dict[str, Range] = {"strength": _SHARE}
MOOD_RANGES: dict[str, Range] = {
    "valence": _SIGNED,
    "arousal": _SIGNED,
    "long_valence": _SIGNED,
    "long_arousal": _SIGNED,
    "volatility": _SHARE,
    "confidence": _SHARE,
}
MOMENT_RANGES: dict[str, Range] = {
    "strength": _SHARE,
    "confidence": _SHARE,
    "since_s": _NOT_NEGATIVE,
}
CONVERSATION_RANGES: dict[str, Range] = {"utterances": _COUNT, "pause_s": _NOT_NEGATIVE}
REACTION_RANGES: dict[str, Range] = {"firing": _COUNT, "strength": _SHARE}
CAUSE_RANGES: dict[str, Range] = {"value": _FINITE, "level": _FINITE}
MEASURE_RANGES: dict[str, Range] = {"value": _FINITE, "score": _SHARE}
EVENT_RANGES: dict[str, Range] = {
    "schema": (1, 2**31 - 1),
    "sequence": _COUNT,
    "at_ns": _COUNT,
    "at_wall": _NOT_NEGATIVE,
}

_LABELS = frozenset((*LABELS, UNCERTAIN))
_encoder = msgspec.msgpack.Encoder()
_state_decoder = msgspec.msgpack.Decoder(EmotionState)
_event_decoder = msgspec.msgpack.Decoder(Event)

Message = TypeVar("Message", EmotionState, Event)


def encode_into(topic: bytes, message: EmotionState | Event, frame: bytearray) -> None:
    """Write a whole frame into `frame`, which may be reused and is resized to fit.

    :raises MessageInvalid: the frame would be longer than `MESSAGE_BYTES_MAX`.
    """
    frame[: len(topic)] = topic
    _encoder.encode_into(message, frame, len(topic))
    if len(frame) > MESSAGE_BYTES_MAX:
        raise MessageInvalid(f"the message has {len(frame)} bytes, {MESSAGE_BYTES_MAX} may be sent")


def decode_state(frame: bytes) -> EmotionState:
    """Read a state.

    :raises MessageInvalid: the frame is no state, or one with a number out of range.
    """
    state = _decode(_state_decoder, STATE_TOPIC, frame)
    _check(state, STATE_RANGES)
    if state.label not in _LABELS:
        raise MessageInvalid("label: not one of the labels")
    _check_distribution("probabilities", state.probabilities)
    if state.burst is not None:
        _check(state.burst, BURST_RANGES, "burst.")
    for name, modality in state.modalities.items():
        _check_modality(name, modality)
    for granular_name, granular in state.granular.items():
        _check(granular, GRANULAR_RANGES, f"granular.{granular_name}.")
    if state.contradiction is not None:
        _check(state.contradiction, CONTRADICTION_RANGES, "contradiction.")
    if state.mood is not None:
        _check(state.mood, MOOD_RANGES, "mood.")
    for moment_name, moment in state.moments.items():
        _check(moment, MOMENT_RANGES, f"moments.{moment_name}.")
    if state.conversation is not None:
        _check(state.conversation, CONVERSATION_RANGES, "conversation.")
        _check_distribution("conversation.reading", state.conversation.reading)
        _check_distribution("conversation.expected", state.conversation.expected)
    weights = sum(modality.weight for modality in state.modalities.values())
    if abs(weights - 1) > SUM_TOLERANCE and weights > SUM_TOLERANCE:
        raise MessageInvalid("modalities: the weights sum neither to one nor to zero")
    return state


def decode_event(frame: bytes) -> Event:
    """Read an event.

    :raises MessageInvalid: the frame is no event, or one with a number out of range.
    """
    event = _decode(_event_decoder, EVENT_TOPIC, frame)
    _check(event, EVENT_RANGES)
    if event.reaction is not None:
        _check(event.reaction, REACTION_RANGES, "reaction.")
        for cause in event.reaction.why:
            _check(cause, CAUSE_RANGES, "reaction.why.")
    return event


def _decode(decoder: msgspec.msgpack.Decoder[Message], topic: bytes, frame: bytes) -> Message:
    if len(frame) > MESSAGE_BYTES_MAX:
        raise MessageInvalid(f"the message has {len(frame)} bytes, {MESSAGE_BYTES_MAX} may come")
    if not frame.startswith(topic):
        raise MessageInvalid(f"the message does not begin with the topic {topic.decode()!r}")
    try:
        return decoder.decode(memoryview(frame)[len(topic) :])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MessageInvalid(str(error)) from error
    except RecursionError as error:
        raise MessageInvalid("values are nested too deeply") from error


def _check(message: msgspec.Struct, ranges: Mapping[str, Range], where: str = "") -> None:
    for field, (low, high) in ranges.items():
        value = getattr(message, field)
        slack = 0 if isinstance(value, int) else TOLERANCE
        # Written so that NaN, for which every comparison is false, is refused.
        if value is not None and not low - slack <= value <= high + slack:
            raise MessageInvalid(f"{where}{field}: not a number from {low:g} to {high:g}")


def _check_modality(name: str, modality: ModalityState) -> None:
    where = f"modalities.{name}."
    _check(modality, MODALITY_RANGES, where)
    _check_distribution(f"{where}distribution", modality.distribution)
    _check(modality.quality, {"score": _SHARE}, f"{where}quality.")
    for measure_name, measure in modality.quality.measures.items():
        _check(measure, MEASURE_RANGES, f"{where}quality.measures.{measure_name}.")


def _check_distribution(field: str, distribution: Distribution | None) -> None:
    if distribution is None:
        return
    if not all(-TOLERANCE <= share <= 1 + TOLERANCE for share in distribution):
        raise MessageInvalid(f"{field}: holds something that is no probability")
    if abs(sum(distribution) - 1) > SUM_TOLERANCE:
        raise MessageInvalid(f"{field}: does not sum to one")
