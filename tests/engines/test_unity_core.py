"""The core of the Unity bridge without sockets: compiled, held to the golden vectors and to its
own tests, and compared with the sidecar's own decoder."""

import json
import random
import re
import struct
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engines.damage import damaged, is_clean, judged
from engines.mono import Core
from engines.states import any_state
from rapport.reactions.signals import CATALOGUE, find
from rapport.state import EmotionState
from rapport.wire import codec

pytestmark = pytest.mark.unit

FRAMES = 20_000
STATES = 300
MOMENTS = ("betrayal", "boss.died", "x")
OF_MOMENTS = [f"moment.{name}{part}" for name in (*MOMENTS, "gone") for part in ("", ".strength")]
NO_SIGNALS = [
    "frustraton", "face", "face.", "face.colour", "burst.hiccup", "mood", "mood.colour", "moment.",
    "moment.-x", "moment.x.", "moment..strength", "context.", "conversation", "label.weight",
]  # fmt: skip
MEMBERS = Path(__file__).parent / "unity" / "netstandard21.txt"


@pytest.fixture(scope="module")
def golden(repository: Path) -> dict[str, list[dict[str, Any]]]:
    """The golden vectors, by list."""
    folder = repository / "bridge" / "protocol" / "golden"
    files = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in folder.iterdir()}
    control = files.pop("control")
    return {name: content["vectors"] for name, content in files.items()} | control


@pytest.fixture(scope="module")
def made_of_golden(mono_core: Core, repository: Path) -> dict[str, list[dict[str, Any]]]:
    """What the core makes of them, in the same order."""
    code, said = mono_core.run("golden", repository / "bridge" / "protocol" / "golden")
    assert code == 0
    made: dict[str, list[dict[str, Any]]] = {}
    for line in said.splitlines():
        vector = json.loads(line)
        made.setdefault(vector["list"], []).append(vector)
    return made


def test_its_own_tests_pass_and_none_is_passed_over(mono_core: Core) -> None:
    code, said = mono_core.run("unit")
    print(said)  # noqa: T201  seeds
    passed = re.findall(r"^passed (\S+)", said, re.MULTILINE)
    assert code == 0, said
    assert "ignored" not in said
    assert len(passed) >= 20
    assert "AllocationTests.ReceivingAllocatesNothing" in passed


@pytest.mark.parametrize("kind", ["states", "events"])
def test_golden_messages_mean_what_they_must(
    kind: str,
    golden: dict[str, list[dict[str, Any]]],
    made_of_golden: dict[str, list[dict[str, Any]]],
) -> None:
    for vector, made in zip(golden[kind], made_of_golden[kind], strict=True):
        assert made["fault"] == "None", vector["name"]
        assert made["value"] == vector["expected"], vector["name"]


def test_golden_messages_that_are_none_are_refused_as_both(
    golden: dict[str, list[dict[str, Any]]], made_of_golden: dict[str, list[dict[str, Any]]]
) -> None:
    for vector, made in zip(golden["invalid"], made_of_golden["invalid"], strict=True):
        assert made["fault"] != "None", vector["name"]
        assert made["as_event"] != "None", vector["name"]


def test_requests_are_written_so_that_they_mean_the_same(
    golden: dict[str, list[dict[str, Any]]], made_of_golden: dict[str, list[dict[str, Any]]]
) -> None:
    for vector, made in zip(golden["requests"], made_of_golden["requests"], strict=True):
        written = msgspec.msgpack.decode(bytes.fromhex(made["hex"]))
        assert written == vector["expected"], vector["name"]


def test_golden_replies_are_read(
    golden: dict[str, list[dict[str, Any]]], made_of_golden: dict[str, list[dict[str, Any]]]
) -> None:
    for vector, made in zip(golden["replies"], made_of_golden["replies"], strict=True):
        assert made["value"] == vector["expected"], vector["answer"]
    assert all(made["value"] is None for made in made_of_golden["refused"])


def test_it_takes_and_refuses_what_the_sidecar_itself_would(
    mono_core: Core, golden: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Golden frames with damage, twenty thousand of them, judged by both."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    whole = [bytes.fromhex(v["frame_hex"]) for kind in ("states", "events") for v in golden[kind]]
    frames = [damaged(chance.choice(whole), chance) for _ in range(FRAMES)]
    file = tmp_path / "frames"
    file.write_bytes(b"".join(struct.pack("<I", len(frame)) + frame for frame in frames))
    code, said = mono_core.run("judge", file)
    assert code == 0, said
    verdicts = said.strip()
    assert len(verdicts) == 2 * FRAMES
    taken = 0
    for number, frame in enumerate(frames):
        ours = verdicts[2 * number : 2 * number + 2]
        theirs = judged(codec.decode_state, frame) + judged(codec.decode_event, frame)
        agreed = ours == theirs or (ours == "NN" and not is_clean(frame))
        assert agreed, f"frame {number}: {ours} here, {theirs} there: {frame.hex()}"
        taken += "Y" in theirs
    assert FRAMES // 20 < taken < FRAMES * 19 // 20, "the damage says nothing"


def test_it_reads_what_is_sent_and_a_signal_is_what_the_sidecar_takes_it_for(
    mono_core: Core, tmp_path: Path
) -> None:
    """States of chance through both: every field, and every signal that a profile may name."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    states = [any_state(chance, MOMENTS) for _ in range(STATES)]
    (tmp_path / "frames").write_bytes(b"".join(framed(state) for state in states))
    names = [*CATALOGUE, *OF_MOMENTS]
    asked = [*names, *NO_SIGNALS, "context.health"]
    (tmp_path / "names").write_text("\n".join(asked) + "\n", encoding="utf-8")
    code, said = mono_core.run("signals", tmp_path / "frames", tmp_path / "names")
    assert code == 0, said
    kinds, *lines = [json.loads(line) for line in said.splitlines()]
    for name, (kind, exit_level) in zip(asked, kinds, strict=True):
        if (signal := find(name)) is None:
            assert kind == "none", name
        else:
            assert (kind, exit_level) == (signal.kind, pytest.approx(signal.default_exit(0.6)))
    signals = [signal for signal in map(find, names) if signal is not None]
    known = dict.fromkeys(names, 0)
    for state, line in zip(states, lines, strict=True):
        assert line["state"] == json.loads(msgspec.json.encode(state))
        for signal, (value, word, confidence) in zip(signals, line["signals"], strict=False):
            reading = signal.read(state, {})
            assert (value, word or None) == (
                (None, None) if reading is None else (reading.value, reading.word or None)
            ), signal.name
            if reading is not None:
                assert confidence == reading.confidence, signal.name
                known[signal.name] += 1
    assert all(0 < count < STATES for name, count in known.items() if "gone" not in name), known


def framed(state: EmotionState) -> bytes:
    frame = bytearray()
    codec.encode_into(codec.STATE_TOPIC, state, frame)
    return struct.pack("<I", len(frame)) + frame


def test_only_what_is_in_net_standard_2_1_is_used(mono_core: Core) -> None:
    """Whoever uses another member looks it up in the reference of .NET Standard 2.1 and adds it."""
    code, said = mono_core.run("members", mono_core.library)
    assert code == 0
    known = MEMBERS.read_text(encoding="utf-8").splitlines()
    lines = [line for line in known if line and not line.startswith("#")]
    assert lines == sorted(set(lines))
    used = said.splitlines()
    assert len(used) > 100, "the look at the code found next to nothing"
    assert [member for member in used if member not in lines] == []
    assert [member for member in lines if member not in used] == [], "not used any more"


def test_the_core_knows_no_engine_and_starts_no_program(repository: Path, mono_core: Core) -> None:
    code, said = mono_core.run("members", mono_core.library)
    assert code == 0
    refused = re.compile(r"Process\b|UnityEngine|System\.Reflection\.Emit|Activator|\bThreadPool\b")
    assert [member for member in said.splitlines() if refused.search(member)] == []
