"""Profiles: what is read, and that every mistake is told with its line, key and a suggestion."""

import json
import random
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import ProfileInvalid, ProfileMissing
from rapport.reactions import place, presets, signals
from rapport.reactions.profile import encode, load, parse, problems, schema

pytestmark = pytest.mark.unit

GOOD = """\
title = "Companion"  # for people

[reaction.comfort]
when = { all = [
  { signal = "frustration", enter = 0.6, exit = 0.4, for_s = 1.5 },
  { not = { signal = "speaking", is = true } },
] }
strength = [[0.5, 0.2], [1.0, 1.0]]

[reaction."sulk-2"]
priority = 3
when.signal = "valence"
when.enter = -0.4
when.exit = -0.2
"""
NOT = "reaction.comfort.when.all.1.not"
ONE = '{signal = "anger", enter = 0.5}'


def told(text: str, format: str = "toml") -> list[tuple[int, str, str]]:
    found, _ = problems(text, format)  # type: ignore[arg-type]
    return [(problem.line, problem.key, problem.suggestion) for problem in found]


def test_a_profile_is_the_same_in_toml_and_json() -> None:
    profile = parse(GOOD, "toml")
    assert list(profile.reaction) == ["comfort", "sulk-2"]
    assert profile.reaction["sulk-2"].when.enter == -0.4
    assert profile.reaction["comfort"].strength == ((0.5, 0.2), (1.0, 1.0))
    assert parse(json.dumps(tomllib.loads(GOOD)), "json") == profile
    assert parse(encode(profile), "json") == profile
    assert problems(GOOD, "toml") == ((), ("comfort", "sulk-2"))


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("title", "titel", (1, "titel", "title")),
        ('"frustration"', '"fustration"', (5, "reaction.comfort.when.all.0.signal", "frustration")),
        ("exit = 0.4", "exit = 0.6", (5, "reaction.comfort.when.all.0.exit", "")),
        ("enter = 0.6", "enter = 1.6", (5, "reaction.comfort.when.all.0.enter", "")),
        ("enter = 0.6", "entre = 0.6", (5, "reaction.comfort.when.all.0.entre", "enter")),
        ("for_s = 1.5", "for_s = -1", (5, "reaction.comfort.when.all.0.for_s", "")),
        ("for_s = 1.5", 'unknown = "hodl"', (5, "reaction.comfort.when.all.0.unknown", "hold")),
        ("is = true", "enter = 0.5", (6, "reaction.comfort.when.all.1.not.enter", "")),
        ("is = true", 'is = "yes"', (6, "reaction.comfort.when.all.1.not.is", "")),
        ('"speaking", is = true', '"label", is = "angry"', (6, f"{NOT}.is", "anger")),
        ('"speaking", is = true', '"anger", is = "hot"', (6, f"{NOT}.is", "")),
        ('"speaking", is = true', '"moment.won", is = "steadi"', (6, f"{NOT}.is", "steady")),
        ('"speaking", is = true', '"moment.won", enter = 0.5', (6, f"{NOT}.enter", "")),
        ('"speaking", is = true', '"moment.won.strength", is = "x"', (6, f"{NOT}.is", "")),
        ('"speaking"', '"moments.won"', (6, f"{NOT}.signal", "moment.won")),
        ('"speaking"', '"mood.volatilty"', (6, f"{NOT}.signal", "mood.volatility")),
        ('"speaking"', '"contradicton"', (6, f"{NOT}.signal", "contradiction")),
        ("[1.0, 1.0]", "[0.4, 1.0]", (8, "reaction.comfort.strength.1", "")),
        ("[1.0, 1.0]", "[1.0, 2.0]", (8, "reaction.comfort.strength", "")),
        ("priority = 3", "priority = 3.5", (11, "reaction.sulk-2.priority", "")),
        ("priority = 3", "prio = 3", (11, "reaction.sulk-2.prio", "priority")),
        ("priority = 3", 'group = "no spaces"', (11, "reaction.sulk-2.group", "")),
        ('"sulk-2"', '"sulk 2"', (10, "reaction.sulk 2", "")),
        ('when.signal = "valence"', f"when.all = [{ONE}]", (13, "reaction.sulk-2.when.enter", "")),
        ("title =", "title ==", (1, "", "")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(
    right: str, wrong: str, expected: tuple[int, str, str]
) -> None:
    broken = GOOD.replace(right, wrong, 1)
    assert broken != GOOD
    assert expected in told(broken)
    line, key, suggestion = expected
    with pytest.raises(ProfileInvalid) as refused:
        parse(broken, "toml", "mira.toml")
    assert refused.value.code == "profile_invalid"
    assert "mira.toml, line" in refused.value.what
    if len(told(broken)) == 1:
        assert f"line {line}" in refused.value.what
        assert key in refused.value.what and suggestion in refused.value.what


def test_all_mistakes_are_told_at_once() -> None:
    broken = GOOD.replace("title", "titel").replace("exit = 0.4", "exit = 0.6")
    assert [line for line, _, _ in told(broken.replace("priority", "prioritee"))] == [1, 5, 11]


def test_lines_are_right_in_json_too() -> None:
    text = json.dumps(tomllib.loads(GOOD), indent=1).replace('"frustration"', '"fustration"')
    ((line, key, suggestion),) = told(text, "json")
    assert "fustration" in text.splitlines()[line - 1]
    assert (key, suggestion) == ("reaction.comfort.when.all.0.signal", "frustration")
    assert told('{\n"a": 1,\n}', "json")[0][0] in (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reaction = 3",
        "[reaction]",
        "[reaction.a]",
        "[reaction.a]\nwhen = 3",
        "[reaction.a]\nwhen = {}",
        '[reaction.a]\nwhen = { signal = "anger" }',
        "[reaction.a]\nwhen = { signal = 3, enter = 0.5 }",
        '[reaction.a]\nwhen = { signal = "anger", enter = nan }',
        '[reaction.a]\nwhen = { signal = "anger", enter = "x" }',
        '[reaction.a]\nwhen = { signal = "anger", enter = 0.5, is = true }',
        "[reaction.a]\nwhen = { all = [] }",
        "[reaction.a]\nwhen = { not = [] }",
        "[reaction.a]\nwhen = " + "{ not = " * 20 + "{}" + " }" * 20,
        "x = " + "[" * 5000 + "]" * 5000,
    ],
)
def test_what_makes_no_sense_is_told_and_never_crashes(text: str) -> None:
    assert told(text)


@given(st.randoms(use_true_random=False))
def test_broken_text_is_told_and_never_crashes(chance: random.Random) -> None:
    text = list(GOOD)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text))
        text[at : at + chance.randint(0, 3)] = chance.choices("\"'[]{}=.,\n#a0\\\0é", k=2)
    for format in ("toml", "json"):
        found, _ = problems("".join(text), format)  # type: ignore[arg-type]
        lines = "".join(text).count("\n") + 1
        assert all(0 <= problem.line <= lines for problem in found)


keys = st.text("abc-_é. \"'#=[]", min_size=1, max_size=6)
values = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text("a#[]{}\"'\\,:=\n", max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=4), st.sampled_from([None, 1]))
def test_every_key_of_a_text_is_found_on_a_line_that_names_it(
    tree: dict, indent: int | None
) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=False)
    found = place.lines(text, "json")
    rows = text.splitlines() or [""]

    def walk(value: object, path: place.Path) -> None:
        pairs = value.items() if isinstance(value, dict) else ()
        for key, inner in pairs:
            line = found[(*path, key)]
            assert json.dumps(key, ensure_ascii=False) in rows[line - 1]
            walk(inner, (*path, key))
        for number, inner in enumerate(value if isinstance(value, list) else ()):
            assert (*path, number) in found
            walk(inner, (*path, number))

    walk(tree, ())


def test_the_lines_of_all_forms_of_toml() -> None:
    text = '''# a comment with = and [brackets]
a = """
two
lines"""
b.c = 'x # no comment'
[t."odd key"]
d = [ # a comment
  1,
  { e = 2 },
]
[[many]]
f = 1
[[many]]
f = 2
'''
    tomllib.loads(text)
    found = place.lines(text, "toml")
    expected = {
        ("a",): 2, ("b", "c"): 5, ("t", "odd key"): 6, ("t", "odd key", "d"): 7,
        ("t", "odd key", "d", 0): 8, ("t", "odd key", "d", 1, "e"): 9,
        ("many", 0, "f"): 12, ("many", 1, "f"): 14,
    }  # fmt: skip
    assert {path: found.get(path) for path in expected} == expected


def test_files_are_read_by_their_ending_and_bounded(tmp_path: Path) -> None:
    toml, as_json = tmp_path / "a.toml", tmp_path / "a.json"
    toml.write_text(GOOD, encoding="utf-8-sig")
    as_json.write_text(encode(parse(GOOD, "toml")), encoding="utf-8")
    assert load(toml)[0] == load(as_json)[0]
    with pytest.raises(ProfileMissing):
        load(tmp_path / "nothing.toml")
    for content in (b"\xff\xfe", b"#" * 200_000):
        toml.write_bytes(content)
        with pytest.raises(ProfileInvalid):
            load(toml)


def test_every_signal_has_a_meaning_and_a_range() -> None:
    for name, signal in signals.CATALOGUE.items():
        assert signal.name == name
        assert signal.meaning.endswith(".")
        assert signal.low < signal.high
    assert signals.find("context.") is None
    assert signals.find("burst.laughter") is None


def test_the_published_schema_is_the_codes(repository: Path) -> None:
    file = repository / "bridge" / "protocol" / "profile.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(msgspec.json.encode(schema()))


def test_presets_are_profiles_with_a_title() -> None:
    found = presets.shipped()
    assert len(found) >= 7
    for preset in found:
        profile = parse(preset.text, "toml", preset.name)
        assert profile.title == preset.title and profile.description
        assert all(rule.description for rule in profile.reaction.values())
    with pytest.raises(ProfileMissing, match="companion"):
        presets.preset("companoin")
