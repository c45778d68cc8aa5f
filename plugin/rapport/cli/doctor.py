"""`rapport doctor`: what works, what does not, what to do."""

from collections.abc import Iterator

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from rapport.cli.checks import Finding, Verdict, findings
from rapport.cli.options import OUT, AsJson, load_settings
from rapport.errors import SettingsError
from rapport.settings import Settings

STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what works, what does not, and what to do. Exit code 1: something essential fails.

    Neither camera nor microphone is opened, and nothing leaves this machine.
    """
    found = list(_all(context))
    fine = all(finding.verdict is not Verdict.FAIL for finding in found)
    if as_json:
        OUT.print_json(msgspec.json.encode({"ok": fine, "findings": found}).decode())
    else:
        OUT.print(_table(found))
        OUT.print(_conclusion(found))
    if not fine:
        raise typer.Exit(1)


def _all(context: typer.Context) -> Iterator[Finding]:
    """The findings; wrong settings are one of them, and the rest is tried with the defaults."""
    try:
        settings = load_settings(context)
    except SettingsError as error:
        settings = Settings()
        yield Finding("settings", Verdict.FAIL, str(error), error.remedy)
    else:
        yield Finding("settings", Verdict.OK, "valid")
    yield from findings(settings)


def _table(found: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        said = Text(finding.found)
        if finding.remedy:
            said.append(f"\n{finding.remedy}", "bold")
        table.add_row(Text(finding.verdict, STYLES[finding.verdict]), finding.check, said)
    return table


def _conclusion(found: list[Finding]) -> Text:
    fails = sum(finding.verdict is Verdict.FAIL for finding in found)
    warns = sum(finding.verdict is Verdict.WARN for finding in found)
    if fails:
        return Text(f"\n{fails} essential things fail; Rapport will not work.", "bold red")
    if warns:
        return Text(f"\nRapport works; {warns} things could be better.", "yellow")
    return Text("\nEverything works.", "green")
