"""The running statistics: what they must do whatever they hear."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rapport.experts.voice.normalise import RunningStatistics

pytestmark = pytest.mark.property

PRIOR_MEAN, PRIOR_VARIANCE = np.array([1.0, -2.0]), np.array([4.0, 0.25])


def fresh(memory: float = 1000.0) -> RunningStatistics:
    return RunningStatistics(PRIOR_MEAN, PRIOR_VARIANCE, 20.0, memory)


FRAMES = arrays(np.float64, (60, 2), elements=st.floats(-50.0, 50.0))


@given(frames=FRAMES, cuts=st.lists(st.integers(0, 60), max_size=5))
def test_until_memory_is_full_only_what_was_heard_counts(
    frames: np.ndarray, cuts: list[int]
) -> None:
    at_once, in_parts = fresh(), fresh()
    at_once.update(frames)
    for part in np.split(frames, sorted(cuts)):
        in_parts.update(part)
    assert in_parts.mean == pytest.approx(at_once.mean, abs=1e-9)
    assert in_parts.variance == pytest.approx(at_once.variance, abs=1e-7)
    # The textbook value: the prior as 20 frames more.
    mean = (20.0 * PRIOR_MEAN + frames.sum(axis=0)) / 80.0
    square = (20.0 * (PRIOR_VARIANCE + PRIOR_MEAN**2) + (frames**2).sum(axis=0)) / 80.0
    assert at_once.mean == pytest.approx(mean, abs=1e-9)
    assert at_once.variance == pytest.approx(square - mean**2, abs=1e-6)


@given(
    frames=arrays(
        np.float64, (30, 2), elements=st.floats(allow_nan=True, allow_infinity=True, width=32)
    ).filter(lambda a: np.nanmax(np.abs(a), initial=0.0) < 1e6 or not np.isfinite(a).all())
)
def test_never_anything_but_numbers(frames: np.ndarray) -> None:
    statistics = fresh()
    safe = np.where(np.abs(frames) > 1e6, np.inf, frames)
    statistics.update(safe)
    assert np.isfinite(statistics.mean).all()
    assert (statistics.variance >= 0.0).all()
    assert statistics.heard_frames == int(np.isfinite(safe).all(axis=1).sum())


@given(level=st.floats(-30.0, 30.0))
def test_moves_over_to_what_is_heard_and_forgets_the_rest(level: float) -> None:
    statistics = fresh(memory=100.0)
    for _ in range(40):
        statistics.update(np.full((4, 2), 12.0))
    for _ in range(250):
        statistics.update(np.full((4, 2), level))
    assert statistics.mean == pytest.approx([level, level], abs=0.05)
    statistics.reset()
    assert (statistics.mean == PRIOR_MEAN).all()
    assert statistics.heard_frames == 0
