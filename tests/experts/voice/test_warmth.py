"""The head for warmth: what it is told, and what is usual for a player."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.experts.voice.front_end import COLUMNS
from rapport.experts.voice.warmth import LEAST_FRAMES, USUAL_PRIOR, Warmth, describe, newest

pytestmark = pytest.mark.unit

SEED = 5


class Answers:
    """A model that answers with given log-odds, one after the other."""

    def __init__(self, *odds: float) -> None:
        self.odds = list(odds)

    def run(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert np.isfinite(inputs["described"]).all()
        return [np.array([self.odds.pop(0)], np.float32)]


class Models:
    def __init__(self, *odds: float) -> None:
        self.model = Answers(*odds)

    def load(self, model_id: str) -> Answers:
        assert model_id == "voice_warmth"
        return self.model


def window(frames: int) -> np.ndarray:
    return np.random.default_rng(SEED).normal(size=(frames, COLUMNS)).astype(np.float32)


def heard(warmth: Warmth, known_s: float = 1.0, frames: int = 200) -> float | None:
    return warmth.hear(window(frames), {"known_s": known_s})


def test_what_is_usual_grows_with_whole_utterances() -> None:
    warmth = Warmth(Models(3.0, 2.0, 2.0, 1.0))  # type: ignore[arg-type]
    assert heard(warmth) == 3.0
    assert heard(warmth) == 2.0
    warmth.end()
    assert heard(warmth) == 2.0 - 2.0 / (USUAL_PRIOR + 1.0)
    warmth.end()
    warmth.end()
    assert heard(warmth) == pytest.approx(1.0 - 4.0 / (USUAL_PRIOR + 2.0))


def test_another_player_has_nothing_usual() -> None:
    warmth = Warmth(Models(3.0, 3.0))  # type: ignore[arg-type]
    heard(warmth, known_s=9.0)
    warmth.end()
    assert heard(warmth, known_s=0.5) == 3.0


def test_nothing_is_said_of_too_little() -> None:
    assert heard(Warmth(Models()), frames=LEAST_FRAMES - 1) is None  # type: ignore[arg-type]


def test_only_what_was_said_since_the_last_pause_counts() -> None:
    assert newest(np.concatenate([np.arange(200), np.arange(350, 450)])) == 200
    assert newest(np.arange(300)) == 0


@given(st.integers(2, 300), st.booleans())
def test_every_stretch_has_the_same_description(frames: int, voiced: bool) -> None:
    rows = window(frames)
    rows[:, -2] *= voiced
    described = describe(rows, {"rate": 5.0})
    assert described.shape == describe(window(300), {}).shape
    assert described.dtype == np.float32
    assert np.isfinite(described).all()
