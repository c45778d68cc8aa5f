"""`rapport try`: what a profile makes of a session, at once and without a game."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.text import Text

from rapport.cli import ctrl_c_ends_at_once
from rapport.cli.options import ERR, OUT, AsJson, load_settings
from rapport.cli.profile import named
from rapport.cli.words import printable
from rapport.errors import RecordingUnreadable

if TYPE_CHECKING:
    from rapport.cli.comparison import Change
    from rapport.cli.course import Course, Firing, Track
    from rapport.recording.tables import Item
    from rapport.settings import Settings

NPC = "npc"
SCRIPT_SUFFIX = ".toml"
FLAGS = {"true": True, "false": False}


def try_(
    context: typer.Context,
    profile: Annotated[
        str, typer.Argument(help="A profile (TOML or JSON), or a preset.", metavar="PROFILE")
    ],
    session: Annotated[
        str, typer.Argument(help="A recorded session, or a script.", metavar="SESSION")
    ],
    npc: Annotated[str, typer.Option(help="What the character is called.")] = NPC,
    variables: Annotated[
        list[str] | None,
        typer.Option(
            "--context",
            help="A variable of the game, all the time.",
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            help="Another profile: tell what it changes.", metavar="OTHER", show_default=False
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw it to this file.", metavar="FILE.svg|png", show_default=False),
    ] = None,
    as_json: AsJson = False,
    seed: Annotated[
        int | None,
        typer.Option(help="Of the chance in a script's readings.", min=0, show_default="0"),
    ] = None,
) -> None:
    """Run a profile over a session that is over: signals, levels, and what fires when and why.

    The reactions are those of a replay of the same session, at the same times.
    """
    settings = load_settings(context)
    with ctrl_c_ends_at_once():
        from rapport.cli.comparison import compare as compared
        from rapport.cli.course import enriched, follow
        from rapport.recording.player import timeline

    names = [profile, *([] if compare is None else [compare])]
    profiles = [named(place) for place in names]
    told = _context(npc, variables or [])
    items = _items(settings, session, seed)
    courses = follow(profiles, npc, enriched(timeline(lambda: items)), told)
    course = courses[0]
    for flaw in getattr(items, "flaws", ()):
        ERR.print(f"note: {flaw.what} [{flaw.code}]", style="yellow", markup=False)
    if not course.at_s:
        raise RecordingUnreadable(f"{session} holds no state that could be played")
    changes = None if compare is None else compared(course, courses[1])
    if picture is not None:
        from rapport.cli.timeline_picture import draw as draw_picture

        draw_picture(picture, dict(zip(names, courses, strict=True)), session)
    if as_json:
        report = _report(course, changes)
        begun = {"profile": profile, "other": compare, "session": session, "seed": seed or 0}
        told_all = begun | {"npc": npc, "context": told} | report
        OUT.print_json(msgspec.json.encode(told_all).decode())
        return
    _show(course, changes, profile, session, compare)
    if picture is not None:
        OUT.print(f"Drawn to {picture}.", markup=False, soft_wrap=True)


def _items(settings: "Settings", session: str, seed: int | None) -> "Iterable[Item]":
    """What a recorded session holds, or what a script makes of the real fusion."""
    path = Path(session)
    if path.suffix != SCRIPT_SUFFIX and (path.suffix or path.exists()):
        if seed is not None:
            raise typer.BadParameter("--seed is for scripts; a recorded session has no chance")
        from rapport.recording.session import read

        return read(path)
    from rapport.experts.store import Store
    from rapport.recording.script import load
    from rapport.sidecar.assembly import gate_parameters, judging
    from rapport.sidecar.simulation import simulate

    store = Store(settings.models)
    return simulate(
        load(session), settings.fusion, seed or 0, gate_parameters(store), judging(store)
    )


def _context(npc: str, told: list[str]) -> dict[str, bool | float | str]:
    """The variables of the game, as it would tell them.

    :raises typer.BadParameter: what is told would be refused of a game too.
    """
    from rapport.wire.requests import AppId, ContextWord, Npc

    found: dict[str, bool | float | str] = {}
    for one in told:
        name, sign, value = one.partition("=")
        if not (sign and value):
            raise typer.BadParameter(f"--context {one}: say it as NAME=VALUE, such as trust=0.7")
        found[name] = _value(value)
    try:
        msgspec.convert(npc, Npc)
        msgspec.convert(found, dict[AppId, bool | float | ContextWord])
    except msgspec.ValidationError as error:
        raise typer.BadParameter(
            "--npc and the names in --context are letters, digits, . _ and -, at most 64; a word is"
            " as short, and a line of plain text"
        ) from error
    return found


def _value(value: str) -> bool | float | str:
    """A flag, a number, or else a word."""
    if value in FLAGS:
        return FLAGS[value]
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def _show(
    course: "Course",
    changes: "tuple[Change, ...] | None",
    profile: str,
    session: str,
    other: str | None,
) -> None:
    from rapport.cli import timeline

    title = course.profile.title or profile
    head = f"{title}: {profile} on {session}, {course.seconds:.1f} s"
    OUT.print(Text(printable(head), "bold"), soft_wrap=True)
    OUT.print(timeline.draw(course, OUT.width))
    if changes is not None:
        OUT.print()
        OUT.print(timeline.changes(changes, printable(str(other))))


def _report(course: "Course", changes: "tuple[Change, ...] | None") -> dict[str, object]:
    """The course for programs; times in seconds from the start."""
    report: dict[str, object] = {
        "seconds": course.seconds,
        "states": len(course.at_s),
        "signals": [_signal(track, course.at_s) for track in course.tracks],
        "reactions": {name: [f.number for f in course.of(name)] for name in course.phases},
        "firings": [_firing(firing) for firing in course.firings],
    }
    if changes is not None:
        report["changes"] = [
            {
                "reaction": change.reaction,
                "kind": change.kind,
                "before": None if change.before is None else _firing(change.before),
                "after": None if change.after is None else _firing(change.after),
                "later_s": change.later_s,
                "longer_s": change.longer_s,
                "stronger": change.stronger,
            }
            for change in changes
        ]
    return report


def _signal(track: "Track", at_s: list[float]) -> dict[str, object]:
    known = [value for value in track.values if value is not None]
    numbers = [value for value in known if not isinstance(value, str)]
    return {
        "name": track.signal.name,
        "known": len(known) / (len(track.values) or 1),
        "unknown": track.unknown(at_s),
        "lowest": min(numbers, default=None),
        "highest": max(numbers, default=None),
        "words": sorted({value for value in known if isinstance(value, str)}),
        "levels": track.levels,
    }


def _firing(firing: "Firing") -> dict[str, object]:
    return msgspec.structs.asdict(firing) | {"strength": firing.strength}
