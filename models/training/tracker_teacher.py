"""MediaPipe's FaceLandmarker as the teacher of the compact tracker."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class Taught(NamedTuple):
    """One face: `landmarks` float32, 478 x 3 in pixels; `blendshapes` float32, 52; `rotation`
    float32, 3 x 3, x to the right of the picture, y up, z to the viewer."""

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    rotation: NDArray[np.float32]


class Teacher:
    """Looks at single pictures, at up to five faces in each."""

    def __init__(self, bundle: Path, confidence: float, faces: int = 5) -> None:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        self._mediapipe = mediapipe
        self._landmarker = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(bundle)),
                num_faces=faces,
                min_face_detection_confidence=confidence,
                min_face_presence_confidence=confidence,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )

    def look(self, image: NDArray[np.uint8]) -> list[Taught]:
        """:param image: uint8, height x width [x 3, BGR]."""
        code = cv2.COLOR_GRAY2RGB if image.ndim == 2 else cv2.COLOR_BGR2RGB
        picture = self._mediapipe.Image(
            self._mediapipe.ImageFormat.SRGB, np.ascontiguousarray(cv2.cvtColor(image, code))
        )
        found = self._landmarker.detect(picture)
        height, width = image.shape[:2]
        scale = np.array([width, height, width], np.float32)
        return [
            Taught(
                np.array([(p.x, p.y, p.z) for p in points], np.float32) * scale,
                np.array([shape.score for shape in shapes], np.float32),
                _rotation(np.asarray(matrix)[:3, :3]),
            )
            for points, shapes, matrix in zip(
                found.face_landmarks,
                found.face_blendshapes,
                found.facial_transformation_matrixes,
                strict=True,
            )
        ]

    def close(self) -> None:
        self._landmarker.close()


def _rotation(matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """The rotation in a matrix that also scales."""
    return np.asarray(matrix / np.cbrt(np.linalg.det(matrix)), np.float32)
