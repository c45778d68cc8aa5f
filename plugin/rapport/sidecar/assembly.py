"""Which experts and sources the settings ask for.

The libraries behind them (camera, audio, models) are imported here, inside the functions, so
that a sidecar without a camera never loads the camera's.
"""

from rapport.capture.clock import Observe, unobserved
from rapport.capture.signals import Frame, Samples
from rapport.experts.store import Store
from rapport.settings import Settings
from rapport.sidecar.channel import Expert


def face_expert(settings: Settings, observe: Observe = unobserved) -> Expert[Frame]:
    """Load the face expert.

    :raises ModelError: its models cannot be had.
    """
    import cv2

    from rapport.experts.face.expert import FaceExpert

    # OpenCV's own threads would take cores that belong to the game.
    cv2.setNumThreads(1)
    expert = FaceExpert(settings.face, Store(settings.models), observe=observe)
    return Expert(expert.read, expert.close)


def voice_expert(settings: Settings) -> Expert[Samples]:
    """Load the voice expert.

    :raises ModelError: its models cannot be had.
    """
    from rapport.experts.voice.expert import VoiceExpert

    expert = VoiceExpert(settings.voice, Store(settings.models))
    return Expert(expert.hear, expert.close)
