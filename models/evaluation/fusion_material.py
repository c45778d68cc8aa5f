"""What the fusion is measured on: labelled faces, clips of speech and lines of text.

By default the parts that no expert was trained on, and of these the part that the gate was not
trained on either: the odd pictures of FER+ validation, half of the voice model's test speakers and
of the noises it never heard, the odd lines of GoEmotions dev. The gate is trained on the others.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from models.evaluation import face_archive, sounds, text_lines
from models.evaluation.labels import PLACES
from numpy.typing import NDArray

from rapport.state import LABELS

Part = Literal["train", "test", "all"]
HALVES = {"train": (0, 2), "test": (1, 2), "all": (0, 1)}
"""Part -> its first item, and how far the next one is."""

TRAIN_SPEAKERS = ("ravdess-15", "ravdess-16", "nemo-KD0")
TEST_SPEAKERS = ("ravdess-17", "ravdess-18", "nemo-TP0")
"""Both are test speakers of the voice model; its validation speakers are no choice, because the
shipped weights learn from them in the end."""
TRAIN_NOISES = (
    "ambient_cafe.opus",
    "ambient_washing-machine.opus",
    "keys_cherrymx-blue-abs.opus",
    "sc_dude_miaowing.opus",
)
TEST_NOISES = (
    "ambient_heavy-rain.opus",
    "ambient_inside-a-train.opus",
    "ambient_typewriter.opus",
    "sc_doing_the_dishes.opus",
)
"""Both are halves of the noises that the voice model never heard."""


class Face(NamedTuple):
    """A picture, uint8, height x width [x 3, BGR]."""

    source: str
    label: int
    picture: NDArray[np.uint8]


class Clip(NamedTuple):
    source: str
    """The speaker."""
    label: int
    path: Path


class Line(NamedTuple):
    source: str
    label: int
    text: str


class Faces(NamedTuple):
    """Pictures, whether they are tight crops of faces, and what identifies them."""

    items: list[Face]
    crops: bool
    digest: str


def load_faces(archive: Path, part: Part, crops: bool, most: int, seed: int) -> Faces:
    """Up to `most` pictures of each label.

    :param part: of FER+'s validation pictures; any other archive is taken whole.
    :raises face_archive.Unusable: the file is not what `models.evaluation.face` takes.
    """
    images, labels, ferplus = face_archive.read_archive(archive)
    first, step = HALVES[part if ferplus else "all"]
    places = np.arange(first, len(labels), step)
    places = np.random.default_rng(seed).permutation(places)
    chosen = [
        place for label in range(len(LABELS)) for place in places[labels[places] == label][:most]
    ]
    digest = hashlib.sha256()
    for place in chosen:
        digest.update(np.ascontiguousarray(images[place]))
    found = [Face(f"face-{place}", int(labels[place]), images[place]) for place in chosen]
    return Faces(found, crops or ferplus, digest.hexdigest())


def load_clips(manifest: Path, speakers: Sequence[str], most: int) -> list[Clip]:
    """Up to `most` clips of each speaker and label, in the order in which they are heard.

    :param speakers: only these; none: all.
    :raises OSError: the manifest cannot be read.
    """
    rows, _ = sounds.labelled(manifest, PLACES, ",".join(speakers) or None)
    clips = []
    for session in sounds.sessions(rows):
        taken: dict[int, int] = {}
        for row in session:
            label = PLACES[row["emotion"]]
            taken[label] = taken.get(label, 0) + 1
            if taken[label] <= most:
                clips.append(Clip(row["speaker"], label, manifest.parent / row["path"]))
    return clips


def load_lines(file: Path, part: Part, most: int) -> list[Line]:
    """Up to `most` lines of each label.

    :raises text_lines.Unusable: the file is not what `models.evaluation.text` takes.
    """
    items, _ = text_lines.read_items(file)
    kept = [item for item in items if item.basic is not None]
    first, step = HALVES[part]
    lines = []
    for label in range(len(LABELS)):
        own = [item for item in kept[first::step] if item.basic == label][:most]
        lines += [Line(f"line-{label}-{place}", label, item.text) for place, item in enumerate(own)]
    return lines
