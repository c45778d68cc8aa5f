"""Make the golden vectors: `python bridge/protocol/make_golden.py`.

Every client of Rapport, in whatever language, is tested on the same bytes: it must read each frame
in `states.json` and `events.json` as the `expected` message, and refuse each in `invalid.json`;
`control.json` holds requests and replies. The vectors only change when the protocol does.
"""

import json
import struct
from pathlib import Path
from typing import Any

import golden_control
import msgspec

from rapport.reactions import profile
from rapport.state import (
    SCHEMA,
    Appraisal,
    Burst,
    Cause,
    Condition,
    Contradiction,
    ConversationState,
    EmotionState,
    Event,
    EventKind,
    Granular,
    Measure,
    Modality,
    ModalityState,
    Mood,
    Quality,
    Reaction,
)
from rapport.wire import codec

FOLDER = Path(__file__).parent / "golden"
SCHEMA_OF_PROFILES = "profile.schema.json"

# Below 2^53, so that readers whose JSON knows only doubles can compare them.
CAPTURED_NS = 123_456_789_012_345
PUBLISHED_NS = CAPTURED_NS + 14_200_000
CAPTURED_WALL = 1_767_225_600.25
PUBLISHED_WALL = 1_767_225_600.2642

TYPICAL = EmotionState(
    captured_ns=CAPTURED_NS,
    captured_wall=CAPTURED_WALL,
    label="happiness",
    confidence=0.71,
    modalities={
        Modality.FACE: ModalityState(
            weight=0.8,
            condition=Condition.OK,
            quality=Quality(
                score=0.9,
                measures={
                    "brightness": Measure(value=0.52, score=1.0),
                    "yaw_deg": Measure(value=-12.5, score=0.9),
                },
            ),
            age_ms=14.0,
            distribution=(0.1, 0.7, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025),
            valence=0.6,
            arousal=0.25,
            model="face-emotion 1",
        ),
        Modality.VOICE: ModalityState(
            weight=0.2,
            condition=Condition.NOISY,
            quality=Quality(score=0.4, measures={"snr_db": Measure(value=6.5, score=0.4)}),
            age_ms=230.5,
            distribution=(0.5, 0.25, 0.125, 0.125, 0.0, 0.0, 0.0, 0.0),
            valence=0.1,
            arousal=0.5,
            model="voice-emotion 1",
        ),
        Modality.TEXT: ModalityState(weight=0.0, condition=Condition.DISABLED),
    },
    probabilities=(0.18, 0.61, 0.065, 0.065, 0.02, 0.02, 0.02, 0.02),
    valence=0.5,
    arousal=0.3,
    dominance=0.2,
    trend=-0.05,
    speaking=True,
    face_present=True,
    incongruence=0.35,
    schema=SCHEMA,
    sequence=4711,
    published_ns=PUBLISHED_NS,
    published_wall=PUBLISHED_WALL,
    burst=Burst(name="laugh", confidence=0.9),
    granular={
        "engagement": Granular(value=0.625, confidence=0.8),
        "amusement": Granular(value=0.75, confidence=0.5),
    },
)
SARCASTIC = EmotionState(
    captured_ns=CAPTURED_NS,
    captured_wall=CAPTURED_WALL,
    label="anger",
    confidence=0.5,
    modalities={
        Modality.FACE: ModalityState(weight=0.0, condition=Condition.DISABLED),
        Modality.VOICE: ModalityState(
            weight=0.5,
            condition=Condition.OK,
            quality=Quality(score=0.75),
            age_ms=120.0,
            distribution=(0.25, 0.0, 0.0, 0.125, 0.5, 0.125, 0.0, 0.0),
            valence=-0.5,
            arousal=-0.25,
            model="voice-emotion 1",
        ),
        Modality.TEXT: ModalityState(
            weight=0.25,
            condition=Condition.OK,
            quality=Quality(score=1.0),
            age_ms=900.0,
            distribution=(0.125, 0.75, 0.125, 0.0, 0.0, 0.0, 0.0, 0.0),
            valence=0.75,
            model="text-emotion 1",
        ),
        Modality.APPRAISAL: ModalityState(
            weight=0.25,
            condition=Condition.OK,
            quality=Quality(score=0.5, measures={"lines_behind": Measure(value=1.0, score=0.5)}),
            age_ms=4000.0,
            distribution=(0.25, 0.0, 0.0, 0.0, 0.5, 0.125, 0.0, 0.125),
            model="language_model",
        ),
    },
    probabilities=(0.25, 0.125, 0.0, 0.0625, 0.5, 0.0625, 0.0, 0.0),
    valence=-0.25,
    arousal=0.125,
    dominance=0.0,
    speaking=False,
    incongruence=0.875,
    schema=SCHEMA,
    sequence=4712,
    published_ns=PUBLISHED_NS,
    published_wall=PUBLISHED_WALL,
    contradiction=Contradiction(
        kind="sarcasm", strength=0.875, before="happiness", after="anger", line="anna_7"
    ),
    mood=Mood(
        valence=-0.25,
        arousal=0.125,
        long_valence=-0.5,
        long_arousal=0.0,
        volatility=0.375,
        confidence=0.75,
    ),
    moments={
        "kept_waiting": Appraisal(
            course="escalating", strength=0.5, confidence=0.75, since_s=2400.5
        ),
        "greeting": Appraisal(course="unknown", strength=0.0, confidence=0.0, since_s=0.0),
    },
    conversation=ConversationState(
        utterances=12,
        line="anna_7",
        role="player",
        pause_s=0.75,
        reading=(0.125, 0.75, 0.125, 0.0, 0.0, 0.0, 0.0, 0.0),
        expected=(0.25, 0.0, 0.0, 0.25, 0.5, 0.0, 0.0, 0.0),
    ),
)
NOTHING_KNOWN = EmotionState(
    captured_ns=CAPTURED_NS,
    captured_wall=CAPTURED_WALL,
    label="uncertain",
    confidence=0.0,
    modalities={
        Modality.FACE: ModalityState(weight=0.0, condition=Condition.LOST, age_ms=5000.0),
        Modality.VOICE: ModalityState(weight=0.0, condition=Condition.DISABLED),
        Modality.TEXT: ModalityState(weight=0.0, condition=Condition.DISABLED),
    },
    face_present=False,
    schema=SCHEMA,
    sequence=1,
    published_ns=PUBLISHED_NS,
    published_wall=PUBLISHED_WALL,
)
CAMERA_LOST = Event(
    kind=EventKind.CAMERA_LOST,
    at_ns=CAPTURED_NS,
    at_wall=CAPTURED_WALL,
    code="camera_lost",
    detail="Camera “0” gave no frame for 1.5 s",
    schema=SCHEMA,
    sequence=3,
)
COMFORT_BEGAN = Event(
    kind=EventKind.REACTION_BEGAN,
    at_ns=CAPTURED_NS,
    at_wall=CAPTURED_WALL,
    schema=SCHEMA,
    sequence=4,
    reaction=Reaction(
        name="comfort",
        npc="companion",
        firing=7,
        strength=0.75,
        reason="entered",
        why=(
            Cause(signal="frustration", value=0.75, level=0.6, modality="voice"),
            Cause(signal="face.condition", word="ok"),
        ),
        app="org.example.game",
    ),
)

Map = dict[str, Any]


def main() -> None:
    """Write all vectors, and the JSON Schema of profiles."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    schema = msgspec.json.format(msgspec.json.encode(profile.schema()), indent=2).decode()
    (FOLDER.parent / "profile.schema.json").write_text(
        schema + "\n", encoding="utf-8", newline="\n"
    )


def files() -> dict[str, str]:
    """The content of every file, by its name."""
    tables = {"states.json": states(), "events.json": events(), "invalid.json": invalid()}
    contents: Map = {name: {"vectors": vectors} for name, vectors in tables.items()}
    contents["control.json"] = golden_control.vectors()
    return {
        name: json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        for name, content in contents.items()
    }


def states() -> list[Map]:
    """States that every reader reads."""
    required = {
        "captured_ns": CAPTURED_NS,
        "captured_wall": CAPTURED_WALL,
        "label": "uncertain",
        "confidence": 0.0,
        "modalities": {"face": {"weight": 0.0, "condition": "absent"}},
    }
    return [
        _valid("typical", "Everything is there.", codec.STATE_TOPIC, TYPICAL),
        _valid("sarcastic", "A conversation, and a language model.", codec.STATE_TOPIC, SARCASTIC),
        _valid("nothing_known", "Nothing can be read.", codec.STATE_TOPIC, NOTHING_KNOWN),
        _valid(
            "required_fields_only",
            "Every field that has a default is missing and takes its default.",
            codec.STATE_TOPIC,
            required,
            EmotionState,
        ),
        _valid(
            "newer_sender",
            "Unknown fields are skipped, whatever they hold; unknown words are kept as they are.",
            codec.STATE_TOPIC,
            _from_the_future(),
            EmotionState,
        ),
        _valid(
            "other_number_formats",
            "Numbers in every format that MessagePack has for them; fields in another order.",
            codec.STATE_TOPIC,
            _other_numbers(),
            EmotionState,
        ),
    ]


def events() -> list[Map]:
    """Events that every reader reads."""
    newer = _map(CAMERA_LOST) | {"schema": 9, "kind": "mind_read", "strength": 0.5}
    required = {"kind": "started", "at_ns": CAPTURED_NS, "at_wall": CAPTURED_WALL}
    return [
        _valid("camera_lost", "Text is UTF-8.", codec.EVENT_TOPIC, CAMERA_LOST),
        _valid("reaction", "A reaction, and why.", codec.EVENT_TOPIC, COMFORT_BEGAN),
        _valid(
            "required_fields_only", "The others take defaults.", codec.EVENT_TOPIC, required, Event
        ),
        _valid("newer_sender", "An unknown kind and field.", codec.EVENT_TOPIC, newer, Event),
    ]


def invalid() -> list[Map]:
    """Frames that every reader refuses, going on with the next."""
    good = _map(TYPICAL)
    face = good["modalities"]["face"]
    whole = _frame(codec.STATE_TOPIC, good)
    without_label = {key: value for key, value in good.items() if key != "label"}
    cases: list[tuple[str, str, bytes]] = [
        ("empty", "no byte at all", b""),
        ("topic_only", "nothing after the topic", codec.STATE_TOPIC),
        ("wrong_topic", "a topic nobody knows", b"mood " + whole[6:]),
        ("event_topic", "a state under the topic of events", codec.EVENT_TOPIC + whole[6:]),
        ("truncated", "cut in the middle", whole[: len(whole) // 2]),
        ("trailing_byte", "one byte too many", whole + b"\x00"),
        ("not_messagepack", "0xc1 is never used in MessagePack", codec.STATE_TOPIC + b"\xc1"),
        ("not_a_map", "an array of the values", _frame(codec.STATE_TOPIC, list(good.values()))),
        (
            "huge_map",
            "a map that promises 4 billion keys",
            codec.STATE_TOPIC + b"\xdf" + b"\xff" * 4,
        ),
        ("deep", "3,000 arrays in each other", codec.STATE_TOPIC + b"\x81\xa1x" + b"\x91" * 3000),
        (
            "invalid_utf8",
            "a text that is no UTF-8",
            whole.replace(b"happiness", b"happi\xff\xfess"),
        ),
        ("no_label", "a required field is missing", _frame(codec.STATE_TOPIC, without_label)),
    ]
    changes: list[tuple[str, str, Map]] = [
        ("confidence_text", "a text where a number must be", {"confidence": "0.7"}),
        ("confidence_nan", "NaN", {"confidence": float("nan")}),
        ("confidence_high", "above 1", {"confidence": 1.5}),
        ("valence_infinite", "infinity", {"valence": float("-inf")}),
        ("trend_infinite", "infinity where any finite number may be", {"trend": float("inf")}),
        ("captured_negative", "a time before the clock began", {"captured_ns": -1}),
        ("captured_beyond_int64", "a time that fits no int64", {"captured_ns": 2**63}),
        ("label_unknown", "not one of the labels", {"label": "boredom"}),
        ("seven_probabilities", "one is missing", {"probabilities": [1 / 7] * 7}),
        ("probabilities_sum", "they sum to 1.6", {"probabilities": [0.2] * 8}),
        (
            "weights_sum",
            "the weights sum to neither 0 nor 1",
            {"modalities": {"face": face | {"weight": 0.5}}},
        ),
        (
            "measure_nan",
            "NaN, deep inside",
            {
                "modalities": {
                    "face": face
                    | {
                        "weight": 1.0,
                        "quality": {
                            "score": 1.0,
                            "measures": {"blur": {"value": float("nan"), "score": 1.0}},
                        },
                    }
                }
            },
        ),
        ("burst_null_name", "nil where a text must be", {"burst": {"name": None, "confidence": 1}}),
        ("burst_too_sure", "a confidence above one", {"burst": {"name": "cry", "confidence": 2}}),
        (
            "granular_nan",
            "NaN in a granular state",
            {"granular": {"grief": {"value": float("nan"), "confidence": 1.0}}},
        ),
        ("granular_number", "a number where a map must be", {"granular": {"grief": 0.5}}),
        (
            "contradiction_too_sure",
            "a strength above one",
            {"contradiction": {"kind": "sarcasm", "strength": 1.5, "before": "", "after": ""}},
        ),
        ("contradiction_no_kind", "a required field is missing", {"contradiction": {}}),
        (
            "mood_nan",
            "NaN in the mood",
            {"mood": msgspec.to_builtins(SARCASTIC.mood) | {"long_valence": float("nan")}},
        ),
        (
            "moment_before_now",
            "a moment that is to come",
            {"moments": {"m": {"course": "steady", "strength": 0, "confidence": 0, "since_s": -1}}},
        ),
        ("moment_number", "a number where a map must be", {"moments": {"m": 0.5}}),
        (
            "conversation_sum",
            "a reading that does not sum to one",
            {"conversation": {"reading": [0.2] * 8}},
        ),
        ("conversation_count", "utterances below zero", {"conversation": {"utterances": -1}}),
        ("modality_null", "nil where a modality must be", {"modalities": {"face": None}}),
    ]
    cases += [
        (name, why, _frame(codec.STATE_TOPIC, good | change)) for name, why, change in changes
    ]
    return [{"name": name, "why": why, "frame_hex": frame.hex()} for name, why, frame in cases]


def _valid(name: str, why: str, topic: bytes, message: Any, kind: Any = None) -> Map:
    """A vector; `message` is a map to be read as `kind`, or a message of ours."""
    known = msgspec.convert(_plain(message), kind) if kind else message
    return {
        "name": name,
        "why": why,
        "frame_hex": _frame(topic, message).hex(),
        "expected": _map(known),
    }


def _frame(topic: bytes, message: Any) -> bytes:
    return topic + msgspec.msgpack.encode(message)


def _map(message: Any) -> Map:
    content: Map = msgspec.to_builtins(message)
    return content


def _plain(message: Any) -> Any:
    """The message with numbers in Python's own formats."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(message))


def _from_the_future() -> Map:
    state = _map(TYPICAL)
    state["schema"] = 9
    state["aura"] = {"name": "calm", "history": [[1, 2], {"a": None}], "bytes": b"\x00\xff"}
    state["modalities"]["face"]["gaze"] = [0.1, 0.2]
    state["modalities"]["face"]["quality"]["measures"]["yaw_deg"]["unit"] = "deg"
    state["modalities"]["face"]["condition"] = "fogged"
    state["modalities"]["gesture"] = {"weight": 0.0, "condition": "ok", "hands": 2}
    state["extension"] = msgspec.msgpack.Ext(5, b"1234567")
    return state


def _other_numbers() -> Map:
    def float32(value: float) -> msgspec.Raw:
        return msgspec.Raw(b"\xca" + struct.pack(">f", value))

    state = _map(NOTHING_KNOWN)
    state["captured_ns"] = msgspec.Raw(b"\xd3" + struct.pack(">q", CAPTURED_NS))
    state["published_wall"] = 1_767_225_601
    state["valence"] = -1
    state["arousal"] = float32(0.5)
    state["dominance"] = msgspec.Raw(b"\xd0\x00")
    state["trend"] = msgspec.Raw(b"\xd1" + struct.pack(">h", -3))
    state["confidence"] = msgspec.Raw(b"\xcc\x01")
    state["probabilities"] = [1, 0, float32(0.0), 0, 0, 0, 0, 0]
    state["sequence"] = msgspec.Raw(b"\xcf" + struct.pack(">Q", 70_000))
    state["label"] = msgspec.Raw(b"\xd9\x07neutral")
    return dict(reversed(state.items()))


if __name__ == "__main__":
    main()
