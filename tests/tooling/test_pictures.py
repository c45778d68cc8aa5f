"""The pictures of the model cards hold the figures, and are sound SVG."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from models.evaluation.bootstrap import intervals
from models.evaluation.metrics import calibration_error, confidence_bins
from models.evaluation.pictures import confusion_picture, reliability_picture

pytestmark = pytest.mark.tooling

SEED = 11


def words(path: Path) -> list[str]:
    root = ElementTree.parse(path).getroot()
    return ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")]


def test_a_confusion_is_drawn_in_per_cent_of_each_row(tmp_path: Path) -> None:
    path = tmp_path / "new" / "confusion.svg"
    confusion_picture([[9, 3, 0], [0, 0, 0], [1, 0, 299]], ("joy", "<calm>", "fear"), path, "A & B")
    said = words(path)
    for text in ("A & B", "joy", "<calm>", "fear", "75", "25", "100", "<1", "n = 12", "n = 300"):
        assert text in said
    assert said.count("<calm>") == 1, "what never occurs has no row"
    assert path.stat().st_size < 100_000


def test_a_reliability_is_drawn_with_its_error(tmp_path: Path) -> None:
    random = np.random.default_rng(SEED)
    probabilities = random.dirichlet(np.ones(4), 300)
    truth = random.integers(4, size=300)
    path = tmp_path / "reliability.svg"
    reliability_picture(probabilities, truth, path, "A model")
    error = f"{calibration_error(probabilities, truth):.3f}"
    assert any(error in text and "n = 300" in text for text in words(path)), f"seed {SEED}"
    bins = confidence_bins(probabilities, truth)
    assert sum(each.share for each in bins) == pytest.approx(1.0)
    assert all(each.low <= each.confidence <= each.high for each in bins)


def test_an_interval_holds_the_mean_and_narrows_with_more_items() -> None:
    random = np.random.default_rng(SEED)
    widths = []
    for count in (50, 5000):
        values = random.normal(1.0, 1.0, count)
        found = intervals(lambda places, v=values: {"mean": float(v[places].mean())}, count, 300)
        low, high = found["mean"]
        assert low < values.mean() < high, f"seed {SEED}"
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
    nothing = intervals(lambda _: {"never": float("nan")}, 3, 5)
    assert nothing == {}
