"""`python -m models.evaluation tracker CLIPS_DIR`: the compact face tracker beside MediaPipe.

Every clip and every picture in the folder (and the folders in it) is read by both. Clips are
followed, pictures are read one by one; what cannot be read is named and skipped. Without
MediaPipe (its package or its bundle), there is nothing to compare with: then only the share of
frames with an answer and the times are told. With `--held-out` the folder is that of the training
data (`photos`, `portraits`), of which the part that was not trained on is read. `--stress` spoils
the pictures in many ways on top, `--faceless` asks for faces where there are none
(`tracker_faceless`), `--pictures DIR` draws the worst faces.

JSON, all shares 0 ... 1, null where nothing can be measured:

- `n` frames; `answered` share of them with a face for the tracker; `with_face` frames with a face
  for MediaPipe; `found` share of these in which the tracker found it; `elsewhere` share in which it
  found another.
- `faceless` frames in which MediaPipe finds no face, not even looking at them alone with a
  confidence of 0.2; `false_faces` share of these in which the tracker finds one.
- `landmark_error` mean distance of the 478 landmarks in units of the distance between the eyes'
  centres, median over frames (and `landmark_error_p90`); `blendshape_error` mean absolute error of
  the ten blendshapes that vary most here (`expressive`), `blendshape_error_all` of all 52;
  `angle_error` degrees of yaw, pitch and roll.
- `ms_per_item` while following, `ms_searching` without a face to follow, `ms_expression` for the
  crop and the expression model on top (medians; `ms_p95` the 95th percentiles of the three).
- `intervals` of `found`, `landmark_error` and `blendshape_error`: 95 %, drawn again and again over
  pictures and whole clips; few clips give wide and rough ones.
- `skipped` files and why; `unmeasured` why MediaPipe is missing, or null; `per_clip` the same
  figures; `stress` and `faceless_material` where asked for.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from models.evaluation import shipped
from models.evaluation.tracker_faceless import faceless
from models.evaluation.tracker_pictures import draw_faces
from models.evaluation.tracker_report import Seen, intervals, report
from models.evaluation.tracker_stress import stress
from rich.progress import track as progress

from rapport.capture.signals import Frame
from rapport.errors import ModelUnreadable
from rapport.experts.face.compact_tracker import CompactTracker
from rapport.experts.face.crop import crop_face
from rapport.experts.face.expression import ExpressionModel
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.face.tracker import Tracker
from rapport.experts.store import Store

CLIPS = {".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".flv", ".mpg", ".wmv"}
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
SECOND_LOOK = 0.2
"""Confidence with which MediaPipe looks again at a frame in which it saw nothing."""
USUAL_FPS = 30.0
"""Of a clip that does not tell."""


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    files = _files(options.folder, options.held_out)
    if not files:
        sys.stderr.write(f"{options.folder}: no clip and no picture\n")
        return 2
    cv2.setNumThreads(1)
    judge = Judge(shipped.store(options.models), options.bundle)
    seen: list[Seen] = []
    skipped: dict[str, str] = {}
    for path in progress(files, "Watching", disable=options.json):
        before = len(seen)
        try:
            seen += judge.watch(path)
            reason = None if len(seen) > before else "no frame in it"
        except (cv2.error, RuntimeError, ValueError, OSError, MemoryError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
        if reason:
            skipped[str(path.relative_to(options.folder))] = reason
            sys.stderr.write(f"{path.name}: {reason}\n")
    if not seen:
        sys.stderr.write(f"{options.folder}: nothing in it could be read\n")
        return 2
    figures = report(seen)
    expressive = figures["expressive"]
    clips = sorted({frame.source for frame in seen if frame.following is not None})
    figures |= {
        "intervals": intervals(seen, expressive),
        "per_clip": {
            clip: report([frame for frame in seen if frame.source == clip], expressive)
            for clip in clips
        },
        "skipped": skipped,
        "unmeasured": judge.unmeasured,
    }
    pictures = [path for path in files if path.suffix.lower() in PICTURES]
    if options.stress and judge.teacher_still:
        figures["stress"] = stress(pictures, judge.teacher_still, judge.still)
    if options.faceless:
        scenery = pictures if options.held_out else []
        figures["faceless_material"] = faceless(scenery, judge.second_look, judge.still)
    if options.pictures:
        draw_faces(seen, expressive, options.pictures)
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        for name, value in figures.items():
            sys.stdout.write(f"{name:22} {value}\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation tracker")
    option = parser.add_argument
    option("folder", type=Path, help="clips and pictures")
    option("--held-out", action="store_true", help="the folder is the training data")
    option("--stress", action="store_true", help="spoil the pictures, too")
    option("--faceless", action="store_true", help="look where there is no face, too")
    option("--pictures", type=Path, help="folder into which the worst faces are drawn")
    option("--models", type=Path, help="other models than the shipped ones, with their manifest")
    bundle = shipped.SHARED / "face_landmarker.task"
    option("--bundle", type=Path, default=bundle, help="MediaPipe's bundle")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def _files(folder: Path, held_out: bool) -> list[Path]:
    if held_out:
        from models.training.tracker_data import photographs

        return [path for path, _ in photographs(folder, "held-out")]
    known = CLIPS | PICTURES
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in known)


class Judge:
    """Both trackers. `teacher_still` and `second_look` are None without MediaPipe; `unmeasured`
    says why."""

    def __init__(self, store: Store, bundle: Path) -> None:
        self._store, self._bundle = store, bundle
        self._expression = ExpressionModel(store)
        self.still = CompactTracker(store, still=True)
        self.teacher_still: MediaPipeTracker | None = None
        self.second_look: MediaPipeTracker | None = None
        self.unmeasured: str | None = None
        try:
            self.teacher_still = MediaPipeTracker(bundle, still=True)
            self.second_look = MediaPipeTracker(bundle, SECOND_LOOK, SECOND_LOOK, still=True)
        except ModelUnreadable as error:
            self.unmeasured = f"Found faces, false faces and errors: {error}"
            sys.stderr.write(f"Not measured without MediaPipe: {self.unmeasured}\n")

    def watch(self, path: Path) -> Iterator[Seen]:
        """:raises ValueError: it is neither a picture nor a clip that OpenCV can read."""
        if path.suffix.lower() in PICTURES:
            # Not imread, which cannot open every path on Windows.
            image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
            if image is None:
                raise ValueError("no picture that OpenCV can read")
            frame = Frame(0, np.asarray(image, np.uint8))
            yield self._look(path.name, frame, self.teacher_still, self.still, None)
            return
        teacher = MediaPipeTracker(self._bundle) if self.teacher_still else None
        ours, following = CompactTracker(self._store), False
        try:
            for frame in _frames(path):
                seen = self._look(path.name, frame, teacher, ours, following)
                following = seen.ours is not None
                yield seen
        finally:
            if teacher:
                teacher.close()

    def _look(
        self,
        source: str,
        frame: Frame,
        teacher: Tracker | None,
        tracker: Tracker,
        following: bool | None,
    ) -> Seen:
        began = time.perf_counter()
        ours = tracker.track(frame)
        ms = (time.perf_counter() - began) * 1000.0
        ms_expression = None
        if ours is not None:
            began = time.perf_counter()
            self._expression.read(crop_face(frame.image, ours.landmarks), ours.blendshapes)
            ms_expression = (time.perf_counter() - began) * 1000.0
        if following is not None:
            # The frame in which the face was lost was searched.
            following = following and ours is not None
        if teacher is None or self.second_look is None:
            return Seen(source, None, ours, None, following, ms, ms_expression)
        taught = teacher.track(frame)
        is_faceless = taught is None and self.second_look.track(frame) is None
        return Seen(source, taught, ours, is_faceless, following, ms, ms_expression)


def _frames(path: Path) -> Iterator[Frame]:
    video = cv2.VideoCapture(str(path))
    try:
        if not video.isOpened():
            raise ValueError("no clip that OpenCV can read")
        fps = video.get(cv2.CAP_PROP_FPS)
        fps = fps if 1.0 <= fps <= 240.0 else USUAL_FPS
        number = 0
        while True:
            there, image = video.read()
            if not there:
                return
            yield Frame(round(number / fps * 1e9), np.asarray(image, np.uint8))
            number += 1
    finally:
        video.release()
