"""Vocal bursts: laughs, sighs, screams. They are no speech, and the detector of speech hears some
and misses others, so they are looked for in everything that stands out of the noise."""

import numpy as np
from numpy.typing import NDArray

from rapport.errors import ModelUnreadable
from rapport.experts.store import Store
from rapport.experts.voice.features import (
    BANDS,
    FRAMES_PER_SECOND,
    LOG_MEL,
    LOG_PITCH,
    PERIODICITY,
    POWER,
)
from rapport.experts.voice.quality import TINY_POWER

Array = NDArray[np.float32]

MODEL = "vocal_bursts"
AGREEING = 3
"""Readings in a row whose mean must be sure: a burst lasts, a chance likeness does not."""
IN_SPEECH = 0.9
"""Probability that a burst needs while the detector hears speech: lively speech holds cries and
sighs, and laughs rarely pass for speech."""
WINDOW_FRAMES = 2 * FRAMES_PER_SECOND
"""What a reading rests on (2 s): bursts are shorter, and their end is part of them."""
RING_FRAMES = 5 * FRAMES_PER_SECOND
"""How far back (5 s) the noise is looked for: longer than a burst."""
LEAST_FRAMES = FRAMES_PER_SECOND
"""With less than 1 s of sound the noise is not known, and nothing is read."""
FLOOR_SHARE = 0.1
"""The quietest tenth of the time counts as noise, in each band: nobody sounds all the time."""
FLOOR_STEP = 4
"""Every fourth frame is enough to find it."""
LOUD = np.log(10.0)
"""Nepers of power above the noise (10 dB) from which a frame stands out."""
LOUD_FRAMES = 25
"""Frames (0.25 s) of the window that must stand out: clicks are shorter, gasps longer."""
FRESH_FRAMES = 20
"""One of the newest 0.2 s must stand out, or the burst is over."""
PEAK_FRAMES = WINDOW_FRAMES // 10
"""The loudest tenth of the window says how loud the burst is."""
SPREAD = 3.0
"""Nepers by which log-mels are divided; they spread about this much within a burst."""
MIDDLE_PITCH = np.log(220.0)
MASK_RANGE = 20.0 * np.log(10.0) / 10.0
"""A band this far above the noise (20 dB) is fully trusted."""
COLUMNS = 2 * BANDS + 3
"""Width of the model's input: see `window`."""


def worth_reading(recent: Array) -> bool:
    """Whether something stands out of the noise just now.

    :param recent: feature frames, n x `features.WIDTH`, oldest first; up to `RING_FRAMES`.
    """
    if len(recent) < LEAST_FRAMES:
        return False
    level = np.log(recent[:, POWER] + TINY_POWER)
    loud = level[-WINDOW_FRAMES:] > _floor(level) + LOUD
    return bool(loud.sum() >= LOUD_FRAMES and loud[-FRESH_FRAMES:].any())


def _floor(values: Array) -> Array:
    """Of each column the value that a tenth of the frames stay below."""
    some = values[::FLOOR_STEP]
    place = int(FLOOR_SHARE * len(some))
    return np.asarray(np.partition(some, place, axis=0)[place])


def window(recent: Array) -> Array:
    """What the model hears: `WINDOW_FRAMES` rows (short of sound: the first one is repeated).

    Columns: 40 log-mels against the window's loudest moments; 40 times how far the band stands
    above the noise (0: at the floor, 1: 20 dB above it); the level; the pitch (0 where unvoiced);
    the periodicity. Nothing is kept of the microphone's gain, or of the player.

    :param recent: as for `worth_reading`.
    """
    log_mel = recent[:, LOG_MEL]
    floor = _floor(log_mel)
    heard = recent[-WINDOW_FRAMES:]
    if len(heard) < WINDOW_FRAMES:
        heard = np.concatenate([np.repeat(heard[:1], WINDOW_FRAMES - len(heard), axis=0), heard])
    log_mel = heard[:, LOG_MEL]
    level = log_mel.mean(axis=1, keepdims=True)
    peak = np.partition(level[:, 0], -PEAK_FRAMES)[-PEAK_FRAMES]
    pitch = heard[:, LOG_PITCH, None]
    columns = (
        (log_mel - peak) / SPREAD,
        np.clip((log_mel - floor) / MASK_RANGE, 0.0, 1.0),
        (level - peak) / SPREAD,
        np.where(pitch > 0.0, 2.0 * (pitch - MIDDLE_PITCH), 0.0),
        heard[:, PERIODICITY, None],
    )
    return np.asarray(np.clip(np.concatenate(columns, axis=1), -5.0, 5.0), np.float32)


class BurstListener:
    """Reads bursts from the feature frames of a stream, and says when one is heard.

    Not safe to share between threads.

    :raises ModelMissing, ModelTampered, ModelUnreadable, ModelNotCleared: as `Store.load` does.
    """

    def __init__(self, store: Store) -> None:
        self._model = store.load(MODEL)
        try:
            self._threshold = float(self._model.metadata["threshold"])
        except (KeyError, ValueError) as error:
            raise ModelUnreadable(f"Model {MODEL} lacks its threshold.") from error
        self.reset()

    @property
    def name(self) -> str:
        """Id and version of the model."""
        return self._model.name

    def reset(self) -> None:
        """Forget the stream."""
        self._readings: list[Array] = []

    @property
    def probabilities(self) -> Array | None:
        """Of each of `state.BURSTS` and, last, of none of them; the mean of the last readings.
        None: nothing stands out just now, or for too short a time."""
        if len(self._readings) < AGREEING:
            return None
        return np.asarray(np.mean(self._readings, axis=0))

    def read(self, recent: Array, speaking: bool) -> tuple[float, ...] | None:
        """The probabilities of `state.BURSTS` if one is heard just now; None: none is.

        To be called once for each interval, because it looks at its last readings too.

        :param recent: as for `worth_reading`.
        :param speaking: whether it is taken for speech.
        """
        if not worth_reading(recent):
            self.reset()
            return None
        (row,) = self._model.run({"windows": window(recent)[None]})[0]
        self._readings = [*self._readings, row][-AGREEING:]
        mean = self.probabilities
        threshold = max(self._threshold, IN_SPEECH) if speaking else self._threshold
        if mean is None or float(mean[:-1].max()) < threshold:
            return None
        return tuple(mean[:-1].tolist())
