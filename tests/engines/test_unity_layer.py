"""The Unity layer: compiled against stand-ins for the engine, and driven through the lives that
Unity gives it, against a real sidecar. The real editor was never at hand.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from engines.fake_sidecar import fake_sidecar
from engines.mono import LANGUAGE, TIMEOUT_S, Core
from rapport.reactions.presets import shipped
from rapport.reactions.profile import encode, parse, problems
from rapport.wire.requests import Say
from sidecars import SidecarProcess

pytestmark = pytest.mark.system

PROFILE = {
    "title": "Mira",
    "reaction": {
        "soothe": {
            "when": {"signal": "anger", "enter": 0.5, "exit": 0.3},
            "cooldown_s": 0.5,
            "strength": [[0.0, 0.0], [1.0, 1.0]],
        }
    },
}
QUIET = ["-nowarn:649"]
"""Fields that only Unity's serialiser sets."""


class Layer:
    """The compiled layer and the program that drives it."""

    def __init__(self, core: Core, folder: Path, repository: Path) -> None:
        package = repository / "bridge" / "unity" / "com.rapport.bridge"
        stand_ins = Path(__file__).parent / "unity_stand_ins"
        self._folder = folder
        engine = self._library("UnityEngine", [stand_ins / "UnityEngine.cs"], [])
        editor = self._library("UnityEditor", [stand_ins / "UnityEditor.cs"], [engine])
        used = [core.library, engine]
        unity = self._library(
            "Rapport.Unity", sorted((package / "Runtime/Unity").glob("*.cs")), used
        )
        used += [editor, unity]
        ours = self._library("Rapport.Editor", sorted((package / "Editor").glob("*.cs")), used)
        sample = sorted((repository / "unity_sample/Assets/Tavern").glob("*.cs"))
        tavern = self._library("Tavern", sample, used)
        programs = [stand_ins / "Drive.cs", stand_ins / "DriveTavern.cs"]
        self.program = folder / "Drive.exe"
        self._compile(self.program, "exe", programs, [*used, ours, tavern])
        written = [stand_ins / "RunTests.cs", Path(__file__).parent / "unity" / "NUnit.cs"]
        for kind in ("Editor", "Runtime"):
            written += sorted((package / "Tests" / kind).glob("*.cs"))
        self.tests = folder / "Tests.exe"
        self._compile(self.tests, "exe", written, [*used, ours])
        target = folder / core.library.name
        target.write_bytes(core.library.read_bytes())

    def drive(self, case: str, *arguments: str | Path, environment: dict[str, str]) -> str:
        """Run a case; what it printed. It must pass."""
        command = ["mono", "--debug", str(self.program), case, *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=2 * TIMEOUT_S, env=environment
        )
        assert done.returncode == 0 and "PASS" in done.stdout, done.stdout + done.stderr
        return done.stdout

    def _library(self, name: str, sources: list[Path], used: list[Path]) -> Path:
        target = self._folder / f"{name}.dll"
        self._compile(target, "library", sources, used)
        return target

    def _compile(self, target: Path, kind: str, sources: list[Path], used: list[Path]) -> None:
        options = [*LANGUAGE, *QUIET, "-d:ENABLE_LEGACY_INPUT_MANAGER", f"-target:{kind}"]
        line = ["mcs", *options, f"-out:{target}", *(f"-r:{path}" for path in used)]
        done = subprocess.run(
            [*line, *map(str, sources)], capture_output=True, text=True, timeout=TIMEOUT_S
        )
        assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="module")
def layer(mono_core: Core, tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Layer:
    return Layer(mono_core, tmp_path_factory.mktemp("unity"), repository)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "mira.json"
    path.write_text(json.dumps(PROFILE), encoding="utf-8")
    return path


@pytest.fixture
def runtime(clean_environment: dict[str, str]) -> Path:
    return Path(clean_environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"])


def simulate(start: Callable[..., SidecarProcess]) -> None:
    start("simulate", "calm_then_frustrated", "--speed", "6", "--loop").connect().close()


def test_its_own_tests_pass(layer: Layer) -> None:
    done = subprocess.run(
        ["mono", "--debug", str(layer.tests)], capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed ") >= 9


def test_profiles_come_back_from_the_asset_as_the_sidecar_reads_them(
    layer: Layer, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    for preset in shipped():
        before = parse(preset.text, "toml")
        path = tmp_path / f"{preset.name}.json"
        path.write_text(encode(before), encoding="utf-8")
        said = layer.drive("profile", path, environment=clean_environment)
        written = next(line for line in said.splitlines() if line.startswith("JSON "))
        after = parse(written.removeprefix("JSON "), "json")
        assert list(after.reaction) == list(before.reaction)
        for name, rule in after.reaction.items():
            assert rule.priority == before.reaction[name].priority
            assert rule.group == before.reaction[name].group
            assert rule.hold_s == pytest.approx(before.reaction[name].hold_s)


def test_reactions_of_a_real_sidecar_move_what_is_bound(
    layer: Layer,
    profile: Path,
    runtime: Path,
    clean_environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    simulate(start_sidecar)
    said = layer.drive("react", runtime, profile, environment=clean_environment)
    assert "BEGAN mira soothe: anger 0." in said
    assert "ENDED mira soothe: left" in said
    assert "BEGAN mira calm_down" in said, "an edit while the game runs"


def test_twenty_cycles_of_play_mode_leave_no_thread(
    layer: Layer,
    runtime: Path,
    clean_environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    simulate(start_sidecar)
    said = layer.drive("cycles", runtime, environment=clean_environment)
    assert "THREADS" in said


def test_a_mood_reacts_where_no_sidecar_runs(
    layer: Layer, profile: Path, runtime: Path, clean_environment: dict[str, str]
) -> None:
    layer.drive("mock", runtime, profile, environment=clean_environment)


def test_the_overlay_shows_where_the_dialogue_stands(
    layer: Layer, runtime: Path, clean_environment: dict[str, str]
) -> None:
    layer.drive("overlay", runtime, environment=clean_environment)


def test_the_panel_asks_takes_and_gives_back(
    layer: Layer,
    runtime: Path,
    clean_environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    start_sidecar("run", "--no-camera", "--no-microphone").connect().close()
    said = layer.drive("consent", runtime, environment=clean_environment)
    assert "INDICATOR \n" in said, "nothing is captured, so nothing is shown"


def test_the_sidecar_is_started_and_ends_with_its_game(
    layer: Layer, runtime: Path, clean_environment: dict[str, str], demo_clip: Path
) -> None:
    program = Path(sys.executable).parent / (
        "rapport.exe" if sys.platform == "win32" else "rapport"
    )
    arguments = (program, "--source", demo_clip, "--loop")
    said = layer.drive("launch", runtime, *arguments, environment=clean_environment)
    pid = int(next(line for line in said.splitlines() if line.startswith("PID ")).split()[1])
    _, left = psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], 20)
    assert not left, "the sidecar outlived its game"


def test_the_sample_is_played_without_a_sidecar(
    layer: Layer, runtime: Path, clean_environment: dict[str, str], repository: Path
) -> None:
    resources = repository / "unity_sample" / "Assets" / "Tavern" / "Resources"
    layer.drive("tavern", resources, runtime, environment=clean_environment)


def test_the_sample_tells_what_is_said(
    layer: Layer, runtime: Path, clean_environment: dict[str, str], repository: Path
) -> None:
    resources = repository / "unity_sample" / "Assets" / "Tavern" / "Resources"
    with fake_sidecar(runtime) as sidecar:
        layer.drive("talk", resources, runtime, environment=clean_environment)
        said = sidecar.wait_asked("dialogue", 3)
    assert [(line["speaker"], line["role"], line["line"]) for line in said] == [
        ("Mira", "npc", "mira.hello"),
        ("traveller", "player", "mira.hello.0"),
        ("Mira", "npc", "mira.pass"),
    ]
    told = [msgspec.convert(line, Say) for line in said]
    assert told[1].text == "I nearly made it over the pass."


@pytest.mark.parametrize("name", ["mira", "odo", "sel"])
def test_both_samples_say_the_same(repository: Path, name: str) -> None:
    unity = repository / "unity_sample/Assets/Tavern/Resources/talk" / f"{name}.json"
    godot = repository / "godot_sample/talk" / f"{name}.json"
    assert json.loads(unity.read_text("utf-8")) == json.loads(godot.read_text("utf-8"))


@pytest.mark.parametrize("name", ["companion", "merchant", "bard"])
def test_the_samples_profiles_have_no_mistake(repository: Path, name: str) -> None:
    path = repository / "unity_sample/Assets/Tavern/Resources/profiles" / f"{name}.json"
    assert problems(path.read_text("utf-8"), "json")[0] == ()
