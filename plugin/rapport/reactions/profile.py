"""Profiles: what a designer writes, as data, and every mistake in it told with its line.

docs/reactions.md is the reference. A profile is TOML or JSON of the same structure; nothing in it
is ever executed.
"""

import json
import re
import tomllib
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from rapport.errors import ProfileInvalid, ProfileMissing
from rapport.reactions.mistakes import Mistake, mistakes_of
from rapport.reactions.place import doubles, line_of, lines
from rapport.reactions.rules import REACTIONS_MAX, Profile
from rapport.reactions.schema import schema as schema

Format = Literal["toml", "json"]
PROFILE_BYTES_MAX = 128 * 1024
"""A longer file is not read: the largest useful profiles have some thousands of characters."""

PROBLEMS_MAX = 50
"""Who has made more mistakes is told these first; the answer to a request must stay small."""
SHOWN_MAX = 200
LONG_KEY = re.compile(
    r"""(?:(?:(?<![\w-])[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}"""
)
"""A dotted key that makes Python's TOML reader take time with the square of its length."""


class Problem(NamedTuple):
    """One mistake: its line from 1 (0: of the whole), where it is with dots, and what is meant."""

    line: int
    key: str
    what: str
    suggestion: str = ""

    def told(self) -> str:
        """As one sentence without an end."""
        place = [f"line {self.line}" if self.line else "", self.key]
        meant = f"; did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{', '.join(part for part in place if part) or 'the whole'}: {self.what}{meant}"


def parse(text: str, format: Format, place: str = "the profile") -> Profile:
    """A profile from its text.

    :param place: what it is called in errors.
    :raises ProfileInvalid: it has a mistake; the first is told, with line and key.
    """
    found, _, profile = _read(text, format)
    if profile is None:
        raise ProfileInvalid(f"{place}, {found[0].told()}")
    return profile


def problems(text: str, format: Format) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """Every mistake of a profile, and the names of its reactions as far as they can be read."""
    found, values, _ = _read(text, format)
    reactions = values.get("reaction") if isinstance(values, dict) else None
    names = reactions if isinstance(reactions, dict) else {}
    return found, tuple(map(_shown, islice(names, REACTIONS_MAX)))


def load(path: Path) -> tuple[Profile, str, Format]:
    """A profile from a file, its text and format, by its ending.

    :raises ProfileMissing: there is no such file, or it cannot be read.
    :raises ProfileInvalid: it has a mistake.
    """
    text, format = read_text(path)
    return parse(text, format, str(path)), text, format


def read_text(path: Path) -> tuple[str, Format]:
    """What a profile's file says, mistakes and all, and its format.

    :raises ProfileMissing: there is no such file, or it cannot be read.
    :raises ProfileInvalid: it is too long for a profile, or no text.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(PROFILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise ProfileMissing(f"{path} cannot be read: {what}") from error
    if len(raw) > PROFILE_BYTES_MAX:
        raise ProfileInvalid(f"{path} is longer than {PROFILE_BYTES_MAX // 1024} KiB")
    try:
        return raw.decode("utf-8-sig"), "json" if path.suffix.lower() == ".json" else "toml"
    except UnicodeDecodeError as error:
        raise ProfileInvalid(f"{path} is not UTF-8: {error}") from error


def encode(profile: Profile) -> str:
    """The profile as JSON, without what is at its default."""
    return msgspec.json.format(msgspec.json.encode(profile), indent=2).decode()


def _values(text: str, format: Format) -> Any:
    """What the text says; what is null in JSON is left out.

    :raises ValueError: it is not in its format. RecursionError: it is nested without end.
    """
    if format == "json":
        return json.loads(
            text, object_pairs_hook=lambda pairs: {k: v for k, v in pairs if v is not None}
        )
    if LONG_KEY.search(text):
        raise ValueError("a key has more parts than any profile")
    return tomllib.loads(text)


def _read(text: str, format: Format) -> tuple[tuple[Problem, ...], Any, Profile | None]:
    """The mistakes of a text, what it says, and, if it has no mistake, the profile."""
    try:
        values = _values(text, format)
    except json.JSONDecodeError as error:
        return (Problem(error.lineno, "", f"no JSON: {error.msg}"),), None, None
    except tomllib.TOMLDecodeError as error:
        what, _, spot = str(error).rpartition(" (at ")
        at = re.match(r"line (\d+)", spot)
        line = int(at[1]) if at else text.count("\n") + 1
        return (Problem(line, "", f"no TOML: {_shown(what)}"),), None, None
    except (ValueError, RecursionError) as error:
        limits = "a number is too long, or values are nested too deep, for a profile"
        what = str(error) if format == "toml" and LONG_KEY.search(text) else limits
        return (Problem(0, "", what),), None, None
    where = lines(text, format)
    twice = doubles(text) if format == "json" else ()
    mistakes = chain(
        (Mistake(path, "this key stands twice") for path in twice), mistakes_of(values)
    )
    found = [
        Problem(line_of(where, path), ".".join(map(_shown, path)), _shown(what), suggestion)
        for path, what, suggestion in islice(mistakes, PROBLEMS_MAX)
    ]
    if found:
        return tuple(sorted(found, key=lambda problem: problem.line)), values, None
    try:
        return (), values, msgspec.convert(values, Profile)
    except (msgspec.ValidationError, RecursionError) as error:  # what the search did not see
        return (Problem(0, "", _shown(str(error))),), values, None


def _shown(part: str | int) -> str:
    """A part of a profile as it can be shown and sent: short, and without control characters."""
    word = str(part)[:SHOWN_MAX]
    if word.isprintable():
        return word
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in word)
