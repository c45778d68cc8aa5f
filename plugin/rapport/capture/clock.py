"""The one clock. Every time in Rapport is taken here, so that there is one place to doubt."""

import time


def now_ns() -> int:
    """Nanoseconds on the machine's monotonic clock, the same in all processes.

    `perf_counter_ns` and not `monotonic_ns`: on Linux both read CLOCK_MONOTONIC, on Windows the
    latter only counts in steps of 15.6 ms.
    """
    return time.perf_counter_ns()


def wall() -> float:
    """Seconds since the Unix epoch."""
    return time.time()
