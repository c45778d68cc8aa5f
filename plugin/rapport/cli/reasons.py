"""Why reactions fire, end and do not fire, in words."""

from collections.abc import Iterable, Iterator

from rapport.cli.comparison import Change
from rapport.cli.course import NS_PER_S, Course, Firing, Level, Part, Track, levels
from rapport.cli.words import printable
from rapport.reactions.condition import GAP_NS
from rapport.reactions.rules import Rule
from rapport.state import Cause

GAP_S = GAP_NS / NS_PER_S
DIGITS_MAX = 7
"""A value that lies closer to its level than these can tell is told in full."""


def asked(level: Level) -> str:
    """A level in a few characters; after `~` how sure it must be, if that is asked."""
    sure = f" ~{level.least:g}" if level.least else ""
    if level.enter is None or level.exit is None:
        return f"is {_words(level)}{sure}"
    return f"{_beyond(level)} … {level.exit:g}{sure}"


def _beyond(level: Level) -> str:
    return f"{'≤' if level.falls else '≥'} {level.enter:g}"


def _words(level: Level) -> str:
    return " or ".join(map(_word, level.words))


def _word(word: bool | str) -> str:
    return str(word).lower() if isinstance(word, bool) else printable(word)


def reasons(why: Iterable[Cause]) -> str:
    """The conditions that decided, each with its level and who carried it."""
    return ", ".join(map(_reason, why))


def _reason(cause: Cause) -> str:
    carried = f" ({cause.modality})" if cause.modality else ""
    if cause.word:
        return f"{cause.signal} {printable(cause.word)}{carried}"
    if cause.value is None:
        return f"{cause.signal} unknown"
    if cause.level is None:
        return f"{cause.signal} {_flag(cause.value)}{carried}"
    sign = "≥" if cause.value >= cause.level else "<"
    told = _apart(cause.value, cause.level)
    return f"{cause.signal} {told} {sign} {cause.level:g}{carried}"


def _apart(value: float, level: float) -> str:
    """A value with as many digits as tell it from a level."""
    told = (f"{value:.{digits}f}" for digits in range(2, DIGITS_MAX))
    return next((one for one in told if float(one) != level or value == level), f"{value!r}")


def _flag(value: float) -> str:
    return {1.0: "true", 0.0: "false"}.get(value, f"{value:g}")


def ending(firing: Firing, course: Course) -> str:
    """Why a firing ended, in words."""
    because = reasons(firing.end_why)
    match firing.end:
        case "replaced":
            return f"ends: {_successor(firing, course)} takes over"
        case "stopped":
            return "goes on when the session ends"
        case "unknown":
            return f"ends, not known any more: {because}"
    return f"ends: {because}"


def _successor(firing: Firing, course: Course) -> str:
    rules = course.profile.reaction
    group = rules[firing.reaction].group
    return next(
        one.reaction
        for one in course.firings
        if one.began_s == firing.ended_s
        and one.number > firing.number
        and rules[one.reaction].group == group
    )


def summary(course: Course) -> Iterator[str]:
    """How often and how long, and of what never fired how far it was from it."""
    fired = {name: course.of(name) for name in course.phases}
    for name, firings in fired.items():
        if firings:
            seconds = sum(firing.seconds for firing in firings)
            share = seconds / (course.seconds or 1.0)
            times = {1: "once", 2: "twice"}.get(len(firings), f"{len(firings)} times")
            yield f"{name} fired {times}, {seconds:.1f} s in all, {share:.0%} of the session."
        else:
            yield f"{name} never fired: {_missed(name, course)}."


def _missed(name: str, course: Course) -> str:
    """How far the signals of a reaction that never fired came."""
    rule = course.profile.reaction[name]
    tracks = {track.signal.name: track for track in course.tracks}
    short = [
        told
        for level, for_s in levels(rule.when, rule, denied=False)
        if (told := _short_of(level, for_s, tracks[level.signal], course.at_s))
    ]
    return ", ".join(short) or f"its conditions did not hold all at once{_or_rivals(rule, course)}"


def _or_rivals(rule: Rule, course: Course) -> str:
    group = [one for one in course.profile.reaction.values() if one.group == rule.group]
    return ", or another of its group went on" if rule.group and len(group) > 1 else ""


def _short_of(level: Level, for_s: float, track: Track, at_s: list[float]) -> str:
    """How far a signal came, if it never came beyond its level, or how long, if too short."""
    seen = list(zip(track.values, track.confidences, strict=True))
    parts = [level.part(value, confidence) for value, confidence in seen]
    if "beyond" in parts:
        longest_s = _longest_s(parts, at_s)
        if longest_s >= for_s:
            return ""
        stayed = f"was {_words(level)}" if level.enter is None else f"stayed {_beyond(level)}"
        return f"{level.signal} {stayed} for {_apart(longest_s, for_s)} s of {for_s:g}"
    if set(parts) <= {"unknown"}:
        sure = " surely enough" if any(value is not None for value, _ in seen) else ""
        return f"{level.signal} was never known{sure}"
    if level.enter is None:
        return f"{level.signal} was never {_words(level)}"
    numbers = [v for v, sure in seen if isinstance(v, int | float) and sure >= level.least]
    closest = min(numbers) if level.falls else max(numbers)
    return f"{level.signal} came to {_apart(closest, level.enter)} of {level.enter:g}"


def _longest_s(parts: list[Part], at_s: list[float]) -> float:
    """For how long at a stretch a signal was beyond its level, as the engine counts it."""
    longest_s, since_s, before_s = 0.0, at_s[0], at_s[0]
    unbroken = False
    for part, now_s in zip(parts, at_s, strict=True):
        if not unbroken or now_s - before_s > GAP_S:
            since_s = now_s
        unbroken, before_s = part == "beyond", now_s
        longest_s = max(longest_s, now_s - since_s if unbroken else 0.0)
    return longest_s


def difference(change: Change) -> str:
    """What is different there, in words."""
    if change.kind in ("gone", "new"):
        return "only here" if change.kind == "gone" else "only there"
    parts = (
        (change.later_s, "s", "later", "earlier", 1),
        (change.longer_s, "s", "longer", "shorter", 1),
        (change.stronger, "", "stronger", "weaker", 2),
    )
    told = [
        f"{abs(size):.{digits}f} {unit} {more if size > 0 else less}".replace("  ", " ")
        for size, unit, more, less, digits in parts
        if size
    ]
    return ", ".join(told) or "the same"
