"""The mood: averages over seconds and minutes, whatever the ticks and the gaps."""

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.evidence import SECOND
from rapport.fusion.mood import LONG_S, SEEN_MAX_S, SHORT_S, Felt, Memory, recall, remember
from rapport.state import LABEL_VAD, LABELS, Mood

pytestmark = pytest.mark.property

_signed = st.floats(-1.0, 1.0)
_felt = st.builds(Felt, st.builds(complex, _signed, _signed), st.floats(0.05, 1.0))
_steps = st.floats(0.01, SEEN_MAX_S)
_course = st.lists(st.tuples(st.none() | _felt, _steps), min_size=2, max_size=30)

Course = list[tuple[Felt | None, float]]
AT = 1_000 * SECOND


def played(course: Course, pieces: int = 1) -> Memory | None:
    """The memory after each affect was felt for its time, told in so many ticks."""
    first = next((felt for felt, _ in course if felt is not None), None)
    memory = remember(None, first, AT)
    now_s = 0.0
    for felt, seconds in course:
        for piece in range(1, pieces + 1):
            at_s = now_s + seconds * piece / pieces
            memory = remember(memory, felt, AT + round(at_s * SECOND))
        now_s += seconds
    return memory


def numbers(mood: Mood) -> tuple[float, ...]:
    return (
        mood.valence, mood.arousal, mood.long_valence, mood.long_arousal,
        mood.volatility, mood.confidence,
    )  # fmt: skip


@given(_course)
def test_a_mood_is_bounded(course: Course) -> None:
    mood = recall(played(course))
    if mood is None:
        assert all(felt is None for felt, _ in course)
        return
    for value in numbers(mood)[:4]:
        assert -1.0 <= value <= 1.0
    for value in numbers(mood)[4:]:
        assert 0.0 <= value <= 1.0


@given(_course, st.integers(2, 7))
def test_the_spacing_of_the_ticks_changes_nothing(course: Course, pieces: int) -> None:
    one, other = recall(played(course)), recall(played(course, pieces))
    if one is None or other is None:
        assert one is other
        return
    # A deviation is a root of a difference, so rounding shows in half of its digits.
    assert numbers(other) == pytest.approx(numbers(one), abs=1e-6)


@given(_felt, st.lists(_steps, min_size=1, max_size=40), st.integers(0, 5), st.floats(1.0, 900.0))
def test_what_stays_is_the_mood_however_long_and_with_whatever_gaps(
    felt: Felt, steps: list[float], gap_every: int, gap_s: float
) -> None:
    course: Course = []
    for number, step in enumerate(steps):
        if gap_every and number % gap_every == 0:
            course.append((None, gap_s))
        course.append((felt, step))
    mood = recall(played(course))
    assert mood is not None
    at = (felt.affect.real, felt.affect.imag)
    assert numbers(mood) == (pytest.approx((*at, *at, 0.0, mood.confidence), abs=1e-6))


@given(_course, st.floats(0.5, 3_600.0))
def test_a_gap_moves_nothing_and_only_costs_confidence(course: Course, gap_s: float) -> None:
    before = recall(played(course))
    after = recall(played([*course, (None, gap_s)]))
    if before is None:
        assert after is None
    elif after is not None:  # what is hours old is forgotten at last
        assert numbers(after)[:5] == pytest.approx(numbers(before)[:5], abs=1e-6)
        assert after.confidence < before.confidence or before.confidence == 0.0


@given(_felt, _felt, st.floats(1.0, 600.0))
def test_the_long_term_is_the_plain_mean_as_long_as_it_is_young(
    one: Felt, two: Felt, seconds: float
) -> None:
    """Each is felt for the same short time: the mean lies in the middle, weighed by trust, however
    it began."""
    each_s = min(seconds, 6.0)
    course: Course = [(one, 0.5)] * round(2 * each_s) + [(two, 0.5)] * round(2 * each_s)
    mood = recall(played(course))
    assert mood is not None
    mean = (one.trust * one.affect + two.trust * two.affect) / (one.trust + two.trust)
    apart = abs(one.affect - two.affect)
    assert abs(complex(mood.long_valence, mood.long_arousal) - mean) <= 0.02 * apart + 1e-9


@given(st.lists(st.tuples(_felt, st.integers(1, 8)), min_size=1, max_size=8))
def test_the_numbers_are_those_of_the_definition(parts: list[tuple[Felt, int]]) -> None:
    """Against sums over hundredths of seconds, written down as they are defined."""
    course: Course = [(felt, 0.25) for felt, quarters in parts for _ in range(quarters)]
    mood = recall(played(course))
    fine_s = 0.01
    short, total, weight = parts[0][0].affect, 0j, 0.0
    shorts: list[tuple[complex, float]] = []
    for felt, seconds in course:
        for _ in range(round(seconds / fine_s)):
            half = math.exp(-felt.trust * fine_s / 2 / SHORT_S)
            short = felt.affect + (short - felt.affect) * half
            fading = math.exp(-fine_s / LONG_S)
            total = total * fading + felt.trust * fine_s * felt.affect
            weight = weight * fading + felt.trust * fine_s
            shorts.append((short, felt.trust * fine_s / fading ** len(shorts)))
            short = felt.affect + (short - felt.affect) * half
    assert mood is not None
    mean = total / weight
    assert complex(mood.valence, mood.arousal) == pytest.approx(short, abs=1e-9)
    assert complex(mood.long_valence, mood.long_arousal) == pytest.approx(mean, abs=1e-4)
    spread = sum(w * abs(s - mean) ** 2 for s, w in shorts) / sum(w for _, w in shorts)
    assert mood.volatility == pytest.approx(min(1.0, math.sqrt(spread) / 0.66), abs=1e-3)


def test_swinging_between_happiness_and_anger_is_a_volatility_of_one() -> None:
    poles = [complex(*LABEL_VAD[LABELS.index(name)][:2]) for name in ("happiness", "anger")]
    swings: Course = [(Felt(poles[i // 60 % 2], 1.0), 1.0) for i in range(1_200)]
    mood = recall(played(swings))
    assert mood is not None
    assert mood.volatility == pytest.approx(0.93, abs=0.05)  # each minute begins with a way there
    trembling: Course = [(Felt(cmath.rect(0.3, i), 1.0), 0.1) for i in range(3_000)]
    calm = recall(played(trembling))
    assert calm is not None
    assert calm.volatility < 0.05


def test_confidence_is_half_the_seconds_and_half_the_minutes() -> None:
    felt = Felt(0.5 + 0j, 1.0)
    course: Course = [(felt, 1.0)] * 20
    at_20_s = recall(played(course))
    assert at_20_s is not None
    assert at_20_s.confidence == pytest.approx(
        (2.0 - math.exp(-20 / SHORT_S) - math.exp(-20 / LONG_S)) / 2
    )
    hour = recall(played([(felt, 1.0)] * 1_800))
    assert hour is not None
    assert hour.confidence > 0.99


def test_a_pause_between_ticks_is_not_taken_for_seen() -> None:
    felt = Felt(0.5 + 0j, 1.0)
    slept = recall(played([(felt, 1.0), (felt, 600.0)]))
    told = recall(played([(felt, 1.0), (None, 600.0 - SEEN_MAX_S), (felt, SEEN_MAX_S)]))
    assert slept is not None and told is not None
    assert numbers(slept) == pytest.approx(numbers(told))
    assert slept.confidence < 0.15


def test_time_that_runs_backwards_counts_as_none() -> None:
    felt = Felt(0.5 + 0j, 1.0)
    memory = played([(felt, 1.0)] * 3)
    back = remember(memory, felt, AT - 5 * SECOND)
    assert back is not None and memory is not None
    assert back == memory._replace(tick_ns=AT - 5 * SECOND)
    on = remember(back, felt, AT - 4 * SECOND)
    assert on is not None
    assert on.weight > memory.weight
