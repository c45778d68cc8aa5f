"""`python -m models.training bursts`: trains the model of vocal bursts on EmoGator.

Only what may be used commercially is heard: EmoGator, the noise recordings, and synthetic speech.
Whole people and whole noise recordings are held out. Training that is stopped goes on after the
last whole epoch.
"""

import argparse
import logging
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from models.evaluation.metrics import balanced_accuracy, confusion
from models.training import bursts_data, bursts_export, voice_data
from models.training.bursts_data import GROUPS, NONE, Recording
from models.training.voice_net import VoiceNet
from models.training.voice_studio import HELD_OUT_NOISES
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rapport.experts.store import CHECKOUT
from rapport.experts.voice.bursts import BANDS

SEED = 7
BATCH = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.03
AVERAGED = 0.997
"""Decay of the moving average of the weights: about the last three epochs."""
SMOOTHING = 0.1
"""People name bursts differently; EmoGator's words are what the speakers were asked for."""
MIXED = 0.2
"""Share of the batches in which windows are mixed."""
MOMENTS = 2
"""Windows that are taken of each sound in each epoch."""
NOTHING = 300
"""Stretches of noise in each epoch, and as many of synthetic speech at most."""
NOTHING_WEIGHT = 2.0
"""How much "none" counts, a burst counting 1: a false laugh costs more than a missed one."""

log = logging.getLogger("models.training.bursts")


class Part:
    """The recordings of a part, and the noise that they are heard in."""

    def __init__(self, data: Path, cache: Path, name: str) -> None:
        self.bursts = bursts_data.recordings(data, cache, name)
        held_out = name != "training"
        names = [n for n in voice_data.noise_names(data) if (n in HELD_OUT_NOISES) == held_out]
        self.noises = [noise.frames for noise in bursts_data.noises(data, cache, names)]
        speeches = bursts_data.speeches(data, cache)
        first = round(0.8 * len(speeches))
        self.speeches = speeches[first:] if held_out else speeches[:first]

    def scenes(self, random: np.random.Generator) -> tuple[Tensor, NDArray[np.int64]]:
        """Every recording once in some room, at some moment, and noise alone: windows, answers."""
        sounds: list[Recording | None] = [*self.bursts, *self.speeches, *[None] * NOTHING]
        windows, answers = [], []
        for sound in sounds:
            noise = self.noises[int(random.integers(len(self.noises)))]
            taken = bursts_data.windows(bursts_data.scene(sound, noise, random), MOMENTS, random)
            windows += taken
            answers += [answer_of(NONE if sound is None else sound.emotion)] * len(taken)
        return torch.from_numpy(np.stack(windows)), np.array(answers)


def answer_of(emotion: str) -> int:
    """The place in `GROUPS` of one of EmoGator's words, or of "none"."""
    for place, (name, emotions) in enumerate(GROUPS.items()):
        if emotion == name or emotion in emotions:
            return place
    raise KeyError(emotion)


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    validation = Part(options.data, options.cache, "validation")
    random = np.random.default_rng(1)
    scenes = [validation.scenes(random) for _ in range(3)]
    windows = torch.cat([windows for windows, _ in scenes])
    truth = np.concatenate([answers for _, answers in scenes])
    net = train(options, windows, truth)
    # Half of the noises that training never hears choose the threshold, the others test it.
    nothing = [*validation.speeches, *(Recording(n, NONE, "") for n in validation.noises[::2])]
    bursts_export.export(net, predict(net, windows), truth, nothing, options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training bursts")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "voice"
    option("--cache", type=Path, default=cache, help="where sound and checkpoints go")
    option("--out", type=Path, default=CHECKOUT / "vocal_bursts.onnx")
    option("--epochs", type=int, default=26)
    option("--seed", type=int, default=SEED)
    option("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def make_net() -> VoiceNet:
    """The voice model's network, smaller."""
    return VoiceNet(len(GROUPS), channels=(16, 32, 48), width=96)


def train(options: argparse.Namespace, windows: Tensor, truth: NDArray[np.int64]) -> VoiceNet:
    """Train to the end, from the checkpoint if there is one; the moving average of the weights."""
    torch.manual_seed(options.seed)
    net = make_net().to(memory_format=torch.channels_last)
    averaged = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED), use_buffers=True)
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    checkpoint = options.cache / f"bursts-{options.seed}.pt"
    state: dict[str, Any] = {"epoch": 0}
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        log.info("goes on after epoch %d", state["epoch"])
    part = Part(options.data, options.cache, "training")
    for epoch in range(state["epoch"], options.epochs):
        began = time.monotonic()
        random = np.random.default_rng([options.seed, epoch])
        torch.manual_seed(options.seed * 1009 + epoch)
        heard, answers = part.scenes(random)
        counts = np.bincount(answers, minlength=len(GROUPS))
        share = np.where(np.arange(len(GROUPS)) == len(GROUPS) - 1, NOTHING_WEIGHT, 1.0)
        importance = torch.from_numpy((share / np.maximum(counts, 1))[answers]).float()
        importance = importance / importance.mean()
        soft = functional.one_hot(torch.from_numpy(answers), len(GROUPS)).float()
        soft = soft * (1.0 - SMOOTHING) + SMOOTHING / len(GROUPS)
        net.train()
        total, steps = 0.0, len(answers) // BATCH
        for step, places in enumerate(np.array_split(random.permutation(len(answers)), steps)):
            for group in optimizer.param_groups:
                group["lr"] = _rate((epoch + step / steps) / options.epochs)
            some, target, weight = hide(heard[places], random), soft[places], importance[places]
            if random.random() < MIXED:
                # Mixup (Zhang et al. 2018).
                part_of, other = float(random.beta(0.4, 0.4)), torch.randperm(len(places))
                some = part_of * some + (1.0 - part_of) * some[other]
                target = part_of * target + (1.0 - part_of) * target[other]
                weight = part_of * weight + (1.0 - part_of) * weight[other]
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(some)
            loss = -(target * functional.log_softmax(logits.float(), dim=1)).sum(dim=1)
            loss = (loss * weight).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            averaged.update_parameters(net)
            total += loss.item()
        state = {
            "epoch": epoch + 1,
            "net": net.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
        }
        torch.save(state, checkpoint.with_suffix(".partial"))
        checkpoint.with_suffix(".partial").replace(checkpoint)
        guess = predict(averaged.module, windows).argmax(axis=1)
        log.info(
            "epoch %d/%d loss %.3f uar %.3f (%.0f s)", epoch + 1, options.epochs, total / steps,
            balanced_accuracy(guess, truth), time.monotonic() - began,
        )  # fmt: skip
    guess = predict(averaged.module, windows).argmax(axis=1)
    for name, row in zip(GROUPS, confusion(guess, truth, len(GROUPS)), strict=True):
        log.info("%10s %s", name, " ".join(str(count).rjust(4) for count in row))
    averaged.module.eval()
    return averaged.module


def hide(windows: Tensor, random: np.random.Generator) -> Tensor:
    """SpecAugment (Park et al. 2019): some bands and some frames are blanked."""
    windows = windows.clone()
    for window in windows:
        width = int(random.integers(0, 9))
        first = int(random.integers(0, BANDS - width))
        window[:, first : first + width] = -1.0
        window[:, BANDS + first : BANDS + first + width] = 0.5
        long = int(random.integers(0, 25))
        begin = int(random.integers(0, len(window) - long))
        window[begin : begin + long] = 0.0
        if random.random() < 0.1:
            window[:, 2 * BANDS + 1] = 0.0
    return windows


def _rate(progress: float) -> float:
    if progress < 0.1:
        return LEARNING_RATE * (progress * 10.0 + 0.01)
    return LEARNING_RATE * 0.5 * (1.0 + math.cos(math.pi * min((progress - 0.1) / 0.9, 1.0)))


def predict(net: torch.nn.Module, windows: Tensor) -> NDArray[np.float32]:
    """Logits, windows x groups."""
    net.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        return torch.cat([net(some).float() for some in windows.split(BATCH)]).numpy()
