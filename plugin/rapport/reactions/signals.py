"""Signals: what a condition of a profile may name, and how each is read from a state.

Those of now are here, those of what goes on over time in `past`.
"""

from collections.abc import Callable, Mapping

from rapport.reactions.past import MOMENT, PAST, STRENGTH, moment
from rapport.reactions.signal import FINITE_MAX, Context, Signal, Value
from rapport.state import (
    BURSTS,
    GRANULAR,
    LABELS,
    UNCERTAIN,
    Condition,
    EmotionState,
    Modality,
    ModalityState,
)

CONTEXT = "context."
NOT_HEARD = {Condition.DISABLED, Condition.LOST, Condition.FAILED, Condition.STARTING}
"""Conditions of the voice in which nobody can say that no burst is heard."""


def find(name: str) -> Signal | None:
    """A signal by its name, or None if there is none."""
    for beginning, family in OPEN.items():
        if name.startswith(beginning) and len(name) > len(beginning):
            return family(name)
    return CATALOGUE.get(name)


def _variable(name: str) -> Signal:
    own = name[len(CONTEXT) :]

    def value(_state: EmotionState, context: Context) -> Value:
        told = context.get(own)
        if isinstance(told, bool):
            return float(told)
        return told

    meaning = "A variable of the game, which it tells with `profile.context`."
    return Signal(name, "any", -FINITE_MAX, FINITE_MAX, meaning, value)


OPEN: Mapping[str, Callable[[str], Signal | None]] = {CONTEXT: _variable, MOMENT: moment}
"""Families of signals whose names the game makes, by how they begin."""
OPEN_NAMES = (f"{MOMENT}NAME", f"{MOMENT}NAME{STRENGTH}", f"{CONTEXT}NAME")
"""How they are shown in a list."""


def _most(state: EmotionState, part: Callable[[ModalityState], float]) -> str:
    """The modality with the largest weighed part; empty if none has any, or several the same."""
    parts = [(found.weight * part(found), str(name)) for name, found in state.modalities.items()]
    largest = max((size for size, _ in parts), default=0.0)
    carriers = [name for size, name in parts if size == largest]
    return carriers[0] if len(carriers) == 1 and largest > 0.0 else ""


def _heaviest(state: EmotionState) -> str:
    return _most(state, lambda _modality: 1.0)


def _carrier_of_label(place: int, state: EmotionState) -> str:
    return _most(state, lambda m: m.distribution[place] if m.distribution else 0.0)


def _carrier_of_word(state: EmotionState) -> str:
    if state.label in LABELS:
        return _carrier_of_label(LABELS.index(state.label), state)
    return _heaviest(state)


def _carrier_of_valence(state: EmotionState) -> str:
    return _most(state, lambda m: abs(m.valence or 0.0))


def _carrier_of_arousal(state: EmotionState) -> str:
    return _most(state, lambda m: abs(m.arousal or 0.0))


def _confidence(state: EmotionState) -> float:
    return state.confidence


def _emotion(place: int) -> Signal:
    def value(state: EmotionState, _context: Context) -> Value:
        return None if state.probabilities is None else state.probabilities[place]

    def carrier(state: EmotionState) -> str:
        return _carrier_of_label(place, state)

    name = LABELS[place]
    return Signal(name, "number", 0.0, 1.0, f"Probability of {name}.", value, _confidence, carrier)


def _granular(name: str) -> Signal:
    def value(state: EmotionState, _context: Context) -> Value:
        found = state.granular.get(name)
        return None if found is None else found.value

    def confidence(state: EmotionState) -> float:
        return state.granular[name].confidence

    meaning = f"Granular state {name}: docs/granular.md."
    return Signal(name, "number", 0.0, 1.0, meaning, value, confidence, _heaviest)


def _burst(name: str) -> Signal:
    def value(state: EmotionState, _context: Context) -> Value:
        voice = state.modalities.get(Modality.VOICE)
        if voice is None or voice.condition in NOT_HEARD:
            return None
        return state.burst.confidence if state.burst and state.burst.name == name else 0.0

    meaning = f"Probability of a {name} just now, 0 while none is heard."
    return Signal(
        f"burst.{name}", "number", 0.0, 1.0, meaning, value, carrier=lambda _s: str(Modality.VOICE)
    )


def _of_modality(modality: Modality) -> tuple[Signal, ...]:
    def condition(state: EmotionState, _context: Context) -> Value:
        found = state.modalities.get(modality)
        return None if found is None else str(found.condition)

    def quality(state: EmotionState, _context: Context) -> Value:
        found = state.modalities.get(modality)
        return None if found is None else found.quality.score

    def weight(state: EmotionState, _context: Context) -> Value:
        found = state.modalities.get(modality)
        return None if found is None else found.weight

    def carrier(_state: EmotionState) -> str:
        return str(modality)

    numbers = (
        ("quality", f"How well the {modality} can be read.", quality),
        ("weight", f"Share of the {modality} in the result.", weight),
    )
    return (
        Signal(
            f"{modality}.condition", "word", 0.0, 1.0, f"What is the matter with the {modality}.",
            condition, carrier=carrier, words=tuple(str(word) for word in Condition),
        ),
        *(
            Signal(f"{modality}.{name}", "number", 0.0, 1.0, meaning, value, carrier=carrier)
            for name, meaning, value in numbers
        ),
    )  # fmt: skip


_ROWS = (
    *(_emotion(place) for place in range(len(LABELS))),
    Signal(
        "valence", "number", -1.0, 1.0, "Unpleasant (-1) to pleasant (+1).",
        lambda s, _: s.valence, _confidence, _carrier_of_valence,
    ),
    Signal(
        "arousal", "number", -1.0, 1.0, "Calm (-1) to excited (+1).",
        lambda s, _: s.arousal, _confidence, _carrier_of_arousal,
    ),
    Signal(
        "dominance", "number", -1.0, 1.0, "Helpless (-1) to in control (+1).",
        lambda s, _: s.dominance, _confidence, _heaviest,
    ),
    Signal(
        "trend", "number", -1.0, 1.0, "Slope of valence over the last seconds.",
        lambda s, _: s.trend, _confidence, _carrier_of_valence, unit="1/s",
    ),
    Signal(
        "incongruence", "number", 0.0, 1.0, "How far the modalities contradict each other.",
        lambda s, _: s.incongruence,
    ),
    Signal(
        "confidence", "number", 0.0, 1.0, "How sure it is that the label is right.",
        lambda s, _: None if s.probabilities is None else s.confidence, carrier=_heaviest,
    ),
    *(_granular(name) for name in GRANULAR),
    Signal(
        "speaking", "flag", 0.0, 1.0, "Whether the player speaks.",
        lambda s, _: None if s.speaking is None else float(s.speaking),
        carrier=lambda _s: str(Modality.VOICE),
    ),
    Signal(
        "face_present", "flag", 0.0, 1.0, "Whether a face is seen.",
        lambda s, _: None if s.face_present is None else float(s.face_present),
        carrier=lambda _s: str(Modality.FACE),
    ),
    Signal(
        "label", "word", 0.0, 1.0, "The emotion that stands out, or `uncertain`.",
        lambda s, _: None if s.probabilities is None else s.label,
        _confidence, _carrier_of_word, (*LABELS, UNCERTAIN),
    ),
    *(_burst(name) for name in BURSTS),
    *PAST,
    *(signal for modality in Modality for signal in _of_modality(modality)),
)  # fmt: skip

CATALOGUE = {row.name: row for row in _ROWS}
"""Every signal but those of `OPEN`, in the order in which they are shown."""
