"""`rapport models`: which models there are, and fetching those that do not come with Rapport."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
import typer
from rich import box
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from rapport.cli.options import ERR, OUT, AsJson, load_settings
from rapport.errors import ModelError, ModelMissing
from rapport.settings import Settings

if TYPE_CHECKING:
    from rapport.experts.manifest import Entry
    from rapport.experts.store import Store

models = typer.Typer(no_args_is_help=True, help="List the models, or fetch those that are missing.")

MEGABYTE = 1_000_000


@models.command("list")
def list_models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models: what each is for, its licence, and whether it is here, whole and genuine.

    Below it says why a model is not cleared for commercial use; where
    `models.licence_policy = "commercial"` refuses it, the table says so.
    """
    settings = load_settings(context)
    from rapport.experts.licence import is_cleared
    from rapport.experts.store import Store, manifest

    store = Store(settings.models)
    rows = [
        (entry, _where(store, entry.id), is_cleared(entry, settings.models))
        for entry in manifest().values()
    ]
    if as_json:
        listed = [
            msgspec.to_builtins(entry) | where._asdict() | {"refused": not cleared}
            for entry, where, cleared in rows
        ]
        OUT.print_json(msgspec.json.encode(listed).decode())
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column("model", no_wrap=True)
    table.add_column("v")
    table.add_column("what it is for", overflow="fold", ratio=1)
    table.add_column("licence", overflow="fold", min_width=12)
    table.add_column("commercial", no_wrap=True)
    table.add_column("file", no_wrap=True)
    table.add_column("size", no_wrap=True, justify="right")
    for entry, where, cleared in rows:
        state = where.state if cleared else "refused"
        table.add_row(
            entry.id,
            entry.version,
            escape(entry.task),
            escape(entry.licence),
            entry.commercial_use,
            f"[{'green' if state == 'here' else 'yellow'}]{state}[/]",
            megabytes(entry),
        )
    OUT.print(table)
    for entry, _, _ in rows:
        if entry.commercial_use != "yes":
            OUT.print(f"\n{entry.id}: {entry.commercial_use_reason}", markup=False)


@models.command("pull")
def pull_models(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Which; all that are missing if none is named.", metavar="[MODEL]..."),
    ] = None,
) -> None:
    """Fetch the models that do not come with Rapport; a broken download goes on where it stopped.

    What arrives is only kept if its SHA-256 is the published one.
    """
    settings = load_settings(context)
    from rapport.experts.store import manifest

    known = manifest()
    for name in names or []:
        if name not in known:
            raise typer.BadParameter(f"there is no model {name!r}; there are {', '.join(known)}")
        if not known[name].url:
            raise typer.BadParameter(f"{name} comes with Rapport; if it is missing, install again")
    missing = [entry for entry in missing_models(settings) if not names or entry.id in names]
    for entry in missing:
        path = fetch_model(entry)
        OUT.print(f"{entry.id} {entry.version} is here: {path}", markup=False, soft_wrap=True)
    if not missing:
        OUT.print("Nothing to fetch: all of them are here.")


def missing_models(settings: Settings) -> list["Entry"]:
    """The models that can be fetched and are not here, or not as published."""
    from rapport.experts.store import Store, manifest

    store = Store(settings.models)
    return [e for e in manifest().values() if e.url and _where(store, e.id).state != "here"]


def fetch_model(entry: "Entry") -> Path:
    """Fetch one, with a bar on standard error if that is a terminal.

    :raises DownloadFailed: as `rapport.experts.download.download`.
    """
    from rapport.experts.download import download
    from rapport.experts.store import downloads_directory

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    hidden = not sys.stderr.isatty()
    with Progress(*columns, console=ERR, transient=True, disable=hidden) as progress:
        bar = progress.add_task(entry.id, total=entry.bytes)
        return download(
            entry, downloads_directory(), lambda done, _total: progress.update(bar, completed=done)
        )


def megabytes(entry: "Entry") -> str:
    """How large a model is, in words."""
    return f"{entry.bytes / MEGABYTE:.1f} MB"


class Where(NamedTuple):
    """Whether a model is here; `path` is empty if not, `error` the code of why."""

    state: str
    path: str
    error: str


def _where(store: "Store", model_id: str) -> Where:
    try:
        return Where("here", str(store.where(model_id)), "")
    except ModelMissing as error:
        return Where("missing", "", error.code)
    except ModelError as error:
        return Where("damaged", "", error.code)
