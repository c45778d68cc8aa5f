"""What a profile means, written a second time: slow, from the whole history, for comparison.

Nothing is remembered of a signal but the ticks themselves; truth is a number (0 false, 1/2 unknown,
1 true), so that `all` is the smallest, `any` the largest and `not` what is missing to one.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rapport.reactions.rules import Profile, Rule, When
from rapport.state import LABELS, EmotionState

SECOND = 1_000_000_000
Tick = tuple[int, EmotionState, dict[str, Any]]
History = list[Tick]
"""Now in nanoseconds, never running backwards; the state; the game's variables."""
Told = tuple[int, str, str, int, str, float]
"""When, what, which reaction, which firing, why, how strongly."""


def read(signal: str, tick: Tick) -> tuple[float | str, float] | None:
    """The value of a signal and how sure it is."""
    _, state, context = tick
    if signal.startswith("context."):
        value = context.get(signal.removeprefix("context."))
        return None if value is None or value != value else (value, 1.0)
    if signal == "speaking":
        return None if state.speaking is None else (float(state.speaking), 1.0)
    if signal in state.granular:
        return state.granular[signal].value, state.granular[signal].confidence
    if signal in LABELS and state.probabilities is not None:
        return state.probabilities[LABELS.index(signal)], state.confidence
    if signal == "valence" and state.valence is not None:
        return state.valence, state.confidence
    if signal == "label" and state.probabilities is not None:
        return state.label, state.confidence
    return None


def given(when: When, rule: Rule, name: str) -> Any:
    """An option of a condition, or that of its reaction."""
    own = getattr(when, name)
    return getattr(rule, name) if own is None else own


def value(when: When, rule: Rule, tick: Tick) -> float | str | None:
    found = read(when.signal or "", tick)
    if found is None or found[1] < given(when, rule, "min_confidence"):
        return None
    return None if when.enter is not None and isinstance(found[0], str) else found[0]


def beyond(when: When, found: Any, level: str) -> bool:
    if when.enter is None:
        wanted = when.is_ if isinstance(when.is_, tuple) else (when.is_,)
        return any(found == word for word in wanted)
    assert when.exit is not None
    bound = when.enter if level == "enter" else when.exit
    return bool(found <= bound if when.exit > when.enter else found >= bound)


def leaf(when: When, rule: Rule, history: History, level: str, going_on: bool) -> float:
    now = history[-1][0]
    found = value(when, rule, history[-1])
    if found is None:
        if going_on and given(when, rule, "unknown") == "hold":
            limit = given(when, rule, "unknown_s") * SECOND
            for length in range(len(history) - 1, 0, -1):
                if value(when, rule, history[length - 1]) is not None:
                    fresh = now - history[length - 1][0] <= limit
                    return leaf(when, rule, history[:length], level, False) if fresh else 0.5
        return 0.5
    if level == "exit":
        return float(beyond(when, found, "exit"))
    since = None
    for place in range(len(history) - 1, -1, -1):
        then = value(when, rule, history[place])
        if then is None or not beyond(when, then, "enter"):
            break
        since = history[place][0]
        if place and history[place][0] - history[place - 1][0] > SECOND:
            break
    return float(since is not None and now - since >= when.for_s * SECOND)


def gone(when: When, rule: Rule, history: History) -> bool:
    """Whether all of it is unknown and to be ignored."""
    if when.signal is not None:
        ignored = given(when, rule, "unknown") == "ignore"
        return ignored and value(when, rule, history[-1]) is None
    return all(gone(part, rule, history) for part in parts_of(when))


def parts_of(when: When) -> tuple[When, ...]:
    return when.all or when.any or ((when.not_,) if when.not_ else ())


def truth(when: When, rule: Rule, history: History, level: str, going_on: bool) -> float:
    if when.signal is not None:
        return leaf(when, rule, history, level, going_on)
    if when.not_ is not None:
        other = "exit" if level == "enter" else "enter"
        return 1.0 - truth(when.not_, rule, history, other, going_on)
    left = [part for part in parts_of(when) if not gone(part, rule, history)]
    each = [truth(part, rule, history, level, going_on) for part in left]
    return 0.5 if not each else min(each) if when.all is not None else max(each)


def raw(when: When, rule: Rule, history: History, level: str, going_on: bool) -> float:
    """The strength of a true condition."""
    if when.signal is not None:
        known = [v for tick in history if (v := value(when, rule, tick)) is not None]
        if when.enter is None or not known:
            return 1.0
        return min(1.0, abs(float(known[-1])))
    if when.not_ is not None:
        return 1.0
    left = [part for part in parts_of(when) if not gone(part, rule, history)]
    if when.all is not None:
        return min(raw(part, rule, history, level, going_on) for part in left)
    return max(
        raw(part, rule, history, level, going_on)
        for part in left
        if truth(part, rule, history, level, going_on) == 1.0
    )


def curve(points: tuple[tuple[float, float], ...] | None, x: float) -> float:
    if points is None:
        return x
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (x - x0) / (x1 - x0) * (y1 - y0)
    return points[-1][1]


@dataclass
class Life:
    """A reaction and where it stands."""

    name: str
    rule: Rule
    firing: int = 0
    fading: str = ""
    strength: float = 0.0
    began: int = 0
    ended: int | None = None
    told: tuple[float, int] = (0.0, 0)


@dataclass
class Reference:
    """A profile that runs."""

    profile: Profile
    history: History = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    count: int = 0
    out: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lives = [Life(name, rule) for name, rule in self.profile.reaction.items()]

    def tick(self, state: EmotionState, at_ns: int, context: dict[str, Any]) -> list[Told]:
        before = self.history[-1][0] if self.history else at_ns
        now = max(at_ns, before)
        self.history.append((now, state, context))
        self.out = []
        for life in self.lives:
            if life.firing:
                self.go_on(life, now, (now - before) / SECOND)
        for group in dict.fromkeys(life.rule.group or life.name for life in self.lives):
            self.begin([o for o in self.lives if (o.rule.group or o.name) == group], now)
        return self.out

    def say(self, life: Life, now: int, kind: str, reason: str) -> None:
        life.told = (life.strength, now)
        self.out.append((now, kind, life.name, life.firing, reason, life.strength))

    def end(self, life: Life, now: int, reason: str) -> None:
        self.say(life, now, "ended", reason)
        life.firing, life.fading, life.strength, life.ended = 0, "", 0.0, now

    def go_on(self, life: Life, now: int, passed_s: float) -> None:
        rule, when, history = life.rule, life.rule.when, self.history
        keep = truth(when, rule, history, "exit", True)
        if truth(when, rule, history, "enter", False) == 1.0:
            life.fading = ""
        held = now - life.began < rule.hold_s * SECOND
        if not life.fading and keep < 1.0 and not held:
            life.fading = "unknown" if keep == 0.5 else "left"
        floor = max(0.0, life.strength - passed_s / rule.decay_s) if rule.decay_s else 0.0
        if life.fading:
            life.strength = floor
            if life.strength == 0.0:
                self.end(life, now, life.fading)
                return
        elif keep == 1.0:
            wanted = curve(rule.strength, raw(when, rule, history, "exit", True))
            life.strength = max(wanted, floor)
        if abs(life.strength - life.told[0]) >= 0.05 and now - life.told[1] >= SECOND // 5:
            self.say(life, now, "updated", "strength")

    def begin(self, group: list[Life], now: int) -> None:
        ready = [
            life
            for life in group
            if not life.firing
            and (life.ended is None or now - life.ended >= life.rule.cooldown_s * SECOND)
            and truth(life.rule.when, life.rule, self.history, "enter", False) == 1.0
        ]
        if not ready:
            return
        first = max(ready, key=lambda life: life.rule.priority)
        for other in group:
            if other.firing:
                held = now - other.began < other.rule.hold_s * SECOND
                if not other.fading and (held or other.rule.priority >= first.rule.priority):
                    return
                self.end(other, now, "replaced")
        self.count += 1
        wanted = raw(first.rule.when, first.rule, self.history, "enter", False)
        first.firing, first.began = self.count, now
        first.strength = curve(first.rule.strength, wanted)
        self.say(first, now, "began", "entered")
