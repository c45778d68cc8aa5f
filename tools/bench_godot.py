"""What the Godot bridge costs a frame: `python tools/bench_godot.py [--seconds 20]`.

Starts a scripted sidecar and the real engine without a screen, at sixty frames a second, and prints
the time that the bridge takes of each frame. With `--live` the sidecar reads the demo clip in real
time: its states hold all measures of face and voice.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tools")]

from fetch_godot import fetch, find  # noqa: E402

from engines.godot_engine import GodotProject  # noqa: E402

READY_S = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--live", action="store_true", help="read the demo clip in real time")
    options = parser.parse_args()
    clip = REPOSITORY / "plugin" / "rapport" / "media" / "demo.mp4"
    played = ["run", "--source", str(clip)] if options.live else ["simulate", "scare"]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "RAPPORT_WIRE__RUNTIME_DIRECTORY": str(Path(folder) / "run")}
        project = GodotProject(find() or fetch(), Path(folder) / "project")
        command = [sys.executable, "-m", "rapport.cli", *played, "--loop"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as sidecar:
            time.sleep(READY_S)
            ran = project.case("cost", str(options.seconds), environment=environment)
            sidecar.terminate()
    print("\n".join(ran.told("COST")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
