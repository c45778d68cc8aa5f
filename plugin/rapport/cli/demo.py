"""`rapport demo`: the whole way from a clip to a reader of the wire, with nothing plugged in."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import typer

import rapport
from rapport.cli.models import fetch_model, megabytes, missing_models
from rapport.cli.options import ERR, SecondsToRun, configure_log, load_settings, on_terminal
from rapport.cli.run import end_on_signals
from rapport.cli.watch import follow
from rapport.errors import DownloadFailed
from rapport.settings import Settings
from rapport.state import EventKind

CLIP = Path(rapport.__file__).parent / "media" / "demo.mp4"
"""A public-domain portrait made to move, with a synthetic voice (`tools/make_demo_clip.py`)."""


def demo(context: typer.Context, seconds: SecondsToRun = None) -> None:
    """Play the packaged clip like a camera, publish, and show what a reader receives.

    Nothing is captured: neither camera nor microphone is opened. Ctrl-C ends.
    """
    settings = load_settings(context)
    if on_terminal() and settings.log.level == "info":
        configure_log("warning")  # the view shows the events
    _fetch_models(settings)
    from rapport.sidecar.live import Sidecar
    from rapport.wire.client import Client

    end_on_signals()
    with suppress(KeyboardInterrupt), Sidecar(settings, CLIP, loop=True) as sidecar:
        for event in sidecar.publisher.events_since(0):
            if event.kind is EventKind.EXPERT_FAILED:
                _note(f"{event.detail} The demo shows what the other signal gives.")
        status = sidecar.status()
        with Client(status.state_address, status.events_address) as client:
            follow(client, "rapport demo", seconds)


def _fetch_models(settings: Settings) -> None:
    """Fetch what does not come with Rapport; without it the demo shows less, and says so."""
    for entry in missing_models(settings):
        host = urlsplit(entry.url).hostname
        _note(f"the model {entry.id} ({megabytes(entry)}) is not here yet; fetching it from {host}")
        try:
            fetch_model(entry)
        except DownloadFailed as error:
            _note(str(error))


def _note(text: str) -> None:
    ERR.print(f"note: {text}", style="yellow", markup=False, soft_wrap=True)
