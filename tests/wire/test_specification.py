"""The specification keeps up with the code."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapport import state
from rapport.wire import client, codec, discovery, publisher

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def text(repository: Path) -> str:
    return (repository / "bridge" / "protocol" / "SPEC.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "struct",
    [state.EmotionState, state.ModalityState, state.Event, discovery.Running],
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
        (state.UNCERTAIN,),
    ],
)
def test_every_word_is_explained(text: str, words: Any) -> None:
    for word in words:
        assert f"`{word}`" in text, word


def test_every_number_is_what_the_code_has(text: str) -> None:
    flat = " ".join(text.split())
    for claim in (
        f"longer than {codec.MESSAGE_BYTES_MAX:,} bytes",
        f"more than {publisher.SUBSCRIPTION_BYTES_MAX:,} bytes",
        f"every {publisher.HEARTBEAT_MS // 1000} s",
        f"for {publisher.HEARTBEAT_TIMEOUT_MS // 1000} s",
        f"at most {publisher.DETAIL_CHARACTERS_MAX} characters",
        f"older than {client.FRESH_S:.0f} s",
        f"about {client.SILENT_S:.0f} s of silence",
        f"at most {discovery.FILE_BYTES_MAX // 1024} KiB",
        f"more than {discovery.SAME_START_S:.0f} s apart",
        discovery.DIRECTORY_VARIABLE,
        f"describes schema {state.SCHEMA}",
    ):
        assert claim in flat, claim


def test_the_bytes_that_are_explained_are_a_golden_vector(
    text: str, golden_events: dict[str, dict[str, Any]]
) -> None:
    section = text.partition("## Bytes, one by one")[2].partition("##")[0]
    lines = re.findall(r"^    (\S.*)$", section, re.MULTILINE)
    explained = "".join(re.split(r" {3,}", line)[0] for line in lines)
    assert explained.replace(" ", "") == golden_events["required_fields_only"]["frame_hex"]
