"""Lines of the ledger: a damaged one is refused, a torn one ignored, a newer one understood."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.consent.entries import (
    DAY_S,
    DAYS_MAX,
    Entry,
    Grant,
    holds,
    iso,
    line,
    read_lines,
    standing,
)
from rapport.errors import ConsentUnreadable

NOW = 1_790_000_000.0


def grant(at_wall: float = NOW, app: str = "a", **more: object) -> Entry:
    fields: dict[str, object] = {
        "at": iso(at_wall),
        "action": "grant",
        "by": "game",
        "at_wall": at_wall,
        "app": app,
        "name": "A",
        "permissions": ("camera", "microphone"),
        "until_wall": at_wall + DAY_S,
        "text_version": "1",
        "language": "en",
    }
    return msgspec.convert(fields | more, Entry)


def revoke(app: str = "a", *permissions: str) -> Entry:
    return grant(app=app, action="revoke", permissions=permissions, until_wall=0.0)


def ledger(*entries: Entry) -> bytes:
    data = b""
    for entry in entries:
        data += line(entry, data)
    return data


@pytest.mark.unit
def test_what_is_written_is_read() -> None:
    entries = (grant(), revoke("a", "camera"), grant(app="b"))
    read = read_lines(ledger(*entries))
    assert not read.torn
    assert [msgspec.structs.replace(entry, previous="") for entry in read.entries] == [*entries]
    assert read_lines(b"") == ((), b"")


@pytest.mark.unit
@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_last_line_is_set_apart(cut: int) -> None:
    whole, last = ledger(grant()), ledger(grant(), revoke())
    read = read_lines(last[:-cut])
    assert len(read.entries) == 1
    assert whole + read.torn == last[:-cut]


@pytest.mark.unit
def test_zeros_that_a_power_cut_left_are_a_torn_line() -> None:
    assert read_lines(ledger(grant()) + b"\0" * 300).torn == b"\0" * 300


@pytest.mark.unit
@pytest.mark.parametrize("taken", [0, 1])
def test_a_line_that_was_taken_out_is_noticed(taken: int) -> None:
    lines = ledger(grant(), revoke("a", "camera"), grant(app="b")).splitlines(keepends=True)
    del lines[taken]
    with pytest.raises(ConsentUnreadable, match="does not follow"):
        read_lines(b"".join(lines))


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    [
        b"\n",
        b"garbage\n",
        b"{}\n",
        b"\0\0\0\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"at":"","action":"allow","by":"game","at_wall":1}\n',
        b'{"at":"","action":"grant","by":"somebody","at_wall":1}\n',
        b'{"at":"","action":"grant","by":"game","at_wall":1e999}\n',
        b'{"at":"","action":"grant","by":"game","at_wall":NaN}\n',
        b'{"at":"","action":"grant","by":"game","at_wall":1,"permissions":"camera"}\n',
    ],
)
def test_a_line_that_is_no_entry_is_refused(text: bytes) -> None:
    with pytest.raises(ConsentUnreadable, match="line 1 "):
        read_lines(text)


@pytest.mark.property
@given(st.data())
def test_a_changed_character_never_grants_more(data: st.DataObject) -> None:
    whole = ledger(grant(), revoke("a", "camera"), grant(app="b", permissions=("recording",)))
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    # The last line has nobody who vouches for it: that one is left out here.
    if place >= whole[:-1].rindex(b"\n"):
        return
    try:
        found = standing(read_lines(changed).entries)
    except ConsentUnreadable:
        return
    assert changed == whole, found


@pytest.mark.property
@given(st.binary(max_size=400))
def test_garbage_is_refused_by_name_or_torn(garbage: bytes) -> None:
    try:
        read = read_lines(garbage)
    except ConsentUnreadable:
        return
    assert not read.entries
    assert read.torn == garbage


@pytest.mark.unit
def test_what_only_a_newer_version_knows_is_ignored() -> None:
    newer = json.loads(msgspec.json.encode(grant(permissions=("camera", "heartbeat"))))
    newer["witness"] = {"x": [1, 2]}
    read = read_lines(json.dumps(newer).encode() + b"\n")
    assert set(standing(read.entries)) == {("a", "camera")}


@pytest.mark.unit
def test_a_grant_longer_than_the_longest_is_cut() -> None:
    found = standing([grant(until_wall=NOW * 5)])["a", "camera"]
    assert found.until_wall == NOW + DAYS_MAX * DAY_S


@pytest.mark.unit
def test_taking_back_from_every_game() -> None:
    entries = [grant(), grant(app="b"), revoke("", "camera")]
    assert set(standing(entries)) == {("a", "microphone"), ("b", "microphone")}


@pytest.mark.unit
@pytest.mark.parametrize(
    ("now", "is_held"),
    [
        (NOW, True),
        (NOW + DAY_S - 1, True),
        (NOW + DAY_S, False),
        (NOW + 2 * DAY_S, False),
        (NOW - 10, True),
        (NOW - DAY_S, False),
        (float("nan"), False),
        (float("inf"), False),
        (-float("inf"), False),
    ],
)
def test_when_a_grant_holds(now: float, is_held: bool) -> None:
    one = Grant("a", "A", "camera", NOW, NOW + DAY_S, "1", "en", "game")
    assert holds(one, now) is is_held


@pytest.mark.unit
@pytest.mark.parametrize("wall", [1e300, float("nan"), float("inf")])
def test_a_time_that_is_no_date_is_refused(wall: float) -> None:
    with pytest.raises(ValueError, match="no"):
        iso(wall)
