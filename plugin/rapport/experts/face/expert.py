"""The face expert: a frame in, evidence out."""

import logging

import cv2
import numpy as np
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.clock import Observe, timed, unobserved
from rapport.capture.signals import Frame
from rapport.errors import ModelNotCleared
from rapport.experts.affect import expected_vad
from rapport.experts.face import crop, quality
from rapport.experts.face.choice import make_tracker
from rapport.experts.face.expression import ExpressionModel
from rapport.experts.face.tracker import Track
from rapport.experts.store import Store
from rapport.state import Condition, Evidence, Modality, Quality

log = logging.getLogger("rapport.experts.face")


class FaceExpert:
    """Reads one face per frame. Not thread-safe: one thread makes, uses and closes it.

    Where the licence policy refuses the expression model, it still says whether there is a face
    and how well it is seen, in evidence of condition `OK` without a distribution.

    :raises ModelMissing, ModelTampered, ModelUnreadable: a model cannot be used.
    :raises ModelNotCleared: the licence policy lets no tracker be used.
    """

    def __init__(
        self,
        face: settings.Face,
        store: Store,
        still: bool = False,
        observe: Observe = unobserved,
    ) -> None:
        """
        :param still: frames are unrelated pictures, not a moving one.
        :param observe: told how long tracking, measuring the picture and the expression take.
        """
        self.without: ModelNotCleared | None = None
        """Why no emotion is read; None: it is."""
        self._expression: ExpressionModel | None = None
        try:
            self._expression = ExpressionModel(store)
        except ModelNotCleared as error:
            self.without = error
        self._tracker = make_tracker(face, store, still)
        self._observe = observe
        used = (self._expression, self._tracker)
        self.model = "+".join(part.name for part in used if part is not None)
        self._failing = False

    def read(self, frame: Frame) -> Evidence:
        """What the face in a frame says.

        Evidence without a face, or with one that cannot be read, has a condition that says why and
        no distribution. A frame without pixels is `ABSENT`; one that is no picture at all (not
        uint8, not one, three or four channels) is `FAILED`. Nothing that is in a frame raises.
        """
        image = as_bgr(frame.image)
        if image is None:
            return self._blank(frame, Condition.FAILED)
        if image.size == 0:
            return self._blank(frame, Condition.ABSENT)
        try:
            with timed(self._observe, "face_track"):
                face = self._tracker.track(Frame(frame.captured_ns, image))
        except (RuntimeError, ValueError) as error:
            self._report(error)
            return self._blank(frame, Condition.FAILED)
        self._failing = False
        if face is None or not np.isfinite(face.landmarks).all():
            measured, condition = quality.measure_picture(image)
            return self._blank(frame, condition, measured)
        return self._read_face(frame.captured_ns, image, face)

    def close(self) -> None:
        """Release the tracker. Idempotent."""
        self._tracker.close()

    def _read_face(self, captured_ns: int, image: NDArray[np.uint8], face: Track) -> Evidence:
        with timed(self._observe, "face_quality"):
            picture = crop.crop_face(image, face.landmarks)
            measured, condition = quality.measure_face(picture, face, image.shape)
        if condition is not Condition.OK or self._expression is None:
            return Evidence(
                Modality.FACE, captured_ns, condition, measured, present=True, model=self.model
            )
        with timed(self._observe, "face_expression"):
            distribution = self._expression.read(picture, face.blendshapes)
        valence, arousal, dominance = expected_vad(distribution)
        return Evidence(
            Modality.FACE,
            captured_ns,
            condition,
            measured,
            distribution,
            valence,
            arousal,
            dominance,
            present=True,
            model=self.model,
        )

    def _blank(
        self, frame: Frame, condition: Condition, measured: Quality | None = None
    ) -> Evidence:
        return Evidence(
            Modality.FACE, frame.captured_ns, condition, measured or Quality(), model=self.model
        )

    def _report(self, error: Exception) -> None:
        if not self._failing:
            log.error("The face tracker failed: %s", type(error).__name__)
        self._failing = True


def as_bgr(image: object) -> NDArray[np.uint8] | None:
    """A picture as uint8, height x width x 3; None if it is none."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim not in (2, 3):
        return None
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels not in (1, 3, 4):
        return None
    if image.size == 0:
        return np.zeros((0, 0, 3), np.uint8)
    if channels == 3:
        return image
    code = cv2.COLOR_GRAY2BGR if channels == 1 else cv2.COLOR_BGRA2BGR
    return np.asarray(cv2.cvtColor(image, code), np.uint8)
