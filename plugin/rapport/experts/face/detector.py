"""The face detector: it searches whole frames for the squares around faces."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from rapport.experts.face.crop import grey
from rapport.experts.face.square import Square
from rapport.experts.store import Model

MODEL_ID = "face_detector"

LONG_SIDE = 160
"""Pixels of the longer side of the picture that the detector sees. Faces of 9 to 150 pixels are
found in it: in a frame 640 wide those of 36 to 600."""
MULTIPLE = 32
"""The picture is filled up to a multiple of the network's coarsest cell."""
STRIDE = 8
"""Pixels of the picture per cell of the output."""
SMALLEST_SIDE = 6.0
"""Pixels of the picture; what claims to be smaller is none."""


class Candidate(NamedTuple):
    """Where a face may be; `score` is 0 ... 1."""

    score: float
    square: Square


class Detector:
    def __init__(self, model: Model) -> None:
        self._model = model

    def search(self, image: NDArray[np.uint8], least: float, at_most: int = 2) -> list[Candidate]:
        """Faces with a score of at least `least`, the most prominent first.

        :param image: uint8, height x width [x 3, BGR].
        """
        picture, scale = scaled(image)
        cells = self._model.run({"picture": picture.astype(np.float32)[None, None]})[0][0]
        found = decode(cells, least)
        found.sort(key=lambda face: face.score * face.square.side**0.5, reverse=True)
        return [
            Candidate(
                face.score,
                Square(
                    face.square.x / scale,
                    face.square.y / scale,
                    face.square.side / scale,
                    face.square.angle,
                ),
            )
            for face in found[:at_most]
        ]


def scaled(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The frame as the detector sees it (grey, both sides a multiple of 32, filled up at the right
    and at the bottom with the frame's edge), and how much smaller it is."""
    height, width = image.shape[:2]
    scale = LONG_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Averaging whole blocks first is many times faster than an area average by a broken factor,
    # and as free of aliasing.
    block = int(1 / scale)
    if block > 1 and min(height, width) >= block:
        whole = image[: height // block * block, : width // block * block]
        part = (width // block, height // block)
        image = np.asarray(cv2.resize(whole, part, interpolation=cv2.INTER_AREA), np.uint8)
    picture = cv2.resize(grey(image), size, interpolation=cv2.INTER_LINEAR)
    below, right = -size[1] % MULTIPLE, -size[0] % MULTIPLE
    filled = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(filled, np.uint8), scale


def decode(cells: NDArray[np.float32], least: float) -> list[Candidate]:
    """Peaks of the detector's output, 6 x rows x columns (see `models/training/tracker_nets.py`),
    as squares in pixels of its picture."""
    chance = 1.0 / (1.0 + np.exp(-np.clip(cells[0], -30, 30)))
    padded = np.pad(chance, 1)
    rows, columns = chance.shape
    around = np.max(
        [padded[dy : dy + rows, dx : dx + columns] for dy in range(3) for dx in range(3)], axis=0
    )
    found = []
    for row, column in np.argwhere((chance >= max(least, 1e-6)) & (chance >= around)):
        across, down, size, cos, sin = cells[1:, row, column].astype(float)
        side = float(np.exp(np.clip(size, -2.0, 5.0))) * STRIDE
        if side >= SMALLEST_SIDE:
            x, y = (column + 0.5 + across) * STRIDE, (row + 0.5 + down) * STRIDE
            square = Square(float(x), float(y), side, float(np.arctan2(sin, cos)))
            found.append(Candidate(float(chance[row, column]), square))
    return found
