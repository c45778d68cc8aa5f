"""Utterances: what was said, by whom, when, and what was seen and heard meanwhile."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from rapport.state import Distribution, Evidence

Role = Literal["player", "npc"]


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line of dialogue as the game told it.

    `speaker` is any name; `text` is held in memory only while it is remembered, and goes nowhere.
    `line` is the game's own id of it. `start_ns` and `end_ns` are when it was said; a line without
    a length (typed, chosen, or told without one) ends when it begins. `typed` says that
    it was not spoken: what the microphone hears is then something else.
    """

    speaker: str
    role: Role
    text: str
    start_ns: int
    end_ns: int
    line: str = ""
    typed: bool = False


class Summary(msgspec.Struct, frozen=True, gc=False):
    """One modality's evidence over a span of time, each reading weighed by its quality.

    `quality` is the mean score of the readings, 0 ... 1; `share` how much of the span could be
    read, 0 ... 1. `valence` and `arousal` are in -1 ... +1, None where nobody read any. `prosody`
    holds the means of `Evidence.prosody` (voice only).
    """

    distribution: Distribution
    valence: float | None
    arousal: float | None
    quality: float
    share: float
    prosody: Mapping[str, float] = {}


class Utterance(msgspec.Struct, frozen=True, gc=False):
    """One stretch of somebody's speech, with or without known words.

    `number` counts up over a conversation. `speaker` is a name within it; all that the microphone
    hears is the player's. `words` is the text expert's evidence of the line, and `emotions` the
    probabilities of its 28 labels (`experts.dialogue.emotions.NAMES`); None where no words are
    known or they could not be read. `voice` and `face` are the player's, None where they could not
    be read; of an NPC's utterance they are always None. `pause_s` is how long nobody had spoken
    before it (0: it began at once, or cut in; None: nothing was said before). `expected` is what
    the conversation so far let expect of its speaker, None before anything was said.
    """

    number: int
    speaker: str
    role: Role
    start_ns: int
    end_ns: int
    line: str = ""
    text: str = ""
    words: Evidence | None = None
    emotions: tuple[float, ...] | None = None
    voice: Summary | None = None
    face: Summary | None = None
    pause_s: float | None = None
    follows_own: bool = False
    """Whether the utterance before it was the same speaker's."""
    expected: Distribution | None = None
