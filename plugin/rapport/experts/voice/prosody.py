"""How something is said: pitch, loudness, pace and pauses of the last seconds of speech."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.experts.voice.features import FRAMES_PER_SECOND, LOG_PITCH, POWER

Array = NDArray[np.float32]

SEMITONES = 12.0 / np.log(2.0)
"""Semitones in a unit of natural log frequency."""
DECIBELS = 10.0 / np.log(10.0)
TINY_POWER = 1e-12
MIN_VOICED = 10
"""Voiced frames (0.1 s) below which nothing is said about pitch."""
SYLLABLE_SMOOTHING = 5
"""Frames (50 ms) of smoothing before peaks are counted: shorter than a syllable, longer than a
period."""
SYLLABLE_GAP = 10
"""Frames between two syllables: nobody speaks more than ten a second."""
SYLLABLE_DIP_DB = 2.0
"""A peak counts when the loudness dipped this far since the one before (De Jong & Wempe 2009)."""
SYLLABLE_FLOOR_DB = 25.0
"""Peaks this far below the loudest one are no syllables (ibid.)."""


class Prosody(NamedTuple):
    """Measures of one stretch of speech. Pitch measures are None with too little voiced sound."""

    loudness_db: float
    """Mean power of the speech, dB of a full-scale square wave."""
    rate: float
    """Syllable-like loudness peaks per second of speech."""
    pause_share: float
    """Share of the stretch, from its first to its last speech, that is pauses; 0 ... 1."""
    voiced_share: float
    """Share of the speech frames that are voiced; 0 ... 1."""
    pitch_hz: float | None = None
    """Median."""
    pitch_range: float | None = None
    """Semitones between the 10th and the 90th percentile."""
    pitch_slope: float | None = None
    """Semitones per second, least squares over the voiced frames."""
    jitter: float | None = None
    """Mean relative change of the period between neighbouring voiced frames. A stand-in for
    cycle-to-cycle jitter, which needs every glottal pulse marked: it moves with it, but also
    holds 10 ms of intonation, so compare it only with itself."""
    shimmer_db: float | None = None
    """Mean change of the loudness between neighbouring voiced frames, dB; the same stand-in for
    cycle-to-cycle shimmer."""


def measure(spoken: Array, spoken_at: NDArray[np.int64]) -> Prosody:
    """Prosody of feature frames of speech (n x `features.WIDTH`, n > 0).

    :param spoken_at: the place of each frame on the stream, in frames: pauses show as jumps.
    """
    power = spoken[:, POWER].astype(np.float64) + TINY_POWER
    loudness = DECIBELS * np.log(power)
    pitch = spoken[:, LOG_PITCH].astype(np.float64)
    voiced = pitch > 0.0
    span = float(spoken_at[-1] - spoken_at[0] + 1)
    plain = Prosody(
        loudness_db=float(DECIBELS * np.log(power.mean())),
        rate=_syllables(loudness, voiced) * FRAMES_PER_SECOND / len(spoken),
        pause_share=float(np.clip(1.0 - len(spoken) / span, 0.0, 1.0)),
        voiced_share=float(voiced.mean()),
    )
    if np.count_nonzero(voiced) < MIN_VOICED:
        return plain
    tones = pitch[voiced]
    low, middle, high = np.percentile(tones, [10, 50, 90])
    seconds = spoken_at[voiced] / FRAMES_PER_SECOND
    seconds = seconds - seconds.mean()
    spread = float(np.sum(seconds**2))
    slope = float(np.sum(seconds * tones)) / spread if spread > 0.0 else 0.0
    neighbours = voiced[1:] & voiced[:-1] & (np.diff(spoken_at) == 1)
    # A leap of more than a fifth within 10 ms is an error of the pitch tracker, not a voice.
    steady = neighbours & (np.abs(np.diff(pitch)) < 0.4)
    jitter = shimmer = None
    if np.count_nonzero(steady) >= MIN_VOICED:
        jitter = float(np.expm1(np.abs(np.diff(pitch))[steady]).mean())
        shimmer = float(np.abs(np.diff(loudness))[steady].mean())
    return plain._replace(
        pitch_hz=float(np.exp(middle)),
        pitch_range=float(SEMITONES * (high - low)),
        pitch_slope=float(SEMITONES * slope),
        jitter=jitter,
        shimmer_db=shimmer,
    )


def _syllables(loudness: NDArray[np.float64], voiced: NDArray[np.bool_]) -> int:
    """Count of loudness peaks that look like syllables."""
    if len(loudness) < 2 * SYLLABLE_SMOOTHING:
        return 0
    smooth = np.convolve(loudness, np.full(SYLLABLE_SMOOTHING, 1.0 / SYLLABLE_SMOOTHING), "same")
    inner = smooth[1:-1]
    peaks = 1 + np.flatnonzero((inner > smooth[:-2]) & (inner >= smooth[2:]) & voiced[1:-1])
    peaks = peaks[smooth[peaks] > smooth.max() - SYLLABLE_FLOOR_DB]
    count, last = 0, -SYLLABLE_GAP
    for peak in peaks:
        dip = smooth[max(0, last) : peak].min(initial=np.inf)
        if peak - last >= SYLLABLE_GAP and (count == 0 or dip < smooth[peak] - SYLLABLE_DIP_DB):
            count, last = count + 1, int(peak)
    return count


LOUDNESS_SHARE = PITCH_SHARE = 0.5
"""What arousal is heard by: loudness and pitch level are its firmest signs (Scherer 2003, "Vocal
communication of emotion"). Pitch range is left out: in the training corpora it is as wide in
sadness as in anger, and narrow in fear."""
LOUDNESS_STEP_DB = 6.0
"""Departure from this player's usual loudness that counts as one: twice the sound pressure."""
PITCH_STEP = 4.0
"""Departure from the usual pitch, in semitones, that counts as one; a speaker's own pitch level
spreads about this much over moods."""
ACQUAINTANCE = 3.0 * FRAMES_PER_SECOND
"""Frames of speech (3 s) after which what is usual for this player is half trusted."""


def arousal(
    heard: Prosody, louder_db: float, usual_log_pitch: float, heard_frames: int
) -> tuple[float, float]:
    """Arousal by prosody alone, -1 ... +1, and how far it can be trusted, 0 ... 1.

    A weighted sum of departures from this player's own usual voice, squashed by tanh. The trust
    grows with the frames of speech that the usual values rest on.

    :param louder_db: loudness above the usual; `usual_log_pitch`: natural log of Hz.
    """
    total = LOUDNESS_SHARE * louder_db / LOUDNESS_STEP_DB
    if heard.pitch_hz is not None:
        semitones = SEMITONES * (np.log(heard.pitch_hz) - usual_log_pitch)
        total += PITCH_SHARE * semitones / PITCH_STEP
    return float(np.tanh(total)), heard_frames / (heard_frames + ACQUAINTANCE)


def relative(
    heard: Prosody, louder_db: float, usual_log_pitch: float, heard_frames: int
) -> dict[str, float]:
    """How it was said, by name, against this player's usual; what is not known is left out.

    :param louder_db: loudness above the usual; `usual_log_pitch`: natural log of Hz.
    :param heard_frames: frames of speech that the usual rests on.
    """
    pitch = heard.pitch_hz and SEMITONES * (np.log(heard.pitch_hz) - usual_log_pitch)
    found = {
        "pitch_range": heard.pitch_range,
        "pitch": pitch,
        "loudness_db": louder_db,
        "rate": heard.rate,
        "pause_share": heard.pause_share,
        "voiced_share": heard.voiced_share,
        "jitter": heard.jitter,
        "shimmer_db": heard.shimmer_db,
        "known_s": heard_frames / FRAMES_PER_SECOND,
    }
    return {name: float(value) for name, value in found.items() if value is not None}
