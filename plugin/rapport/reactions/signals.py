"""Signals: what a condition of a profile may name, and how each is read from a state.

A signal is a number, a flag or a word. Where nothing honest can be said it is unknown, which is
never taken for zero or false.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

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

Context = Mapping[str, bool | float | str]
"""The game's own variables, by name."""
Kind = Literal["number", "flag", "word", "any"]
CONTEXT = "context."
FINITE_MAX = 1e12
"""A number beyond it, infinity and what is none (NaN) are unknown: no game counts so far, and no
arithmetic with it would mean anything."""
DEFAULT_EXIT = 0.1
"""The exit level lies this share of the signal's span below the enter level, if none is given."""
NOT_HEARD = {Condition.DISABLED, Condition.LOST, Condition.FAILED, Condition.STARTING}
"""Conditions of the voice in which nobody can say that no burst is heard."""

Value = float | str | None
"""A number, a flag as 1 or 0, a word; None: unknown."""


class Reading(NamedTuple):
    """A signal that is known: its value (a flag is 1 or 0), the word if it is one, how sure it is
    (0 ... 1), and the modality that carried most of it (empty: none, or several alike)."""

    value: float | None
    word: str = ""
    confidence: float = 1.0
    modality: str = ""


def _sure(_state: EmotionState) -> float:
    return 1.0


def _nobody(_state: EmotionState) -> str:
    return ""


class Signal(NamedTuple):
    """A signal: what kind it is, the ends of its range, its unit, what it means, and how it is
    read.

    `value` gives None where it is unknown; `confidence` and `carrier` are asked only where it is
    known. They are apart because a tick needs every value, and a modality only for an event.
    """

    name: str
    kind: Kind
    low: float
    high: float
    meaning: str
    value: Callable[[EmotionState, Context], Value]
    confidence: Callable[[EmotionState], float] = _sure
    carrier: Callable[[EmotionState], str] = _nobody
    words: tuple[str, ...] = ()
    """The words that it may be; empty: any."""
    unit: str = ""

    @property
    def span(self) -> float:
        """From one end of its range to the other."""
        return self.high - self.low

    def default_exit(self, enter: float) -> float:
        """The exit level where none is given; a variable of the game counts as 0 ... 1."""
        return enter - DEFAULT_EXIT * (1.0 if self.kind == "any" else self.span)

    def read(self, state: EmotionState, context: Context) -> Reading | None:
        """Everything about it at once; None where it is unknown."""
        value = known(self.value(state, context))
        if value is None:
            return None
        number, word = (None, value) if isinstance(value, str) else (value, "")
        return Reading(number, word, self.confidence(state), self.carrier(state))


def known(value: Value) -> Value:
    """The value, or None if it is no number that can be compared."""
    if value is None or isinstance(value, str) or -FINITE_MAX <= value <= FINITE_MAX:
        return value
    return None


def magnitude(value: float) -> float:
    """How strong a value is, 0 ... 1: its distance from nothing."""
    return min(1.0, abs(value))


def find(name: str) -> Signal | None:
    """A signal by its name, or None if there is none."""
    if name.startswith(CONTEXT) and len(name) > len(CONTEXT):
        return _variable(name)
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
    *(signal for modality in Modality for signal in _of_modality(modality)),
)  # fmt: skip

CATALOGUE = {row.name: row for row in _ROWS}
"""Every signal but the game's own variables, in the order in which they are shown."""
