"""What a face tracker gives, whichever one it is."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import Frame

BLENDSHAPES = (
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
)
"""Names of the 52 blendshapes, in the order of `Track.blendshapes`: ARKit's, without tongueOut and
with MediaPipe's `_neutral` first."""


class Track(NamedTuple):
    """The primary face in one frame.

    `landmarks` is float32, 478 x 3: x and y in pixels of the frame, z in about the same unit,
    smaller is nearer (MediaPipe's face mesh with irises). `blendshapes` is float32, 52 values
    0 ... 1 in the order of `BLENDSHAPES`, or None if the tracker has none. `yaw`, `pitch` and
    `roll` are degrees: positive when the person turns to their left, looks up, and tilts the head
    to their left shoulder. `confidence` is 0 ... 1, or None if the tracker tells none.
    `covered` is the estimated share of the face, 0 ... 1, that something hides, or None likewise.
    """

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32] | None
    yaw: float
    pitch: float
    roll: float
    confidence: float | None = None
    covered: float | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the landmarks, in pixels of the frame."""
        left, top = self.landmarks[:, :2].min(axis=0)
        right, bottom = self.landmarks[:, :2].max(axis=0)
        return float(left), float(top), float(right), float(bottom)


class Tracker(Protocol):
    """Finds the primary face and follows it."""

    name: str
    """Model and version, as published."""

    def track(self, frame: Frame) -> Track | None:
        """Read one frame (`Frame.image` must be a valid picture); None: no face."""

    def close(self) -> None:
        """Release the tracker's memory and threads. Idempotent."""
