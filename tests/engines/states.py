"""States of chance: any field known or not, as a sidecar may send them."""

import random
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

from rapport.state import (
    BURSTS,
    CONTRADICTIONS,
    COURSES,
    GRANULAR,
    LABELS,
    SCHEMA,
    UNCERTAIN,
    Appraisal,
    Burst,
    Condition,
    Contradiction,
    ConversationState,
    Distribution,
    EmotionState,
    Granular,
    Modality,
    ModalityState,
    Mood,
    Quality,
)

Made = TypeVar("Made")
NS_MAX = 2**62
PARTS = 1024
"""Numbers are whole parts of it, so that few digits write them exactly: Mono's own text of a double
may be off by the last of seventeen."""
LINES = ("", "odo.price", "mira.hello.0", "第一行")


def any_state(chance: random.Random, moments: tuple[str, ...]) -> EmotionState:
    """A state in which each thing is known or not; with some of these moments."""
    present = [modality for modality in Modality if chance.random() < 0.8]
    weights = _split(chance, len(present))
    return EmotionState(
        captured_ns=chance.randrange(NS_MAX),
        captured_wall=2e9 * _share(chance),
        label=chance.choice((*LABELS, UNCERTAIN)),
        confidence=_share(chance),
        modalities={
            modality: _modality(chance, weight)
            for modality, weight in zip(present, weights, strict=True)
        },
        probabilities=_maybe(chance, _distribution),
        valence=_maybe(chance, _signed),
        arousal=_maybe(chance, _signed),
        dominance=_maybe(chance, _signed),
        trend=_maybe(chance, _signed),
        speaking=chance.choice((None, False, True)),
        face_present=chance.choice((None, False, True)),
        incongruence=_maybe(chance, _share),
        schema=SCHEMA,
        sequence=chance.randrange(NS_MAX),
        burst=_maybe(chance, lambda c: Burst(c.choice(BURSTS), _share(c))),
        granular={
            name: Granular(_share(chance), _share(chance))
            for name in GRANULAR
            if chance.random() < 0.5
        },
        contradiction=_maybe(chance, _contradiction),
        mood=_maybe(chance, _mood),
        moments={name: _appraisal(chance) for name in moments if chance.random() < 0.7},
        conversation=_maybe(chance, _conversation),
    )


def _maybe(chance: random.Random, make: Callable[[random.Random], Made]) -> Made | None:
    return make(chance) if chance.random() < 0.6 else None


def _share(chance: random.Random) -> float:
    return chance.randint(0, PARTS) / PARTS


def _signed(chance: random.Random) -> float:
    return chance.randint(-PARTS, PARTS) / PARTS


def _distribution(chance: random.Random) -> Distribution:
    return tuple(_split(chance, len(LABELS)))


def _split(chance: random.Random, count: int) -> list[float]:
    """So many shares that sum to one."""
    cuts = sorted(chance.randint(0, PARTS) for _ in range(count - 1))
    return [(b - a) / PARTS for a, b in pairwise((0, *cuts, PARTS))][:count]


def _modality(chance: random.Random, weight: float) -> ModalityState:
    return ModalityState(
        weight,
        chance.choice(list(Condition)),
        Quality(_share(chance)),
        _maybe(chance, lambda c: 1e4 * _share(c)),
        _maybe(chance, _distribution),
        model="a model 1",
    )


def _contradiction(chance: random.Random) -> Contradiction:
    before, after = chance.choices((*LABELS, UNCERTAIN), k=2)
    line = chance.choice(LINES)
    return Contradiction(chance.choice(CONTRADICTIONS), _share(chance), before, after, line)


def _mood(chance: random.Random) -> Mood:
    short_and_long = (_signed(chance) for _ in range(4))
    return Mood(*short_and_long, volatility=_share(chance), confidence=_share(chance))


def _appraisal(chance: random.Random) -> Appraisal:
    since_s = 1800 * _share(chance)
    return Appraisal(chance.choice(COURSES), _share(chance), _share(chance), since_s)


def _conversation(chance: random.Random) -> ConversationState:
    return ConversationState(
        chance.randrange(4),
        chance.choice(LINES),
        chance.choice(("", "player", "npc")),
        _maybe(chance, lambda c: 5000 * _share(c)),
        _maybe(chance, _distribution),
        _maybe(chance, _distribution),
    )
