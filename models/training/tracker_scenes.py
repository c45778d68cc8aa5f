"""Samples for the detector: faces of every size somewhere in a scene, and scenes without one."""

from typing import NamedTuple

import cv2
import numpy as np
from models.training.tracker_covers import cover, hull, texture
from models.training.tracker_data import PATCH, PATCH_REACH, Faces, Pictures
from models.training.tracker_light import Grey, Random, spoil
from numpy.typing import NDArray

from rapport.experts.face.detector import STRIDE

SCENE = 160
"""Pixels; the network is fully convolutional, the live path gives it 160 x 128 and the like."""
CELLS = SCENE // STRIDE
SMALLEST, LARGEST = 8.0, 150.0
"""Sides of the squares that are found, in pixels of the scene."""
WITHOUT = 0.3
"""Share of the scenes without a face."""
SMALL, SMALL_TO = 0.25, 16.0
"""Extra share of small faces, and up to which side: they are the ones that are missed."""
PASTED = 0.4
"""Share of the faces that are cut out and pasted elsewhere."""


class Batch(NamedTuple):
    """`scenes` uint8, N x 1 x 160 x 160. `heat` float32, N x 20 x 20: 1 in the cell of a face's
    centre, falling around it; -1 where neither face nor none is asked for. `boxes` N x 5 x 20 x
    20: the detector's other outputs, where `near` (N x 20 x 20) is not zero."""

    scenes: NDArray[np.uint8]
    heat: NDArray[np.float32]
    boxes: NDArray[np.float32]
    near: NDArray[np.float32]


class Scenes:
    """Draws samples."""

    def __init__(self, faces: Faces, pictures: Pictures, empty: list[Grey]) -> None:
        self._faces, self._pictures, self._empty = faces, pictures, empty

    def batch(self, size: int, random: Random) -> Batch:
        drawn = [self._scene(random) for _ in range(size)]
        columns = [np.stack(column) for column in zip(*drawn, strict=True)]
        return Batch(columns[0][:, None], *columns[1:])

    def _scene(self, random: Random) -> tuple[NDArray[np.generic], ...]:
        scene = self._ground(random)
        for _ in range(random.integers(0, 4)):
            scene = self._distract(scene, random)
        squares: list[list[float]] = []
        if random.random() >= WITHOUT:
            for _ in range(1 if random.random() < 0.92 else 2):
                place = self._paste if random.random() < PASTED else self._place
                scene = place(scene, squares, random)
        return spoil(scene, random), *targets(np.array(squares).reshape(-1, 4))

    def _ground(self, random: Random) -> Grey:
        if random.random() < 0.4:
            return texture(SCENE, SCENE, random)
        part = self._empty[random.integers(len(self._empty))]
        return np.asarray(cv2.resize(part, (SCENE, SCENE)), np.uint8)

    def _distract(self, scene: Grey, random: Random) -> Grey:
        """A part of another picture, as a box, or as round as a pasted face."""
        width, height = (int(n) for n in random.integers(8, 110, 2))
        left, top = (int(n) for n in random.integers(-6, SCENE - 8, 2))
        part = self._empty[random.integers(len(self._empty))]
        if random.random() < 0.2:
            part = texture(48, 48, random)
        if random.random() < 0.5:
            height = int(width * random.uniform(1.0, 1.4))
        x0, y0, x1, y1 = (
            max(left, 0),
            max(top, 0),
            min(left + width, SCENE),
            min(top + height, SCENE),
        )
        piece = cv2.resize(part, (width, height))[y0 - top : y1 - top, x0 - left : x1 - left]
        mask = np.zeros((height, width), np.float32)
        if random.random() < 0.6:
            half = (width // 2, height // 2)
            cv2.ellipse(mask, half, half, 0, 0, 360, 1.0, -1)
            mask = cv2.GaussianBlur(mask, (0, 0), 1.5)
        else:
            mask[:] = 1.0
        mask = mask[y0 - top : y1 - top, x0 - left : x1 - left]
        scene = scene.copy()
        region = scene[y0:y1, x0:x1]
        scene[y0:y1, x0:x1] = (mask * piece + (1 - mask) * region).astype(np.uint8)
        return scene

    def _place(self, scene: Grey, squares: list[list[float]], random: Random) -> Grey:
        """A whole photograph with the people in it."""
        index = random.integers(len(self._pictures.images))
        image, seen = self._pictures.images[index], self._pictures.squares[index]
        turn, centre, side = _somewhere(random)
        chosen = seen[random.integers(len(seen))]
        if random.random() < 0.5:
            image = np.ascontiguousarray(image[:, ::-1])
            seen = seen * [-1, 1, 1, -1] + [image.shape[1], 0, 0, 0]
            chosen = chosen * [-1, 1, 1, -1] + [image.shape[1], 0, 0, 0]
        scale = side / chosen[2]
        turn *= scale
        offset = centre - turn * complex(chosen[0], chosen[1])
        height, width = image.shape
        corners = np.array([0, width, complex(width, height), 1j * height]) * turn + offset
        inside = np.zeros((SCENE, SCENE), np.uint8)
        placed = np.stack([corners.real, corners.imag], axis=1).round().astype(np.int32)
        cv2.fillConvexPoly(inside, placed, 1)
        for x, y, wide, angle in seen:
            where = complex(x, y) * turn + offset
            squares.append([where.real, where.imag, wide * scale, angle + float(np.angle(turn))])
        return np.where(inside > 0, _warp(image, turn, offset), scene)

    def _paste(self, scene: Grey, squares: list[list[float]], random: Random) -> Grey:
        """One face, cut out around its landmarks with some of its hair."""
        index = random.integers(len(self._faces.patches))
        patch, points = self._faces.patches[index], self._faces.landmarks[index]
        turn, centre, side = _somewhere(random)
        mask = np.zeros_like(patch)
        grown = points[:, :2] - points[:, :2].mean(axis=0)
        grown = grown * random.uniform([1.0, 1.0], [1.35, 1.5]) + points[:, :2].mean(axis=0)
        cv2.fillConvexPoly(mask, hull(grown.astype(np.float32)), 255)
        frame = np.zeros_like(patch)
        cv2.fillConvexPoly(frame, self._faces.frames[index].round().astype(np.int32), 255)
        mask &= frame
        if random.random() < 0.5:
            patch, _ = cover(patch, points, self._empty, random)
        if random.random() < 0.5:
            patch, mask = np.ascontiguousarray(patch[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
        turn *= side * PATCH_REACH / PATCH
        offset = centre - turn * complex(PATCH, PATCH) / 2
        soft = cv2.GaussianBlur(mask, (0, 0), random.uniform(1.0, 5.0))
        weight = _warp(soft, turn, offset, cv2.BORDER_CONSTANT).astype(np.float32) / 255
        squares.append([centre.real, centre.imag, side, float(np.angle(turn))])
        return (weight * _warp(patch, turn, offset) + (1 - weight) * scene).astype(np.uint8)


def targets(squares: NDArray[np.float64]) -> tuple[NDArray[np.float32], ...]:
    """`heat`, `boxes` and `near` (see `Batch`) of one scene, from M x 4 squares."""
    heat = np.zeros((CELLS, CELLS), np.float32)
    boxes = np.zeros((5, CELLS, CELLS), np.float32)
    near = np.zeros((CELLS, CELLS), np.float32)
    middle = np.arange(CELLS) + 0.5
    for x, y, side, angle in squares[np.argsort(squares[:, 2])]:
        across, down = x / STRIDE - middle[None], y / STRIDE - middle[:, None]
        distance = np.hypot(across, down)
        if not (0 <= x < SCENE and 0 <= y < SCENE and SMALLEST * 0.9 <= side <= LARGEST * 1.1):
            # Cut off, tiny or huge: it may be found, it need not.
            heat[(distance < max(0.5 * side / STRIDE, 1.0)) & (heat < 0.3)] = -1
            continue
        spread = max(0.09 * side / STRIDE, 0.4)
        heat = np.maximum(heat, np.exp(-0.5 * (distance / spread) ** 2).astype(np.float32))
        row, column = int(y / STRIDE), int(x / STRIDE)
        heat[row, column] = 1.0
        reach = distance <= 1.3
        near[reach] = 0.3
        near[row, column] = 1.0
        values = (across + 0 * down, down + 0 * across, np.log(side / STRIDE), np.cos(angle),
                  np.sin(angle))  # fmt: skip
        for plane, value in zip(boxes, values, strict=True):
            plane[reach] = value[reach] if np.ndim(value) else value
    return heat, boxes, near


def _somewhere(random: Random) -> tuple[complex, complex, float]:
    """A turn of length one, a centre and a side."""
    angle = random.uniform(-0.61, 0.61) if random.random() < 0.4 else random.normal(0, 0.12)
    largest = SMALL_TO if random.random() < SMALL else LARGEST
    side = float(np.exp(random.uniform(np.log(SMALLEST), np.log(largest))))
    room = min(side * 0.4, SCENE / 2 - 8)
    centre = complex(*random.uniform(room, SCENE - room, 2))
    return complex(np.exp(1j * angle)), centre, side


def _warp(image: Grey, turn: complex, offset: complex, border: int = cv2.BORDER_REPLICATE) -> Grey:
    block = max(1, min(int(1 / abs(turn)), *image.shape))
    if block > 1:
        size = (image.shape[1] // block, image.shape[0] // block)
        whole = image[: size[1] * block, : size[0] * block]
        image = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
        turn = turn * block
    offset += turn * complex(0.5, 0.5) - complex(0.5, 0.5)
    matrix = np.array([[turn.real, -turn.imag, offset.real], [turn.imag, turn.real, offset.imag]])
    return np.asarray(cv2.warpAffine(image, matrix, (SCENE, SCENE), borderMode=border), np.uint8)
