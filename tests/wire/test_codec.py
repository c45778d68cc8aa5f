"""The bytes are what the specification says, and nothing else gets in."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from rapport.errors import MessageInvalid
from rapport.state import Condition, EmotionState, Event, EventKind, Modality, ModalityState
from rapport.wire import codec

pytestmark = pytest.mark.unit

Vectors = dict[str, dict[str, Any]]


def test_golden_states_are_read_as_expected(golden_states: Vectors) -> None:
    for name, vector in golden_states.items():
        state = codec.decode_state(bytes.fromhex(vector["frame_hex"]))
        assert _plain(state) == vector["expected"], name


def test_golden_events_are_read_as_expected(golden_events: Vectors) -> None:
    for name, vector in golden_events.items():
        event = codec.decode_event(bytes.fromhex(vector["frame_hex"]))
        assert _plain(event) == vector["expected"], name


def test_golden_invalid_frames_are_refused(golden_invalid: Vectors) -> None:
    for vector in golden_invalid.values():
        frame = bytes.fromhex(vector["frame_hex"])
        with pytest.raises(MessageInvalid):
            codec.decode_state(frame)
        with pytest.raises(MessageInvalid):
            codec.decode_event(frame)


def test_golden_files_are_what_their_script_makes(
    repository: Path, load_script: Callable[[str], ModuleType]
) -> None:
    folder = repository / "bridge" / "protocol" / "golden"
    made = load_script("make_golden.py").files()
    assert made.keys() == {file.name for file in folder.iterdir()}
    for name, text in made.items():
        assert (folder / name).read_text(encoding="utf-8") == text, name


def test_typical_vectors_are_written_as_they_are_read(
    golden_states: Vectors, golden_events: Vectors
) -> None:
    frame = bytearray()
    for name in ("typical", "nothing_known"):
        expected = bytes.fromhex(golden_states[name]["frame_hex"])
        codec.encode_into(codec.STATE_TOPIC, codec.decode_state(expected), frame)
        assert frame == expected
    expected = bytes.fromhex(golden_events["camera_lost"]["frame_hex"])
    codec.encode_into(codec.EVENT_TOPIC, codec.decode_event(expected), frame)
    assert frame == expected


def test_every_number_of_a_message_has_a_range() -> None:
    """A number that is added to a struct must not slip in unchecked."""
    for kind, ranges in (
        (EmotionState, codec.STATE_RANGES),
        (ModalityState, codec.MODALITY_RANGES),
        (Event, codec.EVENT_RANGES),
    ):
        numbers = {
            field.name
            for field in msgspec.structs.fields(kind)
            if field.type in (int, float, int | None, float | None)
        }
        assert numbers == set(ranges), kind


def test_words_of_a_newer_sender_are_kept(golden_states: Vectors, golden_events: Vectors) -> None:
    state = codec.decode_state(bytes.fromhex(golden_states["newer_sender"]["frame_hex"]))
    assert state.schema == 9
    assert state.modalities[Modality.FACE].condition == "fogged"
    assert Condition("gesture") in state.modalities  # words are texts
    event = codec.decode_event(bytes.fromhex(golden_events["newer_sender"]["frame_hex"]))
    assert event.kind == "mind_read"
    assert isinstance(event.kind, EventKind)
    assert event.kind not in list(EventKind)


def test_refusals_name_the_field_and_not_the_value(golden_states: Vectors) -> None:
    good = golden_states["typical"]["expected"]
    for field, value in (("confidence", 1.2345), ("label", "secret"), ("valence", "1.2345")):
        frame = codec.STATE_TOPIC + msgspec.msgpack.encode(good | {field: value})
        with pytest.raises(MessageInvalid) as caught:
            codec.decode_state(frame)
        assert field in str(caught.value)
        assert str(value) not in str(caught.value)


def test_a_message_that_is_too_long_is_neither_written_nor_read(golden_states: Vectors) -> None:
    state = codec.decode_state(bytes.fromhex(golden_states["typical"]["frame_hex"]))
    long = msgspec.structs.replace(state, baseline="x" * codec.MESSAGE_BYTES_MAX)
    with pytest.raises(MessageInvalid):
        codec.encode_into(codec.STATE_TOPIC, long, bytearray())
    with pytest.raises(MessageInvalid):
        codec.decode_state(codec.STATE_TOPIC + msgspec.msgpack.encode(long))


def _plain(message: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(message))
