"""How well a line can be read."""

import numpy as np
import pytest

from rapport.experts.dialogue import quality
from rapport.experts.dialogue.words import SPECIAL, UNKNOWN, words

pytestmark = pytest.mark.unit


def measured(line: str, known: set[str]) -> dict[str, float]:
    found = words(line)
    numbers = np.array([SPECIAL if word.text in known else UNKNOWN for word in found])
    return quality.measure(found, numbers)


def test_words_are_counted_and_punctuation_is_not() -> None:
    assert measured("oh , no ! qwxyz 12", {"oh", "no", ",", "!"}) == {"words": 3.0, "known": 2 / 3}


def test_emoji_and_emoticons_count_as_words() -> None:
    line = ":) \U0001f602 :( ..."
    assert measured(line, {":)", "\U0001f602"}) == {"words": 3.0, "known": 2 / 3}


def test_a_line_of_punctuation_and_numbers_says_little() -> None:
    assert measured("12 !?", {"!?"}) == {"words": 0.0, "known": 1 / 2}
    assert quality.assess(measured("12 !?", {"!?"})).score == 0.0


def test_more_words_and_more_known_words_score_higher() -> None:
    def score(count: float, known: float) -> float:
        return quality.assess({"words": count, "known": known}).score

    assert 0.0 == score(0, 1.0) < score(1, 1.0) < score(3, 1.0) == score(50, 1.0) == 1.0
    assert 0.0 == score(5, 0.2) < score(5, 0.5) < score(5, 0.8) < 1.0
