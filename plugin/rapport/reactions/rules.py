"""The structure of a profile: reactions and the conditions under which they fire."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

REACTIONS_MAX = 32
PARTS_MAX = 16
DEPTH_MAX = 6
"""Levels of conditions in each other, the innermost counted."""
WORDS_MAX = 32
POINTS_MAX = 16
NAME = r"\A[A-Za-z][A-Za-z0-9_-]{0,47}\Z"
PRINTED = r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]*\Z"
"""No control character, line break or change of writing direction: what is shown in a list or on a
terminal must not draw anything else there. No half of a character either: it cannot be sent."""
LINES = PRINTED.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f")
"""The same, with line breaks and tabs."""

Seconds = Annotated[float, Meta(ge=0.0, le=3600.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Level = Annotated[float, Meta(ge=-1e12, le=1e12)]
Unknown = Literal["hold", "end", "ignore"]
Name = Annotated[str, Meta(pattern=NAME)]
Line = Annotated[str, Meta(pattern=PRINTED, max_length=200)]
Word = Annotated[str, Meta(pattern=PRINTED, max_length=64)]
"""As long as the words that a game may tell. Not the type of `is`, which is checked word by word:
msgspec 0.22 mixes the constraints up of a text and an array of texts in one union, and crashes."""
Point = tuple[Share, Share]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One condition: a level (`signal` and `enter`), a word or flag (`signal` and `is`), or a
    combination (`all`, `any`, `not`) of others.

    `exit` below `enter` looks for high values, above it for low ones; left out, it lies a tenth
    of the signal's span below. `for_s`: seconds that the signal must stay beyond `enter`. What is
    left out of `min_confidence`, `unknown` and `unknown_s` is as the reaction says.
    """

    signal: str | None = None
    enter: Level | None = None
    exit: Level | None = None
    is_: (
        bool | str | Annotated[tuple[str, ...], Meta(min_length=1, max_length=WORDS_MAX)] | None
    ) = msgspec.field(default=None, name="is")
    for_s: Seconds = 0.0
    min_confidence: Share | None = None
    unknown: Unknown | None = None
    unknown_s: Seconds | None = None
    all: Annotated[tuple["When", ...], Meta(min_length=1, max_length=PARTS_MAX)] | None = None
    any: Annotated[tuple["When", ...], Meta(min_length=1, max_length=PARTS_MAX)] | None = None
    not_: "When | None" = msgspec.field(default=None, name="not")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One reaction: when it fires, how long, how strongly, and what it must not meet.

    `hold_s`: once begun it goes on at least so long. `cooldown_s`: from its end to its next begin.
    `decay_s`: how long its strength takes from 1 to 0. Of a `group` at most one reaction is active
    per character; a higher `priority` takes over. `strength`: points (raw, published) of a curve.
    """

    when: When
    description: Line = ""
    hold_s: Seconds = 1.0
    cooldown_s: Seconds = 5.0
    decay_s: Seconds = 0.5
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    group: Name | None = None
    min_confidence: Share = 0.0
    unknown: Unknown = "hold"
    unknown_s: Seconds = 5.0
    strength: Annotated[tuple[Point, ...], Meta(min_length=2, max_length=POINTS_MAX)] | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one character reacts to. `schema` is the version of this format."""

    reaction: Annotated[dict[Name, Rule], Meta(min_length=1, max_length=REACTIONS_MAX)]
    title: Annotated[str, Meta(pattern=PRINTED, max_length=64)] = ""
    description: Annotated[str, Meta(pattern=LINES, max_length=2000)] = ""
    schema: Literal[1] = 1
