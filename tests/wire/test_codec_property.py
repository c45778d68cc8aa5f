"""Whatever is valid survives the wire; whatever comes in never gets past `MessageInvalid`."""

import contextlib
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import MessageInvalid
from rapport.state import (
    LABELS,
    UNCERTAIN,
    Appraisal,
    Burst,
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
)
from rapport.wire import codec

pytestmark = pytest.mark.property

GOLDEN = Path(__file__).resolve().parents[2] / "bridge" / "protocol" / "golden"
FRAMES = [
    bytes.fromhex(vector["frame_hex"])
    for name in ("states.json", "events.json")
    for vector in json.loads((GOLDEN / name).read_text(encoding="utf-8"))["vectors"]
]

shares = st.floats(0, 1)
signed = st.floats(-1, 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
times = st.integers(0, 2**63 - 1)
walls = st.floats(0, 1e12)
texts = st.text(max_size=40)


@st.composite
def distributions(draw: st.DrawFn) -> tuple[float, ...]:
    raw = draw(st.lists(st.floats(1e-6, 1), min_size=8, max_size=8))
    return tuple(share / math.fsum(raw) for share in raw)


@st.composite
def modality_maps(draw: st.DrawFn) -> dict[Modality, ModalityState]:
    chosen = draw(st.lists(st.sampled_from(Modality), unique=True))
    raw = [draw(st.floats(1e-6, 1)) for _ in chosen]
    total = math.fsum(raw) if draw(st.booleans()) else math.inf  # nothing weighs anything
    qualities = st.builds(
        Quality, shares, st.dictionaries(texts, st.builds(Measure, finite, shares), max_size=4)
    )
    return {
        modality: ModalityState(
            weight=weight / total,
            condition=draw(st.sampled_from(Condition)),
            quality=draw(qualities),
            age_ms=draw(st.none() | st.floats(0, 1e9)),
            distribution=draw(st.none() | distributions()),
            valence=draw(st.none() | signed),
            arousal=draw(st.none() | signed),
            model=draw(texts),
        )
        for modality, weight in zip(chosen, raw, strict=True)
    }


emotion_states = st.builds(
    EmotionState,
    captured_ns=times,
    captured_wall=walls,
    label=st.sampled_from((*LABELS, UNCERTAIN)),
    confidence=shares,
    modalities=modality_maps(),
    probabilities=st.none() | distributions(),
    valence=st.none() | signed,
    arousal=st.none() | signed,
    dominance=st.none() | signed,
    trend=st.none() | finite,
    speaking=st.none() | st.booleans(),
    face_present=st.none() | st.booleans(),
    incongruence=st.none() | shares,
    baseline=texts,
    schema=st.integers(1, 2**31 - 1),
    sequence=times,
    published_ns=times,
    published_wall=walls,
    burst=st.none() | st.builds(Burst, name=texts, confidence=shares),
    granular=st.dictionaries(texts, st.builds(Granular, shares, shares), max_size=3),
    contradiction=st.none() | st.builds(Contradiction, texts, shares, texts, texts, texts),
    mood=st.none() | st.builds(Mood, signed, signed, signed, signed, shares, shares),
    moments=st.dictionaries(
        texts, st.builds(Appraisal, texts, shares, shares, st.floats(0, 1e6)), max_size=3
    ),
    conversation=st.none()
    | st.builds(
        ConversationState,
        times,
        texts,
        texts,
        st.none() | st.floats(0, 1e6),
        st.none() | distributions(),
        st.none() | distributions(),
    ),
)
events = st.builds(
    Event,
    kind=st.sampled_from(EventKind) | texts.map(EventKind),
    at_ns=times,
    at_wall=walls,
    code=texts,
    detail=texts,
    schema=st.integers(1, 2**31 - 1),
    sequence=times,
)


Edit = tuple[int, int, bytes]
edits = st.lists(
    st.tuples(st.integers(0, 1300), st.integers(0, 3), st.binary(max_size=2)),
    min_size=1,
    max_size=3,
)
"""Each: where, how many bytes go, and which come instead."""


@settings(max_examples=200, deadline=None)
@given(emotion_states)
def test_a_valid_state_comes_back_as_it_was(state: EmotionState) -> None:
    frame = bytearray()
    codec.encode_into(codec.STATE_TOPIC, state, frame)
    assert codec.decode_state(bytes(frame)) == state


@settings(max_examples=200, deadline=None)
@given(events)
def test_a_valid_event_comes_back_as_it_was(event: Event) -> None:
    frame = bytearray()
    codec.encode_into(codec.EVENT_TOPIC, event, frame)
    assert codec.decode_event(bytes(frame)) == event


@settings(max_examples=4000, deadline=None)
@given(st.sampled_from(FRAMES), edits)
def test_a_mutated_message_is_read_or_refused(frame: bytes, changes: list[Edit]) -> None:
    mutated = bytearray(frame)
    for where, gone, instead in changes:
        start = where % (len(mutated) + 1)
        mutated[start : start + gone] = instead
    _read_or_refuse(bytes(mutated))


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from((codec.STATE_TOPIC, codec.EVENT_TOPIC, b"")), st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(topic: bytes, content: bytes) -> None:
    _read_or_refuse(topic + content)


def _read_or_refuse(frame: bytes) -> None:
    with contextlib.suppress(MessageInvalid):
        state = codec.decode_state(frame)
        assert 0 <= state.confidence <= 1 + codec.TOLERANCE
        assert state.trend is None or math.isfinite(state.trend)
        for modality in state.modalities.values():
            assert all(math.isfinite(m.value) for m in modality.quality.measures.values())
    with contextlib.suppress(MessageInvalid):
        assert codec.decode_event(frame).sequence >= 0
