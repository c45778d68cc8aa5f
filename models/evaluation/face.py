"""`python -m models.evaluation face FILE.npz`: the shipped face expert on any labelled pictures.

The file holds `images`, uint8, N x H x W (grey) or N x H x W x 3 (BGR), and `labels`, int, N, in
the order of `rapport.state.LABELS`, -1 to skip. The pictures are whole ones, in which the expert
must find the face, or with `--crops` tight pictures of a face. A FER+ archive (`images`, `votes`,
`split`) is taken too: its validation part, as crops.

Everything goes through the code and the models that are shipped. On whole pictures, one whose
face is not found or cannot be read counts as wrong in `accuracy` and the recalls, and `read` says
how many were read. With `--crops` a face that the tracker does not find is read from the pixels
of the whole crop alone.
"""

import argparse
import json
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from models.evaluation.metrics import report
from numpy.typing import NDArray
from rich.progress import track as progress

from rapport import settings
from rapport.capture.signals import Frame
from rapport.errors import RapportError
from rapport.experts.face.choice import TRACKER_BUNDLE
from rapport.experts.face.crop import crop_face, enlarge, whole_as_crop
from rapport.experts.face.expert import FaceExpert, as_bgr
from rapport.experts.face.expression import ExpressionModel
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.store import CHECKOUT, Store
from rapport.state import LABELS, Distribution

CROP_CONFIDENCE = 0.2
"""Of detection, on pictures that are known to be crops of a face."""

KEYS = ("images", "labels", "votes", "split")

Reader = Callable[[NDArray[np.uint8]], Distribution | None]
"""From a picture to the distribution, or None if it was not read."""


class Unusable(Exception):
    """The file is not what the documentation asks for."""


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        images, labels, is_ferplus = _read(options.file)
        store = Store(settings.Models(directory=str(options.models)))
        crops = options.crops or is_ferplus
        reader = _crop_reader(store, options.pixels_only) if crops else _picture_reader(store)
        model = ExpressionModel(store).name
    except (Unusable, RapportError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    began = time.perf_counter()
    answers = [reader(image) for image in progress(images, "Reading", disable=options.json)]
    ms = (time.perf_counter() - began) / len(labels) * 1000.0
    read = np.array([answer is not None for answer in answers])
    nothing = (0.0,) * len(LABELS)
    probabilities = np.array([answer or nothing for answer in answers])
    figures = {
        **report(probabilities, labels, LABELS, ms, read),
        "read": float(read.mean()),
        "model": model,
    }
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation face", description=__doc__.splitlines()[0]
    )
    option = parser.add_argument
    option("file", type=Path, help="an .npz archive with images and labels")
    option("--crops", action="store_true", help="the pictures are tight crops of a face")
    option("--pixels-only", action="store_true", help="with --crops: without any blendshapes")
    option("--models", type=Path, default=CHECKOUT.parents[1] / "shared/models")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def _read(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], bool]:
    """Pictures and labels that are to be used, and whether the archive is FER+.

    :raises Unusable: it is neither, or not what is documented above.
    """
    try:
        with np.load(file, allow_pickle=False) as data:
            content = {name: data[name] for name in data.files if name in KEYS}
    except (OSError, ValueError, zipfile.BadZipFile, AttributeError) as error:
        raise Unusable(f"{file} is no readable .npz archive: {error}") from error
    is_ferplus = "labels" not in content and {"images", "votes", "split"} <= content.keys()
    if is_ferplus:
        content["labels"] = np.where(content["split"] == 1, content["votes"].argmax(axis=1), -1)
    if not {"images", "labels"} <= content.keys():
        raise Unusable(f"{file} must hold `images` and `labels`; it holds {sorted(content)}.")
    images, labels = content["images"], content["labels"]
    if images.dtype != np.uint8 or images.ndim not in (3, 4):
        raise Unusable(
            f"`images` must be uint8, N x H x W [x 3], not {images.dtype} {images.shape}."
        )
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise Unusable(f"`labels` must be whole numbers, one a picture, not {labels.dtype}.")
    # FER+ has columns beyond ours: "unknown" and "no face".
    kept = (labels >= 0) & (labels < len(LABELS))
    if not kept.any():
        raise Unusable(f"No picture in {file} has one of our labels, 0 ... {len(LABELS) - 1}.")
    return images[kept], labels[kept].astype(np.int64), is_ferplus


def _picture_reader(store: Store) -> Reader:
    expert = FaceExpert(settings.Face(), store, still=True)
    return lambda image: expert.read(Frame(0, image)).distribution


def _crop_reader(store: Store, pixels_only: bool) -> Reader:
    tracker = MediaPipeTracker(
        store.path(TRACKER_BUNDLE), CROP_CONFIDENCE, CROP_CONFIDENCE, still=True
    )
    expression = ExpressionModel(store)

    def read(picture: NDArray[np.uint8]) -> Distribution | None:
        image = as_bgr(picture)
        if image is None or image.size == 0:
            return None
        framed = enlarge(image)
        face = tracker.track(Frame(0, framed))
        if face is None:
            return expression.read(whole_as_crop(image), None)
        crop = crop_face(framed, face.landmarks)
        return expression.read(crop, None if pixels_only else face.blendshapes)

    return read


def _table(figures: dict[str, Any]) -> str:
    rows = [f"{name:<12} {figures[name]:.4f}" for name in ("accuracy", "uar", "ece", "read")]
    rows += [f"  {label:<10} {recall:.3f}" for label, recall in figures["per_class"].items()]
    rows += [f"{figures['n']} pictures, {figures['ms_per_item']:.1f} ms each, {figures['model']}"]
    return "\n".join(rows) + "\n"
