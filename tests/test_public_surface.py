"""What `import rapport` gives, and what it does not load."""

import subprocess
import sys

import pytest

import rapport

pytestmark = pytest.mark.unit

HEAVY = ("cv2", "mediapipe", "onnxruntime", "av", "pyaudio", "numpy", "torch", "typer", "rich")


def test_the_public_names_are_these() -> None:
    assert rapport.__all__ == [
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


def test_every_public_name_is_there() -> None:
    for name in rapport.__all__:
        assert getattr(rapport, name) is not None
    assert not hasattr(rapport, "NoSuchName")


def test_importing_loads_no_camera_audio_model_or_array_library() -> None:
    code = f"import sys, rapport; print(*(set({HEAVY!r}) & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert loaded.stdout.split() == []
