"""What a recording may hold is a table; everything else stays out."""

import zlib
from pathlib import Path

import msgspec
import pytest

from rapport.recording import chunks
from rapport.recording.shapes import Each, Record, Shape, Shares, Word
from rapport.recording.tables import EVENT_FIELDS, LINE_FIELDS, MODALITY, STATE_FIELDS, Line
from rapport.state import EmotionState, Event, EventKind, ModalityState
from recording.examples import HEADER, event, session, written

pytestmark = pytest.mark.privacy

TIMES = {"captured_ns", "captured_wall", "published_ns", "published_wall"}


def fields(kind: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind)}


def test_every_field_is_written_or_left_out_on_purpose() -> None:
    # Granular states and reactions are made anew from what is recorded, when it is played.
    assert fields(EmotionState) - set(STATE_FIELDS) == {*TIMES, "granular"}
    assert fields(ModalityState) == set(MODALITY.fields)
    assert fields(Event) - set(EVENT_FIELDS) == {"at_ns", "at_wall", "detail", "reaction"}
    assert fields(Line) - set(LINE_FIELDS) == {"at_ns"}


def test_words_are_those_of_the_vocabulary_and_ids() -> None:
    def words(shape: Shape, name: str) -> set[str]:
        match shape:
            case Word():
                return {name}
            case Record(_, _, below):
                return {word for key, field in below.items() for word in words(field, key)}
            case Each(other, known, _):
                return {w for field in (other, *known.values()) for w in words(field, name)}
            case Shares() | _:
                return set()

    everything = {**STATE_FIELDS, **EVENT_FIELDS, **LINE_FIELDS}
    found = {word for name, shape in everything.items() for word in words(shape, name)}
    assert found == {
        "label", "condition", "model", "baseline", "kind", "code", "line", "role", "name",
        "before", "after", "course",
    }  # fmt: skip


def test_the_detail_of_an_event_is_nowhere_in_the_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "s", [*session(5), event(6, EventKind.MIC_LOST, "mic_lost")])
    found = b""
    with path.open("rb") as stream:
        stream.read(chunks.PREFIX.size)
        for frame in chunks.frames(stream):
            raw = frame.payload
            if frame.kind == chunks.DATA:
                raw = zlib.decompressobj(zdict=HEADER.dictionary).decompress(raw)
            found += raw
    assert b"mic_lost" in found
    assert b"Anna" not in found
