"""The commands, the options before them, and how errors are told."""

import logging
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from rapport.cli.analyze import analyze
from rapport.cli.bench import bench
from rapport.cli.consent import consent
from rapport.cli.control import mark, pause, resume, say, status, stop
from rapport.cli.demo import demo
from rapport.cli.devices import devices
from rapport.cli.doctor import doctor
from rapport.cli.keys import keys
from rapport.cli.models import models
from rapport.cli.options import ERR, OUT, Options
from rapport.cli.play import replay, simulate
from rapport.cli.profile import profile
from rapport.cli.record import record
from rapport.cli.run import run
from rapport.cli.sessions import export, info
from rapport.cli.show_config import settings_as_toml
from rapport.cli.trial import try_
from rapport.cli.watch import watch
from rapport.errors import RapportError, SettingsError

_log = logging.getLogger("rapport.cli")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: dict[str, Callable[..., Any]] = {
    "run": run,
    "demo": demo,
    "analyze": analyze,
    "watch": watch,
    "status": status,
    "pause": pause,
    "resume": resume,
    "say": say,
    "mark": mark,
    "stop": stop,
    "record": record,
    "replay": replay,
    "simulate": simulate,
    "try": try_,
    "info": info,
    "export": export,
    "devices": devices,
    "doctor": doctor,
    "bench": bench,
    "keys": keys,
}
"""In the order of the help; `profile`, `consent` and `models` have commands of their own, and come
last."""

for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(profile, name="profile")
app.add_typer(consent, name="consent")
app.add_typer(models, name="models")


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings file (TOML); RAPPORT_CONFIG names one too."),
    ] = None,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print the settings in use as TOML, and end.")
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version, and end.")
    ] = False,
) -> None:
    """Tell a game how its player seems to feel: webcam and microphone in, emotion state out,
    on this machine only."""
    context.obj = Options(config)
    if show_version:
        OUT.print(f"rapport {version('rapport-sidecar')}")
    elif show_config:
        OUT.print(settings_as_toml(config), markup=False, soft_wrap=True)
    elif context.invoked_subcommand is None:
        raise typer.BadParameter("Say what to do, for example `rapport demo`.")
    if show_version or show_config:
        raise typer.Exit


def execute(arguments: list[str] | None = None) -> int:
    """Run the command line (the program's own if none is given); the exit code.

    No exception but Ctrl-C leaves this function.
    """
    try:
        app(arguments, prog_name="rapport")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except RapportError as error:
        tell(error)
        return 2 if isinstance(error, SettingsError) else 1
    except Exception as error:  # noqa: BLE001 - a defect of ours must not end in a traceback either
        _log.debug("an unexpected error", exc_info=True)
        name = type(error).__name__
        tell(RapportError(f"This is a defect in Rapport, please report it: {name}: {error}"))
        return 1
    return 0


def tell(error: RapportError) -> None:
    """What happened, what it means, what to do."""
    ERR.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
    for line in (error.meaning, error.remedy):
        ERR.print(f"  {line}", markup=False, soft_wrap=True)
