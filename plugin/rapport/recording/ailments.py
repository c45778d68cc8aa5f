"""What may be the matter in a script, and what an expert then reads."""

from collections.abc import Mapping
from typing import NamedTuple

from rapport.state import Condition, EventKind, Modality

NOISE_BLURS = 0.5
"""Loud noise leaves this much of what a voice shows."""


class Ailment(NamedTuple):
    """What a trouble does to a signal. `present`: whether somebody is still seen or heard;
    `readable`: how much is left to read; `lost` and `back`: the events of a device."""

    modality: Modality
    condition: Condition
    quality: float
    measure: tuple[str, float]
    present: bool = False
    readable: float = 0.0
    lost: EventKind | None = None
    back: EventKind | None = None


_FACE, _VOICE = Modality.FACE, Modality.VOICE
AILMENTS: Mapping[str, Ailment] = {
    "camera_lost": Ailment(
        _FACE, Condition.LOST, 0.0, ("", 0.0),
        lost=EventKind.CAMERA_LOST, back=EventKind.CAMERA_BACK,
    ),
    "face_lost": Ailment(_FACE, Condition.ABSENT, 0.0, ("brightness", 110.0)),
    "dark": Ailment(_FACE, Condition.LOW_LIGHT, 0.05, ("brightness", 4.0)),
    "covered": Ailment(_FACE, Condition.OCCLUDED, 0.05, ("occlusion", 0.6), present=True),
    "turned_away": Ailment(_FACE, Condition.TURNED_AWAY, 0.05, ("yaw", 70.0), present=True),
    "blurred": Ailment(_FACE, Condition.BLURRED, 0.05, ("sharpness", 0.02), present=True),
    "mic_lost": Ailment(
        _VOICE, Condition.LOST, 0.0, ("", 0.0),
        lost=EventKind.MIC_LOST, back=EventKind.MIC_BACK,
    ),
    "noise": Ailment(
        _VOICE, Condition.NOISY, 0.25, ("snr_db", 1.0), present=True, readable=NOISE_BLURS
    ),
    "silence": Ailment(_VOICE, Condition.SILENT, 0.0, ("speech_probability", 0.02)),
}  # fmt: skip
"""By the names of `script.TroubleName`."""
