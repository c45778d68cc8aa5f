"""Transcripts: who said what when beside a clip, and what happened, from a file of JSON lines.

One JSON object a line, in UTF-8; times are seconds from the start of the clip:

| key | meaning |
|---|---|
| `at` | when it begins |
| `text` | what is said |
| `seconds` | how long it takes to say (optional; 0: it is typed, not spoken) |
| `speaker` | who says it (optional; `player`) |
| `role` | `player` or `npc` (optional; `player`) |
| `line` | the game's own id of it (optional) |
| `mark` | instead of all these but `at`: the name of a moment |
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rapport.errors import TranscriptInvalid

FILE_BYTES_MAX = 16 * 1024 * 1024
SECONDS_MAX = 24 * 3600.0

Time = Annotated[float, Meta(ge=0.0, le=SECONDS_MAX)]
Name = Annotated[str, Meta(max_length=64)]


class Cue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line, or a moment if `mark` names one."""

    at: Time
    text: Annotated[str, Meta(max_length=2000)] = ""
    seconds: Annotated[float, Meta(ge=0.0, le=600.0)] | None = None
    speaker: Annotated[str, Meta(min_length=1, max_length=64)] = "player"
    role: Literal["player", "npc"] = "player"
    line: Name = ""
    mark: Annotated[str, Meta(pattern=r"\A(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63})?\Z")] = ""

    @property
    def due_s(self) -> float:
        """When it is told: a line, as a game does, when it was said."""
        return self.at + (self.seconds or 0.0)


def read_transcript(file: Path) -> Sequence[Cue]:
    """The cues of a file in the order in which they are told.

    :raises TranscriptInvalid: it cannot be read, or a line is no such object.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise TranscriptInvalid(f"{file} is longer than {FILE_BYTES_MAX // 2**20} MiB")
        lines = content.decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise TranscriptInvalid(f"{file}: {reason}") from error
    cues = [_cue(line, f"{file}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    return sorted(cues, key=lambda cue: cue.due_s)


def _cue(line: str, place: str) -> Cue:
    try:
        cue = msgspec.json.decode(line, type=Cue)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TranscriptInvalid(f"{place}: {error}") from error
    if bool(cue.text) == bool(cue.mark):
        raise TranscriptInvalid(f"{place}: either `text` or `mark` must be given")
    return cue
