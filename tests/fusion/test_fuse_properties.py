"""What must be true of the fusion whatever comes in."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.evidence import NOW, SECOND, evidence, readings, sensible_evidence, wild_evidence
from rapport import settings
from rapport.fusion import Fusion
from rapport.fusion.gate import trust, weights
from rapport.fusion.parameters import Reliance
from rapport.state import COURSES, LABELS, UNCERTAIN, Condition, EmotionState, Modality

pytestmark = pytest.mark.property

SETTINGS = settings.Fusion()


def check_ranges(state: EmotionState) -> None:
    """Refuse a state with a value that is out of range or not a number."""
    assert state.label in (*LABELS, UNCERTAIN)
    assert 0.0 <= state.confidence <= 1.0
    for value in (state.valence, state.arousal, state.dominance):
        assert value is None or -1.0 <= value <= 1.0
    assert state.trend is None or abs(state.trend) <= 1.0
    assert state.incongruence is None or 0.0 <= state.incongruence <= 1.0
    if state.probabilities is not None:
        assert all(0.0 <= p <= 1.0 for p in state.probabilities)
        assert sum(state.probabilities) == pytest.approx(1.0, abs=1e-3)
    total = sum(m.weight for m in state.modalities.values())
    assert total == 0.0 or total == pytest.approx(1.0)
    for part in state.modalities.values():
        assert 0.0 <= part.weight <= 1.0
        assert 0.0 <= part.quality.score <= 1.0
        for measure in part.quality.measures.values():
            assert math.isfinite(measure.value)
            assert 0.0 <= measure.score <= 1.0
        for axis in (part.valence, part.arousal):
            assert axis is None or -1.0 <= axis <= 1.0
    if state.mood is not None:
        for name, value in msgspec.structs.asdict(state.mood).items():
            assert (0.0 if name in ("volatility", "confidence") else -1.0) <= value <= 1.0
    for moment in state.moments.values():
        assert moment.course in COURSES
        assert 0.0 <= moment.strength <= 1.0
        assert 0.0 <= moment.confidence <= 1.0
        assert moment.since_s >= 0.0
    assert "null" not in msgspec.json.encode(state.modalities[Modality.FACE].weight).decode()


@given(st.lists(st.tuples(readings(wild_evidence), st.integers(-SECOND, 3 * SECOND)), max_size=6))
def test_outputs_stay_in_range_whatever_comes_in(
    ticks: list[tuple[dict[Modality, object], int]],
) -> None:
    fusion = Fusion(SETTINGS)
    now = NOW
    for given_evidence, step in ticks:
        now += step
        fusion.mark(f"m{step % 3}", now - step, now)
        check_ranges(fusion.tick(given_evidence, now, 0.0))  # type: ignore[arg-type]


@given(readings(sensible_evidence))
def test_weights_sum_to_one_over_present_experts_and_absent_ones_weigh_nothing(
    given_evidence: dict,  # type: ignore[type-arg]
) -> None:
    state = Fusion(SETTINGS).tick(given_evidence, NOW, 0.0)
    readable = {m for m, e in given_evidence.items() if trust(e, NOW, SETTINGS, Reliance()) > 0.0}
    for modality, part in state.modalities.items():
        assert (part.weight > 0.0) == (modality in readable)
    if readable:
        assert sum(p.weight for p in state.modalities.values()) == pytest.approx(1.0)
    else:
        assert state.probabilities is None
        assert state.label == UNCERTAIN


@given(
    st.dictionaries(st.sampled_from(Modality), st.floats(0.0, 1.0), min_size=2),
    st.sampled_from(Modality),
    st.floats(0.0, 1.0),
)
def test_a_worse_signal_never_gains_weight(
    trusts: dict[Modality, float], which: Modality, factor: float
) -> None:
    trusts.setdefault(which, 0.5)
    before = weights(trusts)
    after = weights({**trusts, which: trusts[which] * factor})
    assert after[which] <= before[which] + 1e-12
    for other in trusts.keys() - {which}:
        assert after[other] >= before[other] - 1e-12 or sum(after.values()) == 0.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 3.0))
def test_worse_quality_or_greater_age_never_gains_weight_in_a_state(
    score: float, lower: float, other: float, age: float
) -> None:
    def face_weight(face_score: float, face_age: float) -> float:
        both = {
            Modality.FACE: evidence(Modality.FACE, score=face_score, age_s=face_age),
            Modality.VOICE: evidence(Modality.VOICE, label=3, score=other),
        }
        return Fusion(SETTINGS).tick(both, NOW, 0.0).modalities[Modality.FACE].weight

    best = face_weight(score, 0.0)
    # Where the voice is worth nothing, any usable face carries everything.
    assert face_weight(score * lower, 0.0) <= best + 1e-12
    assert face_weight(score, age) <= best + 1e-12


@given(readings(sensible_evidence), st.randoms(use_true_random=False))
def test_the_order_of_the_modalities_changes_nothing(given_evidence, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(given_evidence.items())
    random.shuffle(shuffled)
    first = Fusion(SETTINGS).tick(given_evidence, NOW, 0.0)
    second = Fusion(SETTINGS).tick(dict(shuffled), NOW, 0.0)
    assert first == second


@given(readings(sensible_evidence))
def test_the_same_evidence_gives_the_same_state(given_evidence) -> None:  # type: ignore[no-untyped-def]
    assert Fusion(SETTINGS).tick(given_evidence, NOW, 1.0) == Fusion(SETTINGS).tick(
        given_evidence, NOW, 1.0
    )


@given(st.sampled_from([c for c in Condition if c not in (Condition.OK, Condition.NOISY)]))
def test_a_condition_without_distribution_is_published_as_it_is(condition: Condition) -> None:
    reading = msgspec.structs.replace(evidence(), condition=condition, distribution=None)
    state = Fusion(SETTINGS).tick({Modality.FACE: reading}, NOW, 0.0)
    assert state.modalities[Modality.FACE].condition is condition
    assert state.label == UNCERTAIN
    assert state.confidence == 0.0
