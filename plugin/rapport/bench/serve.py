"""The measured process: a sidecar that plays a clip and keeps its stages' times.

Run as `python -m rapport.bench.serve CLIP`. It stops at the end of standard input and then
prints its stages as JSON: name to a list of milliseconds.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from rapport import settings
from rapport.sidecar.live import Sidecar
from rapport.sidecar.profile_files import ProfileFile

KEPT = 8192
"""Newest times kept of each stage: more than four minutes at 30 a second."""

CAST = tuple(ProfileFile(preset, preset) for preset in ("companion", "merchant", "tutorial_helper"))
"""Three characters that react, as in a small scene."""


class Times:
    """The newest times of one stage, in memory that does not grow: the measured process's own
    growth is one of the figures."""

    def __init__(self) -> None:
        self._values = np.zeros(KEPT, np.float32)
        self._count = 0

    def add(self, milliseconds: float) -> None:
        """Keep one more; each stage is observed from one thread."""
        self._values[self._count % KEPT] = milliseconds
        self._count += 1

    def newest(self) -> list[float]:
        """What is kept, in no order."""
        return [float(value) for value in self._values[: min(self._count, KEPT)]]


def main(clip: Path) -> None:
    """Serve until standard input ends."""
    stages: dict[str, Times] = defaultdict(Times)
    sidecar = Sidecar(
        settings.load(),
        clip,
        loop=True,
        observe=lambda stage, ms: stages[stage].add(ms),
        profiles=CAST,
    )
    with sidecar:
        sys.stdin.read()
    json.dump({stage: times.newest() for stage, times in stages.items()}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
