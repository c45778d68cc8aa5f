"""Rapport's own face tracker: two small models, no MediaPipe.

The detector searches the whole frame; once there is a face, only the landmark model runs, on the
crop where the last frame had it, and says itself whether the face is still there.
"""

from rapport.capture.signals import Frame
from rapport.experts.face import detector, mesh
from rapport.experts.face.one_euro import OneEuro
from rapport.experts.face.square import Square, square_of
from rapport.experts.face.tracker import Track
from rapport.experts.store import Store

STEADY_HZ, QUICKNESS = 2.0, 40.0
"""The filter on the landmarks, in sides of the face's square: at rest it averages over about 80 ms;
at half a side a second it lets 20 Hz pass."""
FORGET_S = 0.5
"""After a gap this long a face may be anywhere: search again."""
SMALLEST_SIDE = 12.0
"""Pixels of the frame; landmarks that shrink to less have lost the face."""
LARGEST_SHARE = 3.0
"""Sides of a square, in longer sides of the frame; larger ones have lost the face too."""


class CompactTracker:
    """Finds one face and follows it from frame to frame. Not thread-safe.

    `still` reads each picture by itself, without following.

    :raises ModelMissing, ModelTampered, ModelUnreadable: a model cannot be used.
    """

    def __init__(
        self,
        store: Store,
        detection_confidence: float = 0.5,
        tracking_confidence: float = 0.5,
        still: bool = False,
    ) -> None:
        searching, reading = store.load(detector.MODEL_ID), store.load(mesh.MODEL_ID)
        self.name = f"{searching.name}+{reading.name}"
        self.provider = reading.provider
        self._detector = detector.Detector(searching)
        self._mesh = mesh.Mesh(reading)
        self._found, self._kept = detection_confidence, tracking_confidence
        self._still = still
        self._filter = OneEuro(STEADY_HZ, QUICKNESS)
        self._square: Square | None = None
        self._seen_ns = 0

    def track(self, frame: Frame) -> Track | None:
        """Read one frame; None: no face."""
        elapsed_s = (frame.captured_ns - self._seen_ns) / 1e9
        # A looped clip starts over.
        if self._still or not 0.0 <= elapsed_s <= FORGET_S:
            self._lose()
        self._seen_ns = frame.captured_ns
        reading = self._follow(frame) or self._search(frame)
        if reading is None:
            self._lose()
            return None
        square = self._square = square_of(reading.landmarks)
        landmarks = reading.landmarks
        if not self._still and elapsed_s > 0.0:
            landmarks = self._filter.smooth(landmarks / square.side, elapsed_s) * square.side
        yaw, pitch, roll = reading.angles
        return Track(
            landmarks, reading.blendshapes, yaw, pitch, roll, reading.presence, reading.covered
        )

    def close(self) -> None:
        """Forget the face. Idempotent."""
        self._lose()

    def _lose(self) -> None:
        self._square = None
        self._filter.reset()

    def _follow(self, frame: Frame) -> mesh.Reading | None:
        if self._square is None:
            return None
        reading = self._mesh.read(frame.image, self._square)
        if reading.presence >= self._kept and _plausible(square_of(reading.landmarks), frame):
            return reading
        self._lose()
        return None

    def _search(self, frame: Frame) -> mesh.Reading | None:
        for candidate in self._detector.search(frame.image, self._found):
            reading = self._mesh.read(frame.image, candidate.square)
            square = square_of(reading.landmarks)
            if reading.presence < self._kept or not _plausible(square, frame):
                continue
            # The detector's square is coarse; the second look is as good as while tracking.
            reading = self._mesh.read(frame.image, square)
            if reading.presence >= self._kept and _plausible(square_of(reading.landmarks), frame):
                return reading
        return None


def _plausible(square: Square, frame: Frame) -> bool:
    """Whether a face could be there: of some size, its middle inside the frame."""
    height, width = frame.image.shape[:2]
    inside = 0.0 <= square.x <= width and 0.0 <= square.y <= height
    return inside and SMALLEST_SIDE <= square.side <= LARGEST_SHARE * float(max(height, width))
