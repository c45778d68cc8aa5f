"""`python -m models.training context`: trains the context network that ships.

The epoch and the temperature are chosen on dev dialogues (a tenth of the training ones), with
voices and faces of people of their own; the published dev parts of MELD and EmoryNLP are for the
figures alone (`python -m models.evaluation context`).
"""

import argparse
import copy
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs
import torch
from models.evaluation import shipped
from models.evaluation.fusion_readings import Library
from models.evaluation.merc_corpus import Unusable
from models.evaluation.metrics import calibration_error, macro_f1, weighted_f1
from models.evaluation.text_lines import Unusable as UnusableLines
from models.training import context_data, context_export
from models.training.context_data import MEANS, NOT_JUDGED, Seen, Talk
from models.training.context_readings import Pool, read_parts
from models.training.context_step import DROPOUT, VIEWS, WIDTH, StepNet, batch_of
from numpy.typing import NDArray
from torch.nn import functional

from rapport.errors import RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.store import CHECKOUT

SEED = 7
EPOCHS = 14
LINES = 150
"""Lines a step, from dialogues of like length: about sixteen dialogues."""
TOGETHER = 64
"""Dialogues that are answered at a time."""
LEARNING_RATE = 4e-3
"""The highest one of a one-cycle schedule (Smith & Topin 2019)."""
WEIGHT_DECAY = 0.02
AVERAGING = 0.99
"""Share of the averaged weights (Polyak & Juditsky 1992) that a step keeps."""
GRADIENT_NORM = 1.0
VIEW_WEIGHTS = {"everything": 0.3, "words": 1.0, "nothing": 0.3}
"""Of the views in the loss: what is published counts most."""
DEV_DRAWS = 2
"""How often the dev dialogues are given voices and faces."""
TEMPERATURES = np.geomspace(0.5, 3.0, 60)
SPREAD_LEAST = 1e-3

log = logging.getLogger("models.training.context")


class Fitted(NamedTuple):
    net: StepNet
    temperature: float
    rates: NDArray[np.float64]


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    folder = options.out.resolve().parent
    store = shipped.store(None if folder == CHECKOUT else folder)
    try:
        talks = context_data.read_talks(options.data / "text", TextExpert(store))
        parts = read_parts(Library(store, options.cache), store, options.data)
        text_rates = context_export.text_rates(store)
    except (Unusable, UnusableLines, RapportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    pools = {split: part.usual for split, part in parts.items()}
    fitted = fit(talks, pools, options.seed, options.epochs)
    context_export.export(fitted, text_rates, options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training context")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "fusion"
    option("--cache", type=Path, default=cache, help="where readings are kept")
    option("--out", type=Path, default=CHECKOUT / "conversation_context.onnx")
    option("--seed", type=int, default=SEED)
    option("--epochs", type=int, default=EPOCHS)
    option("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def fit(
    talks: Sequence[Talk],
    pools: Mapping[str, Mapping[str, Pool]],
    seed: int,
    epochs: int,
    width: int = WIDTH,
) -> Fitted:
    """Train one network.

    :param pools: by part, the voices and faces that its dialogues are given.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    train, dev = ([t for t in talks if t.split == split] for split in ("train", "dev"))
    net = _started(train, width)
    average = copy.deepcopy(net)
    shown = [
        (talk, context_data.lend(talk, pools["dev"], np.random.default_rng([draw, place])))
        for draw in range(DEV_DRAWS)
        for place, talk in enumerate(dev)
    ]
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=WEIGHT_DECAY)
    steps = epochs * (sum(len(talk.truth) for talk in train) // LINES + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    best, state = np.inf, copy.deepcopy(net.state_dict())
    for epoch in range(1, epochs + 1):
        net.train()
        for some in _steps(train, random):
            loss = _loss(net, some, pools["train"], random)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(net.parameters(), GRADIENT_NORM)
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                for kept, new in zip(average.parameters(), net.parameters(), strict=True):
                    kept.lerp_(new, 1.0 - AVERAGING)
        logits, truth = answers(average, shown)
        surprise = sum(w * _surprise(logits[v], truth) for v, w in VIEW_WEIGHTS.items())
        log.info("epoch %d: %.4f %s", epoch, surprise, figures(logits, truth))
        if surprise < best:
            best, state = surprise, copy.deepcopy(average.state_dict())
    net.load_state_dict(state)
    logits, truth = answers(net.eval(), shown)
    temperature = min(TEMPERATURES, key=lambda t: _surprise(logits["words"] / t, truth))
    return Fitted(net, float(temperature), context_data.base_rates(train, next(iter(MEANS))))


def answers(
    net: StepNet, shown: Sequence[tuple[Talk, Seen]]
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.int64]]:
    """Logits of the judged lines in each view [N, classes], and their labels [N]."""
    found: dict[str, list[NDArray[np.float32]]] = {view: [] for view in VIEWS}
    labels = []
    net.eval()
    with torch.no_grad():
        for start in range(0, len(shown), TOGETHER):
            batch, truth = batch_of(shown[start : start + TOGETHER])
            judged = truth != NOT_JUDGED
            for view, logits in zip(VIEWS, net(batch), strict=True):
                found[view].append(logits[judged].numpy())
            labels.append(truth[judged].numpy())
    return {view: np.concatenate(rows) for view, rows in found.items()}, np.concatenate(labels)


def figures(
    logits: Mapping[str, NDArray[np.float32]], truth: NDArray[np.int64]
) -> dict[str, tuple[float, float, float]]:
    """Weighted F1, macro F1 and calibration error in each view."""
    found = {}
    for view, rows in logits.items():
        shares = np.exp(_log_shares(rows))
        guess = shares.argmax(axis=1)
        values = weighted_f1(guess, truth), macro_f1(guess, truth), calibration_error(shares, truth)
        found[view] = (round(values[0], 4), round(values[1], 4), round(values[2], 4))
    return found


def _started(train: Sequence[Talk], width: int) -> StepNet:
    net = StepNet(torch.from_numpy(context_data.LACKS), width, DROPOUT)
    rows = np.concatenate([talk.emotions[talk.readable] for talk in train])
    net.usual.copy_(torch.from_numpy(rows.mean(axis=0)))
    net.spread.copy_(torch.from_numpy(np.maximum(rows.std(axis=0), SPREAD_LEAST)))
    return net


def _loss(
    net: StepNet, some: Sequence[Talk], pools: Mapping[str, Pool], random: np.random.Generator
) -> torch.Tensor:
    pairs = [
        context_data.lose(talk, context_data.lend(talk, pools, random), random) for talk in some
    ]
    batch, truth = batch_of(pairs)
    losses = [
        weight
        * functional.cross_entropy(logits.flatten(0, 1), truth.flatten(), ignore_index=NOT_JUDGED)
        for logits, weight in zip(net(batch), VIEW_WEIGHTS.values(), strict=True)
    ]
    return torch.stack(losses).sum()


def _steps(train: Sequence[Talk], random: np.random.Generator) -> list[list[Talk]]:
    """The dialogues of one epoch in steps; dialogues of like length go together, because padding is
    wasted work."""
    lengths = np.array([len(talk.truth) for talk in train])
    order = np.argsort(lengths + random.uniform(0.0, 4.0, len(train)))
    ends = np.cumsum(lengths[order]) // LINES
    steps = [[train[place] for place in order[ends == step]] for step in np.unique(ends)]
    judged = [step for step in steps if any((t.truth != NOT_JUDGED).any() for t in step)]
    return [judged[place] for place in random.permutation(len(judged))]


def _surprise(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    return -float(_log_shares(logits)[np.arange(len(truth)), truth].mean())


def _log_shares(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return np.asarray(raised - np.log(np.exp(raised).sum(axis=1, keepdims=True)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
