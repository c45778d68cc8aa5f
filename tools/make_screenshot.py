"""Makes the picture of the live view for the README from real states: the demo clip is played
through the sidecar, and what a reader of the wire receives is drawn.

    python tools/make_screenshot.py docs/images/watch.svg
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from rapport import settings
from rapport.capture.clock import now_ns
from rapport.cli.demo import CLIP
from rapport.cli.stream import Stream
from rapport.cli.view import draw
from rapport.sidecar.live import Sidecar
from rapport.wire.client import Client
from rapport.wire.discovery import Place

WIDTH, HEIGHT = 100, 24
EARLIEST_S, LATEST_S = 4.0, 60.0
"""Time until events have come, and until even a clip without smile and speech is drawn."""


def receive() -> Stream:
    """The stream at a moment with a face, a voice and a label, if the clip has one."""
    stream = Stream()
    with Sidecar(settings.load(), CLIP, loop=True) as sidecar:
        status = sidecar.status()
        read = sidecar.guard.keys.credentials("read")
        with Client(Place(status.state_address, status.events_address, read)) as client:
            begun_ns = now_ns()
            while now_ns() - begun_ns < LATEST_S * 1e9:
                state = client.state()
                stream.add(state, now_ns())
                stream.events.extend(client.events())
                weights = [part.weight for part in state.modalities.values()]
                telling = state.label not in ("uncertain", "neutral") and state.speaking
                if now_ns() - begun_ns > EARLIEST_S * 1e9 and telling and max(weights) < 0.9:
                    break
    return stream


def main(target: Path) -> None:
    """Write the picture."""
    stream = receive()
    newest = stream.newest
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), color_system="truecolor"
    )
    at_ns = newest.published_ns if newest else now_ns()
    console.print(draw(stream, at_ns, WIDTH, HEIGHT, "rapport demo"))
    picture = console.export_svg(title="rapport demo")
    # A picture fetches nothing from a font server; any monospaced font will do.
    picture = re.sub(r"@font-face\s*\{.*?\}\s*", "", picture, flags=re.DOTALL)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(picture, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
