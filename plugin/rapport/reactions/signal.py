"""What a signal is: a number, a flag or a word that a condition of a profile may name.

Where nothing honest can be said it is unknown, which is never taken for zero or false.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from rapport.state import EmotionState

Context = Mapping[str, bool | float | str]
"""The game's own variables, by name."""
Kind = Literal["number", "flag", "word", "any"]
FINITE_MAX = 1e12
"""A number beyond it, infinity and what is none (NaN) are unknown: no game counts so far, and no
arithmetic with it would mean anything."""
DEFAULT_EXIT = 0.1
"""The exit level lies this share of the signal's span below the enter level, if none is given."""

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
    exit_share: float | None = None
    """The exit level is this share of the enter level, if none is given; None: it lies
    `DEFAULT_EXIT` of the span below."""

    @property
    def bounded(self) -> bool:
        """Whether its values fill its range; a variable of the game and a time go as far as they
        go."""
        return self.kind != "any" and self.unit != "s"

    @property
    def span(self) -> float:
        """From one end of its range to the other."""
        return self.high - self.low

    def default_exit(self, enter: float) -> float:
        """The exit level where none is given; a variable of the game counts as 0 ... 1."""
        if self.exit_share is not None:
            return enter * self.exit_share
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
