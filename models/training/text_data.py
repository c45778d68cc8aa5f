"""Reads GoEmotions and EmoBank, and lays their lines out for training."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.experts.dialogue import words
from rapport.experts.dialogue.emotions import NAMES
from rapport.experts.dialogue.words import Encoded

MAX_WORDS = 48
"""Words of a line that training sees; one line in a thousand is longer."""
VOCABULARY_WORDS = 256
"""Words of a line that may enter the vocabulary."""
SEEN_AT_LEAST = 2
"""Lines that a word must occur in to enter the vocabulary."""
RATING_MIDDLE, RATING_REACH = 3.0, 2.0
"""EmoBank's ratings run from 1 to 5; they become (rating - 3) / 2, in -1 ... +1."""


class Line(NamedTuple):
    """A line of text; `labels` are GoEmotions' numbers (None: not labelled), `impression` valence,
    arousal and dominance in -1 ... +1 (None: not rated)."""

    text: str
    labels: tuple[int, ...] | None = None
    impression: tuple[float, float, float] | None = None


class Corpus(NamedTuple):
    """Lines as numbers. Words and pieces of all lines lie end to end; line i holds the `lengths[i]`
    words from `starts[i]` on.

    `labels` float32 [N, 28] and `impressions` float32 [N, 3], NaN where a line has none.
    """

    words: NDArray[np.int64]
    pieces: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    labels: NDArray[np.float32]
    impressions: NDArray[np.float32]

    def padded(self, places: NDArray[np.int64]) -> Encoded:
        """Some lines side by side: words [n, T] and pieces [n, T, PIECES_PER_WORD]."""
        within = np.arange(int(self.lengths[places].max()))
        there = within < self.lengths[places][:, None]
        at = np.where(there, self.starts[places][:, None] + within, 0)
        return Encoded(
            np.where(there, self.words[at], words.PADDING),
            np.where(there[..., None], self.pieces[at], 0),
        )


def read_goemotions(path: Path) -> list[Line]:
    """A GoEmotions file: text, label numbers with commas between, id; tabs between the columns."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
    return [Line(row[0], tuple(int(label) for label in row[1].split(","))) for row in rows]


def read_emobank(path: Path, split: str) -> list[Line]:
    """One split of the EmoBank file (columns split, V, A, D, text)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    lines = []
    for row in rows:
        valence, arousal, dominance = (
            (float(row[name]) - RATING_MIDDLE) / RATING_REACH for name in "VAD"
        )
        lines.append(Line(row["text"], impression=(valence, arousal, dominance)))
    return lines


def vocabulary_of(lines: list[Line]) -> NDArray[np.uint32]:
    """Fingerprints, sorted, of the words that occur in at least `SEEN_AT_LEAST` lines."""
    prints: list[int] = []
    for line in lines:
        prints += {
            words.fingerprint(word.text) for word in words.words(line.text, VOCABULARY_WORDS)
        }
    found, counts = np.unique(np.array(prints, np.uint32), return_counts=True)
    return found[counts >= SEEN_AT_LEAST]


def corpus_of(lines: list[Line], vocabulary: NDArray[np.uint32]) -> Corpus:
    """The lines as numbers; lines without any word are left out."""
    encoded, labels, impressions = [], [], []
    for line in lines:
        found = words.words(line.text, MAX_WORDS)
        if not found:
            continue
        encoded.append(words.encode(found, vocabulary))
        row = np.full(len(NAMES), np.nan, np.float32)
        if line.labels is not None:
            row[:] = 0.0
            row[list(line.labels)] = 1.0
        labels.append(row)
        impressions.append(line.impression or (np.nan, np.nan, np.nan))
    lengths = np.array([len(one.words) for one in encoded])
    return Corpus(
        np.concatenate([one.words for one in encoded]),
        np.concatenate([one.pieces for one in encoded]),
        np.cumsum(lengths) - lengths,
        lengths,
        np.array(labels, np.float32),
        np.array(impressions, np.float32),
    )
