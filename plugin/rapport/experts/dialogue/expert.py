"""The text expert: a line in, evidence out."""

import base64
import json
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.errors import ModelUnreadable
from rapport.experts.dialogue import quality
from rapport.experts.dialogue.emotions import NAMES, to_basic
from rapport.experts.dialogue.words import encode, words
from rapport.experts.store import Model, Store
from rapport.state import Condition, Evidence, Modality, Quality

MODEL = "text_emotion"
LONGEST = 1000
"""Characters; a longer line is no line of dialogue, and is not read."""
UNREADABLE_BELOW = 0.25
"""Share of known words below which the line is taken for another language, or for no language."""


class _Reading(NamedTuple):
    """`emotions` float32 [28], probabilities; `impression` float32 [3], valence, arousal and
    dominance."""

    emotions: NDArray[np.float32]
    impression: NDArray[np.float32]


class TextExpert:
    """Reads the emotion that a line expresses: what a player typed, said or chose to say.

    Conditions: `OK`; `SILENT` the line is blank, or holds nothing that can be seen; `CLIPPED` it
    is longer than `LONGEST` characters and was not read; `NOISY` so few of its words are known
    that it is not read. Only `OK` carries a distribution. Quality measures: `words` (how many
    words, emoji and emoticons) and `known` (share of them that are in the vocabulary).

    Valence, arousal and dominance are the reader's impression of the line, from EmoBank's scale
    of 1 to 5: (rating - 3) / 2. Contempt is not taught by the data: its probability is the same in
    every reading. A line is kept nowhere. Safe to share between threads.

    :raises ModelMissing, ModelTampered, ModelUnreadable: as `Store.load` does.
    """

    def __init__(self, store: Store) -> None:
        self._model = store.load(MODEL)
        self._vocabulary, self._temperature, self.thresholds = _notes(self._model)
        """`thresholds`: for each GoEmotions label, the probability from which it holds."""

    def read(self, line: str, captured_ns: int) -> Evidence:
        """Read one line, any string.

        :param captured_ns: when it was said, typed or chosen.
        """
        return self.read_fully(line, captured_ns)[0]

    def read_fully(self, line: str, captured_ns: int) -> tuple[Evidence, tuple[float, ...] | None]:
        """Read one line: its evidence, and the probability of each of GoEmotions' 28 labels in the
        order of `emotions.NAMES` (None if it is not read)."""
        condition, measured, reading = self._look(line)
        if reading is None:
            model = self._model.name
            return Evidence(Modality.TEXT, captured_ns, condition, measured, model=model), None
        valence, arousal, dominance = (float(np.clip(v, -1.0, 1.0)) for v in reading.impression)
        evidence = Evidence(
            Modality.TEXT,
            captured_ns,
            condition,
            measured,
            to_basic(reading.emotions, self._temperature),
            valence,
            arousal,
            dominance,
            present=True,
            model=self._model.name,
        )
        return evidence, tuple(reading.emotions.tolist())

    def emotions(self, line: str) -> dict[str, float] | None:
        """Probability of each of GoEmotions' 28 labels, each by itself (they do not sum to one);
        None if the line is not read (see the conditions)."""
        _, _, reading = self._look(line)
        return reading and dict(zip(NAMES, reading.emotions.tolist(), strict=True))

    def _look(self, line: str) -> tuple[Condition, Quality, _Reading | None]:
        if len(line) > LONGEST:
            return Condition.CLIPPED, Quality(), None
        found = words(line)
        if not found:
            return Condition.SILENT, Quality(), None
        encoded = encode(found, self._vocabulary)
        measures = quality.measure(found, encoded.words)
        measured = quality.assess(measures)
        if measures["known"] < UNREADABLE_BELOW:
            return Condition.NOISY, measured, None
        inputs = {"words": encoded.words[None], "pieces": encoded.pieces[None]}
        (emotions,), (impression,) = self._model.run(inputs)
        return Condition.OK, measured, _Reading(emotions, impression)


def _notes(model: Model) -> tuple[NDArray[np.uint32], float, dict[str, float]]:
    """The vocabulary, the temperature and the thresholds, from the model's metadata."""
    try:
        packed = base64.b64decode(model.metadata["vocabulary"], validate=True)
        vocabulary = np.frombuffer(packed, "<u4").astype(np.uint32)
        temperature = float(model.metadata["temperature"])
        values = [float(value) for value in json.loads(model.metadata["thresholds"])]
        thresholds = dict(zip(NAMES, values, strict=True))
        if not len(vocabulary):
            raise ValueError("no words")
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnreadable(f"Model {model.id} lacks its vocabulary or thresholds.") from error
    return vocabulary, temperature, thresholds
