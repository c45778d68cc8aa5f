"""The voice model's material: which speakers are in which part, its variants, its batches."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from models.training import voice_data
from models.training.voice_augment import cut
from models.training.voice_net import LEARNED
from numpy.typing import NDArray
from torch import Tensor

from rapport.experts.voice.front_end import COLUMNS, Prior

TEST_SPEAKERS = frozenset(
    {"ravdess-15", "ravdess-16", "ravdess-17", "ravdess-18", "nemo-KD0", "nemo-TP0"}
)
"""Two women and two men of RAVDESS, a woman and a man of nEMO: never trained on."""
VALIDATION_SPEAKERS = frozenset({"ravdess-13", "ravdess-14", "nemo-MP0"})
"""They choose how to train, and the temperature."""
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
WITHOUT_DISGUST = ("nemo",)
PRIOR_SEED = 7
BATCH = 32

log = logging.getLogger("models.training.voice")


class Part(NamedTuple):
    """Which speakers are heard, and in the held-out noises or in the others."""

    speakers: frozenset[str] | None
    """None: all that are not held out."""
    held_out_noises: bool


PARTS = {
    "training": Part(None, False),
    "validation": Part(VALIDATION_SPEAKERS, True),
    # For the shipped weights, once everything is chosen.
    "more": Part(VALIDATION_SPEAKERS, False),
}


class Material(NamedTuple):
    """Windows laid end to end (all frames x columns), how long each is, and what each is.

    `ravdess`: from RAVDESS or another corpus that has all seven labels.
    """

    frames: NDArray[np.float16]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]
    ravdess: NDArray[np.bool_]
    snr_db: NDArray[np.float32]


class Studio:
    """Makes the variants of each part of the material, or takes them from the cache."""

    def __init__(self, data: Path, cache: Path, workers: int) -> None:
        self._data, self._cache, self._workers = data, cache, workers
        self._clips: dict[str, list[voice_data.Clip]] = {}
        self.prior = Prior(*self._saved("prior", self._measure_prior).values())

    def variant(self, part: str, seed: int) -> Material:
        """The windows of one of the `PARTS`, degraded with this seed."""
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

    def _part(self, name: str) -> tuple[list[voice_data.Clip], list[voice_data.Array]]:
        part = PARTS[name]

        def wanted(speaker: str) -> bool:
            if part.speakers is None:
                return speaker not in TEST_SPEAKERS | VALIDATION_SPEAKERS
            return speaker in part.speakers

        if name not in self._clips:
            self._clips[name] = voice_data.load_clips(
                self._data, self._cache, wanted, self._workers
            )
            log.info("%s: %d clips", name, len(self._clips[name]))
        noises = [
            noise
            for noise in voice_data.noise_names(self._data)
            if (noise in HELD_OUT_NOISES) == part.held_out_noises
        ]
        return self._clips[name], voice_data.load_noises(self._data, self._cache, noises)

    def _measure_prior(self) -> dict[str, Any]:
        clips, noises = self._part("training")
        return voice_data.measure_prior(clips, noises, PRIOR_SEED)._asdict()

    def _make(self, part: str, seed: int) -> dict[str, Any]:
        began = time.monotonic()
        clips, noises = self._part(part)
        windows = voice_data.hear_all(clips, noises, self.prior, seed, self._workers)
        log.info("%s %d: %d windows (%.0f s)", part, seed, len(windows), time.monotonic() - began)
        return Material(
            np.concatenate([window.features for window in windows]),
            np.array([len(window.features) for window in windows]),
            np.array([window.label for window in windows]),
            np.array([window.corpus not in WITHOUT_DISGUST for window in windows]),
            np.array([window.snr_db for window in windows], np.float32),
        )._asdict()


def together(parts: list[Material]) -> Material:
    """Several materials as one."""
    return Material(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def only(material: Material, keep: NDArray[np.bool_]) -> Material:
    """The windows that `keep` names."""
    return Material(material.frames[np.repeat(keep, material.lengths)], *(
        column[keep] for column in material[1:]
    ))  # fmt: skip


def batches(
    material: Material, random: np.random.Generator | None
) -> Iterator[tuple[NDArray[np.int64], Tensor, Tensor]]:
    """Places, padded windows and their lengths. Windows of like length go together, because
    padding is wasted work.

    :param random: cuts and stretches the windows and shuffles them; None: as they are, in order.
    """
    jitter = random.uniform(0.9, 1.1, len(material.lengths)) if random is not None else 1.0
    order = np.argsort(material.lengths * jitter, kind="stable")
    parts = np.array_split(order, max(1, len(order) // BATCH))
    starts = np.concatenate([[0], np.cumsum(material.lengths)])
    for part in random.permutation(len(parts)) if random is not None else range(len(parts)):
        places = parts[part]
        taken = [material.frames[starts[place] : starts[place + 1]] for place in places]
        if random is not None:
            taken = [cut(window, random) for window in taken]
        windows = np.zeros((len(places), max(map(len, taken)), COLUMNS), np.float32)
        for row, window in enumerate(taken):
            windows[row, : len(window)] = window
        lengths = torch.tensor([len(window) for window in taken])
        yield places, torch.from_numpy(windows), lengths


def weights(material: Material) -> Tensor:
    """Each corpus counts the same, and within it each of its labels."""
    group = material.labels + LEARNED * material.ravdess
    counts = np.bincount(group, minlength=2 * LEARNED)
    weight = 1.0 / counts[group]
    return torch.from_numpy((weight / weight.mean()).astype(np.float32))
