"""tools/fetch_godot.py: what it finds, in which order, and what it makes of what it fetches."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.tooling

NEW, OLD = "4.6.3.stable.debian", "4.2.2.stable.official.15073afe3"


@pytest.fixture
def tool(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, on a machine where nothing is installed and nothing is in the cache."""
    path = repository / "tools" / "fetch_godot.py"
    spec = importlib.util.spec_from_file_location("fetch_godot_alone", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv(module.VARIABLE, raising=False)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(module, "version", say_version)
    return module


def say_version(program: Path) -> tuple[int, ...]:
    """The version that a file of these tests has."""
    if not program.is_file():
        return (0,)
    return tuple(int(part) for part in program.read_text(encoding="utf-8").split(".")[:2])


def put(path: Path, told: str = NEW) -> Path:
    """A program that has a version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(told, encoding="utf-8")
    path.chmod(0o755)
    return path


def release(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, folder: Path, sha256: str = ""
) -> None:
    """A release for this system that is fetched from a folder."""
    key = (tool.platform.system(), tool.platform.machine())
    program = tool.ARCHIVES[key].program if key in tool.ARCHIVES else "Godot"
    file = folder / tool.RELEASE / f"Godot_v{tool.RELEASE}_this.zip"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr(program, NEW)
    known = sha256 or hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(tool.ARCHIVES, key, tool.Archive("this", known, program))
    monkeypatch.setattr(tool, "RELEASES", folder.as_uri())


def nothing(_: Path) -> None:
    raise RuntimeError("this must not be fetched")


def unreachable(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tool, "RELEASES", (tmp_path / "nowhere").as_uri())


def test_what_is_named_comes_first_and_alone(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(tool.cached())
    named = put(tmp_path / "mine" / "Godot.app")
    monkeypatch.setenv(tool.VARIABLE, str(named))
    assert tool.find() == named
    put(named, OLD)
    assert tool.find() is None
    monkeypatch.setattr(tool, "unpack_release", nothing)
    with pytest.raises(tool.Unobtainable, match=tool.VARIABLE):
        tool.fetch()


@pytest.mark.skipif(sys.platform == "win32", reason="programs have no endings here")
def test_the_path_comes_before_the_cache_if_it_is_new_enough(
    tool: ModuleType, tmp_path: Path
) -> None:
    assert tool.find() is None
    cached = put(tool.cached())
    assert tool.find() == cached
    first, second = put(tmp_path / "path" / "godot", OLD), put(tmp_path / "path" / "godot4")
    assert tool.find() == second
    put(first)
    assert tool.find() == first


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
@pytest.mark.parametrize(
    ("told", "read"),
    [(NEW, (4, 6)), (OLD, (4, 2)), ("WARNING: x\n4.10.stable", (4, 10)), ("Python 3.1", (0,))],
)
def test_a_version_is_read_from_what_a_program_prints(
    tool: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    told: str,
    read: tuple[int, ...],
) -> None:
    monkeypatch.undo()
    script = tmp_path / "godot"
    script.write_text(f"#!/bin/sh\nprintf '%s\\n' '{told}'\n", encoding="utf-8")
    script.chmod(0o755)
    assert tool.version(script) == read
    assert tool.version(tmp_path / "none") == (0,)


def test_a_release_that_is_known_is_unpacked_into_the_cache(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tool, "unpack_debian", nothing)
    release(tool, monkeypatch, tmp_path)
    put(tool.cached(), OLD)
    assert tool.fetch() == tool.cached() == tool.find()
    assert os.access(tool.cached(), os.X_OK)
    assert [path.name for path in tool.cached().parents[0].parent.iterdir()] == ["godot"]


def test_a_release_with_another_hash_is_not_unpacked(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    release(tool, monkeypatch, tmp_path, sha256="0" * 64)
    monkeypatch.setattr(tool, "KEYS", str(tmp_path / "no keys"))
    with pytest.raises(tool.Unobtainable, match=r"not the release that is known.*no Debian"):
        tool.fetch()
    assert tool.find() is None


def test_debian_helps_where_the_release_cannot_be_reached(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unreachable(tool, monkeypatch, tmp_path)
    monkeypatch.setattr(tool, "unpack_debian", lambda target: put(target / tool.cached().name))
    if tool.cached().name != "godot":
        pytest.skip("the cache is laid out for another system's release")
    assert tool.fetch() == tool.find()


def test_where_nothing_can_be_had_it_says_why_and_leaves_nothing(
    tool: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    unreachable(tool, monkeypatch, tmp_path)
    monkeypatch.setattr(tool, "KEYS", str(tmp_path / "no keys"))
    assert tool.main() == 1
    said = capsys.readouterr().err
    assert tool.VARIABLE in said and "cannot be reached" in said and "no Debian" in said
    assert list((tmp_path / "cache").rglob("*.zip")) == []


def test_a_fetched_program_that_does_not_start_is_not_kept(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    release(tool, monkeypatch, tmp_path)
    monkeypatch.setattr(tool, "version", lambda _: (0,))
    monkeypatch.setattr(tool, "KEYS", str(tmp_path / "no keys"))
    with pytest.raises(tool.Unobtainable, match="does not start"):
        tool.fetch()
    assert not tool.cached().exists()


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_a_package_is_unpacked_without_its_papers(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()  # dpkg-deb is on the real path
    made = tmp_path / "made"
    put(
        made / "DEBIAN" / "control",
        "Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: a\n",
    )
    put(made / "usr" / "lib" / "x86_64-linux-gnu" / "libx.so")
    put(made / "usr" / "lib64" / "ld-linux-x86-64.so.2")
    put(made / "usr" / "share" / "doc" / "a" / "copyright")
    package = tmp_path / "a.deb"
    subprocess.run(["dpkg-deb", "--build", str(made), str(package)], check=True, timeout=60)
    target = tmp_path / "target"
    target.mkdir()
    tool._unpack(package, target)
    assert (target / "usr" / "lib64" / "ld-linux-x86-64.so.2").is_file()
    assert not (target / "usr" / "share" / "doc").exists()
    tool._write_wrapper(target)
    script = (target / "godot").read_text(encoding="utf-8")
    assert "usr/lib64/ld-linux-x86-64.so.2" in script and "usr/lib/x86_64-linux-gnu" in script


@pytest.mark.parametrize(("in_ci", "outcome"), [(False, "skipped"), (True, "error")])
def test_without_godot_tests_are_skipped_but_never_in_ci(
    repository: Path, in_ci: bool, outcome: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "CI"}
    environment |= {"RAPPORT_GODOT": "no such program"} | ({"CI": "true"} if in_ci else {})
    test = "tests/engines/test_godot_core.py::test_the_project_is_imported_without_a_complaint"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", test],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert f"1 {outcome}" in done.stdout, done.stdout
    assert "needs Godot 4.3 or newer" in done.stdout


def test_testing_looks_for_godot_first(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("dev_alone", repository / "dev.py")
    assert spec and spec.loader
    dev = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dev)
    done: list[str] = []

    def fail(_: str, line: list[str], **__: str) -> None:
        done.append(" ".join(line))
        raise dev.Failed("It cannot be had.")

    monkeypatch.setattr(dev, "prepare", lambda *_: None)
    monkeypatch.setattr(dev, "step", fail)
    monkeypatch.setattr(dev, "run", lambda *line, **_: done.append(" ".join(line)) or 0)
    assert dev.test(["-x"]) == 0
    assert done[0].endswith("tools/fetch_godot.py")
    assert done[-1] == "python -m pytest -x"
