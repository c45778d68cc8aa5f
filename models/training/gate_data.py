"""Class-conditional groups of readings, as arrays: what the gate is fitted to.

There is no free corpus with raw paired video and sound. So each group is a face, a voice and a line
of different people that carry the same label, each spoiled by itself, some of them left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from models.evaluation import fusion_material as material
from models.evaluation import sounds
from models.evaluation.fusion_readings import Reading, Readings
from models.training.gate_readings import Material
from numpy.typing import NDArray

from rapport.state import LABELS, Modality

Floats = NDArray[np.float64]

MEASURES = {
    Modality.FACE: (
        "brightness",
        "contrast",
        "sharpness",
        "size",
        "yaw",
        "pitch",
        "occlusion",
        "confidence",
    ),
    Modality.VOICE: ("snr_db", "speech_probability", "clipping", "broken"),
    Modality.TEXT: ("words", "known"),
}
"""The measures that the gate may look at beside the total quality."""

PRESENT = {
    (Modality.FACE, Modality.VOICE): 0.4,
    (Modality.FACE,): 0.1,
    (Modality.VOICE,): 0.1,
    (Modality.FACE, Modality.VOICE, Modality.TEXT): 0.25,
    (Modality.FACE, Modality.TEXT): 0.075,
    (Modality.VOICE, Modality.TEXT): 0.075,
}
"""Which modalities a group has, and how many of the groups have those."""

LONE_SHARE = 0.02
"""Of the groups, those of a label that only faces have."""


class Groups(NamedTuple):
    """N groups as arrays: `labels` N; by modality in the order of `Modality`: `distributions` N x 3
    x 8 (uniform where there is none), `there` N x 3, `scores` N x 3 x (1 + measures), the total
    first, one where a measure is not known."""

    labels: NDArray[np.int64]
    distributions: Floats
    there: NDArray[np.bool_]
    scores: Floats


WIDTH = 1 + max(len(names) for names in MEASURES.values())


def fold_of(reading: Reading, folds: int) -> int:
    """In which fold a reading is: whole people, whole pictures, whole lines."""
    if reading.source in material.TRAIN_SPEAKERS:
        return material.TRAIN_SPEAKERS.index(reading.source) % folds
    return sounds.seed_of(reading.source) % folds


def draw(readings: Material, count: int, seed: int) -> Groups:
    """Class-conditional groups, as many of each label that faces and voices have.

    Labels that only faces have (contempt) come besides, as faces alone, and rarely.
    """
    random = np.random.default_rng(seed)
    own = {modality: _by_label(part) for modality, part in zip(Modality, readings, strict=True)}
    shared = sorted(own[Modality.FACE].keys() & own[Modality.VOICE].keys())
    lone = sorted(own[Modality.FACE].keys() - own[Modality.VOICE].keys())
    kinds = list(PRESENT)
    plan = [
        (shared[place % len(shared)], kinds[kind])
        for place, kind in enumerate(random.choice(len(kinds), count, p=list(PRESENT.values())))
    ]
    plan += [(label, (Modality.FACE,)) for label in lone for _ in range(round(count * LONE_SHARE))]
    rows = [
        {m: _one_of(people, random) for m in kind if (people := own[m].get(label))}
        for label, kind in plan
    ]
    return groups_of([label for label, _ in plan], rows)


def _by_label(readings: Readings) -> dict[int, list[Readings]]:
    """Label -> the readings of each person."""
    found: dict[int, dict[str, Readings]] = {}
    for reading in readings:
        found.setdefault(reading.label, {}).setdefault(reading.source, []).append(reading)
    return {label: list(people.values()) for label, people in found.items()}


def _one_of(people: list[Readings], random: np.random.Generator) -> Reading:
    own = people[int(random.integers(len(people)))]
    return own[int(random.integers(len(own)))]


def groups_of(labels: Sequence[int], rows: Sequence[dict[Modality, Reading]]) -> Groups:
    """Lay groups out as arrays; groups in which nothing could be read are left out."""
    distributions = np.full((len(rows), len(Modality), len(LABELS)), 1.0 / len(LABELS))
    there = np.zeros((len(rows), len(Modality)), np.bool_)
    scores = np.ones((len(rows), len(Modality), WIDTH))
    for row, picked in enumerate(rows):
        for place, modality in enumerate(Modality):
            if modality not in picked or picked[modality].evidence.distribution is None:
                continue
            evidence = picked[modality].evidence
            there[row, place] = True
            distributions[row, place] = evidence.distribution
            scores[row, place, 0] = evidence.quality.score
            for column, name in enumerate(MEASURES[modality], 1):
                if name in evidence.quality.measures:
                    scores[row, place, column] = evidence.quality.measures[name].score
    some = there.any(axis=1)
    return Groups(np.array(labels)[some], distributions[some], there[some], scores[some])
