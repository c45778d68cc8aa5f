"""The ledger: durable, private, whole under several writers and when they are killed."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rapport.consent.entries import Entry, read_lines
from rapport.consent.ledger import GRANTS_UP_TO_BYTES, TORN_CODE, TORN_FILE, Ledger
from rapport.errors import ConsentInvalid, ConsentUnreadable, ConsentUnwritable
from rapport.settings import Consent
from rapport.state import EventKind

pytestmark = pytest.mark.unit

WRITER = """
import sys
from rapport.consent.entries import Entry
from rapport.consent.ledger import Ledger
from rapport.settings import Consent

ledger = Ledger(Consent(directory=sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    ledger.append(
        Entry(at="", action="grant", by="game", at_wall=1.0, app=sys.argv[3], name=str(number))
    )
"""


def entry(name: str = "A", action: str = "grant") -> Entry:
    return Entry(at="", action=action, by="game", at_wall=1.0, app="a", name=name)  # type: ignore[arg-type]


def names(ledger: Ledger) -> list[str]:
    return [each.name for each in ledger.current()]


def test_no_file_means_no_entry_and_no_folder(ledger: Ledger) -> None:
    assert ledger.current() == ()
    assert not ledger.changed()
    assert not ledger.directory.exists()


def test_the_default_is_the_users_own_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "own"))
    (tmp_path / "own").mkdir(mode=0o755)
    ledger = Ledger()
    ledger.append(entry())
    assert ledger.path == tmp_path / "own" / "consent.jsonl"
    if sys.platform != "win32":
        assert stat.S_IMODE(ledger.directory.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes; the profile protects")
def test_only_the_user_can_read_it(ledger: Ledger) -> None:
    before = os.umask(0)
    try:
        ledger.append(entry())
    finally:
        os.umask(before)
    assert stat.S_IMODE(ledger.directory.stat().st_mode) == 0o700
    for file in ledger.directory.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_another_reader_sees_a_change(ledger: Ledger, folder: Path) -> None:
    reader = Ledger(Consent(directory=str(folder)))
    ledger.append(entry("1"))
    assert reader.changed()
    assert names(reader) == ["1"]
    assert not reader.changed()
    assert reader.current() is reader.current()
    ledger.append(entry("2"))
    assert reader.changed()
    assert names(reader) == ["1", "2"]
    ledger.path.unlink()
    assert names(reader) == []


def test_an_unchanged_file_is_not_read_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(entry())
    first = ledger.current()
    monkeypatch.setattr(Ledger, "_read_file", lambda _: pytest.fail("read again"))
    assert all(ledger.current() is first for _ in range(10))


def test_a_torn_line_is_told_ignored_and_set_aside(folder: Path) -> None:
    told: list[tuple[EventKind, str]] = []
    ledger = Ledger(Consent(directory=str(folder)), lambda kind, code, _: told.append((kind, code)))
    ledger.append(entry("1"))
    with ledger.path.open("ab") as stream:
        stream.write(b'{"at":"","action":"gra')
    assert names(ledger) == ["1"]
    assert names(ledger) == ["1"]
    assert told == [(EventKind.STATUS, TORN_CODE)]
    ledger.append(entry("2"))
    assert names(ledger) == ["1", "2"]
    assert (folder / TORN_FILE).read_bytes() == b'{"at":"","action":"gra\n'
    assert told == [(EventKind.STATUS, TORN_CODE)]


def test_damage_is_told_once_and_raised_each_time(folder: Path) -> None:
    told: list[str] = []
    ledger = Ledger(Consent(directory=str(folder)), lambda _, code, __: told.append(code))
    ledger.append(entry("1"))
    ledger.append(entry("2"))
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b'"1"', b'"3"'))
    for _ in range(3):
        with pytest.raises(ConsentUnreadable, match=r"consent\.jsonl: line 2"):
            ledger.current()
    assert told == ["consent_unreadable"]


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_cannot_be_read_is_named(ledger: Ledger, folder: Path, what: str) -> None:
    folder.mkdir(parents=True)
    if what == "folder":
        ledger.path.mkdir()
    else:
        ledger.path.write_bytes(b"\xff" * 10 + b"\n")
    with pytest.raises(ConsentUnreadable):
        ledger.current()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no user ids")
def test_another_users_ledger_is_not_believed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(entry())
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(ConsentUnreadable, match="another user"):
        ledger.current()


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_the_ledger_as_it_was(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    ledger.append(entry("1"))
    before = ledger.path.read_bytes()
    write = os.write

    def full(descriptor: int, data: bytes = b"") -> int:
        if call == "write":
            return write(descriptor, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(ConsentUnwritable):
            ledger.append(entry("2"))
    assert ledger.path.read_bytes() == before
    ledger.append(entry("3"))
    assert names(ledger) == ["1", "3"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    ledger = Ledger(Consent(directory=str(tmp_path / "file" / "below")))
    assert ledger.current() == ()
    with pytest.raises(ConsentUnwritable):
        ledger.append(entry())


def test_a_held_lock_does_not_hang(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import filelock

    ledger.append(entry())
    monkeypatch.setattr("rapport.consent.ledger.LOCK_TIMEOUT_S", 0.05)
    with (
        filelock.FileLock(folder / "consent.lock"),
        pytest.raises(ConsentUnwritable, match="locked"),
    ):
        ledger.append(entry())


def test_a_full_ledger_takes_no_grant_but_every_revocation(ledger: Ledger, folder: Path) -> None:
    folder.mkdir(parents=True)
    ledger.path.write_bytes(b"x" * GRANTS_UP_TO_BYTES + b"\n")
    with pytest.raises(ConsentUnwritable, match="full"):
        ledger.append(entry())
    size = ledger.path.stat().st_size
    ledger.append(entry(action="revoke"))
    assert ledger.path.stat().st_size > size


def test_export_is_a_copy_even_of_a_damaged_one(ledger: Ledger, tmp_path: Path) -> None:
    target = tmp_path / "copy.jsonl"
    with pytest.raises(ConsentInvalid, match="no ledger"):
        ledger.export(target)
    ledger.append(entry())
    with ledger.path.open("ab") as stream:
        stream.write(b"damage\n")
    assert ledger.export(target) == ledger.path.stat().st_size
    assert target.read_bytes() == ledger.path.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(ConsentInvalid, match="already"):
        ledger.export(target)
    with pytest.raises(ConsentUnwritable):
        ledger.export(tmp_path / "nowhere" / "copy")


def test_erasing_leaves_nothing_but_the_marker(ledger: Ledger, folder: Path) -> None:
    ledger.append(entry("secret game"))
    with ledger.path.open("ab") as stream:
        stream.write(b"torn")
    ledger.append(entry("secret game"))
    assert (folder / TORN_FILE).exists()
    ledger.erase(Entry(at="", action="erase", by="page", at_wall=2.0))
    assert [each.action for each in ledger.current()] == ["erase"]
    for file in folder.iterdir():
        assert b"secret" not in file.read_bytes()
    assert not (folder / TORN_FILE).exists()


def start_writer(folder: Path, lines: int, name: str) -> subprocess.Popen[str]:
    """A process that has imported everything and waits for a word to begin."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(lines), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def begin(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()


def test_several_writers_lose_no_line(ledger: Ledger, folder: Path) -> None:
    each, writers = 40, ("w1", "w2", "w3")
    running = [start_writer(folder, each, name) for name in writers]
    for writer in running:
        begin(writer)
    while any(writer.poll() is None for writer in running):
        ledger.current()  # never raises while they write
        time.sleep(0.005)
    for writer in running:
        writer.communicate()
    assert [writer.returncode for writer in running] == [0, 0, 0]
    found = ledger.current()
    for name in writers:
        numbers = [entry.name for entry in found if entry.app == name]
        assert numbers == [str(number) for number in range(each)]


def test_a_killed_writer_leaves_a_ledger_that_is_read(ledger: Ledger, folder: Path) -> None:
    for _ in range(3):
        writer = start_writer(folder, 100_000, "w")
        begin(writer)
        size = ledger.path.stat().st_size if ledger.path.exists() else 0
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if ledger.path.exists() and ledger.path.stat().st_size > size + 2000:
                break
            time.sleep(0.01)
        writer.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        writer.communicate(timeout=30)
        before = len(ledger.current())
        assert before >= 10
        ledger.append(entry("after"))
        assert len(ledger.current()) == before + 1
    assert not read_lines(ledger.path.read_bytes()).torn
