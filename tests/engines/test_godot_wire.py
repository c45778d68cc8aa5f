"""A game in the real Godot with sidecars: real ones, those that do what a test says, and none."""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from engines.fake_peer import FakePeer, command, frame, welcome, write_file
from engines.fake_sidecar import FakeSidecar, event_frame, fake_sidecar
from engines.godot_game import GodotGame, StartGodotGame
from rapport.state import COURSES, LABELS
from rapport.wire.requests import Mark, Say
from sidecars import SidecarProcess

pytestmark = pytest.mark.system

SEED = 20261126
APP = "org.example.tests"
FRESH_MS = 1000
"""The protocol's own bound: a state that is older must not be taken for the present."""
PROFILE = """
[reaction.cheer]
when = { signal = "happiness", enter = 0.5, exit = 0.3 }
[reaction.soothe]
when = { signal = "anger", enter = 0.4, exit = 0.3, for_s = 0.5 }
priority = 1
group = "face"
[reaction.listen]
when = { signal = "speaking", is = true }
hold_s = 0.2
cooldown_s = 1.0
"""
SCRIPT = """
title = "Some quiet, then fun, then anger"
seconds = 26.0
emotion = [
  { at = 9.0, label = "happiness", strength = 0.9, ramp = 0.5 },
  { at = 13.0, label = "neutral", ramp = 0.5 },
  { at = 16.0, label = "anger", strength = 0.9, ramp = 1.0, arousal = 0.2 },
  { at = 21.0, label = "neutral", ramp = 0.5 },
]
speaking = [{ at = 10.0, until = 11.5 }, { at = 14.5, until = 15.0 }, { at = 18.0, until = 19.0 }]
"""
"""So much quiet that the game is connected before anything happens."""
ALWAYS = json.dumps({"reaction": {"nod": {"when": {"signal": "confidence", "enter": 0.2}}}})

Simulate = Callable[..., SidecarProcess]


@pytest.fixture
def runtime(clean_environment: dict[str, str]) -> Path:
    """Where the sidecars of a test leave their files."""
    return Path(clean_environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"])


@pytest.fixture
def sidecar(runtime: Path) -> Iterator[FakeSidecar]:
    """A sidecar that does what the test says."""
    with fake_sidecar(runtime) as fake:
        yield fake


@pytest.fixture
def simulate(start_sidecar: Callable[..., SidecarProcess]) -> Simulate:
    """A sidecar that plays a script again and again, once it can be found."""

    def start(*arguments: str) -> SidecarProcess:
        started = start_sidecar("simulate", "calm_then_frustrated", "--loop", *arguments)
        started.connect().close()
        return started

    return start


def is_up(connection: list[Any]) -> bool:
    return connection[0] is True


def is_down(connection: list[Any]) -> bool:
    return connection[0] is False


def numbers(game: GodotGame) -> list[int]:
    return [number for number, _ in game.all_of("event")]


# Real sidecars


def test_a_replayed_session_brings_the_expected_reactions_in_order(
    start_godot_game: StartGodotGame,
    start_sidecar: Callable[..., SidecarProcess],
    tmp_path: Path,
) -> None:
    session, profile = tmp_path / "session.rapport", tmp_path / "mira.toml"
    script = tmp_path / "script.toml"
    script.write_text(SCRIPT, encoding="utf-8")
    profile.write_text(PROFILE, encoding="utf-8")
    made = start_sidecar("simulate", str(script), "--out", str(session))
    assert made.finish()[0] == 0
    tried = start_sidecar("try", str(profile), str(session), "--npc", "mira", "--json")
    firings = json.loads(tried.finish()[1])["firings"]
    moments = [(firing["began_s"], "began", firing["reaction"]) for firing in firings]
    moments += [(firing["ended_s"], "ended", firing["reaction"]) for firing in firings]
    expected = [(kind, reaction) for _, kind, reaction in sorted(moments)]
    assert len(expected) == 10
    game = start_godot_game()
    start_sidecar("replay", str(session), "--speed", "4", "--profile", f"mira={profile}")
    game.wait("connection", is_up)
    game.wait("connection", is_down)
    heard = [(kind, told[1]) for kind, told in game.heard if kind in ("began", "ended")]
    assert heard == expected
    whys = [told[4] for told in game.all_of("began") if told[1] == "soothe"]
    assert all("anger 0." in why and "above 0.40" in why for why in whys)
    assert numbers(game) == sorted(set(numbers(game)))
    assert game.look("count")["missed"] == 0
    game.quit()


def test_a_profile_over_control_reacts_and_can_be_waited_for(
    start_godot_game: StartGodotGame, simulate: Simulate
) -> None:
    simulate("--speed", "4")
    game = start_godot_game()
    game.wait("connection", is_up)
    assert game.ask("time")["now_ns"] > 0
    assert game.ask("no.such.request")["code"] == "request_unknown"
    broken = game.tell("profile", "mira", '{"reaction": {"x": {"when": {"signal": "angst"}}}}')
    assert broken["code"] == "profile_invalid"
    game.say("wait_for", "nod", "mira")
    assert game.tell("profile", "mira", ALWAYS)["reactions"] == ["nod"]
    assert game.wait("waited") == ["mira", "nod"]
    state = game.look()
    assert state["connected"] and state["known"] and state["sequence"] > 0
    assert ["face", "ok", ""] in game.all_of("condition")
    assert game.look("count")["refused"] == 0
    game.quit()


def test_a_sidecar_that_is_killed_is_missed_quietly_and_its_successor_found(
    start_godot_game: StartGodotGame, simulate: Simulate
) -> None:
    first = simulate()
    game = start_godot_game()
    game.wait("connection", is_up)
    assert game.tell("profile", "mira", ALWAYS)["npc"] == "mira"
    assert game.tell("context", "mira", {"health": 0.5}) == {}
    game.wait_all("began", 1)
    first.process.kill()
    first.finish()
    assert game.wait("connection") == [False, "sidecar_silent"]
    assert not game.look()["known"]
    begun = [told[2] for told in game.all_of("began")]
    assert [told[2] for told in game.all_of("ended")] == begun, "nothing goes on without a sidecar"
    time.sleep(1.0)  # it looks for one again and again
    simulate()
    ready = time.monotonic()
    game.wait("connection", is_up)
    print(f"reconnected {time.monotonic() - ready:.2f} s after the sidecar could be found")  # noqa: T201  a figure or a seed
    assert time.monotonic() - ready < 5.0
    game.wait_all("began", len(begun) + 1)  # its profile was pushed again
    assert game.ask("profile.get", {"npc": "mira"})["source"] == "control"
    ran = game.quit()
    assert len(ran.lines) < 8, f"this is spam:\n{ran.output}"


def test_after_a_stall_no_old_news_comes_and_no_event_is_lost(
    start_godot_game: StartGodotGame, simulate: Simulate, tmp_path: Path
) -> None:
    profile = tmp_path / "busy.json"
    profile.write_text(ALWAYS, encoding="utf-8")
    simulate("--speed", "12", "--profile", f"mira={profile}")
    game = start_godot_game()
    game.wait("connection", is_up)
    game.wait("event")
    game.say("hang", 5000)
    begun = time.monotonic()
    while not (state := game.look())["known"]:
        assert state["connected"]
    print(f"a new state {1000 * (time.monotonic() - begun) - 5000:.0f} ms after the stall")  # noqa: T201  a figure or a seed
    counted = game.look("count")
    assert 0.0 < counted["oldest_ms"] < FRESH_MS
    game.wait("event")
    assert numbers(game) == list(range(numbers(game)[0], numbers(game)[-1] + 1))
    assert len(numbers(game)) > 20
    assert game.look("count")["missed"] == 0
    assert game.all_of("connection") == [[True, ""]]
    game.quit()


def test_a_wrong_token_is_told_as_such_and_not_shown(
    start_godot_game: StartGodotGame, simulate: Simulate, runtime: Path
) -> None:
    process = simulate().process
    (file,) = runtime.glob("sidecar-*.json")
    told = json.loads(file.read_text(encoding="utf-8"))
    write_file(runtime, told["state"], told["events"], told["control"], "x" * 43, process.pid)
    game = start_godot_game()
    until(lambda: reason(game) == "access_denied")
    assert game.all_of("connection") == []
    assert "x" * 43 not in game.quit().output


def test_what_a_game_tells_comes_back_in_the_state(
    start_godot_game: StartGodotGame, start_sidecar: Callable[..., SidecarProcess]
) -> None:
    """A real sidecar without devices: all that it knows is what is said."""
    start_sidecar("run", "--no-camera", "--no-microphone").connect().close()
    game = start_godot_game()
    game.wait("connection", is_up)
    nothing = game.look("dialogue", "betrayal")
    assert (nothing["utterances"], nothing["role"], nothing["course"]) == (0, "", "unknown")
    assert nothing["since_s"] is None and nothing["mood"] is None
    assert game.tell("mark", "betrayal", -1) == {}
    game.wait("event", lambda event: event[1] == "moment_marked")
    for speaker, role, text in (
        ("Odo", "npc", "Your friend has sold us."), ("traveller", "player", "I hate you! Get out!")
    ):  # fmt: skip
        assert game.tell("say", speaker, text, role, f"odo.{role}", None) == {}

    def told() -> dict[str, Any]:
        return game.look("dialogue", "betrayal")

    until(lambda: told()["utterances"] == 2 and told()["mood"] is not None)
    state = told()
    assert (state["line"], state["role"]) == ("odo.player", "player")
    assert state["reading"][LABELS.index("anger")] > 1 / len(LABELS)
    assert state["mood"] < 0.0
    assert state["contradiction"] == "", "words alone raise no doubt"
    assert state["course"] in COURSES and state["since_s"] > 0.0
    assert game.look("count")["refused"] == 0
    game.quit()


# Sidecars that do what the test says


def test_lines_and_moments_are_told_as_the_protocol_wants_them(
    start_godot_game: StartGodotGame, sidecar: FakeSidecar
) -> None:
    game = start_godot_game()
    game.wait("connection", is_up)
    assert game.tell("say", "Mira", "Sit.", "npc", "mira.sit", None) == {}
    assert game.tell("say", "traveller", "Great, thanks.", "player", "", 1.5) == {}
    assert game.tell("mark", "betrayal", -1) == {}
    assert game.tell("mark", "boss.died", 2**52) == {}
    lines = [msgspec.convert(line, Say) for line in sidecar.wait_asked("dialogue", 2)]
    assert [(line.speaker, line.role, line.line, line.seconds) for line in lines] == [
        ("Mira", "npc", "mira.sit", None), ("traveller", "player", "", 1.5),
    ]  # fmt: skip
    marks = [msgspec.convert(mark, Mark) for mark in sidecar.wait_asked("dialogue.mark", 2)]
    assert [(mark.moment, mark.at_ns) for mark in marks] == [
        ("betrayal", None), ("boss.died", 2**52),
    ]  # fmt: skip
    game.quit()


def test_events_that_are_missing_are_fetched_and_each_comes_once(
    start_godot_game: StartGodotGame, sidecar: FakeSidecar
) -> None:
    frames = {n: event_frame(n) for n in range(1, 30)}
    kept = {n: msgspec.msgpack.decode(each[len(b"event ") :]) for n, each in frames.items()}
    newest = [8]
    sidecar.answers["events.since"] = lambda request: {
        "events": [kept[n] for n in range(request["sequence"] + 1, newest[0] + 1) if n != 17],
        "complete": True,
    }
    game = start_godot_game()
    game.wait("connection", is_up)
    sidecar.publish(frames[3], frames[4], frames[8])  # 5 to 7 are lost on the way
    game.wait("event", lambda event: event[0] == 8)
    assert numbers(game) == [3, 4, 5, 6, 7, 8]
    newest[0] = 12
    sidecar.cut_events()  # 9 to 12 happen while there is no connection
    game.wait("event", lambda event: event[0] == 12)
    assert numbers(game) == list(range(3, 13))
    assert game.wait_all("connection", 3) == [[True, ""], [False, "sidecar_silent"], [True, ""]]
    sidecar.publish(frames[12], frames[13])  # the first was fetched already
    newest[0] = 20
    sidecar.publish(frames[20])  # 17 is not kept any more
    game.wait("event", lambda event: event[0] == 20)
    assert numbers(game) == [n for n in range(3, 21) if n != 17]
    assert game.look("count")["missed"] == 1
    game.quit()


@pytest.mark.parametrize(
    "nonsense",
    [{}, {"events": 3}, {"events": [1, {}, {"kind": 1}]}, {"code": "internal_error"}],
    ids=["empty", "number", "no events", "error"],
)
def test_events_that_cannot_be_fetched_hold_nothing_up(
    start_godot_game: StartGodotGame, sidecar: FakeSidecar, nonsense: dict[str, Any]
) -> None:
    sidecar.answers["events.since"] = lambda _: nonsense
    game = start_godot_game()
    game.wait("connection", is_up)
    sidecar.publish(event_frame(1), event_frame(4))
    game.wait("event", lambda event: event[0] == 4)
    assert game.look("count")["missed"] == 2
    game.quit()


def test_profile_context_and_hello_are_said_again_where_they_must(
    start_godot_game: StartGodotGame, runtime: Path
) -> None:
    forgotten = [True]

    def presets(_: dict[str, Any]) -> dict[str, Any]:
        if forgotten.pop() if forgotten else False:
            return {"code": "hello_first", "what": "this client did not say hello"}
        return {"presets": []}

    with fake_sidecar(runtime) as first:
        first.answers["profile.presets"] = presets
        game = start_godot_game()
        game.wait("connection", is_up)
        game.tell("context", "mira", {"health": 1, "boss": True})
        game.tell("profile", "mira", ALWAYS)
        first.wait_asked("profile.context", 2)  # again, now that there is a profile
        game.tell("context", "mira", {"health": 0.5})
        said = len(first.wait_asked("hello"))
        assert game.ask("profile.presets") == {"presets": []}
        assert len(first.wait_asked("hello", said + 1)) >= said + 1
        assert {request["app"] for request in first.wait_asked("hello")} == {APP}
        first.answers["profile.presets"] = lambda _: {"code": "hello_first", "what": "never"}
        assert game.ask("profile.presets")["code"] == "hello_first"
    game.wait("connection", is_down)
    with fake_sidecar(runtime) as second:
        game.wait("connection", is_up)
        (pushed,) = second.wait_asked("profile.set")
        assert (pushed["npc"], pushed["profile"]) == ("mira", ALWAYS)
        (context,) = second.wait_asked("profile.context")
        assert context["values"] == {"health": 0.5, "boss": True}
    game.quit()


def test_a_request_that_is_none_is_refused_here_and_one_without_an_answer_ends(
    start_godot_game: StartGodotGame, sidecar: FakeSidecar
) -> None:
    game = start_godot_game()
    game.wait("connection", is_up)
    sidecar.answers["devices.list"] = lambda request: request.update(id=-1) or {}
    assert game.ask("pause", {"x": "y" * 70_000})["code"] == "request_invalid"
    assert game.tell("ask_nonsense", "profile.context")["code"] == "request_invalid"
    assert game.ask("devices.list")["code"] == "sidecar_silent"
    assert game.ask("resume") == {}
    assert game.all_of("connection") == [[True, ""]]
    game.quit()


def test_a_lease_is_kept_while_it_is_wanted(
    start_godot_game: StartGodotGame, sidecar: FakeSidecar
) -> None:
    game = start_godot_game()
    game.wait("connection", is_up)
    taken = sidecar.wait_asked("lease.take", 3)
    assert {request["seconds"] for request in taken} == {1.5}
    game.say("capture", False)
    sidecar.wait_asked("lease.end")
    game.say("capture", True)
    count = len(sidecar.wait_asked("lease.take"))
    sidecar.wait_asked("lease.take", count + 1)
    game.say("hang", 2000)  # while a scene loads, too
    sidecar.wait_asked("lease.take", count + 4)
    game.look("count")
    game.quit()
    sidecar.wait_asked("lease.end", 2)


def test_a_hello_that_is_refused_says_why(
    start_godot_game: StartGodotGame, sidecar: FakeSidecar
) -> None:
    sidecar.answers["hello"] = lambda _: {"code": "request_invalid", "what": "app: not a name"}
    game = start_godot_game('[rapport]\napplication/id="My Game!"\n')
    assert sidecar.wait_asked("hello")[0]["app"] == "My Game!"
    until(lambda: reason(game) == "request_invalid")
    game.quit()


def test_invalid_states_are_refused_and_keep_nobody_alive(
    start_godot_game: StartGodotGame, runtime: Path, repository: Path
) -> None:
    golden = repository / "bridge" / "protocol" / "golden" / "invalid.json"
    vectors = json.loads(golden.read_text(encoding="utf-8"))["vectors"]
    invalid = [frame(bytes.fromhex(vector["frame_hex"])) for vector in vectors]

    def act(client: Any) -> None:
        welcome(client)
        client.sendall(command(b"PING", b"\0\0abc"))
        while True:
            for each in invalid:
                client.sendall(each)
                time.sleep(0.02)

    with FakePeer(runtime, act) as peer:
        game = start_godot_game()
        until(lambda: peer.connections > 3)
        until(lambda: game.look("count")["refused"] > len(invalid))
        assert reason(game) == "sidecar_silent"
    assert game.all_of("connection") == [] and game.all_of("event") == []
    game.quit()


# Finding and starting


def test_files_that_are_none_are_passed_over_for_the_one_that_is(
    start_godot_game: StartGodotGame, runtime: Path
) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    chance = random.Random(SEED)
    with fake_sidecar(runtime) as sidecar:
        told = json.loads(sidecar.file.read_text(encoding="utf-8"))
        late = {"started_wall": time.time() + 60.0}
        gone = psutil.Popen([sys.executable, "-c", ""])
        gone.wait()
        wrong: list[dict[str, Any]] = [
            {"pid": gone.pid}, {"pid": "1"}, {"process_started": 1.0}, {"state": 7},
            {"read_token": None}, {"control": ""}, {"control": ["tcp://127.0.0.1:1"]},
            {"server_key": "x" * 40}, {"state": "tcp://192.0.2.1:4000", "control_token": "1"},
            {"state": "tcp://127.0.0.1:x", "control_token": "2"}, {"started_wall": "now"},
            {"events": "tcp://127.0.0.1:1", "control_token": "3"},
        ]  # fmt: skip
        contents = [json.dumps(told | late | fields).encode() for fields in wrong]
        contents += [b"", b"\xff\xfe{", b"[1]", b"{", b"nul", b" " * 20_000, chance.randbytes(500)]
        contents += [json.dumps(told | late).encode()[:-9], b"[" * 5000]
        for number, content in enumerate(contents, 1):
            (runtime / f"sidecar-{number}.json").write_bytes(content)
        (runtime / "sidecar-folder.json").mkdir()
        (runtime / "sidecar-9.part").write_bytes(b"{")
        game = start_godot_game()
        game.wait("connection", is_up)
        game.quit()


def test_the_game_starts_the_sidecar_and_takes_it_along_when_it_ends(
    start_godot_game: StartGodotGame, runtime: Path
) -> None:
    arguments = (
        '[rapport]\nsidecar/autostart=true\nsidecar/arguments=["--no-camera", "--no-microphone"]\n'
    )
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    game = start_godot_game(arguments, PATH=path)
    assert game.wait("connection") == [True, ""]
    (file,) = runtime.glob("sidecar-*.json")
    sidecar = psutil.Process(json.loads(file.read_text(encoding="utf-8"))["pid"])
    until(lambda: game.ask("status")["applications"] == [APP])
    game.quit()
    psutil.wait_procs([sidecar], timeout=30.0)
    assert not sidecar.is_running()


@pytest.mark.parametrize(
    "command_", ["no-such-program", "beside/none", "/no/such", "res://main.gd"]
)
def test_without_a_program_to_start_the_game_plays_on_and_says_so_once(
    start_godot_game: StartGodotGame, command_: str
) -> None:
    game = start_godot_game(f'[rapport]\nsidecar/autostart=true\nsidecar/command="{command_}"\n')
    assert game.wait("connection") == [False, "sidecar_not_installed"]
    time.sleep(1.0)
    assert game.look("count")["frames"] > 0
    assert game.all_of("connection") == [[False, "sidecar_not_installed"]]
    ran = game.quit()
    assert len(ran.lines) < 8, ran.output


def reason(game: GodotGame) -> str:
    """Why it is not connected."""
    told: str = game.look("reason")  # type: ignore[assignment]
    return told


def until(so: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)
