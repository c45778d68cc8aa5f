"""What no profile and no noise may bring about."""

import itertools
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.reactions.condition import Leaf, Node, Tree, grow, leaves
from rapport.reactions.engine import Engine, Firing
from rapport.reactions.profile import encode, parse, problems
from rapport.reactions.rules import Profile, Rule, When
from rapport.state import EmotionState, EventKind, Reaction
from reactions.players import SECOND, player

pytestmark = pytest.mark.property

SIGNALS = ("anger", "fear", "frustration", "grief", "speaking", "context.x")
BEGAN, ENDED = EventKind.REACTION_BEGAN, EventKind.REACTION_ENDED

levels = st.integers(1, 19).map(lambda n: n / 20)
seconds = st.sampled_from([0.0, 0.3, 1.0, 2.5])


@st.composite
def leaf(draw: st.DrawFn) -> dict[str, Any]:
    signal = draw(st.sampled_from(SIGNALS))
    options: dict[str, Any] = {"signal": signal}
    if signal == "speaking":
        options["is"] = draw(st.booleans())
    else:
        enter, exit = draw(st.lists(levels, min_size=2, max_size=2, unique=True))
        options |= {"enter": enter, "exit": exit}
    if draw(st.booleans()):
        options["for_s"] = draw(seconds)
    if draw(st.booleans()):
        options["unknown"] = draw(st.sampled_from(["hold", "end", "ignore"]))
    return options


conditions = st.recursive(
    leaf(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
rules = st.fixed_dictionaries(
    {
        "when": conditions,
        "hold_s": seconds,
        "cooldown_s": seconds,
        "decay_s": seconds,
        "priority": st.integers(0, 2),
        "unknown_s": seconds,
    },
    optional={"group": st.sampled_from(["g", "h"])},
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    found = draw(st.lists(rules, min_size=1, max_size=4))
    written = {"reaction": {f"r{n}": rule for n, rule in enumerate(found)}}
    text = msgspec.json.encode(written).decode()
    told, _ = problems(text, "json")
    if any("nest deeper" in problem.what for problem in told):
        from hypothesis import reject

        reject()
    return parse(text, "json")


@st.composite
def moments(draw: st.DrawFn) -> tuple[int, EmotionState, Mapping[str, Any]]:
    """A step in time, a state, and the game's variable."""
    step = draw(st.sampled_from([-50_000_000, 0, 33_000_000, 100_000_000, 400_000_000, 3 * SECOND]))
    known = draw(st.booleans())
    granular = {n: draw(levels) for n in ("frustration", "grief") if draw(st.booleans())}
    label = draw(st.sampled_from(["anger", "fear"]))
    speaking = draw(st.sampled_from([True, False, None]))
    state = player(label, draw(levels), known=known, speaking=speaking, **granular)
    return step, state, {"x": draw(levels)} if draw(st.booleans()) else {}


courses = st.lists(moments(), min_size=1, max_size=60)


def follow(profile: Profile, course: list[Any]) -> list[tuple[int, Firing]]:
    engine, at_ns, told, now_ns = Engine(profile, "mira"), 10 * SECOND, [], 0
    for step, state, context in course:
        at_ns += step
        now_ns = max(now_ns, at_ns)
        told += [(now_ns, firing) for firing in engine.tick(state, at_ns, context)]
    return told


def spans(told: list[tuple[int, Firing]]) -> dict[str, list[list[int | None]]]:
    """Begin and end (None: not yet) of each firing, by reaction."""
    found: dict[str, list[list[int | None]]] = {}
    for at_ns, (kind, reaction) in told:
        if kind == BEGAN:
            found.setdefault(reaction.name, []).append([at_ns, None])
        elif kind == ENDED:
            found[reaction.name][-1][1] = at_ns
    return found


def value_of(signal: str, state: EmotionState, context: Mapping[str, Any]) -> float | None:
    """The signal, read by other means than the engine's."""
    if signal == "context.x":
        return context.get("x")
    if signal == "speaking":
        return None if state.speaking is None else float(state.speaking)
    if signal in ("frustration", "grief"):
        found = state.granular.get(signal)
        return None if found is None else found.value
    place = {"anger": 4, "fear": 6}[signal]
    return None if state.probabilities is None else state.probabilities[place]


def may_begin(
    when: When, state: EmotionState, context: Mapping[str, Any], level: str
) -> bool | None:
    """Whether a tree is true beyond its levels now, by a reading of the rules that knows neither
    time nor memory; `level` is enter or exit."""
    if when.all is not None or when.any is not None:
        parts = when.all or when.any or ()
        values = [
            may_begin(part, state, context, level)
            for part in parts
            if not ignored(part, state, context)
        ]
        if not values:
            return None
        if when.all is not None:
            return False if False in values else None if None in values else True
        return True if True in values else None if None in values else False
    if when.not_ is not None:
        if ignored(when.not_, state, context):
            return None
        inner = may_begin(when.not_, state, context, "exit" if level == "enter" else "enter")
        return None if inner is None else not inner
    value = value_of(when.signal or "", state, context)
    if value is None:
        return None
    if when.enter is None or when.exit is None:
        return value == float(bool(when.is_))
    bound = when.enter if level == "enter" else when.exit
    return value <= bound if when.exit > when.enter else value >= bound


def ignored(when: When, state: EmotionState, context: Mapping[str, Any]) -> bool:
    if when.signal is not None:
        return when.unknown == "ignore" and value_of(when.signal, state, context) is None
    parts = when.all or when.any or ((when.not_,) if when.not_ else ())
    return all(ignored(part, state, context) for part in parts)


def has_no_dwell(when: When) -> bool:
    return all(not leaf._for_ns for leaf in leaves(grow(when, Rule(when))))


@given(profiles(), courses)
def test_nothing_begins_below_enter_or_on_what_is_unknown(
    profile: Profile, course: list[Any]
) -> None:
    engine, at_ns = Engine(profile, "mira"), 0
    for step, state, context in course:
        at_ns += step
        for kind, reaction in engine.tick(state, at_ns, context):
            when = profile.reaction[reaction.name].when
            # Under a `not`, a leaf that dwells is untrue until it has lasted: a matter of time.
            if kind == BEGAN and has_no_dwell(when):
                assert may_begin(when, state, context, "enter") is True
                assert all(c.value is not None or c.word for c in reaction.why)
                assert reaction.why


@given(profiles(), courses)
def test_at_most_one_of_a_group_is_active(profile: Profile, course: list[Any]) -> None:
    active: dict[str, str] = {}
    for _, (kind, reaction) in follow(profile, course):
        group = profile.reaction[reaction.name].group
        if group is None:
            continue
        if kind == BEGAN:
            assert group not in active
            active[group] = reaction.name
        elif kind == ENDED:
            assert active.pop(group) == reaction.name


@given(profiles(), courses)
def test_hold_and_cool_down_are_respected_whatever_comes(
    profile: Profile, course: list[Any]
) -> None:
    for name, found in spans(follow(profile, course)).items():
        rule = profile.reaction[name]
        hold_ns, cooldown_ns = rule.hold_s * SECOND, rule.cooldown_s * SECOND
        for begin, end in found:
            assert end is None or end - (begin or 0) >= hold_ns
        for (_, end), (begin, _) in itertools.pairwise(found):
            assert end is not None and begin is not None
            assert begin - end >= cooldown_ns
        begins = [begin or 0 for begin, _ in found]
        for first, second in itertools.pairwise(begins):
            assert second - first >= hold_ns + cooldown_ns, "no chatter"


@given(profiles(), courses)
def test_every_firing_begins_goes_on_and_ends_once(profile: Profile, course: list[Any]) -> None:
    open_firings: dict[int, Reaction] = {}
    seen: set[int] = set()
    for _, (kind, reaction) in follow(profile, course):
        assert 0.0 <= reaction.strength <= 1.0
        if kind == BEGAN:
            assert reaction.firing not in seen
            seen.add(reaction.firing)
            open_firings[reaction.firing] = reaction
        else:
            assert open_firings[reaction.firing].name == reaction.name
            if kind == ENDED:
                del open_firings[reaction.firing]


@given(profiles(), courses)
def test_strength_falls_no_faster_than_it_decays(profile: Profile, course: list[Any]) -> None:
    engine, at_ns = Engine(profile, "mira"), 0
    before: Mapping[str, float] = {}
    for step, state, context in course:
        passed_s = max(0, step) / SECOND
        at_ns += max(0, step)
        ended = {r.name for kind, r in engine.tick(state, at_ns, context) if kind == ENDED}
        now = engine.active
        for name, strength in now.items():
            decay_s = profile.reaction[name].decay_s
            if name in before and name not in ended and decay_s > 0.0:
                assert strength >= before[name] - passed_s / decay_s - 1e-9
        before = now


@given(profiles(), courses)
def test_the_same_states_fire_the_same(profile: Profile, course: list[Any]) -> None:
    first = follow(profile, course)
    assert follow(profile, course) == first
    assert follow(parse(encode(profile), "json"), course) == first


def size(tree: Tree) -> int:
    return 1 if isinstance(tree, Leaf) else sum(map(size, tree.parts))


@given(conditions)
def test_every_condition_grows_into_its_tree(when: dict[str, Any]) -> None:
    read = msgspec.convert(when, When)
    tree = grow(read, Rule(read))
    assert size(tree) == len(list(leaves(tree)))
    assert isinstance(tree, Leaf | Node)
