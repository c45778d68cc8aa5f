"""Why reactions fire, end and do not fire, in words."""

from collections.abc import Iterable, Iterator

from rapport.cli.comparison import Change
from rapport.cli.course import Course, Firing, Level, Track, levels
from rapport.cli.words import printable
from rapport.state import Cause


def asked(level: Level) -> str:
    """A level in a few characters."""
    if level.enter is None or level.exit is None:
        return "is " + " or ".join(map(_word, level.words))
    return f"{'≤' if level.falls else '≥'} {level.enter:g} … {level.exit:g}"


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
    return f"{cause.signal} {cause.value:.2f} {sign} {cause.level:g}{carried}"


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
        for level in levels(rule.when, rule, denied=False)
        if (told := _short_of(level, tracks[level.signal]))
    ]
    return ", ".join(short) or "its conditions did not hold all at once, or not long enough"


def _short_of(level: Level, track: Track) -> str:
    """How far a signal came, if it never came beyond its level."""
    seen = list(zip(track.values, track.confidences, strict=True))
    parts = {level.part(value, confidence) for value, confidence in seen}
    if "beyond" in parts:
        return ""
    if parts <= {"unknown"}:
        sure = " surely enough" if any(value is not None for value, _ in seen) else ""
        return f"{level.signal} was never known{sure}"
    if level.enter is None:
        return f"{level.signal} was never {' or '.join(map(_word, level.words))}"
    numbers = [v for v, sure in seen if isinstance(v, int | float) and sure >= level.least]
    closest = min(numbers) if level.falls else max(numbers)
    return f"{level.signal} came to {closest:.2f} of {level.enter:g}"


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
