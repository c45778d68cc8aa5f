"""How well a line of text can be read: how much was said, and how much of it is known."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.experts.dialogue.words import UNKNOWN, Word
from rapport.state import Measure, Quality

RAMPS = {
    # "Thanks!" says something, three words say it as well as a long line does.
    "words": (0.0, 3.0),
    # One unknown word in ten is usual: names, typing errors.
    "known": (0.25, 0.9),
}
"""For each measure, the value that scores 0 and the value that scores 1, linear between."""


def measure(line: Sequence[Word], numbers: NDArray[np.int64]) -> dict[str, float]:
    """What can be measured of a line that holds at least one word.

    `words`: how many words, emoji and emoticons there are. `known`: the share of them that the
    vocabulary has; of all punctuation and numbers, if there is nothing else.

    :param numbers: the vocabulary numbers of the words.
    """
    telling = np.array([_tells(word.text) for word in line])
    counted = telling if telling.any() else np.ones(len(line), np.bool_)
    return {
        "words": float(np.count_nonzero(telling)),
        "known": float(np.mean(numbers[counted] != UNKNOWN)),
    }


def _tells(text: str) -> bool:
    """Whether it is a word, an emoji or an emoticon, not a number or punctuation."""
    mark = text[0] in "!?." or (len(text) == 1 and unicodedata.category(text).startswith("P"))
    return not mark and not text.isdigit()


def assess(measures: dict[str, float]) -> Quality:
    """The quality from measured values (keys of `RAMPS`); the total is the product of the scores,
    because each defect alone can make a line useless."""
    scored = {name: Measure(value, _score(name, value)) for name, value in measures.items()}
    return Quality(float(np.prod([entry.score for entry in scored.values()])), scored)


def _score(name: str, value: float) -> float:
    zero, one = RAMPS[name]
    return float(np.clip((value - zero) / (one - zero), 0.0, 1.0))
