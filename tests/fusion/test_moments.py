"""Named moments: who escalates, recovers or is steady, on scripts through the real fusion."""

from collections.abc import Callable, Iterator
from functools import cache

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fusion.evidence import SECOND
from rapport import settings
from rapport.experts.affect import expected_vad
from rapport.fusion import Fusion
from rapport.fusion.course import HISTORY_S, MOMENTS_MAX
from rapport.fusion.moments import FOLLOW_S
from rapport.recording.acting import START_NS
from rapport.recording.script import Script, load
from rapport.sidecar.simulation import simulate
from rapport.state import (
    COURSES,
    Appraisal,
    Condition,
    Doubt,
    EmotionState,
    Evidence,
    Modality,
    Quality,
)

ESCALATING, STEADY, RECOVERING, UNKNOWN = COURSES
FACE, VOICE, TEXT = Modality.FACE, Modality.VOICE, Modality.TEXT
CALM, HAPPY, SAD, ANGRY = 0, 1, 3, 4
BEGIN = 1_000 * SECOND


@cache
def states_of(script: Script) -> list[tuple[float, EmotionState]]:
    states = (s for s in simulate(script, settings.Fusion()) if isinstance(s, EmotionState))
    return [((state.published_ns - START_NS) / SECOND, state) for state in states]


def played(name: str, moment: str, rate_hz: float = 15.0) -> list[tuple[float, Appraisal]]:
    """Seconds and the appraisal of a moment, at every state of a shipped script that has it."""
    script = msgspec.structs.replace(load(name), rate_hz=rate_hz)
    return of(iter(states_of(script)), moment)


def courses(found: list[tuple[float, Appraisal]], begin_s: float, end_s: float) -> set[str]:
    return {one.course for at_s, one in found if begin_s <= at_s < end_s}


def turns(found: list[tuple[float, Appraisal]]) -> list[str]:
    """The courses in order, each once; what is unknown in between is left out."""
    order = [one.course for _, one in found if one.course != UNKNOWN]
    return [course for n, course in enumerate(order) if n == 0 or order[n - 1] != course]


def strength(found: list[tuple[float, Appraisal]], at_s: float) -> float:
    return next(one.strength for when_s, one in found if when_s >= at_s)


def reading(
    modality: Modality, label: int, sure: float, at_ns: int, trusted: float = 1.0
) -> Evidence:
    shares = tuple(sure if i == label else (1.0 - sure) / 7.0 for i in range(8))
    valence, arousal, dominance = expected_vad(shares)
    return Evidence(
        modality, at_ns, Condition.OK, Quality(trusted), shares, valence, arousal, dominance, True
    )


Shown = dict[Modality, tuple[int, float]]
"""The label of each modality that is read, and its probability."""
Mark = tuple[str, float, float]
"""A name, when it was, and when it is told, in seconds."""


def follow(
    shown: Callable[[float], Shown],
    seconds: float,
    marks: tuple[Mark, ...] = (("m", 20.0, 20.0),),
    rate_hz: float = 10.0,
    doubt: Callable[[float], Doubt | None] = lambda _at_s: None,
) -> Iterator[tuple[float, EmotionState]]:
    """What the fusion makes of a player."""
    fusion = Fusion(settings.Fusion())
    waiting = sorted(marks, key=lambda mark: mark[2])
    for number in range(round(seconds * rate_hz)):
        at_s = number / rate_hz
        now_ns = BEGIN + round(at_s * SECOND)
        while waiting and waiting[0][2] <= at_s:
            name, when_s, _ = waiting.pop(0)
            fusion.mark(name, BEGIN + round(when_s * SECOND), now_ns)
        readings = {m: reading(m, *one, now_ns) for m, one in shown(at_s).items()}
        yield at_s, fusion.tick(readings, now_ns, 0.0, doubt(at_s))


def of(
    states: Iterator[tuple[float, EmotionState]], name: str = "m"
) -> list[tuple[float, Appraisal]]:
    return [(at_s, state.moments[name]) for at_s, state in states if name in state.moments]


@pytest.mark.unit
def test_a_betrayal_escalates_through_gaps_of_face_voice_and_both() -> None:
    found = played("betrayal", "betrayal")
    assert turns(found) == [STEADY, ESCALATING]
    assert courses(found, 40, 120) == {ESCALATING}
    assert strength(found, 40) < strength(found, 46) < strength(found, 60)
    sure = {round(at_s): one.confidence for at_s, one in found}
    assert sure[105] < sure[89]  # fifteen seconds in the dark
    assert found[-1][1].since_s == pytest.approx(90.0, abs=0.1)


@pytest.mark.unit
def test_a_good_moment_after_strain_is_recovered_by_and_joy_is_no_escalation() -> None:
    found = played("boss_fight", "boss_died")
    assert turns(found) == [STEADY, RECOVERING, STEADY]
    assert courses(found, 46, 70) == {RECOVERING}
    assert strength(found, 55) > 0.95


@pytest.mark.unit
def test_by_the_voice_alone_anger_escalates_sarcasm_is_no_relief_and_help_is() -> None:
    found = played("put_on_hold", "billing_error")
    assert turns(found) == [STEADY, ESCALATING, RECOVERING]
    assert courses(found, 60, 107) == {ESCALATING}
    assert courses(found, 120, 150) == {RECOVERING}
    assert turns(played("put_on_hold", "paid_back")) == [STEADY, RECOVERING]


@pytest.mark.unit
def test_delight_after_calm_is_steady_while_it_comes_and_goes() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (HAPPY if 25 < at_s < 50 else CALM, 0.8)}

    assert turns(of(follow(shown, 90.0))) == [STEADY]


@pytest.mark.unit
def test_who_loses_a_joy_escalates_against_what_it_was() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (HAPPY if at_s < 22 else CALM, 0.8)}

    assert turns(of(follow(shown, 60.0))) == [STEADY, ESCALATING]


@pytest.mark.unit
def test_who_was_strained_before_is_measured_by_that() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (ANGRY, 0.8), VOICE: (ANGRY, 0.7)}

    assert turns(of(follow(shown, 60.0))) == [STEADY]


@pytest.mark.unit
def test_a_second_rise_is_seen_after_a_recovery() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (ANGRY if 25 < at_s < 45 or at_s > 65 else CALM, 0.8)}

    assert turns(of(follow(shown, 90.0))) == [STEADY, ESCALATING, RECOVERING, ESCALATING]


@pytest.mark.unit
def test_halfway_back_and_no_further_is_steady_in_the_end() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (ANGRY, 0.8 if 25 < at_s < 45 else 0.15 if at_s <= 25 else 0.45)}

    found = of(follow(shown, 140.0))
    assert turns(found) == [STEADY, ESCALATING, RECOVERING, STEADY]
    halfway = strength(found, 70)
    assert 0.3 < halfway < 0.7


@pytest.mark.unit
def test_nothing_seen_since_is_unknown_and_so_is_a_long_dark() -> None:
    def shown(at_s: float) -> Shown:
        return {} if 20 < at_s < 40 or at_s > 60 else {FACE: (CALM, 0.8)}

    found = of(follow(shown, 200.0))
    assert courses(found, 20, 40) == {UNKNOWN}
    assert courses(found, 43, 60) == {STEADY}
    assert courses(found, 60, 100) == {STEADY}
    assert courses(found, 180, 200) == {UNKNOWN}
    assert found[-1][1].strength == 0.0


@pytest.mark.unit
def test_without_a_before_rest_stands_in_and_the_confidence_is_half() -> None:
    def shown(at_s: float) -> Shown:
        return {} if at_s < 20 else {FACE: (ANGRY, 0.9)}

    found = of(follow(shown, 60.0))
    assert found[-1][1].course == ESCALATING
    assert 0.4 < found[-1][1].confidence < 0.5


@pytest.mark.unit
@pytest.mark.parametrize("late_s", [0.0, 7.0, 40.0])
def test_a_moment_that_is_told_late_is_followed_from_when_it_was(late_s: float) -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (CALM if at_s < 22 else SAD, 0.7), VOICE: (CALM if at_s < 25 else ANGRY, 0.7)}

    found = of(follow(shown, 70.0, (("m", 20.0, 20.0 + late_s),)))
    at_once = of(follow(shown, 70.0))
    assert found[-1][1].course == at_once[-1][1].course == ESCALATING
    assert found[-1][1].strength == pytest.approx(at_once[-1][1].strength, abs=0.02)
    assert found[-1][1].confidence == pytest.approx(at_once[-1][1].confidence, abs=0.02)
    assert found[-1][1].since_s == pytest.approx(49.9)


@pytest.mark.unit
def test_a_moment_before_all_that_is_remembered_and_one_to_come() -> None:
    def shown(_at_s: float) -> Shown:
        return {FACE: (CALM, 0.8)}

    marks = (("old", -HISTORY_S - 60.0, 20.0), ("to_come", 500.0, 20.0))
    _, state = list(follow(shown, 40.0, marks))[-1]
    assert {one.course for one in state.moments.values()} == {STEADY}
    assert state.moments["old"].since_s == pytest.approx(HISTORY_S + 99.9)
    assert state.moments["to_come"].since_s == pytest.approx(19.9)


@pytest.mark.unit
def test_a_moment_that_is_named_again_begins_anew() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (CALM if at_s < 25 else ANGRY, 0.8)}

    found = of(follow(shown, 100.0, (("m", 20.0, 20.0), ("m", 60.0, 60.0))))
    assert courses(found, 40, 60) == {ESCALATING}
    assert courses(found, 65, 100) == {STEADY}


@pytest.mark.unit
def test_only_so_many_moments_are_followed_and_only_so_long() -> None:
    def shown(_at_s: float) -> Shown:
        return {FACE: (CALM, 0.8)}

    marks = tuple((f"m{number}", 20.0 + number, 20.0 + number) for number in range(20))
    _, state = list(follow(shown, 60.0, marks))[-1]
    assert list(state.moments) == [f"m{number}" for number in range(20 - MOMENTS_MAX, 20)]
    states = list(follow(shown, FOLLOW_S + 30.0, rate_hz=1.0))
    assert all(("m" in state.moments) == (20 <= at_s <= FOLLOW_S + 20) for at_s, state in states)


@pytest.mark.unit
def test_what_is_forgotten_has_neither_mood_nor_moments() -> None:
    fusion = Fusion(settings.Fusion())
    for number in range(40):
        now_ns = BEGIN + number * SECOND // 10
        fusion.tick({FACE: reading(FACE, ANGRY, 0.9, now_ns)}, now_ns, 0.0)
    fusion.mark("m", BEGIN, BEGIN + 4 * SECOND)
    fusion.forget()
    state = fusion.tick({}, BEGIN + 5 * SECOND, 0.0)
    assert state.mood is None
    assert state.moments == {}


@pytest.mark.unit
def test_a_contradiction_is_no_relief_but_may_be_strain() -> None:
    def shown(at_s: float) -> Shown:
        return {FACE: (CALM if at_s < 22 else ANGRY if at_s < 40 else HAPPY, 0.8)}

    def masked(at_s: float) -> Doubt | None:
        return Doubt(0.9, "masking") if at_s >= 40 else None

    assert turns(of(follow(shown, 70.0))) == [STEADY, ESCALATING, RECOVERING]
    assert turns(of(follow(shown, 70.0, doubt=masked))) == [STEADY, ESCALATING]
    assert turns(of(follow(shown, 39.0, doubt=lambda _: Doubt(0.9, "sarcasm")))) == [
        STEADY,
        ESCALATING,
    ]


@pytest.mark.unit
@pytest.mark.parametrize("rate_hz", [5.0, 45.0])
def test_the_rate_of_the_states_changes_no_course(rate_hz: float) -> None:
    other = played("betrayal", "betrayal", rate_hz)
    found = played("betrayal", "betrayal")
    assert turns(other) == turns(found)
    for at_s in (38.0, 45.0, 60.0, 100.0):
        assert strength(other, at_s) == pytest.approx(strength(found, at_s), abs=0.08)


_gaps = st.lists(
    st.tuples(st.floats(45.0, 110.0), st.floats(1.0, 40.0), st.sampled_from([FACE, VOICE])),
    max_size=4,
)


@pytest.mark.property
@hypothesis_settings(max_examples=25)
@given(_gaps, st.sampled_from([SAD, ANGRY]), st.floats(0.5, 0.85), st.booleans())
def test_no_gap_of_any_modality_turns_the_course(
    gaps: list[tuple[float, float, Modality]], label: int, sure: float, differ: bool
) -> None:
    """The face and the voice change together, and need not be alike before: one of the two goes
    away and comes back, or both do, and nothing turns."""

    def shown(at_s: float) -> Shown:
        before = {FACE: (CALM, 0.8), VOICE: (7 if differ else CALM, 0.6)}
        after = {FACE: (label, sure), VOICE: (label, sure)}
        now = before if at_s < 25 else after
        return {
            m: one
            for m, one in now.items()
            if not any(m is of and at <= at_s < at + long for at, long, of in gaps)
        }

    found = of(follow(shown, 120.0, rate_hz=2.0))
    assert turns(found) == [STEADY, ESCALATING]


@pytest.mark.property
@hypothesis_settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0.0, 80.0), st.floats(1.0, 60.0), st.sampled_from(Modality))),
    st.fixed_dictionaries(
        {m: st.tuples(st.integers(0, 7), st.floats(0.15, 0.95)) for m in (FACE, VOICE, TEXT)}
    ),
    st.floats(0.0, 40.0),
)
def test_who_stays_the_same_is_steady_whatever_is_missing(
    gaps: list[tuple[float, float, Modality]], player: Shown, marked_s: float
) -> None:
    def shown(at_s: float) -> Shown:
        return {
            m: one
            for m, one in player.items()
            if not any(m is of and at <= at_s < at + long for at, long, of in gaps)
        }

    seen_before = shown(marked_s - 1.0) if marked_s >= 1.0 else {}
    found = of(follow(shown, 80.0, (("m", marked_s, marked_s),), rate_hz=2.0))
    for _, one in found:
        assert 0.0 <= one.strength <= 1.0
        assert 0.0 <= one.confidence <= 1.0
    if set(seen_before) == set(player):  # else another modality may say more of the same player
        assert set(turns(found)) <= {STEADY}


_walks = st.lists(
    st.tuples(
        st.dictionaries(
            st.sampled_from(Modality), st.tuples(st.integers(0, 7), st.floats(0.13, 0.95))
        ),
        st.sampled_from([0.03, 0.5, 1.0, 30.0]),
        st.booleans(),
    ),
    max_size=40,
)


@pytest.mark.property
@given(_walks, st.integers(0, 2**32))
def test_whatever_is_shown_every_number_is_in_its_range(
    walk: list[tuple[Shown, float, bool]], back_ns: int
) -> None:
    fusion = Fusion(settings.Fusion())
    now_ns = BEGIN
    for number, (shown, seconds, marked) in enumerate(walk):
        now_ns += round(seconds * SECOND)
        if marked:
            fusion.mark(f"m{number % 20}", now_ns - back_ns, now_ns)
        state = fusion.tick({m: reading(m, *one, now_ns) for m, one in shown.items()}, now_ns, 0.0)
        assert len(state.moments) <= MOMENTS_MAX
        for one in state.moments.values():
            assert one.course in COURSES
            assert 0.0 <= one.strength <= 1.0
            assert 0.0 <= one.confidence <= 1.0
            assert one.since_s >= 0.0
