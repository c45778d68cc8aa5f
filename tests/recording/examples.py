"""States, events and lines for the tests of recordings: plain ones, and any that may come."""

import math
from pathlib import Path

from hypothesis import strategies as st

from rapport.recording.header import Header
from rapport.recording.tables import Item, Line
from rapport.recording.writer import write_session
from rapport.state import (
    CONTRADICTIONS,
    COURSES,
    LABELS,
    UNCERTAIN,
    Appraisal,
    Condition,
    Contradiction,
    ConversationState,
    EmotionState,
    Event,
    EventKind,
    Measure,
    Modality,
    ModalityState,
    Mood,
    Quality,
)

SECOND = 1_000_000_000
START_NS = 5_000 * SECOND
START_WALL = 1_767_225_600.0
HEADER = Header(start_ns=START_NS, start_wall=START_WALL, source="live", origin="test")

SHARE_STEP = 1e-3
SLOW_STEP = 5e-3
SECONDS_STEP = 0.1
TIME_STEP_NS = 1_001
WALL_STEP_S = 2e-3


def state(number: int, happiness: float = 0.6) -> EmotionState:
    """The state of a tick: thirty a second, each a little different."""
    published_ns = START_NS + number * SECOND // 30
    shares = (1.0 - happiness, happiness, *[0.0] * 6)
    return EmotionState(
        captured_ns=published_ns - 14_000_000,
        captured_wall=START_WALL + number / 30 - 0.014,
        label="happiness" if happiness >= 0.5 else "neutral",
        confidence=max(shares),
        modalities={
            Modality.FACE: ModalityState(
                1.0,
                Condition.OK,
                Quality(0.9, {"brightness": Measure(100.0 + number % 5, 1.0)}),
                14.0,
                shares,
                0.5,
                0.25,
                "face-1",
            ),
            Modality.VOICE: ModalityState(0.0, Condition.SILENT, Quality(), 40.0),
            Modality.TEXT: ModalityState(0.0, Condition.DISABLED),
        },
        probabilities=shares,
        valence=0.5,
        arousal=0.25,
        dominance=0.0,
        trend=0.01,
        speaking=False,
        face_present=True,
        sequence=number + 1,
        published_ns=published_ns,
        published_wall=START_WALL + number / 30,
        contradiction=Contradiction("sarcasm", 0.8, "happiness", "contempt", "thanks_2")
        if number % 60 > 40
        else None,
        mood=Mood(0.4, 0.2, -0.1 + number / 2000, 0.1, 0.35, 0.9),
        moments={"betrayal": Appraisal("escalating", 0.5, 0.7, number / 30)},
        conversation=ConversationState(3, "thanks_2", "player", number / 30, shares),
    )


def event(number: int, kind: EventKind = EventKind.FACE_LOST, code: str = "") -> Event:
    """An event right after a tick."""
    at_ns = START_NS + number * SECOND // 30 + 100_000
    return Event(kind, at_ns, START_WALL + number / 30, code, "Anna's camera", sequence=7)


def session(count: int = 90) -> list[Item]:
    """A few seconds: states that change, three events, a line."""
    items: list[Item] = []
    for number in range(count):
        items.append(state(number, happiness=0.5 + 0.4 * math.sin(number / 10)))
        if number == count // 3:
            items.append(event(number, EventKind.CAMERA_LOST, "camera_lost"))
            items.append(event(number))
        if number == count // 2:
            at_ns = START_NS + number * SECOND // 30
            items.append(Line("greeting_3", "player", at_ns))
            items.append(event(number, EventKind.CAMERA_BACK))
    return items


def written(path: Path, items: list[Item]) -> Path:
    """A session file of these items."""
    write_session(path, HEADER, items)
    return path


_shares = st.floats(0.0, 1.0)
_signed = st.floats(-1.0, 1.0)
_words = st.text(max_size=40)
_names = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)
_ns = st.integers(START_NS - 10 * SECOND, START_NS + 4_000 * SECOND)
_wall = st.floats(START_WALL - 10.0, START_WALL + 5_000.0)


@st.composite
def distributions(draw: st.DrawFn) -> tuple[float, ...]:
    raw = draw(st.lists(st.floats(0.0, 1.0), min_size=8, max_size=8).filter(sum))
    return tuple(share / sum(raw) for share in raw)


measures = st.dictionaries(
    st.sampled_from(["brightness", "snr_db", "yaw"]) | _names,
    st.builds(Measure, st.floats(-1e9, 1e9), _shares),
    max_size=8,
)
_parts = st.builds(
    ModalityState,
    weight=_shares,
    condition=st.sampled_from(Condition) | _names.map(Condition),
    quality=st.builds(Quality, _shares, measures),
    age_ms=st.none() | st.floats(0.0, 1e7),
    distribution=st.none() | distributions(),
    valence=st.none() | _signed,
    arousal=st.none() | _signed,
    model=_words,
)
_contradictions = st.builds(
    Contradiction,
    st.sampled_from(CONTRADICTIONS) | _names,
    _shares,
    st.sampled_from(LABELS),
    st.sampled_from([*LABELS, UNCERTAIN]),
    _words,
)
_moods = st.builds(Mood, _signed, _signed, _signed, _signed, _shares, _shares)
_appraisals = st.builds(
    Appraisal, st.sampled_from(COURSES) | _names, _shares, _shares, st.floats(0.0, 1e5)
)
_conversations = st.builds(
    ConversationState,
    st.integers(0, 2**31),
    _words,
    st.sampled_from(["player", "npc", ""]),
    st.none() | st.floats(0.0, 1e5),
    st.none() | distributions(),
    st.none() | distributions(),
)
states = st.builds(
    EmotionState,
    captured_ns=_ns,
    captured_wall=_wall,
    label=st.sampled_from([*LABELS, UNCERTAIN]),
    confidence=_shares,
    modalities=st.dictionaries(st.sampled_from(Modality) | _names.map(Modality), _parts),
    probabilities=st.none() | distributions(),
    valence=st.none() | _signed,
    arousal=st.none() | _signed,
    dominance=st.none() | _signed,
    trend=st.none() | st.floats(-1e3, 1e3),
    speaking=st.none() | st.booleans(),
    face_present=st.none() | st.booleans(),
    incongruence=st.none() | _shares,
    baseline=_words,
    schema=st.integers(1, 2**31 - 1),
    sequence=st.integers(0, 2**62),
    published_ns=_ns,
    published_wall=_wall,
    replay=st.booleans(),
    contradiction=st.none() | _contradictions,
    mood=st.none() | _moods,
    moments=st.dictionaries(_names, _appraisals, max_size=16),
    conversation=st.none() | _conversations,
)
events = st.builds(
    Event,
    kind=st.sampled_from(EventKind) | _names.map(EventKind),
    at_ns=_ns,
    at_wall=_wall,
    code=_words,
    detail=st.just(""),
    schema=st.integers(1, 2**31 - 1),
    sequence=st.integers(0, 2**62),
)
lines = st.builds(Line, _words, st.sampled_from(["player", "npc"]), _ns)
