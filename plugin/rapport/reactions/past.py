"""Signals of what goes on over time: the mood, the moments of the game, the conversation."""

import re
from collections.abc import Callable

from rapport.reactions.signal import Context, Signal, Value
from rapport.state import CONTRADICTIONS, COURSES, Appraisal, EmotionState, Mood

MOMENT = "moment."
STRENGTH = ".strength"
"""What follows the name of a moment where its strength is meant; a name must not end so itself."""
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?"
"""What a game may call a moment."""
PAUSE_MAX_S = 3600.0
NO_CONTRADICTION = "none"
*_KNOWN_COURSES, _UNKNOWN_COURSE = COURSES


def moment(name: str) -> Signal | None:
    """The course of a moment, or its strength."""
    own = name[len(MOMENT) :].removesuffix(STRENGTH)
    if not re.fullmatch(NAME, own):
        return None

    def appraised(state: EmotionState) -> Appraisal | None:
        found = state.moments.get(own)
        return None if found is None or found.course == _UNKNOWN_COURSE else found

    def course(state: EmotionState, _context: Context) -> Value:
        found = appraised(state)
        return None if found is None else found.course

    def strength(state: EmotionState, _context: Context) -> Value:
        found = appraised(state)
        return None if found is None else found.strength

    def confidence(state: EmotionState) -> float:
        return state.moments[own].confidence

    if name.endswith(STRENGTH):
        meaning = "How far it goes that way: docs/trajectory.md."
        return Signal(name, "number", 0.0, 1.0, meaning, strength, confidence)
    meaning = "How the player takes a moment that the game has named with `dialogue.mark`."
    return Signal(name, "word", 0.0, 1.0, meaning, course, confidence, words=tuple(_KNOWN_COURSES))


def _mood(name: str, low: float, meaning: str, part: Callable[[Mood], float]) -> Signal:
    def value(state: EmotionState, _context: Context) -> Value:
        return None if state.mood is None else part(state.mood)

    def confidence(state: EmotionState) -> float:
        return 0.0 if state.mood is None else state.mood.confidence

    return Signal(f"mood.{name}", "number", low, 1.0, meaning, value, confidence)


def _contradiction(state: EmotionState, _context: Context) -> Value:
    """That there is none is known only where it was looked for: where two modalities can be read,
    or words are judged."""
    if state.contradiction is not None:
        return state.contradiction.kind
    return None if state.incongruence is None else NO_CONTRADICTION


def _contradiction_strength(state: EmotionState, _context: Context) -> Value:
    if state.contradiction is not None:
        return state.contradiction.strength
    return None if state.incongruence is None else 0.0


def _contradiction_confidence(state: EmotionState) -> float:
    return 1.0 if state.contradiction is None else state.contradiction.strength


def _pause(state: EmotionState, _context: Context) -> Value:
    if state.conversation is None or not state.conversation.utterances:
        return None
    pause_s = state.conversation.pause_s
    return 0.0 if pause_s is None else min(PAUSE_MAX_S, pause_s)


PAST = (
    _mood("valence", -1.0, "Valence over the last seconds.", lambda mood: mood.valence),
    _mood("arousal", -1.0, "Arousal over the last seconds.", lambda mood: mood.arousal),
    _mood("long_valence", -1.0, "Valence over the last minutes.", lambda mood: mood.long_valence),
    _mood("long_arousal", -1.0, "Arousal over the last minutes.", lambda mood: mood.long_arousal),
    _mood(
        "volatility", 0.0, "How much the mood moves about: steady (0) to swinging (1).",
        lambda mood: mood.volatility,
    ),
    Signal(
        "conversation.pause_s", "number", 0.0, PAUSE_MAX_S,
        "How long nobody has spoken, 0 while somebody does.", _pause, unit="s", exit_share=0.5,
    ),
    Signal(
        "contradiction.strength", "number", 0.0, 1.0,
        "How sure it is that the words are not meant so, or the smile is not.",
        _contradiction_strength,
    ),
    Signal(
        "contradiction", "word", 0.0, 1.0,
        "What it is when words, voice and face contradict each other.",
        _contradiction, _contradiction_confidence, words=(*CONTRADICTIONS, NO_CONTRADICTION),
    ),
    Signal(
        "conversation.role", "word", 0.0, 1.0, "Who has said the newest line.",
        lambda s, _: (s.conversation and s.conversation.role) or None, words=("player", "npc"),
    ),
    Signal(
        "conversation.line", "word", 0.0, 1.0, "The game's own id of the newest line.",
        lambda s, _: (s.conversation and s.conversation.line) or None,
    ),
)  # fmt: skip
"""Those with a name of their own."""
