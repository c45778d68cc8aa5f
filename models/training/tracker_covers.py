"""Things in front of a face, drawn: hands, masks, glasses, hair, anything; and pictures of nothing.

All are drawn into a grey picture, uint8; `points` are landmarks in its pixels, N x 2 or more.
"""

import cv2
import numpy as np
from models.training.tracker_light import Grey, Random
from numpy.typing import NDArray

Points = NDArray[np.float32]

LOWER_FACE = (
    454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234,
)  # fmt: skip
"""Landmarks along the jaw, from one ear to the other."""
NOSE_BRIDGE = (6, 197, 195)
EYES = ((33, 133), (362, 263))
LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZabcdeghkmnopqrsuvwxyz0123456789&@%?!#"
FOREHEAD = (127, 54, 67, 10, 297, 284, 356)


def cover(image: Grey, points: Points, empty: list[Grey], random: Random) -> tuple[Grey, float]:
    """Put one thing in front of the face; returns the picture and the share of the face, seen as
    the hull of its landmarks, that is hidden."""
    mask = np.zeros_like(image)
    kinds = (
        draw_hand,
        draw_hand,
        draw_mask,
        draw_mask,
        draw_glasses,
        draw_glasses,
        draw_hair,
        draw_blob,
        draw_blob,
    )
    kinds[random.integers(len(kinds))](mask, points, random)
    fill = _filling(image, points, empty, random)
    covered = image.copy()
    covered[mask > 0] = fill[mask > 0]
    if random.random() < 0.5:
        soft = cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32) / 255
        covered = (soft * fill + (1 - soft) * image).astype(np.uint8)
    return covered, hidden_share(mask, points)


def hidden_share(mask: Grey, points: Points) -> float:
    face = np.zeros_like(mask)
    cv2.fillConvexPoly(face, hull(points), 1)
    return float((mask[face > 0] > 0).mean()) if face.any() else 0.0


def hull(points: Points) -> NDArray[np.int32]:
    return np.asarray(cv2.convexHull(points[:, :2].round().astype(np.int32)), np.int32)


def texture(height: int, width: int, random: Random) -> Grey:
    """A picture of nothing: clouds of noise, a gradient, stripes, shapes, text, or large letters.
    One in four is symmetric, as faces are."""
    drawn = (
        _letters(height, width, random) if random.random() < 0.3 else _shapes(height, width, random)
    )
    if random.random() < 0.25:
        half = drawn[:, : width // 2]
        drawn = np.hstack([half, drawn[:, width // 2 : width - width // 2], half[:, ::-1]])
    return drawn


def _letters(height: int, width: int, random: Random) -> Grey:
    """Bold letters with an outline, one to five of them across: to a small network the holes in
    them look like eyes and mouths."""
    low, high = np.sort(random.uniform(0, 255, 2))
    shade = np.linspace(*random.uniform(low, high, 2), height)[:, None] + np.zeros((1, width))
    drawn = np.ascontiguousarray(shade.astype(np.uint8))
    word = "".join(random.choice(list(LETTERS), random.integers(1, 6)))
    font = int(random.integers(0, 8)) | int(random.choice([0, cv2.FONT_ITALIC]))
    scale = random.uniform(0.6, 1.6) * height / 24 / len(word) ** 0.6
    place = (int(random.uniform(-0.2, 0.4) * width), int(random.uniform(0.5, 1.0) * height))
    bold = int(max(2, scale * random.uniform(2, 6)))
    ink, edge = (int(value) for value in random.integers(0, 256, 2))
    cv2.putText(drawn, word, place, font, scale, edge, bold + int(max(2, scale * 2)), cv2.LINE_AA)
    cv2.putText(drawn, word, place, font, scale, ink, bold, cv2.LINE_AA)
    return drawn


def _shapes(height: int, width: int, random: Random) -> Grey:
    image = np.zeros((height, width), np.float32)
    for cells in (2, 4, 8, 16, 48):
        if random.random() < 0.6:
            grid = random.standard_normal((cells, cells)).astype(np.float32)
            image += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(image * random.uniform(2, 45) + random.uniform(10, 245), 0, 255)
    drawn = picture.astype(np.uint8)
    kind = random.integers(6)
    for _ in range(random.integers(1, 12) if kind < 4 else 0):
        shade = int(random.integers(256))
        place = (int(random.integers(width)), int(random.integers(height)))
        size = (random.uniform(0.02, 0.45, 2) * min(height, width)).astype(int).tolist()
        if kind == 0:
            cv2.ellipse(drawn, place, size, random.uniform(0, 180), 0, 360, shade, -1)
        elif kind == 1:
            end = (place[0] + size[0] * 2, place[1] + size[1] * 2)
            cv2.rectangle(drawn, place, end, shade, -1 if random.random() < 0.6 else 2)
        elif kind == 2:
            end = (int(random.integers(width)), int(random.integers(height)))
            cv2.line(drawn, place, end, shade, int(random.integers(1, 9)))
        else:
            cv2.putText(
                drawn, "Lorem ipsum", place, 0, random.uniform(0.3, 1.5), shade, 1 + shade % 3
            )
    if kind == 4:
        wave = np.sin(np.arange(width) * random.uniform(0.05, 1.2)) * random.uniform(10, 90)
        drawn = np.clip(drawn + wave, 0, 255).astype(np.uint8)
    return drawn


def _filling(image: Grey, points: Points, empty: list[Grey], random: Random) -> Grey:
    """What the thing looks like: as bright as skin, flat, or a part of a picture."""
    height, width = image.shape
    if random.random() < 0.3:
        part = empty[random.integers(len(empty))]
        return np.asarray(cv2.resize(part, (width, height)), np.uint8)
    x, y = points[:, :2].mean(axis=0)
    skin = image[int(np.clip(y, 0, height - 1)), int(np.clip(x, 0, width - 1))]
    shade = float(skin) if random.random() < 0.4 else random.uniform(0, 255)
    grid = random.standard_normal((5, 5)).astype(np.float32) * random.uniform(0, 20) + shade
    return np.clip(cv2.resize(grid, (width, height)), 0, 255).astype(np.uint8)


def _span(points: Points) -> float:
    return float(np.ptp(points[:, 1])) + 1.0


def draw_hand(mask: Grey, points: Points, random: Random) -> None:
    """A palm and some fingers, from below or from a side."""
    span = _span(points)
    palm = points[random.integers(len(points)), :2] + random.normal(0, 0.15, 2) * span
    angle = random.uniform(-np.pi, 0)
    radius = random.uniform(0.1, 0.24) * span
    cv2.circle(mask, _at(palm), int(radius), 255, -1)
    wrist = palm - 2 * span * np.array([np.cos(angle), np.sin(angle)])
    cv2.line(mask, _at(palm), _at(wrist), 255, max(1, int(radius * 1.3)))
    for spread in np.linspace(-0.5, 0.5, 4) * random.uniform(0.2, 1.5):
        tip = palm + random.uniform(1.5, 2.6) * radius * np.array(
            [np.cos(angle + spread), np.sin(angle + spread)]
        )
        cv2.line(mask, _at(palm), _at(tip), 255, max(1, int(radius * 0.45)))


def draw_mask(mask: Grey, points: Points, random: Random) -> None:
    """A surgical mask: jaw to the bridge of the nose, or pulled below the nose."""
    bridge = points[NOSE_BRIDGE[random.integers(3)], :2]
    if random.random() < 0.2:
        bridge = points[2, :2]
    edge = np.vstack([points[list(LOWER_FACE), :2], bridge[None]])
    middle = edge.mean(axis=0)
    edge = middle + (edge - middle) * random.uniform(0.92, 1.12)
    cv2.fillPoly(mask, [edge.round().astype(np.int32)], 255)


def draw_glasses(mask: Grey, points: Points, random: Random) -> None:
    """Frames, or dark glass."""
    thickness = -1 if random.random() < 0.4 else int(max(1, _span(points) * 0.03))
    tall = random.uniform(0.3, 0.6)
    centres = []
    for outer, inner in EYES:
        centre = points[[outer, inner], :2].mean(axis=0)
        wide = float(np.linalg.norm(points[outer, :2] - points[inner, :2])) * random.uniform(
            0.7, 0.95
        )
        turn = float(np.degrees(np.arctan2(*(points[263, :2] - points[33, :2])[::-1])))
        axes = (max(1, int(wide)), max(1, int(wide * 2 * tall * 0.8)))
        cv2.ellipse(mask, _at(centre), axes, turn, 0, 360, 255, thickness)
        centres.append(_at(centre))
    cv2.line(mask, *centres, 255, max(1, abs(thickness)))
    if thickness > 0:
        return
    cv2.line(mask, _at(points[127]), _at(points[356]), 255, max(1, int(_span(points) * 0.02)))


def draw_hair(mask: Grey, points: Points, random: Random) -> None:
    """A fringe: the forehead, down to somewhere above or over the eyes."""
    span = _span(points)
    top = points[list(FOREHEAD), :2]
    down = (points[152, :2] - points[10, :2]) * random.uniform(0.05, 0.35)
    ragged = down[None] * random.uniform(0.4, 1.4, len(top))[:, None]
    edge = np.vstack([top - down * 0.8, (top + ragged)[::-1]])
    cv2.fillPoly(mask, [edge.round().astype(np.int32)], 255)
    for _ in range(random.integers(0, 6)):
        start = top[random.integers(len(top))]
        end = start + down * random.uniform(1, 3) + random.normal(0, 0.08, 2) * span
        cv2.line(mask, _at(start), _at(end), 255, max(1, int(span * 0.02)))


def draw_blob(mask: Grey, points: Points, random: Random) -> None:
    """A cup, a microphone, a controller."""
    span = _span(points)
    centre = points[random.integers(len(points)), :2] + random.normal(0, 0.2, 2) * span
    size = (random.uniform(0.06, 0.35, 2) * span).astype(int) + 1
    if random.random() < 0.5:
        cv2.ellipse(mask, _at(centre), size.tolist(), random.uniform(0, 180), 0, 360, 255, -1)
    else:
        cv2.rectangle(mask, _at(centre - size), _at(centre + size), 255, -1)


def _at(point: NDArray[np.float32]) -> tuple[int, int]:
    return int(point[0]), int(point[1])
