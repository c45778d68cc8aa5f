"""How well a face can be read: measured numbers, each mapped to 0 ... 1 by a documented ramp.

| measure      | value                                                        | unit            |
|--------------|--------------------------------------------------------------|-----------------|
| `brightness` | mean of the face crop; of the whole picture without a face   | grey, 0 ... 255 |
| `contrast`   | standard deviation of the crop                               | grey            |
| `sharpness`  | deviation of the Laplacian of the standardised crop; low is  | none            |
|              | blurred, high is grainy                                      |                 |
| `size`       | distance from the forehead to the chin                       | pixels          |
| `yaw`        | how far the head is turned to a side, without sign           | degrees         |
| `pitch`      | how far it looks up or down, without sign                    | degrees         |
| `occlusion`  | estimated share of the face that something covers            | 0 ... 1         |
| `confidence` | the tracker's own, if it tells one                           | 0 ... 1         |

The total is the product of the scores: each says which share of the readable survives one flaw,
flaws add up, and no measure can make up for another. It never rises when one measure worsens.
"""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from rapport.experts.face.occlusion import covered_share
from rapport.experts.face.tracker import Track
from rapport.state import Condition, Measure, Quality

RAMPS: dict[str, tuple[tuple[float, float], ...]] = {
    "brightness": (
        (2.0, 0.0),
        (5.0, 0.4),
        (12.0, 0.75),
        (30.0, 1.0),
        (180.0, 1.0),
        (215.0, 0.6),
        (250.0, 0.0),
    ),
    "contrast": ((1.0, 0.0), (3.0, 0.6), (8.0, 1.0)),
    "sharpness": ((0.04, 0.0), (0.16, 1.0), (0.45, 1.0), (1.0, 0.3)),
    "size": ((10.0, 0.0), (20.0, 0.7), (40.0, 1.0)),
    "yaw": ((20.0, 1.0), (40.0, 0.5), (60.0, 0.0)),
    "pitch": ((20.0, 1.0), (35.0, 0.5), (50.0, 0.0)),
    "occlusion": ((0.1, 1.0), (0.5, 0.0)),
    "confidence": ((0.2, 0.0), (0.7, 1.0)),
}
"""Corners (value, score) of each piecewise-linear ramp; flat beyond its ends.

Brightness, contrast, sharpness and size follow how the expression model's accuracy falls when the
FER+ validation faces are darkened, made noisy, blurred, over-exposed and shrunk; the others are
set by judgement, as the data has no faces of known yaw, pitch and cover."""

READABLE = 0.1
"""Below this total there is no distribution; the worst measure says why."""

DARK = 16.0
"""Mean grey level of a whole picture, below which nobody can say that nobody is there."""
GLARE = 245.0
"""Mean grey level above which the same holds."""

_MIDDLE_GREY = 128.0
_GRAINY = 0.45
"""Sharpness above which a crop holds more noise than face; 95 % of FER+ stay below 0.42."""
_FOREHEAD, _CHIN = 10, 152
"""Landmarks at the upper end of the forehead and at the chin."""


def score(name: str, value: float) -> float:
    """The score, 0 ... 1, of a measure's value."""
    values, scores = zip(*RAMPS[name], strict=True)
    return float(np.interp(value, values, scores))


def measure_face(
    crop: NDArray[np.float32], face: Track, shape: tuple[int, ...]
) -> tuple[Quality, Condition]:
    """Quality of a tracked face, and `OK` or what spoils it.

    :param crop: the aligned face (see `crop.crop_face`).
    :param shape: of the frame: height, width.
    """
    brightness = float(crop.mean())
    contrast = float(crop.std())
    forehead, chin = face.landmarks[_FOREHEAD], face.landmarks[_CHIN]
    values = {
        "brightness": brightness,
        "contrast": contrast,
        "sharpness": sharpness(crop),
        "size": float(np.linalg.norm(forehead - chin)),
        "yaw": abs(face.yaw),
        "pitch": abs(face.pitch),
        "occlusion": covered_share(crop, face, shape),
    }
    if face.confidence is not None:
        values["confidence"] = face.confidence
    return _judge(values)


def measure_picture(image: NDArray[np.uint8]) -> tuple[Quality, Condition]:
    """Quality of a picture in which no face was found: absent, unless it is too dark or too
    bright to tell."""
    brightness = float(image[::8, ::8].mean())
    measures = {"brightness": Measure(brightness, score("brightness", brightness))}
    if brightness < DARK:
        return Quality(0.0, measures), Condition.LOW_LIGHT
    if brightness > GLARE:
        return Quality(0.0, measures), Condition.OVEREXPOSED
    return Quality(0.0, measures), Condition.ABSENT


def sharpness(crop: NDArray[np.float32]) -> float:
    """Standard deviation of the Laplacian of the crop, after a 3 x 3 Gaussian against noise and
    division by the crop's own deviation, so that light and contrast do not count (Pech-Pacheco et
    al. 2000 take the variance). It is measured at the scale of the crop: blur that is too fine
    for the expression model to see does no harm."""
    smooth = cv2.GaussianBlur(crop, (3, 3), 0.8)
    deviation = float(smooth.std())
    return float(cv2.Laplacian(smooth, cv2.CV_32F).std()) / max(deviation, 1e-3)


def _judge(values: Mapping[str, float]) -> tuple[Quality, Condition]:
    measures = {name: Measure(value, score(name, value)) for name, value in values.items()}
    total = 1.0
    for measure in measures.values():
        total *= measure.score
    quality = Quality(total, measures)
    if total >= READABLE:
        return quality, Condition.OK
    worst = min(measures, key=lambda name: measures[name].score)
    return quality, _condition(worst, values)


def _condition(worst: str, values: Mapping[str, float]) -> Condition:
    if worst in ("brightness", "contrast"):
        bright = values["brightness"] > _MIDDLE_GREY
        return Condition.OVEREXPOSED if bright else Condition.LOW_LIGHT
    if worst == "sharpness" and values["sharpness"] > _GRAINY:
        return Condition.LOW_LIGHT  # Grain is what a camera makes of too little light.
    return _CONDITIONS[worst]


_CONDITIONS = {
    "sharpness": Condition.BLURRED,
    "size": Condition.BLURRED,  # A face of few pixels is as good as blurred.
    "yaw": Condition.TURNED_AWAY,
    "pitch": Condition.TURNED_AWAY,
    "occlusion": Condition.OCCLUDED,
    "confidence": Condition.OCCLUDED,  # Trackers lose faith in faces that they cannot see whole.
}
