"""Calibrates a trained text model and writes it, its metadata and its manifest entry."""

import base64
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from models.evaluation.metrics import calibration_error
from models.evaluation.text_figures import f1, pearson
from models.training import manifest
from models.training.text_data import Corpus
from models.training.text_net import Shipped, TextNet
from numpy.typing import NDArray

from rapport.experts.dialogue.emotions import NAMES, basic_of, to_basic
from rapport.experts.dialogue.words import BUCKETS, PIECES_PER_WORD

if TYPE_CHECKING:
    from models.training.text import Predictions

OPSET = 18
ABOUT = manifest.About(
    id="text_emotion",
    version="1",
    task="emotion in a line of English text: 28 labels, the basic emotions (not contempt),"
    " valence, arousal and dominance",
    licence="CC BY-SA 4.0",
    commercial_use="yes",
    commercial_use_reason="GoEmotions is published under Apache-2.0 and EmoBank under CC BY-SA 4.0;"
    " both allow commercial use. The weights are passed on under CC BY-SA 4.0: name the data, and"
    " license changed weights alike; a game that only runs them keeps its own licence.",
    data="GoEmotions (Demszky et al. 2020), EmoBank (Buechel & Hahn 2017)",
    inputs="words int64 [1, words] numbers in the vocabulary; pieces int64 [1, words,"
    f" {PIECES_PER_WORD}] hashed character n-grams below {BUCKETS}"
    " (rapport.experts.dialogue.words)",
    outputs="emotions float32 [1, 28] probabilities, each by itself; impressions float32"
    " [1, 3] valence, arousal, dominance -1...+1",
    card="cards/text_emotion.md",
)
TEMPERATURES = np.geomspace(0.3, 3.0, 100)

log = logging.getLogger("models.training.text_export")


class Calibration(NamedTuple):
    """Thresholds of the 28 labels, and the temperature of the eight basic emotions."""

    thresholds: NDArray[np.float64]
    temperature: float


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities, each by itself."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logits, np.float64))))


def best_threshold(probabilities: NDArray[Any], truth: NDArray[Any]) -> float:
    """The threshold with the highest F1: half way between two neighbouring probabilities."""
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(truth[order])
    scores = 2.0 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    best = int(scores.argmax())
    after = min(best + 1, len(order) - 1)
    return float(probabilities[order[[best, after]]].mean())


def calibrate(logits: NDArray[Any], labels: NDArray[np.float32]) -> Calibration:
    """Fit to predictions for unseen lines; lines without labels (NaN) are passed over."""
    labelled = ~np.isnan(labels[:, 0])
    probabilities, truth = sigmoid(logits[labelled]), labels[labelled]
    thresholds = [best_threshold(p, t) for p, t in zip(probabilities.T, truth.T, strict=True)]
    return Calibration(np.array(thresholds), _temperature(probabilities, truth))


def _temperature(probabilities: NDArray[np.float64], truth: NDArray[np.float32]) -> float:
    """With the least negative log-likelihood of the basic emotion, on every fifth line, which is
    plenty for one number."""
    kept, basic = with_one_basic(truth[::5])
    chosen = probabilities[::5][kept]
    rows = np.arange(len(basic))

    def surprise(temperature: float) -> float:
        shares = np.array([to_basic(line, temperature) for line in chosen])
        return -float(np.log(shares[rows, basic]).mean())

    return float(min(TEMPERATURES[::4].tolist(), key=surprise))


def with_one_basic(truth: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows whose labels share one basic emotion, and which."""
    basics = [basic_of(np.flatnonzero(row).tolist()) for row in truth]
    kept = [place for place, basic in enumerate(basics) if basic is not None]
    return np.array(kept), np.array([basic for basic in basics if basic is not None])


def log_figures(unseen: "Predictions", corpus: Corpus, calibration: Calibration) -> None:
    """Tell how good the cross-validated predictions are."""
    labelled = ~np.isnan(corpus.labels[:, 0])
    truth = corpus.labels[labelled] > 0.5
    probabilities = sigmoid(unseen.logits[labelled])
    scores = f1(probabilities >= honest_thresholds(probabilities, truth), truth)
    log.info("cross-validated macro-F1 %.4f", scores.mean())
    log.info("%s", {name: round(float(s), 2) for name, s in zip(NAMES, scores, strict=True)})
    kept, basic = with_one_basic(truth)
    shares = np.array([to_basic(p, calibration.temperature) for p in probabilities[kept]])
    log.info(
        "basic emotions: accuracy %.4f ece %.4f temperature %.3f",
        (shares.argmax(axis=1) == basic).mean(), calibration_error(shares, basic),
        calibration.temperature,
    )  # fmt: skip
    rated = ~np.isnan(corpus.impressions[:, 0])
    log.info("pearson %s", pearson(unseen.impressions[rated], corpus.impressions[rated]))


def honest_thresholds(
    probabilities: NDArray[np.float64], truth: NDArray[np.bool_], parts: int = 10
) -> NDArray[np.float64]:
    """For each line, thresholds that were fitted to lines of the other parts, so that the F1 is not
    flattered by them. N x 28."""
    part = np.arange(len(truth)) % parts
    found = np.zeros(truth.shape)
    for k in range(parts):
        others = part != k
        for label in range(truth.shape[1]):
            found[~others, label] = best_threshold(
                probabilities[others, label], truth[others, label]
            )
    return found


def export(
    net: TextNet, vocabulary: NDArray[np.uint32], calibration: Calibration, out: Path
) -> None:
    """Write the model."""
    example = (torch.ones(1, 9, dtype=torch.int64), torch.ones(1, 9, PIECES_PER_WORD).long())
    words = torch.export.Dim.DYNAMIC
    program = torch.onnx.export(
        Shipped(net).eval(),
        example,
        dynamo=True,
        opset_version=OPSET,
        input_names=["words", "pieces"],
        output_names=["emotions", "impressions"],
        dynamic_shapes=({1: words}, {1: words}),
    )
    if program is None:
        raise RuntimeError("the exporter gave nothing")
    model = program.model_proto
    notes = {
        "labels": json.dumps(NAMES),
        "thresholds": json.dumps(np.round(calibration.thresholds, 5).tolist()),
        "temperature": f"{calibration.temperature:.6f}",
        "vocabulary": base64.b64encode(vocabulary.astype("<u4").tobytes()).decode("ascii"),
    }
    manifest.ship(model, out, ABOUT, notes)
