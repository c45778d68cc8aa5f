"""`rapport demo`: the whole way from a clip to a reader of the wire, with nothing plugged in."""

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import rapport
from rapport.cli import ctrl_c_ends_at_once
from rapport.cli.options import (
    ERR,
    Profiles,
    SecondsToRun,
    configure_log,
    load_settings,
    on_terminal,
)
from rapport.cli.run import characters, end_on_signals
from rapport.cli.watch import follow
from rapport.conversation.transcript import read_transcript
from rapport.state import EventKind

CLIP = Path(rapport.__file__).parent / "media" / "demo.mp4"
"""A public-domain portrait made to move, with a synthetic voice (`tools/make_demo_clip.py`)."""


class Scene(StrEnum):
    """What is played."""

    TOUR = "tour"
    SARCASM = "sarcasm"


CLIPS = {Scene.TOUR: CLIP, Scene.SARCASM: CLIP.with_name("sarcasm.mp4")}
TRANSCRIPTS = {Scene.SARCASM: CLIP.with_name("sarcasm.jsonl")}


def demo(
    context: typer.Context,
    scene: Annotated[
        Scene,
        typer.Option(
            help="A tour of faces, voices, light and noise; or kind words meant otherwise."
        ),
    ] = Scene.TOUR,
    seconds: SecondsToRun = None,
    profile: Profiles = None,
) -> None:
    """Play a packaged clip like a camera, publish, and show what a reader receives.

    Nothing is captured: neither camera nor microphone is opened. Ctrl-C ends.
    """
    settings = load_settings(context)
    if on_terminal() and settings.log.level == "info":
        configure_log("warning")  # the view shows the events
    profiles = characters(profile)
    said = read_transcript(TRANSCRIPTS[scene]) if scene in TRANSCRIPTS else ()
    with ctrl_c_ends_at_once():
        from rapport.sidecar.live import Sidecar
        from rapport.wire.client import Client
        from rapport.wire.discovery import Place

    end_on_signals()
    with (
        suppress(KeyboardInterrupt),
        Sidecar(settings, CLIPS[scene], loop=True, profiles=profiles, transcript=said) as sidecar,
    ):
        for event in sidecar.publisher.events_since(0):
            if event.kind is EventKind.EXPERT_FAILED:
                _note(f"{event.detail} The demo shows what is left.")
        status = sidecar.status()
        read = sidecar.guard.keys.credentials("read")
        with Client(Place(status.state_address, status.events_address, read)) as client:
            follow(client, "rapport demo", seconds)


def _note(text: str) -> None:
    ERR.print(f"note: {text}", style="yellow", markup=False, soft_wrap=True)
