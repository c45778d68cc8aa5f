"""The core of the Godot bridge in the real engine: its scripts, its bytes, single connections."""

import json
import math
import random
import re
import socket
import struct
import time
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from engines.damage import damaged, is_clean, judged
from engines.fake_peer import Act, command, frame, serving, welcome
from engines.godot_engine import ADDON, GodotProject
from engines.states import any_state
from rapport.reactions.signals import CATALOGUE, find
from rapport.state import EmotionState
from rapport.wire import codec
from rapport.wire.requests import AppId

pytestmark = pytest.mark.system

SEED = 20261126
SCRIPTS = sorted(path.relative_to(ADDON).as_posix() for path in ADDON.rglob("*.gd"))
FRAMES = 8_000
STATES = 200
MOMENTS = ("betrayal", "boss.died", "x")
OF_MOMENTS = [f"moment.{name}{part}" for name in (*MOMENTS, "gone") for part in ("", ".strength")]
NO_SIGNALS = [
    "angst",
    "mood.confidence",
    "mood",
    "moment.",
    "moment.-",
    "moment..strength",
    "Label",
    "hand.weight",
]
WARNINGS = (
    *("unassigned_variable", "unassigned_variable_op_assign", "unused_variable"),
    *("unused_local_constant", "unused_private_class_variable", "unused_parameter"),
    *("unused_signal", "shadowed_variable", "shadowed_variable_base_class"),
    *("shadowed_global_identifier", "unreachable_code", "unreachable_pattern"),
    *("standalone_expression", "standalone_ternary", "incompatible_ternary"),
    *("untyped_declaration", "unsafe_void_return", "static_called_on_instance", "missing_tool"),
    *("redundant_static_unload", "redundant_await", "assert_always_true", "assert_always_false"),
    *("integer_division", "narrowing_conversion", "int_as_enum_without_cast"),
    *("int_as_enum_without_match", "enum_variable_without_default", "empty_file"),
    *("deprecated_keyword", "confusable_identifier", "confusable_local_declaration"),
    *("confusable_local_usage", "confusable_capture_reassignment", "property_used_as_function"),
    *("constant_used_as_function", "function_used_as_property"),
)
"""Those that Godot shows unless it is told otherwise, and that of a declaration without a type."""
STRICT = """\
[debug]
gdscript/warnings/exclude_addons=false
gdscript/warnings/directory_rules={"res://addons": 1}
""" + "".join(f"gdscript/warnings/{warning}=2\n" for warning in WARNINGS)
DOUBLE_MARK = 0xCB
NUMBERS = [0.0, 1.0, -1.0, 0.5, 1 + 5e-7, -5e-7, 1.1, -2.0, 1e300, math.nan, math.inf, -math.inf]
TITLES = [
    "My Game",
    "  ",
    "-a-",
    "Ein Spiel.",
    "遊戯一",
    "遊戯二",
    "x" * 200,
    "con",
    "Crème brûlée",
    "…",
]


def golden_frames(repository: Path, name: str) -> list[bytes]:
    golden = repository / "bridge" / "protocol" / "golden" / f"{name}.json"
    read = json.loads(golden.read_text(encoding="utf-8"))["vectors"]
    return [bytes.fromhex(vector["frame_hex"]) for vector in read]


def test_the_project_is_imported_without_a_complaint(project: GodotProject) -> None:
    assert project.imported.code == 0, project.imported.output


def test_every_script_compiles_with_types_and_without_a_warning(project: GodotProject) -> None:
    override = project.folder / "override.cfg"
    override.write_text(STRICT, encoding="utf-8")
    try:
        project.case("compiles", *(f"res://addons/rapport/{script}" for script in SCRIPTS))
    finally:
        override.unlink()


def test_a_warning_would_be_noticed(project: GodotProject) -> None:
    script, override = project.folder / "addons" / "untyped.gd", project.folder / "override.cfg"
    script.write_text("extends Node\nvar untyped = 1\n", encoding="utf-8")
    override.write_text(STRICT, encoding="utf-8")
    try:
        with pytest.raises(AssertionError, match="Warning treated as error"):
            project.case("compiles", "res://addons/untyped.gd")
    finally:
        script.unlink()
        override.unlink()


def test_everything_that_is_public_is_documented(project: GodotProject, tmp_path: Path) -> None:
    project.run("--doctool", str(tmp_path), "--gdscript-docs", "res://addons/rapport")
    pages = {page.stem: ElementTree.parse(page).getroot() for page in tmp_path.glob("*.xml")}
    assert {"Rapport", "RapportState", "RapportReaction", "RapportReactor"} <= set(pages)
    for name, page in pages.items():
        inside = name.count(".") > name.count(".gd")  # a script, for that script alone
        said = (page.findtext("brief_description") or "").strip()
        assert said or inside, f"{name} says nothing of itself"
        for kind in ("method", "signal", "member") if name.startswith("Rapport") else ():
            for thing in page.iter(kind):
                said = (thing.findtext("description") or thing.text or "").strip()
                assert said or thing.attrib["name"].startswith("_"), (name, thing.attrib["name"])


def test_golden_vectors_are_read_and_refused(project: GodotProject, repository: Path) -> None:
    ran = project.case("golden", str(repository / "bridge" / "protocol" / "golden"))
    assert int(ran.told("VECTORS")[0]) > 80


def test_random_bytes_do_no_harm(project: GodotProject, repository: Path) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    good = golden_frames(repository, "states")[0][len(codec.STATE_TOPIC) :].hex()
    ran = project.case("random_bytes", str(SEED), good)
    assert ran.told("INPUTS")[0].startswith("20000 ")


def test_it_takes_and_refuses_what_the_sidecar_itself_would(
    project: GodotProject, repository: Path, tmp_path: Path
) -> None:
    """Golden frames with damage and with other numbers, judged by both."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  a figure or a seed
    chance = random.Random(seed)
    whole = [each for kind in ("states", "events") for each in golden_frames(repository, kind)]
    frames = [damaged(chance.choice(whole), chance) for _ in range(FRAMES // 2)]
    frames += [with_other_numbers(chance.choice(whole), chance) for _ in range(FRAMES // 2)]
    file = tmp_path / "frames"
    file.write_bytes(b"".join(struct.pack("<I", len(each)) + each for each in frames))
    ran = project.case("judge", str(file))
    (verdicts,) = ran.told("JUDGED")
    assert len(verdicts) == 2 * FRAMES
    assert int(ran.told("SHAPED")[0]) > FRAMES // 20, "next to none was read by its shape"
    taken = 0
    for number, each in enumerate(frames):
        ours = verdicts[2 * number : 2 * number + 2]
        theirs = judged(codec.decode_state, each) + judged(codec.decode_event, each)
        agreed = ours == theirs or (ours == "NN" and not (is_clean(each) and has_text_keys(each)))
        assert agreed, f"frame {number}: {ours} in Godot, {theirs} there: {each.hex()}"
        taken += "Y" in theirs
    assert FRAMES // 20 < taken < FRAMES * 19 // 20, "the damage says nothing"


def test_a_signal_is_what_the_sidecar_takes_it_for(project: GodotProject, tmp_path: Path) -> None:
    """Every signal that a profile may name, in states of chance."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  a figure or a seed
    chance = random.Random(seed)
    states = [any_state(chance, MOMENTS) for _ in range(STATES)]
    file, names = tmp_path / "frames", [*CATALOGUE, *OF_MOMENTS]
    file.write_bytes(b"".join(framed(state) for state in states))
    (tmp_path / "names").write_text(json.dumps([*names, *NO_SIGNALS]), encoding="utf-8")
    ran = project.case("signals", str(file), str(tmp_path / "names"))
    signals = [signal for signal in map(find, names) if signal is not None]
    told = json.loads(ran.told("KNOWN")[0])
    for signal, (exit_level, is_signal, is_word) in zip(signals, told, strict=False):
        assert is_signal and is_word == (signal.kind == "word"), signal.name
        if signal.kind == "number":
            assert exit_level == pytest.approx(signal.default_exit(0.6)), signal.name
    assert [is_signal for _, is_signal, _ in told[len(names) :]] == [False] * len(NO_SIGNALS)
    assert [find(name) for name in NO_SIGNALS] == [None] * len(NO_SIGNALS)
    known = dict.fromkeys(names, 0)
    for state, line in zip(states, ran.told("SIGNALS"), strict=True):
        values = json.loads(line)
        for signal, (value, word, confidence) in zip(signals, values, strict=False):
            reading = signal.read(state, {})
            expected = (None, "") if reading is None else (reading.value, reading.word)
            assert (value, word) == expected, signal.name
            if reading is not None:
                assert confidence == reading.confidence, signal.name
                known[signal.name] += 1
        assert all(value is None and not word for value, word, _ in values[len(names) :])
    assert all(0 < count < STATES for name, count in known.items() if "gone" not in name), known


def test_peers_that_break_the_rules_are_left_each_for_its_reason(
    project: GodotProject, repository: Path
) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    chance = random.Random(SEED)
    good = frame(golden_frames(repository, "states")[0])

    def after_welcome(*sent: bytes) -> Act:
        def act(client: socket.socket) -> None:
            welcome(client)
            client.sendall(b"".join(sent))

        return act

    def hang_up(client: socket.socket) -> None:
        welcome(client)
        client.sendall(good[: len(good) // 2])
        client.shutdown(socket.SHUT_RDWR)

    def flood(client: socket.socket) -> None:
        welcome(client)
        while True:
            client.sendall(b"\0\0" * 500_000)

    def deaf(client: socket.socket) -> None:
        welcome(client)
        while True:
            client.sendall(command(b"PING", b"\0\0" + bytes(16)) * 1_000)
            time.sleep(0.02)

    answered: list[bytes] = []

    def heartbeat(client: socket.socket) -> None:
        welcome(client)
        client.sendall(command(b"PING", b"\0\x64abc") + command(b"SOMETHING", b"new") + good)
        pong = command(b"PONG", b"abc")
        while not answered or pong not in answered[0]:
            answered[:] = [b"".join(answered) + client.recv(1024)]
        client.sendall(b"\x08\x00")  # flags that there are not

    peers: list[tuple[str, Act | None]] = [
        ("garbage", heartbeat),
        ("refused", None),
        ("garbage", lambda client: client.sendall(chance.randbytes(4096))),
        ("garbage", lambda client: client.sendall(b"GET / HTTP/1.1\r\n" * 8)),
        ("garbage", after_welcome(frame(b"", flags=1), good)),
        ("garbage", after_welcome(frame(b"\xff\x80PING", flags=4))),
        ("garbage", after_welcome(frame(b"", flags=4))),
        ("denied", after_welcome(command(b"ERROR", b"\x03400"))),
        ("oversized", after_welcome(b"\x02" + (65_537).to_bytes(8, "big"))),
        ("oversized", after_welcome(b"\x02" + b"\xff" * 8 + bytes(4096))),
        ("ended", hang_up),
        ("timeout", lambda _: None),
        ("flood", flood),
        ("stuck", deaf),
    ]
    with ExitStack() as stack:
        addresses = [stack.enter_context(serving(act, 4096)) for _, act in peers]
        ran = project.case("peers", *addresses, "tcp://192.0.2.1:4000", "ipc:///tmp/x")
    assert ran.told("PEER") == [why for why, _ in peers] + ["refused", "refused"]
    assert answered[0].endswith(command(b"PONG", b"abc"))


def test_every_title_makes_an_id_of_its_own_that_the_sidecar_takes(project: GodotProject) -> None:
    ids = project.case("names", json.dumps(TITLES)).told("ID")
    assert len(set(ids)) == len(TITLES)
    for made in ids:
        assert msgspec.convert(made, AppId) == made
    assert ids[0] == "game.my-game"
    assert re.fullmatch(r"game\.cr-me-br-l-e-[0-9a-f]+", ids[8])


def with_other_numbers(each: bytes, chance: random.Random) -> bytes:
    """A frame with another number in some of the places where a double stands."""
    made = bytearray(each)
    places = [at for at in range(len(made) - 8) if made[at] == DOUBLE_MARK]
    for at in chance.sample(places, min(len(places), chance.randrange(4))):
        made[at + 1 : at + 9] = struct.pack(">d", chance.choice(NUMBERS))
    return bytes(made)


def framed(state: EmotionState) -> bytes:
    frame = bytearray()
    codec.encode_into(codec.STATE_TOPIC, state, frame)
    return struct.pack("<I", len(frame)) + frame


def has_text_keys(each: bytes) -> bool:
    """Whether all keys are texts, also of fields that the sidecar does not look into."""
    waiting = [msgspec.msgpack.decode(each[len(codec.STATE_TOPIC) :])]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                return False
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return True
