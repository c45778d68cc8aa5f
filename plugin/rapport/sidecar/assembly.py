"""Which experts and sources the settings ask for.

The libraries behind them (camera, audio, models) are imported here, inside the functions, so
that a sidecar without a camera never loads the camera's.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from rapport.capture.clock import Observe, unobserved
from rapport.capture.signals import Frame, Notify, Samples
from rapport.consent.gatekeeper import Gatekeeper
from rapport.consent.ledger import Ledger
from rapport.conversation import incongruence_parameters
from rapport.conversation.conversation import Conversation
from rapport.conversation.incongruence import judge
from rapport.errors import ModelError, ModelNotCleared
from rapport.experts.store import Store
from rapport.fusion import Parameters, parameters
from rapport.settings import Settings
from rapport.sidecar.channel import Expert

if TYPE_CHECKING:
    from rapport.capture.clip import ClipInfo

log = logging.getLogger("rapport.sidecar")


def gate_parameters(store: Store) -> Parameters:
    """What the gate has learned; where that cannot be had, or the licence policy refuses it, what
    is built in. The log says which."""
    try:
        return parameters.decode(store.content(parameters.MODEL))
    except ModelNotCleared as error:
        log.info("%s %s", error.meaning, error)
    except ModelError as error:
        log.warning("The built-in gate is used: %s %s", error, error.remedy)
    return Parameters()


def face_expert(settings: Settings, store: Store, observe: Observe = unobserved) -> Expert[Frame]:
    """Load the face expert.

    :raises ModelError: its models cannot be had.
    """
    import cv2

    from rapport.experts.face.expert import FaceExpert

    # OpenCV's own threads would take cores that belong to the game.
    cv2.setNumThreads(1)
    expert = FaceExpert(settings.face, store, observe=observe)
    return Expert(expert.read, expert.close, expert.without)


def voice_expert(settings: Settings, store: Store) -> Expert[Samples]:
    """Load the voice expert.

    :raises ModelError: its models cannot be had.
    """
    from rapport.experts.voice.expert import VoiceExpert

    expert = VoiceExpert(settings.voice, store)
    return Expert(expert.hear, expert.close, expert.without, expert.close)


def conversation(store: Store) -> Conversation:
    """A conversation with what can be had of its models; the log says what is missing."""
    from rapport.conversation.context import ContextNetwork

    network = None
    try:
        network = ContextNetwork(store)
    except ModelNotCleared as error:
        log.info("Every line is read by itself: %s %s", error.meaning, error)
    except ModelError as error:
        log.warning("Every line is read by itself: %s %s", error, error.remedy)
    by = judging(store)
    return Conversation(network, lambda utterance: judge(utterance, by))


def judging(store: Store) -> incongruence_parameters.Parameters:
    """What contradictions are told by, as `gate_parameters`."""
    try:
        return incongruence_parameters.decode(store.content(incongruence_parameters.MODEL))
    except ModelNotCleared as error:
        log.info("%s %s", error.meaning, error)
    except ModelError as error:
        log.warning("The built-in judgement is used: %s %s", error, error.remedy)
    return incongruence_parameters.Parameters()


def gatekeeper(settings: Settings, notify: Notify) -> Gatekeeper:
    """Who says what the player allows."""
    return Gatekeeper(Ledger(settings.consent, notify))


def clip_info(source: Path) -> "ClipInfo":
    """What is in a clip.

    :raises ClipUnreadable: it is none.
    """
    from rapport.capture.clip import read_clip

    return read_clip(source)


def own_folder(name: str) -> Path:
    """A folder of the user's own data."""
    return Path(platformdirs.user_data_dir("rapport", appauthor=False)) / name
