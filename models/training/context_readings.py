"""The voices and faces that the shipped context network's dialogues are given.

Readings of the shipped experts, of people whom no expert learned from (as the gate's are), in
random rooms and light. Three parts with no person and no picture in common: what is learned from
are the gate's own readings, but for a fifth of the pictures.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from models.evaluation import fusion_material as material
from models.evaluation import sounds
from models.evaluation.fusion_readings import Library, Readings, code_stamp, files_stamp, stamps
from models.training import gate_readings, voice_data
from numpy.typing import NDArray

from rapport.conversation.context import WIDTHS, reading_row
from rapport.experts.store import Store
from rapport.state import Evidence

SPEAKERS = {"dev": ("ravdess-17",), "test": ("ravdess-18", "nemo-TP0")}
NOISES = {"dev": material.TRAIN_NOISES, "test": material.TEST_NOISES}
SEED = 1
DEV_FACES = 5
"""One picture in so many of the gate's training part is for the dev part."""
CLEAN = {"voice": "clean", "face": "light 1"}
HARSH = {"voice": "0 dB", "face": "light 0.03"}
"""Conditions of `fusion_corruption` that the test part is also read in."""

Pool = list[dict[int, NDArray[np.float32]]]
"""For each person, label -> rows as the network takes them [n, 10]; NaN where nothing could be
read."""


class Part(NamedTuple):
    """The voices and the faces of a part, by expert."""

    usual: Mapping[str, Pool]
    """In random rooms and light."""
    others: Mapping[str, Mapping[str, Pool]] = {}
    """By name of the condition."""


def read_parts(library: Library, store: Store, data: Path) -> dict[str, Part]:
    """The readings of each part, from the cache where they were read before."""
    learned = gate_readings.read_material(library, store, data)
    kept = [r for r in learned.face if sounds.seed_of(r.source) % DEV_FACES]
    held = [r for r in learned.face if sounds.seed_of(r.source) % DEV_FACES == 0]
    return {
        "train": Part({"voice": by_person(learned.voice), "face": nameless(kept)}),
        "dev": Part(
            {
                "voice": by_person(_heard(library, store, data, "dev")),
                "face": nameless(held),
            }
        ),
        "test": _test(library, store, data),
    }


def by_person(readings: Readings) -> Pool:
    """Readings as rows, for each person."""
    found: dict[str, dict[int, list[NDArray[np.float32]]]] = {}
    for reading in readings:
        own = found.setdefault(reading.source, {})
        own.setdefault(reading.label, []).append(_row(reading.evidence))
    return [{label: np.array(rows) for label, rows in own.items()} for own in found.values()]


def nameless(readings: Readings) -> Pool:
    """Readings as rows, as if of one person: nobody knows which pictures show the same one."""
    return by_person([msgspec.structs.replace(reading, source="") for reading in readings])


def _row(evidence: Evidence) -> NDArray[np.float32]:
    row = reading_row(evidence.distribution, evidence.arousal, evidence.quality.score)
    return np.full(WIDTHS["voice"], np.nan, np.float32) if row is None else row


def _test(library: Library, store: Store, data: Path) -> Part:
    faces = material.load_faces(
        data / "face/ferplus_train_valid.npz", "test", True, gate_readings.FACES_PER_LABEL, SEED
    )
    clips, noises = _clips(data, "test"), _noises(data, "test")
    seen = library.faces(faces, "any 0", SEED) + library.faces(faces, "any 1", SEED + 1)
    usual = {
        "voice": by_person(_heard(library, store, data, "test")),
        "face": nameless(seen),
    }
    others = {
        name: {
            "voice": by_person(library.voices(clips, noises, condition["voice"], SEED)),
            "face": nameless(library.faces(faces, condition["face"], SEED)),
        }
        for name, condition in (("clean", CLEAN), ("harsh", HARSH))
    }
    return Part(usual, others)


def _heard(library: Library, store: Store, data: Path, part: str) -> Readings:
    """A part's clips in random rooms."""
    clips, noises = _clips(data, part), _noises(data, part)
    code = [Path(voice_data.__file__ or ""), Path(gate_readings.__file__ or "")]
    about = {"clips": stamps(clips), "noises": files_stamp(noises), "code": code_stamp(code)}
    found: Readings = []
    for variant in range(gate_readings.VOICE_VARIANTS):
        make = partial(gate_readings.hear_rooms, store, clips, noises, SEED + variant)
        found = found + library.kept("voice", about | {"variant": variant}, make)
    return found


def _clips(data: Path, part: str) -> list[material.Clip]:
    return material.load_clips(
        data / "voice/manifest.csv", SPEAKERS[part], gate_readings.CLIPS_PER_LABEL
    )


def _noises(data: Path, part: str) -> Sequence[Path]:
    return [data / "noise" / name for name in NOISES[part]]
