"""Frame features against signals whose pitch and spectrum are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.capture.signals import SAMPLE_RATE
from rapport.experts.voice import features
from rapport.experts.voice.features import LOG_MEL, LOG_PITCH, PERIODICITY, POWER

START = np.zeros(features.CONTEXT, np.float32)


def tone(hz: float, seconds: float = 0.3, level: float = 0.2) -> np.ndarray:
    """A voice-like tone: five harmonics, each half of the one before."""
    time = np.arange(int(seconds * 100) * features.HOP) / SAMPLE_RATE
    parts = [0.5**n * np.sin(2 * np.pi * hz * (n + 1) * time) for n in range(5)]
    return (level * np.sum(parts, axis=0)).astype(np.float32)


@pytest.mark.property
@given(hz=st.floats(70.0, 550.0), level=st.floats(0.001, 0.4))
def test_pitch_is_found_at_any_loudness(hz: float, level: float) -> None:
    frames = features.analyse(tone(hz, level=level), START)[8:]
    assert np.exp(frames[:, LOG_PITCH]) == pytest.approx(hz, rel=0.02)
    assert frames[:, PERIODICITY].min() > 0.9


@pytest.mark.unit
def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(3).normal(0.0, 0.1, 8000).astype(np.float32)
    assert np.mean(features.analyse(noise, START)[:, LOG_PITCH] > 0.0) < 0.1
    silence = features.analyse(np.zeros(1600, np.float32), START)
    assert np.isfinite(silence).all()
    assert not silence[:, [LOG_PITCH, PERIODICITY, POWER]].any()
    assert silence[:, LOG_MEL] == pytest.approx(np.log(features.POWER_FLOOR))


@pytest.mark.unit
def test_bands_rise_with_frequency_and_level() -> None:
    def band(hz: float, level: float) -> tuple[int, float]:
        time = np.arange(3200) / SAMPLE_RATE
        sine = (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)
        mel = features.analyse(sine, START)[10, LOG_MEL]
        return int(mel.argmax()), float(mel.max())

    places = [band(hz, 0.1)[0] for hz in (100, 300, 1000, 3000, 7000)]
    assert places == sorted(set(places))
    # Ten times the amplitude is a hundred times the power.
    assert band(1000, 0.5)[1] - band(1000, 0.05)[1] == pytest.approx(np.log(100.0), abs=0.01)
    # A full-scale sine stands near 0 in its band: its power may lie between two filters.
    assert -1.5 < band(1000, 1.0)[1] < 1.5


@pytest.mark.property
@given(cut=st.integers(1, 49))
def test_a_cut_stream_gives_the_same_frames(cut: int) -> None:
    sound = tone(180.0, 0.5) + np.random.default_rng(1).normal(0, 0.01, 8000).astype(np.float32)
    whole = features.analyse(sound, START)
    first, second = sound[: cut * features.HOP], sound[cut * features.HOP :]
    context = np.concatenate([START, first])[-features.CONTEXT :]
    parts = [features.analyse(first, START), features.analyse(second, context)]
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-5
