"""Rapport: a local sidecar that tells a game how its player seems to feel.

    import rapport

    with rapport.connect() as client:
        for state in client.states():
            print(state.label, state.confidence, state.valence)

These names are the public surface. Importing the package loads no camera, audio, model or array
library, so that a game that only receives states stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rapport.errors import (
    AccessDenied,
    RapportError,
    RequestRefused,
    SidecarNotFound,
    SidecarSilent,
)
from rapport.state import (
    BURSTS,
    CONTRADICTIONS,
    COURSES,
    GRANULAR,
    LABELS,
    UNCERTAIN,
    Appraisal,
    Burst,
    Cause,
    Condition,
    Contradiction,
    ConversationState,
    EmotionState,
    Event,
    EventKind,
    Granular,
    Modality,
    ModalityState,
    Mood,
    Reaction,
)

if TYPE_CHECKING:
    from rapport.capture.mock import MockCamera, MockMicrophone
    from rapport.wire.client import Client, connect
    from rapport.wire.control_client import Control, connect_control
    from rapport.wire.credentials import Credentials

__all__ = [
    "BURSTS",
    "CONTRADICTIONS",
    "COURSES",
    "GRANULAR",
    "LABELS",
    "UNCERTAIN",
    "AccessDenied",
    "Appraisal",
    "Burst",
    "Cause",
    "Client",
    "Condition",
    "Contradiction",
    "Control",
    "ConversationState",
    "Credentials",
    "EmotionState",
    "Event",
    "EventKind",
    "Granular",
    "MockCamera",
    "MockMicrophone",
    "Modality",
    "ModalityState",
    "Mood",
    "RapportError",
    "Reaction",
    "RequestRefused",
    "SidecarNotFound",
    "SidecarSilent",
    "connect",
    "connect_control",
]

_LATER = {
    "Client": "rapport.wire.client",
    "connect": "rapport.wire.client",
    "Control": "rapport.wire.control_client",
    "connect_control": "rapport.wire.control_client",
    "Credentials": "rapport.wire.credentials",
    "MockCamera": "rapport.capture.mock",
    "MockMicrophone": "rapport.capture.mock",
}
"""Names whose modules load libraries (ZeroMQ, arrays), and so are imported when first used. The
command line starts in half the time for it, and so hears Ctrl-C sooner."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
