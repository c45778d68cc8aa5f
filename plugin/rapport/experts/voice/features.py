"""What is measured in every 10 ms of sound: log-mel spectrum, pitch, periodicity, loudness.

One code for training and for the running sidecar. Pure numpy, causal: a frame looks only back.
"""

import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE

Array = NDArray[np.float32]

HOP = 160
"""Samples between two frames (10 ms, the usual step in speech work)."""
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
MEL_WINDOW = 400
"""Samples of the spectrum's Hann window (25 ms)."""
MEL_FFT = 512
BANDS = 40
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
"""Edges of the mel filters: above mains hum, below where 16 kHz codecs roll off."""
POWER_FLOOR = 1e-9
"""Added to band powers (-90 dB of a full-scale sine): 16-bit noise and digital silence look
alike."""
PITCH_WINDOW = 640
"""Samples in which the period is sought (40 ms: two periods of the lowest pitch)."""
PITCH_STEP = 2
"""The period is sought in means of two samples (8 kHz): pitch has nothing above, and it is half the
work; interpolation between lags keeps the error below half a percent."""
PITCH_FFT = 512
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ = 60.0, 615.0
"""From a low male voice to an acted scream."""
VOICED = 0.5
"""Periodicity from which a frame counts as voiced."""
OCTAVE_TOLERANCE = 0.9
"""The first peak this close to the highest one wins, against octave errors (McLeod & Wyvill 2005
call it the constant k and give 0.8 to 1.0)."""
CONTEXT = PITCH_WINDOW - HOP
"""Samples before a block that its first frame looks back on."""


LOG_MEL = slice(0, BANDS)
"""Columns of a feature frame: natural log of each band's power, a full-scale sine being near 0."""
LOG_PITCH = BANDS
"""Column: natural log of the pitch in Hz, 0 where unvoiced."""
PERIODICITY = BANDS + 1
"""Column: 0 (noise) ... 1 (periodic)."""
POWER = BANDS + 2
"""Column: mean square of the frame's 25 ms, under the window (without it, the beat of window and
period would show as loudness); a full-scale square wave has 1."""
WIDTH = BANDS + 3


def _mel_filters() -> Array:
    """Triangles of equal width on the mel scale (O'Shaughnessy 1987), FFT bins x bands."""

    def mel(hz: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0), np.float64)

    low, high = mel(np.array([LOWEST_HZ, HIGHEST_HZ])).tolist()
    edges = np.linspace(low, high, BANDS + 2)
    bins = mel(np.fft.rfftfreq(MEL_FFT, 1.0 / SAMPLE_RATE))[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


_FILTERS = _mel_filters()
_HANN = np.hanning(MEL_WINDOW).astype(np.float32)
_HANN_ENERGY = float(np.sum(_HANN**2))
_SPECTRUM_SCALE = float(2.0 / _HANN.sum()) ** 2
_PITCH_RATE = SAMPLE_RATE // PITCH_STEP
_PITCH_SPAN = PITCH_WINDOW // PITCH_STEP
_SHORTEST_LAG = int(_PITCH_RATE / HIGHEST_PITCH_HZ)
_LONGEST_LAG = int(_PITCH_RATE / LOWEST_PITCH_HZ)
_LAGS = np.arange(_SHORTEST_LAG - 1, _LONGEST_LAG + 2)


def analyse(samples: Array, context: Array) -> Array:
    """Measure whole frames: n x `WIDTH`, one row every 10 ms; a row ends with the last of its 160
    samples. Which column is what: `LOG_MEL`, `LOG_PITCH`, `PERIODICITY`, `POWER`.

    :param samples: a multiple of `HOP` samples, full scale -1 ... +1.
    :param context: the `CONTEXT` samples before them (zeros at the very beginning).
    """
    signal = np.concatenate([context, samples])
    short = _frames(signal[PITCH_WINDOW - MEL_WINDOW :], MEL_WINDOW, HOP)
    smooth = signal.reshape(-1, PITCH_STEP).mean(axis=1)
    log_pitch, periodicity = _pitch(_frames(smooth, _PITCH_SPAN, HOP // PITCH_STEP))
    # The frame's own mean goes first: 25 ms resolve 40 Hz, so an offset would leak into speech.
    short = short - short.mean(axis=1, keepdims=True)
    tapered = short * _HANN
    spectrum = np.fft.rfft(tapered, MEL_FFT, axis=1)
    bands = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _FILTERS * _SPECTRUM_SCALE
    frames = np.empty((len(short), WIDTH), np.float32)
    frames[:, LOG_MEL] = np.log(bands + POWER_FLOOR)
    frames[:, LOG_PITCH], frames[:, PERIODICITY] = log_pitch, periodicity
    frames[:, POWER] = np.sum(tapered**2, axis=1) / _HANN_ENERGY
    return frames


def _frames(signal: Array, length: int, step: int) -> Array:
    return np.lib.stride_tricks.sliding_window_view(signal, length)[::step]


def _pitch(windows: Array) -> tuple[Array, Array]:
    """Pitch by the normalised square difference function (McLeod & Wyvill 2005).

    It is 2 r(lag) / m(lag), with r the autocorrelation and m the energy of the two parts that it
    compares; in -1 ... +1, and near 1 at the period whatever the loudness.
    """
    span = windows.shape[1]
    centred = windows - windows.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, PITCH_FFT, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    correlation = np.fft.irfft(power, PITCH_FFT, axis=1)[:, _LAGS]
    energy = np.cumsum(centred.astype(np.float64) ** 2, axis=1)
    total = energy[:, -1:]
    compared = energy[:, span - 1 - _LAGS] + total - energy[:, _LAGS - 1]
    likeness = 2.0 * correlation / (compared + span * 1e-10)
    inner = likeness[:, 1:-1]
    peak = (inner >= likeness[:, :-2]) & (inner >= likeness[:, 2:])
    highest = np.where(peak, inner, 0.0).max(axis=1, keepdims=True)
    first = np.argmax(peak & (inner >= OCTAVE_TOLERANCE * highest), axis=1)
    rows = np.arange(len(inner))
    left, top, right = likeness[rows, first], inner[rows, first], likeness[rows, first + 2]
    bend = left - 2.0 * top + right
    shift = np.divide(0.5 * (left - right), bend, out=np.zeros_like(bend), where=bend < -1e-9)
    period = _LAGS[first + 1] + np.clip(shift, -0.5, 0.5)
    periodicity = np.clip(top, 0.0, 1.0)
    log_pitch = np.where(periodicity >= VOICED, np.log(_PITCH_RATE / period), 0.0)
    return log_pitch, periodicity
