"""MediaPipe's FaceLandmarker as a tracker.

The library is imported when a tracker is made, not before: it takes half a second, and a sidecar
without a camera never needs it.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import atan2, degrees, hypot
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rapport.capture.signals import Frame
from rapport.errors import ModelUnreadable
from rapport.experts.face.tracker import Track

NAME = "face_landmarker-1"
"""Model and version, as published."""

_CHATTER = (b"W0000 ", b"I0000 ", b"WARNING: All log messages before absl::", b"INFO: Created ")
"""How the lines begin that the C++ side prints at every start, whatever its settings."""

log = logging.getLogger("rapport.experts.face")


class MediaPipeTracker:
    """Finds one face and follows it from frame to frame.

    The followed face is the one whose box stays in place; when it is lost, the most confident
    detection becomes the next one. `still` reads each picture by itself, without following.

    :raises ModelUnreadable: MediaPipe cannot be imported or does not take the bundle.
    """

    def __init__(
        self,
        bundle: Path,
        detection_confidence: float = 0.5,
        tracking_confidence: float = 0.5,
        still: bool = False,
    ) -> None:
        self.name = NAME
        self._still = still
        self._last_ms = -1
        try:
            with _without_chatter():
                self._make(bundle, detection_confidence, tracking_confidence)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise ModelUnreadable(f"MediaPipe cannot use {bundle.name}: {error}") from error

    def _make(self, bundle: Path, detection: float, tracking: float) -> None:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        _release_portaudio()
        self._image = mediapipe.Image
        self._format = mediapipe.ImageFormat.SRGB
        mode = vision.RunningMode.IMAGE if self._still else vision.RunningMode.VIDEO
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(bundle)),
            running_mode=mode,
            num_faces=1,
            min_face_detection_confidence=detection,
            min_face_presence_confidence=tracking,
            min_tracking_confidence=tracking,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        self._landmarker = vision.FaceLandmarker.create_from_options(options)
        self._open = True
        # The first run is slow and talks; better now than with the first real frame.
        self.track(Frame(0, np.zeros((64, 64, 3), np.uint8)))

    def track(self, frame: Frame) -> Track | None:
        """Read one frame; None: no face."""
        rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
        result = self._run(self._image(self._format, rgb), frame.captured_ns)
        if not result.face_landmarks:
            return None
        height, width = frame.image.shape[:2]
        points = np.array([(p.x, p.y, p.z) for p in result.face_landmarks[0]], np.float32)
        shapes = np.array([shape.score for shape in result.face_blendshapes[0]], np.float32)
        yaw, pitch, roll = _angles(result.facial_transformation_matrixes[0])
        return Track(
            points * np.array((width, height, width), np.float32), shapes, yaw, pitch, roll
        )

    def close(self) -> None:
        """Release memory and threads. Idempotent."""
        if self._open:
            self._open = False
            self._landmarker.close()

    def _run(self, image: Any, captured_ns: int) -> Any:
        if self._still:
            return self._landmarker.detect(image)
        # VIDEO mode refuses a timestamp that is not larger than the last one; frames share a
        # millisecond at times, and a looped clip starts over.
        self._last_ms = max(self._last_ms + 1, captured_ns // 1_000_000)
        return self._landmarker.detect_for_video(image, self._last_ms)


def _angles(matrix: Any) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees (see `Track`) of a 4 x 4 pose whose axes point to the
    picture's right, up and out of it."""
    yaw = atan2(-matrix[2][0], hypot(matrix[0][0], matrix[1][0]))
    pitch = -atan2(matrix[2][1], matrix[2][2])
    roll = -atan2(matrix[1][0], matrix[0][0])
    return degrees(yaw), degrees(pitch), degrees(roll)


def _release_portaudio() -> None:
    """MediaPipe imports sounddevice if it is there, and that initialises PortAudio, which freezes
    PortAudio's table of devices for the whole process: a microphone that is plugged in later
    would never be found. We capture sound by ourselves, so its share is given back at once."""
    sounddevice = sys.modules.get("sounddevice")
    if sounddevice is not None and sounddevice._initialized:
        sounddevice._terminate()


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep the C++ side's start-up lines from standard error; they go to the debug log. Every
    other line that is written meanwhile is passed on."""
    try:
        real = os.dup(2)
        reading, writing = os.pipe()
    except OSError:  # A process without standard error has nobody to spare.
        yield
        return
    lines: list[bytes] = []

    def drain() -> None:
        with os.fdopen(reading, "rb") as pipe:
            lines.extend(pipe)

    reader = threading.Thread(target=drain, name="rapport-stderr", daemon=True)
    reader.start()
    os.dup2(writing, 2)
    os.close(writing)
    try:
        yield
    finally:
        os.dup2(real, 2)  # Closes the pipe's last writing end, which ends the reader.
        os.close(real)
        reader.join(timeout=1.0)
        for line in lines:
            if line.startswith(_CHATTER):
                log.debug("mediapipe: %s", line.decode(errors="replace").rstrip())
            else:
                os.write(2, line)
