"""The landmark model: it reads the crop around a face."""

from math import atan2, cos, degrees, hypot, sin
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.experts.face.square import Square, cut, to_crop
from rapport.experts.store import Model

MODEL_ID = "face_mesh"


class Reading(NamedTuple):
    """What the model sees around a square. `landmarks` is float32, 478 x 3, in pixels of the
    frame; `blendshapes` float32, 52, 0 ... 1. `presence` (0 ... 1) says how sure it is that there
    is a face; without one the rest means nothing. `covered` is the estimated share of the face,
    0 ... 1, that something hides. `angles` are yaw, pitch and roll in degrees (see `Track`)."""

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    presence: float
    covered: float
    angles: tuple[float, float, float]


class Mesh:
    def __init__(self, model: Model) -> None:
        self._model = model

    def read(self, image: NDArray[np.uint8], square: Square) -> Reading:
        """:param image: uint8, height x width [x 3, BGR]."""
        matrix = to_crop(square)
        crop = cut(image, matrix).astype(np.float32)
        points, blendshapes, state, rotation = self._model.run({"crop": crop[None, None]})
        return Reading(
            to_frame(points[0], matrix),
            blendshapes[0],
            float(state[0, 0]),
            float(state[0, 1]),
            angles(rotation[0], square.angle),
        )


def to_frame(points: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Landmarks (N x 3) in pixels of the frame, from pixels of the crop that `matrix` cut."""
    turn = complex(matrix[0, 0], matrix[1, 0])
    plane = points[:, 0] + 1j * points[:, 1].astype(np.float64)
    plane = (plane - complex(matrix[0, 2], matrix[1, 2])) / turn
    depth = points[:, 2] / abs(turn)
    return np.stack([plane.real, plane.imag, depth], axis=1).astype(np.float32)


def angles(rotation: NDArray[np.float32], turn: float) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees (see `Track`).

    :param rotation: 6 values, the first two columns of the head's rotation in the crop (axes to
        the right, up and out of the picture), nearly orthonormal (Zhou et al. 2019).
    :param turn: angle of the crop in the frame, in radians, y down.
    """
    first = rotation[:3] / max(float(np.linalg.norm(rotation[:3])), 1e-6)
    second = rotation[3:] - np.dot(first, rotation[3:]) * first
    second = second / max(float(np.linalg.norm(second)), 1e-6)
    # Turning the picture turns x and y, and leaves z, which yaw and pitch are read from.
    third = first[0] * second[1] - first[1] * second[0]
    right = cos(turn) * first[0] + sin(turn) * first[1]
    up = -sin(turn) * first[0] + cos(turn) * first[1]
    yaw = atan2(-first[2], hypot(first[0], first[1]))
    pitch = -atan2(second[2], third)
    roll = -atan2(up, right)
    return degrees(yaw), degrees(pitch), degrees(roll)
