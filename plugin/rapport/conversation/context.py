"""The context network: what an utterance means after those before it.

It keeps two small recurrent memories a speaker: of what this speaker said and showed, and of what
the others did. No word is kept. `models/cards/conversation_context.md` says what it was taught.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.conversation.utterance import Summary, Utterance
from rapport.errors import ModelUnreadable
from rapport.experts.dialogue.emotions import NAMES, UNTAUGHT_SHARE
from rapport.experts.store import Model, Store
from rapport.state import LABELS, Distribution, Evidence

MODEL = "conversation_context"
SPEAKERS = 16
"""Speakers whose memories are kept; of more, who was heard least recently is forgotten."""
EXPERTS = ("emotions", "voice", "face")
WIDTHS = {"emotions": len(NAMES) + 3, "voice": len(LABELS) + 2, "face": len(LABELS) + 2}
"""How many numbers the network takes of each expert."""
TIMING = 3
ODDS_END = 1e-4
"""Probabilities are kept this far from 0 and 1, so that their logarithms stay finite."""
PAUSE_MAX_S = 30.0
"""A longer pause, or a longer utterance, counts as this long: nobody was taught more."""

Array = NDArray[np.float32]


class Given(NamedTuple):
    """One utterance as the network takes it: the numbers of each expert that is there, whether the
    same speaker went on, the pause before it and its length in seconds (0: not known)."""

    rows: Mapping[str, Array]
    follows_own: bool = False
    pause_s: float = 0.0
    length_s: float = 0.0


class _Memory(NamedTuple):
    """What is remembered; never changed, only replaced. `own` and `others` float32 [width] by
    speaker, who was heard least recently first; `newcomer` is what one who has not spoken yet has
    overheard. `last` is who spoke last, until `last_ns`; None: nobody yet."""

    own: Mapping[str, Array]
    others: Mapping[str, Array]
    newcomer: Array
    last: str | None = None
    last_ns: int = 0


class ContextNetwork:
    """Reads utterances one after another. Not safe to share between threads.

    The readings are at the base rates of the text expert, so that whoever divides those out may
    go on doing so. Contempt is not taught: its probability is the same in every reading.

    :raises ModelNotCleared, ModelMissing, ModelTampered, ModelUnreadable: as `Store.load` does.
    """

    def __init__(self, store: Store) -> None:
        self._model = store.load(MODEL)
        self._notes = _notes(self._model)
        self._memory = self._before = self._empty()

    @property
    def name(self) -> str:
        """Id and version of the model."""
        return self._model.name

    @property
    def base_rates(self) -> tuple[float, ...]:
        """How often its readings name each of `LABELS`: as the text expert's do."""
        return self._spread(self._notes.rates)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Whose memories are kept; who was heard least recently stands first."""
        return tuple(self._memory.own)

    def hear(self, utterance: Utterance, whole: bool = False) -> Distribution | None:
        """What the words express after all that was remembered; None if they cannot be read.

        :param whole: with the utterance's own voice and face. Where these are read besides, by
            experts of their own, they would count twice.
        """
        given = given_of(utterance)
        if "emotions" not in given.rows:
            return None
        if not whole:
            given = given._replace(rows={"emotions": given.rows["emotions"]})
        return self._reading(self._run(utterance.speaker, given)[0])

    def commit(self, utterance: Utterance) -> None:
        """Remember an utterance: its words, and the voice and the face of its speaker."""
        now, speaker = self._memory, utterance.speaker
        _, own, others = self._run(speaker, given_of(utterance))
        names = [name for name in now.own if name != speaker]
        overheard = dict(zip(names, others[2:], strict=True))
        kept = [*names, speaker][-SPEAKERS:]
        self._before = now
        self._memory = _Memory(
            {name: own if name == speaker else now.own[name] for name in kept},
            {name: _others(now, speaker) if name == speaker else overheard[name] for name in kept},
            others[1],
            speaker,
            utterance.end_ns,
        )

    def take_back(self) -> None:
        """Undo the last `commit`. Done twice, it changes nothing more."""
        self._memory = self._before

    def expected(self, speaker: str, at_ns: int) -> Distribution | None:
        """What is to be expected if a speaker spoke now; None before anything was said."""
        last = self._memory.last
        if last is None:
            return None
        pause_s = _seconds((at_ns - self._memory.last_ns) / 1e9)
        return self._reading(self._run(speaker, Given({}, last == speaker, pause_s))[0])

    def forget(self) -> None:
        """Forget everything that was said."""
        self._memory = self._before = self._empty()

    def _empty(self) -> _Memory:
        return _Memory({}, {}, np.zeros(self._notes.width, np.float32))

    def _run(self, speaker: str, given: Given) -> tuple[Array, Array, Array]:
        """Logits [labels], the speaker's new own memory [width], and what everybody has overheard
        [rows, width]: the speaker, a newcomer, the others in their order."""
        now = self._memory
        there = [[float(name in given.rows) for name in EXPERTS]]
        others = [_others(now, speaker), now.newcomer]
        others += [row for name, row in now.others.items() if name != speaker]
        inputs = {
            name: given.rows.get(name, np.zeros(WIDTHS[name], np.float32))[None] for name in EXPERTS
        }
        inputs |= {
            "there": np.array(there, np.float32),
            "timing": timing_row(given)[None],
            "own": now.own.get(speaker, np.zeros(self._notes.width, np.float32))[None],
            "others": np.stack(others),
        }
        logits, own, overheard = self._model.run(inputs)
        return logits[0], own[0], overheard

    def _reading(self, logits: Array) -> Distribution:
        """The answer, from the base rates that were taught to those of the text expert."""
        notes = self._notes
        scores = logits.astype(np.float64) / notes.temperature + notes.shift
        return self._spread(np.exp(scores - scores.max()))

    def _spread(self, shares: NDArray[np.float64]) -> Distribution:
        """Shares of the labels that were taught as a distribution over all."""
        found = np.full(len(LABELS), UNTAUGHT_SHARE)
        found[self._notes.places] = shares / shares.sum() * self._notes.taught_share
        return tuple(found.tolist())


def given_of(utterance: Utterance) -> Given:
    """An utterance as the network takes it; what is no number is left out."""
    found = {
        "emotions": emotions_row(utterance.words, utterance.emotions),
        "voice": _summary_row(utterance.voice),
        "face": _summary_row(utterance.face),
    }
    return Given(
        {name: row for name, row in found.items() if row is not None},
        utterance.follows_own,
        _seconds(utterance.pause_s),
        _seconds((utterance.end_ns - utterance.start_ns) / 1e9),
    )


def emotions_row(words: Evidence | None, emotions: Sequence[float] | None) -> Array | None:
    """What the text expert says of a line [31]: the log odds of its 28 emotions, and valence,
    arousal and dominance (0 where there is none); None if it could not be read."""
    if words is None or emotions is None or len(emotions) != len(NAMES):
        return None
    shares = np.clip(np.array(emotions, np.float64), ODDS_END, 1.0 - ODDS_END)
    impression = [_unit(value) for value in (words.valence, words.arousal, words.dominance)]
    row = np.concatenate([np.log(shares / (1.0 - shares)), impression])
    return row.astype(np.float32) if np.isfinite(row).all() else None


def reading_row(
    distribution: Sequence[float] | None, arousal: float | None, quality: float
) -> Array | None:
    """What the voice or the face showed [10]: the logarithms of the probabilities against equal
    ones, arousal (0 where there is none) and quality; None if nothing could be read."""
    if distribution is None or len(distribution) != len(LABELS):
        return None
    shares = np.clip(np.array(distribution, np.float64), ODDS_END, 1.0)
    row = np.concatenate([np.log(shares * len(LABELS)), [_unit(arousal), _unit(quality)]])
    return row.astype(np.float32) if np.isfinite(row).all() else None


def timing_row(given: Given) -> Array:
    """Whether the same speaker went on, and pause and length as logarithms [3]."""
    times = (math.log1p(given.pause_s), math.log1p(given.length_s))
    return np.array([float(given.follows_own), *times], np.float32)


class _Notes(NamedTuple):
    """From the model's metadata. `places` are those in `LABELS` of the labels that it was taught,
    which share `taught_share`; `rates` float64 [labels] are the text expert's base rates, and
    `shift` leads to them."""

    width: int
    places: list[int]
    taught_share: float
    temperature: float
    rates: NDArray[np.float64]
    shift: NDArray[np.float64]


def _notes(model: Model) -> _Notes:
    try:
        noted = model.metadata
        places = [LABELS.index(label) for label in json.loads(noted["labels"])]
        taught, text = (
            np.array(json.loads(noted[name]), np.float64) for name in ("base_rates", "text_rates")
        )
        width, temperature = int(noted["width"]), float(noted["temperature"])
        if not (taught.shape == text.shape == (len(places),) and min(*taught, *text) > 0.0):
            raise ValueError("no base rates")
        if temperature <= 0.0:
            raise ValueError("no temperature")
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnreadable(f"Model {model.id} lacks its labels or base rates.") from error
    share = 1.0 - UNTAUGHT_SHARE * (len(LABELS) - len(places))
    return _Notes(width, places, share, temperature, text, np.log(text / taught))


def _others(memory: _Memory, speaker: str) -> Array:
    return memory.others.get(speaker, memory.newcomer)


def _summary_row(summary: Summary | None) -> Array | None:
    if summary is None:
        return None
    return reading_row(summary.distribution, summary.arousal, summary.quality)


def _unit(value: float | None) -> float:
    """A number within -1 ... +1; 0 where there is none."""
    return max(-1.0, min(1.0, value)) if value is not None and math.isfinite(value) else 0.0


def _seconds(value: float | None) -> float:
    """Seconds within what was taught; 0 where they are not known or make no sense."""
    if value is None or math.isnan(value):
        return 0.0
    return max(0.0, min(PAUSE_MAX_S, value))
