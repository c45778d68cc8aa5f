"""States of made-up players, for the tests of reactions."""

from rapport.state import (
    LABELS,
    Condition,
    EmotionState,
    Granular,
    Modality,
    ModalityState,
    Quality,
)

SECOND = 1_000_000_000
TICK_NS = SECOND // 30


def player(
    label: str = "neutral",
    share: float = 0.8,
    *,
    known: bool = True,
    confidence: float | None = None,
    speaking: bool | None = False,
    condition: Condition = Condition.OK,
    **granular: float,
) -> EmotionState:
    """A player who shows one label with this probability, and granular states of confidence 1."""
    rest = (1.0 - share) / (len(LABELS) - 1)
    shares = tuple(share if name == label else rest for name in LABELS)
    return EmotionState(
        captured_ns=0,
        captured_wall=0.0,
        label=label if known else "uncertain",
        confidence=(share if confidence is None else confidence) if known else 0.0,
        modalities={
            Modality.FACE: ModalityState(0.75, condition, Quality(0.9), 0.0, shares, 0.1, 0.2),
            Modality.VOICE: ModalityState(0.25, Condition.OK, Quality(0.8), 0.0, shares, 0.3, 0.1),
        },
        probabilities=shares if known else None,
        valence=0.0 if known else None,
        arousal=0.0 if known else None,
        speaking=speaking,
        face_present=True,
        granular={name: Granular(value, 1.0) for name, value in granular.items()},
    )


UNKNOWN = player(known=False, speaking=None)
