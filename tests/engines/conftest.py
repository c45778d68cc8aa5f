"""The engines that the bridges are tested in."""

import os
from pathlib import Path

import pytest

from engines.godot_engine import GodotProject, find


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
