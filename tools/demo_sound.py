"""The sound of a demo clip: sentences by espeak-ng, a fan, and a quiet room."""

import subprocess
import tempfile
import wave
from math import gcd
from pathlib import Path

import numpy as np
from demo_timeline import Speech, Timeline
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

RATE = 48_000
VOICE = "en-us+f3"
ROOM_RMS = 0.0008
"""Loudness of the empty room, about -62 dB of full scale."""
FAN_RMS = 0.16
"""Louder than the speech: -4 dB SNR."""
FAN_HUM_HZ = 118.0
"""Blade frequency of a small fan."""


def make_sound(timeline: Timeline, seed: int = 20) -> NDArray[np.float32]:
    """The whole sound track, mono, -1 … 1, at RATE."""
    noise = np.random.default_rng(seed)
    sound = ROOM_RMS * noise.standard_normal(round(timeline.length_s * RATE))
    for speech in timeline.speech:
        spoken = speak(speech)
        start = round(speech.start * RATE)
        if start + len(spoken) > len(sound):
            raise ValueError(f"this sentence is not finished when the clip ends: {speech.text}")
        sound[start : start + len(spoken)] += spoken
    if timeline.fan is not None:
        sound += fan(noise, len(sound), *timeline.fan)
    return np.clip(sound, -0.98, 0.98).astype(np.float32)


def speak(speech: Speech) -> NDArray[np.float64]:
    """One sentence, -1 … 1, at RATE."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["espeak-ng", "-v", VOICE, "-p", str(speech.pitch), "-s", str(speech.rate)]
        command += ["-a", str(speech.amplitude), "-w", str(path), speech.text]
        subprocess.run(command, check=True)
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768.0
    common = gcd(rate, RATE)
    return resample_poly(samples, RATE // common, rate // common)


def fan(noise: np.random.Generator, length: int, start: float, end: float) -> NDArray[np.float64]:
    """Low-passed noise with a hum, swelling and fading over half a second."""
    time = np.arange(length) / RATE
    hiss = lfilter([1.0], [1.0, -0.93], noise.standard_normal(length))  # about -6 dB/octave
    hiss += 0.3 * np.std(hiss) * np.sin(2 * np.pi * FAN_HUM_HZ * time)
    on = np.clip((time - start) / 0.5, 0, 1) * np.clip((end - time) / 0.5, 0, 1)
    return FAN_RMS * on * hiss / np.std(hiss)


def mouth_openings(timeline: Timeline, fps: int) -> NDArray[np.float64]:
    """How far the speech opens the mouth in each picture, 0 … 1: its smoothed loudness."""
    hop = RATE // fps
    spoken = np.zeros(round(timeline.length_s * RATE))
    for speech in timeline.speech:
        part = speak(speech)
        start = round(speech.start * RATE)
        spoken[start : start + len(part)] = part
    loudness = np.sqrt((spoken[: len(spoken) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1))
    smooth = np.convolve(loudness, [0.2, 0.6, 0.2], mode="same")
    return np.clip(smooth / 0.15, 0, 1)
