"""Presence: when it is worth an event that a face or a voice has come or gone."""

from typing import NamedTuple

from rapport.state import EmotionState, EventKind

HOLD_NS = 300_000_000
"""A change that does not last this long is a blink of the detector and no event."""


class Presence(NamedTuple):
    """What was last announced, and since when it has been otherwise."""

    announced: bool = False
    other_since_ns: int | None = None


class Presences(NamedTuple):
    """Whether there is a face, and whether somebody speaks."""

    face: Presence = Presence()
    speech: Presence = Presence()


def follow(presences: Presences, state: EmotionState) -> tuple[Presences, list[EventKind]]:
    """The presences after one more state, and the events that are due."""
    face, face_changed = _step(presences.face, bool(state.face_present), state.captured_ns)
    speech, speech_changed = _step(presences.speech, bool(state.speaking), state.captured_ns)
    due = []
    if face_changed:
        due.append(EventKind.FACE_FOUND if face.announced else EventKind.FACE_LOST)
    if speech_changed:
        due.append(EventKind.SPEECH_BEGAN if speech.announced else EventKind.SPEECH_ENDED)
    return Presences(face, speech), due


def _step(presence: Presence, now: bool, at_ns: int) -> tuple[Presence, bool]:
    if now == presence.announced:
        return Presence(now), False
    since_ns = at_ns if presence.other_since_ns is None else presence.other_since_ns
    if at_ns - since_ns < HOLD_NS:
        return presence._replace(other_since_ns=since_ns), False
    return Presence(now), True
