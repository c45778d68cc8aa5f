"""`rapport replay` and `rapport simulate`: states without a camera, on the same endpoints."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.cli import ctrl_c_ends_at_once
from rapport.cli.options import ERR, OUT, Profiles, SecondsToRun, load_settings
from rapport.cli.run import characters, end_on_signals
from rapport.errors import RecordingUnreadable

if TYPE_CHECKING:
    from rapport.recording.tables import Item
    from rapport.settings import Settings
    from rapport.sidecar.profile_files import ProfileFile

SPEED_MIN, SPEED_MAX = 0.05, 100.0

Speed = Annotated[
    float, typer.Option(help="2 plays in half the time.", min=SPEED_MIN, max=SPEED_MAX)
]
Loop = Annotated[bool, typer.Option("--loop", help="Play it again and again.")]


def replay(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A recorded session.", metavar="FILE")],
    speed: Speed = 1.0,
    loop: Loop = False,
    seconds: SecondsToRun = None,
    profile: Profiles = None,
) -> None:
    """Publish a recorded session as if it happened now; nothing is captured.

    Programs find it like a live sidecar; its states say `replay`.
    """
    settings = load_settings(context)
    from rapport.recording.session import info, read

    found = info(file)
    if not found.counts.states:
        raise RecordingUnreadable(f"{file} holds no state that could be played")
    for flaw in found.flaws:
        ERR.print(f"note: {flaw.what} [{flaw.code}]", style="yellow", markup=False)
    session = read(file)
    told = f"Playing {file} ({found.seconds:.1f} s)"
    cast = characters(profile)
    _play(settings, lambda: session, "replay", told, speed, loop, seconds, cast)


def simulate(
    context: typer.Context,
    script: Annotated[
        str | None,
        typer.Argument(
            help="A script (TOML), or the name of one that comes with Rapport.",
            metavar="SCRIPT",
            show_default=False,
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the scripts, and end.")] = False,
    seed: Annotated[int, typer.Option(help="Of the chance in the readings.", min=0)] = 0,
    speed: Speed = 1.0,
    loop: Loop = False,
    seconds: SecondsToRun = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a session file instead, at once.", metavar="FILE"),
    ] = None,
    profile: Profiles = None,
) -> None:
    """Publish what a scripted player feels; the same script and seed give the same states.

    Nothing is captured. Gate, fusion and events are those of the live sidecar; its states say
    `replay`.
    """
    settings = load_settings(context)
    with ctrl_c_ends_at_once():
        from rapport.experts.store import Store
        from rapport.recording.script import load, shipped
        from rapport.recording.writer import write_session
        from rapport.sidecar import simulation
        from rapport.sidecar.assembly import gate_parameters, judging

    if listed:
        for name, known in shipped().items():
            OUT.print(f"{name:<22} {known.seconds:3.0f} s  {known.title}", markup=False)
        return
    if script is None:
        raise typer.BadParameter("Name a script; `rapport simulate --list` shows some.")
    if out is not None and profile:
        raise typer.BadParameter(
            "--profile and --out contradict each other: no reaction is written; see `rapport try`"
        )
    cast = characters(profile)
    loaded = load(script)

    store = Store(settings.models)
    gate, by = gate_parameters(store), judging(store)

    def items() -> "Iterable[Item]":
        return simulation.simulate(loaded, settings.fusion, seed, gate, by)

    if out is not None:
        counts = write_session(out, simulation.header(loaded.title), items())
        OUT.print(
            f"Wrote {counts.states} states and {counts.events} events to {out}.",
            markup=False,
            soft_wrap=True,
        )
        return
    told = f"Playing {loaded.title} ({loaded.seconds:.1f} s, seed {seed})"
    _play(settings, items, "simulation", told, speed, loop, seconds, cast)


def _play(
    settings: "Settings",
    items: "Callable[[], Iterable[Item]]",
    source: str,
    told: str,
    speed: float,
    loop: bool,
    seconds: float | None,
    profiles: "tuple[ProfileFile, ...]",
) -> None:
    with ctrl_c_ends_at_once():
        from rapport.recording.player import timeline
        from rapport.sidecar.playback import Playback
        from rapport.wire import discovery
        from rapport.wire.claim import claimed

    runtime = discovery.directory(settings.wire.runtime_directory or None)
    end_on_signals()
    with (
        suppress(KeyboardInterrupt),
        claimed(runtime),
        Playback(settings, timeline(items, loop), source, speed, profiles) as playback,
    ):
        status = playback.status()
        OUT.print(
            f"{told}{' again and again' if loop else ''}. States on {status.state_address}, "
            f"events on {status.events_address}. Ctrl-C stops.",
            markup=False,
            soft_wrap=True,
        )
        playback.wait(seconds)
    OUT.print("Stopped.")
