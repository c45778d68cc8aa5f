"""Lines taken apart into words, and words into numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.experts.dialogue.words import (
    BUCKETS,
    MAX_WORDS,
    PIECES_PER_WORD,
    SPECIAL,
    UNKNOWN,
    Word,
    encode,
    fingerprint,
    pieces,
    words,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
"""Any code points at all, lone surrogates and unassigned ones among them."""


@pytest.mark.unit
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("I don't like it!", ["i", "don't", "like", "it", "!"]),
        ("I don\u2019t", ["i", "don't"]),
        ("sooooo goooood", ["soo", "good"]),
        ("what?!?!?!", ["what", "?!?"]),
        ("hi [NAME] :) <3 :-(", ["hi", "[name]", ":)", "<3", ":-("]),
        ("thumbs \U0001f44d\U0001f3fd", ["thumbs", "\U0001f44d"]),
        ("love \u2764\ufe0f", ["love", "\u2764"]),
        ("\uff37\uff2f\uff37", ["wow"]),
        ("\u0410\u0445, \u043d\u0435\u0442", ["\u0430\u0445", ",", "\u043d\u0435\u0442"]),
        ("z\u0300\u0301\u0302a\u0327\u0328lgo", ["zalgo"]),
        ("a\x00b\x07", ["ab"]),
        ("", []),
        (" \t\n\u200b\ufeff", []),
        ("\ud800", []),
    ],
)
def test_words_of_a_line(line: str, expected: list[str]) -> None:
    assert [word.text for word in words(line)] == expected


@pytest.mark.unit
def test_shouting_is_seen() -> None:
    found = {word.text: word.shouted for word in words("I am NOT ok, [NAME] OK")}
    assert found == {
        "i": False, "am": False, "not": True, "ok": False, ",": False, "[name]": False,
    }  # fmt: skip
    assert pieces(Word("not", True)) != pieces(Word("not", False))


@pytest.mark.property
@given(ANY_TEXT)
def test_any_text_becomes_numbers_in_range(line: str) -> None:
    vocabulary = np.sort(np.array([fingerprint("the"), fingerprint("!")], np.uint32))
    found = words(line)
    assert len(found) <= MAX_WORDS
    encoded = encode(found, vocabulary)
    assert encoded.words.shape == (len(found),)
    assert encoded.pieces.shape == (len(found), PIECES_PER_WORD)
    assert set(encoded.words.tolist()) <= {UNKNOWN, SPECIAL, SPECIAL + 1}
    if found:
        assert encoded.pieces.min() >= 0 and encoded.pieces.max() < BUCKETS
        assert (encoded.pieces[:, 0] > 0).all(), "every word has a piece"


@pytest.mark.property
@given(st.sets(st.text("abcdefg", min_size=1, max_size=4), min_size=1, max_size=20))
def test_each_known_word_has_its_own_number(known: set[str]) -> None:
    vocabulary = np.unique(np.array([fingerprint(text) for text in known], np.uint32))
    numbers = encode([Word(text, False) for text in sorted(known)], vocabulary).words
    assert sorted(numbers) == [SPECIAL + place for place in range(len(known))]
    assert encode([Word("unheard-of", False)], vocabulary).words.tolist() == [UNKNOWN]


@pytest.mark.unit
def test_numbers_are_the_same_on_every_machine() -> None:
    """The weights rest on them. CRC-32's check value is that of its specification."""
    assert fingerprint("123456789") == 0xCBF43926
    assert pieces(Word("ab", False)) == [
        1 + fingerprint(piece) % (BUCKETS - 1) for piece in ("<ab", "ab>", "<ab>")
    ]


@pytest.mark.unit
def test_long_lines_and_long_words_are_bounded() -> None:
    assert len(words("a b " * MAX_WORDS)) == MAX_WORDS
    assert len(pieces(Word("donaudampfschiff" * 50, True))) == PIECES_PER_WORD
