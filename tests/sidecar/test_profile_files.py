"""Profiles from files: what a designer saves is taken, and what goes wrong is told once."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rapport.errors import ProfileInvalid, ProfileMissing
from rapport.sidecar import profile_files
from rapport.sidecar.characters import FILES, Characters
from rapport.sidecar.profile_files import GONE_LOOKS, ProfileFile, ProfileFiles
from rapport.state import EventKind

pytestmark = pytest.mark.unit

LOOK_S = 0.02
READY_S = 20.0
LOADED, REFUSED = EventKind.PROFILE_LOADED, EventKind.PROFILE_REFUSED
GOOD = '[reaction.comfort]\nwhen = { signal = "anger", enter = 0.5, exit = 0.3 }\n'
BETTER = GOOD.replace("0.3", "0.2")
BROKEN = GOOD.replace("exit = 0.3", 'exit = "low"')


class Desk:
    """A folder in which a designer works, and what the sidecar makes of it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "mira.toml"
        self.told: list[tuple[EventKind, str, str]] = []
        self.characters = Characters(lambda *_: None, lambda *event: self.told.append(event))
        self._watching: list[ProfileFiles] = []

    def watch(self, *places: str, npc: str = "mira") -> None:
        files = tuple(ProfileFile(npc, place) for place in places or (str(self.file),))
        self._watching.append(ProfileFiles(files, self.characters, lambda *e: self.told.append(e)))

    def kinds(self) -> list[EventKind]:
        return [kind for kind, *_ in self.told]

    def text(self) -> str:
        return self.characters.text(FILES, "mira").profile

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + READY_S
        while not true():
            assert time.monotonic() < end, self.told
            time.sleep(LOOK_S / 2)

    def looks(self, number: int) -> None:
        """Wait for so many looks."""
        time.sleep(number * LOOK_S * 2)

    def close(self) -> None:
        for files in self._watching:
            files.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(profile_files, "LOOK_S", LOOK_S)
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_what_is_saved_is_taken_and_a_mistake_keeps_the_last_good_one(desk: Desk) -> None:
    write(desk.file, GOOD)
    desk.watch()
    assert (desk.text(), desk.kinds()) == (GOOD, [LOADED])
    write(desk.file, BROKEN)
    desk.until(lambda: REFUSED in desk.kinds())
    _, code, detail = desk.told[-1]
    assert code == "profile_invalid"
    for said in ("mira.toml", "line 2", "exit"):
        assert said in detail
    assert desk.text() == GOOD
    write(desk.file, BETTER)
    desk.until(lambda: desk.text() == BETTER)
    assert desk.kinds() == [LOADED, REFUSED, LOADED]


def test_each_broken_edit_is_told_once(desk: Desk) -> None:
    write(desk.file, GOOD)
    desk.watch()
    write(desk.file, BROKEN)
    desk.until(lambda: desk.kinds().count(REFUSED) == 1)
    desk.looks(5)
    os.utime(desk.file)
    desk.looks(5)
    assert desk.kinds().count(REFUSED) == 1
    write(desk.file, BROKEN + "# the same mistake in another edit\n")
    desk.until(lambda: desk.kinds().count(REFUSED) == 2)
    write(desk.file, GOOD)
    desk.until(lambda: desk.kinds()[-1] == LOADED)


def test_a_file_that_is_saved_unchanged_ends_nothing(desk: Desk) -> None:
    write(desk.file, GOOD)
    desk.watch()
    for _ in range(3):
        write(desk.file, GOOD)
        desk.looks(3)
    assert desk.kinds() == [LOADED]


@pytest.mark.parametrize("backup", [False, True])
def test_an_editor_may_replace_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, backup: bool
) -> None:
    monkeypatch.setattr(profile_files, "GONE_LOOKS", 1_000)
    write(desk.file, GOOD)
    desk.watch()
    new = desk.file.with_suffix(".new")
    write(new, BETTER)
    if backup:  # moved away first, so that there is none for a moment
        desk.file.rename(desk.file.with_suffix(".bak"))
        desk.looks(2)
    new.replace(desk.file)
    desk.until(lambda: desk.text() == BETTER)
    assert desk.kinds() == [LOADED, LOADED]


def test_an_edit_of_the_same_size_and_time_is_seen(desk: Desk) -> None:
    """Some file systems count time in steps of two seconds."""
    write(desk.file, GOOD)
    desk.watch()
    before = desk.file.stat()
    with desk.file.open("r+", encoding="utf-8") as file:
        file.write(BETTER)
    os.utime(desk.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    desk.until(lambda: desk.text() == BETTER)


def test_a_file_that_is_gone_is_told_once_and_taken_when_it_is_back(desk: Desk) -> None:
    write(desk.file, GOOD)
    desk.watch()
    desk.file.unlink()
    desk.until(lambda: REFUSED in desk.kinds())
    assert desk.told[-1][1] == "profile_missing"
    desk.looks(GONE_LOOKS)
    assert (desk.text(), desk.kinds()) == (GOOD, [LOADED, REFUSED])
    write(desk.file, GOOD)
    desk.until(lambda: desk.kinds() == [LOADED, REFUSED, LOADED])


def test_a_file_that_was_moved_away_and_back_is_taken(desk: Desk) -> None:
    write(desk.file, GOOD)
    os.utime(desk.file, (0, 0))
    desk.watch()
    away = desk.file.rename(desk.file.with_suffix(".away"))
    desk.until(lambda: REFUSED in desk.kinds())
    away.rename(desk.file)
    desk.until(lambda: desk.kinds() == [LOADED, REFUSED, LOADED])


def test_what_no_one_expected_costs_that_edit_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk.file, GOOD)
    desk.watch()

    def defect(_path: Path) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(profile_files, "read_text", defect)
        write(desk.file, BETTER)
        desk.until(lambda: REFUSED in desk.kinds())
    assert desk.told[-1][1] == "internal_error"
    desk.until(lambda: desk.text() == BETTER)


def test_a_name_is_that_of_a_preset_unless_there_is_such_a_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "companion").mkdir()  # a folder of this name is no profile
    desk.watch("companion")
    (listed,) = desk.characters.listed(FILES)
    assert (listed.title, listed.source) == ("Companion", "preset companion")
    write(tmp_path / "merchant", GOOD)
    desk.watch("merchant")
    assert desk.text() == GOOD


@pytest.mark.parametrize("place", ["nothing", "missing.toml", "missing/mira.json"])
def test_what_is_not_there_at_the_start_is_refused(desk: Desk, place: str) -> None:
    with pytest.raises(ProfileMissing, match=Path(place).name):
        desk.watch(place)


def test_a_mistake_at_the_start_is_refused(desk: Desk) -> None:
    write(desk.file, BROKEN)
    with pytest.raises(ProfileInvalid, match="line 2"):
        desk.watch()
