"""A still portrait that smiles, frowns, speaks, blinks and turns its head.

The portrait's face mesh (478 points from MediaPipe's face landmarker) is moved by a few actions;
every picture is the portrait looked up through the moved mesh, triangle by triangle. A head turn
then shifts each pixel by how near to the camera it is. Positions are in pixels of a 640x480
picture; actions are given in eye distances, so that they do not depend on its size.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.spatial import Delaunay
from skimage import data

WIDTH, HEIGHT = 640, 480
CROP = (74, 0, 300, 225)
"""x, y, width and height of the part of the 512x512 portrait that is shown: head and collar."""

# Point numbers of MediaPipe's face mesh; the first half of each pair is on the picture's left.
Eye = tuple[int, tuple[int, ...], tuple[int, ...], int]
EYES: tuple[Eye, Eye] = (
    (33, (246, 161, 160, 159, 158, 157, 173), (7, 163, 144, 145, 153, 154, 155), 133),
    (263, (466, 388, 387, 386, 385, 384, 398), (249, 390, 373, 374, 380, 381, 382), 362),
)
"""Outer corner, upper lid, lower lid, inner corner."""
IRISES = (468, 473)
MOUTH_CORNERS = (61, 291)
UPPER_LIP = (191, 80, 81, 82, 13, 312, 311, 310, 415)
LOWER_LIP = (95, 88, 178, 87, 14, 317, 402, 318, 324)
"""The inner edges of the lips, from the picture's left to its right, without the corners."""
INNER_CORNERS = (78, 308)
MOUTH_RING = [INNER_CORNERS[0], *UPPER_LIP, INNER_CORNERS[1], *LOWER_LIP[::-1]]
OUTER_LOWER_LIP = (146, 91, 181, 84, 17, 314, 405, 321, 375)
MESH_POINTS = 468
"""The ten iris points that follow are left out: the eyelids move over them."""


@dataclass(frozen=True)
class Pull:
    """Moves what is near some points: outwards from the face's middle, and down."""

    points: tuple[int, ...]
    out: float
    down: float
    reach: float
    """Distance at which the pull has fallen to 61 % (one sigma). All in eye distances."""


ACTIONS: dict[str, tuple[Pull, ...]] = {
    # The portrait smiles; this takes its smile away. The lips are closed by `_close_lips`.
    "unsmile": (
        Pull(MOUTH_CORNERS, -0.15, 0.21, 0.20),
        Pull((0,), 0.0, 0.045, 0.22),
        Pull((50, 280), -0.02, 0.08, 0.30),
        Pull((145, 374), 0.0, 0.035, 0.10),
    ),
    "grin": (
        Pull(MOUTH_CORNERS, 0.05, -0.06, 0.20),
        Pull((50, 280), 0.02, -0.05, 0.25),
        Pull((145, 374), 0.0, -0.03, 0.12),
    ),
    "brows_up": (
        Pull((105, 334), 0.0, -0.17, 0.22),
        Pull((107, 336), 0.0, -0.15, 0.18),
        Pull((10,), 0.0, -0.03, 0.4),
    ),
    "brows_down": (
        Pull((107, 336), -0.065, 0.135, 0.15),
        Pull((105, 334), -0.02, 0.07, 0.18),
        Pull((70, 300), 0.0, -0.02, 0.12),
    ),
    "eyes_wide": (Pull((159, 386), 0.0, -0.045, 0.09), Pull((145, 374), 0.0, 0.02, 0.09)),
    "eyes_narrow": (Pull((159, 386), 0.0, 0.03, 0.09), Pull((145, 374), 0.0, -0.025, 0.09)),
    "pout": (
        Pull(MOUTH_CORNERS, 0.035, 0.10, 0.15),
        Pull((17,), 0.0, -0.035, 0.20),
        Pull((152,), 0.0, -0.02, 0.25),
    ),
    "narrow_mouth": (Pull(MOUTH_CORNERS, -0.11, 0.0, 0.18),),
}
JAW_DROP = 0.42
"""How far the lower lip's middle goes down, in eye distances, at `jaw` 1."""
UPPER_LIP_LIFT = 0.05
CAVITY = (22, 10, 24)
"""Colour (BGR) of the open mouth."""
HEAD_DEPTH = 1.1
"""Distance, in eye distances, from the axis on which the head turns to the cheeks."""
HEAD_OUTLINE = (325, 190, 172, 175)
"""Centre and radii of an ellipse around the hair, where a head turn ends."""
LIP_SEAM = (62, 54, 104)
"""Colour (BGR) of the line between closed lips."""
LASHES = (38, 44, 66)
"""Colour (BGR) of the line along a closed upper lid."""


class Puppet:
    """The portrait, its mesh, and `pose`, which draws it."""

    def __init__(self, bundle: Path) -> None:
        x, y, width, height = CROP
        portrait = data.astronaut()[y : y + height, x : x + width, ::-1]
        size = (WIDTH, HEIGHT)
        self.picture = cv2.resize(portrait, size, interpolation=cv2.INTER_LANCZOS4)
        found = find_mesh(self.picture, bundle)
        points, depth = found[:, :2], found[:, 2]
        self.eye_distance = float(np.linalg.norm(points[IRISES[0]] - points[IRISES[1]]))
        self.middle = float(points[[*IRISES]].mean(axis=0)[0])
        self.points = points[:MESH_POINTS]
        self.rest = np.vstack([self.points, self._surround()])
        self.skin = self._cover_openings(2)
        self.lids = self._cover_openings(6)  # the lashes of open eyes too
        self.triangles = Delaunay(self.rest).simplices
        self.pulls = {name: self._displacement(pulls) for name, pulls in ACTIONS.items()}
        self.jaw = self._jaw_displacement()
        self.depth = self._depth_map(depth[:MESH_POINTS])

    def pose(self, actions: dict[str, float]) -> NDArray[np.uint8]:
        """Draw the portrait: amounts 0 … 1 of ACTIONS, `jaw` and `blink`; `yaw`, `pitch` and
        `roll` in degrees, positive to the picture's right, downwards and clockwise."""
        blink = actions.get("blink", 0.0)
        moved = self.points.copy()
        for name, pull in self.pulls.items():
            moved += actions.get(name, 0.0) * pull
        self._close_lips(moved, actions.get("unsmile", 0.0))
        moved += actions.get("jaw", 0.0) * self.jaw
        self._close_eyes(moved, blink)
        skin = cv2.addWeighted(self.skin, 1 - blink, self.lids, blink, 0)
        drawn = self._draw_mesh(skin, np.vstack([moved, self.rest[MESH_POINTS:]]))
        for eye in EYES:
            drawn = self._draw_eye(drawn, moved, eye)
        drawn = self._draw_mouth(drawn, moved)
        turn = (actions.get(name, 0.0) for name in ("yaw", "pitch", "roll"))
        return self._turn(drawn, *turn)

    def _surround(self) -> NDArray[np.float64]:
        """Points around the face and on the frame that stay where they are."""
        centre = (self.points.min(axis=0) + self.points.max(axis=0)) / 2
        radii = (self.points.max(axis=0) - self.points.min(axis=0)) / 2
        angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        ring = centre + 1.45 * radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        edge_x, edge_y = np.linspace(0, WIDTH - 1, 9), np.linspace(0, HEIGHT - 1, 7)
        top = [(x, y) for x in edge_x for y in (0, HEIGHT - 1)]
        sides = [(x, y) for x in (0, WIDTH - 1) for y in edge_y[1:-1]]
        inside = (ring[:, 1] > 1) & (ring[:, 1] < HEIGHT - 2)
        return np.vstack([ring[inside], np.array(top + sides)])

    def _cover_openings(self, eye_rim: int) -> NDArray[np.uint8]:
        """The portrait with skin for eyes and mouth: those are drawn apart, unstretched.

        The mesh runs just inside their edges, and a sliver of tooth or iris would stick to the
        skin: so a rim of some pixels is covered too.
        """
        covered = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        for ring, rim in ((MOUTH_RING, 2), *((eye_ring(eye), eye_rim) for eye in EYES)):
            outline = np.round(self.points[ring]).astype(np.int32)
            cv2.fillPoly(covered, [outline], 255)
            cv2.polylines(covered, [outline], True, 255, 2 * rim + 1)
        return cv2.inpaint(self.picture, covered, 5, cv2.INPAINT_TELEA)

    def _displacement(self, pulls: tuple[Pull, ...]) -> NDArray[np.float64]:
        total = np.zeros_like(self.points)
        for pull in pulls:
            for point in pull.points:
                anchor = self.points[point]
                away = np.linalg.norm(self.points - anchor, axis=1) / self.eye_distance
                weight = np.exp(-0.5 * (away / pull.reach) ** 2)[:, None]
                side = np.sign(anchor[0] - self.middle)
                total += weight * self.eye_distance * np.array([side * pull.out, pull.down])
        return total

    def _jaw_displacement(self) -> NDArray[np.float64]:
        """Everything below the mouth goes down, most in the middle; the upper lip a little up."""
        left, right = (self.points[corner] for corner in INNER_CORNERS)
        half = (right[0] - left[0]) / 2
        across = (self.points[:, 0] - (left[0] + right[0]) / 2) / half
        below = (self.points[:, 1] - (left[1] + right[1]) / 2) / self.eye_distance
        lower = np.zeros(MESH_POINTS, dtype=bool)
        lower[below > 0.06] = True
        lower[[*LOWER_LIP, *OUTER_LOWER_LIP]] = True
        lower[[*UPPER_LIP, *INNER_CORNERS, *MOUTH_CORNERS]] = False
        spread = 1.0 + 1.6 * np.clip(below, 0, None)  # the chin is wider than the mouth
        weight = np.where(lower, np.exp(-1.1 * (across / spread) ** 4), 0.0)
        weight[[*LOWER_LIP]] = 1 - np.clip(np.abs(across[[*LOWER_LIP]]), 0, 1) ** 3
        down = JAW_DROP * weight
        down[[*MOUTH_CORNERS, *INNER_CORNERS]] = 0.30 * JAW_DROP
        lips = [*UPPER_LIP]
        down[lips] = -UPPER_LIP_LIFT * (1 - np.clip(np.abs(across[lips]), 0, 1) ** 2)
        return np.stack([np.zeros(MESH_POINTS), down * self.eye_distance], axis=1)

    def _close_lips(self, moved: NDArray[np.float64], amount: float) -> None:
        """Bring the inner edges of the lips together; the outer lower lip follows halfway."""
        upper, lower = moved[[*UPPER_LIP]], moved[[*LOWER_LIP]]
        seam = 0.55 * upper + 0.45 * lower
        gap = np.array([0.0, 0.25])
        moved[[*UPPER_LIP]] += amount * (seam - gap - upper)
        moved[[*LOWER_LIP]] += amount * (seam + gap - lower)
        moved[[*OUTER_LOWER_LIP]] += 0.75 * amount * (seam - lower)

    def _close_eyes(self, moved: NDArray[np.float64], amount: float) -> None:
        for _, upper, lower, _ in EYES:
            seam = 0.12 * moved[[*upper]] + 0.88 * moved[[*lower]]
            moved[[*upper]] += amount * (seam - [0.0, 0.3] - moved[[*upper]])

    def _draw_mesh(self, skin: NDArray[np.uint8], moved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Look every pixel up in the portrait through the triangle that covers it."""
        number = np.zeros((HEIGHT, WIDTH), dtype=np.int32)
        corners = moved[self.triangles]
        sixteenths = np.round(corners * 16).astype(np.int32)
        for index, corner in enumerate(sixteenths):
            cv2.fillConvexPoly(number, corner, index + 1, shift=4)
        to_source = np.zeros((len(self.triangles) + 1, 3, 2))
        to_source[0, :2] = np.eye(2)
        ones = np.ones((len(corners), 3, 1))
        square = np.concatenate([corners, ones], axis=2) + 1e-6 * np.eye(3)  # flat ones too
        to_source[1:] = np.linalg.solve(square, self.rest[self.triangles])
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
        here = np.stack([x, y, np.ones_like(x)], axis=-1)
        there = np.einsum("yxi,yxij->yxj", here, to_source[number]).astype(np.float32)
        return cv2.remap(skin, there[..., 0], there[..., 1], cv2.INTER_CUBIC)

    def _draw_eye(
        self, drawn: NDArray[np.uint8], moved: NDArray[np.float64], eye: Eye
    ) -> NDArray[np.uint8]:
        """The eyeball stays while the lids move over it; wide lids show a little more of it."""
        outer, upper, lower, inner = eye
        rest_height, height = (
            float((points[[*lower]] - points[[*upper]])[:, 1].mean())
            for points in (self.points, moved)
        )
        stretch = max(1.0, height / rest_height)
        middle = (moved[outer] + moved[inner]) / 2
        shift = middle - (self.points[outer] + self.points[inner]) / 2
        slide = np.array(
            [[1, 0, shift[0]], [0, stretch, middle[1] - stretch * (middle - shift)[1]]]
        )
        ball = cv2.warpAffine(self.picture, slide, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
        opening = soft_polygon(moved[eye_ring(eye)], 0.8)
        mixed = drawn * (1 - opening) + ball * opening
        closed = float(np.clip(1 - 1.6 * height / rest_height, 0, 1))
        return draw_line(mixed, moved[[outer, *upper, inner]], LASHES, 0.8 * closed)

    def _draw_mouth(
        self, drawn: NDArray[np.uint8], moved: NDArray[np.float64]
    ) -> NDArray[np.uint8]:
        """Fill the mouth with the dark and the upper teeth, which do not stretch with the lips."""
        opening = soft_polygon(moved[MOUTH_RING], 0.9)
        shift = (moved[[*UPPER_LIP]] - self.points[[*UPPER_LIP]]).mean(axis=0)
        shift[1] *= 0.5  # the skull does not rise with the lip
        slide = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        teeth = cv2.warpAffine(self.picture, slide, (WIDTH, HEIGHT))
        seen = soft_polygon(self.points[MOUTH_RING] + shift, 1.2)
        inside = np.array(CAVITY, dtype=np.float64) * (1 - seen) + teeth * seen
        mixed = drawn * (1 - opening) + inside * opening
        gap = float((moved[[*LOWER_LIP]] - moved[[*UPPER_LIP]])[:, 1].mean())
        seam = moved[[INNER_CORNERS[0], *LOWER_LIP, INNER_CORNERS[1]]]
        return draw_line(mixed, seam, LIP_SEAM, 0.6 * float(np.clip(1 - gap / 3, 0, 1)))

    def _depth_map(self, landmark_depth: NDArray[np.float64]) -> NDArray[np.float32]:
        """How far each pixel stands before the axis of the head, in pixels; 0 outside it."""
        x, y, radius_x, radius_y = HEAD_OUTLINE
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        rim = np.vstack([[x, y] + k * circle * [radius_x, radius_y] for k in (1.0, 1.2, 1.5)])
        known = np.vstack([self.points, rim])
        heights = np.append(HEAD_DEPTH * self.eye_distance - landmark_depth, np.zeros(len(rim)))
        surface = RBFInterpolator(known, heights, kernel="linear", smoothing=3.0)
        columns, rows = np.arange(0, WIDTH, 8), np.arange(0, HEIGHT, 8)
        places = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
        outside = (((places - [x, y]) / [radius_x, radius_y]) ** 2).sum(axis=1) > 1.2
        coarse = np.where(outside, 0.0, np.clip(surface(places.astype(float)), 0, None))
        grid = coarse.reshape(len(rows), len(columns)).astype(np.float32)
        whole = cv2.resize(grid, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        return cv2.GaussianBlur(whole, None, 14.0)

    def _turn(
        self, drawn: NDArray[np.uint8], yaw: float, pitch: float, roll: float
    ) -> NDArray[np.uint8]:
        shift_x, shift_y = np.sin(np.radians([yaw, pitch]))
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        neck_x, neck_y = self.middle, self.points[:, 1].max() + 0.3 * self.eye_distance
        angle = np.radians(roll) * np.clip((neck_y - y) / (2 * self.eye_distance), 0, 1)
        rolled_x = neck_x + (x - neck_x) * np.cos(angle) + (y - neck_y) * np.sin(angle)
        rolled_y = neck_y - (x - neck_x) * np.sin(angle) + (y - neck_y) * np.cos(angle)
        from_x, from_y = rolled_x, rolled_y
        for _ in range(6):  # the depth where the pixel came from, not where it is now
            there = (from_x.astype(np.float32), from_y.astype(np.float32))
            depth = cv2.remap(self.depth, *there, cv2.INTER_LINEAR)
            from_x, from_y = rolled_x - shift_x * depth, rolled_y - shift_y * depth
        there = (from_x.astype(np.float32), from_y.astype(np.float32))
        return cv2.remap(drawn, *there, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def find_mesh(picture: NDArray[np.uint8], bundle: Path) -> NDArray[np.float64]:
    """The 478 face points of a picture: x and y in pixels, depth on the same scale."""
    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(bundle)))
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        rgb = np.ascontiguousarray(picture[:, :, ::-1])
        faces = landmarker.detect(Image(image_format=ImageFormat.SRGB, data=rgb)).face_landmarks
    return np.array([(point.x * WIDTH, point.y * HEIGHT, point.z * WIDTH) for point in faces[0]])


def eye_ring(eye: Eye) -> list[int]:
    outer, upper, lower, inner = eye
    return [outer, *upper, inner, *lower[::-1]]


def soft_polygon(corners: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """A mask, 0 … 1, of height x width x 1 with a soft edge."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    sixteenths = np.round(corners * 16).astype(np.int32)
    cv2.fillPoly(mask, [sixteenths], 255, lineType=cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(mask / 255.0, None, sigma)[:, :, None]


def draw_line(
    picture: NDArray[np.float64],
    points: NDArray[np.float64],
    colour: tuple[int, ...],
    amount: float,
) -> NDArray[np.uint8]:
    """A soft line of two pixels; amount 0 … 1 is how much it covers."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    sixteenths = np.round(points * 16).astype(np.int32)
    cv2.polylines(mask, [sixteenths], False, 255, 2, cv2.LINE_AA, shift=4)
    line = cv2.GaussianBlur(mask / 255.0, None, 0.7)[:, :, None] * amount
    return np.clip(picture * (1 - line) + np.array(colour) * line, 0, 255).astype(np.uint8)
