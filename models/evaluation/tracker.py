"""`python -m models.evaluation tracker CLIPS_DIR`: the compact face tracker beside MediaPipe.

Every clip and every picture in the folder (and the folders in it) is read by both. Clips are
followed, pictures are read one by one. A frame in which MediaPipe finds no face counts as
faceless if it finds none either when it looks at the frame alone with a confidence of 0.2.
With `--held-out` the folder is that of the training data (`photos`, `portraits`), of which the
part that was not trained on is read, and `--stress` spoils the pictures in many ways on top.

JSON: `n` frames; `found` share of the frames with a face for MediaPipe in which the tracker found
it; `elsewhere` share in which it found another; `false_faces` share of the faceless frames;
`landmark_error` mean distance of the 478 landmarks in units of the distance between the eyes'
centres, median over frames (and `landmark_error_p90`); `blendshape_error` mean absolute error of
the ten blendshapes that vary most here (`expressive`), `blendshape_error_all` of all 52;
`angle_error` degrees of yaw, pitch and roll; `ms_per_item` while following, `ms_searching`
without a face to follow, `ms_expression` for the crop and the expression model on top (medians).
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from models.evaluation.agreement import SAME_FACE, landmark_error, overlap
from models.evaluation.tracker_stress import stress
from rich.progress import track as progress

from rapport import settings
from rapport.capture.signals import Frame
from rapport.experts.face.compact_tracker import CompactTracker
from rapport.experts.face.crop import crop_face
from rapport.experts.face.expression import ExpressionModel
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.face.tracker import BLENDSHAPES, Track, Tracker
from rapport.experts.store import CHECKOUT, Store

CLIPS = {".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".flv"}
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
SECOND_LOOK = 0.2
"""Confidence with which MediaPipe looks again at a frame in which it saw nothing."""
EXPRESSIVE = 10
USUAL_FPS = 30.0
"""Of a clip that does not tell."""


class Seen(NamedTuple):
    """One frame, as both saw it."""

    source: str
    teacher: Track | None
    ours: Track | None
    faceless: bool
    following: bool
    ms: float
    ms_expression: float | None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation tracker")
    parser.add_argument("folder", type=Path, help="clips and pictures")
    parser.add_argument("--held-out", action="store_true", help="the folder is the training data")
    parser.add_argument("--stress", action="store_true", help="spoil the pictures, too")
    parser.add_argument("--models", type=Path, default=CHECKOUT, help="folder of the models")
    bundle = CHECKOUT.parents[1] / "shared/models/face_landmarker.task"
    parser.add_argument("--bundle", type=Path, default=bundle, help="MediaPipe's bundle")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    files = _files(options.folder, options.held_out)
    if not files:
        sys.stderr.write(f"{options.folder}: no clip and no picture\n")
        return 2
    cv2.setNumThreads(1)
    judge = Judge(Store(settings.Models(directory=str(options.models))), options.bundle)
    seen: list[Seen] = []
    for path in progress(files, "Watching", disable=options.json):
        try:
            seen += judge.watch(path)
        except (cv2.error, RuntimeError, ValueError, OSError) as error:
            sys.stderr.write(f"{path.name} is left out: {error}\n")
    if not seen:
        sys.stderr.write(f"{options.folder}: nothing in it could be read\n")
        return 2
    figures = report(seen)
    clips = {frame.source for frame in seen if frame.source}
    figures["per_clip"] = {
        clip: report([frame for frame in seen if frame.source == clip], figures["expressive"])
        for clip in sorted(clips)
    }
    if options.stress:
        pictures = [path for path in files if path.suffix.lower() in PICTURES]
        figures["stress"] = stress(pictures, judge.teacher_still, judge.still)
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        for name, value in figures.items():
            sys.stdout.write(f"{name:22} {value}\n")
    return 0


def _files(folder: Path, held_out: bool) -> list[Path]:
    if held_out:
        from models.training.tracker_data import photographs

        return [path for path, _ in photographs(folder, held_out=True)]
    known = CLIPS | PICTURES
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in known)


class Judge:
    def __init__(self, store: Store, bundle: Path) -> None:
        self._store, self._bundle = store, bundle
        self._again = MediaPipeTracker(bundle, SECOND_LOOK, SECOND_LOOK, still=True)
        self.still = CompactTracker(store, still=True)
        self.teacher_still = MediaPipeTracker(bundle, still=True)
        self._expression = ExpressionModel(store)

    def watch(self, path: Path) -> Iterator[Seen]:
        if path.suffix.lower() in PICTURES:
            image = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if image is None:
                raise ValueError("no picture")
            yield self._look(
                "", Frame(0, np.asarray(image, np.uint8)), self.teacher_still, self.still, False
            )
            return
        teacher, ours = MediaPipeTracker(self._bundle), CompactTracker(self._store)
        following = False
        for frame in _frames(path):
            seen = self._look(path.name, frame, teacher, ours, following)
            following = seen.ours is not None
            yield seen
        teacher.close()

    def _look(
        self, source: str, frame: Frame, teacher: Tracker, tracker: Tracker, following: bool
    ) -> Seen:
        began = time.perf_counter()
        ours = tracker.track(frame)
        ms = (time.perf_counter() - began) * 1000.0
        ms_expression = None
        if ours is not None:
            began = time.perf_counter()
            self._expression.read(crop_face(frame.image, ours.landmarks), ours.blendshapes)
            ms_expression = (time.perf_counter() - began) * 1000.0
        taught = teacher.track(frame)
        faceless = taught is None and self._again.track(frame) is None
        return Seen(
            source, taught, ours, faceless, following and ours is not None, ms, ms_expression
        )


def _frames(path: Path) -> Iterator[Frame]:
    video = cv2.VideoCapture(str(path))
    if not video.isOpened():
        raise ValueError("no clip")
    fps = video.get(cv2.CAP_PROP_FPS)
    fps = fps if 1.0 <= fps <= 240.0 else USUAL_FPS
    number = 0
    try:
        while True:
            there, image = video.read()
            if not there:
                return
            yield Frame(round(number / fps * 1e9), np.asarray(image, np.uint8))
            number += 1
    finally:
        video.release()


def report(seen: list[Seen], expressive: list[str] | None = None) -> dict[str, Any]:
    """The figures that `--json` prints.

    :param expressive: names of the blendshapes that count; None: those that vary most.
    """
    asked = [frame for frame in seen if frame.teacher is not None]
    both = [
        (frame.teacher, frame.ours)
        for frame in asked
        if frame.teacher and frame.ours and overlap(frame.teacher.box, frame.ours.box) >= SAME_FACE
    ]
    answered = sum(frame.ours is not None for frame in asked)
    faceless = [frame for frame in seen if frame.faceless]
    figures: dict[str, Any] = {
        "n": len(seen),
        "with_face": len(asked),
        "found": _share(len(both), len(asked)),
        "elsewhere": _share(answered - len(both), len(asked)),
        "faceless": len(faceless),
        "false_faces": _share(sum(frame.ours is not None for frame in faceless), len(faceless)),
        "ms_per_item": _median([frame.ms for frame in seen if frame.following]),
        "ms_searching": _median([frame.ms for frame in seen if not frame.following]),
        "ms_expression": _median([f.ms_expression for f in seen if f.ms_expression is not None]),
    }
    if not both:
        return figures
    errors = [landmark_error(taught, ours) for taught, ours in both]
    true, guessed = (
        np.array([pair[side].blendshapes for pair in both], np.float32) for side in (0, 1)
    )
    names = expressive or [
        BLENDSHAPES[index] for index in np.argsort(true.std(axis=0))[::-1][:EXPRESSIVE]
    ]
    apart = np.abs(true - guessed).mean(axis=0)
    turns = np.array(
        [[(p.yaw - q.yaw, p.pitch - q.pitch, p.roll - q.roll)] for p, q in both]
    ).reshape(-1, 3)
    return figures | {
        "landmark_error": float(np.median(errors)),
        "landmark_error_p90": float(np.quantile(errors, 0.9)),
        "blendshape_error": float(apart[[BLENDSHAPES.index(name) for name in names]].mean()),
        "blendshape_error_all": float(apart.mean()),
        "expressive": names,
        "angle_error": np.abs((turns + 180.0) % 360.0 - 180.0).mean(axis=0).round(3).tolist(),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _median(values: list[float]) -> float | None:
    return float(np.median(values)) if values else None
