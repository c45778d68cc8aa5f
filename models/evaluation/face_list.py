"""Labelled pictures and videos named in a CSV file.

Columns `path` (relative to the file, or absolute) and `label`, `weak_label` or `emotion` (a name or
a number in the order of `rapport.state.LABELS`); others are ignored. Of a video `FRAMES` frames are
taken, evenly spaced.
"""

import csv
from pathlib import Path

import av
import cv2
import numpy as np
from models.evaluation.face_archive import Archive, Image, Unusable, stacked
from models.evaluation.labels import PLACES

from rapport.state import LABELS

LABEL_COLUMNS = ("label", "weak_label", "emotion")
VIDEOS = {".mp4", ".mov", ".mkv", ".avi", ".webm", ".flv"}
FRAMES = 8


def read_list(file: Path, rows: slice) -> Archive:
    """The pictures that can be read and have one of our labels.

    :param rows: which rows of the file.
    :raises Unusable: it is no such file, or holds no such picture.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            table = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unusable(f"{file} cannot be read: {error}") from error
    column = next((name for name in LABEL_COLUMNS if table and name in table[0]), None)
    if column is None or "path" not in table[0]:
        raise Unusable(f"{file} needs the columns `path` and one of {', '.join(LABEL_COLUMNS)}.")
    images: list[Image] = []
    labels: list[int] = []
    for row in table[rows]:
        label = _place((row[column] or "").strip().lower())
        if label is None or not row["path"]:
            continue
        pictures = _pictures(file.parent / row["path"])
        images += pictures
        labels += [label] * len(pictures)
    if not images:
        raise Unusable(f"No picture that {file} names can be read and has one of our labels.")
    return Archive(stacked(images), np.array(labels), is_ferplus=False)


def read_video(file: Path, label: str) -> Archive:
    """`FRAMES` frames of one video.

    :raises Unusable: it is none, or the label is none of ours.
    """
    place = _place(label)
    images = _pictures(file)
    if place is None or not images:
        raise Unusable(f"{file} is no video that can be read, or --label {label!r} none of ours.")
    return Archive(stacked(images), np.full(len(images), place), is_ferplus=False)


def _place(name: str) -> int | None:
    if name.isdecimal():
        return int(name) if int(name) < len(LABELS) else None
    return PLACES.get(name)


def _pictures(path: Path) -> list[Image]:
    if path.suffix.lower() not in VIDEOS:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        return [] if picture is None else [np.asarray(picture, np.uint8)]
    try:
        with av.open(str(path)) as clip:
            count = clip.streams.video[0].frames or sum(1 for _ in clip.decode(video=0))
            clip.seek(0)
            wanted = set(np.linspace(0, count - 1, FRAMES).astype(int).tolist())
            chosen = (f for place, f in enumerate(clip.decode(video=0)) if place in wanted)
            return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in chosen]
    except (av.FFmpegError, OSError, IndexError):
        return []
