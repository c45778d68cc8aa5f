"""Profiles that nobody should write, and that must not hurt: huge, endless, unsendable, useless."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.reactions.profile import Format, Problem, encode, parse, problems, schema
from rapport.reactions.rules import Profile, Rule, When
from rapport.reactions.schema import FIELDS, KINDS
from rapport.reactions.signals import CATALOGUE

pytestmark = pytest.mark.unit

RULE = '[reaction.r]\nwhen = { signal = "anger", enter = 0.5 }\n'


def told(text: str, format: Format = "toml") -> tuple[Problem, ...]:
    """The problems of a text, which can be shown on a terminal and sent to a game."""
    found, names = problems(text, format)
    for problem in found:
        assert problem.told().isprintable()
        assert len(problem.told()) < 1000
        assert 0 <= problem.line <= text.count("\n") + 1
    assert all(name.isprintable() for name in names)
    assert len(msgspec.msgpack.encode((found, names))) < 40_000
    return found


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("toml", RULE.replace("0.5", "9" * 400)),
        ("toml", RULE.replace("0.5", "9" * 9000)),
        ("toml", RULE.replace("0.5", "1e999")),
        ("toml", "title = 1979-05-27T07:32:00Z\n" + RULE),
        ("toml", "a" + ".a" * 15_000 + " = 1\n" + RULE),
        ("toml", 'x = { "a"' + '."a"' * 7_000 + " = 1 }\n" + RULE),
        ("toml", "[" + "a." * 15_000 + "a]\n"),
        ("toml", "".join(f"k{number} = 1\n" for number in range(4000)) + RULE),
        ("toml", "".join(f"[reaction.r{number}]\n" for number in range(2000))),
        ("toml", RULE + "x = " + "[" * 15_000),
        ("toml", RULE + "x = " + "{ a = " * 4_000),
        ("toml", RULE.replace("anger", "anger" * 6_000)),
        ("toml", RULE + 'group = "' + "-" * 20_000 + '"\n'),
        ("toml", RULE + 'unknown = "\\u001b[2J' + "x" * 20_000 + '"\n'),
        ("toml", 'title = "\\u202e"\n' + RULE),
        ("toml", '"\\u001b[2J" = 1\n' + RULE),
        ("toml", "a" * 30_000),
        ("toml", '"' * 30_000),
        ("toml", "[[reaction]]\n" * 2_000),
        ("json", '{"a":' * 10_000),
        ("json", "[" * 30_000),
        ("json", '{"title":"\\ud800","reaction":{"r":{"when":{"signal":"anger","enter":0.5}}}}'),
        ("json", '{"\\ud800":1}'),
        ("json", '{"reaction":{"\\ud800":1}}'),
        ("json", '{"reaction":{"r":{"when":{"signal":"label","is":["\\ud800"]}}}}'),
        ("json", '{"reaction":{"r":{"when":{"signal":"context.a","is":"\\u001b"}}}}'),
        ("json", '{"reaction":{"r":{"when":{"signal":"anger","enter":NaN}}}}'),
        ("json", '{"reaction":{"r":{"when":{"signal":"anger","enter":-Infinity}}}}'),
        ("json", '{"reaction":{"r":{"when":{"signal":"anger","enter":null}}}}'),
        ("json", "{" + '"a":1,' * 5_000 + '"a":1}'),
        ("json", "9" * 9_000),
        ("json", "\ufeff{}"),
        ("json", ""),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
@pytest.mark.timeout(20)
def test_it_is_told_at_once_and_can_be_shown_and_sent(format: Format, text: str) -> None:
    assert told(text, format)


@given(st.text(max_size=60), st.sampled_from(["toml", "json"]))
def test_any_text_is_told(text: str, format: Format) -> None:
    told(text, format)
    told(f"{RULE}\n{text}" if format == "toml" else f'{{"reaction":{text}}}', format)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["signal", "enter", "exit", "is", "all", "any", "not", "unknown"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_condition_is_told_or_can_be_read(when: object) -> None:
    text = json.dumps({"reaction": {"r": {"when": when}}})
    if not told(text, "json"):
        assert parse(encode(parse(text, "json")), "json") == parse(text, "json")


@pytest.mark.parametrize(
    ("level", "key"),
    [
        ("enter = 0.0", "enter"),  # always true
        ("enter = 0.1", "enter"),  # left at 0.0 by default: never
        ("enter = 0.5, exit = 0.0", "exit"),
        ("enter = 0.5, exit = 1.0", "exit"),
        ("enter = 1.0, exit = 1.0", "exit"),
    ],
)
def test_a_condition_that_would_never_become_untrue_is_a_mistake(level: str, key: str) -> None:
    (problem,) = told(RULE.replace("enter = 0.5", level))
    assert (problem.line, problem.key) == (2, f"reaction.r.when.{key}")


def test_the_games_own_variables_have_no_ends() -> None:
    text = RULE.replace("anger", "context.coins")
    assert not told(text.replace("0.5", "0.0"))
    assert not told(text.replace("0.5", "-3"))
    assert told(text.replace("0.5", "1e13"))


def test_a_key_that_stands_twice_in_json_is_a_mistake() -> None:
    one = '{"signal": "anger", "enter": 0.5}'
    text = f'{{"reaction":\n {{"r": {{"when": {one}}}\n, "r": {{"when": {one}}}}}}}'
    assert [(problem.line, problem.key) for problem in told(text, "json")] == [(2, "reaction.r")]
    assert not told(f'{{"reaction": {{"r": {{"when": {{"all": [{one}, {one}]}}}}}}}}', "json")


def test_what_is_null_in_json_is_left_out() -> None:
    rule = {"when": {"signal": "anger", "enter": 0.5, "is": None, "all": None}, "hold_s": None}
    text = json.dumps({"title": None, "reaction": {"r": rule}})
    assert parse(text, "json") == parse(RULE, "toml")


def test_the_sentences_are_for_designers() -> None:
    text = RULE + 'hold_s = "long"\ngroup = "a b"\npriority = 1.5\n'
    assert [problem.what for problem in told(text)] == [
        "expected a number, got text",
        "expected letters, digits, _ and -, beginning with a letter",
        "expected a whole number, got a number",
    ]


def test_the_schema_explains_every_field() -> None:
    for kind in (Profile, Rule, When):
        assert set(FIELDS[kind.__name__]) == {
            field.encode_name for field in msgspec.structs.fields(kind)
        }
    made = schema()["$defs"]["When"]
    assert made["properties"]["signal"]["anyOf"][0]["enum"] == list(CATALOGUE)
    keys = {key for kind in KINDS for key in kind}
    assert keys <= set(made["properties"])
    text = json.dumps(schema())
    assert r"\\A" not in text and r"\\Z" not in text, "JavaScript does not know these"
    for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text):
        re.compile(json.loads(pattern))


def test_the_comments_of_a_toml_profile_do_not_count_as_long_keys() -> None:
    note = "# " + "a.b.c." * 4 + "\n"
    assert not told(f'{note * 50}description = "Wait ... 1.2.3.4.5.6.7.8.9.10 ..."\n{RULE}')
