"""The real Godot: a project with the bridge in it, and runs of it under a time-out."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
ADDON = REPOSITORY / "bridge" / "godot" / "addons" / "rapport"
IMPORT_S = 120
RUN_S = 90
PROJECT = """\
config_version=5

[application]
config/name="Rapport tests"
run/main_scene="res://main.tscn"

[autoload]
Rapport="*res://addons/rapport/rapport.gd"

[rapport]
application/id="org.example.tests"
sidecar/autostart=false
"""
DRAWING = ("--rendering-driver", "opengl3", "--audio-driver", "Dummy", "--resolution", "1280x720")
"""What lets Godot draw where there is neither a graphics card nor a loudspeaker."""
COMPLAINTS = ("SCRIPT ERROR", "ERROR:", "WARNING: ObjectDB", "Parse Error")

sys.path.insert(0, str(REPOSITORY / "tools"))
from fetch_godot import find  # noqa: E402,F401  the script is no package


class Ran:
    """What a run printed."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    def told(self, word: str) -> list[str]:
        """What stands behind a word at the beginning of lines."""
        return [line[len(word) :].strip() for line in self.lines if line.startswith(f"{word} ")]


class GodotProject:
    """A project with the bridge and the cases of these tests."""

    def __init__(self, godot: Path, folder: Path) -> None:
        self.godot = godot
        self.folder = folder
        shutil.copytree(HERE / "godot", folder, dirs_exist_ok=True)
        shutil.copytree(ADDON, folder / "addons" / "rapport", dirs_exist_ok=True)
        (folder / "project.godot").write_text(PROJECT, encoding="utf-8")
        self.imported = self.run("--import", seconds=IMPORT_S)

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        seconds: float = RUN_S,
        headless: bool = True,
    ) -> Ran:
        """Run Godot on the project; what it prints on both streams.

        :raises AssertionError: it complained, or did not end in time.
        """
        process = self.start(*arguments, environment=environment, headless=headless)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            raise AssertionError(f"Godot did not end in {seconds} s; it said:\n{output}") from None
        return checked(Ran(process.returncode, output))

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        headless: bool = True,
        output: IO[str] | int = subprocess.PIPE,
    ) -> "subprocess.Popen[str]":
        """Start Godot on the project."""
        line = [str(self.godot), *(["--headless"] if headless else []), "--path", str(self.folder)]
        return subprocess.Popen(
            [*line, *arguments],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )

    def case(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Ran:
        """Run a case; it must pass."""
        ran = self.run("--", name, *arguments, environment=environment)
        assert "PASS" in ran.lines, ran.output
        return ran


def checked(ran: Ran) -> Ran:
    """The run, if nothing in it is a complaint of the engine."""
    for complaint in COMPLAINTS:
        assert complaint not in ran.output, ran.output
    return ran


def picture(path: Path) -> NDArray[np.uint8]:
    """A picture as rows of pixels."""
    read = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert read is not None
    return read.astype(np.uint8)
