"""Sound quality: repair, offset, noise floor, SNR and scores."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rapport.experts.voice import quality

ANYTHING = arrays(np.float32, st.integers(0, 400), elements=st.floats(width=32))


@pytest.mark.property
@given(ANYTHING)
def test_repaired_samples_are_safe_and_defects_counted(samples: np.ndarray) -> None:
    cleaned = quality.repair(samples)
    assert np.isfinite(cleaned.samples).all()
    assert np.abs(cleaned.samples).max(initial=0.0) <= 1.0
    assert cleaned.broken == np.count_nonzero(~np.isfinite(samples))
    assert cleaned.clipped == np.count_nonzero(
        np.isfinite(samples) & (np.abs(samples) >= np.float32(quality.CLIP_LEVEL))
    )


@pytest.mark.property
@given(offset=st.floats(-0.5, 0.5), block=st.sampled_from([160, 512, 1600]))
def test_an_offset_is_no_sound(offset: float, block: int) -> None:
    time = np.arange(16_000) / 16_000
    sine = (0.2 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    sound = sine + np.float32(offset)
    heard = quality.OffsetFilter()
    parts = [heard.push(sound[at : at + block]) for at in range(0, len(sound), block)]
    result = np.concatenate(parts)
    settled = slice(quality.OFFSET_WINDOW, len(result))
    assert np.abs(result - sine)[settled].max() < 0.005
    # It starts without a click.
    assert np.abs(result).max() < 0.3


@pytest.mark.unit
def test_the_floor_is_the_noise_between_words() -> None:
    floor = quality.NoiseFloor(2)
    assert np.isinf(floor.power).all()
    noise, speech = np.full((3, 2), 0.01), np.full((3, 2), 1.0)
    for _ in range(50):
        floor.update(noise, quiet=True)
    for _ in range(100):
        floor.update(speech, quiet=False)
    assert floor.power == pytest.approx([0.01, 0.01])
    for _ in range(100):
        floor.update(noise * 9.0, quiet=True)
    assert floor.power == pytest.approx([0.09, 0.09], rel=0.2)


@pytest.mark.unit
def test_before_the_first_silence_the_floor_is_the_lowest_so_far() -> None:
    floor = quality.NoiseFloor(1)
    for power in (1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1.0, 1.0):
        floor.update(np.full((3, 1), power), quiet=False)
    assert 0.1 <= floor.power[0] < 0.3


@pytest.mark.property
@given(
    speech=st.floats(1e-9, 1.0),
    noises=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6),
)
def test_more_noise_never_helps(speech: float, noises: list[float]) -> None:
    values = [quality.snr_db(speech + noise, noise) for noise in sorted(noises)]
    scores = [quality.measure("snr_db", value).score for value in values]
    assert all(b <= a + 1e-3 for a, b in pairwise(values))
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert all(b <= a + 1e-3 for a, b in pairwise(scores))


@pytest.mark.unit
def test_snr_is_in_decibels_of_power() -> None:
    assert quality.snr_db(1.1, 0.1) == pytest.approx(10.0)
    assert quality.snr_db(0.2, 0.1) == pytest.approx(0.0)
    assert quality.snr_db(1.0, float("inf")) == quality.SNR_MIN_DB
    assert quality.snr_db(1.0, 0.0) == quality.SNR_MAX_DB


@pytest.mark.unit
def test_one_defect_alone_makes_sound_useless() -> None:
    good = {"snr_db": 30.0, "speech_probability": 1.0, "clipping": 0.0, "broken": 0.0}
    assert quality.assess(good).score == 1.0
    for name, bad in (("snr_db", -8.0), ("clipping", 0.3), ("broken", 0.5)):
        judged = quality.assess(good | {name: bad})
        assert judged.score == 0.0
        assert judged.measures[name].value == bad
    assert quality.assess({}).score == 0.0
