"""The engines that the bridges are tested in."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.godot_engine import GodotProject, find
from engines.godot_game import GodotGame, StartGodotGame


@pytest.fixture(scope="session")
def godot() -> Path:
    """The program; `python tools/fetch_godot.py` fetches it where it can."""
    found = find()
    if found is None:
        why = "needs Godot 4.3 or newer: `python3 tools/fetch_godot.py` fetches it where it can"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="session")
def project(godot: Path, tmp_path_factory: pytest.TempPathFactory) -> GodotProject:
    """A project with the bridge in it, imported once."""
    return GodotProject(godot, tmp_path_factory.mktemp("godot"))


@pytest.fixture
def player(clean_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a player who plays for the first time, with no sidecar of others."""
    return clean_environment | {"HOME": str(tmp_path)}


@pytest.fixture
def display() -> Iterator[str]:
    """A display to draw on."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("needs Xvfb to draw on")
    reading, writing = os.pipe()
    line = [program, "-displayfd", str(writing), "-screen", "0", "1280x720x24", "-nolisten", "tcp"]
    server = subprocess.Popen(line, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture
def start_godot_game(
    project: GodotProject, clean_environment: dict[str, str]
) -> Iterator[StartGodotGame]:
    """Start a game that does what the test says; whatever is left at the end is killed."""
    started: list[GodotGame] = []

    def start(settings: str = "", **variables: str) -> GodotGame:
        started.append(GodotGame(project, clean_environment | variables, settings))
        return started[-1]

    yield start
    for game in started:
        game.close()
