"""What is in the packages that users install."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.tooling


def build(repository: Path, target: str, folder: Path) -> Path:
    line = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(line, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    with zipfile.ZipFile(build(repository, "wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def packaged_models(repository: Path) -> set[str]:
    """The files of the manifest that are not downloaded."""
    manifest = tomllib.loads((repository / "models" / "manifest.toml").read_text(encoding="utf-8"))
    return {entry["file"] for entry in manifest.get("model", []) if not entry.get("url")}


def test_wheel_carries_the_models_of_the_manifest_and_no_others(
    wheel: set[str], repository: Path
) -> None:
    carried = {Path(name).name for name in wheel if name.startswith("rapport/_models/")}
    assert carried == {"manifest.toml"} | packaged_models(repository)


def test_wheel_carries_the_demo_clip_and_the_type_marker(wheel: set[str]) -> None:
    assert {"rapport/media/demo.mp4", "rapport/py.typed"} <= wheel


def test_wheel_carries_the_consent_text_in_every_language(
    wheel: set[str], repository: Path
) -> None:
    texts = {path.name for path in (repository / "plugin/rapport/consent/texts").glob("*.toml")}
    assert len(texts) >= 6
    carried = {name for name in wheel if name.startswith("rapport/consent/texts/")}
    assert carried == {f"rapport/consent/texts/{name}" for name in texts}


@pytest.mark.parametrize("folder", ["reactions/presets", "recording/scripts"])
def test_wheel_carries_what_is_known_by_name(
    wheel: set[str], repository: Path, folder: str
) -> None:
    files = {path.name for path in (repository / "plugin/rapport" / folder).glob("*.toml")}
    assert len(files) >= 7
    carried = {name for name in wheel if name.startswith(f"rapport/{folder}/")}
    assert carried == {f"rapport/{folder}/{name}" for name in files}


def test_wheel_carries_every_module_and_nothing_beside_the_package(
    wheel: set[str], repository: Path
) -> None:
    plugin = repository / "plugin"
    modules = {path.relative_to(plugin).as_posix() for path in plugin.rglob("*.py")}
    assert modules <= wheel
    strange = {name for name in wheel if not name.startswith(("rapport/", "rapport_sidecar-"))}
    assert not strange


def test_source_archive_carries_what_a_wheel_is_built_from(
    repository: Path, tmp_path: Path
) -> None:
    with tarfile.open(build(repository, "sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    models = {f"models/{file}" for file in packaged_models(repository)}
    wanted = {"pyproject.toml", "LICENSE", "dev.py", "models/manifest.toml"} | models
    assert wanted | {"plugin/rapport/media/demo.mp4"} <= names
    assert not [name for name in names if name.startswith((".venv/", ".cache/"))]
