"""`rapport watch`: what a running sidecar publishes, as a live view, or as a line a second and one
for each event."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import typer
from rich.live import Live

from rapport.capture.clock import now_ns
from rapport.cli import words
from rapport.cli.options import OUT, SecondsToRun, load_settings, log_held_back, on_terminal
from rapport.cli.stream import Stream
from rapport.cli.view import draw
from rapport.errors import SidecarSilent

if TYPE_CHECKING:
    from rapport.wire.client import Client

REDRAW_S = 1 / 12
"""Time between two drawings of the live view: fluent for the eye, and cheaper than to draw every
state."""
LINE_S = 1.0
SETTLE_S = 2.0
"""How long a sidecar is looked for before saying that there is none."""


def watch(context: typer.Context, seconds: SecondsToRun = None) -> None:
    """Watch a running sidecar in the terminal; Ctrl-C ends.

    When the sidecar goes away, this waits for the next one. Without a terminal, it prints one
    line a second, and one for each event.
    """
    wire = load_settings(context).wire
    from rapport.wire.client import connect

    with suppress(KeyboardInterrupt), connect(SETTLE_S, wire.runtime_directory or None) as client:
        follow(client, "rapport watch", seconds)


def follow(client: "Client", title: str, seconds: float | None = None) -> None:
    """Show what a client receives, until the time is over or Ctrl-C."""
    stream = Stream()
    begun_ns = now_ns()
    show = _draw if on_terminal() else _print
    try:
        show(client, stream, title, seconds)
    finally:
        _sum_up(stream, (now_ns() - begun_ns) / 1e9)


def _draw(client: "Client", stream: Stream, title: str, seconds: float | None) -> None:
    with log_held_back(), Live(console=OUT, screen=True, auto_refresh=False) as live:
        for at_ns in _beats(client, stream, REDRAW_S, seconds):
            live.update(draw(stream, at_ns, OUT.width, OUT.height, title), refresh=True)


def _print(client: "Client", stream: Stream, _title: str, seconds: float | None) -> None:
    begun_ns = now_ns()

    def after(at_ns: int) -> str:
        return f"{max(0, at_ns - begun_ns) / 1e9:6.1f} s  "

    said = 0
    for at_ns in _beats(client, stream, LINE_S, seconds):
        new = min(stream.told - said, len(stream.events))
        said = stream.told
        for event in list(stream.events)[len(stream.events) - new :]:
            OUT.print(after(event.at_ns) + words.event(event), markup=False, soft_wrap=True)
        elapsed = after(at_ns)
        silent_s = stream.silent_s(at_ns)
        if stream.newest is None or silent_s is not None:
            OUT.print(elapsed + words.silent(silent_s))
        else:
            age_ms = (at_ns - stream.newest.captured_ns) / 1e6
            line = words.line(stream.newest, stream.rate_hz(), age_ms)
            OUT.print(elapsed + line, markup=False, soft_wrap=True)


def _beats(
    client: "Client", stream: Stream, interval_s: float, seconds: float | None
) -> Iterator[int]:
    """Read into the stream, and give the time about once every interval.

    That is right after a state came, so that showing it does not delay the reading of the next.
    """
    begun_ns = due_ns = now_ns()
    while seconds is None or now_ns() - begun_ns < seconds * 1e9:
        with suppress(SidecarSilent):
            state = client.state(timeout_s=interval_s)
            stream.add(state, now_ns())
        stream.tell(client.events())
        at_ns = now_ns()
        if at_ns >= due_ns:
            yield at_ns
            due_ns = at_ns + round(interval_s * 1e9)


def _sum_up(stream: Stream, seconds: float) -> None:
    latency = stream.latency_ms()
    parts = [
        f"{stream.received} states received in {seconds:.1f} s",
        f"capture to here {latency[0]:.0f} ms" if latency else "",
    ]
    OUT.print("; ".join(part for part in parts if part) + ".")
