"""From samples to what the voice model hears: the part that training and the sidecar share.

It keeps the stream's memory: who speaks (VAD), how loud the noise is, how this player usually
sounds, and the last seconds of speech.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE
from rapport.experts.voice import features, quality, vad
from rapport.experts.voice.features import (
    BANDS,
    FRAMES_PER_SECOND,
    HOP,
    LOG_MEL,
    LOG_PITCH,
    PERIODICITY,
    POWER,
)
from rapport.experts.voice.normalise import RunningStatistics

Array = NDArray[np.float32]

WINDOW_FRAMES = 3 * FRAMES_PER_SECOND
"""The longest stretch of speech that a reading rests on (3 s)."""
REACH_FRAMES = 5 * FRAMES_PER_SECOND
"""Speech longer ago than this (5 s) is not part of the window, however little there is since."""
RECENT_FRAMES = 5 * FRAMES_PER_SECOND
"""How much of the stream is kept, speech or not (5 s)."""
MASK_RANGE = 20.0 * np.log(10.0) / 10.0
"""A band this far above the noise floor (20 dB, in nepers of power) is fully trusted."""
_NO_FRAMES = np.zeros((0, features.WIDTH), np.float32)
COLUMNS = 2 * BANDS + 3
"""Width of the model's input: see `FrontEnd.window`."""


class Prior(NamedTuple):
    """How voices of the training data sound: where the running statistics start.

    Frames of speech: mean and standard deviation of the level (mean log-mel over bands), of the
    log-mels less their level (40), and of the log pitch of voiced frames.
    """

    level_mean: float | Array
    level_deviation: float | Array
    shape_mean: Array
    shape_deviation: Array
    pitch_mean: float | Array
    pitch_deviation: float | Array


UNKNOWN = Prior(
    -9.0, 2.0, np.zeros(BANDS, np.float32), np.ones(BANDS, np.float32), float(np.log(170.0)), 0.35
)
"""Where the statistics start without a model that brings its own: round numbers, a pitch between
those of men and women. Enough for prosody, which soon goes by what it hears."""
LEVEL_PRIOR_FRAMES = 10.0
"""0.1 s: nothing is known of a microphone's gain beforehand."""
SHAPE_PRIOR_FRAMES = 150.0
"""1.5 s: voices and microphones differ less in colour than in gain."""
PITCH_PRIOR_FRAMES = 50.0
MEMORY_FRAMES = 30.0 * FRAMES_PER_SECOND
"""30 s of speech: long enough to hold many moods, short enough to follow a change of room."""


class Speaker:
    """The running statistics of one player; `reset` when another one sits down."""

    def __init__(self, prior: Prior) -> None:
        def statistics(mean: object, deviation: object, frames: float) -> RunningStatistics:
            first = np.atleast_1d(np.asarray(mean, np.float64))
            spread = np.atleast_1d(np.asarray(deviation, np.float64)) ** 2
            return RunningStatistics(first, spread, frames, MEMORY_FRAMES)

        self.level = statistics(prior.level_mean, prior.level_deviation, LEVEL_PRIOR_FRAMES)
        self.shape = statistics(prior.shape_mean, prior.shape_deviation, SHAPE_PRIOR_FRAMES)
        self.pitch = statistics(prior.pitch_mean, prior.pitch_deviation, PITCH_PRIOR_FRAMES)

    def reset(self) -> None:
        """Back to the prior."""
        for statistics in (self.level, self.shape, self.pitch):
            statistics.reset()

    def update(self, spoken: Array) -> None:
        """Learn from feature frames of speech."""
        log_mel, log_pitch = spoken[:, LOG_MEL], spoken[:, LOG_PITCH]
        level = log_mel.mean(axis=1, keepdims=True)
        self.level.update(level)
        self.shape.update(log_mel - level)
        self.pitch.update(log_pitch[log_pitch > 0.0, None])


class FrontEnd:
    """Streaming: `push` samples, ask for the `window` of normalised speech.

    Attributes after each push: `activity` (VAD), `speaker`, `floor` (noise power of the 40 bands
    and, last, of the whole signal), `spoken` (features of the window's speech frames, pauses left
    out), `spoken_at` (where each of them is on the stream, in frames), `recent` (features of all
    that was heard lately, speech or not).
    """

    def __init__(self, prior: Prior, speech_threshold: float = 0.5) -> None:
        self.activity = vad.VoiceActivity(speech_threshold)
        self.speaker = Speaker(prior)
        self.floor = quality.NoiseFloor(BANDS + 1)
        self._offset = quality.OffsetFilter()
        self.reset_stream()

    def reset_stream(self) -> None:
        """The next sample follows on nothing; what is known of the player stays."""
        self.activity.reset()
        self.floor.reset()
        self._offset.reset()
        self._rest = np.zeros(0, np.float32)
        self._context = np.zeros(features.CONTEXT, np.float32)
        self._waiting = self.recent = _NO_FRAMES
        self._chunks = 0
        self._now = 0
        self._tail = _NO_FRAMES
        self.spoken = _NO_FRAMES
        self.spoken_at = np.zeros(0, np.int64)
        self._probabilities = np.zeros(0, np.float32)
        self._defects: list[tuple[int, int, int]] = []

    @property
    def speaking(self) -> bool:
        """Whether an utterance is going on."""
        return self.activity.phase.speech in vad.SPOKEN

    @property
    def silent_frames(self) -> int:
        """Frames since the last one with speech; all frames if there was none within 5 s."""
        return self._now - int(self.spoken_at[-1]) - 1 if len(self.spoken_at) else self._now

    @property
    def louder(self) -> float:
        """How far the window's mean level is above this player's usual one (nepers of power)."""
        return float(self.spoken[:, LOG_MEL].mean() - self.speaker.level.mean[0])

    @property
    def snr_db(self) -> float:
        """Signal-to-noise ratio of the window's speech, dB."""
        speech = float(self.spoken[:, POWER].mean()) if len(self.spoken) else 0.0
        return quality.snr_db(speech, float(self.floor.power[-1]))

    @property
    def speech_probability(self) -> float:
        """Mean over the window's frames, 0 ... 1; without any, the detector's newest."""
        if len(self._probabilities):
            return float(self._probabilities.mean())
        return self.activity.probability

    @property
    def clipping(self) -> float:
        """Share of samples at full scale over the last 3 s."""
        return self._share(1)

    @property
    def broken(self) -> float:
        """Share of samples that were no numbers over the last 3 s."""
        return self._share(2)

    def _share(self, column: int) -> float:
        total = sum(entry[0] for entry in self._defects)
        return sum(entry[column] for entry in self._defects) / total if total else 0.0

    def push(self, samples: NDArray[np.floating]) -> None:
        """Hear more samples (full scale -1 ... +1; anything that is no number is harmless)."""
        cleaned = quality.repair(samples)
        self._defects.append((len(cleaned.samples), cleaned.clipped, cleaned.broken))
        while sum(entry[0] for entry in self._defects[1:]) >= 3 * SAMPLE_RATE:
            self._defects.pop(0)
        level = self._offset.push(cleaned.samples)
        heard = self.activity.push(level)
        waiting = np.concatenate([self._rest, level])
        whole = len(waiting) // HOP * HOP
        block, self._rest = waiting[:whole], waiting[whole:]
        if whole:
            fresh = features.analyse(block, self._context)
            self._waiting = np.concatenate([self._waiting, fresh])
            self.recent = np.concatenate([self.recent, fresh])[-RECENT_FRAMES:]
            self._context = np.concatenate([self._context, block])[-features.CONTEXT :]
        for phase, probability in heard:
            self._judge(phase.speech, probability)

    def _judge(self, speech: vad.Speech, probability: float) -> None:
        """Sort the frames that end within the chunk just judged into speech and noise."""
        self._chunks += 1
        count = self._chunks * vad.CHUNK // HOP - self._now
        frames, self._waiting = self._waiting[:count], self._waiting[count:]
        self._now += count
        powers = np.concatenate([np.exp(frames[:, LOG_MEL]), frames[:, POWER:]], axis=1)
        self.floor.update(powers, speech is vad.Speech.QUIET)
        if speech is vad.Speech.STARTING:
            # Not yet known to be speech: kept aside, taken in when it turns out to be.
            self._tail = np.concatenate([self._tail, frames])
            return
        if speech is vad.Speech.SPEAKING:
            frames = np.concatenate([self._tail, frames])
            count = len(frames)
            self.speaker.update(frames)
            self.spoken = np.concatenate([self.spoken, frames])[-WINDOW_FRAMES:]
            times = np.arange(self._now - count, self._now)
            self.spoken_at = np.concatenate([self.spoken_at, times])[-WINDOW_FRAMES:]
            certain = np.full(count, probability, np.float32)
            self._probabilities = np.concatenate([self._probabilities, certain])[-WINDOW_FRAMES:]
        self._tail = _NO_FRAMES
        self._keep(int(np.searchsorted(self.spoken_at, self._now - REACH_FRAMES)), None)

    def forget_spoken(self, frames: int) -> None:
        """Take back that the newest frames were speech: they were something else."""
        self._keep(0, int(np.searchsorted(self.spoken_at, self._now - frames)))

    def _keep(self, first: int, end: int | None) -> None:
        kept = slice(first, end)
        self.spoken = self.spoken[kept]
        self.spoken_at = self.spoken_at[kept]
        self._probabilities = self._probabilities[kept]

    def window(self) -> Array:
        """What the model hears: one row for each frame of `spoken` (at most 300), oldest first.

        Columns: 40 log-mels in standard deviations from this player's mean; 40 times how far the
        band stands above the noise (0: at the floor, 1: 20 dB above it); the level, in standard
        deviations; the pitch likewise (0 where unvoiced); the periodicity.
        """
        speaker, log_mel = self.speaker, self.spoken[:, LOG_MEL]
        mean = speaker.level.mean + speaker.shape.mean
        mels = (log_mel - mean) / (speaker.shape.deviation + 0.1)
        floor = np.log(self.floor.power[:BANDS] + features.POWER_FLOOR)
        above = np.clip((log_mel - floor) / MASK_RANGE, 0.0, 1.0)
        level = log_mel.mean(axis=1, keepdims=True) - speaker.level.mean
        pitch = self.spoken[:, LOG_PITCH, None]
        tone = (pitch - speaker.pitch.mean) / (speaker.pitch.deviation + 0.02)
        columns = (
            mels,
            above,
            level / (speaker.level.deviation + 0.1),
            np.where(pitch > 0.0, tone, 0.0),
            self.spoken[:, PERIODICITY, None],
        )
        # Ten deviations are beyond any voice: what lies there must not drown the rest.
        return np.asarray(np.clip(np.concatenate(columns, axis=1), -10.0, 10.0), np.float32)
