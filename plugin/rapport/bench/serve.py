"""The measured process: a sidecar that plays a clip and keeps its stages' times.

Run as `python -m rapport.bench.serve CLIP`. It stops at the end of standard input and then
prints its stages as JSON: name to a list of milliseconds.
"""

import json
import sys
from collections import defaultdict, deque
from pathlib import Path

from rapport import settings
from rapport.sidecar.live import Sidecar

KEPT = 20_000
"""Newest times kept of each stage: eleven minutes at 30 a second, and no growth beyond."""


def main(clip: Path) -> None:
    """Serve until standard input ends."""
    stages: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))
    with Sidecar(
        settings.load(), clip, loop=True, observe=lambda stage, ms: stages[stage].append(ms)
    ):
        sys.stdin.read()
    json.dump({stage: list(times) for stage, times in stages.items()}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
