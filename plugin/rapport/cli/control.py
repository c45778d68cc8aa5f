"""`rapport status`, `pause`, `resume`, `say`, `mark`, `stop`: what the running sidecar is told."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from rapport.cli import ctrl_c_ends_at_once
from rapport.cli.consent import APP, NAME
from rapport.cli.options import OUT, AsJson, load_settings

if TYPE_CHECKING:
    from rapport.conversation.utterance import Role
    from rapport.wire.answers import Status
    from rapport.wire.control_client import Control

SETTLE_S = 2.0
"""How long a sidecar is looked for before saying that there is none."""

WHY = {
    "consent_missing": "not allowed by the player",
    "lease_missing": "no game holds a lease",
    "paused": "paused",
    "duty_off": "switched off by the game",
    "disabled": "switched off in the settings",
}
"""Why a device is not open, in words, by the code of the status."""


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """What the running sidecar does: what is open, for whom, and why the rest is not."""
    from rapport.wire.requests import GetStatus

    with _control(context) as control:
        _print(control.ask(GetStatus()), as_json)


def pause(context: typer.Context) -> None:
    """Stop all capture at once, for every game, until `rapport resume`."""
    from rapport.wire.requests import Pause

    with _control(context) as control:
        _print(control.ask(Pause()))


def resume(context: typer.Context) -> None:
    """End a pause: what the player allows is captured again."""
    from rapport.wire.requests import Resume

    with _control(context) as control:
        _print(control.ask(Resume()))


def stop(context: typer.Context) -> None:
    """End the running sidecar."""
    from rapport.wire.requests import Shutdown

    with _control(context) as control:
        control.ask(Shutdown())
    OUT.print("The sidecar ends.")


def say(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What was said.")],
    speaker: Annotated[str, typer.Option(help="Who said it.")] = "player",
    npc: Annotated[bool, typer.Option("--npc", help="A character said it.")] = False,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.0, max=600.0, help="How long it took, up to now.", show_default=False),
    ] = None,
) -> None:
    """Tell the running sidecar a line of dialogue, as a game does."""
    from rapport.wire.requests import Say

    role: Role = "npc" if npc else "player"
    with _control(context) as control:
        control.ask(Say(speaker=speaker, text=text, role=role, seconds=seconds))


def mark(
    context: typer.Context,
    moment: Annotated[str, typer.Argument(help="Its name: letters, digits, dots, dashes.")],
) -> None:
    """Name a moment: from now on, states say how the player has taken it."""
    from rapport.wire.requests import Mark

    with _control(context) as control:
        control.ask(Mark(moment=moment))


def _control(context: typer.Context) -> "Control":
    wire = load_settings(context).wire
    with ctrl_c_ends_at_once():
        from rapport.wire.control_client import connect_control

    return connect_control(APP, NAME, SETTLE_S, wire.runtime_directory or None)


def _print(now: "Status", as_json: bool = False) -> None:
    if as_json:
        OUT.print(msgspec.json.encode(now).decode(), markup=False, soft_wrap=True)
        return
    capturing = ", ".join(str(modality) for modality in now.capturing) or "nothing"
    closed = sorted(now.waiting_for.items())
    lines = [
        f"open       {capturing}{' (paused)' if now.paused else ''}",
        f"source     {now.source}",
        *(f"{device:<10} closed: {WHY.get(code, code)}" for device, code in closed),
    ]
    lines += [
        f"games      {', '.join(now.applications) or 'none holds a lease'}",
        f"duty       {now.duty}" + (f", {now.budget_ms:g} ms a frame" if now.budget_ms else ""),
        f"baseline   {now.baseline}",
        f"recording  {now.recording or 'none'}",
        f"process    {now.pid}",
        f"states on  {now.state_address}",
        f"events on  {now.events_address}",
    ]
    for line in lines:
        OUT.print(line, markup=False, soft_wrap=True)
