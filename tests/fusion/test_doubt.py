"""A doubt about the newest utterance takes weight from what it doubts, and says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.evidence import NOW, evidence, readings, sensible_evidence
from rapport import settings
from rapport.fusion import Fusion
from rapport.state import CONTRADICTIONS, LABELS, Doubt, EmotionState, Modality

pytestmark = pytest.mark.property

HAPPINESS, ANGER = LABELS.index("happiness"), LABELS.index("anger")
GLAD_WORDS = {
    Modality.TEXT: evidence(Modality.TEXT, HAPPINESS, probability=0.95),
    Modality.VOICE: evidence(Modality.VOICE, ANGER, score=0.9, probability=0.7, valence=-0.5),
}
SARCASM = Doubt(0.9, "sarcasm", {Modality.TEXT: 0.1}, "praise_the_guard")


def fused(read: dict, doubt: Doubt | None) -> EmotionState:  # type: ignore[type-arg]
    return Fusion(settings.Fusion()).tick(read, NOW, 0.0, doubt)


def test_doubted_words_lose_weight_and_the_labels_before_and_after_are_told() -> None:
    plain, doubted = fused(GLAD_WORDS, None), fused(GLAD_WORDS, SARCASM)
    assert plain.label == "happiness" and plain.contradiction is None
    assert doubted.label == "anger"
    assert doubted.modalities[Modality.TEXT].weight < plain.modalities[Modality.TEXT].weight / 2
    told = doubted.contradiction
    assert told is not None
    assert (told.kind, told.before, told.after) == ("sarcasm", "happiness", "anger")
    assert (told.strength, told.line) == (0.9, "praise_the_guard")
    assert doubted.incongruence == 0.9


def test_a_doubt_without_a_name_is_a_number_only() -> None:
    state = fused(GLAD_WORDS, Doubt(0.2))
    assert state.contradiction is None
    assert state.incongruence == 0.2
    assert state.probabilities == fused(GLAD_WORDS, None).probabilities


def test_who_loses_weight_for_contradicting_does_not_seem_to_agree() -> None:
    plain = fused(GLAD_WORDS, None).incongruence
    assert plain is not None and plain > 0.3


_numbers = st.floats(allow_nan=True, allow_infinity=True)
doubts = st.builds(
    Doubt,
    _numbers,
    st.sampled_from(("", *CONTRADICTIONS)),
    st.dictionaries(st.sampled_from(Modality), _numbers),
)


@given(readings(sensible_evidence), doubts)
def test_no_doubt_leaves_the_ranges(read: dict, doubt: Doubt) -> None:  # type: ignore[type-arg]
    state = fused(read, doubt)
    assert state.incongruence is not None and 0.0 <= state.incongruence <= 1.0
    total = sum(modality.weight for modality in state.modalities.values())
    assert total == pytest.approx(1.0) or total == 0.0
    if doubt.kind:
        assert state.contradiction is not None
        assert {state.contradiction.before, state.contradiction.after} <= {*LABELS, "uncertain"}


@given(readings(sensible_evidence), st.sampled_from(Modality), st.floats(0.0, 1.0))
def test_a_doubt_never_raises_the_weight_of_what_it_doubts(
    read: dict,
    modality: Modality,
    keeps: float,  # type: ignore[type-arg]
) -> None:
    plain, doubted = fused(read, None), fused(read, Doubt(0.5, keeps={modality: keeps}))
    if modality in plain.modalities:
        before, after = (s.modalities[modality].weight for s in (plain, doubted))
        assert after <= before + 1e-9
