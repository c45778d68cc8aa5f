"""The engine against its rules written a second time, slowly and without memory."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport.reactions.engine import Engine
from rapport.reactions.profile import parse, problems
from rapport.reactions.rules import Profile
from rapport.state import EmotionState
from reactions.players import player
from reactions.reference import SECOND, Reference

pytestmark = pytest.mark.property

steps_of_level = st.integers(1, 9).map(lambda n: n / 10)
seconds = st.sampled_from([0.0, 0.1, 0.3, 1.0])


@st.composite
def signals(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(["anger", "frustration", "speaking", "context.x", "label"]))
    when: dict[str, Any] = {"signal": name}
    if name == "speaking":
        when["is"] = draw(st.booleans())
    elif name == "label":
        when["is"] = draw(st.sampled_from(["anger", ["anger", "fear"], "uncertain"]))
    else:
        when["enter"], when["exit"] = draw(
            st.lists(steps_of_level, min_size=2, max_size=2, unique=True)
        )
    choices = {
        "for_s": seconds,
        "unknown": st.sampled_from(["hold", "end", "ignore"]),
        "unknown_s": seconds,
        "min_confidence": st.sampled_from([0.0, 0.5]),
    }
    for option, values in choices.items():
        if draw(st.booleans()):
            when[option] = draw(values)
    return when


conditions = st.recursive(
    signals(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
rules = st.fixed_dictionaries(
    {"when": conditions, "hold_s": seconds, "cooldown_s": seconds, "decay_s": seconds},
    optional={
        "priority": st.integers(0, 2),
        "group": st.sampled_from(["g", "h"]),
        "min_confidence": st.sampled_from([0.0, 0.5]),
        "unknown": st.sampled_from(["hold", "end", "ignore"]),
        "unknown_s": seconds,
        "strength": st.sampled_from(
            [[[0.2, 1.0], [0.8, 0.0]], [[0.0, 0.3], [0.5, 0.3], [0.9, 1.0]]]
        ),
    },
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    found = draw(st.lists(rules, min_size=1, max_size=4))
    text = json.dumps({"reaction": {f"r{number}": rule for number, rule in enumerate(found)}})
    assume(not problems(text, "json")[0])  # nested too deep
    return parse(text, "json")


@st.composite
def moments(draw: st.DrawFn) -> tuple[int, EmotionState, dict[str, Any]]:
    step = draw(st.sampled_from([-SECOND // 2, 0, SECOND // 30, SECOND // 10, 3 * SECOND // 2]))
    state = player(
        draw(st.sampled_from(["anger", "fear"])),
        draw(steps_of_level),
        known=draw(st.integers(0, 3)) > 0,
        confidence=draw(st.sampled_from([0.3, 0.7])),
        speaking=draw(st.sampled_from([True, False, None])),
        **({"frustration": draw(steps_of_level)} if draw(st.booleans()) else {}),
    )
    values = st.sampled_from([0.05, 0.45, 0.95, "word", float("nan"), None])
    x = draw(values)
    return step, state, {} if x is None else {"x": x}


courses = st.lists(moments(), min_size=1, max_size=30)


@given(profiles(), courses)
def test_the_engine_does_what_the_rules_say(
    profile: Profile, course: list[tuple[int, EmotionState, dict[str, Any]]]
) -> None:
    engine, reference, at_ns = Engine(profile, "mira"), Reference(profile), 10 * SECOND
    for step, state, context in course:
        at_ns += step
        expected = reference.tick(state, at_ns, context)
        told = engine.tick(state, at_ns, context)
        made = [
            (str(kind).removeprefix("reaction_"), r.name, r.reason, r.strength) for kind, r in told
        ]
        # What happens in different groups at once has no order that matters.
        assert sorted(made) == sorted((kind, name, why, s) for _, kind, name, _, why, s in expected)
        for kind, reaction in told:
            known = all(cause.value is not None or cause.word for cause in reaction.why)
            if reaction.reason in ("entered", "left"):
                assert reaction.why
                assert known or reaction.reason == "left"
            if reaction.reason == "unknown":
                assert not all(cause.value is not None or cause.word for cause in reaction.why)
            assert str(kind) != "reaction_updated" or reaction.reason == "strength"
