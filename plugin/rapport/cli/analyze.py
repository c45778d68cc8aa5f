"""`rapport analyze`: a whole clip offline, as text for people or JSON lines for programs."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from rapport.cli.options import ERR, load_settings
from rapport.cli.summary import Summary, print_summary
from rapport.state import EmotionState


class Format(StrEnum):
    """How the result is written."""

    TEXT = "text"
    JSONL = "jsonl"


def analyze(
    context: typer.Context,
    clip: Annotated[Path, typer.Argument(help="A file with video or sound.", metavar="CLIP")],
    format: Annotated[
        Format, typer.Option(help="A summary, or one JSON state per line.")
    ] = Format.TEXT,
    transcript: Annotated[
        Path | None,
        typer.Option(
            help="What is said in it: JSON lines, see docs/conversation.md.", metavar="FILE"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write to this file and not to standard output.", metavar="FILE"),
    ] = None,
) -> None:
    """Read a whole clip offline, as fast as it goes.

    The same clip and models give the same states. Times count from the start of the clip.
    """
    settings = load_settings(context)
    from rapport.capture.clip import read_clip
    from rapport.conversation.transcript import read_transcript
    from rapport.sidecar.offline import analyze as states_of

    info = read_clip(clip)
    said = () if transcript is None else read_transcript(transcript)
    states = _with_progress(states_of(clip, settings, said), info.duration_s)
    with _opened(out, clip) as stream:
        if format is Format.JSONL:
            _write_lines(states, stream)
            return
        summary = Summary()
        for state in states:
            summary.add(state)
        print_summary(summary, clip.name, Console(file=stream, highlight=False))


@contextmanager
def _opened(out: Path | None, clip: Path) -> Iterator[TextIO]:
    """Where to write; opened before the work, which may take an hour, and not after it."""
    if out is None:
        yield sys.stdout
        return
    if out.exists() and out.samefile(clip):
        raise typer.BadParameter(f"--out {out} would overwrite the clip itself")
    try:
        stream = out.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"--out {out}: {error.strerror}") from error
    with stream:
        yield stream


def _write_lines(states: Iterable[EmotionState], stream: TextIO) -> None:
    encoder = msgspec.json.Encoder()
    stream.writelines(encoder.encode(state).decode() + "\n" for state in states)


def _with_progress(
    states: Iterator[EmotionState], duration_s: float | None
) -> Iterator[EmotionState]:
    """The states, with a bar on standard error if that is a terminal."""
    columns = (TextColumn("analyzing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    hidden = not sys.stderr.isatty()
    with Progress(*columns, console=ERR, transient=True, disable=hidden) as progress:
        bar = progress.add_task("", total=duration_s)
        for state in states:
            progress.update(bar, completed=state.captured_ns / 1e9)
            yield state
