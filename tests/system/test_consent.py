"""Consent with real devices: nothing is open without it, and revoking releases at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devices import FakeCamera, FakeMicrophone, wait_for
from rapport.consent import text
from rapport.state import Condition, EventKind, Modality
from rapport.wire import answers
from rapport.wire import requests as ask
from rapport.wire.control_client import Control, connect_control
from sidecars import READY_S, SidecarProcess, allow

pytestmark = pytest.mark.system

Start = Callable[..., SidecarProcess]
LIMIT_S = 10.0
"""Far above what is measured (`rapport bench --trust`): tests do not judge speed."""


def control(sidecar: SidecarProcess, app: str = "tavern") -> Control:
    return connect_control(app=app, name=app.title(), runtime_directory=sidecar.runtime)


def grant(control: Control, *permissions: str) -> answers.ConsentStatus:
    return control.ask(
        ask.GrantConsent(permissions=permissions, language="en", text_version=text.VERSION)
    )


def capturing(control: Control, *modalities: Modality) -> bool:
    return set(control.ask(ask.GetStatus()).capturing) == set(modalities)


def test_without_consent_no_device_is_opened_and_the_state_says_so(
    start_sidecar: Start, fake_camera: FakeCamera, fake_microphone: FakeMicrophone
) -> None:
    sidecar = start_sidecar("run", "--camera", fake_camera.url, **fake_microphone.environment)
    with sidecar.connect() as client, control(sidecar) as game:
        for number, state in enumerate(client.states(READY_S)):
            conditions = {state.modalities[m].condition for m in (Modality.FACE, Modality.VOICE)}
            if conditions == {Condition.DISABLED} and number > 60:
                break
            assert conditions <= {Condition.STARTING, Condition.DISABLED}
        status = game.ask(ask.GetStatus())
    assert status.capturing == ()
    assert status.waiting_for == {"camera": "consent_missing", "microphone": "consent_missing"}
    assert fake_camera.accepted == 0
    assert fake_microphone.listeners() == 0
    sidecar.process.terminate()
    code, out, _ = sidecar.finish()
    assert code == 0
    assert "rapport consent grant" in out


def test_each_permission_by_itself_through_the_game_and_back(
    start_sidecar: Start, fake_camera: FakeCamera, fake_microphone: FakeMicrophone
) -> None:
    sidecar = start_sidecar("run", "--camera", fake_camera.url, **fake_microphone.environment)
    with sidecar.connect() as client, control(sidecar) as game:
        game.keep_lease()
        shown = game.ask(ask.GetConsentText(language="de"))
        assert "Tavern" in shown.title + shown.body
        held = grant(game, "microphone")
        assert [g.permission for g in held.grants] == ["microphone"]
        assert wait_for(lambda: capturing(game, Modality.VOICE), READY_S)
        assert fake_microphone.listeners() == 1
        assert fake_camera.accepted == 0
        grant(game, "camera")
        assert wait_for(lambda: capturing(game, Modality.FACE, Modality.VOICE), READY_S)
        client.events()
        game.ask(ask.RevokeConsent(permissions=("camera", "microphone")))
        # The answer came after the release, so there is nothing to wait for.
        assert fake_microphone.listeners() == 0
        assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)  # the far end sees it later
        state = client.state(LIMIT_S)
        state = client.state(LIMIT_S)
        assert state.modalities[Modality.FACE].condition is Condition.DISABLED
        assert state.modalities[Modality.VOICE].condition is Condition.DISABLED
        assert game.ask(ask.GetStatus()).capturing == ()
        kinds = [event.kind for event in client.events(LIMIT_S)]
        assert kinds.count(EventKind.CONSENT_REVOKED) == 2


def test_the_command_line_revokes_while_the_sidecar_runs(
    start_sidecar: Start, fake_camera: FakeCamera, clean_environment: dict[str, str]
) -> None:
    allow(clean_environment, "camera")
    sidecar = start_sidecar("run", "--camera", fake_camera.url, "--no-microphone")
    assert wait_for(lambda: fake_camera.connections == 1, READY_S)
    command = [sys.executable, "-m", "rapport.cli", "consent", "revoke", "--app", "rapport"]
    subprocess.run(command, env=clean_environment, check=True, capture_output=True)
    assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)
    sidecar.process.terminate()
    assert sidecar.finish()[0] == 0


def test_a_pause_releases_everything_for_everybody(
    start_sidecar: Start, fake_camera: FakeCamera, clean_environment: dict[str, str]
) -> None:
    allow(clean_environment, "camera")
    sidecar = start_sidecar("run", "--camera", fake_camera.url, "--no-microphone")
    with control(sidecar) as game:
        assert wait_for(lambda: capturing(game, Modality.FACE), READY_S)
        assert game.ask(ask.Pause()).waiting_for["camera"] == "paused"
        assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)
        game.ask(ask.Resume())
        assert wait_for(lambda: capturing(game, Modality.FACE), READY_S)
        assert game.ask(ask.SetDuty(level="off")).waiting_for["camera"] == "duty_off"
        assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)


def test_consent_for_one_game_does_not_feed_another(
    start_sidecar: Start, fake_camera: FakeCamera, clean_environment: dict[str, str]
) -> None:
    sidecar = start_sidecar("run", "--camera", fake_camera.url, "--no-microphone")
    with control(sidecar, "tavern") as tavern, control(sidecar, "racer") as racer:
        tavern.keep_lease()
        grant(tavern, "camera")
        assert wait_for(lambda: capturing(tavern, Modality.FACE), READY_S)
        racer.keep_lease()
        assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)
        assert racer.ask(ask.GetStatus()).waiting_for["camera"] == "consent_missing"
        racer.end_lease()
        assert wait_for(lambda: capturing(tavern, Modality.FACE), READY_S)


GAME = """
import sys, time
from rapport.wire.control_client import connect_control
game = connect_control(app="tavern", name="Tavern", timeout_s=60)
game.keep_lease()
print("ready", flush=True)
time.sleep(600)
"""


def test_a_game_that_is_killed_leaves_no_camera_on_and_no_sidecar_behind(
    start_sidecar: Start, fake_camera: FakeCamera, clean_environment: dict[str, str]
) -> None:
    allow(clean_environment, "camera", app="tavern")
    sidecar = start_sidecar("run", "--camera", fake_camera.url, "--no-microphone", "--lease")
    command = [sys.executable, "-c", GAME]
    with subprocess.Popen(command, env=clean_environment, stdout=subprocess.PIPE) as game:
        try:
            assert game.stdout is not None
            assert game.stdout.readline() == b"ready\n"
            assert wait_for(lambda: fake_camera.connections == 1, READY_S)
        finally:
            game.kill()
    assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)
    code, _, err = sidecar.finish()
    assert code == 0
    assert "No application holds a lease" in err


@pytest.mark.skipif(os.name == "nt", reason="needs a process that can be killed by its group")
def test_a_sidecar_ends_with_the_program_that_started_it(
    start_sidecar: Start, fake_camera: FakeCamera, clean_environment: dict[str, str]
) -> None:
    allow(clean_environment, "camera")
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    sidecar = start_sidecar(
        "run", "--camera", fake_camera.url, "--no-microphone", "--parent-pid", str(parent.pid)
    )
    try:
        assert wait_for(lambda: fake_camera.connections == 1, READY_S)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert sidecar.finish()[0] == 0
    assert wait_for(lambda: fake_camera.connections == 0, LIMIT_S)


def test_a_second_sidecar_finds_the_first_and_says_so(
    start_sidecar: Start, demo_clip: Path
) -> None:
    first = start_sidecar("run", "--source", str(demo_clip), "--loop")
    with first.connect():
        code, _, err = start_sidecar("run", "--source", str(demo_clip)).finish()
    assert code == 1
    assert "already_running" in err
    assert str(first.process.pid) in err
    assert first.process.poll() is None


def test_the_baseline_is_learned_kept_and_reported(
    start_sidecar: Start, demo_clip: Path, clean_environment: dict[str, str]
) -> None:
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop", "--no-microphone")
    with sidecar.connect() as client, control(sidecar) as game:
        next(iter(s for s in client.states() if s.face_present))
        assert game.ask(ask.StartBaseline(profile="anna")).status == "learning"
        assert wait_for(lambda: client.state().baseline == "set", READY_S)
        assert game.ask(ask.StopBaseline()).status == "set"
        kept = Path(clean_environment["XDG_DATA_HOME"]) / "rapport" / "baselines" / "anna.json"
        if sys.platform == "linux":
            assert kept.stat().st_mode & 0o077 == 0
        assert game.ask(ask.ClearBaseline(profile="anna")).status == "none"
        time.sleep(0.1)
        assert client.state().baseline == "none"
        assert not kept.exists()
