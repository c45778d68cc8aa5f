"""What stands in the ledger: its lines, and what they add up to. No files here."""

import hashlib
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, NamedTuple, get_args

import msgspec

from rapport.errors import ConsentUnreadable

Permission = Literal["camera", "microphone", "recording", "text"]
"""What consent is given for, each by itself: to open the camera, to open the microphone, to write
states to a file, to send what is said and written to another machine."""
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
By = Literal["game", "command line", "page"]
"""Through what the player answered."""

DAY_S = 86_400.0
DAYS_MAX = 366.0
"""The longest that an answer holds: a year, after which the player is asked again."""
CLOCK_SLACK_S = 300.0
"""A grant may lie this far in the future, because clocks are corrected by small steps. From
further ahead, the clock was set back, and how long the grant still holds cannot be told."""
DIGEST_CHARACTERS = 32
"""Half a SHA-256 in hexadecimal digits: 128 bits, and lines that people can still read."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the ledger. Fields that only a newer version knows are ignored.

    `at` and `until` are for people; `at_wall` and `until_wall` (seconds since the Unix epoch)
    count. A `grant` names one application, a `revoke` one or, with an empty `app`, all; an `erase`
    is the first line of a ledger that the player has emptied. `previous` is the digest of the
    line before, so that a line that was changed or taken out is noticed.
    """

    at: str
    action: Literal["grant", "revoke", "erase"]
    by: By
    at_wall: float
    app: str = ""
    name: str = ""
    permissions: tuple[str, ...] = ()
    until: str = ""
    text_version: str = ""
    language: str = ""
    until_wall: float = 0.0
    rapport: str = ""
    previous: str = ""


class Grant(msgspec.Struct, frozen=True):
    """One permission of one application: since when, until when, on which text, through what.

    Times are seconds since the Unix epoch.
    """

    app: str
    name: str
    permission: Permission
    granted_wall: float
    until_wall: float
    text_version: str
    language: str
    by: By


class Lines(NamedTuple):
    """A ledger as it was read; `torn` is what a power cut left of a last line."""

    entries: tuple[Entry, ...]
    torn: bytes


Standing = dict[tuple[str, Permission], Grant]
"""What was allowed last and not taken back, by application and permission."""


def iso(wall: float) -> str:
    """A time for people: UTC, to the second.

    :raises ValueError: there is no such date.
    """
    try:
        return datetime.fromtimestamp(wall, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError) as error:
        raise ValueError(f"no date: {wall}") from error


def line(entry: Entry, before: bytes) -> bytes:
    """An entry as the line that follows `before`, the lines that are already there."""
    last = before.rstrip(b"\n").rpartition(b"\n")[2]
    chained = msgspec.structs.replace(entry, previous=_digest(last))
    return msgspec.json.encode(chained) + b"\n"


def read_lines(data: bytes) -> Lines:
    """Read a ledger.

    :raises ConsentUnreadable: a whole line is no entry, or does not follow from the one before.
    """
    whole, newline, torn = data.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    entries = []
    before = b""
    for number, text in enumerate(lines, start=1):
        try:
            entry = msgspec.json.decode(text, type=Entry)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise ConsentUnreadable(f"line {number} is no entry: {error}") from error
        if entry.previous != _digest(before):
            raise ConsentUnreadable(f"line {number} does not follow from the one before")
        entries.append(entry)
        before = text
    return Lines(tuple(entries), torn)


def standing(entries: Iterable[Entry]) -> Standing:
    """What the entries, in their order, add up to; whether a grant still holds is another
    question (`holds`)."""
    found: Standing = {}
    for entry in entries:
        match entry.action:
            case "grant":
                for permission in _known(entry.permissions):
                    found[entry.app, permission] = _grant(entry, permission)
            case "revoke":
                gone = _known(entry.permissions)
                found = {
                    (app, permission): grant
                    for (app, permission), grant in found.items()
                    if permission not in gone or entry.app not in ("", app)
                }
            case "erase":
                found = {}
    return found


def holds(grant: Grant, now_wall: float) -> bool:
    """Whether a grant covers this moment. Never at a time that is no number."""
    return grant.granted_wall - CLOCK_SLACK_S <= now_wall < grant.until_wall


def _known(permissions: tuple[str, ...]) -> list[Permission]:
    return [each for each in PERMISSIONS if each in permissions]


def _grant(entry: Entry, permission: Permission) -> Grant:
    return Grant(
        app=entry.app,
        name=entry.name,
        permission=permission,
        granted_wall=entry.at_wall,
        until_wall=min(entry.until_wall, entry.at_wall + DAYS_MAX * DAY_S),
        text_version=entry.text_version,
        language=entry.language,
        by=entry.by,
    )


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:DIGEST_CHARACTERS] if text else ""


def is_time(wall: float) -> bool:
    """Whether this can be a time: finite, after 1970 and before the year 10000."""
    return math.isfinite(wall) and 0.0 < wall < 253_402_300_800.0
