"""The fusion tick by tick, on evidence written by hand."""

import msgspec
import numpy as np
import pytest

from fusion.evidence import NOW, SECOND, distribution, evidence
from rapport import settings
from rapport.experts.affect import expected_vad
from rapport.fusion import Fusion, Parameters
from rapport.fusion.incongruence import incongruence
from rapport.fusion.mixture import place, pool
from rapport.state import BURSTS, SCHEMA, UNCERTAIN, Condition, Evidence, Measure, Modality, Quality

pytestmark = pytest.mark.unit

HAPPINESS, SADNESS, ANGER = 1, 3, 4


def test_without_evidence_nothing_is_claimed() -> None:
    state = Fusion(settings.Fusion()).tick({}, NOW, 50.0)
    assert state.label == UNCERTAIN
    assert state.confidence == 0.0
    assert state.probabilities is None
    assert state.valence is None
    assert state.speaking is None
    assert state.face_present is None
    assert {m.condition for m in state.modalities.values()} == {Condition.DISABLED}
    assert state.captured_ns == NOW


def test_one_good_face_is_believed_at_once() -> None:
    state = Fusion(settings.Fusion()).tick({Modality.FACE: evidence(age_s=0.01)}, NOW, 50.0)
    assert state.label == "happiness"
    assert state.modalities[Modality.FACE].weight == 1.0
    assert state.captured_ns == NOW - SECOND // 100
    assert state.captured_wall == pytest.approx(49.99)
    assert state.modalities[Modality.FACE].age_ms == pytest.approx(10.0)
    assert state.valence == pytest.approx(0.5, abs=0.15)


def test_experts_that_agree_are_surer_together() -> None:
    alone = Fusion(settings.Fusion()).tick({Modality.FACE: evidence(probability=0.5)}, NOW, 0.0)
    both = Fusion(settings.Fusion()).tick(
        {
            Modality.FACE: evidence(probability=0.5),
            Modality.VOICE: evidence(Modality.VOICE, probability=0.5),
        },
        NOW,
        0.0,
    )
    assert both.confidence > alone.confidence


def test_in_the_dark_the_voice_decides_and_beside_a_fan_the_face() -> None:
    def label(face_score: float, voice_score: float) -> str:
        return (
            Fusion(settings.Fusion())
            .tick(
                {
                    Modality.FACE: evidence(Modality.FACE, HAPPINESS, face_score),
                    Modality.VOICE: evidence(Modality.VOICE, SADNESS, voice_score),
                },
                NOW,
                0.0,
            )
            .label
        )

    assert label(0.1, 1.0) == "sadness"
    assert label(1.0, 0.1) == "happiness"
    assert label(1.0, 1.0) == UNCERTAIN


def test_stale_evidence_is_named_and_weighs_nothing() -> None:
    old = evidence(age_s=settings.Fusion().face_stale_s + 0.1)
    state = Fusion(settings.Fusion()).tick({Modality.FACE: old}, NOW, 0.0)
    part = state.modalities[Modality.FACE]
    assert part.condition is Condition.STALE
    assert part.weight == 0.0
    assert part.distribution is None
    assert state.face_present is None


def test_memory_fades_to_unknown_when_evidence_ends() -> None:
    rules = settings.Fusion()
    fusion = Fusion(rules)
    first = fusion.tick({Modality.FACE: evidence()}, NOW, 0.0)
    confidences = [first.confidence]
    for tick in range(1, 40):
        now = NOW + tick * SECOND // 10
        gone = Evidence(Modality.FACE, now, Condition.ABSENT)
        state = fusion.tick({Modality.FACE: gone}, now, 0.0)
        confidences.append(state.confidence)
        assert state.face_present is False
    assert confidences == sorted(confidences, reverse=True)
    assert state.probabilities is None
    assert state.label == UNCERTAIN


def test_clear_evidence_changes_the_state_sooner_than_poor_evidence() -> None:
    def ticks_until_sad(score: float) -> int:
        fusion = Fusion(settings.Fusion())
        fusion.tick({Modality.FACE: evidence(label=HAPPINESS)}, NOW, 0.0)
        for tick in range(1, 1000):
            now = NOW + tick * SECOND // 30
            state = fusion.tick(
                {Modality.FACE: evidence(label=SADNESS, score=score, now_ns=now)}, now, 0.0
            )
            if state.probabilities and state.probabilities[SADNESS] > state.probabilities[1]:
                return tick
        raise AssertionError("never changed")

    assert ticks_until_sad(1.0) < ticks_until_sad(0.4) < ticks_until_sad(0.15)


@pytest.mark.parametrize("rate", [10, 30, 60])
def test_trend_is_the_slope_of_valence_whatever_the_tick_rate(rate: int) -> None:
    fusion = Fusion(settings.Fusion())
    slope = 0.05
    for tick in range(15 * rate):
        now = NOW + tick * SECOND // rate
        state = fusion.tick(
            {Modality.FACE: evidence(valence=-0.4 + slope * tick / rate, now_ns=now)}, now, 0.0
        )
    assert state.trend == pytest.approx(slope, rel=0.15)


def test_a_reading_that_is_no_distribution_costs_the_other_modality_nothing() -> None:
    broken = msgspec.structs.replace(
        evidence(Modality.VOICE), distribution=(float("nan"),) * 8, quality=Quality(float("nan"))
    )
    alone = Fusion(settings.Fusion()).tick({Modality.FACE: evidence()}, NOW, 0.0)
    beside = Fusion(settings.Fusion()).tick(
        {Modality.FACE: evidence(), Modality.VOICE: broken}, NOW, 0.0
    )
    assert beside.probabilities == alone.probabilities
    assert beside.modalities[Modality.VOICE].weight == 0.0


def test_incongruence_is_zero_for_agreement_and_one_for_opposite_certainties() -> None:
    sure_happy, sure_sad = distribution(HAPPINESS, 1.0), distribution(SADNESS, 1.0)
    assert incongruence([sure_happy, sure_happy], [0.5, 0.5]) == pytest.approx(0.0)
    assert incongruence([sure_happy, sure_sad], [0.5, 0.5]) == pytest.approx(1.0)
    assert incongruence([sure_happy], [1.0]) is None
    poor = incongruence([sure_happy, sure_sad], [0.95, 0.05])
    assert poor is not None
    assert poor < 0.4


def test_no_expert_can_veto_a_label_that_it_was_never_taught() -> None:
    contempt = distribution(7, 0.9)
    untaught = (*(0.9 / 7 + 0.1 / 7,) * 7, 0.0)
    both = {Modality.FACE: contempt, Modality.VOICE: untaught}
    assert pool(both, dict.fromkeys(both, 1.0), Parameters()).argmax() == 7


def test_the_place_agrees_with_the_label_and_adds_what_an_expert_reads_beyond_it() -> None:
    happy, plain = distribution(HAPPINESS, 0.9), distribution(0, 0.9)
    both = {Modality.FACE: happy, Modality.VOICE: plain}
    pooled = pool(both, dict.fromkeys(both, 1.0), Parameters()).tolist()
    nothing_more = (None, None, None)
    expected = place(pooled, [happy, plain], [nothing_more, nothing_more], [0.5, 0.5])
    assert expected == pytest.approx(expected_vad(pooled))
    own = expected_vad(plain)
    louder = (own[0], own[1] + 0.4, None)
    raised = place(pooled, [happy, plain], [nothing_more, louder], [0.5, 0.5])
    assert raised - expected == pytest.approx([0.0, 0.2, 0.0])


def test_numbers_of_an_array_library_become_numbers_that_the_wire_takes() -> None:
    odd = Evidence(
        Modality.FACE,
        np.int64(NOW),
        Condition.OK,
        Quality(np.float32(0.9), {"blur": Measure(np.float32(3.0), np.float32(0.5))}),
        tuple(np.float32(p) for p in distribution(HAPPINESS)),
        np.float32(0.5),
        np.float64(0.1),
        np.float32(0.1),
        present=np.bool_(True),
    )
    state = Fusion(settings.Fusion()).tick({Modality.FACE: odd}, NOW, 0.0)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state))["label"] == "happiness"


def test_a_burst_is_told_beside_the_emotion_while_it_is_news() -> None:
    laugh = tuple(0.7 if name == "laugh" else 0.03 for name in BURSTS)
    fusion = Fusion(settings.Fusion())
    told = []
    for age_s in (0.1, 5.0):
        heard = msgspec.structs.replace(evidence(Modality.VOICE, age_s=age_s), bursts=laugh)
        told.append(fusion.tick({Modality.VOICE: heard}, NOW, 0.0).burst)
    assert told[0] is not None and told[0].name == "laugh"
    assert told[0].confidence == pytest.approx(0.7)
    assert told[1] is None
    quiet = fusion.tick({Modality.VOICE: evidence(Modality.VOICE)}, NOW, 0.0)
    assert quiet.burst is None
    assert quiet.schema == SCHEMA


def test_how_excited_a_voice_sounds_is_told_without_an_emotion_model() -> None:
    plain = Evidence(
        Modality.VOICE, NOW, Condition.OK, Quality(0.9), arousal=0.4, present=True, model="prosody"
    )
    state = Fusion(settings.Fusion()).tick({Modality.VOICE: plain}, NOW, 0.0)
    assert state.modalities[Modality.VOICE].arousal == pytest.approx(0.4)
    assert state.modalities[Modality.VOICE].weight == 0.0
    assert state.arousal == pytest.approx(0.4)
    assert state.valence is None
    assert state.probabilities is None and state.speaking is True
