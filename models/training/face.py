"""`python -m models.training face`: trains the expression model of the face expert on FER+.

The raters' votes are soft targets. Rare emotions are drawn more often (with the inverse square
root of their frequency). The network learns from faces as MediaPipe's tracker cuts them; then its
head is fitted to both trackers (`face_head`), and a temperature on one half of the validation part.
Stopped at any moment, the same command goes on where it was. RAF-DB and AffectNet join in where
they are there (`face_folders`).
"""

import argparse
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from models.evaluation import shipped
from models.evaluation.metrics import accuracy, balanced_accuracy
from models.evaluation.progress import progress
from models.training import face_data, face_export, face_head
from models.training.face_augment import augment, centre
from models.training.face_net import ExpressionNet
from models.training.quantise import Inputs
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from rapport.experts.store import CHECKOUT
from rapport.state import LABELS

SEED = 20
BATCH = 128
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.05
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
AVERAGED = 0.998
"""Decay of the moving average of the weights; the average is what is shipped."""
RARITY = 0.5
"""Samples are drawn with their label's frequency to the power of minus this."""

CALIBRATED = 200
"""Training faces that give the ranges of the eight-bit convolutions."""

log = logging.getLogger("models.training.face")


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    teacher = face_data.mediapipe(options.bundle)
    training, validation = face_data.load(options.data, teacher, options.cache)
    checkpoint = options.cache / f"face-expression-{options.seed}.pt"
    if not options.export_only:
        train(training, validation, checkpoint, options.epochs, options.seed)
    best = torch.load(checkpoint, weights_only=True)
    net = ExpressionNet()
    net.load_state_dict(best["best"])
    own = face_data.compact(shipped.store(options.out.parent))
    faces = face_head.FACES
    own_training, own_validation = face_data.load(options.data, own, options.cache, faces)
    both = [training.take(np.arange(len(training.crops)) % 2 == 0), own_training]
    chances = [_chances(each, face_head.RARITY) for each in both]
    net = face_head.refit(net, both, chances, options.seed)
    validations = {"compact": own_validation, "mediapipe": validation}
    samples = _samples(training, CALIBRATED)
    face_export.export(net, validations, samples, options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training face")
    shared = CHECKOUT.parents[1] / "shared"
    option = parser.add_argument
    option("--data", type=Path, default=shared / "data", help="the data folder")
    option("--bundle", type=Path, default=shared / "models/face_landmarker.task")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "face"
    option("--cache", type=Path, default=cache, help="where crops and checkpoints are kept")
    option("--out", type=Path, default=CHECKOUT / "face_expression.onnx")
    option("--epochs", type=int, default=18)
    option("--seed", type=int, default=SEED)
    option("--threads", type=int, default=2)
    option("--export-only", action="store_true", help="export the best checkpoint so far")
    return parser.parse_args(arguments)


def train(
    training: face_data.Faces,
    validation: face_data.Faces,
    checkpoint: Path,
    epochs: int,
    seed: int,
) -> None:
    """Train to the end, from the checkpoint if there is one; the best epoch is kept in it."""
    torch.manual_seed(seed)
    net = ExpressionNet().to(memory_format=torch.channels_last)
    averaged = ExpressionNet()
    averaged.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = math.ceil(len(training.crops) / BATCH)
    state: dict[str, Any] = {"epoch": 0, "best_score": -1.0, "best": None, "history": []}
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        log.info("goes on after epoch %d", state["epoch"])
    chances = _chances(training, RARITY)
    columns = _tensors(training)
    for epoch in range(state["epoch"], epochs):
        began, total = time.monotonic(), 0.0
        net.train()
        picked = torch.multinomial(chances, len(chances), replacement=True)
        for step, batch in enumerate(progress(picked.split(BATCH), f"Epoch {epoch + 1}")):
            rate = _rate((epoch * steps + step) / (epochs * steps))
            for group in optimizer.param_groups:
                group["lr"] = rate
            crops, shapes, known, votes = (column[batch] for column in columns)
            faces = augment(crops.float(), shapes, known)
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(*faces)
            loss = functional.cross_entropy(logits.float(), votes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            _average(averaged, net, min(AVERAGED, 1.0 - 1.0 / (epoch * steps + step + 2)))
            total += loss.item() * len(batch)
        guess = predict(averaged, validation).argmax(axis=1)
        right = accuracy(guess, validation.majority)
        balanced = balanced_accuracy(guess, validation.majority)
        seconds = time.monotonic() - began
        log.info(
            "epoch %d/%d loss %.4f accuracy %.4f balanced %.4f (%.0f s)",
            epoch + 1, epochs, total / len(picked), right, balanced, seconds,
        )  # fmt: skip
        merit = right + balanced
        if merit > state["best_score"]:
            state |= {"best_score": merit, "best": _copy(averaged), "best_epoch": epoch + 1}
        state |= {
            "epoch": epoch + 1,
            "net": net.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "history": [*state["history"], [total / len(picked), right, balanced]],
        }
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(checkpoint)


def _rate(progress: float) -> float:
    if progress < WARM_UP:
        return LEARNING_RATE * (progress / WARM_UP + 0.01)
    falling = (progress - WARM_UP) / (1.0 - WARM_UP)
    return LEARNING_RATE * 0.5 * (1.0 + math.cos(math.pi * falling)) + 1e-6


def _average(averaged: ExpressionNet, net: ExpressionNet, decay: float) -> None:
    with torch.no_grad():
        for mean, new in zip(
            averaged.state_dict().values(), net.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(new, 1.0 - decay)
            else:
                mean.copy_(new)


def _copy(net: ExpressionNet) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in net.state_dict().items()}


def _samples(faces: face_data.Faces, count: int) -> Iterator[Inputs]:
    """Inputs of the model as the live path gives them, one face each."""
    crops, shapes, known, _ = _tensors(faces)
    for face in np.random.default_rng(SEED).choice(len(crops), count, replace=False):
        one = slice(face, face + 1)
        values = (centre(crops[one].float()), shapes[one], known[one])
        yield dict(zip(("crop", "blendshapes", "known"), (v.numpy() for v in values), strict=True))


def _tensors(faces: face_data.Faces) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (
        torch.from_numpy(faces.crops)[:, None],
        torch.from_numpy(faces.blendshapes),
        torch.from_numpy(faces.known.astype(np.float32))[:, None],
        torch.from_numpy(faces.votes),
    )


def _chances(faces: face_data.Faces, rarity: float) -> Tensor:
    """How often each face is drawn; any sum."""
    counts = np.bincount(faces.majority, minlength=len(LABELS))
    share = drawn_share(faces.majority, rarity)
    return torch.from_numpy(share[faces.majority] / counts[faces.majority])


def drawn_share(majority: NDArray[np.int64], rarity: float) -> NDArray[np.float64]:
    """How often each label is drawn in training; sums to one."""
    counts = np.bincount(majority, minlength=len(LABELS)).astype(np.float64)
    share = counts ** (1.0 - rarity)
    return np.asarray(share / share.sum())


def predict(net: ExpressionNet, faces: face_data.Faces, blendshapes: bool = True) -> NDArray[Any]:
    """Logits, N x 8, of faces cut as the live path cuts them."""
    crops, shapes, known, _ = _tensors(faces)
    net.eval()
    with torch.inference_mode():
        parts = [
            net(centre(crops[part].float()), shapes[part], known[part] * blendshapes)
            for part in torch.arange(len(crops)).split(256)
        ]
    return np.asarray(torch.cat(parts).numpy())
