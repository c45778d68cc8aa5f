"""How the record of consent is shown on a terminal."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rich import box
from rich.table import Table
from rich.text import Text

from rapport.consent.entries import Entry, Grant


def grants_table(grants: Iterable[Grant]) -> Table:
    """What holds now, one permission a line."""
    table = _table("application", "permission", "since", "until", "given by", "text")
    for grant in grants:
        table.add_row(
            *_plain(
                _application(grant.app, grant.name),
                grant.permission,
                _local(grant.granted_wall),
                _local(grant.until_wall),
                grant.by,
                f"{grant.text_version} {grant.language}",
            )
        )
    return table


def history_table(entries: Iterable[Entry]) -> Table:
    """Every answer, oldest first."""
    table = _table("when", "what", "application", "permissions", "until", "by", "text")
    for entry in entries:
        table.add_row(
            *_plain(
                _local(entry.at_wall),
                entry.action,
                _application(entry.app, entry.name) or "every",
                ", ".join(entry.permissions),
                _local(entry.until_wall) if entry.until_wall else "",
                entry.by,
                f"{entry.text_version} {entry.language}".strip(),
            )
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _plain(*cells: str) -> list[Text]:
    """Cells in which nothing is markup: a game chose its name."""
    return [Text(cell) for cell in cells]


def _application(app: str, name: str) -> str:
    return f"{name} ({app})" if name and name != app else app


def _local(wall: float) -> str:
    try:
        return datetime.fromtimestamp(wall, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return "?"
