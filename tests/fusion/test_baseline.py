"""The baseline: a player's rest becomes neutral, a clear expression stays what it is."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.fusion.baseline import (
    AT_REST,
    ENOUGH,
    FACE_S,
    SHIFT_MAX,
    Baseline,
    Learning,
    Rest,
    relative,
)
from rapport.state import LABELS, Condition, Evidence, Modality

pytestmark = pytest.mark.property

SECOND_NS = 1_000_000_000
POSITIVE = st.lists(st.floats(1e-3, 1.0), min_size=8, max_size=8)
SIGNED = st.floats(-1.0, 1.0)


def distribution(values: list[float]) -> tuple[float, ...]:
    return tuple((np.array(values) / sum(values)).tolist())


def reading(
    values: list[float], at_ns: int = 0, modality: Modality = Modality.FACE, valence: float = 0.1
) -> Evidence:
    return Evidence(
        modality, at_ns, Condition.OK, distribution=distribution(values), valence=valence,
        arousal=0.2, dominance=0.0, present=True,
    )  # fmt: skip


def learned(values: list[float], valence: float = 0.1) -> Baseline:
    learning = Learning(0)
    for place in range(2 * ENOUGH):
        learning.see(reading(values, place * SECOND_NS // 30, valence=valence))
    return learning.learned()


@given(POSITIVE, POSITIVE, SIGNED, SIGNED)
def test_a_relative_reading_is_a_reading(
    rest: list[float], now: list[float], resting: float, valence: float
) -> None:
    moved = relative(reading(now, valence=valence), learned(rest, resting))
    assert moved.distribution is not None
    assert abs(sum(moved.distribution) - 1.0) < 1e-9
    assert all(p >= 0.0 for p in moved.distribution)
    assert moved.valence is not None
    assert -1.0 <= moved.valence <= 1.0


@given(POSITIVE)
def test_rest_itself_becomes_neutral_unless_that_would_take_more_than_a_correction(
    rest: list[float],
) -> None:
    moved = relative(reading(rest), learned(rest))
    assert moved.distribution is not None
    logs = np.log(np.array(distribution(rest)))
    wanted = np.log([AT_REST] + [(1.0 - AT_REST) / (len(LABELS) - 1)] * (len(LABELS) - 1))
    if np.abs(wanted - logs).max() <= SHIFT_MAX:
        assert moved.distribution[0] == pytest.approx(AT_REST, abs=1e-6)
    assert moved.distribution[0] >= distribution(rest)[0] - 1e-9 or distribution(rest)[0] > AT_REST
    assert moved.valence == pytest.approx(0.0, abs=1e-9)


@given(POSITIVE, POSITIVE)
def test_no_label_gains_on_another_by_more_than_twice_the_bound(
    rest: list[float], now: list[float]
) -> None:
    moved = relative(reading(now), learned(rest))
    assert moved.distribution is not None
    shift = np.log(moved.distribution) - np.log(distribution(now))
    assert shift.max() - shift.min() <= 2.0 * SHIFT_MAX + 1e-9


def test_a_clear_smile_is_a_smile_even_on_a_face_that_rests_smiling() -> None:
    smiling_rest = [0.45, 0.45, 0.02, 0.02, 0.02, 0.01, 0.01, 0.02]
    smile = [0.01, 0.96, 0.005, 0.005, 0.005, 0.005, 0.005, 0.005]
    baseline = learned(smiling_rest)
    at_rest = relative(reading(smiling_rest), baseline).distribution
    smiles = relative(reading(smile), baseline).distribution
    assert at_rest is not None
    assert smiles is not None
    assert np.argmax(at_rest) == 0
    assert np.argmax(smiles) == 1


def test_the_face_is_looked_at_for_its_time_and_the_voice_goes_on() -> None:
    flat = [1.0] * 8
    learning = Learning(SECOND_NS)
    late_ns = SECOND_NS + round((FACE_S + 1.0) * SECOND_NS)
    for place in range(ENOUGH):
        learning.see(reading(flat, late_ns + place))
        learning.see(reading(flat, late_ns + place, Modality.VOICE))
        learning.see(reading(flat, place, Modality.VOICE))  # from before it was asked for
    found = learning.learned()
    assert found.face is None
    assert found.voice is not None
    assert found.voice.readings == ENOUGH


def test_too_little_is_not_learned_and_the_same_reading_counts_once() -> None:
    learning = Learning(0)
    for _ in range(10 * ENOUGH):
        learning.see(reading([1.0] * 8, 5))
    assert learning.learned() == Baseline()


def test_evidence_that_says_nothing_stays_as_it_is() -> None:
    rest = Rest(distribution([1.0] * 8), 0.1, 0.1, 0.1, 100)
    silent = Evidence(Modality.FACE, 0, Condition.ABSENT)
    assert relative(silent, Baseline(face=rest)) is silent
    text = msgspec.structs.replace(reading([1.0] * 8), modality=Modality.TEXT)
    assert relative(text, Baseline(face=rest, voice=rest)) is text
