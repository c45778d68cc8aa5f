"""Every mistake of a profile, found part by part, so that a designer sees them all at once."""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from rapport.reactions import signals
from rapport.reactions.place import Path
from rapport.reactions.rules import (
    DEPTH_MAX,
    LINES,
    NAME,
    PARTS_MAX,
    PRINTED,
    REACTIONS_MAX,
    Level,
    Name,
    Profile,
    Rule,
    When,
    Word,
)
from rapport.reactions.signal import Signal

COMBINATIONS = ("all", "any", "not")
IN_WORDS = {
    "`str` matching regex " + repr(NAME): "letters, digits, _ and -, beginning with a letter",
    "`str` matching regex " + repr(PRINTED): "a line without control characters",
    "`str` matching regex " + repr(LINES): "text without control characters",
    "`float`": "a number",
    "`int`": "a whole number",
    "`str`": "text",
    "`bool`": "true or false",
    "`array`": "an array",
    "`object`": "a table",
    "`null`": "nothing",
}
"""What msgspec calls a type, and what a designer does."""
SHOWN_MAX = 40
"""Characters of a designer's word that a sentence repeats."""
OPTIONS = ("for_s", "min_confidence", "unknown", "unknown_s")


class Mistake(NamedTuple):
    """A mistake: where, what, and what may be meant instead."""

    path: Path
    what: str
    suggestion: str = ""


def mistakes_of(values: Any) -> Iterator[Mistake]:
    """The mistakes of a whole profile, given as tables and arrays."""
    if not isinstance(values, dict):
        yield Mistake((), "a profile is a table with `reaction` in it")
        return
    yield from _fields(values, Profile, (), ("reaction",))
    reactions = values.get("reaction")
    if not isinstance(reactions, dict) or not reactions:
        yield Mistake(("reaction",), "a profile needs at least one [reaction.NAME]")
        return
    if len(reactions) > REACTIONS_MAX:
        yield Mistake(("reaction",), f"{len(reactions)} reactions; {REACTIONS_MAX} are possible")
    for name, rule in reactions.items():
        yield from _rule(name, rule, ("reaction", name))


def _rule(name: Any, rule: Any, path: Path) -> Iterator[Mistake]:
    if _refused(name, Name):
        yield Mistake(path, "a name has 1 to 48 letters, digits, _ and -, and begins with a letter")
    if not isinstance(rule, dict):
        yield Mistake(path, "a reaction is a table with `when` in it")
        return
    yield from _fields(rule, Rule, path, ("when",))
    if "when" not in rule:
        yield Mistake(path, "`when` is missing: under what condition does it fire?")
    else:
        yield from _when(rule["when"], (*path, "when"), 1)
    yield from _curve(rule.get("strength"), (*path, "strength"))


def _curve(points: Any, path: Path) -> Iterator[Mistake]:
    if not isinstance(points, list) or _refused(points, _type_of(Rule, "strength")):
        return  # told with the other fields
    for place in range(1, len(points)):
        if points[place][0] <= points[place - 1][0]:
            yield Mistake((*path, place), "the first number of each point must be above the last")


def _when(when: Any, path: Path, depth: int) -> Iterator[Mistake]:
    if not isinstance(when, dict):
        yield Mistake(path, "a condition is a table such as { signal = ..., enter = ... }")
        return
    yield from _fields(when, When, path, COMBINATIONS)
    kinds = [kind for kind in ("signal", *COMBINATIONS) if kind in when]
    if len(kinds) != 1:
        told = " and ".join(kinds) or "nothing"
        yield Mistake(path, f"a condition has one of signal, all, any, not; this has {told}")
        return
    (kind,) = kinds
    if kind == "signal":
        yield from _leaf(when, path)
        return
    for key in when:
        if key in (*OPTIONS, "enter", "exit", "is"):
            yield Mistake((*path, key), f"`{key}` belongs to a signal, not to `{kind}`")
    if depth >= DEPTH_MAX:
        yield Mistake((*path, kind), f"conditions nest deeper than {DEPTH_MAX}")
        return
    parts = [when[kind]] if kind == "not" else when[kind]
    if not isinstance(parts, list) or not 1 <= len(parts) <= PARTS_MAX:
        yield Mistake((*path, kind), f"`{kind}` is an array of 1 to {PARTS_MAX} conditions")
        return
    for place, part in enumerate(parts):
        inside = (*path, kind) if kind == "not" else (*path, kind, place)
        yield from _when(part, inside, depth + 1)


def _leaf(when: dict[str, Any], path: Path) -> Iterator[Mistake]:
    name = when["signal"]
    if not isinstance(name, str):
        return  # told with the other fields
    signal = signals.find(name)
    if signal is None:
        yield Mistake(
            (*path, "signal"),
            f"there is no signal {_quoted(name)}",
            _meant_signal(name),
        )
        return
    if ("enter" in when) == ("is" in when):
        yield Mistake(path, "a signal has either `enter` (a level) or `is` (a word, true, false)")
        return
    if "is" in when:
        yield from _word(when["is"], signal, (*path, "is"))
        if "exit" in when:
            yield Mistake((*path, "exit"), "`exit` belongs to `enter`, not to `is`")
    else:
        yield from _level(when, signal, path)


def _meant_signal(name: str) -> str:
    """The signal that may be meant: one of the catalogue, or one of the game's own names."""
    family, dot, own = name[:SHOWN_MAX].partition(".")
    begun = _close(f"{family}.", signals.OPEN) if dot and own else ""
    return _close(name, signals.CATALOGUE) or (f"{begun}{own}" if begun else "")


def _word(told: Any, signal: Signal, path: Path) -> Iterator[Mistake]:
    wanted = told if isinstance(told, list) else [told]
    flags = [isinstance(word, bool) for word in wanted]
    for word in wanted:
        if isinstance(word, str) and (refused := _refused(word, Word)):
            yield Mistake(path, refused[0])
            return
    if signal.kind == "number":
        yield Mistake(path, f"{signal.name} is a number: give it `enter`")
    elif signal.kind == "flag" and not all(flags):
        yield Mistake(path, f"{signal.name} is true or false")
    elif signal.kind == "word" and any(flags):
        yield Mistake(path, f"{signal.name} is a word")
    elif signal.words:
        for word in wanted:
            if isinstance(word, str) and word not in signal.words:
                close = _close(word, signal.words)
                yield Mistake(path, f"{signal.name} is never {_quoted(word)}", close)


def _level(when: dict[str, Any], signal: Signal, path: Path) -> Iterator[Mistake]:
    if signal.kind in ("flag", "word"):
        yield Mistake((*path, "enter"), f"{signal.name} is no number: give it `is`")
        return
    levels = {key: when[key] for key in ("enter", "exit") if key in when}
    if any(_refused(level, Level) for level in levels.values()):
        return  # told with the other fields
    for key, level in levels.items():
        if not signal.low <= level <= signal.high:
            ends = f"{signal.low:g} to {signal.high:g}"
            yield Mistake(
                (*path, key), f"{signal.name} goes from {ends}, and never reaches {level:g}"
            )
            return
    enter, exit = levels["enter"], levels.get("exit", signal.default_exit(levels["enter"]))
    place = (*path, "exit" if "exit" in levels else "enter")
    if exit == enter:
        yield Mistake(
            place, "`exit` equals `enter`: it would flicker; put it lower, or higher for low values"
        )
    elif not (exit > signal.low if exit < enter else exit < signal.high):
        never, end = ("above", signal.high) if exit > enter else ("below", signal.low)
        near, far = sorted((enter, end))
        yield Mistake(
            place,
            f"{signal.name} is never {never} {end:g}, so this would never become untrue"
            + (f"; put `exit` between {near:g} and {far:g}" if near < far else ""),
        )


def _fields(
    values: dict[str, Any], kind: type[msgspec.Struct], path: Path, elsewhere: Iterable[str]
) -> Iterator[Mistake]:
    """Unknown keys, and values of the wrong type or out of range; not of those told elsewhere."""
    types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in values.items():
        if key not in types:
            yield Mistake((*path, key), f"unknown key {_quoted(key)}", _close(str(key), types))
        elif key not in elsewhere and (refused := _refused(value, types[key])):
            yield Mistake((*path, key), refused[0], _meant(value, refused[0], types[key]))


def _refused(value: Any, kind: Any) -> tuple[str] | None:
    """Why a value is not of a type; None if it is."""
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        what, _, place = str(error).partition(" - at `$")
        for type_name, words in IN_WORDS.items():
            what = what.replace(type_name, words)
        inside = "".join(f" {int(n) + 1}" for n in re.findall(r"\[(\d+)\]", place))
        return (f"{what[:1].lower()}{what[1:]}{f' (part{inside})' if inside else ''}",)
    return None


def _meant(value: Any, what: str, kind: Any) -> str:
    """The word that may be meant, where only some are possible."""
    if not isinstance(value, str) or not what.startswith("invalid enum"):
        return ""
    return _close(value, re.findall(r"'(\w+)'", str(kind)))


def _type_of(kind: type[msgspec.Struct], name: str) -> Any:
    return next(f.type for f in msgspec.structs.fields(kind) if f.encode_name == name)


def _close(word: str, known: Iterable[str]) -> str:
    meant = word[:SHOWN_MAX].lower()
    return next(iter(difflib.get_close_matches(meant, list(known), n=1)), "")


def _quoted(word: Any) -> str:
    """A word of the designer's, shortened for a sentence."""
    return repr(str(word)[:SHOWN_MAX])
