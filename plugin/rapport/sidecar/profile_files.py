"""Profiles from files: read at the start, and again whenever a designer saves one."""

import threading
from pathlib import Path
from typing import NamedTuple

from rapport.capture.signals import Notify
from rapport.errors import ReactionError
from rapport.reactions.presets import preset
from rapport.reactions.profile import load
from rapport.sidecar.characters import FILES, Characters
from rapport.state import EventKind

LOOK_S = 0.25
"""How often it is looked whether a file has changed."""

Look = tuple[int, int] | None
"""Time of the last change and size; None: there is no such file just now."""


class ProfileFile(NamedTuple):
    """A character, and its profile: a file, or the name of a preset."""

    npc: str
    place: str


class ProfileFiles:
    """Keeps the characters in line with their files. A file that has a mistake changes nothing: the
    last good profile stays, and an event says why. So does one that is gone: editors replace files.

    :raises ProfileMissing: a file cannot be read at the start, and is no preset.
    :raises ProfileInvalid: a file has a mistake at the start.
    """

    def __init__(
        self, files: tuple[ProfileFile, ...], characters: Characters, notify: Notify
    ) -> None:
        self._characters = characters
        self._notify = notify
        self._stopping = threading.Event()
        self._seen: dict[tuple[str, Path], Look] = {}
        for npc, place in files:
            path = Path(place)
            if path.suffix or path.exists():
                self._seen[npc, path] = _look(path)
                self._load(npc, path)
            else:
                characters.put(FILES, npc, preset(place).text, "toml", f"preset {place}")
        self._thread = threading.Thread(target=self._watch, name="rapport-profiles", daemon=True)
        if self._seen:
            self._thread.start()

    def close(self) -> None:
        """Look at no file any more. Idempotent."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_S):
            for (npc, path), before in list(self._seen.items()):
                now = _look(path)
                if now in (before, None):
                    continue
                self._seen[npc, path] = now
                try:
                    self._load(npc, path)
                except ReactionError as error:
                    self._notify(EventKind.PROFILE_REFUSED, error.code, error.what)

    def _load(self, npc: str, path: Path) -> None:
        _, text, format = load(path)
        self._characters.put(FILES, npc, text, format, str(path))


def _look(path: Path) -> Look:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
