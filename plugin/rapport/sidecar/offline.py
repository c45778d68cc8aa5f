"""The offline pass: a whole clip through the same experts and fusion, as fast as it goes."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from rapport.capture.clip import clip_signals, read_clip
from rapport.capture.signals import Frame, Samples
from rapport.errors import ModelError
from rapport.experts.store import Store
from rapport.fusion import Fusion
from rapport.settings import Settings
from rapport.sidecar.assembly import face_expert, gate_parameters, voice_expert
from rapport.sidecar.channel import Expert
from rapport.state import NEVER, Condition, EmotionState, Evidence, Modality

log = logging.getLogger("rapport.sidecar")

Signal = TypeVar("Signal", Frame, Samples)


def analyze(path: Path, settings: Settings) -> Iterator[EmotionState]:
    """Read a whole clip and give one state per frame of video, or, without video, as many as
    `wire.minimum_rate_hz` says.

    Times count from the start of the clip, and nothing else of the state depends on when or
    where this runs: the same clip and models give the same states. A track whose model cannot
    be had is left out, with condition `failed`.

    :raises ClipUnreadable: the file is no clip.
    :raises ModelError: no track of the clip can be read, for want of models.
    """
    info = read_clip(path)
    store = Store(settings.models)
    face, face_error = _load(
        lambda: face_expert(settings, store), info.has_video and settings.camera.enabled
    )
    voice, voice_error = _load(
        lambda: voice_expert(settings, store), info.has_audio and settings.microphone.enabled
    )
    error = face_error or voice_error
    if face is None and voice is None and error is not None:
        raise error
    evidence = {
        Modality.FACE: Evidence(Modality.FACE, NEVER, _resting(face, face_error)),
        Modality.VOICE: Evidence(Modality.VOICE, NEVER, _resting(voice, voice_error)),
    }
    try:
        fusion = Fusion(settings.fusion, gate_parameters(store))
        yield from _states(path, settings, info.has_video, face, voice, evidence, fusion)
    finally:
        for expert in (face, voice):
            if expert is not None:
                expert.close()


def _states(
    path: Path,
    settings: Settings,
    has_video: bool,
    face: Expert[Frame] | None,
    voice: Expert[Samples] | None,
    evidence: dict[Modality, Evidence],
    fusion: Fusion,
) -> Iterator[EmotionState]:
    spacing_ns = round(1e9 / settings.wire.minimum_rate_hz)
    due_ns = 0
    for signal in clip_signals(path):
        if isinstance(signal, Frame):
            reading = face.read(signal) if face else None
        else:
            reading = voice.read(signal) if voice else None
        if reading is not None:
            evidence[reading.modality] = reading
        if isinstance(signal, Frame) or (not has_video and signal.captured_ns >= due_ns):
            due_ns += spacing_ns
            yield fusion.tick(evidence, signal.captured_ns, signal.captured_ns / 1e9)


def _load(
    make: Callable[[], Expert[Signal]], wanted: bool
) -> tuple[Expert[Signal] | None, ModelError | None]:
    if not wanted:
        return None, None
    try:
        expert = make()
        if (less := expert.without) is not None:
            log.warning("%s %s", less.meaning, less)
        return expert, None
    except ModelError as error:
        log.warning("%s %s", error, error.remedy)
        return None, error


def _resting(expert: object, error: ModelError | None) -> Condition:
    if error is not None:
        return Condition.FAILED
    return Condition.DISABLED if expert is None else Condition.STARTING
