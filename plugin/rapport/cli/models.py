"""`rapport models`: which models there are, and fetching those that do not come with Rapport."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
import typer
from rich import box
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from rapport.cli.options import ERR, OUT, AsJson, load_settings
from rapport.errors import ModelError, ModelMissing
from rapport.settings import Settings

if TYPE_CHECKING:
    from rapport.experts.store import Entry, Store

models = typer.Typer(no_args_is_help=True, help="List the models, or fetch those that are missing.")

MEGABYTE = 1_000_000


@models.command("list")
def list_models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models with their licence and whether they are here, whole and genuine."""
    settings = load_settings(context)
    from rapport.experts.store import Store, manifest

    store = Store(settings.models)
    rows = [(entry, _where(store, entry.id)) for entry in manifest().values()]
    if as_json:
        listed = [msgspec.to_builtins(entry) | where._asdict() for entry, where in rows]
        OUT.print_json(msgspec.json.encode(listed).decode())
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for column in ("model", "version", "size", "licence", "commercial use", "state"):
        table.add_column(column, no_wrap=column in ("model", "size"), overflow="fold")
    for entry, where in rows:
        style = "green" if where.state == "here" else "yellow"
        table.add_row(
            entry.id,
            entry.version,
            megabytes(entry),
            entry.licence,
            entry.commercial_use,
            f"[{style}]{where.state}[/]",
        )
    OUT.print(table)


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
        return Where("here", str(store.path(model_id)), "")
    except ModelMissing as error:
        return Where("missing", "", error.code)
    except ModelError as error:
        return Where("refused", "", error.code)
