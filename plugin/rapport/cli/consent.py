"""`rapport consent`: what the player allows, and taking it back."""

import locale
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from rapport.capture.clock import wall
from rapport.cli.options import ERR, OUT, AsJson, load_settings
from rapport.errors import ConsentRefused

if TYPE_CHECKING:
    from rapport.consent.entries import Permission
    from rapport.consent.gatekeeper import Gatekeeper
    from rapport.consent.page import Answer
    from rapport.settings import Settings

consent = typer.Typer(
    no_args_is_help=True, help="See what games are allowed, allow it, or take it back."
)

APP, NAME = "rapport", "Rapport"
"""The application that the command line itself is."""
PAGE_S = 300.0
"""How long the page waits for an answer."""

App = Annotated[str, typer.Option(help="Id of the game; this command line itself if not given.")]
Name = Annotated[str, typer.Option(help="What the game is called.", show_default=False)]
Camera = Annotated[bool, typer.Option("--camera", help="The camera.")]
Microphone = Annotated[bool, typer.Option("--microphone", help="The microphone.")]
Recording = Annotated[bool, typer.Option("--recording", help="Saving states to a file.")]
Words = Annotated[
    bool, typer.Option("--text", help="Sending words to a language model on another machine.")
]
Language = Annotated[
    str | None,
    typer.Option(help="Language of the text, such as de; the system's if not given."),
]
Days = Annotated[
    float | None,
    typer.Option(
        help="How long it holds; a year if not given.", min=0.01, max=366.0, show_default=False
    ),
]


@consent.command("show")
def show(
    context: typer.Context,
    as_json: AsJson = False,
    history: Annotated[
        bool, typer.Option("--history", help="Everything that was ever answered.")
    ] = False,
) -> None:
    """Show what is allowed now, to which game, since when and until when."""
    gatekeeper = _gatekeeper(load_settings(context))
    from rapport.cli.consent_tables import grants_table, history_table

    entries = gatekeeper.ledger.current()
    grants = gatekeeper.grants(None, wall())
    if as_json:
        listed = {"ledger": str(gatekeeper.ledger.path), "grants": grants}
        OUT.print_json(
            msgspec.json.encode(listed | {"history": entries} if history else listed).decode()
        )
        return
    if history:
        OUT.print(history_table(entries) if entries else "Nothing was ever answered.")
    elif grants:
        OUT.print(grants_table(grants))
    else:
        OUT.print("Nothing is allowed: no camera and no microphone is opened.")
    OUT.print(f"Kept in {gatekeeper.ledger.path}", style="dim", markup=False, soft_wrap=True)


@consent.command("grant")
def grant(
    context: typer.Context,
    app: App = APP,
    name: Name = "",
    camera: Camera = False,
    microphone: Microphone = False,
    recording: Recording = False,
    words: Words = False,
    language: Language = None,
    days: Days = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: for scripts of the player's own.")
    ] = False,
) -> None:
    """Read the text, and allow a game (or this command line) what it asks for.

    Each thing is asked for by itself: those that are named, or all; but words only where the
    settings let them leave this machine (appraiser.remote).
    """
    settings = load_settings(context)
    gatekeeper = _gatekeeper(settings)
    named = _named(camera, microphone, recording, words)
    if yes and not named:
        raise typer.BadParameter("--yes needs --camera, --microphone, --recording or --text")
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter(
            "the player is asked on a terminal, and this is none; "
            "--yes is for scripts of the player's own"
        )
    from rapport.consent import text
    from rapport.consent.gatekeeper import checked_app

    checked_app(app)
    language = text.find(language) if language else text.best(_players_language())
    name = text.printable(name) or _name(app)
    shown = text.shown(language, name)
    OUT.print(shown.title, style="bold", markup=False)
    OUT.print(f"\n{shown.body}\n", markup=False)
    allowed = []
    for permission in named or _askable(settings):
        sentence = shown.permissions[permission]
        if yes:
            OUT.print(sentence, markup=False)
        if yes or typer.confirm(sentence, default=False):
            allowed.append(permission)
    if not allowed:
        raise ConsentRefused(f"Nothing was allowed to {name}.")
    gatekeeper.grant(
        app, name, allowed, language, shown.version, days, by="command line", now_wall=wall()
    )
    OUT.print(f"Allowed to {name}: {', '.join(allowed)}.", markup=False)


@consent.command("revoke")
def revoke(
    context: typer.Context,
    app: Annotated[
        str | None, typer.Option(help="Id of the game; every game if not given.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every game, which is the default.")] = False,
    camera: Camera = False,
    microphone: Microphone = False,
    recording: Recording = False,
    words: Words = False,
) -> None:
    """Take back, at once, what was allowed: everything, or what is named.

    A running sidecar closes the devices by itself.
    """
    if every and app is not None:
        raise typer.BadParameter("--all and --app contradict each other")
    gatekeeper = _gatekeeper(load_settings(context))
    named = _named(camera, microphone, recording, words)
    gatekeeper.revoke(app, named or None, by="command line", now_wall=wall())
    what = ", ".join(named) or "everything"
    OUT.print(f"Taken back from {app or 'every game'}: {what}.", markup=False)


@consent.command("text")
def show_text(context: typer.Context, language: Language = None, name: Name = NAME) -> None:
    """Print the text that players are shown."""
    load_settings(context)
    from rapport.consent import text

    shown = text.shown(language or text.best(_players_language()), name)
    for part in (shown.title, shown.body, *shown.permissions.values(), f"({shown.version})"):
        OUT.print(f"{part}\n", markup=False)


@consent.command("page")
def page(
    context: typer.Context,
    app: App = APP,
    name: Name = "",
    language: Language = None,
    days: Days = None,
    browser: Annotated[
        bool, typer.Option(help="Open the page in the browser, or only say where it is.")
    ] = True,
    seconds: Annotated[
        float, typer.Option(min=1.0, max=3600.0, help="How long to wait for the answer.")
    ] = PAGE_S,
) -> None:
    """Ask on a page in the browser, in the player's language. The page is only on this machine.

    What is ticked there is allowed; what is not is not, even if it was before.
    """
    settings = load_settings(context)
    gatekeeper = _gatekeeper(settings)
    from rapport.consent import text
    from rapport.consent.entries import PERMISSIONS
    from rapport.consent.gatekeeper import checked_app
    from rapport.consent.page import ConsentPage

    checked_app(app)
    name = text.printable(name) or _name(app)

    def keep(answer: "Answer") -> None:
        refused = [each for each in PERMISSIONS if each not in answer.permissions]
        if refused:
            gatekeeper.revoke(app, refused, by="page", now_wall=wall())
        if answer.permissions:
            gatekeeper.grant(
                app,
                name,
                answer.permissions,
                answer.language,
                text.VERSION,
                days,
                by="page",
                now_wall=wall(),
            )

    opens_in = text.find(language) if language else text.best(_players_language())
    with ConsentPage(app, name, opens_in, keep, _askable(settings)) as asking:
        OUT.print(f"The question is at {asking.url}", markup=False, soft_wrap=True)
        if browser and not webbrowser.open(asking.url):
            ERR.print("No browser could be opened; open that address in one.")
        answer = asking.wait(seconds)
    if answer is None:
        raise ConsentRefused(f"Nobody answered on the page for {name}.")
    allowed = ", ".join(answer.permissions)
    OUT.print(f"Allowed to {name}: {allowed or 'nothing'}.", markup=False)


@consent.command("export")
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file: one JSON object a line.")],
) -> None:
    """Copy the record of everything that was ever answered."""
    gatekeeper = _gatekeeper(load_settings(context))
    if not gatekeeper.ledger.path.exists():
        raise typer.BadParameter("nothing was ever answered, so there is nothing to copy")
    if file.exists():
        raise typer.BadParameter(f"{file} is there already")
    size = gatekeeper.export(file)
    OUT.print(f"{file}: {size} bytes", markup=False, soft_wrap=True)


@consent.command("erase")
def erase(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove the record of everything that was ever answered; nothing is allowed then."""
    gatekeeper = _gatekeeper(load_settings(context))
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("without a terminal to ask on, say --yes")
    if not yes:
        typer.confirm("Remove the whole record? Nothing is allowed then.", abort=True)
    gatekeeper.erase(by="command line", now_wall=wall())
    OUT.print("The record is empty. Nothing is allowed.")


def _gatekeeper(settings: "Settings") -> "Gatekeeper":
    from rapport.consent.gatekeeper import Gatekeeper
    from rapport.consent.ledger import Ledger

    return Gatekeeper(Ledger(settings.consent))


def _askable(settings: "Settings") -> "tuple[Permission, ...]":
    """What there is a use for."""
    from rapport.consent.entries import PERMISSIONS

    leaves = settings.appraiser.enabled and settings.appraiser.remote
    return tuple(each for each in PERMISSIONS if each != "text" or leaves)


def _named(camera: bool, microphone: bool, recording: bool, words: bool) -> "list[Permission]":
    asked: dict[Permission, bool] = {
        "camera": camera,
        "microphone": microphone,
        "recording": recording,
        "text": words,
    }
    return [permission for permission, is_asked in asked.items() if is_asked]


def _name(app: str) -> str:
    return NAME if app == APP else app


def _players_language() -> str:
    """The language of the player's system, as `de_DE.UTF-8` or empty."""
    if sys.platform == "win32":
        import ctypes

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return locale.windows_locale.get(number, "")
    return next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
