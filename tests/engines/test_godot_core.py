"""The Godot bridge in the real engine: bytes, a real sidecar, and peers that break the rules."""

import json
import random
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engines.fake_peer import FakePeer, command, frame, welcome, write_file
from engines.godot_engine import ADDON, GodotProject, Ran, checked
from sidecars import READY_S, SidecarProcess

pytestmark = pytest.mark.system

SEED = 20261126
PROFILE = json.dumps(
    {
        "reaction": {
            "soothe": {"when": {"signal": "anger", "enter": 0.5, "exit": 0.3}, "priority": 1},
            "cheer": {"when": {"signal": "happiness", "enter": 0.5, "exit": 0.3}},
        }
    }
)
SCRIPTS = sorted(path.relative_to(ADDON).as_posix() for path in ADDON.rglob("*.gd"))
RECONNECTION_S = 5.0
"""How late a reconnection may be on a machine with much to do; what it takes is printed."""


@pytest.fixture
def runtime(clean_environment: dict[str, str]) -> Path:
    """Where the sidecars of a test leave their files."""
    return Path(clean_environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"])


@pytest.fixture
def environment(runtime: Path) -> dict[str, str]:
    return {"RAPPORT_WIRE__RUNTIME_DIRECTORY": str(runtime)}


@pytest.fixture
def watching(
    project: GodotProject, environment: dict[str, str]
) -> Iterator[Callable[[int, float], "subprocess.Popen[str]"]]:
    """Start the case `watch`; it is killed if it is left."""
    started: list[subprocess.Popen[str]] = []

    def start(connections: int, seconds: float) -> "subprocess.Popen[str]":
        started.append(
            project.start("--", "watch", str(connections), str(seconds), environment=environment)
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def simulate(start: Callable[..., SidecarProcess], *arguments: str) -> SidecarProcess:
    """A sidecar that plays a script, once it can be found."""
    sidecar = start("simulate", *arguments)
    sidecar.connect().close()
    return sidecar


def test_the_project_is_imported_without_a_complaint(project: GodotProject) -> None:
    assert project.imported.code == 0, project.imported.output


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_sound(project: GodotProject, script: str) -> None:
    ran = project.run("--check-only", "--script", f"res://addons/rapport/{script}")
    assert ran.code == 0, ran.output


def test_golden_vectors_are_read_and_refused(project: GodotProject, repository: Path) -> None:
    ran = project.case("golden", str(repository / "bridge" / "protocol" / "golden"))
    assert int(ran.told("VECTORS")[0]) > 80


def test_random_bytes_do_no_harm(project: GodotProject, repository: Path) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    golden = repository / "bridge" / "protocol" / "golden" / "states.json"
    good = json.loads(golden.read_text(encoding="utf-8"))["vectors"][0]["frame_hex"][12:]
    ran = project.case("random_bytes", str(SEED), good)
    assert ran.told("INPUTS")[0].startswith("20000 ")


def test_a_real_sidecar_is_found_asked_and_heard(
    project: GodotProject,
    environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    simulate(start_sidecar, "calm_then_frustrated", "--speed", "5")
    ran = project.case("play", "mira", PROFILE, environment=environment)
    assert "CONNECTED" in ran.lines
    assert ran.told("TIME") == ["true"]
    assert ran.told("UNKNOWN") == ["request_unknown"]
    assert ran.told("REFUSED") == ["0 MISSED 0"]
    assert ran.told("WAITED") == ["for soothe"]
    assert "voice ok" in ran.told("CONDITION")
    numbers = [int(told.split()[0]) for told in ran.told("EVENT")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    begun = [told.split(":")[0] for told in ran.told("BEGAN")]
    ended = ran.told("ENDED")
    assert begun[-1] == "mira soothe" and ended[-1].startswith("mira soothe")
    assert re.search(r"soothe: anger 0\.\d\d above 0\.50 \((face|voice)\)", ran.output)


def test_a_sidecar_that_is_killed_is_missed_quietly_and_its_successor_found(
    watching: Callable[[int, float], "subprocess.Popen[str]"],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    first = simulate(start_sidecar, "calm_then_frustrated", "--loop")
    game = watching(2, 60.0)
    time.sleep(4.0)
    first.process.kill()
    first.finish()
    time.sleep(2.0)
    second = simulate(start_sidecar, "calm_then_frustrated", "--loop")
    ready = time.time()
    output, _ = game.communicate(timeout=READY_S)
    assert second.process.poll() is None
    ran = checked(Ran(game.returncode, output))
    connected = [float(told) for told in ran.told("CONNECTED")]
    (gone,) = ran.told("GONE")
    assert len(connected) == 2
    assert connected[0] < float(gone.split()[0]) < connected[1]
    print(f"reconnected {connected[1] - ready:+.2f} s after the sidecar could be found")  # noqa: T201  a figure or a seed
    assert connected[1] - ready < RECONNECTION_S
    assert len(ran.lines) < 12, f"this is spam:\n{output}"


def test_after_a_stall_the_newest_state_comes_first_and_no_event_is_lost(
    project: GodotProject,
    environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    busy = {"reaction": {"nod": {"when": {"signal": "confidence", "enter": 0.2}}}}
    profile = environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"] + ".json"
    Path(profile).write_text(json.dumps(busy), encoding="utf-8")
    script = ("calm_then_frustrated", "--speed", "12", "--loop")
    simulate(start_sidecar, *script, "--profile", f"mira={profile}")
    ran = project.case("stall", environment=environment)
    ((age, connected),) = re.findall(r"AGE ([\d.]+) CONNECTED (\w+)", ran.output)
    print(f"the first state after the stall was {age} ms old")  # noqa: T201  a figure or a seed
    assert float(age) < 1000.0
    assert connected == "true"
    assert ran.told("EVENTS")[0].endswith("MISSED 0")


def states(repository: Path, name: str) -> list[bytes]:
    golden = repository / "bridge" / "protocol" / "golden" / f"{name}.json"
    read = json.loads(golden.read_text(encoding="utf-8"))["vectors"]
    return [bytes.fromhex(vector["frame_hex"]) for vector in read]


@pytest.mark.parametrize("kind", ["garbage", "oversized", "truncated", "refused", "many_frames"])
def test_a_peer_that_breaks_the_rules_is_left(
    project: GodotProject,
    environment: dict[str, str],
    runtime: Path,
    repository: Path,
    kind: str,
) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    chance = random.Random(SEED)
    invalid = states(repository, "invalid")
    good = states(repository, "states")[0]

    def act(client: socket.socket) -> None:
        if kind == "garbage":
            client.sendall(chance.randbytes(4096))
            return
        welcome(client)
        match kind:
            case "oversized":
                client.sendall(b"\x02" + (1 << 40).to_bytes(8, "big") + bytes(4096))
            case "truncated":
                client.sendall(frame(good)[: len(good) // 2])
            case "refused":
                client.sendall(b"".join(map(frame, invalid)) + command(b"PING", b"\0\0abc"))
                client.sendall(frame(good))
            case "many_frames":
                client.sendall(frame(good, flags=1))
        time.sleep(0.5)

    with FakePeer(runtime, act) as peer:
        ran = project.case("watch", "1", "3", environment=environment)
        assert peer.connections > 3, "it did not try again"
    assert not ran.told("CONNECTED")
    ((reason, refused, label),) = re.findall(r"REASON (\w+) REFUSED (\d+) STATE (\w+)", ran.output)
    assert reason == "sidecar_silent"
    if kind == "refused":
        assert int(refused) >= 1
    assert label in ("uncertain", "happiness")


def test_a_wrong_token_is_told_as_such(
    project: GodotProject,
    environment: dict[str, str],
    runtime: Path,
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    simulate(start_sidecar, "calm_then_frustrated", "--loop")
    (file,) = runtime.glob("sidecar-*.json")
    told = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    write_file(runtime, told["state"], told["events"], told["control"], "x" * 43, told["pid"])
    ran = project.case("watch", "1", "3", environment=environment)
    assert not ran.told("CONNECTED")
    assert ran.told("REASON")[0].startswith("access_denied")
