"""Speech or not: the four states, and the detector on a stream."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.experts.voice import vad
from rapport.experts.voice.vad import CHUNK_S, SPOKEN, START_S, STOP_S, Phase, Speech, follow

THRESHOLD = 0.5
PROBABILITIES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=80)


def states(probabilities: list[float]) -> list[Speech]:
    phase, result = Phase(), []
    for probability in probabilities:
        phase = follow(phase, probability, THRESHOLD)
        result.append(phase.speech)
    return result


@pytest.mark.property
@given(PROBABILITIES)
def test_speech_needs_a_run_and_ends_with_one(probabilities: list[float]) -> None:
    found = states(probabilities)
    needed, gone = round(START_S / CHUNK_S), round(STOP_S / CHUNK_S)
    before = [Speech.QUIET, *found]
    for place, (last, now) in enumerate(zip(before, found, strict=False)):
        recent = probabilities[max(0, place + 1 - needed) : place + 1]
        if now in SPOKEN and last not in SPOKEN:
            assert len(recent) == needed
            assert min(recent) >= THRESHOLD - vad.RELEASE
            assert recent[-1] >= THRESHOLD - vad.RELEASE
        if last in SPOKEN and now not in SPOKEN:
            assert now is Speech.QUIET
            assert max(probabilities[place + 1 - gone : place + 1]) < THRESHOLD


@pytest.mark.property
@given(PROBABILITIES, st.integers(1, 79))
def test_the_phase_is_all_the_memory_there_is(probabilities: list[float], cut: int) -> None:
    phase = Phase()
    for probability in probabilities[:cut]:
        phase = follow(phase, probability, THRESHOLD)
    tail = []
    for probability in probabilities[cut:]:
        phase = follow(phase, probability, THRESHOLD)
        tail.append(phase.speech)
    assert tail == states(probabilities)[cut:]


@pytest.mark.unit
def test_a_knock_is_no_speech_and_a_word_gap_no_end() -> None:
    short = round(START_S / CHUNK_S) - 1
    assert not set(states([0.9] * short + [0.1] * 20)) & set(SPOKEN)
    gap = round(STOP_S / CHUNK_S) - 1
    found = states([0.9] * 10 + [0.0] * gap + [0.9] * 5)
    assert found[-1] is Speech.SPEAKING
    assert Speech.QUIET not in found[10:]


@pytest.mark.model
def test_the_detector_does_not_mind_how_sound_is_cut() -> None:
    random = np.random.default_rng(5)
    sound = random.normal(0.0, 0.05, 16_000).astype(np.float32)
    whole = vad.VoiceActivity(THRESHOLD).push(sound)
    activity, parts, begin = vad.VoiceActivity(THRESHOLD), [], 0
    while begin < len(sound):
        end = begin + int(random.integers(0, 1500))
        parts += activity.push(sound[begin:end])
        begin = end
    assert parts == whole
    assert len(whole) == len(sound) // vad.CHUNK
    activity.reset()
    assert activity.push(sound) == whole
