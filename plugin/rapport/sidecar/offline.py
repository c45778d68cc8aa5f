"""The offline pass: a whole clip through the same experts and fusion, as fast as it goes."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from rapport.capture.clip import clip_signals, read_clip
from rapport.capture.signals import Frame, Samples
from rapport.conversation.conversation import Conversation, Read
from rapport.conversation.transcript import Cue
from rapport.conversation.utterance import Line
from rapport.errors import ModelError
from rapport.experts.dialogue import TextExpert
from rapport.experts.store import Store
from rapport.fusion import Fusion
from rapport.settings import Settings
from rapport.sidecar.assembly import conversation, face_expert, gate_parameters, voice_expert
from rapport.sidecar.channel import Expert
from rapport.state import NEVER, Condition, EmotionState, Evidence, Modality

log = logging.getLogger("rapport.sidecar")

Signal = TypeVar("Signal", Frame, Samples)


def analyze(
    path: Path, settings: Settings, transcript: Sequence[Cue] = ()
) -> Iterator[EmotionState]:
    """Read a whole clip and give one state per frame of video, or, without video, as many as
    `wire.minimum_rate_hz` says.

    Times count from the start of the clip, and nothing else of the state depends on when or
    where this runs: the same clip and models give the same states. A track whose model cannot
    be had is left out, with condition `failed`.

    :param transcript: what is said in it, in the order in which it is told.
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
        dialogue = _Dialogue(store, settings, transcript)
        yield from _states(path, settings, info.has_video, face, voice, evidence, fusion, dialogue)
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
    dialogue: "_Dialogue",
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
            yield dialogue.fused(fusion, evidence, signal.captured_ns)


class _Dialogue:
    """Tells a transcript to the conversation when its time has come."""

    def __init__(self, store: Store, settings: Settings, transcript: Sequence[Cue]) -> None:
        self._words_last_s = settings.fusion.text_stale_s
        self._due = deque(transcript)
        self._expert, self._failed = None, False
        self._conversation = Conversation()
        if transcript:
            try:
                self._expert = TextExpert(store)
                self._conversation = conversation(store)
            except ModelError as error:
                self._failed = True
                log.warning("%s %s", error, error.remedy)

    def fused(
        self, fusion: Fusion, evidence: Mapping[Modality, Evidence], now_ns: int
    ) -> EmotionState:
        """The state of a moment, with what was said up to it."""
        while self._due and self._due[0].due_s * 1e9 <= now_ns:
            self._tell(self._due.popleft(), fusion, now_ns)
        told = self._conversation.tick(evidence, now_ns, self._words_last_s)
        resting = Condition.FAILED if self._failed else Condition.DISABLED
        silent = told.words.captured_ns <= NEVER and self._expert is None
        words = Evidence(Modality.TEXT, NEVER, resting) if silent else told.words
        state = fusion.tick({**evidence, Modality.TEXT: words}, now_ns, now_ns / 1e9, told.doubt)
        return msgspec.structs.replace(state, conversation=told.state)

    def _tell(self, cue: Cue, fusion: Fusion, now_ns: int) -> None:
        start_ns, end_ns = round(cue.at * 1e9), round(cue.due_s * 1e9)
        if cue.mark:
            fusion.mark(cue.mark, start_ns, now_ns)
            return
        read = None if self._expert is None else Read(*self._expert.read_fully(cue.text, end_ns))
        line = Line(cue.speaker, cue.role, cue.text, start_ns, end_ns, cue.line, cue.seconds == 0.0)
        self._conversation.say(line, read, now_ns)


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
