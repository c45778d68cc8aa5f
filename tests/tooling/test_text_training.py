"""What the text model is trained and calibrated with does what it says."""
# ruff: noqa: E402 - these modules cannot be imported where torch is missing

import argparse
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the packages of the extra `training`")

from models.evaluation.text_figures import f1, pearson
from models.training import text, text_data, text_export
from models.training.text_data import Line
from models.training.text_net import Shipped, TextNet

from rapport import settings
from rapport.experts import store
from rapport.experts.dialogue import TextExpert
from rapport.experts.dialogue.emotions import NAMES
from rapport.experts.store import Store

pytestmark = pytest.mark.tooling

SEED = 3
EPOCHS = 50
JOY, ANGER = NAMES.index("joy"), NAMES.index("anger")


def lines() -> list[Line]:
    """Two words decide the label and the valence; half of the lines lack either."""
    random = np.random.default_rng(SEED)
    filler = ["the", "a", "so", "today", "it", "was", "here"]
    found = []
    for number in range(400):
        good = bool(random.integers(2))
        told = [*random.choice(filler, 4), "lovely" if good else "hateful"]
        sentence = " ".join(random.permutation(told))
        if number % 2:
            found.append(Line(sentence, (JOY if good else ANGER,)))
        else:
            found.append(Line(sentence, impression=(0.5 if good else -0.5, 0.1, 0.0)))
    return found


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[TextNet, np.ndarray, Path]:
    torch.manual_seed(SEED)
    vocabulary = text_data.vocabulary_of(lines())
    corpus = text_data.corpus_of(lines(), vocabulary)
    cache = tmp_path_factory.mktemp("cache")
    options = argparse.Namespace(cache=cache, seed=SEED, fold_seed=SEED, epochs=EPOCHS)
    everything = np.arange(len(corpus.lengths))
    net = text.trained(corpus, len(vocabulary), everything, "all", options)
    return net, vocabulary, cache


# torch's exporter warns of its own use of torch.
@pytest.mark.filterwarnings("ignore:`isinstance:FutureWarning")
def test_it_learns_labels_and_ratings_and_ships_what_it_learned(
    learned: tuple[TextNet, np.ndarray, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """From training to the expert, through a real export."""
    net, vocabulary, _ = learned
    corpus = text_data.corpus_of(lines(), vocabulary)
    predicted = text.predict(net, corpus, np.arange(len(corpus.lengths)))
    calibration = text_export.calibrate(predicted.logits, corpus.labels)
    text_export.export(net, vocabulary, calibration, tmp_path / "text_emotion.onnx")
    # The export wrote a manifest beside the file, and only there.
    monkeypatch.setattr(store, "packaged_directory", lambda: tmp_path)
    store.manifest.cache_clear()
    request.addfinalizer(store.manifest.cache_clear)
    expert = TextExpert(Store(settings.Models(directory=str(tmp_path))))
    for line, place in (("today it was so lovely", JOY), ("it was hateful today", ANGER)):
        found = expert.emotions(line)
        assert found is not None
        assert max(found, key=lambda name: found[name]) == NAMES[place]
        # The shipped tables are int8, the network is not: nearly the same.
        one = text_data.corpus_of([Line(line)], vocabulary)
        plain = text.predict(net, one, np.array([0]))
        shipped = np.array(list(found.values()))
        assert shipped == pytest.approx(text_export.sigmoid(plain.logits[0]), abs=0.02)
        evidence = expert.read(line, 0)
        assert evidence.valence == pytest.approx(plain.impressions[0, 0], abs=0.03)
        assert evidence.valence * (1 if place == JOY else -1) > 0.25


def test_a_finished_network_is_taken_from_the_cache(
    learned: tuple[TextNet, np.ndarray, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    net, vocabulary, cache = learned
    corpus = text_data.corpus_of(lines(), vocabulary)
    options = argparse.Namespace(cache=cache, seed=SEED, fold_seed=SEED, epochs=EPOCHS)
    monkeypatch.setattr(text, "train", lambda *_: pytest.fail("trained again"))
    again = text.trained(corpus, len(vocabulary), np.arange(2), "all", options)
    for one, other in zip(net.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_padding_changes_nothing() -> None:
    torch.manual_seed(SEED)
    vocabulary = text_data.vocabulary_of(lines())
    short, long = Line("so lovely"), Line("it was so hateful here today the a it was")
    net = TextNet(len(vocabulary)).eval()
    together = text.predict(
        net, text_data.corpus_of([short, long], vocabulary), np.arange(2)
    ).logits[0]
    alone = text_data.corpus_of([short], vocabulary)
    assert together == pytest.approx(text.predict(net, alone, np.arange(1)).logits[0], abs=1e-5)
    words, pieces = (torch.from_numpy(value) for value in alone.padded(np.arange(1)))
    probabilities, _ = Shipped(net)(words, pieces)
    assert probabilities[0].detach().numpy() == pytest.approx(
        text_export.sigmoid(together), abs=0.01
    )


def test_the_threshold_with_the_best_f1() -> None:
    random = np.random.default_rng(SEED)
    probabilities = random.random(60)
    truth = (random.random(60) < probabilities).astype(np.float32)

    def score(threshold: float) -> float:
        return float(f1((probabilities >= threshold)[:, None], truth[:, None] > 0.5)[0])

    best = max(score(threshold) for threshold in probabilities)
    found = text_export.best_threshold(probabilities, truth)
    assert score(found) == pytest.approx(best), f"seed {SEED}"


def test_thresholds_for_a_line_do_not_depend_on_it() -> None:
    random = np.random.default_rng(SEED)
    probabilities = random.random((100, 2))
    truth = random.random((100, 2)) < probabilities
    before = text_export.honest_thresholds(probabilities, truth)
    probabilities[10], truth[10] = 0.999, ~truth[10]
    assert (text_export.honest_thresholds(probabilities, truth)[10] == before[10]).all()


def test_figures_by_hand() -> None:
    guess = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0]], bool)
    truth = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0]], bool)
    assert f1(guess, truth).tolist() == pytest.approx([0.8, 2 / 3, 0.0])
    ratings = np.array([[1, 5, np.nan], [2, 5, np.nan], [3, 5, np.nan]])
    guessed = np.array([[3, 1, 1], [2, 2, 2], [1, 3, 3]], float)
    assert pearson(guessed, ratings) == {"valence": -1.0, "arousal": None, "dominance": None}
