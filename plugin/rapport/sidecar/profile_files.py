"""Profiles from files: read at the start, and again whenever a designer saves one."""

import threading
import time
from pathlib import Path
from typing import NamedTuple

from rapport.capture.signals import Notify
from rapport.errors import InternalError, RapportError
from rapport.reactions.presets import preset
from rapport.reactions.profile import read_text
from rapport.sidecar.characters import FILES, Characters
from rapport.state import EventKind

LOOK_S = 0.2
"""How often it is looked whether a file has changed. One that has is read when it looks the same
twice: an editor may be in the middle of writing it."""
GONE_LOOKS = 10
"""Looks after which a file that is gone is told: an editor that replaces one is done by then."""
COARSE_S = 2.0
"""A file that is younger is read at each look: some file systems count time in steps of this."""

Look = tuple[int, int, int] | None
"""Time of the last change, size, and which file it is; None: there is no such file just now."""
UNREAD: Look = (0, 0, 0)


class ProfileFile(NamedTuple):
    """A character, and its profile: a file, or the name of a preset."""

    npc: str
    place: str


class _Watched:
    """A file, how it looked, and what was last read of it."""

    def __init__(self, npc: str, path: Path) -> None:
        self.npc = npc
        self.path = path
        self.text = ""
        self.complaint = ""
        """What is wrong with it, as it was told."""
        self.read: Look = UNREAD
        """How it looked when it was read, unless it could not be, or was too young then."""
        self.seen: Look = None
        self.steady = 0
        """Looks since it has looked different."""

    def has_changed(self) -> bool:
        """Whether it is another than was read, and nobody is writing it just now."""
        now = _look(self.path)
        self.steady = self.steady + 1 if now == self.seen else 0
        self.seen = now
        return now != self.read and self.steady >= (1 if now else GONE_LOOKS)

    def is_young(self) -> bool:
        """Whether it may be changed once more and look the same."""
        return self.seen is not None and 0.0 <= time.time() - self.seen[0] / 1e9 < COARSE_S


class ProfileFiles:
    """Keeps the characters in line with their files. A file that has a mistake changes nothing: the
    last good profile stays, and an event says why. So does one that is gone.

    :raises ProfileMissing: a file cannot be read at the start, and is no preset.
    :raises ProfileInvalid: a file has a mistake at the start.
    """

    def __init__(
        self, files: tuple[ProfileFile, ...], characters: Characters, notify: Notify
    ) -> None:
        self._characters = characters
        self._notify = notify
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rapport-profiles", daemon=True)
        self._files: list[_Watched] = []
        for npc, place in files:
            path = Path(place)
            if path.is_file() or path.suffix:
                self._files.append(_Watched(npc, path))
                self._read(self._files[-1])
            else:
                characters.put(FILES, npc, preset(place).text, "toml", f"preset {place}")
        if self._files:
            self._thread.start()

    def close(self) -> None:
        """Look at no file any more. Idempotent."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_S):
            for file in self._files:
                try:
                    if file.has_changed():
                        self._read(file)
                except RapportError as error:
                    self._complain(file, error)
                except Exception as error:  # noqa: BLE001  the other files must still be watched
                    name = type(error).__name__
                    self._complain(file, InternalError(f"{file.path} failed with {name}"))

    def _read(self, file: _Watched) -> None:
        file.seen = _look(file.path)
        file.read = UNREAD
        text, format = read_text(file.path)
        if not file.is_young():
            file.read = file.seen
        if text == file.text and not file.complaint:
            return
        if text != file.text:
            file.text, file.complaint = text, ""
        self._characters.put(FILES, file.npc, text, format, str(file.path))
        file.complaint = ""

    def _complain(self, file: _Watched, error: RapportError) -> None:
        """Tell what is wrong with a file, once."""
        if error.what != file.complaint:
            file.complaint = error.what
            self._notify(EventKind.PROFILE_REFUSED, error.code, error.what)


def _look(path: Path) -> Look:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
