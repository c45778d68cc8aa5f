"""The Godot editor with the plugin: no complaint, no connection unasked, and the dock."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engines.fake_peer import FakePeer, welcome
from engines.godot_engine import HERE, PROJECT, RUN_S, GodotProject
from sidecars import SidecarProcess

pytestmark = pytest.mark.system

PLUGINS = """
[editor_plugins]
enabled=PackedStringArray("res://addons/driver/plugin.cfg", "res://addons/rapport/plugin.cfg")
"""


@pytest.fixture(scope="module")
def edited(godot: Path, tmp_path_factory: pytest.TempPathFactory) -> GodotProject:
    """A project with a scene in which each part of the bridge is, and the plugin switched on."""
    project = GodotProject(godot, tmp_path_factory.mktemp("edited"))
    shutil.copytree(HERE / "godot_editor" / "driver", project.folder / "addons" / "driver")
    shutil.copy(HERE / "godot_editor" / "npc.tscn", project.folder)
    (project.folder / "project.godot").write_text(PROJECT + PLUGINS, encoding="utf-8")
    return project


def drive(project: GodotProject, environment: dict[str, str], what: str) -> list[str]:
    """Open the scene in the editor and do something in it; what was printed."""
    ran = project.run(
        "--editor",
        "res://npc.tscn",
        environment=environment | {"RAPPORT_TEST_DRIVE": what},
    )
    assert ran.code == 0 and "DRIVEN" in ran.lines, ran.output
    assert "TIMEOUT" not in ran.output, ran.output
    return ran.lines


def test_the_editor_opens_a_scene_with_all_of_it_and_connects_to_nothing(
    edited: GodotProject, clean_environment: dict[str, str]
) -> None:
    runtime = Path(clean_environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"])
    with FakePeer(runtime, welcome) as peer:
        lines = drive(edited, clean_environment, "open")
        assert peer.connections == 0
    assert "SCENE Guard" in lines
    assert "STATUS Off: nothing is connected." in lines


def test_the_dock_shows_a_state_checks_a_profile_and_sends_edits(
    edited: GodotProject,
    clean_environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    start_sidecar("simulate", "calm_then_frustrated", "--loop").connect().close()
    told = drive(edited, clean_environment, "watch")
    lines = "\n".join(told)
    assert "PROFILE Profile: Guard (npc.tscn)" in told
    assert "UNCONNECTED No mistake that can be seen from here." in lines
    assert "STATUS Connected to Rapport" in lines
    assert re.search(r"^LABEL [a-z]+$", lines, re.MULTILINE)
    assert "CHECKED The sidecar takes it as it is." in told
    assert "PUSHED Sent to Guard." in told
    assert "MISTAKE reaction.step_back.when.signal: there is no signal" in lines
    assert "did you mean anger?" in lines
    assert told.count("STATUS Off: nothing is connected.") == 2


def test_a_running_game_plays_the_mood_that_the_dock_sends(
    project: GodotProject, clean_environment: dict[str, str]
) -> None:
    editor = project.start("--", "debugger", environment=clean_environment)
    try:
        assert editor.stdout is not None
        port = next(line.split()[1] for line in editor.stdout if line.startswith("PORT "))
        debugged = ("--remote-debug", f"tcp://127.0.0.1:{port}", "--", "debugged")
        game = project.run(*debugged, environment=clean_environment)
        assert "PASS" in game.lines, game.output
        output, _ = editor.communicate(timeout=RUN_S)
        assert "PASS" in output.splitlines(), output
    finally:
        editor.kill()
        editor.communicate()
