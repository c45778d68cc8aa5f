"""Beliefs about a dialogue: feelings last, and later lines tell about earlier ones."""

import numpy as np
import pytest

pytestmark = pytest.mark.tooling

pytest.importorskip("sklearn", reason="needs the packages of the extra `training`")

from models.training.context_belief import beliefs  # noqa: E402
from models.training.context_features import Read  # noqa: E402
from models.training.context_first import first_readings  # noqa: E402

SEED = 20261127
LINES = 40
STAYS = 0.85
HEARD = 0.45
"""Probability that a single line is read rightly."""


class Told:
    """Dialogues of two, taking turns, who mostly go on feeling what they felt, read badly."""

    def __init__(self, classes: int = 4, dialogues: int = 120) -> None:
        print(f"seed {SEED}")  # noqa: T201  tests say their seeds
        chance = np.random.default_rng(SEED)
        self.speakers = [np.arange(LINES) % 2 for _ in range(dialogues)]
        self.truth = np.zeros(dialogues * LINES, np.int64)
        for place in range(len(self.truth)):
            stays = place % LINES > 1 and chance.random() < STAYS
            self.truth[place] = self.truth[place - 2] if stays else chance.integers(classes)
        rightly = chance.random(len(self.truth)) < HEARD
        guess = np.where(rightly, self.truth, chance.integers(classes, size=len(self.truth)))
        self.readings = np.full((len(self.truth), classes), (1.0 - HEARD) / classes)
        self.readings[np.arange(len(guess)), guess] += HEARD
        self.training = np.arange(len(self.truth)) < len(self.truth) // 2

    def right(self, shares: np.ndarray) -> float:
        """Share of the untaught lines that are believed rightly."""
        return float((shares.argmax(axis=1) == self.truth)[~self.training].mean())


def test_the_past_helps_and_the_future_helps_more() -> None:
    told = Told()
    causal, both = (
        beliefs(told.readings, told.speakers, told.truth, told.training, future)
        for future in (False, True)
    )
    alone = told.right(told.readings)
    assert told.right(causal.now) > alone + 0.05
    assert told.right(both.now) > told.right(causal.now) + 0.03
    np.testing.assert_allclose(both.now.sum(axis=1), 1.0)


def test_a_causal_belief_hears_no_later_line_and_no_label_of_the_test() -> None:
    told = Told()
    before = beliefs(told.readings, told.speakers, told.truth, told.training, future=False)
    changed = told.readings.copy()
    changed[-5:] = changed[-5:, ::-1]
    hidden = np.where(told.training, told.truth, -1)
    after = beliefs(changed, told.speakers, hidden, told.training, future=False)
    np.testing.assert_array_equal(before.now[:-5], after.now[:-5])
    assert not np.array_equal(before.now[-5:], after.now[-5:])


def test_more_than_two_speakers_and_one_alone_have_beliefs() -> None:
    chance = np.random.default_rng(SEED)
    speakers = [np.array([0, 1, 2, 2, 0, 3, 1]), np.array([0, 0, 0]), np.array([0])]
    readings = chance.dirichlet(np.ones(3), 11)
    truth = chance.integers(-1, 3, 11)
    for future in (False, True):
        found = beliefs(readings, speakers, truth, np.ones(11, np.bool_), future)
        assert np.isfinite(found.now).all()
        np.testing.assert_allclose(found.now.sum(axis=1), 1.0)


def test_first_readings_of_the_training_part_have_not_seen_it() -> None:
    chance = np.random.default_rng(SEED)
    count, classes = 300, 3
    noise = chance.normal(size=(count, 60)).astype(np.float32)
    truth = chance.integers(classes, size=count)
    there = np.ones(count, np.bool_)
    silent = np.full((count, 1), False)[:, 0]
    read = Read(
        {"voice": noise * 20.0}, {"voice": there, "words": silent}, np.zeros((count, 3)), None
    )
    folds = [np.arange(count) // 60 == fold for fold in range(4)]
    shares = first_readings(read._replace(counts=_nothing(count)), truth, folds, classes)
    voice = shares[frozenset({"voice"})]
    taught = np.logical_or.reduce(folds)
    right = (voice.argmax(axis=1) == truth)[taught].mean()
    assert right < 0.5, "labels that are noise cannot be read by who has not seen them"
    assert set(shares) == {frozenset({"voice"}), frozenset({"text"}), frozenset({"voice", "text"})}


def _nothing(count: int) -> object:
    from scipy.sparse import csr_matrix

    return csr_matrix((count, 1))
