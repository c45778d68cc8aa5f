"""Signals: what a condition of a profile may name, and how each is read from a state.

A signal is a number, a flag or a word. Where nothing honest can be said it is unknown, which is
never taken for zero or false.
"""

from collections.abc import Callable, Mapping
from functools import partial
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
NOT_HEARD = {Condition.DISABLED, Condition.LOST, Condition.FAILED, Condition.STARTING}
"""Conditions of the voice in which nobody can say that no burst is heard."""


class Reading(NamedTuple):
    """A signal that is known: its value (a flag is 1 or 0), the word if it is one, how sure it is
    (0 ... 1), and the modality that carried most of it (empty: none)."""

    value: float | None
    word: str = ""
    confidence: float = 1.0
    modality: str = ""


Read = Callable[[EmotionState, Context], Reading | None]


class Signal(NamedTuple):
    """A signal: what kind it is, the ends of its range, what it means, and how it is read."""

    name: str
    kind: Kind
    low: float
    high: float
    meaning: str
    read: Read
    words: tuple[str, ...] = ()
    """The words that it may be, as far as they are known; others are allowed."""

    @property
    def span(self) -> float:
        """From one end of its range to the other."""
        return self.high - self.low

    def magnitude(self, value: float) -> float:
        """How strong a value is, 0 ... 1: its distance from nothing."""
        return min(1.0, abs(value))


def find(name: str) -> Signal | None:
    """A signal by its name, or None if there is none."""
    if name.startswith(CONTEXT) and len(name) > len(CONTEXT):
        meaning = "A variable of the game, which it tells with `profile.context`."
        return Signal(name, "any", -1e12, 1e12, meaning, partial(_context, name[len(CONTEXT) :]))
    return CATALOGUE.get(name)


def _label(place: int, state: EmotionState, _context: Context) -> Reading | None:
    if state.probabilities is None:
        return None
    carrier = _most(state, lambda m: m.distribution[place] if m.distribution else 0.0)
    return Reading(state.probabilities[place], "", state.confidence, carrier)


def _feeling(name: str, state: EmotionState, _context: Context) -> Reading | None:
    value: float | None = getattr(state, name)
    if value is None:
        return None
    carrier = _most(state, lambda m: abs(getattr(m, name, None) or 0.0))
    return Reading(value, "", state.confidence, carrier)


def _incongruence(state: EmotionState, _context: Context) -> Reading | None:
    return None if state.incongruence is None else Reading(state.incongruence)


def _confidence(state: EmotionState, _context: Context) -> Reading | None:
    known = state.probabilities is not None
    return Reading(state.confidence, "", 1.0, _most(state)) if known else None


def _word(state: EmotionState, _context: Context) -> Reading | None:
    if state.probabilities is None:
        return None
    return Reading(None, state.label, state.confidence, _most(state))


def _granular(name: str, state: EmotionState, _context: Context) -> Reading | None:
    found = state.granular.get(name)
    return None if found is None else Reading(found.value, "", found.confidence, _most(state))


def _flag(name: str, modality: Modality, state: EmotionState, _context: Context) -> Reading | None:
    flag: bool | None = getattr(state, name)
    return None if flag is None else Reading(float(flag), "", 1.0, str(modality))


def _burst(name: str, state: EmotionState, _context: Context) -> Reading | None:
    voice = state.modalities.get(Modality.VOICE)
    if voice is None or voice.condition in NOT_HEARD:
        return None
    heard = state.burst is not None and state.burst.name == name
    confidence = state.burst.confidence if heard and state.burst is not None else 0.0
    return Reading(confidence, "", 1.0, str(Modality.VOICE))


def _condition(modality: Modality, state: EmotionState, _context: Context) -> Reading | None:
    found = state.modalities.get(modality)
    return None if found is None else Reading(None, str(found.condition), 1.0, str(modality))


def _quality(modality: Modality, state: EmotionState, _context: Context) -> Reading | None:
    found = state.modalities.get(modality)
    return None if found is None else Reading(found.quality.score, "", 1.0, str(modality))


def _weight(modality: Modality, state: EmotionState, _context: Context) -> Reading | None:
    found = state.modalities.get(modality)
    return None if found is None else Reading(found.weight, "", 1.0, str(modality))


def _context(name: str, _state: EmotionState, context: Context) -> Reading | None:
    value = context.get(name)
    if value is None:
        return None
    return Reading(None, value) if isinstance(value, str) else Reading(float(value))


def _most(state: EmotionState, part: Callable[[ModalityState], float] = lambda _m: 1.0) -> str:
    """The modality with the largest weighed part; empty if none has any."""
    parts = {str(name): found.weight * part(found) for name, found in state.modalities.items()}
    largest = max(parts, key=parts.__getitem__, default="")
    return largest if largest and parts[largest] > 0.0 else ""


def _catalogue() -> dict[str, Signal]:
    rows: list[Signal] = [
        *(
            Signal(name, "number", 0.0, 1.0, f"Probability of {name}.", partial(_label, place))
            for place, name in enumerate(LABELS)
        ),
        *(
            Signal(name, "number", -1.0, 1.0, meaning, partial(_feeling, name))
            for name, meaning in (
                ("valence", "Unpleasant to pleasant."),
                ("arousal", "Calm to excited."),
                ("dominance", "Helpless to in control."),
                ("trend", "Slope of valence, per second."),
            )
        ),
        Signal(
            "incongruence", "number", 0.0, 1.0, "How far the modalities contradict each other.",
            _incongruence,
        ),
        Signal("confidence", "number", 0.0, 1.0, "How sure the label is.", _confidence),
        *(
            Signal(name, "number", 0.0, 1.0, f"Granular state {name}.", partial(_granular, name))
            for name in GRANULAR
        ),
        Signal(
            "speaking", "flag", 0.0, 1.0, "Whether the player speaks.",
            partial(_flag, "speaking", Modality.VOICE),
        ),
        Signal(
            "face_present", "flag", 0.0, 1.0, "Whether a face is seen.",
            partial(_flag, "face_present", Modality.FACE),
        ),
        Signal("label", "word", 0.0, 1.0, "Label, or `uncertain`.", _word, (*LABELS, UNCERTAIN)),
        *(
            Signal(
                f"burst.{name}", "number", 0.0, 1.0, f"Probability of a {name} just now.",
                partial(_burst, name),
            )
            for name in BURSTS
        ),
    ]  # fmt: skip
    conditions = tuple(str(condition) for condition in Condition)
    for modality in Modality:
        rows += [
            Signal(
                f"{modality}.condition", "word", 0.0, 1.0, f"Condition of the {modality}.",
                partial(_condition, modality), conditions,
            ),
            Signal(
                f"{modality}.quality", "number", 0.0, 1.0, f"How well the {modality} can be read.",
                partial(_quality, modality),
            ),
            Signal(
                f"{modality}.weight", "number", 0.0, 1.0, f"Share of the {modality} in the state.",
                partial(_weight, modality),
            ),
        ]  # fmt: skip
    return {row.name: row for row in rows}


CATALOGUE = _catalogue()
"""Every signal but the game's own variables, in the order in which they are shown."""
