"""Which tracker the settings ask for."""

from rapport import settings
from rapport.experts.face.mediapipe_tracker import MediaPipeTracker
from rapport.experts.face.tracker import Tracker
from rapport.experts.store import Store

TRACKER_BUNDLE = "face_landmarker"
"""Id of MediaPipe's bundle in the manifest."""


def make_tracker(face: settings.Face, store: Store, still: bool = False) -> Tracker:
    """Make the tracker.

    :param still: frames are unrelated pictures, not a moving one.
    :raises ModelMissing, ModelTampered, ModelUnreadable: its model cannot be used.
    """
    bundle = store.path(TRACKER_BUNDLE)
    return MediaPipeTracker(bundle, face.detection_confidence, face.tracking_confidence, still)
