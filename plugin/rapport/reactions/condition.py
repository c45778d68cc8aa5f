"""Conditions: a tree of signals, all, any and not, read twice a tick in three values.

The *enter* reading decides whether a reaction may begin, the *keep* reading whether it goes on.
Both are true, false or unknown (None), after Kleene's strong logic of three values: unknown never
counts as zero or false, and nothing begins on it. `not` swaps the two readings, so that nothing
begins just because a value lies between the levels.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rapport.reactions import signals
from rapport.reactions.rules import Rule, When
from rapport.reactions.signals import Reading, Signal
from rapport.state import Cause, EmotionState

NS_PER_S = 1e9
GAP_NS = 1_000_000_000
"""After a longer pause between two ticks nobody knows that a signal stayed beyond its level."""
DEFAULT_EXIT = 0.1
"""The exit level lies this share of the signal's span below the enter level, if none is given."""

Truth = bool | None


class Leaf:
    """One signal against its levels or words, and what it must remember: since when it has been
    beyond its enter level, and what it last was when it was known."""

    def __init__(self, when: When, rule: Rule) -> None:
        found = signals.find(when.signal or "")
        if found is None:
            raise ValueError(f"no signal {when.signal!r}")
        self.signal: Signal = found
        self.enter = when.enter
        self.exit = _exit(when, found)
        self._falls = self.exit is not None and self.exit > (self.enter or 0.0)
        words = when.is_ if isinstance(when.is_, tuple) else (when.is_,)
        self._words = {word for word in words if isinstance(word, str)}
        self._flags = {float(flag) for flag in words if isinstance(flag, bool)}
        self._for_ns = round(when.for_s * NS_PER_S)
        self._least = rule.min_confidence if when.min_confidence is None else when.min_confidence
        self.unknown = when.unknown or rule.unknown
        unknown_s = rule.unknown_s if when.unknown_s is None else when.unknown_s
        self._unknown_ns = round(unknown_s * NS_PER_S)
        self._since_ns: int | None = None
        self._known_ns: int | None = None
        self._held: tuple[bool, bool] = (False, False)
        self.reading: Reading | None = None
        self.magnitude = 0.0
        self.holds = False
        """Whether the last known readings stand in for those of now."""

    def tick(self, state: EmotionState, context: signals.Context, at_ns: int, gap: bool) -> None:
        """Read the signal."""
        reading = self.signal.read(state, context)
        if reading is not None and reading.confidence < self._least:
            reading = None
        if reading is not None and reading.value is None and self.enter is not None:
            reading = None  # a word of the game's where a number is asked for
        self.reading = reading
        if gap:
            self._since_ns = None
        if reading is None:
            self._since_ns = None
            recent = self._known_ns is not None and at_ns - self._known_ns <= self._unknown_ns
            self.holds = self.unknown == "hold" and recent
            return
        entered, kept = self._compare(reading)
        if not entered:
            self._since_ns = None
        elif self._since_ns is None:
            self._since_ns = at_ns
        lasted = self._since_ns is not None and at_ns - self._since_ns >= self._for_ns
        self._held, self._known_ns = (entered and lasted, kept), at_ns
        self.magnitude = self._strength(reading)
        self.holds = False

    @property
    def gone(self) -> bool:
        """Whether it is taken out of the tree."""
        return self.reading is None and self.unknown == "ignore"

    def truth(self, level: int, going_on: bool) -> Truth:
        """Its enter reading (level 0) or keep reading (1); unknown unless it is known, or goes on
        and is held."""
        known = self.reading is not None or (going_on and self.holds)
        return self._held[level] if known else None

    def cause(self, level: int) -> Cause:
        """What it says of now, for the event."""
        reading = self.reading or Reading(None)
        return Cause(
            signal=self.signal.name,
            value=reading.value,
            level=(self.enter, self.exit)[level],
            word=reading.word,
            modality=reading.modality,
        )

    def _compare(self, reading: Reading) -> tuple[bool, bool]:
        if self.enter is None or self.exit is None:
            meant = reading.word in self._words if reading.value is None else (
                reading.value in self._flags
            )  # fmt: skip
            return meant, meant
        value = reading.value or 0.0
        if self._falls:
            return value <= self.enter, value <= self.exit
        return value >= self.enter, value >= self.exit

    def _strength(self, reading: Reading) -> float:
        if self.enter is None or reading.value is None:
            return 1.0
        return self.signal.magnitude(reading.value)


class Node(NamedTuple):
    """`all`, `any` or `not` of others."""

    kind: str
    parts: tuple["Tree", ...]


Tree = Leaf | Node


def grow(when: When, rule: Rule) -> Tree:
    """The tree of a condition that has no mistakes."""
    for kind, parts in (("all", when.all), ("any", when.any)):
        if parts is not None:
            return Node(kind, tuple(grow(part, rule) for part in parts))
    if when.not_ is not None:
        return Node("not", (grow(when.not_, rule),))
    return Leaf(when, rule)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Its leaves, from the left."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves(part)


def gone(tree: Tree) -> bool:
    """Whether nothing of it is left, because all of it is unknown and to be ignored."""
    return tree.gone if isinstance(tree, Leaf) else all(gone(part) for part in tree.parts)


def truth(tree: Tree, level: int, going_on: bool) -> Truth:
    """The reading of a tree.

    :param level: 0: enter, 1: keep.
    :param going_on: whether what is held counts; never for a begin.
    """
    if isinstance(tree, Leaf):
        return None if tree.gone else tree.truth(level, going_on)
    parts = [part for part in tree.parts if not gone(part)]
    if not parts:
        return None
    if tree.kind == "not":
        found = truth(parts[0], 1 - level, going_on)
        return None if found is None else not found
    decisive = tree.kind == "any"
    values = [truth(part, level, going_on) for part in parts]
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def strength(tree: Tree, level: int) -> float:
    """How strongly a tree is true, 0 ... 1: of all the least, of any the most that is true."""
    if isinstance(tree, Leaf):
        return tree.magnitude
    if tree.kind == "not":
        return 1.0
    parts = [part for part in tree.parts if not gone(part)]
    if tree.kind == "any":
        parts = [part for part in parts if truth(part, level, going_on=True)]
        return max((strength(part, level) for part in parts), default=0.0)
    return min((strength(part, level) for part in parts), default=0.0)


def causes(tree: Tree, wanted: Truth, level: int, going_on: bool) -> Iterator[Cause]:
    """The leaves that make a tree true, false or unknown (`wanted`)."""
    if gone(tree) or truth(tree, level, going_on) is not wanted:
        return
    if isinstance(tree, Leaf):
        yield tree.cause(level)
    elif tree.kind == "not":
        flipped = None if wanted is None else not wanted
        yield from causes(tree.parts[0], flipped, 1 - level, going_on)
    else:
        for part in tree.parts:
            yield from causes(part, wanted, level, going_on)


def _exit(when: When, signal: Signal) -> float | None:
    if when.enter is None or when.exit is not None:
        return when.exit
    span = signal.span if signal.kind == "number" else 1.0
    return when.enter - DEFAULT_EXIT * span
