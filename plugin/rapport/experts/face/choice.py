"""Which tracker the settings ask for."""

import logging

from rapport import settings
from rapport.errors import ModelMissing, ModelNotCleared
from rapport.experts.face.compact_tracker import CompactTracker
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.face.tracker import Tracker
from rapport.experts.store import Store

TRACKER_BUNDLE = "face_landmarker"
"""Id of MediaPipe's bundle in the manifest."""

AUTO = ("compact", "mediapipe")
"""What `auto` takes: the first whose models are there and cleared. The card of the compact tracker
says how the two compare."""

log = logging.getLogger("rapport.experts.face")


def make_tracker(face: settings.Face, store: Store, still: bool = False) -> Tracker:
    """Make the tracker.

    :param still: frames are unrelated pictures, not a moving one.
    :raises ModelNotCleared, ModelMissing, ModelTampered, ModelUnreadable: its model cannot be used.
    """
    if face.tracker != "auto":
        return _make(face.tracker, face, store, still)
    *preferred, last = AUTO
    for name in preferred:
        try:
            return _make(name, face, store, still)
        except (ModelMissing, ModelNotCleared) as error:
            log.info("The %s tracker cannot be used, so another one is taken: %s", name, error)
    return _make(last, face, store, still)


def _make(name: str, face: settings.Face, store: Store, still: bool) -> Tracker:
    confidences = face.detection_confidence, face.tracking_confidence
    if name == "compact":
        return CompactTracker(store, *confidences, still)
    return MediaPipeTracker(store.path(TRACKER_BUNDLE), *confidences, still)
