"""Every asset of the Unity package has its `.meta` file, with an id of its own that stays."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tooling


def run(repository: Path, *arguments: str | Path) -> tuple[int, str]:
    command = [sys.executable, str(repository / "tools" / "unity_meta.py"), *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60)
    return done.returncode, done.stdout


@pytest.fixture
def package(repository: Path, tmp_path: Path) -> Path:
    """A copy of the package."""
    name = "com.rapport.bridge"
    copy = tmp_path / name
    shutil.copytree(repository / "bridge" / "unity" / name, copy)
    return copy


def test_the_package_has_all_of_them(repository: Path) -> None:
    assert run(repository, "--check") == (0, "")


def test_they_are_made_the_same_anywhere(repository: Path, package: Path) -> None:
    made = []
    for _ in range(2):
        for file in package.rglob("*.meta"):
            file.unlink()
        assert run(repository, package) == (0, "")
        made.append({file: file.read_bytes() for file in package.rglob("*.meta")})
    assert made[0] == made[1]
    assert len(made[0]) > 40


def test_a_file_that_is_moved_with_it_keeps_its_id(repository: Path, package: Path) -> None:
    old = package / "README.md.meta"
    content = old.read_text(encoding="utf-8")
    (package / "README.md").rename(package / "Read.md")
    old.rename(package / "Read.md.meta")
    assert run(repository, package) == (0, "")
    assert (package / "Read.md.meta").read_text(encoding="utf-8") == content


def test_what_is_wrong_is_told(repository: Path, package: Path) -> None:
    (package / "package.json.meta").unlink()
    (package / "gone.cs.meta").write_text("guid: " + "a" * 32, encoding="utf-8")
    shutil.copy(package / "README.md.meta", package / "CHANGELOG.md.meta")
    (package / "LICENSE.md.meta").write_text("fileFormatVersion: 2\n", encoding="utf-8")
    (package / "Hidden~").mkdir()
    code, said = run(repository, "--check", package)
    assert code == 1
    assert said.splitlines() == [
        "package.json.meta is missing",
        "gone.cs.meta belongs to nothing",
        "LICENSE.md.meta has no id",
        "README.md.meta has the id of CHANGELOG.md.meta",
    ]
