"""From 28 labels to the eight basic emotions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.experts.dialogue.emotions import (
    BASIC,
    NAMES,
    UNTAUGHT,
    UNTAUGHT_SHARE,
    basic_of,
    to_basic,
)
from rapport.state import LABELS

PROBABILITIES = st.lists(st.floats(0.0, 1.0), min_size=28, max_size=28)


def only(name: str, probability: float = 0.9) -> np.ndarray:
    return np.where(np.array(NAMES) == name, probability, 0.01)


@pytest.mark.unit
def test_the_table_holds_28_labels_and_only_our_emotions() -> None:
    assert len(NAMES) == 28
    assert set(BASIC.values()) == set(LABELS) - {"contempt"}
    assert UNTAUGHT == ("contempt",)


@pytest.mark.unit
@pytest.mark.parametrize("name", NAMES)
def test_each_label_speaks_for_its_emotion(name: str) -> None:
    shares = to_basic(only(name), 1.0)
    assert LABELS[int(np.argmax(shares))] == BASIC[name]


@pytest.mark.property
@given(PROBABILITIES, st.floats(0.3, 3.0))
def test_any_probabilities_give_a_distribution(values: list[float], temperature: float) -> None:
    shares = to_basic(np.array(values, np.float32), temperature)
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= 0.0
    assert shares[LABELS.index("contempt")] == UNTAUGHT_SHARE


@pytest.mark.property
@given(PROBABILITIES, st.integers(0, 27), st.floats(0.0, 1.0))
def test_more_of_a_label_is_never_less_of_its_emotion(
    values: list[float], label: int, more: float
) -> None:
    raised = np.array(values)
    raised[label] = max(raised[label], more)
    place = LABELS.index(BASIC[NAMES[label]])
    assert to_basic(raised, 1.0)[place] >= to_basic(np.array(values), 1.0)[place] - 1e-9


@pytest.mark.unit
def test_labels_of_one_emotion_share_its_place() -> None:
    joy, love, anger = (NAMES.index(name) for name in ("joy", "love", "anger"))
    assert basic_of([joy, love]) == LABELS.index("happiness")
    assert basic_of([joy, anger]) is None
    assert basic_of([]) is None
