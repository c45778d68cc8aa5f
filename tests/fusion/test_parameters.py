"""What the gate goes by: its file, and what follows from the values whatever they are."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.evidence import NOW, distribution, evidence
from rapport import settings
from rapport.errors import ModelUnreadable
from rapport.experts.store import packaged_directory
from rapport.fusion import Fusion, Parameters, parameters
from rapport.fusion.gate import trust
from rapport.fusion.mixture import pool
from rapport.fusion.parameters import EQUAL, LEARNED, Reliance
from rapport.state import LABELS, Modality

pytestmark = pytest.mark.property

SETTINGS = settings.Fusion()
FILE = packaged_directory() / "fusion_gate.json"

_trusts = st.floats(0.0, 4.0)


@st.composite
def reliances(draw: st.DrawFn) -> Reliance:
    worst, best = sorted((draw(_trusts), draw(_trusts)))
    raw = draw(st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8))
    return Reliance(worst, best, tuple(value / sum(raw) for value in raw))


anything = st.builds(
    Parameters,
    st.floats(0.001, 0.5),
    st.just(EQUAL),
    st.fixed_dictionaries({modality: reliances() for modality in Modality}),
)


def file_with(**changes: object) -> bytes:
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return json.dumps(content | changes).encode()


def test_the_shipped_file_trusts_no_expert_less_on_a_better_signal() -> None:
    shipped = parameters.decode(FILE.read_bytes())
    assert shipped.version != Parameters().version
    for expert in shipped.experts.values():
        assert 0.0 <= expert.worst <= expert.best
        assert sum(expert.base_rates) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1, 2]",
        file_with(format=2),
        file_with(labels=[*LABELS[1:], LABELS[0]]),
        file_with(prior=[0.5] * 8),
        file_with(prior=[1.0] + [0.0] * 7),
        file_with(lapse=0.0),
        file_with(experts={"face": {}}),
        file_with(experts={m.value: {"worst": 1.0, "best": 0.5} for m in Modality}),
        file_with(experts={m.value: {"best": -1.0} for m in Modality}),
        file_with(unheard_of=1),
    ],
)
def test_a_file_that_is_no_gate_is_refused(content: bytes) -> None:
    with pytest.raises(ModelUnreadable):
        parameters.decode(content)


@given(reliances(), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 0.6))
def test_trust_never_rises_as_quality_falls_or_age_grows(
    reliance: Reliance, score: float, share: float, age: float
) -> None:
    best = trust(evidence(score=score), NOW, SETTINGS, reliance)
    assert trust(evidence(score=score * share), NOW, SETTINGS, reliance) <= best
    assert trust(evidence(score=score, age_s=age), NOW, SETTINGS, reliance) <= best
    assert 0.0 <= best <= reliance.best


@given(anything, st.sampled_from(Modality), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_modality_never_gains_weight_as_its_quality_falls(
    values: Parameters, which: Modality, score: float, share: float
) -> None:
    def weights(own: float) -> dict[Modality, float]:
        readings = {m: evidence(m, score=own if m is which else 0.7) for m in Modality}
        state = Fusion(SETTINGS, values).tick(readings, NOW, 0.0)
        return {m: part.weight for m, part in state.modalities.items()}

    before, after = weights(score), weights(score * share)
    assert after[which] <= before[which] + 1e-12
    for other in set(Modality) - {which}:
        assert after[other] >= before[other] - 1e-12 or not any(after.values())


@given(anything, st.sampled_from(Modality))
def test_an_expert_that_says_what_it_says_of_anybody_changes_nothing(
    values: Parameters, modality: Modality
) -> None:
    usual = values.experts[modality].base_rates
    pooled = pool({modality: usual}, {modality: 2.0}, values)
    assert pooled == pytest.approx(np.array(values.prior))


def test_the_built_in_gate_believes_every_quality_score_as_it_is() -> None:
    for modality in LEARNED:
        reliance = Parameters().experts[modality]
        assert trust(evidence(modality, score=0.3), NOW, SETTINGS, reliance) == pytest.approx(0.3)


def test_a_language_model_is_relied_on_by_half_at_most_where_the_file_does_not_name_it() -> None:
    read = parameters.decode(FILE.read_bytes())
    assert read.experts[Modality.APPRAISAL] == Parameters().experts[Modality.APPRAISAL]
    assert read.experts[Modality.APPRAISAL].best == 0.5


def test_base_rates_and_prior_are_bayes_rule_for_one_expert() -> None:
    rates = (0.5, 0.1, 0.1, 0.1, 0.1, 0.05, 0.03, 0.02)
    says, prior = distribution(3, 0.6), (0.3, *(0.1,) * 7)
    values = Parameters(1e-9, prior, {m: Reliance(base_rates=rates) for m in Modality})
    expected = np.array(says) / rates * prior
    pooled = pool({Modality.FACE: says}, {Modality.FACE: 1.0}, values)
    assert pooled == pytest.approx(expected / expected.sum(), rel=1e-5)


def test_a_line_that_is_read_beside_face_and_voice_has_its_weight() -> None:
    shipped = parameters.decode(FILE.read_bytes())
    readings = {modality: evidence(modality, label=4) for modality in Modality}
    state = Fusion(SETTINGS, shipped).tick(readings, NOW, 0.0)
    assert state.label == "anger"
    assert all(part.weight > 0.1 for part in state.modalities.values())
    assert sum(part.weight for part in state.modalities.values()) == pytest.approx(1.0)
