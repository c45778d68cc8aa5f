"""The square around a face: what the detector looks for, and where the landmark crop is cut."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from rapport.experts.face.crop import grey

MESH_SIZE = 96
"""Pixels of the square picture that the landmark model sees."""
MESH_REACH = 1.4
"""Side of that picture in sides of the face's square, so that a face which has moved since the
last frame is still inside."""

_RIGHT_EYE, _LEFT_EYE = 33, 263
"""Outer corners of the eyes in MediaPipe's face mesh; the line between them is the face's roll."""


class Square(NamedTuple):
    """Centre and side in pixels of the frame; `angle` in radians from the frame's x axis to the
    line from the right to the left eye, y pointing down."""

    x: float
    y: float
    side: float
    angle: float


def square_of(landmarks: NDArray[np.float32]) -> Square:
    """The smallest square, turned with the eyes, that holds all landmarks (N x 2 or more)."""
    points = landmarks[:, 0].astype(np.float64) + 1j * landmarks[:, 1]
    angle = float(np.angle(points[_LEFT_EYE] - points[_RIGHT_EYE]))
    upright = points * np.exp(-1j * angle)
    low = complex(upright.real.min(), upright.imag.min())
    high = complex(upright.real.max(), upright.imag.max())
    centre = (low + high) / 2 * np.exp(1j * angle)
    side = max(high.real - low.real, high.imag - low.imag, 1.0)
    return Square(float(centre.real), float(centre.imag), float(side), angle)


def to_crop(
    square: Square, size: int = MESH_SIZE, reach: float = MESH_REACH
) -> NDArray[np.float64]:
    """The 2 x 3 similarity transform from frame pixels to pixels of the upright picture, `size`
    wide, that spans `reach` sides of the square."""
    turn = size / (reach * square.side) * np.exp(-1j * square.angle)
    offset = complex(size, size) / 2 - turn * complex(square.x, square.y)
    return np.array([[turn.real, -turn.imag, offset.real], [turn.imag, turn.real, offset.imag]])


def cut(
    image: NDArray[np.uint8], matrix: NDArray[np.float64], size: int = MESH_SIZE
) -> NDArray[np.uint8]:
    """The grey picture, `size` squared, that `matrix` (see `to_crop`) takes out of a BGR or grey
    one. A large face is averaged over whole blocks of pixels first; what lies outside the frame
    repeats its edge."""
    turn = complex(matrix[0, 0], matrix[1, 0])
    offset = complex(matrix[0, 2], matrix[1, 2])
    corners = (np.array([0, size, 1j * size, size + 1j * size]) - offset) / turn
    height, width = image.shape[:2]
    left, right = _span(corners.real, width)
    top, bottom = _span(corners.imag, height)
    part = grey(image[top:bottom, left:right])
    block = max(1, min(int(1 / abs(turn)), *part.shape))
    if block > 1:
        rows, columns = part.shape[0] // block, part.shape[1] // block
        part = np.asarray(
            cv2.resize(
                part[: rows * block, : columns * block],
                (columns, rows),
                interpolation=cv2.INTER_AREA,
            ),
            np.uint8,
        )
    # Pixel centres are at whole numbers for OpenCV, and at halves for `matrix`.
    turn, offset = turn * block, offset + turn * complex(left, top)
    offset += turn * complex(0.5, 0.5) - complex(0.5, 0.5)
    forward = np.array([[turn.real, -turn.imag, offset.real], [turn.imag, turn.real, offset.imag]])
    warped = cv2.warpAffine(
        part, forward, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)


def _span(values: NDArray[np.float64], limit: int) -> tuple[int, int]:
    start = int(np.clip(np.floor(values.min()) - 2, 0, limit - 1))
    return start, int(np.clip(np.ceil(values.max()) + 2, start + 1, limit))
