"""The sample ring: order, loss that is counted, waiting, wiping."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.capture.ring import SampleRing

pytestmark = pytest.mark.unit


def numbered(start: int, count: int) -> np.ndarray:
    return np.arange(start, start + count, dtype=np.float32)


@given(
    capacity=st.integers(1, 40),
    steps=st.lists(st.one_of(st.integers(0, 60), st.none()), max_size=40),
)
def test_every_sample_is_read_once_in_order_or_counted(
    capacity: int, steps: list[int | None]
) -> None:
    """A number writes so many samples, None reads."""
    ring = SampleRing(capacity)
    written, heard = 0, []
    for step in [*steps, None]:
        if step is None:
            samples = ring.read(0.0)
            heard += list(samples.values) if samples else []
        else:
            ring.write(numbered(written, step), written + step)
            written += step
    assert len(heard) + ring.dropped == written
    assert heard == sorted(set(heard))
    assert not heard or heard[-1] == written - 1


def test_the_oldest_are_dropped_and_the_time_is_that_of_the_last() -> None:
    ring = SampleRing(100)
    ring.write(numbered(0, 80), 80)
    ring.write(numbered(80, 50), 130)
    samples = ring.read(0.0)
    assert samples is not None
    assert samples.captured_ns == 130
    np.testing.assert_array_equal(samples.values, numbered(30, 100))
    assert ring.dropped == 30


def test_what_was_handed_out_is_not_overwritten_later() -> None:
    ring = SampleRing(4)
    ring.write(numbered(0, 4), 1)
    samples = ring.read(0.0)
    ring.write(numbered(10, 4), 2)
    assert samples is not None
    np.testing.assert_array_equal(samples.values, numbered(0, 4))


def test_a_reader_waits_for_the_writer() -> None:
    ring = SampleRing(10)
    writer = threading.Timer(0.1, ring.write, (numbered(0, 3), 7))
    writer.start()
    samples = ring.read(5.0)
    assert samples is not None
    assert samples.captured_ns == 7
    writer.join()


def test_closing_wakes_the_reader_and_overwrites_everything() -> None:
    ring = SampleRing(10)
    ring.write(numbered(1, 8), 1)
    ring.read(0.0)
    closer = threading.Timer(0.1, ring.close)
    closer.start()
    began = time.monotonic()
    assert ring.read(10.0) is None
    assert time.monotonic() - began < 5.0
    closer.join()
    assert not ring._buffer.any()
    assert ring.ended
    ring.write(numbered(1, 3), 2)
    assert ring.read(0.0) is None


def test_what_waits_at_the_end_can_still_be_read() -> None:
    ring = SampleRing(10)
    ring.write(numbered(0, 2), 1)
    ring.finish()
    assert not ring.ended
    assert ring.read(0.0) is not None
    assert ring.ended
