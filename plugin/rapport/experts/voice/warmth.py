"""Warmth: how glad a voice sounds, whatever it says.

Happiness is what the emotion model hears worst. This small head tells it from all else, by how the
whole stretch of speech goes rather than by how each moment sounds, and against how glad this player
usually sounds. `conversation.incongruence` holds it against the words.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rapport.experts.store import Store
from rapport.experts.voice.features import BANDS, FRAMES_PER_SECOND

Array = NDArray[np.float32]

MODEL = "voice_warmth"
LEAST_FRAMES = 60
"""Speech (0.6 s) below which nothing is said: a stretch has to go somewhere."""
BREAK_FRAMES = FRAMES_PER_SECOND
"""What was said before a pause of a second is another utterance."""
USUAL_PRIOR = 4.0
"""How many utterances the head's own average counts for in what is usual for a player."""
COARSE = 10
"""Groups of log-mel bands whose course is described."""
FINE = 13
"""Cosines that describe the mean spectrum."""
LEVEL, TONE, PERIODICITY = 2 * BANDS, 2 * BANDS + 1, 2 * BANDS + 2
"""Columns of `FrontEnd.window`."""
FEW_VOICED = 5
TYPICAL = {
    "pitch_range": 6.0,
    "pitch": 0.0,
    "loudness_db": 0.0,
    "rate": 4.0,
    "pause_share": 0.0,
    "voiced_share": 0.5,
    "jitter": 0.02,
    "shimmer_db": 2.0,
}
"""Measures of prosody that are described, and what stands for one that is not known."""


def newest(spoken_at: NDArray[np.int64]) -> int:
    """The first row of a window after the last pause that ends an utterance."""
    breaks = np.flatnonzero(np.diff(spoken_at) > BREAK_FRAMES)
    return int(breaks[-1]) + 1 if len(breaks) else 0


def describe(window: Array, prosody: Mapping[str, float]) -> Array:
    """A stretch of speech (`FrontEnd.window`, n x 83, n > 1) in one row of numbers: where its
    spectrum, level, pitch and periodicity are, how far they spread, and how they go."""
    bands = window[:, :BANDS]
    coarse = bands.reshape(len(window), COARSE, -1).mean(axis=2)
    courses = np.column_stack([coarse, window[:, LEVEL:], bands.mean(axis=1)])
    along = np.linspace(-1.0, 1.0, len(window))[:, None]
    tone = window[window[:, TONE] != 0.0, TONE]
    tones = tone if len(tone) > FEW_VOICED else np.zeros(1, np.float32)
    mean = bands.mean(axis=0)
    parts = (
        courses.mean(axis=0),
        courses.std(axis=0),
        *np.percentile(courses, [10, 90], axis=0),
        np.abs(np.diff(courses, axis=0)).mean(axis=0),
        (courses * along).mean(axis=0),
        [len(tone) / len(window), tones.mean(), tones.std()],
        [np.log(len(window) / FRAMES_PER_SECOND)],
        np.percentile(tones, [5, 25, 50, 75, 95]),
        [prosody.get(name, usual) for name, usual in TYPICAL.items()],
        mean,
        np.fft.rfft(np.concatenate([mean, mean[::-1]])).real[:FINE],
    )
    return np.concatenate([np.asarray(part, np.float32).ravel() for part in parts])


class Warmth:
    """Hears how glad the player sounds, against how the player usually does.

    :raises ModelError: as `Store.load` says.
    """

    def __init__(self, store: Store) -> None:
        self._model = store.load(MODEL)
        self._last: float | None = None
        self._known_s = self._sum = self._count = 0.0

    def hear(self, window: Array, prosody: Mapping[str, float]) -> float | None:
        """Log-odds that an utterance so far sounds glad, less what is usual for this player; None
        while too little was said. When less is known of the player than before, it is another one.

        :param window: the rows of the utterance alone, and `prosody` its own too.
        """
        known_s = prosody.get("known_s", 0.0)
        if known_s < self._known_s:
            self._last, self._sum, self._count = None, 0.0, 0.0
        self._known_s = known_s
        if len(window) < LEAST_FRAMES:
            return None
        (odds,) = self._model.run({"described": describe(window, prosody)[None]})
        self._last = float(odds[0])
        return self._last - self._sum / (self._count + USUAL_PRIOR)

    def end(self) -> None:
        """The utterance is over: it counts for what is usual."""
        if self._last is not None:
            self._sum, self._count, self._last = self._sum + self._last, self._count + 1.0, None
