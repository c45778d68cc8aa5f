"""Makes the pictures of `rapport try` for the docs, as a terminal shows it and as it is drawn, from
a script that comes with Rapport.

    python tools/trial_pictures.py docs/images
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from rapport.cli import options, trial
from rapport.cli.app import execute

WIDTH = 80
PROFILE, SESSION = "companion", "calm_then_frustrated"


def main(folder: Path) -> None:
    """Write `try_terminal.svg` and `try_picture.svg`."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    options.OUT = trial.OUT = console
    for more in (["--picture", str(folder / "try_picture.svg")], []):
        console.export_text(clear=True)  # only what the command says without a picture is kept
        if execute(["try", PROFILE, SESSION, *more]):
            sys.exit(1)
    svg = console.export_svg(title=f"rapport try {PROFILE} {SESSION}", unique_id="try")
    # A picture fetches nothing from a font server; any monospaced font will do.
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    (folder / "try_terminal.svg").write_text(svg, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
