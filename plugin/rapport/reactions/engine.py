"""The engine: states in, firings out, for the reactions of one character.

Time comes in with each tick, and only + - * / are done with it, so that the same states and profile
give the same firings, bit for bit, on every machine.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count as counting
from itertools import islice

from rapport.reactions.condition import (
    ENTER,
    GAP_NS,
    KEEP,
    NS_PER_S,
    Sources,
    Truth,
    causes,
    grow,
    leaves,
    strength,
    truth,
)
from rapport.reactions.rules import Profile, Rule
from rapport.reactions.signal import Context
from rapport.reactions.strength import curved, eased
from rapport.state import Cause, EmotionState, EventKind, Reaction

UPDATE_STEP = 0.05
"""A smaller change of strength is not told: nobody sees it in a face."""
WHY_MAX = 16
"""More conditions than these are not told: nobody reads them, and an event must stay small."""
UPDATE_NS = 200_000_000
"""Changes of strength are told at most this often: five times a second, smoothed by the engine."""

Firing = tuple[EventKind, Reaction]


class _Reacting:
    """One reaction and where it stands: idle, active or fading."""

    def __init__(self, name: str, rule: Rule, sources: Sources) -> None:
        self.name = name
        self.rule = rule
        self.tree = grow(rule.when, rule, sources)
        self.hold_ns = round(rule.hold_s * NS_PER_S)
        self.cooldown_ns = round(rule.cooldown_s * NS_PER_S)
        self.firing = 0
        """The number of the firing; 0: idle."""
        self.fading = False
        self.strength = 0.0
        self.began_ns = 0
        self.ended_ns: int | None = None
        self.told_strength = 0.0
        self.told_ns = 0
        self.left: tuple[str, tuple[Cause, ...]] = ("left", ())
        """Why it fades, and because of what."""

    def held(self, now_ns: int) -> bool:
        return now_ns - self.began_ns < self.hold_ns

    def cooled(self, now_ns: int) -> bool:
        return self.ended_ns is None or now_ns - self.ended_ns >= self.cooldown_ns

    def target(self, level: int, going_on: bool) -> float:
        raw = strength(self.tree, level, going_on)
        return min(1.0, max(0.0, curved(raw, self.rule.strength)))


class Engine:
    """Runs a profile for one character. Not safe from several threads at once."""

    def __init__(
        self, profile: Profile, npc: str, app: str = "", count: Iterator[int] | None = None
    ) -> None:
        """
        :param npc: the character.
        :param app: the application that set the profile; empty: none, it comes from a file.
        :param count: gives each firing its number, above 0; None: 1, 2, 3 …
        """
        self._npc = npc
        self._app = app
        self._count = counting(1) if count is None else count
        sources: Sources = {}
        self._all = tuple(_Reacting(name, rule, sources) for name, rule in profile.reaction.items())
        self._sources = tuple(sources.values())
        self._leaves = tuple(leaf for one in self._all for leaf in leaves(one.tree))
        ranked = sorted(enumerate(self._all), key=lambda pair: (-pair[1].rule.priority, pair[0]))
        self._ranked = tuple(one for _, one in ranked)
        self._now_ns: int | None = None

    @property
    def active(self) -> Mapping[str, float]:
        """The reactions that are active or fading, and their strength."""
        return {one.name: one.strength for one in self._all if one.firing}

    @property
    def fading(self) -> frozenset[str]:
        """Those of the active ones whose conditions have come untrue."""
        return frozenset(one.name for one in self._all if one.firing and one.fading)

    def tick(self, state: EmotionState, at_ns: int, context: Context) -> list[Firing]:
        """What fires, changes and ends with one more state.

        :param at_ns: when, on any clock; time that runs backwards counts as none.
        :param context: the game's own variables.
        """
        last_ns = at_ns if self._now_ns is None else self._now_ns
        now_ns = self._now_ns = max(at_ns, last_ns)
        passed_ns = now_ns - last_ns
        for source in self._sources:
            source.tick(state, context)
        gap = passed_ns > GAP_NS
        for leaf in self._leaves:
            leaf.tick(now_ns, gap)
        told: list[Firing] = []
        for one in self._all:
            if one.firing:
                told += self._go_on(one, state, now_ns, passed_ns / NS_PER_S)
        for one in self._ranked:
            if not one.firing and one.cooled(now_ns) and truth(one.tree, ENTER, False):
                told += self._begin(one, state, now_ns)
        return told

    def end(self, reason: str) -> list[Firing]:
        """End all that is active: `profile` or `stopped`. Cool-downs go on."""
        now_ns = self._now_ns or 0
        return [self._end(one, now_ns, reason, ()) for one in self._all if one.firing]

    def forget(self) -> list[Firing]:
        """End all that is active because nothing is known any more, and remember no signal.
        Cool-downs go on: nobody is comforted twice because a camera was unplugged."""
        for leaf in self._leaves:
            leaf.forget()
        return self.end("unknown")

    def _go_on(
        self, one: _Reacting, state: EmotionState, now_ns: int, passed_s: float
    ) -> list[Firing]:
        keep = truth(one.tree, KEEP, going_on=True)
        if one.fading and truth(one.tree, ENTER, going_on=False):
            one.fading = False
        if not one.fading and keep is not True and not one.held(now_ns):
            one.fading = True
            reason = "unknown" if keep is None else "left"
            one.left = (reason, _why(one, keep, KEEP, True, state))
        if one.fading:
            one.strength = eased(one.strength, 0.0, passed_s, one.rule.decay_s)
            if one.strength <= 0.0:
                return [self._end(one, now_ns, *one.left)]
        elif keep:
            one.strength = eased(
                one.strength, one.target(KEEP, going_on=True), passed_s, one.rule.decay_s
            )
        changed = abs(one.strength - one.told_strength) >= UPDATE_STEP
        if changed and now_ns - one.told_ns >= UPDATE_NS:
            return [self._tell(EventKind.REACTION_UPDATED, one, now_ns, "strength", ())]
        return []

    def _begin(self, one: _Reacting, state: EmotionState, now_ns: int) -> list[Firing]:
        told: list[Firing] = []
        rival = self._rival(one)
        if rival is not None:
            weaker = rival.rule.priority < one.rule.priority and not rival.held(now_ns)
            if not (rival.fading or weaker):
                return []
            told.append(self._end(rival, now_ns, "replaced", ()))
        one.firing = next(self._count)
        one.fading = False
        one.began_ns = now_ns
        one.strength = one.target(ENTER, going_on=False)
        why = _why(one, True, ENTER, False, state)
        return [*told, self._tell(EventKind.REACTION_BEGAN, one, now_ns, "entered", why)]

    def _rival(self, one: _Reacting) -> _Reacting | None:
        """The reaction of the same group that is active or fading."""
        if one.rule.group is None:
            return None
        return next((o for o in self._all if o.firing and o.rule.group == one.rule.group), None)

    def _end(self, one: _Reacting, now_ns: int, reason: str, why: tuple[Cause, ...]) -> Firing:
        told = self._tell(EventKind.REACTION_ENDED, one, now_ns, reason, why)
        one.firing, one.fading, one.strength, one.ended_ns = 0, False, 0.0, now_ns
        return told

    def _tell(
        self, kind: EventKind, one: _Reacting, now_ns: int, reason: str, why: tuple[Cause, ...]
    ) -> Firing:
        one.told_strength, one.told_ns = one.strength, now_ns
        reaction = Reaction(one.name, self._npc, one.firing, one.strength, reason, why, self._app)
        return kind, reaction


def _why(
    one: _Reacting, wanted: Truth, level: int, going_on: bool, state: EmotionState
) -> tuple[Cause, ...]:
    return tuple(islice(causes(one.tree, wanted, level, going_on, state), WHY_MAX))


def run(
    profile: Profile,
    npc: str,
    states: Iterable[tuple[int, EmotionState]],
    context: Context | None = None,
) -> Iterator[tuple[int, EventKind, Reaction]]:
    """Run a profile over timed states; what is active at the end ends with `stopped`.

    :param states: nanoseconds on any clock, and the state of then.
    """
    engine = Engine(profile, npc)
    at_ns = 0
    for at_ns, state in states:
        for kind, reaction in engine.tick(state, at_ns, context or {}):
            yield at_ns, kind, reaction
    for kind, reaction in engine.end("stopped"):
        yield at_ns, kind, reaction
