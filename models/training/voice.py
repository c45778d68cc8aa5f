"""`python -m models.training voice`: trains the voice model on RAVDESS and nEMO.

Two steps, each kept in the cache; stopped at any moment, it goes on after the last whole epoch.

1. *Teachers*, one for each seed. Whole speakers and whole noise recordings are held out; the
   validation speakers show how to train, and give the temperature of the teachers' mean answer.
2. The *shipped* model, which begins as the first teacher and learns from the teachers' mean answer
   to the very same changed windows (Beyer et al. 2022, "Knowledge distillation: a good teacher is
   patient and consistent") and from the labels, now with the validation speakers among the
   training. Nothing is chosen after that; what it imitates is what the temperature was fitted to.

The number of epochs is fixed, and the moving average of the weights at the end is taken: with three
validation speakers the best epoch is mostly the luckiest one.
"""

import argparse
import logging
import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from models.evaluation.metrics import balanced_accuracy
from models.training import voice_export
from models.training.voice_augment import change
from models.training.voice_net import LEARNED, VoiceNet
from models.training.voice_studio import Material, Studio, batches, only, together, weights
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rapport.experts.store import CHECKOUT

SEEDS = "7,8,9"
LEARNING_RATE = 1.5e-3
ON_LEARNING_RATE = 8e-4
"""Likewise, for weights that have learned before."""
WEIGHT_DECAY = 0.03
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
AVERAGED = 0.997
"""Decay of the moving average of the weights: about the last three epochs."""
SMOOTHING = 0.05
"""Label smoothing: acted emotions are not certain, people recognise about half of them."""
MIXED = 0.35
"""Share of the batches in which windows are mixed."""
ABSENT_WEIGHT = 0.3
"""How much a label that a corpus lacks counts as wrong there. At 1 the model would learn that Poles
are never disgusted; at 0 nothing would keep it from saying so at random."""
TAUGHT = 0.7
"""Share of the teachers in what a student learns from; the rest is the labels."""

log = logging.getLogger("models.training.voice")


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    studio = Studio(options.data, options.cache, options.workers)
    validation = together([studio.variant("validation", seed) for seed in (1, 2)])
    if options.corpus != "both":
        validation = only(validation, validation.ravdess == (options.corpus == "ravdess"))

    start = torch.load(options.start, weights_only=True)["best"] if options.start else None

    def trained(name: str, seed: int, teachers: list[VoiceNet], more: bool = False) -> VoiceNet:
        checkpoint = options.cache / f"voice-{name}.pt"
        material = partial(_variant, studio, options, more)
        epochs = options.student_epochs if teachers else options.epochs
        return train(material, validation, checkpoint, seed, epochs, teachers, start)

    seeds = [int(seed) for seed in options.seeds.split(",")]
    suffix = "" if options.corpus == "both" else f"-{options.corpus}"
    teachers = [trained(f"{seed}{suffix}", seed, []) for seed in seeds]
    if options.teachers_only:
        return 0
    shipped = trained(f"shipped{suffix}", seeds[0], teachers, more=True)
    answers = np.mean([softmax(predict(teacher, validation)) for teacher in teachers], axis=0)
    voice_export.export(shipped, studio.prior, np.log(answers), validation.labels, options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training voice")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "voice"
    option("--cache", type=Path, default=cache, help="where sound, variants and checkpoints go")
    option("--out", type=Path, default=CHECKOUT / "voice_emotion.onnx")
    option("--variants", type=int, default=16, help="how often the material is degraded anew")
    option("--epochs", type=int, default=26)
    option("--student-epochs", type=int, default=8)
    option("--start", type=Path, help="checkpoint whose weights the teachers begin with")
    option("--seeds", default=SEEDS, help="of the teachers, with commas between")
    option("--corpus", choices=("both", "ravdess", "nemo"), default="both")
    option("--teachers-only", action="store_true", help="stop after the teachers")
    option("--threads", type=int, default=1)
    option("--workers", type=int, default=1, help="processes that degrade the material")
    return parser.parse_args(arguments)


def _variant(studio: Studio, options: argparse.Namespace, more: bool, epoch: int) -> Material:
    """The material of one epoch: the variants take turns."""
    seed = 100 + options.variants - 1 - epoch % options.variants
    material = together([studio.variant(part, seed) for part in ("training", "more")[: 1 + more]])
    if options.corpus != "both":
        material = only(material, material.ravdess == (options.corpus == "ravdess"))
    return material


def train(
    material_of: Callable[[int], Material],
    validation: Material,
    checkpoint: Path,
    seed: int,
    epochs: int,
    teachers: list[VoiceNet],
    start: dict[str, Tensor] | None = None,
) -> VoiceNet:
    """Train to the end, from the checkpoint if there is one; the moving average of the weights.

    :param material_of: gives an epoch's material.
    """
    torch.manual_seed(seed)
    net = VoiceNet().to(memory_format=torch.channels_last)
    if teachers:
        start = teachers[0].state_dict()
    if start is not None:
        net.load_state_dict(start)
    peak = LEARNING_RATE if start is None else ON_LEARNING_RATE
    averaged = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED), use_buffers=True)
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    state: dict[str, Any] = {"epoch": 0}
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        log.info("%s: goes on after epoch %d", checkpoint.stem, state["epoch"])
    for epoch in range(state["epoch"], epochs):
        began, material = time.monotonic(), material_of(epoch)
        random = np.random.default_rng([seed, epoch])
        torch.manual_seed(seed * 1009 + epoch)
        weight, ravdess = weights(material), torch.from_numpy(material.ravdess)
        soft = functional.one_hot(torch.from_numpy(material.labels), LEARNED).float()
        soft = soft * (1.0 - SMOOTHING) + SMOOTHING / LEARNED
        steps, total = 0, 0.0
        expected = max(1, len(material.lengths) // 32)
        net.train()
        for places, windows, lengths in batches(material, random):
            rate = peak * _rate((epoch + steps / expected) / epochs)
            for group in optimizer.param_groups:
                group["lr"] = rate
            windows = change(windows, lengths, random)
            target, importance, english = soft[places], weight[places], ravdess[places]
            if random.random() < MIXED:
                # Mixup (Zhang et al. 2018) of windows of like length.
                share = float(random.beta(0.4, 0.4))
                other = torch.randperm(len(places))
                windows = share * windows + (1.0 - share) * windows[other]
                lengths = torch.maximum(lengths, lengths[other])
                target = share * target + (1.0 - share) * target[other]
                importance = share * importance + (1.0 - share) * importance[other]
                english = english | english[other]
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(windows, lengths)
            loss = loss_of(logits.float(), target, english)
            if teachers:
                answer = functional.log_softmax(logits.float(), dim=1)
                taught = -(ask(teachers, windows, lengths) * answer).sum(dim=1)
                loss = (1.0 - TAUGHT) * loss + TAUGHT * taught
            loss = (loss * importance).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            averaged.update_parameters(net)
            steps, total = steps + 1, total + loss.item()
        found = validate(averaged.module, validation)
        log.info(
            "%s epoch %d/%d loss %.3f %s (%.0f s)",
            checkpoint.stem, epoch + 1, epochs, total / steps,
            {name: round(value, 3) for name, value in found.items()}, time.monotonic() - began,
        )  # fmt: skip
        state = {
            "epoch": epoch + 1,
            "net": net.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
            "best": averaged.module.state_dict(),
        }
        aside = checkpoint.with_suffix(".partial")
        torch.save(state, aside)
        aside.replace(checkpoint)
    averaged.module.eval()
    return averaged.module


def loss_of(logits: Tensor, target: Tensor, ravdess: Tensor) -> Tensor:
    """Cross entropy of each window with soft targets (batch x labels)."""
    disgust = torch.zeros(LEARNED)
    disgust[5] = math.log(ABSENT_WEIGHT)
    adjusted = logits + disgust * (~ravdess)[:, None]
    return -(target * functional.log_softmax(adjusted, dim=1)).sum(dim=1)


def ask(teachers: list[VoiceNet], windows: Tensor, lengths: Tensor) -> Tensor:
    """The teachers' mean probabilities, batch x labels."""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        answers = [torch.softmax(teacher(windows, lengths).float(), dim=1) for teacher in teachers]
    return torch.stack(answers).mean(dim=0)


def _rate(progress: float) -> float:
    """The learning rate, as a share of its peak."""
    if progress < WARM_UP:
        return progress / WARM_UP + 0.01
    falling = (progress - WARM_UP) / (1.0 - WARM_UP)
    return 0.5 * (1.0 + math.cos(math.pi * min(falling, 1.0))) + 1e-3


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return torch.softmax(torch.from_numpy(logits), dim=1).numpy()


def predict(net: torch.nn.Module, material: Material) -> NDArray[np.float32]:
    """Logits, windows x learned labels."""
    net.eval()
    logits = np.zeros((len(material.lengths), LEARNED), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for places, windows, lengths in batches(material, None):
            logits[places] = net(windows, lengths).float().numpy()
    return logits


def validate(net: torch.nn.Module, validation: Material) -> dict[str, float]:
    """Mean recall of single windows: of each corpus in all rooms, and of RAVDESS by SNR."""
    guess, truth = predict(net, validation).argmax(axis=1), validation.labels
    ravdess, snr_db = validation.ravdess, validation.snr_db
    groups = {
        "ravdess": ravdess,
        "nemo": ~ravdess,
        "clean": ravdess & (snr_db > 40.0),
        "10...30 dB": ravdess & (snr_db > 10.0) & (snr_db < 40.0),
        "below 10 dB": ravdess & (snr_db <= 10.0),
    }
    return {
        name: balanced_accuracy(guess[where], truth[where])
        for name, where in groups.items()
        if where.any()
    }
