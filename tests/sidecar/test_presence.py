"""When a face or a voice that comes or goes is worth an event."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.sidecar.presence import HOLD_NS, Presences, follow
from rapport.state import UNCERTAIN, EmotionState, EventKind

FRAME_NS = 33_000_000


def state(at_ns: int, face: bool | None = None, speaking: bool | None = None) -> EmotionState:
    return EmotionState(at_ns, 0.0, UNCERTAIN, 0.0, {}, face_present=face, speaking=speaking)


def events(faces: list[bool | None]) -> list[tuple[int, EventKind]]:
    presences, found = Presences(), []
    for tick, face in enumerate(faces):
        presences, due = follow(presences, state(tick * FRAME_NS, face))
        found += [(tick, kind) for kind in due]
    return found


@pytest.mark.unit
def test_a_face_that_comes_and_goes_gives_two_events() -> None:
    kinds = [kind for _, kind in events([False] * 5 + [True] * 20 + [None] * 20)]
    assert kinds == [EventKind.FACE_FOUND, EventKind.FACE_LOST]


@pytest.mark.unit
def test_speech_has_events_of_its_own() -> None:
    presences, found = Presences(), []
    for tick in range(40):
        presences, due = follow(presences, state(tick * FRAME_NS, True, speaking=tick < 20))
        found += due
    assert found == [EventKind.FACE_FOUND, EventKind.SPEECH_BEGAN, EventKind.SPEECH_ENDED]


@pytest.mark.property
@given(st.lists(st.sampled_from([True, False, None]), max_size=200))
def test_events_alternate_and_are_never_closer_than_the_hold(faces: list[bool | None]) -> None:
    found = events(faces)
    kinds = [kind for _, kind in found]
    assert kinds == [EventKind.FACE_FOUND, EventKind.FACE_LOST] * (len(kinds) // 2) + (
        [EventKind.FACE_FOUND] if len(kinds) % 2 else []
    )
    ticks = [tick for tick, _ in found]
    for earlier, later in itertools.pairwise(ticks):
        assert (later - earlier) * FRAME_NS >= HOLD_NS
