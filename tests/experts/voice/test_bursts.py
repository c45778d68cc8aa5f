"""Vocal bursts: what is looked at, and what the shipped model makes of it."""

import csv
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert, bursts, features
from rapport.state import BURSTS, Evidence

SEED = 4
START = np.zeros(features.CONTEXT, np.float32)


def hiss(level: float, seconds: float) -> np.ndarray:
    random = np.random.default_rng(SEED)
    return random.normal(0.0, level, int(seconds * SAMPLE_RATE)).astype(np.float32)


def tone(level: float, seconds: float) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2.0 * np.pi * 300.0 * time)).astype(np.float32)


def amid(noise: np.ndarray, sound: np.ndarray, at_s: float) -> np.ndarray:
    mixed = noise.copy()
    begin = int(at_s * SAMPLE_RATE)
    mixed[begin : begin + len(sound)] += sound
    return features.analyse(mixed, START)


@pytest.mark.unit
def test_only_what_stands_out_for_a_while_is_read() -> None:
    noise = hiss(0.003, 4.0)
    assert not bursts.worth_reading(amid(noise, np.zeros(0, np.float32), 0.0))
    assert not bursts.worth_reading(amid(noise, tone(0.5, 0.05), 3.7)), "a click"
    assert bursts.worth_reading(amid(noise, tone(0.1, 0.8), 3.2))
    assert not bursts.worth_reading(amid(noise, tone(0.1, 0.8), 1.0)), "over for two seconds"
    assert not bursts.worth_reading(amid(hiss(0.1, 4.0), tone(0.03, 0.8), 3.2)), "below the noise"
    assert not bursts.worth_reading(amid(noise, tone(0.1, 0.8), 3.2)[-80:]), "too little heard"


@pytest.mark.unit
@pytest.mark.parametrize("gain", [0.5, 3.0, 20.0])
def test_the_microphones_gain_does_not_matter(gain: float) -> None:
    noise, sound = hiss(0.003, 4.0), tone(0.04, 0.8)
    plain = bursts.window(amid(noise, sound, 3.0))
    louder = bursts.window(amid(noise * gain, (sound * gain).astype(np.float32), 3.0))
    assert plain.shape == (bursts.WINDOW_FRAMES, bursts.COLUMNS)
    # The floor that keeps logarithms finite shows in the faintest bands.
    assert np.abs(plain - louder).mean() < 0.02


@pytest.mark.unit
def test_a_window_is_whole_however_little_was_heard() -> None:
    for frames in (1, 30, 199, 500):
        recent = features.analyse(hiss(0.01, frames / 100), START)
        taken = bursts.window(recent)
        assert taken.shape == (bursts.WINDOW_FRAMES, bursts.COLUMNS)
        assert np.isfinite(taken).all()


@pytest.fixture
def expert() -> Iterator[VoiceExpert]:
    voice = VoiceExpert(settings.Voice(), Store(settings.Models()))
    yield voice
    voice.close()


def listen(expert: VoiceExpert, sound: np.ndarray) -> list[Evidence]:
    expert.close()
    chunks = sound[: len(sound) // 1600 * 1600].astype(np.float32).reshape(-1, 1600)
    heard = (expert.hear(Samples((n + 1) * 100_000_000, c)) for n, c in enumerate(chunks))
    return [evidence for evidence in heard if evidence is not None]


def decode(path: Path) -> np.ndarray:
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(str(path)) as container:
        frames = [*container.decode(audio=0), None]
    return np.concatenate([p.to_ndarray()[0] for f in frames for p in resampler.resample(f)])


def in_hiss(sound: np.ndarray) -> np.ndarray:
    noise = hiss(1e-4, len(sound) / SAMPLE_RATE + 2.5)
    noise[int(1.5 * SAMPLE_RATE) : int(1.5 * SAMPLE_RATE) + len(sound)] += sound
    return noise


@pytest.mark.model
def test_laughs_are_heard_and_are_no_speech(expert: VoiceExpert, shared: Path) -> None:
    folder = shared / "data/voice"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["emotion"] == "amusement"]
    told, read = [], 0
    for row in rows[::9][:20]:
        evidence = listen(expert, in_hiss(decode(folder / row["path"])))
        now = [reading.bursts for reading in evidence if reading.bursts is not None]
        told += [BURSTS[int(np.argmax(burst))] for burst in now[:1]]
        read += sum(e.bursts is not None and e.distribution is not None for e in evidence)
        for burst in now:
            assert len(burst) == len(BURSTS)
            assert min(burst) >= 0.0 and sum(burst) <= 1.0 + 1e-5
    assert len(told) >= 8, told
    assert told.count("laugh") >= 0.7 * len(told), told
    assert read == 0, "a laugh was read as speech"


@pytest.mark.model
def test_noise_and_silence_are_no_bursts(expert: VoiceExpert) -> None:
    sounds = np.concatenate([np.zeros(SAMPLE_RATE), hiss(0.01, 3.0), hiss(0.2, 3.0)])
    assert not [e for e in listen(expert, sounds) if e.bursts is not None]


@pytest.mark.model
def test_without_the_emotion_model_the_voice_is_still_heard(shared: Path) -> None:
    """Where only what is cleared for commercial use may be loaded."""
    store = Store(settings.Models(licence_policy="commercial"))
    expert = VoiceExpert(settings.Voice(), store)
    assert expert.without is not None and expert.without.code == "model_not_cleared"
    excited = []
    for emotion, clip in (("sad", "04"), ("angry", "05")):
        name = f"data/voice/ravdess/actor_16/03-01-{clip}-02-01-01-16.opus"
        spoken = [e for e in listen(expert, decode(shared / name)) if e.present]
        readings = [e for e in spoken if e.arousal is not None]
        assert readings, emotion
        for reading in readings:
            assert reading.distribution is None and reading.valence is None
            assert reading.quality.score > 0.2
            assert "voice_emotion" not in reading.model
        excited.append(readings[-1].arousal)
    assert excited[1] > excited[0]
