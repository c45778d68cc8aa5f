"""What is not known is no evidence: it moves no value, and costs confidence."""

from itertools import pairwise

import msgspec
import pytest

from rapport.reactions.granular import GranularStates
from rapport.recording.acting import START_NS
from rapport.state import (
    GRANULAR,
    Condition,
    EmotionState,
    Granular,
    Measure,
    Modality,
    ModalityState,
    Quality,
)
from reactions.granular_course import GATES, at, shipped, told, values
from reactions.granular_states import SECOND, UNKNOWN, shown

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("gate", GATES)
def test_trouble_with_every_signal_is_never_a_jump(gate: str) -> None:
    moments = shipped("device_trouble", gate)
    for (_, before), (_, after) in pairwise(moments):
        for name in before.keys() & after.keys():
            assert abs(before[name].value - after[name].value) < 0.023
    troubled = ("frustration", "confusion", "overwhelm", "boredom", "scepticism", "grief")
    assert all(
        known[name].value < 0.2 for _, known in moments for name in troubled if name in known
    )


@pytest.mark.parametrize("gate", GATES)
def test_with_both_devices_gone_nothing_moves_but_confidence_which_falls(gate: str) -> None:
    moments = shipped("device_trouble", gate)
    gone = [known for at_s, known in moments if 51.0 <= at_s < 54.9]
    for before, after in pairwise(gone):
        assert after.keys() <= before.keys()
        for name in after:
            assert after[name].value == before[name].value
            assert after[name].confidence < before[name].confidence
    assert gone[-1]["engagement"].confidence < 0.5 * at(moments, 47.9)["engagement"].confidence


def test_without_devices_nothing_is_known() -> None:
    for _, known in told("seconds = 30\ncamera = false\nmicrophone = false"):
        assert known == {}


def test_without_a_camera_what_needs_a_look_at_the_screen_is_less_sure_or_unknown() -> None:
    text = "seconds = 60\n[[speaking]]\nat = 1\nuntil = 60\n"
    both, heard = told(text)[-1][1], told("camera = false\n" + text)[-1][1]
    assert "engagement" not in heard
    assert heard["confusion"].confidence < 0.5 * both["confusion"].confidence
    assert heard["grief"].confidence > 0.8 * both["grief"].confidence


def test_without_a_microphone_amusement_is_less_sure_and_not_less() -> None:
    text = 'seconds = 20\n[[emotion]]\nat = 2\nlabel = "happiness"\n'
    both, seen = told(text)[-1][1], told("microphone = false\n" + text)[-1][1]
    assert seen["amusement"].confidence < both["amusement"].confidence - 0.1
    assert seen["amusement"].value > both["amusement"].value


def test_it_takes_time_to_be_sure() -> None:
    moments = told("seconds = 110")
    for name in GRANULAR:
        known = [at(moments, at_s).get(name) for at_s in (1.0, 10.0, 30.0, 100.0)]
        assert known[0] is None
        sure = [0.0 if each is None else each.confidence for each in known]
        assert sure == sorted(sure)
        assert sure[-1] > 0.6
    assert at(moments, 3.0).keys() < at(moments, 30.0).keys()


def watched(seconds: float, state: EmotionState) -> tuple[GranularStates, dict[str, Granular]]:
    """After some seconds of the same state at 30 Hz, from time zero on."""
    granular, known = GranularStates(), {}
    for number in range(round(seconds * 30) + 1):
        known = granular.tick(state, number * SECOND // 30)
    return granular, known


@pytest.mark.parametrize("silent_s", [1.5, 5.0, 20.0])
def test_a_gap_without_ticks_costs_confidence_and_moves_no_value_further_than_one_tick(
    silent_s: float,
) -> None:
    sad = shown("sadness")
    granular, before = watched(40, sad)
    after = granular.tick(sad, round((40 + silent_s) * SECOND))
    for name, known in after.items():
        assert known.confidence < before[name].confidence
        assert abs(known.value - before[name].value) < 0.15
    granular, _ = watched(40, sad)
    unwatched = granular.tick(UNKNOWN, round((40 + silent_s) * SECOND))
    assert all(known.value == before[name].value for name, known in unwatched.items())


def test_after_a_long_absence_it_begins_anew() -> None:
    sad = shown("sadness")
    granular, before = watched(60, sad)
    assert before["grief"].value > 0.8
    assert granular.tick(UNKNOWN, 60 * SECOND + 3600 * SECOND) == {}
    known: dict[str, Granular] = {}
    for number in range(30 * 20):
        known = granular.tick(shown("neutral"), (3700 * SECOND) + number * SECOND // 30)
    assert known["grief"].value < 0.05


def test_to_forget_is_to_begin_anew() -> None:
    granular, before = watched(30, shown("anger"))
    assert before["frustration"].value > 0.5
    granular.forget()
    again = GranularStates()
    for number in range(200):
        state, at_ns = shown("neutral"), number * SECOND // 30
        assert granular.tick(state, at_ns) == again.tick(state, at_ns)


def test_time_that_runs_backwards_counts_as_none() -> None:
    granular, before = watched(30, shown("anger"))
    assert granular.tick(shown("fear"), 0) == before
    later = granular.tick(shown("anger"), SECOND // 30)
    assert later["frustration"].confidence > before["frustration"].confidence


def test_what_the_trajectory_only_remembers_is_no_evidence() -> None:
    """While evidence is missing, states go on for some seconds with probabilities that fade."""
    granular, before = watched(30, shown("anger"))
    remembered = msgspec.structs.replace(shown("anger"), modalities=UNKNOWN.modalities)
    for number in range(1, 60):
        after = granular.tick(remembered, 30 * SECOND + number * SECOND // 30)
    assert after["frustration"].value == before["frustration"].value
    assert after["frustration"].confidence < before["frustration"].confidence


def test_poor_evidence_is_less_sure_and_slower() -> None:
    _, good = watched(10, shown("anger"))
    _, poor = watched(10, shown("anger", quality=0.3))
    assert poor.get("frustration", Granular(0.0, 0.0)).confidence < good["frustration"].confidence
    granular, _ = watched(20, shown("anger", quality=0.6))
    assert granular.tick(shown("anger"), 21 * SECOND)["frustration"].value > 0.0


def test_a_turned_head_is_away_and_an_empty_chair_is_not() -> None:
    def seen(condition: Condition, yaw: float | None = None) -> dict[str, Granular]:
        state = shown("neutral")
        quality = Quality(1.0, {} if yaw is None else {"yaw": Measure(0.0, yaw)})
        weight = 1.0 if condition is Condition.OK else 0.0
        face = ModalityState(weight, condition, quality)
        state = msgspec.structs.replace(state, modalities={**state.modalities, Modality.FACE: face})
        return watched(30, state)[1]

    ahead, aside = seen(Condition.OK, 1.0), seen(Condition.OK, 0.2)
    assert aside["boredom"].value > ahead["boredom"].value + 0.2
    assert aside["engagement"].value < ahead["engagement"].value
    absent = seen(Condition.ABSENT)
    assert "boredom" not in absent
    assert absent["engagement"].value < 0.1


@pytest.mark.parametrize("gate", GATES)
def test_an_empty_chair_does_not_get_bored(gate: str) -> None:
    trouble = '[[trouble]]\nat = 30\nuntil = 90\nwhat = "face_lost"\n'
    moments = told("seconds = 130\n" + trouble, gate)
    assert "boredom" not in at(moments, 88)
    assert max(values(moments, "boredom")) < 0.3


def test_no_laugh_is_no_sign_where_nothing_listens_for_it() -> None:
    happy = shown("happiness")
    deaf = shown("happiness", voice_model="voice_emotion-1")
    _, with_model = watched(20, happy)
    _, without = watched(20, deaf)
    assert without["amusement"].value > with_model["amusement"].value
    assert without["amusement"].confidence < with_model["amusement"].confidence


def test_it_begins_on_any_clock() -> None:
    for begin_ns in (0, START_NS, -5 * SECOND, 2**62):
        granular = GranularStates()
        for number in range(300):
            known = granular.tick(shown("happiness"), begin_ns + number * SECOND // 30)
        assert known["amusement"].value == pytest.approx(0.5, abs=0.2)
