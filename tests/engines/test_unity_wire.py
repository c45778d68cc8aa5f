"""The core of the Unity bridge on real sockets: real sidecars, trouble, and breakers of rules."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from engines.fake_peer import FakePeer, command, frame, welcome
from engines.fake_sidecar import event_frame, fake_sidecar
from engines.mono import Game, StartGame
from rapport.state import COURSES, LABELS, SCHEMA
from rapport.wire.requests import Mark, Say
from sidecars import SidecarProcess

pytestmark = pytest.mark.system

APP = "org.example.game"
FRESH_MS = 1000
"""The protocol's own bound: a state that is older must not be taken for the present."""
REACTS = {
    "reaction": {
        "soothe": {
            "when": {"signal": "valence", "enter": -0.05, "exit": -0.02},
            "hold_s": 0.1,
            "cooldown_s": 0.1,
            "decay_s": 0.1,
        },
        "cheer": {
            "when": {"signal": "valence", "enter": 0.05, "exit": 0.02},
            "hold_s": 0.1,
            "cooldown_s": 0.1,
            "decay_s": 0.1,
        },
    }
}

Simulate = Callable[..., SidecarProcess]
Publish = Callable[[float], "subprocess.Popen[str]"]


@pytest.fixture
def runtime(clean_environment: dict[str, str]) -> Path:
    """Where the sidecars of a test leave their files."""
    return Path(clean_environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"])


@pytest.fixture
def game(start_game: StartGame, runtime: Path) -> Game:
    """A game that looks there."""
    return start_game(APP, runtime)


@pytest.fixture
def simulate(start_sidecar: Callable[..., SidecarProcess]) -> Simulate:
    """Start a sidecar that plays a script again and again."""

    def start(script: str = "calm_then_frustrated", speed: float = 8.0) -> SidecarProcess:
        return start_sidecar("simulate", script, "--speed", str(speed), "--loop")

    return start


@pytest.fixture
def publish(repository: Path, runtime: Path) -> Iterator[Publish]:
    """Start a publisher of the golden state `typical`, at a rate."""
    golden = repository / "bridge" / "protocol" / "golden" / "states.json"
    vectors = json.loads(golden.read_text(encoding="utf-8"))["vectors"]
    typical = next(v["frame_hex"] for v in vectors if v["name"] == "typical")
    script = repository / "tests" / "wire" / "publish_states.py"
    started: list[subprocess.Popen[str]] = []

    def start(rate_hz: float) -> "subprocess.Popen[str]":
        arguments = [sys.executable, str(script), typical, str(rate_hz), str(runtime)]
        process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def say(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def told(game: Game, what: str) -> list[Any]:
    return [value for kind, value in game.heard if kind == what]


def is_up(connection: list[Any]) -> bool:
    return connection[0] is True


def failed_with(code: str) -> Callable[[list[Any]], bool]:
    return lambda connection: connection == [False, code]


def test_a_profile_over_control_makes_reactions_in_order(game: Game, simulate: Simulate) -> None:
    simulate()
    game.wait("connection", is_up)
    game.say("profile", "mira", json.dumps(REACTS))
    reply = game.wait("reply")
    assert reply["ok"], reply
    assert sorted(reply["fields"]["reactions"]) == ["cheer", "soothe"]
    for name in ("cheer", "soothe", "cheer"):
        game.wait("ended", lambda reaction, name=name: reaction["name"] == name)
    began = [r["firing"] for r in told(game, "began")]
    assert began == sorted(set(began)), "begun once each, in order"
    going: set[int] = set()
    for kind, value in game.heard:
        if kind == "began":
            going.add(value["firing"])
            assert value["app"] == APP
            assert value["reason"] == "entered"
            assert value["why"][0]["signal"] == "valence"
        elif kind == "updated":
            assert value["firing"] in going
        elif kind == "ended":
            going.remove(value["firing"])
    numbers = [event["sequence"] for event in told(game, "event")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    game.say("waitfor", "cheer")
    assert game.wait("waited")["name"] == "cheer"
    state = read_state(game)
    assert set(state["modalities"]) == {"face", "voice", "text"}
    assert state["replay"] is True
    figures = game.figures()
    assert figures["refused"] == figures["missed_events"] == 0
    assert figures["quiet_pumps"] > 100
    assert figures["allocated"] == 0, "a state costs garbage on the game's thread"
    print(f"from sidecar to network thread: {figures}")  # noqa: T201  figures
    assert game.quit() == 0


def test_a_lease_is_kept_while_it_is_wanted(game: Game, runtime: Path) -> None:
    with fake_sidecar(runtime) as sidecar:
        game.wait("connection", is_up)
        taken = sidecar.wait_asked("lease.take", 3)
        assert {request["seconds"] for request in taken} == {1.5}
        assert len(sidecar.wait_asked("hello", 2)) == 2, "a connection of its own"
        game.say("capture", "off")
        sidecar.wait_asked("lease.end")
        game.say("capture", "on")
        sidecar.wait_asked("lease.take", len(sidecar.wait_asked("lease.take")) + 1)
        assert game.quit() == 0
        sidecar.wait_asked("lease.end", 2)


def test_lines_and_moments_are_told_as_the_protocol_wants_them(game: Game, runtime: Path) -> None:
    with fake_sidecar(runtime) as sidecar:
        game.wait("connection", is_up)
        told_line = {"text": "Great, thanks.", "role": "player", "line": "odo.price.1"}
        game.say("line", "traveller", json.dumps(told_line))
        game.say("line", "traveller", json.dumps({**told_line, "seconds": 1.5}))
        game.say("mark", "betrayal")
        game.say("mark", "boss_died", "123456789012345")
        for _ in range(4):
            assert game.wait("reply")["ok"]
        lines = sidecar.wait_asked("dialogue", 2)
        assert "seconds" not in lines[0], "a sidecar of an older schema would refuse it"
        assert lines[1]["seconds"] == 1.5
        for line in lines:
            asked = msgspec.convert(line, Say)
            assert (asked.speaker, asked.text, asked.line) == (
                "traveller", "Great, thanks.", "odo.price.1"
            )  # fmt: skip
        marks = [msgspec.convert(mark, Mark) for mark in sidecar.wait_asked("dialogue.mark", 2)]
        assert [(mark.moment, mark.at_ns) for mark in marks] == [
            ("betrayal", None), ("boss_died", 123456789012345)
        ]  # fmt: skip


def test_what_a_game_tells_comes_back_in_the_state(
    game: Game, start_sidecar: Callable[..., SidecarProcess]
) -> None:
    """A real sidecar without devices: all that it knows is what is said."""
    start_sidecar("run", "--no-camera", "--no-microphone").connect().close()
    game.wait("connection", is_up)
    state = read_state(game)
    assert state["conversation"] is None
    game.say("mark", "betrayal")
    assert game.wait("reply")["ok"]
    # The event goes over another socket: it may come before the reply, or after it.
    events = [told for what, told in game.heard if what == "event"]
    while not any(event["kind"] == "moment_marked" for event in events):
        events.append(game.wait("event"))
    (marked,) = (event for event in events if event["kind"] == "moment_marked")
    assert marked["detail"] == "betrayal"
    for speaker, role, text in (
        ("Odo", "npc", "Your friend has sold us."), ("traveller", "player", "I hate you! Get out!")
    ):  # fmt: skip
        line = {"text": text, "role": role, "line": f"odo.{role}"}
        game.say("line", speaker, json.dumps(line))
        assert game.wait("reply")["ok"]
    while (state := read_state(game))["conversation"] is None or state["mood"] is None:
        time.sleep(0.02)
    assert state["schema"] == SCHEMA
    conversation = state["conversation"]
    assert (conversation["utterances"], conversation["line"]) == (2, "odo.player")
    assert conversation["role"] == "player"
    assert conversation["reading"][LABELS.index("anger")] > 1 / len(LABELS)
    assert state["mood"]["valence"] < 0.0
    assert state["contradiction"] is None, "words alone raise no doubt"
    moment = state["moments"]["betrayal"]
    assert moment["course"] in COURSES
    assert moment["since_s"] > 0.0
    figures = game.figures()
    assert figures["refused"] == figures["missed_events"] == 0


def test_it_finds_the_sidecar_again_and_tells_it_what_it_must_know(
    game: Game, simulate: Simulate
) -> None:
    first = simulate()
    game.wait("connection", is_up)
    game.say("profile", "mira", json.dumps(REACTS))
    assert game.wait("reply")["ok"]
    game.say("context", "mira", json.dumps({"health": 0.5, "boss": True}))
    assert game.wait("reply")["ok"]
    game.wait("began")
    first.process.kill()
    first.finish()
    lost = game.wait("connection")
    assert lost == [False, "connection_lost"]
    state = read_state(game)
    assert state["label"] == "uncertain"
    assert state["probabilities"] is None
    ended = [reaction["firing"] for reaction in told(game, "ended")]
    assert [r["firing"] for r in told(game, "began")] == ended, "nothing goes on without a sidecar"
    simulate()
    game.wait("connection", is_up)
    game.wait("event", lambda event: event["kind"] == "profile_loaded")
    game.wait("began")
    assert game.ask("profile.get", {"npc": "mira"})["fields"]["source"] == "control"
    assert told(game, "warned") != []
    assert [code for code, _ in told(game, "warned") if code not in KNOWN_LOSSES] == []
    assert game.quit() == 0


KNOWN_LOSSES = ("connection_lost", "sidecar_not_found")


def test_after_five_seconds_of_stall_the_game_gets_no_old_news(
    game: Game, publish: Publish
) -> None:
    """A scene that loads: the game's own thread stands still, the network's goes on."""
    publisher = publish(50)
    game.wait("connection", is_up)
    game.say("stall", "5000")
    say(publisher, "events 700")
    game.wait("event", lambda event: event["detail"] == "number 699")
    figures = game.figures()
    print(f"oldest after the stall: {figures['oldest_ms']} ms")  # noqa: T201  figures
    assert figures["oldest_ms"] < FRESH_MS
    assert figures["missed_events"] == 0
    numbers = [event["detail"] for event in told(game, "event")]
    assert numbers == [f"number {n}" for n in range(700)]
    assert told(game, "connection")[-1] == [True, ""], "it was never lost"
    assert told(game, "connection").count([True, ""]) == 1


def test_after_a_frozen_process_the_game_gets_no_old_news(game: Game, publish: Publish) -> None:
    """A debugger, or a laptop's lid: every thread of the game stands still."""
    publish(50)
    game.wait("connection", is_up)
    game.process.send_signal(signal.SIGSTOP)
    time.sleep(3)
    game.say("forget")  # what was the oldest before
    game.process.send_signal(signal.SIGCONT)
    seen = game.figures()["states"]
    while (figures := game.figures())["states"] < seen + 50:
        time.sleep(0.05)
    assert figures["oldest_ms"] < FRESH_MS


def test_a_sidecar_that_hangs_is_silent_and_comes_back(game: Game, publish: Publish) -> None:
    publisher = publish(50)
    game.wait("connection", is_up)
    publisher.send_signal(signal.SIGSTOP)
    assert game.wait("connection") == [False, "sidecar_silent"]
    assert read_state(game)["probabilities"] is None
    publisher.send_signal(signal.SIGCONT)
    game.wait("connection", is_up)
    game.say("figures")
    while read_state(game)["probabilities"] is None:
        time.sleep(0.02)


def test_a_thousand_states_a_second_do_not_hurt(game: Game, publish: Publish) -> None:
    publisher = publish(1000)
    game.wait("connection", is_up)
    time.sleep(1)
    say(publisher, "events 900")  # a sidecar keeps 1,000
    game.wait("event", lambda event: event["detail"] == "number 899")
    time.sleep(1)
    figures = game.figures()
    print(f"at 1 kHz: {figures}")  # noqa: T201  figures
    assert figures["refused"] == figures["missed_events"] == 0
    assert figures["oldest_ms"] < FRESH_MS
    assert len(told(game, "event")) == 900
    assert figures["quiet_pumps"] > 100
    assert figures["allocated"] == 0


def test_missed_events_are_fetched_and_those_of_a_broken_connection_too(
    game: Game, runtime: Path
) -> None:
    with fake_sidecar(runtime) as sidecar:
        history = {n: event_frame(n) for n in range(1, 30)}
        kept = {n: event(history[n]) for n in history}
        sidecar.answers["events.since"] = lambda request: {
            "events": [kept[n] for n in range(request["sequence"] + 1, newest[0] + 1) if n != 17],
            "complete": True,
        }
        newest = [8]
        game.wait("connection", is_up)
        sidecar.publish(history[3], history[4], history[8])  # 5 to 7 are lost on the way
        game.wait("event", lambda event: event["sequence"] == 8)
        assert numbers(game) == [3, 4, 5, 6, 7, 8]
        newest[0] = 12
        sidecar.cut_events()  # 9 to 12 happen while there is no connection
        game.wait("event", lambda event: event["sequence"] == 12)
        assert numbers(game) == list(range(3, 13))
        game.wait("connection", is_up)
        sidecar.publish(history[12], history[13])  # the first was fetched already
        newest[0] = 20
        sidecar.publish(history[20])  # 17 is not kept any more
        game.wait("event", lambda event: event["sequence"] == 20)
        assert numbers(game) == [n for n in range(3, 21) if n != 17]
        assert game.figures()["missed_events"] == 1


def test_hello_is_said_again_to_a_sidecar_that_forgot(game: Game, runtime: Path) -> None:
    with fake_sidecar(runtime) as sidecar:
        game.wait("connection", is_up)
        forgotten = [True]

        def presets(_: dict[str, Any]) -> dict[str, Any]:
            if forgotten.pop() if forgotten else False:
                return {"code": "hello_first", "what": "this client did not say hello"}
            return {"presets": []}

        sidecar.answers["profile.presets"] = presets
        sidecar.wait_asked("lease.take")
        game.say("capture", "off")
        sidecar.wait_asked("lease.end")
        before = len(sidecar.wait_asked("hello"))
        assert game.ask("profile.presets")["ok"]
        assert len(sidecar.wait_asked("hello", before + 1)) == before + 1
        sidecar.answers["profile.presets"] = lambda _: {"code": "hello_first", "what": "never"}
        assert game.ask("profile.presets")["code"] == "hello_first"


def test_an_answer_that_does_not_come_is_not_waited_for(game: Game, runtime: Path) -> None:
    with fake_sidecar(runtime) as sidecar:
        game.wait("connection", is_up)
        sidecar.answers["devices.list"] = lambda request: request.update(id=-1) or {}
        assert game.ask("devices.list")["code"] == "sidecar_silent"
        assert game.ask("time")["ok"]
        assert game.ask("pause", {"x": "y" * 70_000})["code"] == "request_invalid"


def test_what_is_invalid_is_refused_and_the_next_is_read(
    game: Game, runtime: Path, repository: Path
) -> None:
    golden = repository / "bridge" / "protocol" / "golden" / "invalid.json"
    vectors = json.loads(golden.read_text(encoding="utf-8"))["vectors"]
    invalid = [bytes.fromhex(vector["frame_hex"]) for vector in vectors]
    with fake_sidecar(runtime) as sidecar:
        game.wait("connection", is_up)
        as_events = [f for f in invalid if f.startswith(b"event ")]
        sidecar.publish(*as_events, event_frame(1), *as_events, event_frame(2))
        game.wait("event", lambda event: event["sequence"] == 2)
        assert game.figures()["refused"] == 2 * len(as_events) > 0
        for one in invalid:
            if one.startswith(b"state "):
                sidecar.publish(one, on_state=True)
                time.sleep(0.01)
        assert game.figures()["refused"] > 2 * len(as_events)
        assert [code for code, _ in told(game, "warned")].count("message_invalid") == 2
        assert all("happiness" not in what for _, what in told(game, "warned"))


def test_a_sidecar_without_tokens_is_spoken_to_without_any(game: Game, runtime: Path) -> None:
    with fake_sidecar(runtime, guarded=False) as sidecar:
        game.wait("connection", is_up)
        sidecar.publish(event_frame(1))
        game.wait("event")
        assert game.ask("time")["ok"]


def test_a_sidecar_that_takes_no_requests_is_listened_to(
    start_game: StartGame, runtime: Path
) -> None:
    with fake_sidecar(runtime) as sidecar:
        rewrite(sidecar.file, control="")
        game = start_game(APP, runtime)
        game.wait("connection", is_up)
        assert game.ask("time")["code"] == "not_available"
        sidecar.publish(event_frame(1))
        game.wait("event")
        assert game.quit() == 0
        assert sidecar.asked == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"server_key": "x" * 40, "state": "tcp://192.0.2.1:40000"}, "access_denied"),
        ({"state": "tcp://192.0.2.1:40000"}, "sidecar_not_found"),
        ({"process_started": 1.0}, "sidecar_not_found"),
        ({"read_token": "w" * 43}, "access_denied"),
    ],
    ids=["curve", "elsewhere", "gone", "token"],
)
def test_a_sidecar_that_cannot_be_had_is_told_by_its_code(
    fields: dict[str, Any], code: str, start_game: StartGame, runtime: Path
) -> None:
    with fake_sidecar(runtime) as sidecar:
        rewrite(sidecar.file, **fields)
        start_game(APP, runtime).wait("connection", failed_with(code))


def test_a_wrong_token_is_told_and_not_shown(game: Game, publish: Publish, runtime: Path) -> None:
    publish(50)
    (file,) = runtime.glob("sidecar-*.json")
    right = file.read_text(encoding="utf-8")
    game.wait("connection", is_up)
    wrong = json.loads(right) | {"read_token": "w" * 43, "control_token": "w" * 43}
    file.write_text(json.dumps(wrong), encoding="utf-8")
    game.say("stop")
    game.say("start")
    game.wait("connection", failed_with("access_denied"))
    file.write_text(right, encoding="utf-8")
    game.wait("connection", is_up)
    tokens = (wrong["read_token"], json.loads(right)["read_token"])
    assert not any(token in json.dumps(game.heard) for token in tokens)


def garbage(client: socket.socket) -> None:
    client.sendall(random.randbytes(4096))
    client.recv(1)


def silence(client: socket.socket) -> None:
    client.recv(64)
    time.sleep(0.2)


def oversize(client: socket.socket) -> None:
    welcome(client)
    client.sendall(b"\x02" + (2**40).to_bytes(8, "big") + bytes(1000))
    client.recv(1)


def truncated(client: socket.socket) -> None:
    welcome(client)
    client.sendall(frame(b"state " + bytes(500))[:300])


def slow(client: socket.socket) -> None:
    """One byte at a time, of a handshake that never ends."""
    for byte in b"\xff" + bytes(30):
        client.sendall(bytes((byte,)))
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (garbage, "message_invalid"),
        (silence, "connection_lost"),
        (oversize, "message_invalid"),
        (truncated, "connection_lost"),
        (slow, "connection_lost"),
    ],
)
def test_a_peer_that_breaks_the_rules_is_left_for_one_that_does_not(
    act: Callable[[socket.socket], None], code: str, game: Game, runtime: Path, publish: Publish
) -> None:
    with FakePeer(runtime, act) as peer:
        claim_to_run(peer.file)
        game.wait("connection", failed_with(code) if act is not garbage else lambda c: not c[0])
        time.sleep(0.5)
        assert peer.connections < 30, "it comes again too often"
        publish(50)  # newer
        game.wait("connection", is_up)
    assert game.quit() == 0


def test_a_heartbeat_is_answered_with_its_context(game: Game, runtime: Path) -> None:
    heard: list[bytes] = []

    def beat(client: socket.socket) -> None:
        welcome(client)
        client.sendall(command(b"PING", b"\x00\x64" + b"context"))
        until = time.monotonic() + 1
        while time.monotonic() < until:
            heard.append(client.recv(1024))

    with FakePeer(runtime, beat) as peer:
        claim_to_run(peer.file)
        game.wait("connection", failed_with("connection_lost"))
    assert command(b"PONG", b"context") in b"".join(heard)


def test_twenty_starts_and_stops_leave_no_thread_and_no_socket(
    game: Game, publish: Publish
) -> None:
    """As entering and leaving play mode does, with domain reload off."""
    publish(50)
    game.wait("connection", is_up)
    game.say("stop")
    game.say("cycles", "2")  # what a runtime makes once, such as a thread of its own
    game.wait("after")
    game.say("cycles", "20")
    before = game.wait("before")
    after = game.wait("after")
    assert after == before
    assert game.quit() == 0


def test_what_is_fed_needs_no_sidecar(game: Game) -> None:
    game.wait("connection", failed_with("sidecar_not_found"))
    game.say("feed", "anger")
    assert game.wait("began")["name"] == "fed"
    state = read_state(game)
    assert state["label"] == "anger"
    assert game.quit() == 0


def read_state(game: Game) -> dict[str, Any]:
    game.say("state")
    state: dict[str, Any] = game.wait("state")
    return state


def numbers(game: Game) -> list[int]:
    return [event["sequence"] for event in told(game, "event")]


def event(frame_of_it: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.msgpack.decode(frame_of_it[len(b"event ") :])
    return decoded


def claim_to_run(file: Path) -> None:
    """Write the start of this process into a sidecar's file, as a sidecar would."""
    rewrite(file, process_started=psutil.Process(os.getpid()).create_time() - psutil.boot_time())


def rewrite(file: Path, **fields: Any) -> None:
    """Change fields of a sidecar's file."""
    told_of_it = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(told_of_it | fields), encoding="utf-8")
