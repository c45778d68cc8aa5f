"""Transcripts beside a clip: what they hold, and what is refused with its line."""

from pathlib import Path

import pytest

from rapport.conversation.transcript import read_transcript
from rapport.errors import TranscriptInvalid

pytestmark = pytest.mark.unit


def written(folder: Path, text: str) -> Path:
    file = folder / "said.jsonl"
    file.write_text(text, encoding="utf-8")
    return file


def test_cues_come_in_the_order_in_which_they_are_told(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        {"at": 4.0, "seconds": 2.0, "text": "Great, thanks.", "line": "p1"}
        {"at": 5.0, "text": "Next!", "role": "npc", "speaker": "Clerk"}

        {"at": 1.0, "mark": "kept_waiting"}
        """,
    )
    cues = read_transcript(file)
    assert [(cue.mark or cue.text, cue.due_s) for cue in cues] == [
        ("kept_waiting", 1.0), ("Next!", 5.0), ("Great, thanks.", 6.0),
    ]  # fmt: skip
    assert cues[2].speaker == "player" and cues[2].line == "p1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "line 1"),
        ('{"at": 1.0}', "either `text` or `mark`"),
        ('{"at": 1.0, "text": "a", "mark": "b"}', "either `text` or `mark`"),
        ('{"at": 1.0, "mark": "not a name"}', "mark"),
        ('{"at": -1.0, "text": "a"}', ">= 0.0"),
        ('{"at": 1.0, "text": "a", "who": "b"}', "who"),
        ('{"at": 1.0, "text": "a"}\n{"at": 2.0, "text": "a", "role": "god"}', "line 2"),
        ("[" * 100_000, "line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(TranscriptInvalid) as raised:
        read_transcript(written(tmp_path, text))
    assert told in str(raised.value)


def test_a_file_that_is_not_there_or_no_text_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(TranscriptInvalid, match=r"missing\.jsonl"):
        read_transcript(tmp_path / "missing.jsonl")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TranscriptInvalid, match="UTF-8"):
        read_transcript(binary)
