"""`rapport info` and `rapport export`: what is in a recorded session."""

import datetime
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from rapport.cli.options import ERR, OUT, AsJson, load_settings
from rapport.errors import ExportFailed

if TYPE_CHECKING:
    from rapport.recording.session import Info

SessionFile = Annotated[Path, typer.Argument(help="A recorded session.", metavar="FILE")]


class Target(StrEnum):
    """What a session is exported to."""

    CSV = "csv"
    PARQUET = "parquet"


def info(context: typer.Context, file: SessionFile, as_json: AsJson = False) -> None:
    """Tell what a recorded session holds."""
    load_settings(context)
    from rapport.recording import session

    found = session.info(file)
    if as_json:
        OUT.print_json(msgspec.json.encode(_for_programs(found)).decode())
        return
    for name, content in _for_people(found):
        OUT.print(f"{name:<9} {content}", markup=False, soft_wrap=True)


def export(
    context: typer.Context,
    file: SessionFile,
    to: Annotated[Target, typer.Option(help="The format.")] = Target.CSV,
    out: Annotated[
        Path | None,
        typer.Option(help="Write to this file.", metavar="FILE", show_default=False),
    ] = None,
) -> None:
    """Write a recorded session as a table: a row for each state, event and line.

    CSV goes to standard output if no file is given.
    """
    load_settings(context)
    from rapport.recording.export import write_csv, write_parquet
    from rapport.recording.session import read

    session = read(file)
    if out is not None and out.exists() and out.samefile(file):
        raise typer.BadParameter(f"--out {out} would overwrite the session itself")
    if to is Target.PARQUET:
        target = out or file.with_suffix(".parquet")
        rows = write_parquet(session, target)
    elif out is None:
        write_csv(session, sys.stdout)
        return
    else:
        target = out
        try:
            with out.open("w", encoding="utf-8", newline="") as stream:
                rows = write_csv(session, stream)
        except OSError as error:
            raise ExportFailed(f"{out} cannot be made: {error.strerror or error}") from error
    ERR.print(f"Wrote {rows} rows to {target}.", markup=False, soft_wrap=True)


def _for_programs(found: "Info") -> dict[str, object]:
    header = msgspec.structs.asdict(found.header)
    del header["dictionary"]  # it serves the reader of the bytes alone
    flaws = [flaw._asdict() for flaw in found.flaws]
    return msgspec.structs.asdict(found) | {"header": header, "flaws": flaws}


def _for_people(found: "Info") -> list[tuple[str, str]]:
    header, counts = found.header, found.counts
    began = datetime.datetime.fromtimestamp(header.start_wall).astimezone()
    scripted = header.source == "simulation"
    states = max(1, counts.states)
    rate = f", {counts.states / found.seconds:.1f} states/s" if found.seconds else ""
    return [
        ("recorded", "by a script" if scripted else f"{began:%Y-%m-%d %H:%M:%S}"),
        ("from", " ".join(part for part in (header.source, header.origin) if part)),
        ("by", f"Rapport {header.rapport}, schema {header.schema}"),
        ("length", f"{found.seconds:.1f} s{rate}"),
        ("holds", f"{counts.states} states, {counts.events} events, {counts.lines} lines"),
        ("size", f"{found.bytes / 1000:.1f} kB"),
        (
            "labels",
            ", ".join(f"{label} {n / states:.0%}" for label, n in found.labels.items()) or "none",
        ),
        ("events", ", ".join(f"{kind} {n}" for kind, n in found.kinds.items()) or "none"),
        *(("warning", f"{flaw.what} [{flaw.code}]") for flaw in found.flaws),
    ]
