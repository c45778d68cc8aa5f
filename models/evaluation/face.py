"""`python -m models.evaluation face FILE`: the shipped face expert on any labelled pictures.

FILE is an .npz archive with `images` and `labels` (`face_archive` says in which forms; a FER+
archive is taken too, its validation part as crops), a .csv file that names pictures or videos
(`face_list`), or one video with its `--label`. The pictures are whole ones, in which the expert
must find the face, or with `--crops` tight pictures of a face.

Everything goes through the code and the models that are shipped. A whole picture in which no face
is found or can be read counts as wrong in `accuracy` and in the recalls, and is left out of
`confusion` and `ece`; `read` says how many were read. With `--crops` a face that the tracker does
not find is read from the pixels of the whole crop alone. A camera gives no picture of less than
`SMALLEST` pixels and none of more than `LARGEST`: smaller ones are enlarged first, larger ones
reduced.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from models.evaluation import shipped
from models.evaluation.bootstrap import intervals
from models.evaluation.face_archive import Archive, Image, Unusable, read_archive
from models.evaluation.face_list import VIDEOS, read_list, read_video
from models.evaluation.metrics import report
from models.evaluation.pictures import confusion_picture, reliability_picture
from models.evaluation.progress import progress
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.signals import Frame
from rapport.errors import RapportError
from rapport.experts.face.choice import make_tracker
from rapport.experts.face.crop import crop_face, enlarge, whole_as_crop
from rapport.experts.face.expert import FaceExpert, as_bgr
from rapport.experts.face.expression import ExpressionModel
from rapport.experts.store import Store
from rapport.state import LABELS, Distribution

CROP_CONFIDENCE = 0.2
"""Of detection, on pictures that are known to be crops of a face."""
SMALLEST, LARGEST = 160, 1920
"""Pixels of the longer side."""

Reader = Callable[[Image], Distribution | None]
"""From a picture to the distribution, or None if it was not read."""


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        archive = _read(options)
        store = shipped.store(options.models)
        crops = options.crops or archive.is_ferplus
        make = _crop_reader if crops else _picture_reader
        reader, model = make(store, options)
    except (Unusable, RapportError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    began = time.perf_counter()
    answers = [reader(image) for image in progress(archive.images, "Reading")]
    ms = (time.perf_counter() - began) / len(answers) * 1000.0
    figures = assess(answers, archive.labels, ms, options.bootstrap) | {"model": model}
    if options.pictures:
        draw(answers, archive.labels, options)
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation face",
        description=(__doc__ or ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = parser.add_argument
    option("file", type=Path, help="an .npz archive, or a .csv file that names pictures")
    option("--crops", action="store_true", help="the pictures are tight crops of a face")
    option("--pixels-only", action="store_true", help="with --crops: without any blendshapes")
    option("--tracker", choices=["auto", "compact", "mediapipe"], default="auto")
    option("--only", help="labels to look at, with commas between")
    option("--label", default="", help="of a video")
    option("--rows", default=":", help="of a .csv file: FIRST:LAST, counted from 0")
    option("--bootstrap", type=int, default=0, metavar="DRAWS", help="intervals by so many draws")
    option("--pictures", type=Path, metavar="FOLDER", help="draw confusion and reliability there")
    option("--title", default="face_expression", help="of those pictures")
    option("--models", type=Path, metavar="FOLDER", help="of other models (or MediaPipe's bundle)")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def _read(options: argparse.Namespace) -> Archive:
    """:raises Unusable: there is nothing to look at."""
    if options.file.suffix.lower() == ".csv":
        try:
            first, last = (int(end) if end else None for end in options.rows.split(":"))
        except ValueError:
            raise Unusable(f"--rows must be FIRST:LAST, not {options.rows}.") from None
        archive = read_list(options.file, slice(first, last))
    elif options.file.suffix.lower() in VIDEOS:
        archive = read_video(options.file, options.label)
    else:
        archive = read_archive(options.file)
    if not options.only:
        return archive
    wanted = [name.strip() for name in options.only.split(",")]
    if unknown := set(wanted) - set(LABELS):
        raise Unusable(f"--only: {', '.join(unknown)} is none of {', '.join(LABELS)}.")
    kept = np.isin(archive.labels, [LABELS.index(name) for name in wanted])
    if not kept.any():
        raise Unusable(f"No picture in {options.file} is labelled {options.only}.")
    return archive._replace(images=archive.images[kept], labels=archive.labels[kept])


def _picture_reader(store: Store, options: argparse.Namespace) -> tuple[Reader, str]:
    expert = FaceExpert(settings.Face(tracker=options.tracker), store, still=True)
    if expert.without is not None:
        raise expert.without
    return lambda image: expert.read(Frame(0, _like_a_camera(image))).distribution, expert.model


def _like_a_camera(image: Image) -> Image:
    longer = max(image.shape[:2])
    if 0 < longer < SMALLEST:
        return enlarge(image)
    if longer <= LARGEST:
        return image
    size = [max(1, round(side * LARGEST / longer)) for side in image.shape[1::-1]]
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _crop_reader(store: Store, options: argparse.Namespace) -> tuple[Reader, str]:
    face = settings.Face(
        tracker=options.tracker,
        detection_confidence=CROP_CONFIDENCE,
        tracking_confidence=CROP_CONFIDENCE,
    )
    tracker = make_tracker(face, store, still=True)
    expression = ExpressionModel(store)

    def read(picture: Image) -> Distribution | None:
        image = as_bgr(picture)
        if image is None or image.size == 0:
            return None
        image = _like_a_camera(image) if max(image.shape) > LARGEST else image
        framed = enlarge(image)
        seen = tracker.track(Frame(0, framed))
        if seen is None:
            return expression.read(whole_as_crop(image), None)
        crop = crop_face(framed, seen.landmarks)
        return expression.read(crop, None if options.pixels_only else seen.blendshapes)

    return read, f"{expression.name}+{tracker.name}"


def assess(
    answers: list[Distribution | None], labels: NDArray[np.int64], ms: float, draws: int = 0
) -> dict[str, Any]:
    """All figures, by the names that `--json` prints.

    :param draws: of the bootstrap; 0: no intervals.
    """
    read = np.array([answer is not None for answer in answers])
    nothing = (0.0,) * len(LABELS)
    probabilities = np.array([answer or nothing for answer in answers])
    figures = report(probabilities, labels, LABELS, ms, read) | {"read": float(read.mean())}
    if draws:

        def drawn(places: NDArray[np.int64]) -> dict[str, float]:
            found = report(probabilities[places], labels[places], LABELS, ms, read[places])
            return {name: found[name] for name in ("accuracy", "uar", "ece")} | found["per_class"]

        figures["intervals"] = intervals(drawn, len(labels), draws)
    return figures


def draw(
    answers: list[Distribution | None], labels: NDArray[np.int64], options: argparse.Namespace
) -> None:
    """The pictures of the card, from the answers alone."""
    read = [place for place, answer in enumerate(answers) if answer is not None]
    if not read:
        return
    probabilities = np.array([answers[place] for place in read])
    counts = report(probabilities, labels[read], LABELS, 0.0)["confusion"]
    folder, title = options.pictures, options.title
    confusion_picture(counts, LABELS, folder / "face_expression-confusion.svg", title)
    path = folder / "face_expression-reliability.svg"
    reliability_picture(probabilities, labels[read], path, title)


def _table(figures: dict[str, Any]) -> str:
    ends = figures.get("intervals", {})
    rows = [
        f"{name:<12} {figures[name]:.4f}{_ends(ends.get(name))}"
        for name in ("accuracy", "uar", "ece", "read")
    ]
    rows += [
        f"  {label:<10} {recall:.3f}{_ends(ends.get(label))}"
        for label, recall in figures["per_class"].items()
    ]
    rows += [f"{figures['n']} pictures, {figures['ms_per_item']:.1f} ms each, {figures['model']}"]
    return "\n".join(rows) + "\n"


def _ends(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"  {interval[0]:.3f} ... {interval[1]:.3f}"


__all__ = ["Unusable", "assess", "main", "read_archive"]
