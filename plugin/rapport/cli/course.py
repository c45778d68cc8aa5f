"""The course of a trial: a profile over a session that is over, as a replay would react to it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from rapport.reactions.engine import Engine
from rapport.reactions.granular import GranularStates
from rapport.reactions.rules import Profile, Rule, When
from rapport.reactions.signal import Context, Signal, Value, known
from rapport.reactions.signals import find
from rapport.recording.player import Timed
from rapport.state import Cause, EmotionState, EventKind, Reaction

NS_PER_S = 1e9
IDLE, ACTIVE, FADING = 0, 1, 2
"""Where a reaction stands after a state."""

Part = Literal["beyond", "on", "short", "unknown"]
"""Of a level: beyond enter, at least beyond exit, not even that, or nothing known."""


class Level(msgspec.Struct, frozen=True):
    """What a condition asks of its signal: an enter and an exit level, or words that it may be, and
    how sure it must be for the signal to count as known."""

    signal: str
    enter: float | None
    exit: float | None
    words: tuple[bool | str, ...] = ()
    least: float = 0.0

    @property
    def falls(self) -> bool:
        """Whether low values count."""
        return self.enter is not None and self.exit is not None and self.exit > self.enter

    def part(self, value: Value, confidence: float) -> Part:
        """Where a value lies."""
        if value is None or confidence < self.least:
            return "unknown"
        if self.enter is None or self.exit is None:
            return "beyond" if value in self.words else "short"
        if isinstance(value, str):
            return "unknown"
        sign = -1.0 if self.falls else 1.0
        if sign * value >= sign * self.enter:
            return "beyond"
        return "on" if sign * value >= sign * self.exit else "short"


class Track(msgspec.Struct, frozen=True):
    """A signal over the session: a value and how sure it is for each state, and the levels that
    conditions set."""

    signal: Signal
    levels: tuple[Level, ...]
    values: list[Value]
    confidences: list[float]

    def unknown(self, at_s: list[float]) -> list[tuple[float, float]]:
        """From when to when there is no value."""
        gone = [int(value is None) for value in self.values]
        return [(begin_s, end_s) for _, begin_s, end_s in spans(gone, at_s)]


class Firing(msgspec.Struct, frozen=True):
    """A reaction from its begin to its end, in seconds from the start. `strengths` are the times
    and strengths that an engine would be told."""

    number: int
    reaction: str
    began_s: float
    ended_s: float
    why: tuple[Cause, ...]
    end: str
    """`left`, `unknown`, `replaced`, or `stopped`: it went on when the session ended."""
    end_why: tuple[Cause, ...]
    strengths: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        """How long it went on."""
        return self.ended_s - self.began_s

    @property
    def strength(self) -> float:
        """The most that was told of it."""
        return max(strength for _, strength in self.strengths)


class Course(msgspec.Struct, frozen=True):
    """What a profile made of a session."""

    profile: Profile
    at_s: list[float]
    """When each state is due, from the start."""
    tracks: tuple[Track, ...]
    phases: dict[str, list[int]]
    """Reaction -> where it stands after each state: `IDLE`, `ACTIVE` or `FADING`."""
    firings: tuple[Firing, ...]

    @property
    def seconds(self) -> float:
        """From the first state to the last."""
        return self.at_s[-1] if self.at_s else 0.0

    def of(self, reaction: str) -> tuple[Firing, ...]:
        """The firings of one reaction."""
        return tuple(firing for firing in self.firings if firing.reaction == reaction)


def enriched(items: Iterable[Timed]) -> Iterator[tuple[int, EmotionState]]:
    """The states of a session with their granular states, and the nanosecond at which a playback
    gives each to the reactions."""
    granular = GranularStates()
    for due_s, item in items:
        if isinstance(item, EmotionState):
            at_ns = round(due_s * NS_PER_S)
            yield at_ns, msgspec.structs.replace(item, granular=granular.tick(item, at_ns))


def follow(
    profiles: Iterable[Profile],
    npc: str,
    states: Iterable[tuple[int, EmotionState]],
    context: Context,
) -> tuple[Course, ...]:
    """The course of each profile over the same states, in one pass.

    :param states: nanoseconds from the start, and the state of then.
    """
    runs = [_Run(profile, npc) for profile in profiles]
    for at_ns, state in states:
        for run in runs:
            run.tick(at_ns, state, context)
    return tuple(run.course() for run in runs)


class _Run:
    """A profile on its way through a session."""

    def __init__(self, profile: Profile, npc: str) -> None:
        self._profile = profile
        self._engine = Engine(profile, npc)
        self._at_s: list[float] = []
        self._tracks = _tracks(profile)
        self._phases: dict[str, list[int]] = {name: [] for name in profile.reaction}
        self._told: dict[int, list[tuple[float, EventKind, Reaction]]] = {}

    def tick(self, at_ns: int, state: EmotionState, context: Context) -> None:
        at_s = at_ns / NS_PER_S
        self._note(at_s, self._engine.tick(state, at_ns, context))
        self._at_s.append(at_s)
        active, fading = self._engine.active, self._engine.fading
        for name, phases in self._phases.items():
            phases.append(FADING if name in fading else ACTIVE if name in active else IDLE)
        for track in self._tracks:
            value = known(track.signal.value(state, context))
            track.values.append(value)
            track.confidences.append(0.0 if value is None else track.signal.confidence(state))

    def course(self) -> Course:
        self._note(self._at_s[-1] if self._at_s else 0.0, self._engine.end("stopped"))
        firings = tuple(map(_firing, self._told.values()))
        return Course(self._profile, self._at_s, self._tracks, self._phases, firings)

    def _note(self, at_s: float, told: list[tuple[EventKind, Reaction]]) -> None:
        for kind, reaction in told:
            self._told.setdefault(reaction.firing, []).append((at_s, kind, reaction))


def _firing(told: list[tuple[float, EventKind, Reaction]]) -> Firing:
    """A firing from its events: the first is its begin, the last its end."""
    (began_s, _, begin), (ended_s, _, end) = told[0], told[-1]
    strengths = tuple((at_s, reaction.strength) for at_s, _, reaction in told)
    return Firing(
        begin.firing, begin.name, began_s, ended_s, begin.why, end.reason, end.why, strengths
    )


def levels(when: When, rule: Rule, denied: bool = True) -> Iterator[tuple[Level, float]]:
    """What each condition in a tree asks of its signal, and for how many seconds, from the left.

    :param denied: also the conditions inside `not`.
    """
    parts = (*(when.all or ()), *(when.any or ()))
    for part in (*parts, when.not_) if denied and when.not_ else parts:
        yield from levels(part, rule, denied)
    signal = find(when.signal or "")
    if signal is None:
        return
    least = rule.min_confidence if when.min_confidence is None else when.min_confidence
    if when.enter is None:
        words = when.is_ if isinstance(when.is_, tuple) else (when.is_,)
        wanted = tuple(word for word in words if word is not None)
        yield Level(signal.name, None, None, wanted, least), when.for_s
    else:
        exit = signal.default_exit(when.enter) if when.exit is None else when.exit
        yield Level(signal.name, when.enter, exit, (), least), when.for_s


def _tracks(profile: Profile) -> tuple[Track, ...]:
    """The signals that a profile names, in the order in which it does."""
    asked = [level for rule in profile.reaction.values() for level, _ in levels(rule.when, rule)]
    found: dict[str, list[Level]] = {}
    for level in asked:
        mine = found.setdefault(level.signal, [])
        if level not in mine:
            mine.append(level)
    signals = ((find(name), mine) for name, mine in found.items())
    return tuple(
        Track(signal, tuple(mine), [], []) for signal, mine in signals if signal is not None
    )


def spans(phases: Sequence[int], at_s: list[float]) -> Iterator[tuple[int, float, float]]:
    """The stretches in which a reaction stood the same way, but for idle ones: where, from, to.
    Of anything else too that is 0 where nothing is to be told."""
    changes = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(phases)) if a != b), len(phases)]
    for begin, end in pairwise(changes):
        if begin < end and phases[begin] != IDLE:
            yield phases[begin], at_s[begin], at_s[min(end, len(at_s) - 1)]
