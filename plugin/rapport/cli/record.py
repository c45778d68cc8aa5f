"""`rapport record`: ask the running sidecar to write a session file."""

import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.capture.clock import now_ns
from rapport.cli import ctrl_c_ends_at_once
from rapport.cli.consent import APP, NAME
from rapport.cli.options import OUT, SecondsToRun, load_settings
from rapport.cli.run import end_on_signals
from rapport.errors import RecordingFailed

if TYPE_CHECKING:
    from rapport.wire.control_client import Control

SETTLE_S = 2.0
"""How long a sidecar is looked for before saying that there is none."""
LOOK_S = 1.0
"""How often it is looked whether the recording still runs."""


def record(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file.", metavar="FILE")],
    seconds: SecondsToRun = None,
) -> None:
    """Record what a running sidecar publishes, until Ctrl-C: states and events only.

    No picture, no sound and no text is ever in the file. It needs consent:
    `rapport consent grant --recording`.
    """
    wire = load_settings(context).wire
    if file.exists():
        raise RecordingFailed(f"{file} exists already, and is not overwritten")
    if not file.absolute().parent.is_dir():
        raise RecordingFailed(f"{file}: there is no such folder")
    with ctrl_c_ends_at_once():
        from rapport.wire.control_client import connect_control

    end_on_signals()
    with connect_control(APP, NAME, SETTLE_S, wire.runtime_directory or None) as control:
        _record(control, file, seconds)


def _record(control: "Control", file: Path, seconds: float | None) -> None:
    from rapport.wire.requests import StartRecording, StopRecording

    begun = control.ask(StartRecording(name=f"record-{uuid.uuid4().hex[:12]}"))
    try:
        OUT.print(f"Recording to {file}. Ctrl-C ends it.", markup=False, soft_wrap=True)
        with suppress(KeyboardInterrupt):
            _wait(control, begun.name, seconds)
    finally:
        try:
            ended = control.ask(StopRecording())
        finally:  # what a sidecar that is gone has left can be read too
            with suppress(FileNotFoundError):
                _move(Path(begun.path), file)
    OUT.print(
        f"{ended.states} states and {ended.events} events in {file}.",
        markup=False,
        soft_wrap=True,
    )


def _wait(control: "Control", name: str, seconds: float | None) -> None:
    """Wait for the end.

    :raises RecordingFailed: it ended by itself.
    """
    from rapport.wire.requests import GetStatus

    begun_ns = now_ns()
    while seconds is None or now_ns() - begun_ns < seconds * 1e9:
        left_s = LOOK_S if seconds is None else seconds - (now_ns() - begun_ns) / 1e9
        time.sleep(max(0.0, min(LOOK_S, left_s)))
        if control.ask(GetStatus()).recording != name:
            raise RecordingFailed("the recording has ended; the sidecar's events say why")


def _move(written: Path, file: Path) -> None:
    """The sidecar writes to its own folder only; a path is never sent to it."""
    try:
        shutil.move(written, file)
    except OSError as error:
        if not written.exists():
            raise
        raise RecordingFailed(
            f"it could not be moved to {file} and lies at {written}: {error.strerror or error}"
        ) from error
