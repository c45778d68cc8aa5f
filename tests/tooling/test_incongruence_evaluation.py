"""`python -m models.evaluation incongruence` on real clips, its figures, and what is fitted."""

import json
from pathlib import Path

import numpy as np
import pytest
from models.evaluation import incongruence
from models.evaluation.incongruence import Pair, at, auc, figures, rate
from models.evaluation.incongruence_lines import LINES, part

pytestmark = pytest.mark.tooling

SEED = 3


def pair(words: str, voice: str, strength: float) -> Pair:
    return Pair(words, voice, "ravdess-17", strength, strength > 0.5, True)


def test_the_figures_of_known_pairs() -> None:
    pairs = [pair("happiness", "anger", 0.9), pair("happiness", "sadness", 0.4)]
    pairs += [pair("happiness", "happiness", strength) for strength in (0.1, 0.2, 0.6, 0.3)]
    pairs += [pair(label, label, 0.0) for label in incongruence.FIT_TOO]
    found = figures(pairs, {"ravdess-17": "male"})
    assert found["hits"][0] == 0.5
    assert found["hits_by"]["ravdess anger"][0] == found["hits_by"]["anger"][0] == 1.0
    assert found["false_alarms_glad"][0] == 0.25
    assert found["false_alarms_all"] == 0.25 / 4
    assert found["auc"] == pytest.approx(7 / 8)


def test_rates_and_curves() -> None:
    assert rate([True] * 5 + [False] * 5)[:3] == pytest.approx([0.5, 0.2366, 0.7634], abs=1e-3)
    low, high = np.array([0.1, 0.2]), np.array([0.8, 0.9])
    assert (auc(high, low), auc(low, high), auc(low, low)) == (1.0, 0.0, 0.5)
    assert (at(high, [low]), at(low, [high])) == (1.0, 0.0)


def test_no_line_is_learned_from_and_judged() -> None:
    for label in LINES:
        assert not set(part(label, 0)) & set(part(label, 1))
        assert len(part(label, 1)) >= 6


def test_real_clips_under_lines(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("models.evaluation.incongruence_readings.WARM_UP", 2)
    options = ["--speakers", "ravdess-17", "--clips", "2", "--faces", "2", "--conditions", "clean"]
    options += ["--data", str(shared / "data"), "--cache", str(tmp_path), "--json"]
    for _ in range(2):
        assert incongruence.main(options) == 0
        report = json.loads(capsys.readouterr().out)
        assert set(report) == {"clean, voice", "clean, voice and face"}
        assert all(0.0 <= report[name]["auc"] <= 1.0 for name in report)
    assert list(tmp_path.glob("spoken-*.msgpack"))


def test_no_data_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert incongruence.main(["--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err


def test_each_sign_is_kept_to_its_side() -> None:
    pytest.importorskip("torch", reason="needs the packages of the extra `training`")
    from models.training import incongruence as training

    from rapport.conversation.incongruence_parameters import SIGNS
    from rapport.conversation.utterance import Summary

    random = np.random.default_rng(SEED)
    shown = []
    for place in range(200):
        glad = 0.6 - 0.4 * (place % 2) + 0.1 * random.random()
        rest = (1.0 - glad) / 7.0
        row = (rest, glad, *(rest,) * 6)
        voice = Summary(row, None, None, 0.9, 0.9, {"warmth": float(random.normal())})
        shown.append(training.Shown({"voice": voice}, place % 2 == 1))
    fitted = training.fit(shown, SEED)
    for signs in (fitted.voice, fitted.face):
        assert all(weight * SIGNS[name] >= 0.0 for name, weight in signs.weights.items())
    assert fitted.voice.weights["glad"] < -0.3
