"""Prosody of rendered, voice-like sound whose pitch, pace and pauses are known."""

import numpy as np
import pytest

from rapport.capture.signals import SAMPLE_RATE
from rapport.experts.voice import features, prosody
from rapport.experts.voice.prosody import Prosody

pytestmark = pytest.mark.unit

SEED = 4


def render(pitch_hz: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Feature frames of a buzz that follows pitch and level, one value each per sample."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE
    sound = level * sum(0.6**n * np.sin((n + 1) * phase) for n in range(6))
    return features.analyse(sound.astype(np.float32), np.zeros(features.CONTEXT, np.float32))[8:]


def heard(frames: np.ndarray, start: int = 0) -> Prosody:
    return prosody.measure(frames, np.arange(start, start + len(frames)))


def steady(hz: float, level: float = 0.1, seconds: float = 2.0) -> np.ndarray:
    samples = int(seconds * SAMPLE_RATE)
    return render(np.full(samples, hz), np.full(samples, level))


def test_a_steady_tone() -> None:
    found = heard(steady(150.0))
    assert found.pitch_hz == pytest.approx(150.0, rel=0.01)
    assert found.pitch_range == pytest.approx(0.0, abs=0.2)
    assert found.pitch_slope == pytest.approx(0.0, abs=0.2)
    assert found.jitter == pytest.approx(0.0, abs=0.003)
    assert found.shimmer_db == pytest.approx(0.0, abs=0.3)
    assert found.voiced_share == 1.0
    assert found.pause_share == 0.0


def test_a_rising_tone() -> None:
    samples = 2 * SAMPLE_RATE
    octave = 200.0 * 2.0 ** (np.arange(samples) / samples)
    found = heard(render(octave, np.full(samples, 0.1)))
    assert found.pitch_slope == pytest.approx(6.0, abs=0.3)
    assert found.pitch_range == pytest.approx(0.8 * 12.0, abs=0.6)


def test_twice_the_amplitude_is_six_decibels() -> None:
    quiet, loud = heard(steady(150.0, 0.05)), heard(steady(150.0, 0.1))
    assert loud.loudness_db - quiet.loudness_db == pytest.approx(6.02, abs=0.05)


@pytest.mark.parametrize("rate", [2.0, 4.0, 6.0])
def test_syllables_are_counted(rate: float) -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    swell = 0.02 + 0.2 * np.maximum(0.0, np.sin(2 * np.pi * rate * time)) ** 2
    found = heard(render(np.full(len(time), 140.0), swell))
    assert found.rate == pytest.approx(rate, abs=0.7)


def test_a_rough_voice_has_more_jitter_and_shimmer() -> None:
    random = np.random.default_rng(SEED)
    samples = 2 * SAMPLE_RATE
    wobble = np.repeat(random.normal(0.0, 1.0, samples // 160), 160)
    rough = heard(render(150.0 * (1.0 + 0.03 * wobble), 0.1 * (1.0 + 0.2 * np.tanh(wobble))))
    smooth = heard(steady(150.0))
    assert rough.jitter is not None and smooth.jitter is not None
    assert rough.shimmer_db is not None and smooth.shimmer_db is not None
    assert rough.jitter > 3.0 * smooth.jitter + 0.002, f"seed {SEED}"
    assert rough.shimmer_db > smooth.shimmer_db + 0.3, f"seed {SEED}"


def test_pauses_and_unvoiced_sound() -> None:
    frames = steady(150.0)
    half = len(frames) // 2
    places = np.concatenate([np.arange(half), np.arange(len(frames), 2 * len(frames) - half)])
    assert prosody.measure(frames, places).pause_share == pytest.approx(1 / 3, abs=0.02)
    hiss = np.random.default_rng(2).normal(0.0, 0.1, SAMPLE_RATE).astype(np.float32)
    none = heard(features.analyse(hiss, np.zeros(features.CONTEXT, np.float32)))
    assert none.voiced_share < 0.1
    assert none.pitch_hz is None
    assert none.jitter is None


def test_arousal_rises_with_loudness_and_pitch() -> None:
    plain = Prosody(-30.0, 4.0, 0.1, 0.7, pitch_hz=150.0)
    usual = float(np.log(150.0))
    calm, trust = prosody.arousal(plain, 0.0, usual, 1000)
    assert calm == pytest.approx(0.0, abs=1e-9)
    louder, _ = prosody.arousal(plain, 8.0, usual, 1000)
    higher, _ = prosody.arousal(plain._replace(pitch_hz=230.0), 0.0, usual, 1000)
    lower, _ = prosody.arousal(plain._replace(pitch_hz=120.0), -8.0, usual, 1000)
    assert lower < calm < min(louder, higher)
    assert max(louder, higher) < 1.0
    stranger = prosody.arousal(plain, 8.0, usual, 0)
    assert stranger[1] == 0.0
    assert 0.5 < trust < 1.0
