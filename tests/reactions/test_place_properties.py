"""The line of every key, in TOML and JSON written in all the ways in which people write them."""

import json
import random
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.reactions.place import Path, doubles, line_of, lines

pytestmark = pytest.mark.property

names = st.sampled_from(
    ["a", "b-1", "_", "7", "é", "x.y", "q q", "#", "[h]", "=", '"', "'", "\\", ""]
)
words = st.sampled_from(
    ["", "x", "# no", "[n]", "a = 1", '"', "'", "\\", "\n", "\n[t]\nk = 1\n", "}"]
)
leaves = st.booleans() | st.integers(-9, 9) | st.just(1.5) | words
trees = st.dictionaries(
    names,
    st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(names, inner, max_size=3),
            st.lists(st.dictionaries(names, inner, min_size=1, max_size=2), min_size=1, max_size=2),
        ),
        max_leaves=12,
    ),
    max_size=4,
)


class Writer:
    """Writes a tree as TOML, in forms drawn by chance, and notes where each key comes to stand."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.text = ""
        self.at: dict[Path, int] = {}

    def chance(self, *forms: str) -> str:
        return self.random.choice(forms)

    def put(self, text: str) -> None:
        self.text += text

    def note(self, path: Path) -> None:
        """The next thing written is at this path."""
        self.at.setdefault(path, self.text.count("\n") + 1)

    def table(self, path: Path, tree: dict[str, Any]) -> None:
        """The keys of a table, then those that have headers of their own."""
        later = []
        for key, value in tree.items():
            tables = isinstance(value, dict) or self.many(value)
            if tables and self.chance("inline", "header") == "header":
                later.append((key, value))
            else:
                self.pair((*path, key), value)
        for key, value in later:
            inside = (*path, key)
            for number, part in enumerate(value if isinstance(value, list) else [value]):
                mark = "[", "]"
                if isinstance(value, list):
                    mark = "[[", "]]"
                self.blank()
                self.note(inside)
                here = (*inside, number) if isinstance(value, list) else inside
                self.note(here)
                dotted = ".".join(self.key(k) for k in here if isinstance(k, str))
                self.put(f"{mark[0]} {dotted}{mark[1]}{self.chance('', ' # [c]')}\n")
                self.table(here, part)

    def many(self, value: Any) -> bool:
        return isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)

    def pair(self, path: Path, value: Any) -> None:
        self.blank()
        self.note(path)
        self.put(f"{self.key(path[-1])}{self.chance('', ' ')}= ")
        self.value(path, value)
        self.put(self.chance("", " # = [c]", "\t") + "\n")

    def blank(self) -> None:
        self.put(self.chance("", "", "\n", "# [t]\n", "  ", "\r\n"))

    def value(self, path: Path, value: Any) -> None:
        if isinstance(value, dict):
            self.put("{ ")
            for number, (key, inner) in enumerate(value.items()):
                self.put(", " if number else "")
                self.note((*path, key))
                self.put(f"{self.key(key)} = ")
                self.value((*path, key), inner)
            self.put(" }")
        elif isinstance(value, list):
            self.put("[")
            for number, inner in enumerate(value):
                self.put(self.chance("", " ", "\n  ", " # ], [\n"))
                self.note((*path, number))
                self.value((*path, number), inner)
                self.put(self.chance("", "\n") + ",")
            self.put(self.chance("", "\n # ]\n") + "]")
        elif isinstance(value, str):
            self.put(self.string(value))
        else:
            self.put(json.dumps(value))

    def string(self, value: str) -> str:
        form = self.chance("basic", "literal", "long", "long literal")
        if form == "literal" and not set("'\n") & set(value):
            return f"'{value}'"
        if form == "long literal" and "'" not in value:
            return f"'''\n{value}'''"
        if form == "long":
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            begin = self.chance("\n", "\n" if value[:1] == "\n" else "\\\n  ")
            return f'"""{begin}{escaped}"""'
        return json.dumps(value, ensure_ascii=self.chance("", "x") == "x")

    def key(self, key: str | int) -> str:
        name = str(key)
        bare = name != "" and name.isascii() and name.replace("-", "").replace("_", "a").isalnum()
        if bare and self.chance("bare", "quoted") == "bare":
            return name
        if "'" not in name and self.chance("basic", "literal") == "literal":
            return f"'{name}'"
        return json.dumps(name, ensure_ascii=self.chance("", "x") == "x")


@given(trees, st.integers(0, 10_000))
def test_every_key_of_toml_has_its_line(tree: dict[str, Any], seed: int) -> None:
    writer = Writer(seed)
    writer.table((), tree)
    assert tomllib.loads(writer.text) == tree
    found = lines(writer.text, "toml")
    assert {path: found.get(path) for path in writer.at} == writer.at


@given(trees, st.sampled_from([None, 0, 3]), st.booleans())
def test_every_key_of_json_has_its_line(
    tree: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    found = lines(text, "json")
    rows = text.split("\n")

    def walk(value: Any, path: Path) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            assert json.dumps(key, ensure_ascii=ascii_only) in rows[found[(*path, key)] - 1]
            walk(inner, (*path, key))
        for number, inner in enumerate(value if isinstance(value, list) else ()):
            assert (*path, number) in found
            walk(inner, (*path, number))

    walk(tree, ())
    assert doubles(text) == ()


@given(st.text(max_size=80), st.sampled_from(["toml", "json"]))
def test_of_a_text_that_is_neither_something_or_nothing_is_read(text: str, format: str) -> None:
    last = text.count("\n") + 1
    assert all(1 <= line <= last for line in lines(text, format).values())


def test_a_dotted_key_has_a_line_for_each_part() -> None:
    found = lines("a.b.'c d' = 1\n[x.y]\n[x.y.z]\nw = { u.v = 1 }\n", "toml")
    for path, line in {
        ("a",): 1, ("a", "b"): 1, ("a", "b", "c d"): 1,
        ("x",): 2, ("x", "y"): 2, ("x", "y", "z"): 3,
        ("x", "y", "z", "w", "u"): 4, ("x", "y", "z", "w", "u", "v"): 4,
    }.items():  # fmt: skip
        assert found[path] == line
    assert line_of(found, ("a", "nothing", 3)) == 1
    assert line_of(found, ("nothing",)) == 0
