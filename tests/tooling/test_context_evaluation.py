"""The context network's figures: over whole dialogues, against what could be guessed without it."""

import numpy as np
import pytest
from models.evaluation.context import _before, _follows, utterances
from models.evaluation.context_figures import _rows, figures_of, gains
from models.training.context_data import NOT_JUDGED, TAUGHT, Seen, Talk

from rapport.conversation.context import WIDTHS, given_of, reading_row, timing_row
from rapport.state import LABELS, Condition, Evidence, Modality

pytestmark = pytest.mark.tooling

SEED = 20261126
NEUTRAL, HAPPINESS = (TAUGHT.index(label) for label in ("neutral", "happiness"))


def talk(truth: list[int], speaker: list[int], split: str = "test") -> Talk:
    length = len(truth)
    read = [(Evidence(Modality.TEXT, 0, Condition.OK), (0.5,) * 28)] * length
    timing = np.zeros((length, 3), np.float32)
    timing[:, 1:] = np.log1p([1.5, 2.0])
    return Talk(
        "meld", split, read, np.zeros((length, WIDTHS["emotions"]), np.float32),
        np.ones(length, bool), timing, np.array(speaker), np.array(truth),
    )  # fmt: skip


def test_intervals_draw_whole_dialogues() -> None:
    print(f"seed {SEED}")  # noqa: T201  tests say their seeds
    random = np.random.default_rng(SEED)
    lengths = random.integers(1, 9, 40)
    dialogues = np.split(np.arange(lengths.sum()), np.cumsum(lengths)[:-1])
    places = random.integers(40, size=40)
    expected = np.concatenate([dialogues[place] for place in places])
    assert np.array_equal(_rows(np.cumsum(lengths), places), expected)


def test_figures_are_those_of_all_lines_and_a_gain_is_their_difference() -> None:
    truths = [np.array([0, 1]), np.array([1])]
    right = [np.eye(7)[labels] * 0.93 + 0.01 for labels in truths]
    wrong = [np.roll(shares, 1, axis=1) for shares in right]
    assert figures_of(right, truths, 0)["weighted_f1"] == 1.0
    assert figures_of(right, truths, 0)["log_loss"] == pytest.approx(-np.log(0.94))
    found = figures_of(wrong, truths, 20)
    assert found["weighted_f1"] == 0.0
    assert found["intervals"]["weighted_f1"] == (0.0, 0.0)
    gain = gains({"line alone": right, "text expert": wrong}, truths, 0)
    assert gain["network over text expert"]["weighted_f1"] == 1.0
    assert list(gain) == ["network over text expert"]


def test_what_came_before_is_the_same_speakers_last_judged_line() -> None:
    rates = np.full(len(TAUGHT), 1.0 / len(TAUGHT))
    one = talk([HAPPINESS, NEUTRAL, NOT_JUDGED, NEUTRAL], [0, 1, 0, 0])
    rows = _before(one, rates, np.eye(len(TAUGHT)))
    assert np.array_equal(rows[:2], np.tile(rates, (2, 1)))
    assert rows[2].argmax() == HAPPINESS
    follows = _follows([one] * 10, "meld", rates)
    assert follows.sum(axis=1) == pytest.approx(np.ones(len(TAUGHT)))
    assert follows[HAPPINESS].argmax() == NEUTRAL
    assert follows[NEUTRAL] == pytest.approx(rates), "nothing followed it"


def test_an_utterance_is_what_its_line_was_made_of() -> None:
    one = talk([HAPPINESS, NEUTRAL], [0, 0])
    one.timing[:, 0] = (0.0, 1.0)
    shares = [0.65] + [0.05] * 7
    row = reading_row(shares, 0.3, 0.8)
    assert row is not None and len(LABELS) == len(shares)
    seen = Seen(
        {name: np.array([row, row]) for name in ("voice", "face")},
        {"voice": np.array([True, False]), "face": np.array([False, True])},
    )
    first, second = (given_of(said) for said in utterances(one, seen))
    assert set(first.rows) == {"emotions", "voice"} and set(second.rows) == {"emotions", "face"}
    assert first.rows["voice"] == pytest.approx(row, abs=1e-5)
    assert timing_row(second) == pytest.approx(one.timing[1], abs=1e-5)
