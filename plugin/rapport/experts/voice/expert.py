"""The voice expert: samples in, evidence out."""

import json
import logging

import msgspec
import numpy as np

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.errors import ModelError, ModelNotCleared, ModelUnreadable
from rapport.experts.affect import expected_vad
from rapport.experts.store import Model, Store
from rapport.experts.voice import prosody, quality
from rapport.experts.voice.bursts import WINDOW_FRAMES as BURST_FRAMES
from rapport.experts.voice.bursts import BurstListener
from rapport.experts.voice.features import FRAMES_PER_SECOND, HOP, Array
from rapport.experts.voice.front_end import UNKNOWN, FrontEnd, Prior, Speaker
from rapport.experts.voice.prosody import DECIBELS, Prosody
from rapport.experts.voice.warmth import Warmth, newest
from rapport.state import Condition, Evidence, Modality

log = logging.getLogger("rapport.experts.voice")

MODEL = "voice_emotion"
MIN_FRAMES = 30
"""Speech (0.3 s) below which no emotion is read from it; the model never saw less."""
HOLD_FRAMES = FRAMES_PER_SECOND
"""How long (1 s) the last reading stands after the last speech: a breath, a pause for thought."""
GAP_NS = 500_000_000
"""A jump of the capture time by more than this is a gap: sound was lost, or the clip began anew.
Less is the jitter of callbacks."""
DIGITAL_SILENCE = 1e-9
"""Mean power (-90 dB) below which there is no sound at all: muted, or a cable without a device."""
PROSODY_SHARE = 0.5
"""How much of the arousal is prosody's, once the player's usual voice is known; the rest is the
expectation under the emotion distribution. Half each: neither was fitted, for want of labels."""


class VoiceExpert:
    """Reads emotion from one player's voice.

    Conditions: `SILENT` nobody speaks just now; `ABSENT` there is sound, but nobody ever spoke;
    `NOISY` and `CLIPPED` still carry a distribution, with low quality; `OK` otherwise. While
    `present` without a distribution, too little was said yet (0.3 s). Quality measures: `snr_db`,
    `speech_probability`, `clipping` and `broken` (shares of samples at full scale and of NaN or
    infinite ones over the last 3 s). Contempt is not taught by the training data: its probability
    is the same in every reading.

    `Evidence.prosody` is how it was said, as far as that is known: `pitch_range` (semitones between
    the 10th and the 90th percentile), `pitch` (semitones above this player's usual),
    `loudness_db` (above the usual), `rate` (syllables a second), `pause_share`, `voiced_share`
    (0 ... 1), `jitter` (relative), `shimmer_db`, `known_s`, the seconds of speech that the
    usual rests on, and `warmth`, the log-odds that it sounds glad, less what is usual.

    While a vocal burst is heard (`bursts`), it is not read as speech: what the detector took for
    speech in it is forgotten, and there is no distribution until more was said.

    Where the licence policy refuses the emotion model, readings have no distribution and no
    valence; the arousal is prosody's alone. Without the model of bursts, none are heard.

    Not safe to share between threads.

    :raises ModelMissing, ModelTampered, ModelUnreadable: the emotion model, as `Store.load` says.
    """

    def __init__(self, voice: settings.Voice, store: Store) -> None:
        self.without: ModelNotCleared | None = None
        """Why no emotion is read; None: it is."""
        self._model: Model | None = None
        try:
            self._model = store.load(MODEL)
        except ModelNotCleared as error:
            self.without = error
        self._bursts: BurstListener | None = None
        try:
            self._bursts = BurstListener(store)
        except ModelError as error:
            log.warning("No vocal bursts are heard: %s", error)
        self._warmth: Warmth | None = None
        try:
            self._warmth = Warmth(store)
        except ModelError as error:
            log.info("How glad a voice sounds is told by its emotion alone: %s", error)
        used = (self._model, self._bursts)
        self.model = "+".join(part.name for part in used if part is not None)
        prior = UNKNOWN if self._model is None else prior_of(self._model)
        self._front = FrontEnd(prior, voice.speech_threshold)
        self._block = max(HOP, round(voice.interval_s * FRAMES_PER_SECOND) * HOP)
        self._waiting = np.zeros(0, np.float32)
        self._next_ns: int | None = None
        self._ever_heard = False
        self._read_up_to = -1
        self._last: Evidence | None = None
        self.prosody: Prosody | None = None
        """How the last reading was said; None when nothing is being said."""

    @property
    def speaker(self) -> Speaker:
        """What is known of how this player usually sounds; `reset` it for another one."""
        return self._front.speaker

    def hear(self, samples: Samples) -> Evidence | None:
        """Hear more; the newest reading, if one became due. Readings fall on whole intervals of
        the sound itself, so it does not matter in what pieces it comes."""
        values = np.asarray(samples.values, np.float32).reshape(-1)
        began_ns = samples.captured_ns - _duration_ns(len(values))
        if self._next_ns is not None and abs(began_ns - self._next_ns) > GAP_NS:
            self._lose_stream()
        self._next_ns = samples.captured_ns
        self._waiting = np.concatenate([self._waiting, values])
        block = bursts = None
        while len(self._waiting) >= self._block:
            block, self._waiting = self._waiting[: self._block], self._waiting[self._block :]
            self._front.push(block)
            self._ever_heard = self._ever_heard or self._front.speaking
            if self._bursts is not None:
                bursts = self._bursts.read(self._front.recent, self._front.speaking)
            if bursts is not None:
                self._front.forget_spoken(BURST_FRAMES)
        if block is None:
            return None
        reading = self._read(samples.captured_ns - _duration_ns(len(self._waiting)), block)
        return reading if bursts is None else msgspec.structs.replace(reading, bursts=bursts)

    def close(self) -> None:
        """Forget the sound."""
        self._lose_stream()

    def _lose_stream(self) -> None:
        self._front.reset_stream()
        if self._bursts is not None:
            self._bursts.reset()
        self._waiting.fill(0.0)
        self._waiting = np.zeros(0, np.float32)
        self._next_ns = None
        self._read_up_to = -1
        self._last = None
        self.prosody = None
        if self._warmth is not None:
            self._warmth.end()

    def _read(self, captured_ns: int, block: Array) -> Evidence:
        front = self._front
        speaking = front.speaking
        if len(front.spoken) >= MIN_FRAMES and front.silent_frames <= HOLD_FRAMES:
            newest = int(front.spoken_at[-1])
            if self._last is None or newest != self._read_up_to:
                self._last, self._read_up_to = self._evidence(captured_ns), newest
            return msgspec.structs.replace(self._last, present=speaking)
        self._last = self.prosody = None
        if self._warmth is not None:
            self._warmth.end()
        measures = {
            "speech_probability": front.activity.probability,
            "clipping": front.clipping,
            "broken": front.broken,
        }
        condition = Condition.OK if speaking else self._why_quiet(block)
        return Evidence(
            Modality.VOICE,
            captured_ns,
            condition,
            quality.assess(measures),
            present=speaking,
            model=self.model,
        )

    def _why_quiet(self, block: Array) -> Condition:
        safe = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        sound = float(np.var(safe, dtype=np.float64)) > DIGITAL_SILENCE
        return Condition.ABSENT if sound and not self._ever_heard else Condition.SILENT

    def _evidence(self, captured_ns: int) -> Evidence:
        front = self._front
        distribution = None
        valence, expected, dominance = None, 0.0, None
        window = front.window()
        if self._model is not None:
            (row,) = self._model.run({"windows": window[None]})[0]
            distribution = tuple(float(p) for p in row)
            valence, expected, dominance = expected_vad(distribution)
        self.prosody = prosody.measure(front.spoken, front.spoken_at)
        louder_db, usual = front.louder * DECIBELS, float(self.speaker.pitch.mean[0])
        frames = self.speaker.level.heard_frames
        heard, trust = prosody.arousal(self.prosody, louder_db, usual, frames)
        share = trust if distribution is None else PROSODY_SHARE * trust
        said = prosody.relative(self.prosody, louder_db, usual, frames)
        if self._warmth is not None:
            first = newest(front.spoken_at)
            own = prosody.measure(front.spoken[first:], front.spoken_at[first:])
            own_said = prosody.relative(own, louder_db, usual, frames)
            warmth = self._warmth.hear(window[first:], own_said)
            said |= {} if warmth is None else {"warmth": warmth}
        measures = {
            "snr_db": front.snr_db,
            "speech_probability": front.speech_probability,
            "clipping": front.clipping,
            "broken": front.broken,
        }
        return Evidence(
            Modality.VOICE,
            captured_ns - _duration_ns(front.silent_frames * HOP),
            _condition(measures),
            quality.assess(measures),
            distribution,
            valence,
            (1.0 - share) * expected + share * heard,
            dominance,
            present=True,
            model=self.model,
            prosody=said,
        )


def _condition(measures: dict[str, float]) -> Condition:
    if measures["clipping"] >= quality.CLIPPED_FROM:
        return Condition.CLIPPED
    return Condition.NOISY if measures["snr_db"] < quality.NOISY_BELOW_DB else Condition.OK


def _duration_ns(samples: int) -> int:
    return samples * 1_000_000_000 // SAMPLE_RATE


def prior_of(model: Model) -> Prior:
    """Where the running statistics start, from the model's metadata."""
    try:
        stored = json.loads(model.metadata["prior"])
        return Prior(*(np.asarray(stored[name], np.float32) for name in Prior._fields))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnreadable(
            f"Model {model.id} lacks the statistics it was trained with."
        ) from error
