"""`python -m models.training tracker`: trains the compact face tracker after MediaPipe's example.

Two networks: the detector, which searches whole frames, and the landmark model, which looks at the
crop around a face. Stopped at any moment, the same command goes on where it was.
"""

import argparse
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import platformdirs
import torch
from models.training import tracker_data, tracker_export
from models.training.tracker_crops import Crops
from models.training.tracker_losses import detector_losses, mesh_errors, mesh_losses
from models.training.tracker_nets import DetectorNet, MeshNet
from models.training.tracker_scenes import Scenes
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from rapport.experts.store import CHECKOUT

SEED = 30
COMPONENTS = 96
"""Principal components of the landmarks, crops moved and turned at random."""
WEIGHT_DECAY = 0.02
WARM_UP = 300
"""Steps in which the learning rate rises."""
AVERAGED = 0.998
"""Decay of the moving average of the weights; the average is what is shipped."""
EVERY = 200
"""Steps from one checkpoint to the next."""

log = logging.getLogger("models.training.tracker")


class Part(NamedTuple):
    """How one of the two networks is trained."""

    batch: int
    steps: int
    rate: float


PARTS = {"detector": Part(64, 4000, 2e-3), "mesh": Part(128, 8000, 2e-3)}


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    chosen = list(PARTS) if options.part == "all" else [options.part]
    if not options.export_only:
        tracker_data.make(options.data / "face", options.bundle, options.cache, options.teachers)
        faces, pictures, empty = tracker_data.load(options.cache)
        sizes = len(faces.patches), len(pictures.images), len(empty)
        log.info("%d faces, %d pictures, %d without", *sizes)
        for name in chosen:
            samples: Crops | Scenes = (
                Crops(faces, empty) if name == "mesh" else Scenes(faces, pictures, empty)
            )
            _train(name, samples, options)
    for name in chosen:
        tracker_export.export(name, _net(name, options), _checkpoint(name, options), options.out)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training tracker")
    shared = CHECKOUT.parents[1] / "shared"
    option = parser.add_argument
    option("--data", type=Path, default=shared / "data", help="the data folder")
    option("--bundle", type=Path, default=shared / "models/face_landmarker.task")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "tracker"
    option("--cache", type=Path, default=cache, help="where faces and checkpoints are kept")
    option("--out", type=Path, default=CHECKOUT, help="folder of the ONNX files")
    option("--part", choices=["all", *PARTS], default="all")
    option("--steps", type=int, help="other than the usual number")
    option("--seed", type=int, default=SEED)
    option("--threads", type=int, default=1, help="more wait for each other on a busy machine")
    option("--workers", type=int, default=1, help="processes that draw samples")
    option("--teachers", type=int, default=2, help="processes that ask the teacher, once")
    option("--export-only", action="store_true", help="export the checkpoints as they are")
    return parser.parse_args(arguments)


def _checkpoint(name: str, options: argparse.Namespace) -> Path:
    """Named after what must not be mixed up: the version of the training, and the seed."""
    file = f"{name}-{tracker_export.VERSION}-{options.seed}.pt"
    return Path(options.cache / file)


def _net(name: str, options: argparse.Namespace, samples: Any = None) -> nn.Module:
    """The network, for the landmarks with the components that are kept beside the checkpoint."""
    if name == "detector":
        return DetectorNet()
    kept = options.cache / f"components-{tracker_export.VERSION}.npz"
    if not kept.is_file():
        np.savez(kept, **_components(samples))
    with np.load(kept) as content:
        return MeshNet(torch.from_numpy(content["mean"]), torch.from_numpy(content["basis"]))


def _components(samples: Crops) -> dict[str, Any]:
    batch = samples.batch(6000, np.random.default_rng(SEED))
    points = batch.points[batch.face != 0].reshape(-1, batch.points[0].size)
    mean = points.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((points - mean).T))
    order = np.argsort(values)[::-1][:COMPONENTS]
    basis = vectors[:, order].T * np.sqrt(np.maximum(values[order], 1e-6))[:, None]
    return {"mean": mean.astype(np.float32), "basis": basis.astype(np.float32)}


class _Stream(IterableDataset[Any]):
    """Batches without end; each worker and each start draws its own."""

    def __init__(self, samples: Crops | Scenes, size: int, seed: list[int]) -> None:
        self._samples, self._size, self._seed = samples, size, seed

    def __iter__(self) -> Iterator[list[Tensor]]:
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        random = np.random.default_rng([*self._seed, worker.id if worker else 0])
        while True:
            yield [torch.from_numpy(column) for column in self._samples.batch(self._size, random)]


def _train(name: str, samples: Crops | Scenes, options: argparse.Namespace) -> None:
    part = PARTS[name]
    steps = options.steps or part.steps
    torch.manual_seed(options.seed)
    net = _net(name, options, samples).to(memory_format=torch.channels_last)
    averaged = _net(name, options, samples)
    averaged.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(
        net.parameters(), part.rate, weight_decay=WEIGHT_DECAY, fused=True
    )
    checkpoint = _checkpoint(name, options)
    start = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        start = state["step"]
        log.info("%s goes on after step %d", name, start)
    loss_of = mesh_losses(samples.faces) if isinstance(samples, Crops) else detector_losses
    stream = _Stream(samples, part.batch, [options.seed, start])
    loader = DataLoader(stream, None, num_workers=options.workers)
    began, totals = time.monotonic(), {}
    for step, batch in enumerate(loader, start):
        if step >= steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = part.rate * _rate(step, steps)
        pictures = batch[0].float().to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = net(pictures)
        losses = loss_of(outputs, batch)
        optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        _average(averaged, net, min(AVERAGED, 1.0 - 1.0 / (step + 2)))
        for key, value in losses.items():
            totals[key] = totals.get(key, 0.0) + value.item() / EVERY
        if (step + 1) % EVERY == 0 or step + 1 == steps:
            per_second = EVERY * part.batch / (time.monotonic() - began)
            told = {key: round(value, 4) for key, value in totals.items()}
            log.info("%s %d/%d %s %.0f/s", name, step + 1, steps, told, per_second)
            began, totals = time.monotonic(), {}
            state = {
                "step": step + 1,
                "net": net.state_dict(),
                "averaged": averaged.state_dict(),
                "optimizer": optimizer.state_dict(),
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
            if name == "mesh":
                log.info(
                    "validation %s", mesh_errors(averaged, tracker_data.validation(options.cache))
                )


def _rate(step: int, steps: int) -> float:
    rising = min(1.0, (step + 1) / WARM_UP)
    return rising * 0.5 * (1.0 + math.cos(math.pi * step / steps)) + 1e-3


def _average(averaged: nn.Module, net: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for mean, new in zip(
            averaged.state_dict().values(), net.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(new, 1.0 - decay)
            else:
                mean.copy_(new)
