"""The specification keeps up with the code."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapport import errors, state
from rapport.wire import answers, auth, client, codec, controller, discovery, publisher
from rapport.wire import requests as ask

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def text(repository: Path) -> str:
    return (repository / "bridge" / "protocol" / "SPEC.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "struct",
    [
        state.EmotionState,
        state.ModalityState,
        state.Event,
        state.Reaction,
        state.Cause,
        state.Contradiction,
        state.Mood,
        state.Appraisal,
        state.ConversationState,
        discovery.Running,
    ],
)
def test_every_field_has_its_row_in_order(text: str, struct: type[msgspec.Struct]) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    fields = [field.encode_name for field in msgspec.structs.fields(struct)]
    runs = [rows[start : start + len(fields)] for start in range(len(rows))]
    assert fields in runs


@pytest.mark.parametrize(
    "words",
    [
        state.Condition,
        state.EventKind,
        state.Modality,
        state.LABELS,
        state.BURSTS,
        state.GRANULAR,
        state.CONTRADICTIONS,
        state.COURSES,
        (state.UNCERTAIN,),
    ],
)
def test_every_word_is_explained(text: str, words: Any) -> None:
    for word in words:
        assert f"`{word}`" in text, word


def test_every_request_is_listed_with_its_fields_and_its_answer(text: str) -> None:
    for op, kind in ask.REQUESTS.items():
        row = re.search(
            rf"^\| \[?`{re.escape(op)}`(?:\]\(#[a-z]+\))? \| `(\w+)` \|", text, re.MULTILINE
        )
        assert row, op
        assert row[1] == ask.answer_type(kind).__name__
        section = text.partition(f"### `{op}`\n")[2].partition("\n#")[0]
        fields = [field for field in msgspec.structs.fields(kind) if field.name != "id"]
        rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", section, re.MULTILINE)
        assert [name for name, _ in rows] == [field.name for field in fields], op
        for (name, default), field in zip(rows, fields, strict=True):
            assert bool(default.strip()) != field.required, (op, name)
            if isinstance(field.default, str | int | float) and field.default != "":
                assert f"{field.default}" in default, (op, name)


def test_every_answer_is_listed_with_its_fields(text: str) -> None:
    parts = (
        answers.ModelInfo,
        answers.Grant,
        answers.Device,
        answers.ProfileProblem,
        answers.Preset,
        answers.Failure,
    )
    given = {ask.answer_type(kind) for kind in ask.REQUESTS.values()} - {answers.Done}
    for struct in (*given, *parts):
        section = text.partition(f"**`{struct.__name__}`**\n\n")[2].partition("\n\n")[0]
        rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert rows == list(struct.__struct_fields__), struct
    assert "**`Done`** has no fields" in text


def test_every_error_that_a_client_may_meet_is_explained(text: str) -> None:
    listed = set(re.findall(r"`(\w+)`", text.partition("| Code | When |")[2].partition("\n\n")[0]))
    own = set()
    for line in text.partition("| Request | Answer |")[2].partition("\n\n")[0].splitlines():
        own |= set(re.findall(r"`(\w+)`", line.rpartition(" | ")[2]))
    assert own <= listed
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type)}
    assert listed <= codes
    assert {"request_invalid", "request_unknown", "hello_first", "too_many_requests"} <= listed


def test_every_number_is_what_the_code_has(text: str) -> None:
    flat = " ".join(text.split())
    for claim in (
        f"longer than {codec.MESSAGE_BYTES_MAX:,} bytes",
        f"more than {publisher.SUBSCRIPTION_BYTES_MAX:,} bytes",
        f"every {auth.HEARTBEAT_MS // 1000} s",
        f"for {auth.HEARTBEAT_TIMEOUT_MS // 1000} s",
        f"at most {publisher.DETAIL_CHARACTERS_MAX} characters",
        f"older than {client.FRESH_S:.0f} s",
        f"about {client.SILENT_S:.0f} s of silence",
        f"at most {discovery.FILE_BYTES_MAX // 1024} KiB",
        f"more than {discovery.SAME_START_S:.0f} s apart",
        discovery.DIRECTORY_VARIABLE,
        f"has shown none after {auth.HANDSHAKE_MS // 1000} s",
        f"ask {controller.REQUESTS_PER_S:.0f} times a second, and {controller.BURST:.0f} times at",
        f"asked nothing for {controller.SILENT_S:.0f} s",
        f"pushed out by {controller.PEERS_MAX} others",
        f"leaves unread ({controller.QUEUE} of them)",
        f"{controller.SLOW_WAITING_MAX} slow requests",
        f"kept any more ({publisher.HISTORY:,} are)",
        f"1 to {ask.LINE_CHARACTERS_MAX:,} characters",
        f"1 to {ask.PROFILE_CHARACTERS_MAX:,} characters",
        f"describes schema {state.SCHEMA}",
    ):
        assert claim in flat, claim


def explained(text: str) -> list[str]:
    """The bytes in hex of each block under `Bytes, one by one`."""
    section = text.partition("## Bytes, one by one")[2].partition("##")[0]
    blocks = re.findall(r"(?:^    \S.*\n)+", section, re.MULTILINE)
    lines = [block.strip().splitlines() for block in blocks]
    return ["".join(re.split(r" {3,}", line.strip())[0] for line in block) for block in lines]


def test_the_bytes_that_are_explained_are_golden_vectors(
    text: str,
    golden_events: dict[str, dict[str, Any]],
    golden_control: dict[str, list[dict[str, Any]]],
) -> None:
    event, hello, reply = (block.replace(" ", "") for block in explained(text))
    assert event == golden_events["required_fields_only"]["frame_hex"]
    payload = golden_control["requests"][0]["payload_hex"]
    assert hello == bytes((0, len(payload) // 2)).hex() + payload
    welcome = golden_control["replies"][0]["payload_hex"]
    assert welcome.replace("a2696407", "a2696401").startswith(reply)
