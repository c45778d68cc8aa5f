"""The voice expert with its real model: on real clips, and on sound that is no speech."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert
from rapport.state import LABELS, Condition, Evidence, Modality

pytestmark = pytest.mark.model

HELD_OUT = {"ravdess-15", "ravdess-16", "ravdess-17", "ravdess-18"}
"""Actors that the model was not trained on (see its card)."""
START_NS = 5_000_000_000
SEED = 6


@pytest.fixture
def expert() -> Iterator[VoiceExpert]:
    voice = VoiceExpert(settings.Voice(), Store(settings.Models()))
    yield voice
    voice.close()


def listen(
    expert: VoiceExpert, sound: np.ndarray, chunk: int = 1600, start_ns: int = START_NS
) -> list[Evidence]:
    """All readings of a sound that is heard in chunks of this many samples."""
    readings = []
    for begin in range(0, len(sound), chunk):
        part = sound[begin : begin + chunk].astype(np.float32)
        captured_ns = start_ns + (begin + len(part)) * 1_000_000_000 // SAMPLE_RATE
        reading = expert.hear(Samples(captured_ns, part))
        if reading is not None:
            readings.append(reading)
    return readings


def read(readings: list[Evidence]) -> list[Evidence]:
    return [reading for reading in readings if reading.distribution is not None]


@cache
def decode(path: Path) -> np.ndarray:
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(str(path)) as container:
        frames = [*container.decode(audio=0), None]
    return np.concatenate([p.to_ndarray()[0] for f in frames for p in resampler.resample(f)])


@pytest.fixture
def speech(shared: Path) -> np.ndarray:
    """An angry sentence of a held-out actor, with a second of studio silence on either side."""
    return decode(shared / "data/voice/ravdess/actor_16/03-01-05-02-01-01-16.opus")


def hiss(level: float, samples: int) -> np.ndarray:
    return np.random.default_rng(SEED).normal(0.0, level, samples).astype(np.float32)


def test_speech_is_found_and_read(expert: VoiceExpert, speech: np.ndarray) -> None:
    readings = listen(expert, np.concatenate([speech, np.zeros(3 * SAMPLE_RATE)]))
    assert readings[0].condition is Condition.SILENT
    assert readings[0].distribution is None and not readings[0].present
    spoken = [reading for reading in readings if reading.present]
    assert 1.0 < 0.1 * len(spoken) < 3.5
    for reading in read(readings):
        assert reading.distribution is not None
        assert sum(reading.distribution) == pytest.approx(1.0, abs=1e-4)
        assert min(reading.distribution) >= 0.0
        assert reading.modality is Modality.VOICE
        assert reading.model.startswith("voice_emotion")
        for value in (reading.valence, reading.arousal, reading.dominance):
            assert value is not None and -1.0 <= value <= 1.0
        assert set(reading.quality.measures) == {
            "snr_db", "speech_probability", "clipping", "broken",
        }  # fmt: skip
    # The last reading stands for a moment, no longer present, then there is silence.
    last = max(n for n, reading in enumerate(readings) if reading.present)
    after = readings[last + 1 :]
    standing = read(after)
    assert 1 <= len(standing) <= 10
    assert standing[-1].captured_ns == spoken[-1].captured_ns
    assert after[-1].condition is Condition.SILENT
    assert after[-1].distribution is None and after[-1].quality.score == 0.0


def test_a_reading_comes_every_interval_and_says_when(expert: VoiceExpert) -> None:
    sound = hiss(0.01, SAMPLE_RATE)
    readings = listen(expert, sound, chunk=800)
    assert len(readings) == 10
    times = [reading.captured_ns - START_NS for reading in readings]
    assert times == [100_000_000 * (n + 1) for n in range(10)]


def test_how_sound_is_cut_does_not_matter(speech: np.ndarray) -> None:
    results = []
    for chunk in (160, 512, 1600, 7001):
        expert = VoiceExpert(settings.Voice(), Store(settings.Models()))
        results.append({r.captured_ns: r for r in read(listen(expert, speech, chunk))})
    for other in results[1:]:
        common = results[0].keys() & other.keys()
        assert common
        for at in common:
            one, two = results[0][at], other[at]
            assert one.distribution == pytest.approx(two.distribution, abs=1e-5)
            assert one.arousal == pytest.approx(two.arousal, abs=1e-5)
            assert one.condition is two.condition
    # A chunk longer than the interval skips readings, a shorter one none.
    assert results[0].keys() == results[1].keys() == results[2].keys()


def test_silence_and_noise_are_not_a_voice(expert: VoiceExpert) -> None:
    digital = listen(expert, np.zeros(2 * SAMPLE_RATE))
    assert {reading.condition for reading in digital} == {Condition.SILENT}
    room = listen(expert, hiss(0.003, 2 * SAMPLE_RATE), start_ns=START_NS * 2)
    assert {reading.condition for reading in room} == {Condition.ABSENT}
    assert not read(digital + room)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_do_no_harm(
    expert: VoiceExpert, speech: np.ndarray, value: float
) -> None:
    broken = speech.copy()
    broken[::50] = value
    readings = listen(expert, broken)
    assert read(readings)
    last = read(readings)[-1]
    assert last.quality.measures["broken"].value == pytest.approx(0.02, abs=0.002)
    assert last.quality.score < read(listen(expert, speech, start_ns=0))[-1].quality.score
    assert all(np.isfinite(last.distribution or ()))


def test_an_offset_does_no_harm(speech: np.ndarray) -> None:
    plain, shifted = (
        read(listen(VoiceExpert(settings.Voice(), Store(settings.Models())), sound))[-1]
        for sound in (speech, speech + np.float32(0.3))
    )
    assert shifted.distribution == pytest.approx(plain.distribution, abs=0.05)
    assert shifted.condition is plain.condition


def test_noise_lowers_snr_and_quality(speech: np.ndarray) -> None:
    power = float(np.mean(speech**2))
    judged = []
    for snr_db in (30.0, 15.0, 5.0, -2.0):
        expert = VoiceExpert(settings.Voice(), Store(settings.Models()))
        noisy = speech + hiss(np.sqrt(power / 10 ** (snr_db / 10)), len(speech))
        judged.append(read(listen(expert, noisy))[-1])
    ratios = [reading.quality.measures["snr_db"].value for reading in judged]
    scores = [reading.quality.score for reading in judged]
    assert ratios == sorted(ratios, reverse=True), f"seed {SEED}"
    assert scores == sorted(scores, reverse=True), f"seed {SEED}"
    # Speech fills about two thirds of the clip, so it stands a little higher than the clip does.
    assert ratios[1] == pytest.approx(15.0, abs=5.0)
    assert judged[0].condition is Condition.OK
    assert judged[-1].condition is Condition.NOISY
    assert judged[-1].distribution is not None


def test_clipping_is_seen(expert: VoiceExpert, speech: np.ndarray) -> None:
    loud = np.clip(speech * (6.0 / np.abs(speech).max()), -1.0, 1.0)
    last = read(listen(expert, loud))[-1]
    assert last.condition is Condition.CLIPPED
    assert last.quality.measures["clipping"].score < 1.0
    assert last.quality.score < 1.0


def test_a_gap_starts_the_sound_anew_but_keeps_the_speaker(
    expert: VoiceExpert, speech: np.ndarray
) -> None:
    first = listen(expert, speech)
    known = expert.speaker.level.heard_frames
    assert read(first) and known > 0
    later = expert.hear(Samples(START_NS * 10, hiss(0.0005, 1600)))
    assert later is not None and later.distribution is None
    assert expert.speaker.level.heard_frames == known
    # A clip that begins anew (the clock goes on, or jumps back) is the same.
    again = listen(expert, speech, start_ns=0)
    assert read(again)
    assert expert.speaker.level.heard_frames > known
    expert.speaker.reset()
    assert expert.speaker.level.heard_frames == 0


def test_odd_input(expert: VoiceExpert) -> None:
    assert expert.hear(Samples(START_NS, np.zeros(0, np.float32))) is None
    assert expert.hear(Samples(START_NS, np.zeros(100, np.float32))) is None
    huge = expert.hear(Samples(2 * START_NS, hiss(1e6, 16_000)))
    assert huge is not None and huge.quality.measures["clipping"].value > 0.9


def test_anger_is_more_aroused_than_sadness(shared: Path) -> None:
    """For held-out actors, over their first clips; one of the four acts a quiet anger."""
    with (shared / "data/voice/manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"] in HELD_OUT]
    apart = []
    for speaker in sorted(HELD_OUT):
        expert = VoiceExpert(settings.Voice(), Store(settings.Models()))
        own = [row for row in rows if row["speaker"] == speaker]
        felt: dict[str, list[float]] = {"neutral": [], "angry": [], "sad": []}
        for turn in range(3):
            for emotion, values in felt.items():
                clip = [row for row in own if row["emotion"] == emotion][turn]
                expert.close()
                last = read(listen(expert, decode(shared / "data/voice" / clip["path"])))[-1]
                assert last.arousal is not None
                values.append(last.arousal)
        apart.append(np.mean(felt["angry"]) - np.mean(felt["sad"]))
    assert np.sum(np.array(apart) > 0.1) >= 3, apart
    assert np.mean(apart) > 0.2, apart


def test_the_face_clip_of_a_neutral_sentence(expert: VoiceExpert, shared: Path) -> None:
    """A video's sound track: a held-out kind of file, the same voice path."""
    sound = decode(shared / "data/clips/ravdess_01-01-01-01-01-01-01.mp4")
    readings = read(listen(expert, sound))
    assert readings
    mean = np.mean([reading.distribution for reading in readings], axis=0)
    # A stranger's first sentence, in two seconds: neutral is among the two likeliest.
    assert "neutral" in {LABELS[int(place)] for place in np.argsort(mean)[-2:]}
