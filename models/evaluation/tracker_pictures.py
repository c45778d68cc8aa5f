"""Draws faces as lines: what MediaPipe sees and what the compact tracker sees, on empty paper.

No pixel of a photograph is drawn, so that the pictures can go where the photographs may not.
"""

from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from models.evaluation.tracker_report import Pair, Seen, places
from numpy.typing import NDArray

from rapport.experts.face.square import square_of, to_crop
from rapport.experts.face.tracker import BLENDSHAPES

# fmt: off
CLOSED = (
    (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
     148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),  # oval
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),  # right eye
    (362, 382, 381, 380, 374, 373, 390, 249, 263, 466, 388, 387, 386, 385, 384, 398),  # left eye
    (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),  # right brow
    (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),  # left brow
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
    (469, 470, 471, 472), (474, 475, 476, 477),  # irises
)
OPEN = ((168, 6, 197, 195, 5, 4), (98, 97, 2, 326, 327))
# fmt: on
"""Outlines of the features, as landmarks of MediaPipe's face mesh."""
EACH = 6
"""Faces in a row."""
SIDE, CAPTION = 200, 44
REACH = 1.2
HEAD = 24
PAPER, INK, TEACHER, OURS = "#ffffff", "#1f2328", "#096ecb", "#d0402b"
FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"


def draw_faces(seen: list[Seen], expressive: list[str] | None, folder: Path) -> None:
    """Write `face_tracker-worst.svg` into a folder: the faces with the largest landmark errors,
    those with the largest blendshape errors, and ordinary ones."""
    both = [pair for frame in seen if (pair := frame.pair)]
    if not both or expressive is None:
        return
    wanted = places(expressive)
    by_points = sorted(both, key=lambda pair: pair.landmark_error, reverse=True)
    by_shapes = sorted(both, key=lambda pair: -float(pair.shapes_apart[wanted].mean()))
    middle = max(0, len(both) // 2 - EACH // 2)
    rows = {
        "largest landmark errors": by_points[:EACH],
        "largest blendshape errors": by_shapes[:EACH],
        "ordinary ones: landmark errors around the median": by_points[middle : middle + EACH],
    }
    width, height = EACH * SIDE, HEAD + SIDE + CAPTION
    parts = [
        f"<g transform='translate(0 {line * height})'>{_row(title, faces, wanted)}</g>"
        for line, (title, faces) in enumerate(rows.items())
    ]
    size = f"width='{width}' height='{len(rows) * height}'"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "face_tracker-worst.svg").write_text(
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} {FONT}>"
        f"<rect {size} fill='{PAPER}'/>{''.join(parts)}</svg>\n",
        encoding="utf-8",
    )


def _row(title: str, faces: list[Pair], wanted: list[int]) -> str:
    head = _text(8, 17, f"{title} (MediaPipe blue, compact tracker red)", 14)
    cells = [
        f"<g transform='translate({column * SIDE} {HEAD})'>{_face(pair, wanted)}</g>"
        for column, pair in enumerate(faces)
    ]
    return head + "".join(cells)


def _face(pair: Pair, wanted: list[int]) -> str:
    matrix = to_crop(square_of(pair.teacher.landmarks), SIDE, REACH)
    drawn = []
    for track, colour in ((pair.teacher, TEACHER), (pair.ours, OURS)):
        points = track.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        path = "".join(_line(points[list(line)], "z") for line in CLOSED)
        path += "".join(_line(points[list(line)], "") for line in OPEN)
        drawn.append(f"<path d='{path}' fill='none' stroke='{colour}'/>")
    apart = pair.shapes_apart[wanted]
    worst = wanted[int(apart.argmax())]
    change = float(np.subtract(pair.ours.blendshapes, pair.teacher.blendshapes)[worst])
    errors = f"landmarks {pair.landmark_error:.1%}, shapes {apart.mean():.2f}"
    return "".join(
        [
            *drawn,
            _text(8, SIDE + 14, errors, 12),
            _text(8, SIDE + 32, f"{BLENDSHAPES[worst]} {change:+.2f}", 12),
        ]
    )


def _line(points: NDArray[np.float64], end: str) -> str:
    return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + end


def _text(x: float, y: float, content: str, size: int) -> str:
    return f"<text x='{x}' y='{y}' font-size='{size}' fill='{INK}'>{escape(content)}</text>"
