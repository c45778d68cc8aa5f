"""What all commands share: the options before the command, the consoles, the log."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import MemoryHandler
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from rapport import settings

OUT = Console(highlight=False)
"""Standard output: what the command was asked for."""
ERR = Console(stderr=True, highlight=False)
"""Standard error: errors, the log, progress."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
SecondsToRun = Annotated[
    float | None,
    typer.Option("--seconds", min=0.1, help="End after this many seconds.", show_default=False),
]
Profiles = Annotated[
    list[str] | None,
    typer.Option(
        "--profile",
        help="A character reacts by this profile (TOML or JSON), or preset; read again when saved.",
        metavar="NPC=FILE",
        show_default=False,
    ),
]


class Options(msgspec.Struct, frozen=True):
    """The options before the command."""

    config: Path | None = None


def load_settings(context: typer.Context) -> settings.Settings:
    """The settings of this run; the log is told how much to say.

    :raises SettingsUnreadable, SettingsInvalid: as `rapport.settings.load`.
    """
    options: Options = context.obj
    loaded = settings.load(options.config)
    configure_log(loaded.log.level)
    return loaded


def configure_log(level: str) -> None:
    """Send Rapport's log, and nobody else's, to standard error in short lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%X"))
    log = logging.getLogger("rapport")
    log.handlers = [handler]
    log.setLevel(level.upper())
    log.propagate = False


@contextmanager
def log_held_back() -> Iterator[None]:
    """Keep the log off the screen while a live view has it; warnings are printed afterwards."""
    log = logging.getLogger("rapport")
    shown, level = log.handlers, log.level
    kept = MemoryHandler(capacity=1000, flushLevel=logging.CRITICAL + 1)
    log.handlers = [kept]
    log.setLevel(max(level, logging.WARNING))
    try:
        yield
    finally:
        log.handlers = shown
        log.setLevel(level)
        for record in kept.buffer:
            log.handle(record)


def on_terminal() -> bool:
    """Whether standard output is a terminal on which a view can be redrawn."""
    return sys.stdout.isatty() and not OUT.is_dumb_terminal
