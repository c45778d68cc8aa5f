"""When items are due, and what they become."""

from itertools import islice

import msgspec
import pytest

from rapport.recording.player import GAP_S, TURN_S, as_now, timeline
from rapport.recording.tables import Item, Line
from rapport.state import SCHEMA
from recording.examples import START_NS, event, session, state

pytestmark = pytest.mark.unit


def due(items: list[Item], loop: bool = False, count: int | None = None) -> list[float]:
    return [seconds for seconds, _ in islice(timeline(lambda: items, loop), count)]


def test_items_are_due_as_far_apart_as_they_came() -> None:
    assert due([state(0), state(3), event(3), state(6)]) == pytest.approx([0, 0.1, 0.1001, 0.2])


def test_items_stay_in_their_order() -> None:
    items = session()
    assert [item for _, item in timeline(lambda: items)] == items


def test_a_long_pause_is_cut_and_time_never_runs_backwards() -> None:
    assert due([state(0), state(30_000), state(30), state(30_030)]) == pytest.approx(
        [0, GAP_S, GAP_S, GAP_S + 1.0]
    )


def test_a_line_that_is_told_late_does_not_shift_the_rest() -> None:
    line = Line("late", "player", START_NS - 5_000_000_000)
    assert due([state(0), line, state(3)]) == pytest.approx([0, 0, 0.1])


def test_a_loop_begins_again_after_one_frame() -> None:
    assert due([state(0), state(3)], True, 5) == pytest.approx(
        [0, 0.1, 0.1 + TURN_S, 0.2 + TURN_S, 0.2 + 2 * TURN_S]
    )


def test_nothing_in_a_loop_ends() -> None:
    assert due([], loop=True) == []


def test_a_state_becomes_one_of_now_that_is_flagged() -> None:
    then = msgspec.structs.replace(state(0), schema=1)
    now = as_now(then, 10**12, 2e9)
    assert now.replay
    assert now.schema == SCHEMA
    assert 10**12 - now.captured_ns == then.published_ns - then.captured_ns
    assert now.captured_wall == pytest.approx(2e9 - 0.014)
    for name in ("probabilities", "modalities", "label", "valence", "trend", "speaking"):
        assert getattr(now, name) == getattr(then, name)
