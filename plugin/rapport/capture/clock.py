"""The one clock. Every time in Rapport is taken here, so that there is one place to doubt."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Observe = Callable[[str, float], None]
"""Called as observe(stage, milliseconds) from any thread; for measuring, never for control."""


def unobserved(_stage: str, _milliseconds: float) -> None:
    """The observer when nobody measures."""


@contextmanager
def timed(observe: Observe, stage: str) -> Iterator[None]:
    """Tell the observer how long the block took, if it came to its end."""
    begun_ns = now_ns()
    yield
    observe(stage, (now_ns() - begun_ns) / 1e6)


def now_ns() -> int:
    """Nanoseconds on the machine's monotonic clock, the same in all processes.

    `perf_counter_ns` and not `monotonic_ns`: on Linux both read CLOCK_MONOTONIC, on Windows the
    latter only counts in steps of 15.6 ms.
    """
    return time.perf_counter_ns()


def wall() -> float:
    """Seconds since the Unix epoch."""
    return time.time()
