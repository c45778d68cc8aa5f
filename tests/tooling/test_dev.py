"""dev.py: its lock file, its decisions, and how it tells what went wrong. Nothing is installed."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.tooling


@pytest.fixture
def dev(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", repository / "dev.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def steps(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What dev.py would have run."""
    taken: list[str] = []
    monkeypatch.setattr(dev, "step", lambda _, line, **__: taken.append(" ".join(line)))
    return taken


@pytest.fixture
def checkout(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout without `.venv`, on a system that lacks nothing."""
    (tmp_path / "requirements.lock.txt").write_text("numpy==2 \\\n    --hash=sha256:aa\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    for name, file in {
        "ROOT": "",
        "LOCK": "requirements.lock.txt",
        "PROJECT": "pyproject.toml",
        "VENV": ".venv",
        "BIN": ".venv/bin",
        "STAMP": ".venv/rapport-setup.json",
    }.items():
        monkeypatch.setattr(dev, name, tmp_path / file)
    monkeypatch.setattr(dev.SystemPackage, "present", lambda _: True)
    return tmp_path


def make_venv(dev: ModuleType) -> None:
    """What a real setup would have left, but for the stamp."""
    dev.BIN.mkdir(parents=True, exist_ok=True)
    (dev.BIN / f"python{dev.EXE}").touch()


def entries(dev: ModuleType, repository: Path) -> list[str]:
    text = (repository / "requirements.lock.txt").read_text(encoding="utf-8")
    return re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]


def name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def test_lock_pins_every_package_by_hash(dev: ModuleType, repository: Path) -> None:
    locked = entries(dev, repository)
    assert len(locked) > 30
    for entry in locked:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


def test_lock_names_no_host_and_no_path(repository: Path) -> None:
    text = (repository / "requirements.lock.txt").read_text(encoding="utf-8")
    for sign in ("://", "file:", "--index", "--extra-index", "--find-links", " @ ", "/", "\\\\"):
        assert sign not in text


def test_lock_holds_what_the_project_asks_for(dev: ModuleType, repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["dev"], *groups["build"]]
    locked = {name_of(entry) for entry in entries(dev, repository)}
    assert {name_of(requirement) for requirement in asked} <= locked
    assert "torch" not in locked, "training is not part of what everybody installs"


def test_only_pyaudio_is_set_apart(dev: ModuleType, repository: Path) -> None:
    text = (repository / "requirements.lock.txt").read_text(encoding="utf-8")
    wheels, sources = dev.split_lock(text)
    assert sources.count("==") == 1
    assert sources.startswith("pyaudio==")
    assert wheels.count("--hash") + sources.count("--hash") == text.count("--hash")


def test_first_setup_makes_everything(
    dev: ModuleType, checkout: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(_: str, line: list[str], **__: str) -> None:
        steps.append(" ".join(line))
        make_venv(dev)

    monkeypatch.setattr(dev, "step", step)
    dev.prepare()
    assert "venv --clear" in steps[0]
    assert all("--require-hashes" in line for line in steps[1:3])
    assert steps[3].endswith(f"-e {checkout}")
    assert dev.read_stamp()["pyaudio"] is True
    steps.clear()
    dev.prepare()
    assert steps == [], "the second time nothing is left to do"


def test_changed_lock_makes_the_environment_anew(
    dev: ModuleType, checkout: Path, steps: list[str]
) -> None:
    make_venv(dev)
    dev.prepare()
    steps.clear()
    dev.LOCK.write_text("numpy==3 \\\n    --hash=sha256:bb\n")
    dev.prepare()
    assert "venv --clear" in steps[0]


def test_changed_project_installs_only_rapport(
    dev: ModuleType, checkout: Path, steps: list[str]
) -> None:
    make_venv(dev)
    dev.prepare()
    steps.clear()
    dev.PROJECT.write_text("[project]\nname = 'other'\n")
    dev.prepare()
    assert len(steps) == 1
    assert steps[0].endswith(f"-e {checkout}")


def test_half_made_environment_is_made_anew(
    dev: ModuleType, checkout: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_venv(dev)
    dev.prepare()
    dev.LOCK.write_text("numpy==3 \\\n    --hash=sha256:bb\n")

    def interrupted(_: str, line: list[str], **__: str) -> None:
        if "pip" in line:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dev, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            dev.prepare()
    assert dev.read_stamp() == {}
    steps.clear()
    dev.prepare()
    assert "venv --clear" in steps[0]


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_unreadable_stamp_counts_as_half_made(
    dev: ModuleType, checkout: Path, content: str
) -> None:
    make_venv(dev)
    dev.STAMP.write_text(content)
    assert dev.read_stamp() == {}


def test_without_pyaudio_the_rest_is_installed_and_it_is_tried_again(
    dev: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    taken: list[str] = []

    def step(what: str, line: list[str], **_: str) -> None:
        taken.append(what)
        make_venv(dev)
        if what == "Installing PyAudio" and not repaired:
            raise dev.Failed("Installing PyAudio failed.")

    repaired: list[bool] = []
    monkeypatch.setattr(dev, "step", step)
    dev.prepare()
    assert taken[-1] == "Installing Rapport itself"
    assert "without microphones" in capsys.readouterr().out
    assert dev.read_stamp()["pyaudio"] is False
    taken.clear()
    repaired.append(True)
    dev.prepare()
    assert taken == ["Installing PyAudio", "Installing Rapport itself"]
    assert dev.read_stamp()["pyaudio"] is True


@pytest.mark.parametrize("chosen", [[], ["tests/wire", "-x"]])
def test_all_tests_run_two_at_once_and_chosen_ones_as_they_are_asked_for(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, chosen: list[str]
) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "run", lambda *line, **_: started.append(line) or 0)
    for beside in ("prepare", "fetch_godot"):
        monkeypatch.setattr(dev, beside, lambda *_: None)
    assert dev.test(chosen) == 0
    assert started[-1] == ("python", "-m", "pytest", *(chosen or dev.ALL_TESTS))
    assert len(started) > 1, "the checks come first"


def test_system_packages_have_a_name_a_reason_and_a_probe(dev: ModuleType) -> None:
    packages = (dev.VENV_PACKAGE, *dev.BUILD_PACKAGES, *dev.TEST_PACKAGES)
    names = [package.name for package in packages]
    assert len(set(names)) == len(names)
    for package in packages:
        assert re.fullmatch(r"[a-z0-9.+-]+", package.name)
        assert package.why
        assert package.probe
    assert dev.SystemPackage("python", "runs this", sys.executable).present()
    assert not dev.SystemPackage("none", "is nowhere", "/no/such/file-*").present()


@pytest.fixture
def debian(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """A Debian, with root, that lacks one package."""
    monkeypatch.setattr(dev.shutil, "which", lambda name: "apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0, raising=False)
    return (dev.SystemPackage("lacking", "is lacking", "/no/such/file"),)


def test_root_on_debian_installs_what_is_missing(
    dev: ModuleType, debian: tuple[object, ...], steps: list[str]
) -> None:
    dev.install_system_packages(debian)
    assert steps == ["apt-get install -y --no-install-recommends lacking"]


def test_package_lists_are_read_only_when_installing_fails(
    dev: ModuleType, debian: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def step(_: str, line: list[str], **__: str) -> None:
        taken.append(line[1])
        if taken == ["install"]:
            raise dev.Failed("no lists")

    monkeypatch.setattr(dev, "step", step)
    dev.install_system_packages(debian)
    assert taken == ["install", "update", "install"]


def test_it_goes_on_when_packages_cannot_be_installed(
    dev: ModuleType,
    debian: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    def step(*_: object, **__: object) -> None:
        raise dev.Failed("offline")

    monkeypatch.setattr(dev, "step", step)
    dev.install_system_packages(debian)
    assert "apt-get install -y --no-install-recommends lacking" in capsys.readouterr().out


def test_without_root_the_line_to_run_is_printed(
    dev: ModuleType,
    debian: tuple[object, ...],
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000, raising=False)
    dev.install_system_packages(debian)
    assert steps == []
    assert "  sudo apt-get install -y --no-install-recommends lacking\n" in capsys.readouterr().out


def test_quiet_step_is_not_silent(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(dev, "HEARTBEAT_S", 0.2)
    code = "import time; print('half done'); time.sleep(1.5)"
    dev.step("Waiting", [sys.executable, "-c", code])
    out = capsys.readouterr().out
    assert out.startswith("Waiting …\n")
    assert "half done" in out
    assert "done in" in out


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("WARNING: Retrying after connection broken by 'X'", "check the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "not the one in"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
    ],
)
def test_known_failures_are_one_sentence(
    dev: ModuleType, capsys: pytest.CaptureFixture, printed: str, sentence: str
) -> None:
    with pytest.raises(dev.Failed, match=sentence):
        dev.step("Trying", [sys.executable, "-c", f"print({printed!r}); raise SystemExit(2)"])
    assert printed not in capsys.readouterr().out


def test_unknown_failure_shows_the_last_lines(
    dev: ModuleType, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(dev.Failed, match="Trying failed"):
        dev.step("Trying", [sys.executable, "-c", "print('odd thing'); raise SystemExit(2)"])
    assert "  | odd thing" in capsys.readouterr().out


@pytest.fixture
def this_python(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(dev, "BIN", Path(sys.executable).parent)
    return Path(sys.executable).stem


@pytest.mark.parametrize("code", [0, 1, 7])
def test_exit_codes_are_passed_on(dev: ModuleType, this_python: str, code: int) -> None:
    assert dev.run(this_python, "-c", f"raise SystemExit({code})") == code


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end by")
def test_ended_by_a_signal_is_told_as_shells_do(dev: ModuleType, this_python: str) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert dev.run(this_python, "-c", code) == 128 + signal.SIGKILL


@pytest.mark.parametrize("mine", [None, "elsewhere"])
def test_models_beside_the_checkout_are_used_unless_named(
    dev: ModuleType,
    this_python: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    mine: str | None,
) -> None:
    beside = tmp_path / "shared" / "models"
    beside.mkdir(parents=True)
    monkeypatch.setattr(dev, "ROOT", tmp_path / "main")
    monkeypatch.delenv("RAPPORT_MODELS__DIRECTORY", raising=False)
    if mine:
        monkeypatch.setenv("RAPPORT_MODELS__DIRECTORY", mine)
    code = "import os, sys; sys.exit(os.environ['RAPPORT_MODELS__DIRECTORY'] != sys.argv[1])"
    assert dev.run(this_python, "-c", code, mine or str(beside)) == 0


@pytest.mark.parametrize("rest", [[], ["--seconds", "3"], ["-h"], ["--loop", "clip.mp4", "-v"]])
def test_arguments_reach_rapport_as_they_are(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, rest: list[str]
) -> None:
    seen: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "rapport", lambda *arguments: seen.append(arguments) or 3)
    monkeypatch.setattr(sys, "argv", ["dev.py", "demo", *rest])
    assert dev.main() == 3
    assert seen == [("demo", *rest)]


def test_old_python_is_refused(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(dev.Failed, match=r"3\.11"):
        dev.main()


def test_wrong_command_is_told_without_a_traceback(repository: Path) -> None:
    line = [sys.executable, str(repository / "dev.py"), "dance"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "invalid choice" in done.stderr
    assert "Traceback" not in done.stderr


def test_continuous_integration_runs_the_tests_and_nothing_else(repository: Path) -> None:
    script = (repository / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[1] == "set -euo pipefail"
    assert script[-1] == "python3 dev.py test"
    assert len(script) == 4
