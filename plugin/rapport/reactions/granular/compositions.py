"""What each granular state is made of, as data. docs/granular.md says why, state by state.

Every number in here is set by judgement: there are no recordings of players with labels for these
states to fit them to, and none to measure them on.
"""

from enum import Enum
from typing import NamedTuple


class Trace(NamedTuple):
    """How long a signal is remembered: `rise_s` to follow it upwards, `fall_s` downwards (time
    constants, seconds). A trace begins at zero, where a calm player is."""

    rise_s: float
    fall_s: float


_MOMENT = Trace(2.0, 2.0)
"""An expression must outlast a blink or a syllable."""
_SOUND = Trace(0.3, 6.0)
"""A burst lasts a second and is over; what it was about is not."""
_BREATH = Trace(0.3, 12.0)
"""Sighs and sobs come a few a minute."""

TRACES: dict[str, Trace] = {
    "happiness": _MOMENT,
    "surprise": _MOMENT,
    "sadness": _MOMENT,
    "anger": _MOMENT,
    "disgust": _MOMENT,
    "fear": _MOMENT,
    "contempt": _MOMENT,
    "displeasure": _MOMENT,
    "unclear": _MOMENT,
    "valence": _MOMENT,
    "arousal": _MOMENT,
    "dominance": _MOMENT,
    "movement": Trace(3.0, 6.0),
    "startle": Trace(4.0, 12.0),
    "denial": Trace(1.0, 4.0),
    "incongruence": Trace(1.0, 3.0),
    "speaking": Trace(3.0, 8.0),
    "facing": Trace(2.0, 2.0),
    "away": Trace(3.0, 12.0),
    "laugh": _SOUND,
    "cheer": _SOUND,
    "gasp": _SOUND,
    "huh": _SOUND,
    "sigh": _BREATH,
    "cry": _BREATH,
}
"""By the names of the signals, which `signals` reads."""


class Part(Enum):
    """What a term does in a composition."""

    SIGN = "sign"
    """Speaks for the state when it is there and against it when it is not: the state is the
    weighted mean of its signs."""
    EXTRA = "extra"
    """Speaks for the state when it is there; its absence says nothing. It takes its weight's
    share of what is missing to one."""
    NEED = "need"
    """Without it the state is less by its weight's share, and so is the confidence."""
    AGAINST = "against"
    """Where it is there, the state is less by its weight's share."""


class Term(NamedTuple):
    """One line of a composition: which trace, how much it weighs (0 ... 1), and the ramp from the
    trace's value that counts as none of it to the one that counts as all of it (`none` may be
    the larger one)."""

    part: Part
    trace: str
    weight: float
    none: float
    full: float


class Composition(NamedTuple):
    """A granular state: how long what it is made of must last (`rise_s`, and `fall_s` for it to
    pass: time constants, seconds), how long it must be watched to be sure (`window_s`), and its
    terms."""

    rise_s: float
    fall_s: float
    window_s: float
    terms: tuple[Term, ...]


_SIGN, _EXTRA, _NEED, _AGAINST = Part.SIGN, Part.EXTRA, Part.NEED, Part.AGAINST

COMPOSITIONS: dict[str, Composition] = {
    "frustration": Composition(10.0, 10.0, 12.0, (
        Term(_SIGN, "anger", 1.0, 0.15, 0.5),
        Term(_SIGN, "valence", 0.6, -0.1, -0.4),
        Term(_NEED, "arousal", 0.6, -0.2, 0.1),
        Term(_EXTRA, "disgust", 0.3, 0.15, 0.5),
        Term(_EXTRA, "sigh", 0.4, 0.1, 0.5),
        Term(_AGAINST, "fear", 0.7, 0.2, 0.6),
        Term(_AGAINST, "sadness", 0.6, 0.3, 0.7),
        Term(_AGAINST, "happiness", 0.4, 0.4, 0.8),
    )),
    "confusion": Composition(4.0, 6.0, 10.0, (
        Term(_SIGN, "surprise", 1.0, 0.15, 0.45),
        Term(_SIGN, "unclear", 0.7, 0.58, 0.75),
        Term(_SIGN, "displeasure", 0.5, 0.2, 0.45),
        Term(_NEED, "surprise", 0.5, 0.05, 0.25),
        Term(_NEED, "facing", 0.6, 0.3, 0.8),
        Term(_EXTRA, "huh", 0.5, 0.1, 0.5),
        Term(_AGAINST, "happiness", 0.7, 0.3, 0.6),
        Term(_AGAINST, "startle", 0.6, 0.1, 0.25),
        Term(_AGAINST, "arousal", 0.5, 0.5, 0.8),
        Term(_AGAINST, "anger", 0.6, 0.3, 0.6),
        Term(_AGAINST, "fear", 0.6, 0.3, 0.6),
        Term(_AGAINST, "sadness", 0.6, 0.25, 0.5),
    )),
    "overwhelm": Composition(6.0, 8.0, 12.0, (
        Term(_SIGN, "fear", 0.9, 0.15, 0.5),
        Term(_SIGN, "startle", 0.9, 0.08, 0.25),
        Term(_SIGN, "arousal", 0.6, 0.2, 0.5),
        Term(_SIGN, "dominance", 0.6, -0.05, -0.3),
        Term(_NEED, "arousal", 0.7, 0.05, 0.25),
        Term(_NEED, "valence", 0.7, 0.25, -0.1),
        Term(_EXTRA, "gasp", 0.3, 0.1, 0.5),
        Term(_EXTRA, "cry", 0.3, 0.1, 0.5),
        Term(_AGAINST, "happiness", 0.5, 0.3, 0.6),
        Term(_AGAINST, "anger", 0.4, 0.4, 0.8),
    )),
    "boredom": Composition(15.0, 8.0, 20.0, (
        Term(_SIGN, "arousal", 1.0, 0.0, -0.15),
        Term(_SIGN, "away", 0.8, 0.1, 0.4),
        Term(_SIGN, "valence", 0.5, -0.1, -0.25),
        Term(_SIGN, "movement", 0.3, 0.08, 0.02),
        Term(_SIGN, "speaking", 0.2, 0.15, 0.0),
        Term(_NEED, "arousal", 0.7, 0.3, 0.1),
        Term(_EXTRA, "sigh", 0.4, 0.1, 0.5),
        Term(_AGAINST, "happiness", 0.7, 0.3, 0.6),
        Term(_AGAINST, "surprise", 0.6, 0.25, 0.6),
        Term(_AGAINST, "anger", 0.6, 0.25, 0.6),
        Term(_AGAINST, "fear", 0.8, 0.2, 0.5),
        Term(_AGAINST, "sadness", 0.8, 0.4, 0.7),
    )),
    "engagement": Composition(6.0, 8.0, 12.0, (
        Term(_SIGN, "movement", 1.0, 0.05, 0.3),
        Term(_SIGN, "arousal", 0.6, 0.05, 0.25),
        Term(_SIGN, "speaking", 0.5, 0.05, 0.35),
        Term(_SIGN, "facing", 0.5, 0.5, 1.0),
        Term(_NEED, "facing", 0.9, 0.4, 0.9),
        Term(_AGAINST, "arousal", 0.6, 0.45, 0.75),
        Term(_AGAINST, "away", 0.6, 0.1, 0.4),
        Term(_AGAINST, "sadness", 0.6, 0.25, 0.5),
        Term(_AGAINST, "anger", 0.5, 0.25, 0.5),
    )),
    "amusement": Composition(1.5, 4.0, 5.0, (
        Term(_SIGN, "happiness", 1.0, 0.3, 0.7),
        Term(_SIGN, "laugh", 0.8, 0.1, 0.5),
        Term(_NEED, "valence", 0.6, -0.1, 0.2),
        Term(_EXTRA, "cheer", 0.4, 0.1, 0.5),
        Term(_AGAINST, "sadness", 0.6, 0.25, 0.5),
        Term(_AGAINST, "anger", 0.6, 0.25, 0.5),
        Term(_AGAINST, "fear", 0.5, 0.25, 0.5),
        Term(_AGAINST, "contempt", 0.5, 0.2, 0.5),
        Term(_AGAINST, "incongruence", 0.5, 0.3, 0.6),
    )),
    "scepticism": Composition(3.0, 6.0, 8.0, (
        Term(_SIGN, "contempt", 1.0, 0.1, 0.35),
        Term(_NEED, "facing", 0.3, 0.3, 0.8),
        Term(_EXTRA, "denial", 0.7, 0.04, 0.15),
        Term(_EXTRA, "disgust", 0.35, 0.15, 0.4),
        Term(_EXTRA, "huh", 0.2, 0.1, 0.5),
        Term(_AGAINST, "happiness", 0.5, 0.5, 0.8),
        Term(_AGAINST, "fear", 0.7, 0.2, 0.5),
        Term(_AGAINST, "sadness", 0.6, 0.25, 0.5),
        Term(_AGAINST, "anger", 0.5, 0.4, 0.8),
    )),
    "grief": Composition(25.0, 20.0, 30.0, (
        Term(_SIGN, "sadness", 1.0, 0.25, 0.6),
        Term(_SIGN, "valence", 0.5, -0.1, -0.35),
        Term(_NEED, "sadness", 0.9, 0.2, 0.45),
        Term(_NEED, "arousal", 0.6, 0.25, 0.0),
        Term(_EXTRA, "cry", 0.4, 0.1, 0.5),
        Term(_EXTRA, "sigh", 0.2, 0.1, 0.5),
        Term(_AGAINST, "happiness", 0.6, 0.25, 0.6),
        Term(_AGAINST, "anger", 0.6, 0.3, 0.6),
        Term(_AGAINST, "fear", 0.5, 0.3, 0.6),
        Term(_AGAINST, "surprise", 0.4, 0.3, 0.6),
    )),
}  # fmt: skip
"""In the order of `state.GRANULAR`."""
