"""Conditions: a tree of signals, all, any and not, read twice a tick in three values.

The *enter* reading decides whether a reaction may begin, the *keep* reading whether it goes on.
Both are true, false or unknown (None), after Kleene's strong logic of three values: unknown never
counts as zero or false, and nothing begins on it. `not` swaps the two readings, so that nothing
begins just because a value lies between the levels.
"""

from collections.abc import Iterator

from rapport.reactions.rules import Rule, When
from rapport.reactions.signal import Context, Signal, Value, known, magnitude
from rapport.reactions.signals import find
from rapport.state import Cause, EmotionState

NS_PER_S = 1e9
GAP_NS = 1_000_000_000
"""After a longer pause between two ticks nobody knows that a signal stayed beyond its level."""
ENTER, KEEP = 0, 1

Truth = bool | None


class Source:
    """A signal as it is at this tick; the leaves that name it share it."""

    __slots__ = ("confidence", "signal", "value")

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self.value: Value = None
        self.confidence = 0.0

    def tick(self, state: EmotionState, context: Context) -> None:
        """Read the signal."""
        self.value = known(self.signal.value(state, context))
        if self.value is not None:
            self.confidence = self.signal.confidence(state)


Sources = dict[str, Source]
"""By the name of their signal."""


class Leaf:
    """One signal against its levels or words, and what it must remember: since when it has been
    beyond its enter level, and what it last was when it was known."""

    def __init__(self, when: When, rule: Rule, sources: Sources) -> None:
        name = when.signal or ""
        signal = find(name)
        if signal is None:
            raise ValueError(f"no signal {name!r}")
        self.source = sources.setdefault(name, Source(signal))
        self.enter = when.enter
        self.exit = when.exit
        if self.enter is not None and self.exit is None:
            self.exit = signal.default_exit(self.enter)
        self._falls = self.exit is not None and self.exit > (self.enter or 0.0)
        self._wanted = set(when.is_ if isinstance(when.is_, tuple) else (when.is_,))
        self._for_ns = round(when.for_s * NS_PER_S)
        self._least = rule.min_confidence if when.min_confidence is None else when.min_confidence
        unknown = when.unknown or rule.unknown
        self.may_go: bool = unknown == "ignore"
        """Whether it is taken out of the tree while it is unknown."""
        unknown_s = rule.unknown_s if when.unknown_s is None else when.unknown_s
        self._hold_ns = round(unknown_s * NS_PER_S) if unknown == "hold" else None
        self._last: Value = None
        self._entered = self._kept = False
        self.forget()

    def forget(self) -> None:
        """Remember nothing of the signal."""
        self._since_ns: int | None = None
        self._known_ns: int | None = None
        self.known = self._held = False

    def tick(self, at_ns: int, gap: bool) -> None:
        """Compare the signal as its source has read it."""
        value = self.source.value
        self.known = value is not None and self.source.confidence >= self._least
        if self.known and self.enter is not None and isinstance(value, str):
            self.known = False  # a word of the game's where a number is asked for
        if not self.known:
            self._since_ns = None
            self._held = (
                self._hold_ns is not None
                and self._known_ns is not None
                and at_ns - self._known_ns <= self._hold_ns
            )
            return
        if self.enter is None or self.exit is None:
            beyond = self._kept = value in self._wanted
        elif self._falls:
            beyond, self._kept = value <= self.enter, value <= self.exit  # type: ignore[operator]
        else:
            beyond, self._kept = value >= self.enter, value >= self.exit  # type: ignore[operator]
        if not beyond:
            self._since_ns = None
        elif gap or self._since_ns is None:
            self._since_ns = at_ns
        self._entered = self._since_ns is not None and at_ns - self._since_ns >= self._for_ns
        self._known_ns, self._last = at_ns, value

    @property
    def gone(self) -> bool:
        """Whether it is taken out of the tree just now."""
        return self.may_go and not self.known

    def truth(self, level: int, going_on: bool) -> Truth:
        """Its enter or keep reading; unknown unless it is known, or goes on and is held."""
        if self.known or (going_on and self._held):
            return self._kept if level else self._entered
        return None

    @property
    def strength(self) -> float:
        """Of a number how far it is from nothing, 0 ... 1; of a word or flag 1."""
        if self.enter is None or not isinstance(self._last, int | float):
            return 1.0
        return magnitude(self._last)

    def cause(self, level: int, state: EmotionState) -> Cause:
        """What it says of now, for the event."""
        signal, value = self.source.signal, self.source.value if self.known else None
        word = isinstance(value, str)
        return Cause(
            signal=signal.name,
            value=None if value is None or word else float(value),
            level=self.exit if level else self.enter,
            word=str(value) if word else "",
            modality="" if value is None else signal.carrier(state),
        )


class Node:
    """`all`, `any` or `not` of others."""

    __slots__ = ("kind", "may_go", "parts")

    def __init__(self, kind: str, parts: tuple["Tree", ...]) -> None:
        self.kind = kind
        self.parts = parts
        self.may_go: bool = all(part.may_go for part in parts)
        """Whether it can be that nothing of it is left."""

    @property
    def gone(self) -> bool:
        """Whether nothing of it is left, because all of it is unknown and to be ignored."""
        return self.may_go and all(part.gone for part in self.parts)


Tree = Leaf | Node


def grow(when: When, rule: Rule, sources: Sources | None = None) -> Tree:
    """The tree of a condition that has no mistakes.

    :param sources: those that others use too; new ones are added.
    """
    sources = {} if sources is None else sources
    for kind, parts in (("all", when.all), ("any", when.any)):
        if parts is not None:
            return Node(kind, tuple(grow(part, rule, sources) for part in parts))
    if when.not_ is not None:
        return Node("not", (grow(when.not_, rule, sources),))
    return Leaf(when, rule, sources)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Its leaves, from the left."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves(part)


def truth(tree: Tree, level: int, going_on: bool) -> Truth:
    """The reading of a tree.

    :param level: `ENTER` or `KEEP`.
    :param going_on: whether what is held counts; never for a begin.
    """
    if isinstance(tree, Leaf):
        return tree.truth(level, going_on)
    if tree.kind == "not":
        found = truth(tree.parts[0], 1 - level, going_on)
        return None if found is None else not found
    decisive = tree.kind == "any"
    nothing, unknown = True, False
    for part in tree.parts:
        if part.may_go and part.gone:
            continue
        found = truth(part, level, going_on)
        if found is decisive:
            return decisive
        nothing, unknown = False, unknown or found is None
    return None if nothing or unknown else not decisive


def strength(tree: Tree, level: int, going_on: bool) -> float:
    """How strongly a true tree is true, 0 ... 1: of all the least, of any the most that is true."""
    if isinstance(tree, Leaf):
        return tree.strength
    if tree.kind == "not":
        return 1.0
    parts = [part for part in tree.parts if not part.gone]
    if tree.kind == "all":
        return min((strength(part, level, going_on) for part in parts), default=0.0)
    parts = [part for part in parts if truth(part, level, going_on)]
    return max((strength(part, level, going_on) for part in parts), default=0.0)


def causes(
    tree: Tree, wanted: Truth, level: int, going_on: bool, state: EmotionState
) -> Iterator[Cause]:
    """The leaves that make a tree true, false or unknown (`wanted`), as they are at `state`."""
    if truth(tree, level, going_on) is not wanted:
        return
    if isinstance(tree, Leaf):
        yield tree.cause(level, state)
    elif tree.kind == "not":
        flipped = None if wanted is None else not wanted
        yield from causes(tree.parts[0], flipped, 1 - level, going_on, state)
    else:
        for part in tree.parts:
            if part.gone is tree.gone:
                yield from causes(part, wanted, level, going_on, state)
