"""`rapport doctor` and `rapport devices`, on whatever machine this is."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rapport.cli import checks
from rapport.settings import Wire
from rapport.wire.publisher import Publisher

from .conftest import Rapport

pytestmark = pytest.mark.system

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(autouse=True)
def no_sound_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """PortAudio keeps for the life of a process what it first found, and other tests of this
    process have microphones to find: here it is started in other processes only. mediapipe brings
    a library that starts it when imported."""
    monkeypatch.setenv("RAPPORT_MICROPHONE__ENABLED", "false")
    monkeypatch.setitem(sys.modules, "mediapipe", ModuleType("mediapipe"))


def findings(rapport: Rapport, *arguments: str) -> dict[str, Any]:
    """What was found, by check; the worst of each."""
    ended = rapport(*arguments, "doctor", "--json")
    told = json.loads(ended.out)
    failed = [f for f in told["findings"] if f["verdict"] == "fail"]
    assert told["ok"] == (not failed)
    assert ended.code == (1 if failed else 0)
    order = ["ok", "warn", "fail"]
    return {
        f["check"]: f for f in sorted(told["findings"], key=lambda f: order.index(f["verdict"]))
    }


def test_what_works_is_said(rapport: Rapport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "1")
    found = findings(rapport)
    for check in ("settings", "system", "packages", "telemetry", "runtime directory", "ports"):
        assert found[check]["verdict"] == "ok", found[check]
    assert "mediapipe" in found["packages"]["found"]
    for finding in found.values():
        assert finding["found"]
        assert bool(finding["remedy"]) == (finding["verdict"] != "ok")


def test_models_that_the_licence_policy_refuses_are_told_and_no_defect(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_MODELS__LICENCE_POLICY", "commercial")
    told = json.loads(rapport("doctor", "--json").out)["findings"]
    models = {f["found"].split()[0]: f for f in told if f["check"] == "model"}
    assert models["voice_emotion"]["verdict"] == "ok"
    assert "licence_policy" in models["voice_emotion"]["found"]
    assert "No emotion is read from the voice" in models["voice_emotion"]["found"]
    assert "here and genuine" in models["text_emotion"]["found"]


def test_telemetry_that_is_not_switched_off_is_told(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    assert findings(rapport)["telemetry"]["verdict"] == "warn"


def test_the_table_says_the_same(rapport: Rapport) -> None:
    ended = rapport("doctor")
    assert "runtime directory" in ended.out
    assert "telemetry" in ended.out
    assert ended.err == ""


def test_wrong_settings_are_one_finding(start: Start, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("[camera]\nfpss = 3\n")
    process = start("--config", str(tmp_path / "wrong.toml"), "doctor", "--json")
    told = json.loads(process.communicate(timeout=60)[0])
    found = {finding["check"]: finding for finding in told["findings"]}
    assert process.returncode == 1
    assert not told["ok"]
    assert found["settings"]["verdict"] == "fail"
    assert "settings_invalid" in found["settings"]["found"]
    assert found["ports"]["verdict"] == "ok"


def test_an_unusable_runtime_directory_fails(
    rapport: Rapport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RAPPORT_WIRE__RUNTIME_DIRECTORY", str(tmp_path / "file" / "runtime"))
    found = findings(rapport)
    assert found["runtime directory"]["verdict"] == "fail"
    assert found["ports"]["verdict"] == "ok"


def test_a_port_in_use_fails(rapport: Rapport, monkeypatch: pytest.MonkeyPatch) -> None:
    with Publisher(Wire()) as other:
        monkeypatch.setenv("RAPPORT_WIRE__EVENTS_PORT", other.state_address.rpartition(":")[2])
        found = findings(rapport)
    assert found["ports"]["verdict"] == "fail"
    assert "port_in_use" in found["ports"]["found"]


def test_a_language_model_is_looked_for_where_one_is_wanted(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "appraiser" not in findings(rapport)
    monkeypatch.setenv("RAPPORT_APPRAISER__ENABLED", "true")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("RAPPORT_APPRAISER__ENDPOINT", f"http://localhost:{port}/v1")
        assert findings(rapport)["appraiser"]["verdict"] == "ok"
    found = findings(rapport)["appraiser"]
    assert (found["verdict"], "endpoint_unreachable" in found["found"]) == ("warn", True)
    monkeypatch.setenv("RAPPORT_APPRAISER__ENDPOINT", "http://studio.lan/v1")
    assert "endpoint_refused" in findings(rapport)["appraiser"]["found"]
    monkeypatch.setenv("RAPPORT_APPRAISER__REMOTE", "true")
    assert "not called" in findings(rapport)["appraiser"]["found"]


def test_a_version_that_reports_home_fails(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"mediapipe": "0.10.35", "onnxruntime-gpu": "1.31.0"}
    monkeypatch.setattr(checks, "_version", lambda package: versions.get(package, ""))
    found = findings(rapport)
    assert found["telemetry"]["verdict"] == "fail"
    assert "mediapipe<0.10.34" in found["telemetry"]["remedy"]


def test_packages_that_overwrite_each_other_are_told(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_version", lambda _package: "1.2.3")
    found = findings(rapport)
    assert found["package"]["verdict"] == "warn"
    assert "overwrite" in found["package"]["found"]


def test_a_library_that_does_not_load_is_told(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(checks.PACKAGES, "a_library_that_is_not_there", ("that-library",))
    found = findings(rapport)
    assert found["package"]["verdict"] == "fail"
    assert "that-library" in found["package"]["found"]


def test_a_check_that_breaks_does_not_hide_the_others(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _broken(_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(checks, "CHECKS", (_broken, *checks.CHECKS))
    found = findings(rapport)
    assert found["broken"]["verdict"] == "fail"
    assert found["ports"]["verdict"] == "ok"


def test_devices_as_json_and_as_table(start: Start) -> None:
    listed = json.loads(start("devices", "--json").communicate(timeout=30)[0])
    assert set(listed) == {"cameras", "microphones", "microphones_error"}
    process = start("devices")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    for device in listed["cameras"] + listed["microphones"]:
        assert device["name"][:20] in out
    if not listed["cameras"]:
        assert "No camera" in out


@pytest.mark.usefixtures("fake_microphone")
def test_a_microphone_is_found(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_MICROPHONE__ENABLED", "true")
    out, _ = start("devices").communicate(timeout=30)
    assert "microphone *" in out
    assert "No microphone" not in out
    told = json.loads(start("doctor", "--json").communicate(timeout=60)[0])["findings"]
    microphones = [finding for finding in told if finding["check"] == "microphone"]
    assert [finding["verdict"] for finding in microphones] == ["ok"] * len(microphones)
    assert any("the default" in finding["found"] for finding in microphones)


def test_a_device_that_is_not_there_is_told(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_CAMERA__DEVICE", "a camera of that name is not there")
    camera = findings(rapport)["camera"]
    assert camera["verdict"] == "warn"
    assert camera["remedy"]
