"""What is recorded comes back, each number within the step that the format documents."""

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.recording.header import Header
from rapport.recording.session import info, read
from rapport.recording.shapes import WORD_CHARACTERS_MAX
from rapport.recording.tables import MEASURE_SCALES, OTHER_MEASURE_SCALE, Item
from rapport.recording.writer import write_session
from rapport.state import Appraisal, EmotionState, Event, Measure, Modality, ModalityState
from rapport.wire import codec
from recording.examples import (
    HEADER,
    SECONDS_STEP,
    SHARE_STEP,
    SLOW_STEP,
    START_NS,
    TIME_STEP_NS,
    WALL_STEP_S,
    events,
    lines,
    session,
    state,
    states,
)

NUMBERS = ("confidence", "valence", "arousal", "dominance", "trend", "incongruence")
EXACT = ("label", "speaking", "face_present", "schema", "sequence", "replay")


def close(value: float | None, back: float | None, step: float) -> bool:
    """Whether a number came back within half a step (and the rounding of floats)."""
    if value is None or back is None:
        return value is back
    return math.isclose(value, back, rel_tol=1e-9, abs_tol=step / 2 + 1e-9)


def same_shares(shares: tuple[float, ...] | None, back: tuple[float, ...] | None) -> bool:
    if shares is None or back is None:
        return shares is back
    near = all(abs(a - b) <= SHARE_STEP for a, b in zip(shares, back, strict=True))
    return near and math.isclose(sum(back), 1.0)


def check_measure(name: str, measure: Measure, back: Measure) -> None:
    assert close(measure.value, back.value, 1 / MEASURE_SCALES.get(name, OTHER_MEASURE_SCALE))
    assert close(measure.score, back.score, 1e-2)


def check_part(part: ModalityState, back: ModalityState) -> None:
    assert back.condition == part.condition
    assert back.model == part.model[:WORD_CHARACTERS_MAX]
    assert close(part.weight, back.weight, 1 / 4000)
    assert close(part.age_ms, back.age_ms, 1.0)
    assert close(part.valence, back.valence, SHARE_STEP)
    assert close(part.arousal, back.arousal, SHARE_STEP)
    assert close(part.quality.score, back.quality.score, SHARE_STEP)
    assert same_shares(part.distribution, back.distribution)
    assert part.quality.measures.keys() == back.quality.measures.keys()
    for name, measure in part.quality.measures.items():
        check_measure(name, measure, back.quality.measures[name])


def check_course(item: EmotionState, back: EmotionState) -> None:
    """The mood, the moments, the contradiction and the conversation."""
    for name, number in msgspec.structs.asdict(item.mood).items() if item.mood else ():
        assert close(number, getattr(back.mood, name), SLOW_STEP), name
    assert (back.mood is None) == (item.mood is None)
    assert back.moments.keys() == item.moments.keys()
    for name, one in item.moments.items():
        found = back.moments[name]
        assert found.course == one.course
        assert close(one.strength, found.strength, SLOW_STEP)
        assert close(one.confidence, found.confidence, SLOW_STEP)
        assert close(one.since_s, found.since_s, SECONDS_STEP)
    assert (back.contradiction is None) == (item.contradiction is None)
    if item.contradiction is not None and back.contradiction is not None:
        same = msgspec.structs.replace(back.contradiction, strength=item.contradiction.strength)
        assert same == item.contradiction
        assert close(item.contradiction.strength, back.contradiction.strength, SHARE_STEP)
    assert (back.conversation is None) == (item.conversation is None)
    if item.conversation is not None and back.conversation is not None:
        for name in ("utterances", "line", "role"):
            assert getattr(back.conversation, name) == getattr(item.conversation, name)
        assert close(item.conversation.pause_s, back.conversation.pause_s, SECONDS_STEP)
        assert same_shares(item.conversation.reading, back.conversation.reading)
        assert same_shares(item.conversation.expected, back.conversation.expected)


def check_state(item: EmotionState, back: EmotionState) -> None:
    for name in EXACT:
        assert getattr(back, name) == getattr(item, name), name
    for name in NUMBERS:
        assert close(getattr(item, name), getattr(back, name), SHARE_STEP), name
    assert back.baseline == item.baseline[:WORD_CHARACTERS_MAX]
    assert same_shares(item.probabilities, back.probabilities)
    assert back.modalities.keys() == item.modalities.keys()
    for modality, part in item.modalities.items():
        check_part(part, back.modalities[modality])
    check_course(item, back)
    assert abs(back.published_ns - item.published_ns) <= TIME_STEP_NS
    assert abs(back.captured_ns - item.captured_ns) <= 2 * TIME_STEP_NS
    assert abs(back.published_wall - item.published_wall) <= WALL_STEP_S
    delay_s = (item.published_ns - item.captured_ns) / 1e9
    assert abs(back.captured_wall - (item.published_wall - delay_s)) <= WALL_STEP_S


def through_a_file(path: Path, items: list[Item]) -> list[Item]:
    path.unlink(missing_ok=True)
    write_session(path, HEADER, items)
    found = read(path)
    back = list(found)
    assert found.flaws == ()
    assert len(back) == len(items)
    return back


@pytest.mark.property
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(states, min_size=1, max_size=2))
def test_states_come_back(tmp_path: Path, items: list[EmotionState]) -> None:
    for item, back in zip(items, through_a_file(tmp_path / "s", list(items)), strict=True):
        assert isinstance(back, EmotionState)
        check_state(item, back)


@pytest.mark.property
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(events | lines, min_size=1, max_size=8))
def test_events_and_lines_come_back_in_their_order(tmp_path: Path, items: list[Item]) -> None:
    for item, back in zip(items, through_a_file(tmp_path / "s", items), strict=True):
        assert type(back) is type(item)
        assert abs(back.at_ns - item.at_ns) <= TIME_STEP_NS
        if isinstance(item, Event):
            assert abs(back.at_wall - item.at_wall) <= WALL_STEP_S
            back = msgspec.structs.replace(back, at_wall=item.at_wall)
        assert msgspec.structs.replace(back, at_ns=item.at_ns) == item


@pytest.mark.unit
def test_states_events_and_lines_come_back_in_the_order_of_coming(tmp_path: Path) -> None:
    items = session(400)  # more than a chunk
    back = through_a_file(tmp_path / "s", items)
    assert [type(item) for item in back] == [type(item) for item in items]
    for item, found in zip(items, back, strict=True):
        if isinstance(item, EmotionState):
            check_state(item, found)
            codec.decode_state(codec.STATE_TOPIC + msgspec.msgpack.encode(found))


@pytest.mark.unit
def test_a_state_that_was_never_published_counts_from_its_capture(tmp_path: Path) -> None:
    offline = msgspec.structs.replace(state(3), published_ns=0, published_wall=0.0)
    (back,) = through_a_file(tmp_path / "s", [offline])
    assert back.published_ns == back.captured_ns
    assert abs(back.captured_ns - offline.captured_ns) <= TIME_STEP_NS


@pytest.mark.unit
def test_what_is_no_number_or_out_of_bounds_does_no_harm(tmp_path: Path) -> None:
    broken = ModalityState(0.5, "new_condition", valence=math.nan, arousal=7.0)
    item = msgspec.structs.replace(state(1), trend=math.inf, modalities={Modality.FACE: broken})
    (back,) = through_a_file(tmp_path / "s", [item])
    assert back.trend is None
    part = back.modalities[Modality.FACE]
    assert (part.condition, part.valence, part.arousal) == ("new_condition", None, 1.0)


@pytest.mark.unit
def test_the_header_says_where_a_session_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "s"
    write_session(path, HEADER, session())
    found = info(path)
    assert found.header == HEADER
    assert found.header.labels[1] == "happiness"
    assert (found.counts.states, found.counts.events, found.counts.lines) == (90, 3, 1)
    assert found.kinds == {"camera_lost": 1, "face_lost": 1, "camera_back": 1}
    assert found.seconds == pytest.approx(89 / 30, abs=1e-3)
    assert sum(found.labels.values()) == 90


@pytest.mark.unit
def test_a_file_is_read_with_the_dictionary_that_it_carries(tmp_path: Path) -> None:
    other = Header(start_ns=START_NS, start_wall=0.0, source="live", dictionary=b"other words")
    write_session(tmp_path / "s", other, [state(0), state(1)])
    assert len(list(read(tmp_path / "s"))) == 2


@pytest.mark.unit
def test_a_game_may_name_a_moment_at_every_state(tmp_path: Path) -> None:
    items = [
        msgspec.structs.replace(
            state(number),
            moments={
                f"moment_{n}": Appraisal("steady", 1.0, 0.5, 0.0)
                for n in range(number, number + 16)
            },
        )
        for number in range(300)
    ]
    for item, back in zip(items, through_a_file(tmp_path / "s", list(items)), strict=True):
        assert isinstance(back, EmotionState)
        check_course(item, back)
