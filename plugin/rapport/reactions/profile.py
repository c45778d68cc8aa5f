"""Profiles: what a designer writes, as data, and every mistake in it told with its line.

docs/reactions.md is the reference. A profile is TOML or JSON of the same structure; nothing in it
is ever executed.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from rapport.errors import ProfileInvalid, ProfileMissing
from rapport.reactions.mistakes import mistakes_of
from rapport.reactions.place import line_of, lines
from rapport.reactions.rules import Profile

Format = Literal["toml", "json"]
PROFILE_BYTES_MAX = 128 * 1024
"""A longer file is not read: the largest useful profiles have some thousands of characters."""


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
    found, profile = _read(text, format)
    if profile is None:
        raise ProfileInvalid(f"{place}, {found[0].told()}")
    return profile


def problems(text: str, format: Format) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """Every mistake of a profile, and the names of its reactions as far as they can be read."""
    found, profile = _read(text, format)
    if profile is not None:
        return (), tuple(profile.reaction)
    try:
        values = _values(text, format)
    except ValueError:
        return found, ()
    reactions = values.get("reaction") if isinstance(values, dict) else None
    return found, tuple(map(str, reactions)) if isinstance(reactions, dict) else ()


def load(path: Path) -> tuple[Profile, str, Format]:
    """A profile from a file, its text and format, by its ending.

    :raises ProfileMissing: there is no such file, or it cannot be read.
    :raises ProfileInvalid: it has a mistake.
    """
    format: Format = "json" if path.suffix.lower() == ".json" else "toml"
    try:
        with path.open("rb") as stream:
            raw = stream.read(PROFILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise ProfileMissing(f"{path} cannot be read: {what}") from error
    if len(raw) > PROFILE_BYTES_MAX:
        raise ProfileInvalid(f"{path} is longer than {PROFILE_BYTES_MAX // 1024} KiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProfileInvalid(f"{path} is not UTF-8: {error}") from error
    return parse(text, format, str(path)), text, format


def encode(profile: Profile) -> str:
    """The profile as JSON, without what is at its default."""
    return msgspec.json.format(msgspec.json.encode(profile), indent=2).decode()


def schema() -> dict[str, Any]:
    """The JSON Schema of profiles."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rapport profile of reactions",
        **msgspec.json.schema(Profile),
    }


def _values(text: str, format: Format) -> Any:
    """What the text says.

    :raises ValueError: it is not in its format; TOML's error is one too.
    """
    try:
        return tomllib.loads(text) if format == "toml" else json.loads(text)
    except RecursionError as error:
        raise ValueError("values are nested too deeply (at line 1, column 1)") from error


def _read(text: str, format: Format) -> tuple[tuple[Problem, ...], Profile | None]:
    try:
        values = _values(text, format)
    except json.JSONDecodeError as error:
        return (Problem(error.lineno, "", f"no JSON: {error.msg}"),), None
    except ValueError as error:
        at = re.search(r"\(at (?:line (\d+)|end of document)", str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        return (
            Problem(line, "", f"no {format.upper()}: {str(error).partition(' (at ')[0]}"),
        ), None
    where = lines(text, format)
    found = tuple(
        Problem(line_of(where, m.path), ".".join(map(str, m.path)), m.what, m.suggestion)
        for m in mistakes_of(values)
    )
    if found:
        return found, None
    try:
        return (), msgspec.convert(values, Profile)
    except (msgspec.ValidationError, RecursionError) as error:  # what the search did not see
        return (Problem(0, "", str(error)),), None
