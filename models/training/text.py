"""`python -m models.training text`: trains the text model on GoEmotions and EmoBank.

The thresholds of the 28 labels and the temperature come from predictions for lines of the training
files that the predicting network had not seen (cross-validation); the dev files are not read. Each
finished network is kept in the cache, so that training stopped at any moment goes on after it.
"""

import argparse
import logging
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs
import torch
from models.evaluation.progress import progress
from models.training import text_data, text_export
from models.training.text_data import Corpus
from models.training.text_net import TextNet, start_at
from numpy.typing import NDArray
from torch.nn import functional

from rapport.experts.store import CHECKOUT

SEED = 7
FOLDS = 5
EPOCHS = 6
BATCH = 192
LEARNING_RATE = 4e-3
"""The highest one, reached after `WARM_UP` of the steps (one cycle, Smith & Topin 2019)."""
WARM_UP = 0.15
WEIGHT_DECAY = 0.02
GRADIENT_NORM = 1.0
IMPRESSION_WEIGHT = 4.0
"""Weight of the squared error of valence, arousal and dominance, in standard deviations, beside
the cross-entropy summed over the 28 labels."""
LEAST_SPREAD = 1e-3
"""Standard deviation of a rating that never varies."""
SORTED_PARTS = 10
"""Lines of like length go together, because padding is wasted work; they are sorted within so many
parts of an epoch."""

Array = NDArray[np.float32]

log = logging.getLogger("models.training.text")


class Predictions(NamedTuple):
    """Logits [n, 28] and impressions [n, 3] for n lines."""

    logits: Array
    impressions: Array


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    options.cache.mkdir(parents=True, exist_ok=True)
    text = options.data / "text"
    lines = text_data.read_goemotions(text / "goemotions/train.tsv")
    lines += text_data.read_emobank(text / "emobank_train_dev.csv", "train")
    vocabulary = text_data.vocabulary_of(lines)
    corpus = text_data.corpus_of(lines, vocabulary)
    log.info("%d lines, %d words in the vocabulary", len(corpus.lengths), len(vocabulary))
    unseen = cross_validate(corpus, len(vocabulary), options)
    calibration = text_export.calibrate(unseen.logits, corpus.labels)
    text_export.log_figures(unseen, corpus, calibration)
    net = trained(corpus, len(vocabulary), np.arange(len(corpus.lengths)), "all", options)
    text_export.export(net, vocabulary, calibration, options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training text")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "text"
    option("--cache", type=Path, default=cache, help="where finished networks go")
    option("--out", type=Path, default=CHECKOUT / "text_emotion.onnx")
    option("--epochs", type=int, default=EPOCHS)
    option("--seed", type=int, default=SEED)
    option("--fold-seed", type=int, default=SEED, help="of the cross-validation")
    option("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def cross_validate(corpus: Corpus, known_words: int, options: argparse.Namespace) -> Predictions:
    """Predictions for every line by a network that was trained without it."""
    count = len(corpus.lengths)
    fold = np.random.default_rng(SEED).integers(FOLDS, size=count)
    logits = np.zeros(corpus.labels.shape, np.float32)
    impressions = np.zeros(corpus.impressions.shape, np.float32)
    for k in range(FOLDS):
        seen, unseen = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        net = trained(corpus, known_words, seen, f"fold{k}", options)
        logits[unseen], impressions[unseen] = predict(net, corpus, unseen)
    return Predictions(logits, impressions)


def trained(
    corpus: Corpus,
    known_words: int,
    seen: NDArray[np.int64],
    name: str,
    options: argparse.Namespace,
) -> TextNet:
    """A network trained on some of the lines, or the one in the cache.

    :param name: of those lines.
    """
    seed = options.seed if name == "all" else options.fold_seed
    path = options.cache / f"text-{name}-{seed}-{options.epochs}-{known_words}.pt"
    net = TextNet(known_words)
    if path.is_file():
        net.load_state_dict(torch.load(path, weights_only=True))
        return net
    torch.manual_seed(seed)
    net = TextNet(known_words)
    train(net, corpus, seen, options.epochs, np.random.default_rng(seed))
    torch.save(net.state_dict(), path.with_suffix(".partial"))
    path.with_suffix(".partial").replace(path)
    return net


def train(
    net: TextNet,
    corpus: Corpus,
    seen: NDArray[np.int64],
    epochs: int,
    random: np.random.Generator,
) -> None:
    """Train a fresh network in place."""
    middle = np.nanmean(corpus.impressions[seen], axis=0)
    spread = np.nanstd(corpus.impressions[seen], axis=0).clip(LEAST_SPREAD)
    start_at(net, np.nanmean(corpus.labels[seen], axis=0).clip(1e-4, 1.0 - 1e-4))
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=WEIGHT_DECAY, fused=True)
    steps = epochs * max(1, len(seen) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=steps + 1, pct_start=WARM_UP
    )
    for epoch in range(epochs):
        net.train()
        began, total = time.monotonic(), 0.0
        for places in progress(batches(corpus, seen, random), f"Epoch {epoch + 1}"):
            loss = loss_of(net, corpus, places, middle, spread)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(net.parameters(), GRADIENT_NORM)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(places)
        log.info(
            "epoch %d: loss %.3f (%.0f s)", epoch + 1, total / len(seen), time.monotonic() - began
        )
    with torch.no_grad():
        # The heads learned standard deviations; from here on they speak in -1 ... +1.
        scale = torch.from_numpy(spread)
        net.impressions.weight.mul_(scale[:, None])
        net.impressions.bias.mul_(scale).add_(torch.from_numpy(middle))
    net.eval()


def batches(
    corpus: Corpus, seen: NDArray[np.int64], random: np.random.Generator
) -> list[NDArray[np.int64]]:
    """The lines of one epoch in batches, in random order."""
    shuffled = random.permutation(seen)
    parts = [
        part[np.argsort(corpus.lengths[part], kind="stable")]
        for part in np.array_split(shuffled, min(SORTED_PARTS, len(shuffled)))
    ]
    found = np.array_split(np.concatenate(parts), max(1, len(seen) // BATCH))
    return [found[place] for place in random.permutation(len(found))]


def loss_of(
    net: TextNet, corpus: Corpus, places: NDArray[np.int64], middle: Array, spread: Array
) -> torch.Tensor:
    """Cross-entropy of the labels and squared error of the impressions, where a line has them."""
    words, pieces = corpus.padded(places)
    logits, impressions = net(torch.from_numpy(words), torch.from_numpy(pieces))
    labels = torch.from_numpy(corpus.labels[places])
    rated = torch.from_numpy((corpus.impressions[places] - middle) / spread)
    crossed = functional.binary_cross_entropy_with_logits(
        logits, labels.nan_to_num(), reduction="none"
    )
    squared = (impressions - rated.nan_to_num()) ** 2
    loss = (crossed * ~labels.isnan()).sum() + IMPRESSION_WEIGHT / 3.0 * (
        squared * ~rated.isnan()
    ).sum()
    return loss / len(places)


def predict(net: TextNet, corpus: Corpus, places: NDArray[np.int64]) -> Predictions:
    """Predictions for some lines, in their order."""
    net.eval()
    logits = np.zeros((len(places), corpus.labels.shape[1]), np.float32)
    impressions = np.zeros((len(places), corpus.impressions.shape[1]), np.float32)
    order = np.argsort(corpus.lengths[places], kind="stable")
    with torch.no_grad():
        for part in np.array_split(order, max(1, len(places) // BATCH)):
            words, pieces = corpus.padded(places[part])
            found = net(torch.from_numpy(words), torch.from_numpy(pieces))
            logits[part], impressions[part] = (value.numpy() for value in found)
    return Predictions(logits, impressions)
