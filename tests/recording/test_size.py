"""Real states take less than a megabyte for ten minutes."""

import random
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from rapport import settings
from rapport.recording.header import Header
from rapport.recording.rows import row_of
from rapport.recording.writer import Writer
from rapport.sidecar.offline import analyze
from rapport.state import EmotionState, ModalityState

pytestmark = pytest.mark.model

SEED = 4
JITTER_MS = 4.0
CHUNK = 45
"""A second and a half of states, as a live recorder writes them."""
BYTES_MAX = 1_000_000
SECONDS = 600
STATES = 90
"""Two chunks; each is packed by itself, so more of them only take longer."""


def aged(part: ModalityState, by_ms: float) -> ModalityState:
    return msgspec.structs.replace(
        part, age_ms=None if part.age_ms is None else part.age_ms + by_ms
    )


def as_live(state: EmotionState, chance: random.Random) -> EmotionState:
    """The state of a clip with the times of a live one, which tremble."""
    delay_ms = 10.0 + chance.uniform(0.0, JITTER_MS)
    return msgspec.structs.replace(
        state,
        published_ns=state.captured_ns + round(delay_ms * 1e6),
        published_wall=state.captured_wall + delay_ms / 1e3,
        modalities={m: aged(part, delay_ms) for m, part in state.modalities.items()},
    )


def test_ten_minutes_of_real_states_take_less_than_a_megabyte(
    tmp_path: Path, demo_clip: Path
) -> None:
    chance = random.Random(SEED)
    first = islice(analyze(demo_clip, settings.Settings()), STATES)
    states = [as_live(state, chance) for state in first]
    assert any(state.probabilities for state in states), "no face and no voice would prove little"
    header = Header(start_ns=0, start_wall=0.0, source="clip")
    writer = Writer(tmp_path / "s", header)
    writer.begin()
    once = (tmp_path / "s").stat().st_size  # the header, which a long file has no more of
    for at in range(0, len(states), CHUNK):
        writer.write([row_of(state, header.base) for state in states[at : at + CHUNK]])
    writer.close()
    seconds = (states[-1].captured_ns - states[0].captured_ns) / 1e9
    per_ten_minutes = once + ((tmp_path / "s").stat().st_size - once) / seconds * SECONDS
    assert per_ten_minutes <= BYTES_MAX
