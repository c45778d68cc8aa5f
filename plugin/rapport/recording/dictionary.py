"""The preset dictionary of the chunks' compression: what nearly every chunk says anyway.

Chunks are small and each stands alone, so their column names alone would be a quarter of the
file. A typical chunk, made here, is known to both sides instead; a file carries it in its header
and is read with that one, so that it may change between versions.
"""

from collections.abc import Iterator

import msgspec

from rapport.recording.columns import pack_table
from rapport.recording.rows import BY_KIND, Base, row_of
from rapport.state import (
    COURSES,
    LABELS,
    Appraisal,
    Condition,
    ConversationState,
    EmotionState,
    Measure,
    Modality,
    ModalityState,
    Mood,
    Quality,
)

ROWS = 8
"""Few: what counts are the names, for columns that stand still compress by themselves."""

MEASURES = {
    Modality.FACE: (
        "brightness", "contrast", "sharpness", "size", "yaw", "pitch", "occlusion", "confidence",
    ),
    Modality.VOICE: ("snr_db", "speech_probability", "clipping", "broken"),
    Modality.TEXT: ("words", "known"),
}  # fmt: skip
"""What the experts measure, in their order."""


def _state(number: int) -> EmotionState:
    shares = (1.0, *[0.0] * (len(LABELS) - 1))
    parts = {
        modality: ModalityState(
            0.0,
            Condition.OK,
            Quality(1.0, {name: Measure(0.0, 1.0) for name in names}),
            0.0,
            shares,
            0.0,
            0.0,
        )
        for modality, names in MEASURES.items()
    }
    parts[Modality.TEXT] = ModalityState(0.0, Condition.DISABLED)
    at_ns = number * 1_000_000_000 // 30
    return EmotionState(
        at_ns, 0.0, LABELS[0], 1.0, parts, shares, 0.0, 0.0, 0.0, 0.0, True, True, 0.0,
        sequence=number, published_ns=at_ns,
        mood=Mood(0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        moments={"moment": Appraisal(COURSES[1], 1.0, 1.0, number / 30)},
        conversation=ConversationState(1, "", "", number / 30, shares, shares),
    )  # fmt: skip


def _typical() -> Iterator[bytes]:
    words: dict[str, int] = {}
    base = Base(0, 0.0)
    states = [_state(number) for number in range(1, ROWS + 1)]
    columns = pack_table([row_of(state, base)[1] for state in states], words)
    yield msgspec.msgpack.encode(BY_KIND[EmotionState].name)
    yield msgspec.msgpack.encode(columns)
    yield msgspec.msgpack.encode([*Condition, *LABELS, *words])


DICTIONARY = b"".join(_typical())
