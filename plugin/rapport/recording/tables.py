"""What is written of a state, an event and a line: these tables and nothing else.

No field here can hold a picture, a sound, or what somebody said. `Event.detail` is left out: it
names devices, and people name their devices after themselves ("Anna's headset"); `kind` and `code`
are what programs go by. Which moment was marked is in the states after it, by its name; it and a
line's id are the game's own words.
"""

from collections.abc import Mapping

import msgspec

from rapport.recording.shapes import Count, Each, Flag, Number, Record, Shape, Shares, Word
from rapport.state import (
    Appraisal,
    Burst,
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

SHARE = Number(1000, 0.0, 1.0)
SIGNED = Number(1000, -1.0, 1.0)
DISTRIBUTION = Shares(1000)
WORD = Word()
SLOW_SHARE = Number(200, 0.0, 1.0)
SLOW_SIGNED = Number(200, -1.0, 1.0)
"""Of averages over seconds and minutes, whose third digit nobody goes by."""
SECONDS = Number(10, 0.0, 1e9)

MEASURE_SCALES = {
    "brightness": 2,
    "contrast": 5,
    "sharpness": 200,
    "size": 1,
    "yaw": 2,
    "pitch": 2,
    "occlusion": 100,
    "confidence": 100,
    "snr_db": 5,
    "speech_probability": 100,
    "known": 100,
}
"""Steps per unit of a measure: about a hundredth of the range in which its score changes. They are
half of what is written, and noise of the camera below their step would be most of the file."""
OTHER_MEASURE_SCALE = 1000
"""For measures that this table does not know."""


def _measure(scale: int) -> Record:
    fields = {"value": Number(scale), "score": Number(100, 0.0, 1.0)}
    return Record(Measure, ("value", "score"), fields)


QUALITY = Record(
    Quality,
    ("score",),
    {
        "score": SHARE,
        "measures": Each(
            _measure(OTHER_MEASURE_SCALE),
            {name: _measure(scale) for name, scale in MEASURE_SCALES.items()},
        ),
    },
)
MODALITY = Record(
    ModalityState,
    ("weight", "condition"),
    {
        # Finer than a share, so that the sum of three weights stays within the wire's tolerance.
        "weight": Number(4000, 0.0, 1.0),
        "condition": Word(Condition),
        "quality": QUALITY,
        "age_ms": Number(1, 0.0, 1e12),
        "distribution": DISTRIBUTION,
        "valence": SIGNED,
        "arousal": SIGNED,
        "model": WORD,
    },
)
CONTRADICTION = Record(
    Contradiction,
    ("kind", "strength", "before", "after"),
    {"kind": WORD, "strength": SHARE, "before": WORD, "after": WORD, "line": WORD},
)
_MOOD: Mapping[str, Shape] = {
    "valence": SLOW_SIGNED,
    "arousal": SLOW_SIGNED,
    "long_valence": SLOW_SIGNED,
    "long_arousal": SLOW_SIGNED,
    "volatility": SLOW_SHARE,
    "confidence": SLOW_SHARE,
}
MOOD = Record(Mood, tuple(_MOOD), _MOOD)
_APPRAISAL: Mapping[str, Shape] = {
    "course": WORD,
    "strength": SLOW_SHARE,
    "confidence": SLOW_SHARE,
    "since_s": SECONDS,
}
APPRAISAL = Record(Appraisal, tuple(_APPRAISAL), _APPRAISAL)
CONVERSATION = Record(
    ConversationState,
    ("utterances",),
    {
        "utterances": Count(),
        "line": WORD,
        "role": WORD,
        "pause_s": SECONDS,
        "reading": DISTRIBUTION,
        "expected": DISTRIBUTION,
    },
)
STATE_FIELDS: Mapping[str, Shape] = {
    "label": WORD,
    "confidence": SHARE,
    "modalities": Each(MODALITY, kind=Modality),
    "probabilities": DISTRIBUTION,
    "valence": SIGNED,
    "arousal": SIGNED,
    "dominance": SIGNED,
    "trend": Number(1000),
    "speaking": Flag(),
    "face_present": Flag(),
    "incongruence": SHARE,
    "baseline": WORD,
    "schema": Count(2**31 - 1),
    "sequence": Count(),
    "burst": Record(Burst, ("name", "confidence"), {"name": WORD, "confidence": SHARE}),
    "replay": Flag(),
    "contradiction": CONTRADICTION,
    "mood": MOOD,
    "moments": Each(APPRAISAL),
    "conversation": CONVERSATION,
}
"""All but the four times, which `rows` writes as one time and two differences."""
EVENT_FIELDS: Mapping[str, Shape] = {
    "kind": Word(EventKind),
    "code": WORD,
    "schema": Count(2**31 - 1),
    "sequence": Count(),
}
LINE_FIELDS: Mapping[str, Shape] = {"line": WORD, "role": WORD}


class Line(msgspec.Struct, frozen=True, gc=False):
    """That a line of dialogue came, by the game's own id of it; what it said is not kept.

    `role`: `player` or `npc`. `at_ns`: on the clock of the states.
    """

    line: str
    role: str
    at_ns: int


Item = EmotionState | Event | Line
"""What a session is made of."""
