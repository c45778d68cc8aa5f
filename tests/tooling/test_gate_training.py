"""The gate's training: it fits what the sidecar computes, to people whom nothing else was measured
or trained on."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the training packages")

from models.evaluation import fusion_material as material  # noqa: E402
from models.evaluation.fusion_readings import Reading  # noqa: E402
from models.training import gate, gate_data  # noqa: E402
from models.training.gate_net import Design, fit, tensors  # noqa: E402
from models.training.gate_readings import Material  # noqa: E402

from rapport import settings  # noqa: E402
from rapport.fusion import Fusion, parameters  # noqa: E402
from rapport.state import LABELS, Condition, Evidence, Measure, Modality, Quality  # noqa: E402

pytestmark = pytest.mark.tooling

NOW_NS = 1_000_000_000
SEED = 11


def readings(modality: Modality, sharpness: float, seed: int) -> list[Reading]:
    """Twelve people's readings: surer and more often right the better the quality is. Contempt is
    shown by faces only, and the others give it the same probability always."""
    random = np.random.default_rng(seed)
    found = []
    taught = len(LABELS) - (modality is not Modality.FACE)
    for place in range(480):
        label = place % taught
        score = float(random.uniform(0.1, 1.0))
        logits = random.normal(0.0, 1.0, taught)
        logits[label] += sharpness * score
        shares = np.exp(logits) / np.exp(logits).sum()
        if taught < len(LABELS):
            shares = np.append(shares * 0.98, 0.02)
        quality = Quality(score, {"snr_db": Measure(1.0, score)})
        evidence = Evidence(modality, NOW_NS, Condition.OK, quality, tuple(shares.tolist()))
        found.append(Reading(label, f"{modality}-{place % 12}", evidence))
    return found


@pytest.fixture(scope="module")
def made_up() -> Material:
    return Material(*(readings(m, 3.0, place) for place, m in enumerate(Modality)))


@pytest.fixture(scope="module")
def rates() -> np.ndarray:
    rows = np.full((3, 8), 0.14)
    rows[:, 7] = 0.02
    return rows


def test_what_is_fitted_is_what_the_sidecar_computes(
    made_up: Material, rates: np.ndarray, tmp_path: Path
) -> None:
    fitted = gate.fit_parameters(made_up, rates, SEED)
    gate.export(fitted, tmp_path / "fusion_gate.json")
    values = parameters.decode((tmp_path / "fusion_gate.json").read_bytes())
    net = fit(gate.make_net(Design(), rates, SEED), gate_data.draw(made_up, gate.GROUPS, SEED))
    random = np.random.default_rng(SEED)
    rows = [
        {m: own[int(random.integers(len(own)))] for m, own in zip(Modality, made_up, strict=True)}
        for _ in range(40)
    ]
    for row in rows[:10]:
        row.pop(Modality.TEXT)
    with torch.no_grad():
        learned = net(*tensors(gate_data.groups_of([0] * len(rows), rows))).exp().numpy()
    for row, expected in zip(rows, learned, strict=True):
        evidence = {modality: reading.evidence for modality, reading in row.items()}
        state = Fusion(settings.Fusion(), values).tick(evidence, NOW_NS, 0.0)
        assert state.probabilities == pytest.approx(expected, abs=1e-3)


def test_the_fit_listens_to_the_better_expert_and_beats_the_gate_set_by_hand(
    rates: np.ndarray,
) -> None:
    uneven = Material(
        readings(Modality.FACE, 6.0, 1),
        readings(Modality.VOICE, 0.2, 2),
        readings(Modality.TEXT, 3.0, 3),
    )
    groups, others = gate_data.draw(uneven, 2000, 1), gate_data.draw(uneven, 2000, 2)
    learned = fit(gate.make_net(Design(), rates, SEED), groups)
    plain = gate.make_net(Design(rates=False), rates, SEED)
    assert gate.figures(learned, others)[0] < gate.figures(plain, others)[0]
    best = learned.worst.exp() + learned.rise.exp()
    assert best[0] > best[2] > best[1]


@pytest.mark.parametrize("name", gate.DESIGNS)
def test_every_design_gives_distributions_and_can_be_fitted(
    name: str, made_up: Material, rates: np.ndarray
) -> None:
    groups = gate_data.draw(made_up, 400, 3)
    net = gate.make_net(gate.DESIGNS[name], rates, SEED)
    before = gate.figures(net, groups)[0]
    fit(net, groups, steps=15)
    assert gate.figures(net, groups)[0] < before
    with torch.no_grad():
        total = net(*tensors(groups)).exp().sum(dim=1).numpy()
    assert total == pytest.approx(np.ones(len(total)), abs=1e-4)


def test_base_rates_come_from_the_data_and_a_constant_means_untaught(
    made_up: Material, shared: Path
) -> None:
    rates = gate.base_rates(shared / "data", made_up)
    assert rates.sum(axis=1) == pytest.approx(np.ones(3))
    assert rates[1] == pytest.approx([0.14] * 7 + [0.02])
    assert rates[2][7] == pytest.approx(0.02)
    # Web pictures of faces are mostly neutral and happy.
    assert rates[0][0] > rates[0][1] > rates[0][2:].max()


def test_nobody_is_in_two_parts_and_no_expert_learned_from_any() -> None:
    voice_studio = pytest.importorskip("models.training.voice_studio")
    train, test = set(material.TRAIN_SPEAKERS), set(material.TEST_SPEAKERS)
    assert not train & test
    assert train | test <= voice_studio.TEST_SPEAKERS
    learned, kept = set(material.TRAIN_NOISES), set(material.TEST_NOISES)
    assert not learned & kept
    assert learned | kept == voice_studio.HELD_OUT_NOISES


def test_halves_of_the_faces_and_lines_are_apart(shared: Path) -> None:
    archive = shared / "data/face/ferplus_train_valid.npz"
    halves = [material.load_faces(archive, part, True, 5, 1) for part in ("train", "test")]
    first, second = ({face.source for face in half.items} for half in halves)
    assert first and second and not first & second
    file = shared / "data/text/goemotions/dev.tsv"
    lines = [material.load_lines(file, part, 10_000) for part in ("train", "test", "all")]
    assert len(lines[0]) + len(lines[1]) == len(lines[2])
