"""From a line of text to words, and from words to the numbers that the text model reads.

A word is looked up in the vocabulary by its hash, and is besides taken apart into character
n-grams, whose hashes fall into a fixed number of buckets (Bojanowski et al. 2017, "Enriching word
vectors with subword information"), so that a word that was never seen still means something.
"""

import re
import unicodedata
import zlib
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_WORDS = 96
"""Words that are read of a line, the first ones: several sentences, and a bound on the time that a
line costs (1 ms)."""
PADDING, UNKNOWN = 0, 1
"""Numbers that stand for no word and for one that is not in the vocabulary."""
SPECIAL = 2
"""The vocabulary starts at this number."""
PIECE_LENGTHS = (3, 4, 5)
PIECES_PER_WORD = 12
"""Character n-grams that are read of a word, the shortest and foremost first."""
BUCKETS = 16_384
"""Piece numbers; 0 stands for no piece."""
PUNCTUATION_RUN = 3
"""`!!!!!!!` says no more than `!!!`."""

_SKIN_TONES = range(0x1F3FB, 0x1F400)
_PLAIN = str.maketrans(
    {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', ord("`"): "'"}
    | dict.fromkeys(_SKIN_TONES, "")
)
"""Curly quotation marks and apostrophes become plain ones; skin tones are dropped."""
_UNSEEN = {"Cc", "Cf", "Mn", "Me", "Cs", "Co", "Cn"}
"""Categories of characters that are no words of their own: controls, joiners, accents that belong
to no letter, surrogates, unassigned ones."""
_STRETCHED = re.compile(r"(\w)\1{2,}")
_WORD = re.compile(
    r"\[[a-z]+\]"  # a blanked name, as in GoEmotions: [NAME], [RELIGION]
    r"|<+/?3+"  # <3 and </3
    r"|[:;=]['^o-]?[()\[\]dp/\\|3]+(?!\w)"  # :) ;-) :'( :D
    r"|[^\W\d_]+(?:'[^\W\d_]+)*"  # letters, with apostrophes inside
    r"|\d+"
    r"|[!?.]+"
    r"|[^\s\w]",  # any other sign, emoji among them
    re.IGNORECASE,
)


class Word(NamedTuple):
    """A word in lower case, and whether it was SHOUTED."""

    text: str
    shouted: bool


class Encoded(NamedTuple):
    """A line as the model reads it.

    `words` int64 [T]: vocabulary numbers. `pieces` int64 [T, PIECES_PER_WORD]: piece numbers, 0
    where there are no more.
    """

    words: NDArray[np.int64]
    pieces: NDArray[np.int64]


def words(line: str, most: int = MAX_WORDS) -> list[Word]:
    """The first words, emoticons, emoji and punctuation of a line, in order, `most` of them.

    Any string will do: broken surrogates, control characters and accents without a letter are
    passed over.
    """
    plain = unicodedata.normalize("NFKC", line).translate(_PLAIN)
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(c for c in plain if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return [_word(found) for found in _tokens(plain, most)]


def _tokens(plain: str, most: int) -> list[str]:
    shortened = _STRETCHED.sub(r"\1\1", plain)
    found = _WORD.finditer(shortened)
    return [match.group() for match in islice(found, most)]


def _word(token: str) -> Word:
    text = token.casefold()
    if text[0] in "!?.":
        text = text[:PUNCTUATION_RUN]
    return Word(text, len(token) > 2 and token[0].isalpha() and token.isupper())


def fingerprint(text: str) -> int:
    """The 32-bit hash (CRC-32 of UTF-8) by which a word is known, the same on every machine."""
    return zlib.crc32(text.encode("utf-8", "replace"))


def pieces(word: Word) -> list[int]:
    """Numbers of the character n-grams of a word with its ends marked, from 1 to `BUCKETS` - 1."""
    marked = f"<{word.text}>"
    found = ["^"] if word.shouted else []
    for length in PIECE_LENGTHS:
        last = len(marked) - length + 1
        found += [marked[at : at + length] for at in range(min(last, PIECES_PER_WORD))]
    unique = list(dict.fromkeys(found))[:PIECES_PER_WORD]
    return [1 + fingerprint(piece) % (BUCKETS - 1) for piece in unique]


def encode(line: Sequence[Word], vocabulary: NDArray[np.uint32]) -> Encoded:
    """The numbers of a line's words.

    :param vocabulary: fingerprints of the known words, sorted, at least one.
    """
    prints = np.array([fingerprint(word.text) for word in line], np.uint32)
    at = np.minimum(np.searchsorted(vocabulary, prints), len(vocabulary) - 1)
    numbers = np.where(vocabulary[at] == prints, at + SPECIAL, UNKNOWN).astype(np.int64)
    parts = np.zeros((len(line), PIECES_PER_WORD), np.int64)
    for row, word in enumerate(line):
        found = pieces(word)
        parts[row, : len(found)] = found
    return Encoded(numbers, parts)
