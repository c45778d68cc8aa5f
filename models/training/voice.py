"""`python -m models.training voice`: trains the voice model on RAVDESS and nEMO.

Whole speakers are held out for validation and for the test, and whole noise recordings with them.
The material is degraded anew for several *variants* of it (see `voice_data`); variants are kept in
the cache, and training stopped at any moment goes on after the last whole epoch.
"""

import argparse
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs
import torch
from models.evaluation.metrics import balanced_accuracy
from models.training import voice_data, voice_export
from models.training.voice_net import LEARNED, VoiceNet
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rapport.experts.store import CHECKOUT
from rapport.experts.voice.front_end import BANDS, COLUMNS, Prior

TEST_SPEAKERS = frozenset(
    {"ravdess-15", "ravdess-16", "ravdess-17", "ravdess-18", "nemo-KD0", "nemo-TP0"}
)
"""Two women and two men of RAVDESS, a woman and a man of nEMO: never trained on."""
VALIDATION_SPEAKERS = frozenset({"ravdess-13", "ravdess-14", "nemo-MP0"})
"""They choose the epoch and the temperature."""
HELD_OUT_NOISES = frozenset(
    {
        "ambient_cafe.opus",
        "ambient_heavy-rain.opus",
        "ambient_inside-a-train.opus",
        "ambient_typewriter.opus",
        "ambient_washing-machine.opus",
        "keys_cherrymx-blue-abs.opus",
        "sc_doing_the_dishes.opus",
        "sc_dude_miaowing.opus",
    }
)
"""Noises that training never hears."""
SEED = 7
BATCH = 32
LEARNING_RATE = 1.5e-3
WEIGHT_DECAY = 0.03
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
AVERAGED = 0.995
"""Decay of the moving average of the weights; the average is what is shipped."""
SMOOTHING = 0.05
"""Label smoothing: acted emotions are not certain, people recognise about half of them."""
MIXED = 0.2
"""Share of the batches in which windows are mixed; more slows a short training down."""
ABSENT_WEIGHT = 0.3
"""How much a label that a corpus lacks counts as wrong there. At 1 the model would learn that Poles
are never disgusted; at 0 nothing would keep it from saying so at random."""

log = logging.getLogger("models.training.voice")


class Material(NamedTuple):
    """Windows laid end to end (all frames x columns), how long each is, and what each is."""

    frames: NDArray[np.float16]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]
    ravdess: NDArray[np.bool_]
    snr_db: NDArray[np.float32]


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    studio = Studio(options.data, options.cache, options.workers)
    checkpoint = options.cache / f"voice-{options.seed}.pt"
    validation = [studio.variant("validation", seed) for seed in (1, 2)]
    if not options.export_only:
        train(studio, validation, checkpoint, options)
    state = torch.load(checkpoint, weights_only=True)
    net = VoiceNet()
    net.load_state_dict(state["best"])
    logits = np.concatenate([predict(net, part) for part in validation])
    labels = np.concatenate([part.labels for part in validation])
    voice_export.export(net, studio.prior, logits, labels, options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training voice")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "voice"
    option("--cache", type=Path, default=cache, help="where sound, variants and checkpoints go")
    option("--out", type=Path, default=CHECKOUT / "voice_emotion.onnx")
    option("--variants", type=int, default=12, help="how often the material is degraded anew")
    option("--epochs", type=int, default=40)
    option("--seed", type=int, default=SEED)
    option("--threads", type=int, default=1)
    option("--workers", type=int, default=1, help="processes that degrade the material")
    option("--export-only", action="store_true", help="export the best checkpoint so far")
    return parser.parse_args(arguments)


class Studio:
    """Makes the variants of each part of the material, or takes them from the cache."""

    def __init__(self, data: Path, cache: Path, workers: int) -> None:
        self._data, self._cache, self._workers = data, cache, workers
        names = voice_data.noise_names(data)
        known = [name for name in names if name not in HELD_OUT_NOISES]
        self._noises = {"training": known, "validation": sorted(HELD_OUT_NOISES)}
        self._clips: dict[str, list[voice_data.Clip]] = {}
        self.prior = Prior(*self._saved("prior", self._measure_prior).values())

    def variant(self, part: str, seed: int) -> Material:
        """The windows of one part, degraded with this seed."""
        return Material(**self._saved(f"{part}-{seed}", lambda: self._make(part, seed)))

    def _saved(self, name: str, make: Any) -> dict[str, Any]:
        path = self._cache / f"{name}.npz"
        if not path.is_file():
            self._cache.mkdir(parents=True, exist_ok=True)
            aside = path.with_suffix(".partial.npz")
            np.savez(aside, **make())
            aside.replace(path)
        with np.load(path) as content:
            return {key: content[key] for key in content.files}

    def _part(self, part: str) -> tuple[list[voice_data.Clip], list[voice_data.Array]]:
        held_out = TEST_SPEAKERS | VALIDATION_SPEAKERS

        def wanted(speaker: str) -> bool:
            return (
                speaker in VALIDATION_SPEAKERS if part == "validation" else speaker not in held_out
            )

        if part not in self._clips:
            self._clips[part] = voice_data.load_clips(
                self._data, self._cache, wanted, self._workers
            )
            log.info("%s: %d clips", part, len(self._clips[part]))
        noises = voice_data.load_noises(self._data, self._cache, self._noises[part])
        return self._clips[part], noises

    def _measure_prior(self) -> dict[str, Any]:
        clips, noises = self._part("training")
        return voice_data.measure_prior(clips, noises, SEED)._asdict()

    def _make(self, part: str, seed: int) -> dict[str, Any]:
        began = time.monotonic()
        clips, noises = self._part(part)
        windows = voice_data.hear_all(clips, noises, self.prior, seed, self._workers)
        log.info("%s %d: %d windows (%.0f s)", part, seed, len(windows), time.monotonic() - began)
        return Material(
            np.concatenate([window.features for window in windows]),
            np.array([len(window.features) for window in windows]),
            np.array([window.label for window in windows]),
            np.array([window.corpus == "ravdess" for window in windows]),
            np.array([window.snr_db for window in windows], np.float32),
        )._asdict()


def batches(
    material: Material, random: np.random.Generator | None
) -> Iterator[tuple[NDArray[np.int64], Tensor, Tensor]]:
    """Places, padded windows and their lengths. Windows of like length go together, because
    padding is wasted work; `random` None: in a fixed order."""
    jitter = random.uniform(0.9, 1.1, len(material.lengths)) if random is not None else 1.0
    order = np.argsort(material.lengths * jitter, kind="stable")
    parts = np.array_split(order, max(1, len(order) // BATCH))
    starts = np.concatenate([[0], np.cumsum(material.lengths)])
    for part in random.permutation(len(parts)) if random is not None else range(len(parts)):
        places = parts[part]
        longest = int(material.lengths[places].max())
        windows = np.zeros((len(places), longest, COLUMNS), np.float32)
        for row, place in enumerate(places):
            windows[row, : material.lengths[place]] = material.frames[
                starts[place] : starts[place + 1]
            ]
        yield places, torch.from_numpy(windows), torch.from_numpy(material.lengths[places])


def hide(windows: Tensor, random: np.random.Generator) -> Tensor:
    """SpecAugment (Park et al. 2019) and a little more: some bands, some frames, at times the
    pitch or the level, are blanked; the colour is tilted a little."""
    windows = windows.clone()
    for window in windows:
        for _ in range(2):
            width = int(random.integers(0, 6))
            first = int(random.integers(0, BANDS - width))
            window[:, first : first + width] = 0.0
            window[:, BANDS + first : BANDS + first + width] = 0.5
            long = int(random.integers(0, max(2, len(window) // 8)))
            begin = int(random.integers(0, len(window) - long))
            window[begin : begin + long] = 0.0
        tilt = torch.linspace(-1.0, 1.0, BANDS) * random.normal(0.0, 0.2)
        window[:, :BANDS] += tilt + random.normal(0.0, 0.15)
        for column in (2 * BANDS, 2 * BANDS + 1):
            if random.random() < 0.1:
                window[:, column] = 0.0
    return windows


def weights(material: Material) -> Tensor:
    """Each corpus counts the same, and within it each of its labels."""
    group = material.labels + LEARNED * material.ravdess
    counts = np.bincount(group, minlength=2 * LEARNED)
    weight = 1.0 / counts[group]
    return torch.from_numpy((weight / weight.mean()).astype(np.float32))


def loss_of(logits: Tensor, target: Tensor, ravdess: Tensor) -> Tensor:
    """Cross entropy of each window with soft targets (batch x labels)."""
    disgust = torch.zeros(LEARNED)
    disgust[5] = math.log(ABSENT_WEIGHT)
    adjusted = logits + disgust * (~ravdess)[:, None]
    return -(target * functional.log_softmax(adjusted, dim=1)).sum(dim=1)


def train(
    studio: Studio, validation: list[Material], checkpoint: Path, options: argparse.Namespace
) -> None:
    """Train to the end, from the checkpoint if there is one; the best epoch is kept in it."""
    torch.manual_seed(options.seed)
    net = VoiceNet().to(memory_format=torch.channels_last)
    averaged = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED), use_buffers=True)
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    state: dict[str, Any] = {"epoch": 0, "score": -1.0, "best": None}
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        log.info("goes on after epoch %d", state["epoch"])
    for epoch in range(state["epoch"], options.epochs):
        random = np.random.default_rng([options.seed, epoch])
        torch.manual_seed(options.seed * 1009 + epoch)
        # Every second epoch brings a new variant until all were made, then any of them again.
        made = min(epoch // 2 + 1, options.variants)
        new = epoch % 2 == 0 and epoch // 2 < options.variants
        material = studio.variant("training", 100 + (made - 1 if new else random.integers(made)))
        began, total, steps = time.monotonic(), 0.0, max(1, len(material.lengths) // BATCH)
        weight, ravdess = weights(material), torch.from_numpy(material.ravdess)
        soft = functional.one_hot(torch.from_numpy(material.labels), LEARNED).float()
        soft = soft * (1.0 - SMOOTHING) + SMOOTHING / LEARNED
        net.train()
        for step, (places, windows, lengths) in enumerate(batches(material, random)):
            rate = _rate((epoch + step / steps) / options.epochs)
            for group in optimizer.param_groups:
                group["lr"] = rate
            windows = hide(windows, random)
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
            loss = (loss_of(logits.float(), target, english) * importance).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            averaged.update_parameters(net)
            total += loss.item()
        found = validate(averaged.module, validation)
        score = (found["ravdess"] + found["nemo"]) / 2.0
        log.info(
            "epoch %d/%d loss %.3f score %.3f %s (%.0f s)",
            epoch + 1, options.epochs, total / steps, score,
            {name: round(value, 3) for name, value in found.items()}, time.monotonic() - began,
        )  # fmt: skip
        if score > state["score"]:
            best = {name: value.clone() for name, value in averaged.module.state_dict().items()}
            state |= {"score": score, "best": best, "best_epoch": epoch + 1}
        state |= {
            "epoch": epoch + 1,
            "net": net.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
        }
        aside = checkpoint.with_suffix(".partial")
        torch.save(state, aside)
        aside.replace(checkpoint)


def _rate(progress: float) -> float:
    if progress < WARM_UP:
        return LEARNING_RATE * (progress / WARM_UP + 0.01)
    falling = (progress - WARM_UP) / (1.0 - WARM_UP)
    return LEARNING_RATE * 0.5 * (1.0 + math.cos(math.pi * min(falling, 1.0))) + 1e-6


def predict(net: torch.nn.Module, material: Material) -> NDArray[np.float32]:
    """Logits, windows x learned labels."""
    net.eval()
    logits = np.zeros((len(material.lengths), LEARNED), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for places, windows, lengths in batches(material, None):
            logits[places] = net(windows, lengths).float().numpy()
    return logits


def validate(net: torch.nn.Module, validation: list[Material]) -> dict[str, float]:
    """Mean recall of single windows: of each corpus in all rooms, and of RAVDESS by SNR."""
    guess = np.concatenate([predict(net, part).argmax(axis=1) for part in validation])
    truth = np.concatenate([part.labels for part in validation])
    ravdess = np.concatenate([part.ravdess for part in validation])
    snr_db = np.concatenate([part.snr_db for part in validation])
    groups = {
        "ravdess": ravdess,
        "nemo": ~ravdess,
        "clean": ravdess & (snr_db > 40.0),
        "10...30 dB": ravdess & (snr_db > 10.0) & (snr_db < 40.0),
        "below 10 dB": ravdess & (snr_db <= 10.0),
    }
    return {name: balanced_accuracy(guess[where], truth[where]) for name, where in groups.items()}
