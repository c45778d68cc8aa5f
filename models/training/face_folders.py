"""Face corpora that one has to ask their makers for, in the folders in which they come.

Whoever has them puts them (or a link) below the data folder, and the expression model learns from
their training parts as well:

- `face/raf-db`: RAF-DB, basic emotions (Li, Deng & Du 2017): `EmoLabel/list_patition_label.txt`
  and `Image/aligned/train_00001_aligned.jpg`, perhaps below `basic/`;
- `face/affectnet`: AffectNet (Mollahosseini, Hasani & Mahoor 2017): `train_set/images/1.jpg` and
  `train_set/annotations/1_exp.npy`.

Both are for research only: weights trained with them must be marked `commercial_use = "no"`.
"""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from rapport.experts.face.crop import CROP_SIZE
from rapport.state import LABELS

Items = list[tuple[Path, int]]
"""Pictures, each with the place of its label in `LABELS`."""

RAF_DB = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
"""RAF-DB's labels 1 ... 7."""
AFFECTNET = (
    "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt",
)  # fmt: skip
"""AffectNet's labels 0 ... 7; those above (none, uncertain, no face) are left out."""


def found(folder: Path) -> dict[str, Items]:
    """The training part of each corpus that is there, in a fixed order.

    :param folder: `face` in the data folder.
    """
    corpora = {name: read(folder / name) for name, read in READERS.items()}
    return {name: items for name, items in corpora.items() if items}


def raf_db(folder: Path) -> Items:
    """Training pictures of RAF-DB; none if it is not there."""
    items = []
    for basic in (folder, folder / "basic"):
        listed = basic / "EmoLabel" / "list_patition_label.txt"
        if not listed.is_file():
            continue
        for line in listed.read_text(encoding="utf-8").splitlines():
            name, _, number = line.strip().partition(" ")
            path = basic / "Image" / "aligned" / f"{Path(name).stem}_aligned.jpg"
            label = int(number) if number.isdecimal() else 0
            if (
                name.startswith("train")
                and 1 <= label <= len(RAF_DB)
                and cv2.haveImageReader(str(path))
            ):
                items.append((path, LABELS.index(RAF_DB[label - 1])))
    return items


def affectnet(folder: Path) -> Items:
    """Training pictures of AffectNet; none if it is not there."""
    notes = folder / "train_set" / "annotations"
    images = folder / "train_set" / "images"
    items = []
    for path in sorted(images.glob("*"), key=_by_number) if images.is_dir() else []:
        note = notes / f"{path.stem}_exp.npy"
        if not note.is_file() or not cv2.haveImageReader(str(path)):
            continue
        # A number, written as text.
        label = int(str(np.load(note, allow_pickle=False)))
        if 0 <= label < len(AFFECTNET):
            items.append((path, LABELS.index(AFFECTNET[label])))
    return items


def picture(path: Path) -> NDArray[np.uint8]:
    """A tight picture of a face, BGR; a grey nothing if the file is no picture."""
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        return np.full((CROP_SIZE, CROP_SIZE, 3), 128, np.uint8)
    return np.asarray(read, np.uint8)


def _by_number(path: Path) -> tuple[int, str]:
    number = re.match(r"\d+", path.stem)
    return int(number.group()) if number else -1, path.name


READERS: dict[str, Callable[[Path], Items]] = {"affectnet": affectnet, "raf-db": raf_db}
"""Name of a folder -> what reads it."""
