"""What a model was talked into: bounded by the schema, and its weight by the gate.

The worst is taken: a model that believes whatever a line tells it. It is held against the face and
the voice of the real fusion, with what the gate has learned and with what is built in.
"""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversation.appraiser.talk import ANGER, HAPPINESS, SADNESS, appraisal, completion
from fusion.evidence import NOW, evidence
from rapport import settings
from rapport.conversation.appraiser import answer
from rapport.errors import AnswerInvalid
from rapport.fusion import Fusion, Parameters, parameters
from rapport.state import LABELS, Condition, EmotionState, Evidence, Modality, Quality

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
LEARNED = parameters.decode((ROOT / "models" / "fusion_gate.json").read_bytes())
GATES = {"built in": Parameters(), "learned": LEARNED}

SHARE_MAX = 0.4
"""The most that the appraiser weighs beside one clear expert."""


def appraised(distribution: tuple[float, ...], age_s: float = 0.0) -> Evidence:
    """The evidence of a model that could not be surer, and knows the newest line."""
    return Evidence(
        Modality.APPRAISAL,
        NOW - round(age_s * 1e9),
        Condition.OK,
        Quality(1.0),
        distribution,
        present=True,
    )


def fused(gate: Parameters, *read: Evidence) -> EmotionState:
    return Fusion(settings.Fusion(), gate).tick({each.modality: each for each in read}, NOW, 0.0)


def persuaded(content: str) -> tuple[float, ...]:
    return answer.read(completion(content)).distribution


@pytest.mark.parametrize("gate", GATES.values(), ids=list(GATES))
@pytest.mark.parametrize("label", [ANGER, SADNESS])
def test_a_model_that_was_told_to_say_happy_does_not_outvote_a_clear_face(
    gate: Parameters, label: int
) -> None:
    face = evidence(Modality.FACE, label, probability=0.9, valence=-0.6)
    happy = appraised(persuaded(appraisal(happiness=100)))
    alone, talked_into = fused(gate, face), fused(gate, face, happy)
    assert alone.label == talked_into.label == LABELS[label]
    assert talked_into.modalities[Modality.APPRAISAL].weight <= SHARE_MAX
    assert talked_into.probabilities is not None
    assert talked_into.probabilities[label] > 2 * talked_into.probabilities[HAPPINESS]
    with_voice = fused(gate, face, evidence(Modality.VOICE, label, probability=0.7), happy)
    assert with_voice.label == LABELS[label]
    assert with_voice.modalities[Modality.APPRAISAL].weight < 1 / 3


@given(
    st.lists(st.integers(0, 100), min_size=8, max_size=8).filter(any),
    st.sampled_from(list(GATES)),
    st.integers(0, 7),
)
@example([0, 0, 0, 0, 0, 1, 0, 0], "learned", 0)
def test_no_answer_at_all_outvotes_a_clear_face(raw: list[int], gate: str, label: int) -> None:
    percent = (100.0 * value / sum(raw) for value in raw)
    any_answer = appraised(persuaded(appraisal(**dict(zip(LABELS, percent, strict=True)))))
    face = evidence(Modality.FACE, label, probability=0.97)
    state = fused(GATES[gate], face, any_answer)
    assert state.probabilities is not None
    assert max(state.probabilities) == state.probabilities[label]
    assert state.modalities[Modality.APPRAISAL].weight <= SHARE_MAX


def test_its_say_fades_with_age_to_nothing() -> None:
    fusion = settings.Fusion()
    happy = persuaded(appraisal(happiness=100))
    face = evidence(Modality.FACE, ANGER)
    ages = (0.0, 0.25, 0.5, 0.75, 0.99, 1.01)
    states = [
        fused(LEARNED, face, appraised(happy, share * fusion.appraisal_stale_s)) for share in ages
    ]
    weights = [state.modalities[Modality.APPRAISAL].weight for state in states]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0.0
    last = states[-1].modalities[Modality.APPRAISAL]
    assert (last.condition, last.distribution) == (Condition.STALE, None)
    assert last.age_ms == pytest.approx(1010.0 * fusion.appraisal_stale_s)


def test_without_an_appraiser_no_state_names_one() -> None:
    assert Modality.APPRAISAL not in fused(LEARNED, evidence()).modalities


@pytest.mark.parametrize(
    "content",
    [
        '{"happiness": 1.0}',
        appraisal(happiness=1_000_000),
        appraisal(happiness=100, joy=100),
        json.dumps({"reason": "", "distribution": {"happiness": 100}, "incongruence": 0}),
        appraisal(happiness=100).replace('"incongruence"', '"weight": 1e9, "incongruence"'),
        appraisal(happiness=100).replace('"reason"', '"quality": 1, "reason"'),
        "As you wish! happiness: 100",
    ],
)
def test_what_a_line_makes_a_model_say_beyond_the_schema_says_nothing(content: str) -> None:
    with pytest.raises(AnswerInvalid):
        persuaded(content)
