"""`rapport profile`: check, begin and look up what a designer writes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich import box
from rich.table import Table
from rich.text import Text

from rapport.cli.options import OUT, AsJson, load_settings
from rapport.cli.words import printable
from rapport.errors import ProfileExists, ReactionError

if TYPE_CHECKING:
    from rapport.reactions.profile import Problem
    from rapport.reactions.rules import Profile
    from rapport.reactions.signal import Signal

profile = typer.Typer(no_args_is_help=True, help="Check, begin and look up profiles of reactions.")

STARTER = "companion"
FIRST_LINES = """\
# A profile of reactions: when a character reacts, and how strongly. It begins as the preset
# "{name}"; change what you like, and look at it again:
#
#   rapport profile check {file}
#   rapport try {file} calm_then_frustrated
#   rapport simulate calm_then_frustrated --profile mira={file}
#
# Every key: docs/reactions.md. What a condition may name: rapport profile signals.

"""


def named(place: str) -> "Profile":
    """A profile from a file, or the preset of a name, as `--profile NPC=FILE` takes it.

    :raises ProfileMissing: there is no such file and no such preset.
    :raises ProfileInvalid: it has a mistake.
    """
    from rapport.reactions.presets import preset
    from rapport.reactions.profile import load, parse

    path = Path(place)
    if path.suffix or path.exists():
        return load(path)[0]
    return parse(preset(place).text, "toml", place)


@profile.command()
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Profiles.", metavar="FILE...")],
    as_json: AsJson = False,
) -> None:
    """Tell every mistake in profiles, with its line. Exit code 1 if there is any."""
    load_settings(context)
    found = [(file, *_checked(file)) for file in files]
    if as_json:
        _print_json([_report(*one) for one in found])
    else:
        for file, mistakes, names in found:
            _tell(file, mistakes, names)
    if any(mistakes for _, mistakes, _ in found):
        raise typer.Exit(1)


@profile.command()
def init(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="Write to this new file.", metavar="FILE", show_default=False),
    ] = None,
    preset: Annotated[str, typer.Option(help="The preset to begin with.")] = STARTER,
) -> None:
    """Begin a profile with a preset, explained by comments. Never overwrites a file."""
    load_settings(context)
    from rapport.reactions.presets import preset as shipped_preset

    begun = shipped_preset(preset)
    target = file or Path(f"{preset}.toml")
    if target.suffix.lower() == ".json":
        raise typer.BadParameter("JSON has no comments: a profile is begun in TOML (FILE.toml)")
    name = target if " " not in str(target) else f'"{target}"'
    text = FIRST_LINES.format(name=begun.name, file=name) + begun.text
    try:
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise ProfileExists(f"{target} is there already") from error
    except OSError as error:
        raise ProfileExists(f"{target} cannot be made: {error.strerror or error}") from error
    told = f"Wrote {target}. Next: rapport try {name} calm_then_frustrated"
    OUT.print(told, markup=False, soft_wrap=True)


@profile.command("schema")
def print_schema(context: typer.Context) -> None:
    """Print the JSON Schema of profiles, for editors that check while you type."""
    load_settings(context)
    from rapport.reactions.profile import schema

    _print_json(schema())


@profile.command("list")
def list_presets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the presets: profiles that come with Rapport."""
    load_settings(context)
    from rapport.reactions.presets import shipped
    from rapport.reactions.profile import parse

    presets = [(found.name, parse(found.text, "toml", found.name)) for found in shipped()]
    if as_json:
        _print_json(
            [
                {
                    "name": name,
                    "title": known.title,
                    "description": known.description,
                    "reactions": {one: rule.description for one, rule in known.reaction.items()},
                }
                for name, known in presets
            ]
        )
        return
    table = _table("preset", "what it is for", "reactions")
    for name, known in presets:
        table.add_row(Text(name), Text(known.description), Text("\n".join(known.reaction)))
    OUT.print(table)


@profile.command("signals")
def list_signals(context: typer.Context, as_json: AsJson = False) -> None:
    """List what a condition may name: the signals, their range and meaning."""
    load_settings(context)
    from rapport.reactions.signals import CATALOGUE, OPEN_NAMES, find

    rows = [*CATALOGUE.values(), *(row for name in OPEN_NAMES if (row := find(name)))]
    if as_json:
        _print_json([_signal(row) for row in rows])
        return
    table = _table("signal", "range", "meaning")
    for row in rows:
        table.add_row(Text(row.name), Text(_range(row)), Text(_meaning(row)))
    OUT.print(table)


def _checked(file: Path) -> "tuple[tuple[Problem, ...], tuple[str, ...]]":
    """The mistakes of a file, one being that it cannot be read, and its reactions' names."""
    from rapport.reactions.profile import Problem, problems, read_text

    try:
        text, format = read_text(file)
    except ReactionError as error:
        return (Problem(0, "", error.what),), ()
    return problems(text, format)


def _tell(file: Path, mistakes: "tuple[Problem, ...]", names: tuple[str, ...]) -> None:
    """One mistake a line, as editors and compilers write them: `mira.toml:7: ...`."""
    from rapport.reactions.notes import notes
    from rapport.reactions.profile import load

    if not mistakes:
        told = f"{file}: no mistake. Reactions: {', '.join(names)}."
        OUT.print(told, markup=False, soft_wrap=True)
        for note in notes(load(file)[0]):
            OUT.print(f"{file}: note: {note}", markup=False, soft_wrap=True)
    for mistake in mistakes:
        place = f"{file}:{mistake.line}" if mistake.line else f"{file}"
        what = mistake._replace(line=0).told().removeprefix("the whole: ")
        OUT.print(printable(f"{place}: {what}"), markup=False, soft_wrap=True)


def _report(
    file: Path, mistakes: "tuple[Problem, ...]", names: tuple[str, ...]
) -> dict[str, object]:
    return {
        "file": str(file),
        "problems": [mistake._asdict() for mistake in mistakes],
        "reactions": names,
    }


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, overflow="fold")
    return table


def _range(row: "Signal") -> str:
    """The values that a signal may have, in words."""
    match row.kind:
        case "flag":
            return "true, false"
        case "word":
            return "a word"
        case "any":
            return "number, flag, word"
    unit = f" {row.unit}" if row.unit else ""
    return f"{row.low:g} to {row.high:g}{unit}"


def _meaning(row: "Signal") -> str:
    return f"{row.meaning} One of {', '.join(row.words)}." if row.words else row.meaning


def _signal(row: "Signal") -> dict[str, object]:
    number = row.kind == "number"
    return {
        "name": row.name,
        "kind": row.kind,
        "low": row.low if number else None,
        "high": row.high if number else None,
        "unit": row.unit,
        "words": row.words,
        "meaning": row.meaning,
    }


def _print_json(found: object) -> None:
    OUT.print_json(msgspec.json.encode(found).decode())
