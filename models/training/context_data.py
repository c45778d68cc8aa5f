"""What the shipped context network learns from: dialogues with the words of people and the voices
and faces of others.

There is no free corpus of dialogues with raw sound and pictures here. So each labelled line of MELD
and EmoryNLP is given a voice and a face that carry the same label: readings of the shipped experts,
of people whom no expert learned from. One person lends a speaker the voice for a whole dialogue;
faces have no names in FER+, so theirs change from line to line.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from models.evaluation.fusion_material import load_lines
from models.evaluation.merc_convert import FORMS, convert
from models.evaluation.merc_corpus import Dialogue, Utterance
from models.training.context_readings import Pool
from numpy.typing import NDArray

from rapport.conversation.context import (
    EXPERTS,
    PAUSE_MAX_S,
    WIDTHS,
    Given,
    emotions_row,
    timing_row,
)
from rapport.experts.dialogue import TextExpert
from rapport.experts.dialogue.emotions import UNTAUGHT
from rapport.state import LABELS, Evidence

TAUGHT = tuple(label for label in LABELS if label not in UNTAUGHT)
MEANS = {
    "meld": {
        "neutral": "neutral", "joy": "happiness", "surprise": "surprise", "sadness": "sadness",
        "anger": "anger", "disgust": "disgust", "fear": "fear",
    },
    "emorynlp": {
        "neutral": "neutral", "joyful": "happiness", "sad": "sadness", "mad": "anger",
        "scared": "fear",
    },
    "goemotions": {label: label for label in TAUGHT},
}  # fmt: skip
"""Corpus -> what its labels mean among ours; the shipped answers have the base rates of the first.
EmoryNLP's `peaceful` and `powerful` have no fellow among ours: such lines are heard and not judged.
GoEmotions' comments stand alone. They keep up what a clear line means when it is the first, which a
series in which nobody says "I am terrified" would unteach."""
LACKS = np.array([[label not in means.values() for label in TAUGHT] for means in MEANS.values()])
"""By corpus, in the order of `MEANS`: the labels of `TAUGHT` that nobody there could choose."""
DEV_COMMENTS = 10
"""One comment in so many is for the dev part."""
ALL = 1_000_000
NOT_JUDGED = -1
SHARED_LINES = 2
"""Both corpora are the same series. A training dialogue that has this many lines in common with a
held-out one is the same scene."""
LINE_WORDS = 4
"""Shorter lines ("What?", "Oh my God!") are common to many scenes."""
GAME = 0.5
"""Share of the dialogues in which one speaker is the player and of the others only words are known;
in the rest everybody is seen and heard."""
RESERVED = 0.3
"""Share of the lines whose voice, or face, is a neutral one whatever the label: people do not
always show what they feel. Set by hand: nothing else would teach that a calm face may be a mask."""
LOSE_MODALITY = {"emotions": 0.05, "voice": 0.2, "face": 0.2}
"""Probability that it is missing from a whole dialogue in training."""
LOSE_LINE = {"emotions": 0.1, "voice": 0.15, "face": 0.15}
"""Probability that it is missing from a single line."""
LOSE_TIMES = 0.25
"""Probability that a dialogue's pauses, or lengths, are not known: typed and chosen lines."""

Random = np.random.Generator
Array = NDArray[np.float32]


class Talk(NamedTuple):
    """A dialogue of T lines: how the text expert reads each, and as the network takes them
    `emotions` float32 [T, 31] and `timing` [T, 3]; `readable` bool [T], `speaker` int64 [T],
    `truth` int64 [T], a place in `TAUGHT` or `NOT_JUDGED`."""

    corpus: str
    split: str
    read: list[tuple[Evidence, tuple[float, ...] | None]]
    emotions: Array
    readable: NDArray[np.bool_]
    timing: Array
    speaker: NDArray[np.int64]
    truth: NDArray[np.int64]


class Seen(NamedTuple):
    """The voices and faces of a dialogue: by expert, rows [T, n] and whether each is there [T]."""

    rows: Mapping[str, Array]
    there: Mapping[str, NDArray[np.bool_]]


def read_talks(text: Path, expert: TextExpert) -> list[Talk]:
    """All dialogues.

    :param text: the folder that holds the corpora.
    :raises models.evaluation.merc_corpus.Unusable, models.evaluation.text_lines.Unusable: one is
        not there.
    """
    found = [
        (corpus, dialogue) for corpus in FORMS for dialogue in convert(FORMS[corpus], text / corpus)
    ]
    found += [("goemotions", line) for line in _comments(text / "goemotions/dev.tsv")]
    return [_talk(corpus, dialogue, expert) for corpus, dialogue in without_repeats(found)]


def without_repeats(found: Sequence[tuple[str, Dialogue]]) -> list[tuple[str, Dialogue]]:
    """Without the training and dev dialogues of scenes that are in the test part, and the training
    dialogues of scenes that are in the dev part."""
    for held_out, others in (("test", ("train", "dev")), ("dev", ("train",))):
        known = {line for _, d in found if d.split == held_out for line in _lines(d)}
        found = [
            (corpus, d)
            for corpus, d in found
            if d.split not in others or len(known & _lines(d)) < SHARED_LINES
        ]
    return list(found)


def base_rates(talks: Sequence[Talk], corpus: str) -> NDArray[np.float64]:
    """How often each label of `TAUGHT` is among the judged lines of a corpus."""
    own = [talk.truth for talk in talks if talk.corpus == corpus]
    counts = Counter(np.concatenate(own).tolist())
    lacks = LACKS[list(MEANS).index(corpus)]
    rates = np.array([counts[place] + 1 for place in range(len(TAUGHT))], np.float64) * ~lacks
    return np.asarray(rates / rates.sum())


def lend(talk: Talk, pools: Mapping[str, Pool], random: Random, reserved: float = RESERVED) -> Seen:
    """Give the judged lines of a dialogue voices and faces of their labels.

    :param reserved: the share of them that are neutral instead.
    """
    length = len(talk.truth)
    rows = {name: np.zeros((length, WIDTHS[name]), np.float32) for name in pools}
    there = {name: np.zeros(length, np.bool_) for name in pools}
    for name, pool in pools.items():
        people = {int(who): int(random.integers(len(pool))) for who in np.unique(talk.speaker)}
        for place in np.flatnonzero(talk.truth != NOT_JUDGED):
            shown = "neutral" if random.random() < reserved else TAUGHT[talk.truth[place]]
            row = _reading(pool, people[int(talk.speaker[place])], LABELS.index(shown), random)
            if row is not None:
                rows[name][place], there[name][place] = row, True
    return Seen(rows, there)


def only_player(talk: Talk, seen: Seen, player: int) -> Seen:
    """The voices and faces of one speaker: of a game's characters there are none."""
    own = talk.speaker == player
    return seen._replace(there={name: values & own for name, values in seen.there.items()})


def lose(talk: Talk, seen: Seen, random: Random) -> tuple[Talk, Seen]:
    """A dialogue as training has it: some of it is missing."""
    if random.random() < GAME:
        seen = only_player(talk, seen, int(random.choice(talk.speaker)))
    kept = {
        name: (random.random() >= LOSE_MODALITY[name])
        & (random.random(len(talk.truth)) >= LOSE_LINE[name])
        for name in EXPERTS
    }
    known = np.array([1.0, *(random.random(2) >= LOSE_TIMES)], np.float32)
    talk = talk._replace(readable=talk.readable & kept["emotions"], timing=talk.timing * known)
    return talk, seen._replace(there={n: t & kept[n] for n, t in seen.there.items()})


def _reading(pool: Pool, person: int, label: int, random: Random) -> Array | None:
    """One reading of that label, of this person or of the next one who has any; None: there is
    none, or it could not be read."""
    rows = next((own[label] for own in (*pool[person:], *pool[:person]) if label in own), None)
    if rows is None:
        return None
    row: Array = rows[int(random.integers(len(rows)))]
    return None if np.isnan(row).any() else row


def _comments(file: Path) -> list[Dialogue]:
    """The lines that the text expert did not learn from, each by itself: those that the gate is
    trained on, a tenth of them as dev part, and those that it is not."""
    found = []
    for part in ("train", "test"):
        for place, line in enumerate(load_lines(file, part, ALL)):
            split = "dev" if part == "train" and place % DEV_COMMENTS == 0 else part
            said = Utterance("", None, None, line.text, LABELS[line.label], {})
            found.append(Dialogue(line.source, split, [said]))
    return found


def _talk(corpus: str, dialogue: Dialogue, expert: TextExpert) -> Talk:
    said = dialogue.utterances
    read = [expert.read_fully(one.text, 0) for one in said]
    rows = [emotions_row(*found) for found in read]
    number: dict[str, int] = {}
    means = MEANS[corpus]
    return Talk(
        corpus,
        dialogue.split,
        read,
        np.array([np.zeros(WIDTHS["emotions"]) if r is None else r for r in rows], np.float32),
        np.array([row is not None for row in rows]),
        np.array([timing_row(given) for given in _givens(said)]),
        np.array([number.setdefault(one.speaker, len(number)) for one in said]),
        np.array(
            [TAUGHT.index(means[one.label]) if one.label in means else NOT_JUDGED for one in said]
        ),
    )


def _givens(said: Sequence[Utterance]) -> list[Given]:
    """The timing of each line, as the sidecar knows it."""
    found = []
    before: Utterance | None = None
    for one in said:
        pause_s = 0.0 if before is None else _passed(before.end_s, one.start_s)
        same = before is not None and before.speaker == one.speaker
        found.append(Given({}, same, pause_s, _passed(one.start_s, one.end_s)))
        before = one
    return found


def _passed(since_s: float | None, until_s: float | None) -> float:
    if since_s is None or until_s is None:
        return 0.0
    return min(PAUSE_MAX_S, max(0.0, until_s - since_s))


def _lines(dialogue: Dialogue) -> set[str]:
    """The longer lines of a dialogue, without case and punctuation."""
    words = (re.findall(r"[a-z']+", one.text.lower()) for one in dialogue.utterances)
    return {" ".join(line) for line in words if len(line) >= LINE_WORDS}
