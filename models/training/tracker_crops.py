"""Samples for the landmark model: face crops as tracking and searching cut them, and crops of
anything but a face."""

from typing import NamedTuple

import cv2
import numpy as np
from models.training.tracker_covers import cover, hull, texture
from models.training.tracker_data import PATCH, Faces, turned
from models.training.tracker_light import Grey, Random, spoil
from numpy.typing import NDArray

from rapport.experts.face.square import MESH_REACH, MESH_SIZE
from rapport.experts.face.tracker import BLENDSHAPES

NEGATIVE = 0.25
"""Share of the samples in which there is no face."""
SEARCHING = 0.35
"""Share of the crops that lie as badly as the detector leaves them; the rest lie as tracking
does."""
COVERED = 0.3
CLEAN = 0.25
"""Share of the faces that are seen as well as the teacher sees them."""
NEW_GROUND = 0.7
"""Share of the crops in which what lies beyond the picture is filled with something."""
LEAST_SEEN = 3.0
"""Grey levels; a crop with a smaller deviation is not asked whether there is a face."""
FACE_SIDE = MESH_SIZE / MESH_REACH
MIRRORED_SHAPES = np.array(
    [
        BLENDSHAPES.index(name.replace("Left", "?").replace("Right", "Left").replace("?", "Right"))
        for name in BLENDSHAPES
    ]
)


class Batch(NamedTuple):
    """`crops` uint8, N x 1 x 96 x 96; `points` float32, N x 478 x 3 in pixels of the crop;
    `blendshapes` N x 52; `rotation` N x 6; `face` N, 1 or 0, or -1 where it is too dark to say;
    `hidden` N, 0 ... 1. Of a sample without a face only `face` counts."""

    crops: NDArray[np.uint8]
    points: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    rotation: NDArray[np.float32]
    face: NDArray[np.float32]
    hidden: NDArray[np.float32]


def mirrored_points(faces: Faces) -> NDArray[np.int64]:
    """For each landmark its partner on the other side: the nearest to its mirror image in the mean
    face."""
    mean = faces.landmarks[:2000].mean(axis=0)
    mean = mean - mean.mean(axis=0)
    other = mean * np.array([-1, 1, 1], np.float32)
    return np.asarray(((other[:, None] - mean[None]) ** 2).sum(axis=2).argmin(axis=1))


class Crops:
    """Draws samples."""

    def __init__(self, faces: Faces, empty: list[Grey]) -> None:
        self.faces, self._empty = faces, empty
        self._partner = mirrored_points(faces)

    def batch(self, size: int, random: Random) -> Batch:
        drawn = [
            self._nothing(random) if random.random() < NEGATIVE else self._face(random)
            for _ in range(size)
        ]
        columns = [np.stack(column).astype(np.float32) for column in zip(*drawn, strict=True)]
        return Batch(columns[0].astype(np.uint8)[:, None], *columns[1:])

    def _face(self, random: Random) -> tuple[object, ...]:
        index = random.integers(len(self.faces.patches))
        patch, points, shapes, rotation, frame, covered = (column[index] for column in self.faces)
        matrix = _jitter(random)
        if random.random() < 0.5:
            # A mirror image is a face too; x -> PATCH - x in coordinates of pixel corners.
            patch, points = patch[:, ::-1], points[self._partner] * [-1, 1, 1] + [PATCH, 0, 0]
            frame = frame * [-1, 1] + [PATCH, 0]
            shapes = shapes[MIRRORED_SHAPES]
            flip = np.diag([-1, 1, 1])
            rotation = flip @ rotation @ flip
        crop = self._warped(patch, frame, matrix, random)
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        points = np.hstack([points[:, :2] @ matrix[:, :2].T + matrix[:, 2], points[:, 2:] * scale])
        rotation = turned(rotation, float(np.arctan2(matrix[1, 0], matrix[0, 0])))
        if random.random() < COVERED:
            crop, share = cover(crop, points.astype(np.float32), self._empty, random)
            covered = max(covered, share)
        if random.random() >= CLEAN:
            crop = spoil(crop, random)
        seen = 1.0 if crop.std() > LEAST_SEEN else -1.0
        return crop, points, shapes, rotation[:, :2].T.ravel(), seen, covered

    def _warped(
        self, patch: Grey, frame: NDArray[np.float32], matrix: NDArray[np.float64], random: Random
    ) -> Grey:
        crop = _warp(patch, matrix)
        if random.random() < NEW_GROUND:
            inside = np.zeros_like(crop)
            corners = frame @ matrix[:, :2].T + matrix[:, 2]
            cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 1)
            if not inside.all():
                crop = np.where(inside > 0, crop, self._ground(random))
        return crop

    def _ground(self, random: Random) -> Grey:
        """A picture without a face."""
        if random.random() < 0.45:
            return texture(MESH_SIZE, MESH_SIZE, random)
        part = self._empty[random.integers(len(self._empty))]
        side = int(random.uniform(0.4, 1.0) * min(part.shape))
        left, top = (int(random.integers(0, length - side + 1)) for length in part.shape[::-1])
        chosen = part[top : top + side, left : left + side]
        chosen = np.rot90(chosen, random.integers(4)) if random.random() < 0.3 else chosen
        chosen = 255 - chosen if random.random() < 0.15 else chosen
        size = (MESH_SIZE, MESH_SIZE)
        return np.asarray(cv2.resize(np.ascontiguousarray(chosen), size), np.uint8)

    def _nothing(self, random: Random) -> tuple[object, ...]:
        often = (self._ground, self._ground, self._rounded, self._drifted)
        kinds = (*often, *often, self._scrambled, self._blank)
        crop = kinds[random.integers(len(kinds))](random)
        empty = np.zeros((478, 3)), np.zeros(52), np.zeros(6), 0.0, 0.0
        return spoil(crop, random), *empty

    def _drifted(self, random: Random) -> Grey:
        """A crop that holds only a part of a face, or one that is far too small."""
        index = random.integers(len(self.faces.patches))
        patch, frame = self.faces.patches[index], self.faces.frames[index]
        turn = np.exp(1j * random.normal(0, 0.4))
        shift = 0j
        if random.random() < 0.6:
            turn *= random.uniform(0.8, 2.2)
            # At least three quarters of a face beside the middle.
            reach = FACE_SIDE * max(abs(turn), 1.0) * random.uniform(0.75, 1.1)
            shift = reach * np.exp(1j * random.uniform(0, 2 * np.pi))
        else:
            turn *= random.uniform(0.12, 0.33)
            shift = complex(*random.uniform(-30, 30, 2))
        matrix = _similarity(turn, shift)
        crop = _warp(patch, matrix)
        inside = np.zeros_like(crop)
        whole = np.array([[0, 0], [PATCH, 0], [PATCH, PATCH], [0, PATCH]])
        for corners in (frame, whole):
            part = np.zeros_like(crop)
            placed = corners @ matrix[:, :2].T + matrix[:, 2]
            cv2.fillConvexPoly(part, placed.round().astype(np.int32), 1)
            inside = part if corners is frame else inside * part
        return np.where(inside > 0, crop, self._ground(random))

    def _scrambled(self, random: Random) -> Grey:
        """Shuffled parts of a face; a head without features; a face wiped out by a thing."""
        index = random.integers(len(self.faces.patches))
        matrix = _jitter(random)
        crop = _warp(self.faces.patches[index], matrix)
        kind = random.integers(3)
        if kind == 0:
            tiles = [crop[y : y + 32, x : x + 32] for y in (0, 32, 64) for x in (0, 32, 64)]
            order = random.permutation(9)
            rows = [np.hstack([tiles[i] for i in order[row : row + 3]]) for row in (0, 3, 6)]
            return np.vstack(rows)
        points = self.faces.landmarks[index, :, :2] @ matrix[:, :2].T + matrix[:, 2]
        inside = np.zeros_like(crop)
        cv2.fillConvexPoly(inside, hull(points.astype(np.float32)), 255)
        inside = cv2.dilate(inside, np.ones((5, 5), np.uint8))
        smooth = cv2.GaussianBlur(crop, (0, 0), random.uniform(12, 30))
        return np.where(inside > 0, smooth if kind == 1 else self._ground(random), crop)

    def _rounded(self, random: Random) -> Grey:
        """Something else in the place and the shape of a head."""
        mask = np.zeros((MESH_SIZE, MESH_SIZE), np.float32)
        centre = (MESH_SIZE / 2 + random.normal(0, 6, 2)).astype(int).tolist()
        size = (random.uniform(0.25, 0.55, 2) * MESH_SIZE).astype(int).tolist()
        cv2.ellipse(mask, centre, size, random.uniform(0, 180), 0, 360, 1.0, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), random.uniform(0.5, 6))
        inside, outside = self._ground(random), self._ground(random)
        return (mask * inside + (1 - mask) * outside).astype(np.uint8)

    def _blank(self, random: Random) -> Grey:
        shade = int(random.integers(256))
        return np.full((MESH_SIZE, MESH_SIZE), shade, np.uint8)


def _jitter(random: Random) -> NDArray[np.float64]:
    """How a crop lies: patch pixels to crop pixels."""
    if random.random() < SEARCHING:
        angle = random.uniform(-0.6, 0.6)
        scale, shift = np.exp(random.normal(0, 0.17)), random.normal(0, 0.12, 2)
    else:
        angle = random.normal(0, 0.1)
        scale, shift = np.exp(random.normal(0, 0.07)), random.normal(0, 0.05, 2)
    return _similarity(scale * np.exp(1j * angle), complex(*shift) * FACE_SIDE)


def _similarity(turn: complex, shift: complex) -> NDArray[np.float64]:
    """Turns and scales about the middle of the patch and moves that to the middle of the crop,
    `shift` pixels beside it."""
    offset = complex(MESH_SIZE, MESH_SIZE) / 2 + shift - turn * complex(PATCH, PATCH) / 2
    return np.array([[turn.real, -turn.imag, offset.real], [turn.imag, turn.real, offset.imag]])


def _warp(patch: Grey, matrix: NDArray[np.float64]) -> Grey:
    half = matrix.copy()
    half[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.6:
        patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), 0.4 / scale), np.uint8)
    size = (MESH_SIZE, MESH_SIZE)
    return np.asarray(
        # Bilinear would blur what the runtime cuts only once.
        cv2.warpAffine(
            np.ascontiguousarray(patch), half, size, None, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
