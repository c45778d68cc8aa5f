"""What happens when in a demo clip: only data, read by the maker and by the tests of the clips.

Seconds from the start of the clip. Between scenes the face is neutral, lit, and looks ahead.
"""

from dataclasses import dataclass

FPS = 30


@dataclass(frozen=True)
class Scene:
    """Amounts that are added from `start` to `end`, eased in and out over `ease` seconds.

    `light` is the share of the light that goes; `book` covers the face at 1; `yaw`, `pitch` and
    `roll` are in degrees; the others are actions of `face_puppet`.
    """

    name: str
    start: float
    end: float
    ease: float
    amounts: dict[str, float]


@dataclass(frozen=True)
class Speech:
    """A sentence for espeak-ng: pitch 0 … 99, words a minute, amplitude 0 … 200."""

    start: float
    text: str
    pitch: int
    rate: int
    amplitude: int


@dataclass(frozen=True)
class Timeline:
    """A whole clip: its length in seconds, its scenes and sentences, when the eyes blink, and from
    when to when a fan runs that is louder than the speech. `unsmile` is how far the portrait's own
    smile is taken away between the scenes."""

    length_s: float
    scenes: tuple[Scene, ...]
    speech: tuple[Speech, ...]
    blinks: tuple[float, ...]
    fan: tuple[float, float] | None = None
    unsmile: float = 1.0


_SCENES = (
    Scene("smile", 3.0, 8.3, 0.7, {"unsmile": -1.0, "grin": 0.45}),
    Scene(
        "surprise",
        9.2,
        12.2,
        0.3,
        {"brows_up": 0.9, "eyes_wide": 0.65, "jaw": 0.48, "narrow_mouth": 0.5, "pitch": -3.0},
    ),
    Scene(
        "frown",
        13.0,
        17.2,
        0.6,
        {"brows_down": 1.0, "eyes_narrow": 0.8, "pout": 0.35, "pitch": 4.0},
    ),
    Scene("turn_right", 17.9, 19.9, 0.6, {"yaw": 25.0}),
    Scene("turn_left", 19.9, 21.9, 0.6, {"yaw": -25.0}),
    Scene("book", 22.4, 25.4, 0.6, {"book": 1.0}),
    Scene("dark", 26.0, 31.6, 0.9, {"light": 0.955}),
    Scene("smile_again", 32.6, 37.7, 0.7, {"unsmile": -1.0, "grin": 0.3}),
)
_SPEECH = (
    Speech(3.4, "Hello! I am so glad that you are here with me today.", 72, 165, 120),
    Speech(9.5, "Oh! What was that? Did you see it?", 88, 175, 130),
    Speech(13.3, "No. That is enough. I do not like this at all.", 22, 150, 160),
    Speech(22.7, "Can you still hear me behind this book?", 50, 160, 110),
    Speech(26.9, "It is dark in here. Now only my voice can tell you how I am.", 38, 150, 110),
    # The fan is alone for a while, so that its loudness can be told from the speech's.
    Speech(34.2, "The fan is loud, but you can see me smile.", 65, 165, 100),
)
DEMO = Timeline(
    38.0,
    _SCENES,
    _SPEECH,
    blinks=(1.7, 2.6, 5.9, 8.7, 12.7, 15.4, 19.9, 22.2, 25.7, 33.3, 36.4),
    fan=(31.8, 37.8),
)
