"""Characters: who reacts, by which profile, and with which of the game's own variables."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count

import msgspec

from rapport.capture.signals import Notify
from rapport.errors import NotAvailable, ProfileLimit, ProfileMissing
from rapport.reactions.engine import Engine, Firing
from rapport.reactions.profile import Format, parse
from rapport.reactions.rules import Profile
from rapport.state import EmotionState, EventKind, Reaction
from rapport.wire.answers import ProfileStatus, ProfileText
from rapport.wire.requests import CONTEXT_VALUES_MAX

CHARACTERS_MAX = 64
"""Characters with a profile that one application may have."""
APPLICATIONS_MAX = 16
CONTROL = "control"
"""The source of a profile that a game has set; of others it is the file's path."""
FILES = ""
"""The application of characters whose profile comes from a file: they react for everybody."""

Tell = Callable[[EventKind, Reaction], object]
Value = bool | float | str | None

log = logging.getLogger("rapport.sidecar")


class _Character(msgspec.Struct):
    profile: Profile
    text: str
    format: Format
    source: str
    engine: Engine
    context: dict[str, bool | float | str]


class Characters:
    """Runs the profiles of all characters. Safe from any thread: games set profiles while states
    come.

    The characters of an application that is gone are set aside: they keep their profiles and react
    no more until it is back. A game that was halted in a debugger need not notice that it was gone.
    """

    def __init__(self, tell: Tell, notify: Notify) -> None:
        """:param tell: is given every firing, in order."""
        self._tell = tell
        self._notify = notify
        self._lock = threading.RLock()
        self._count: Iterator[int] = count(1)
        self._all: dict[tuple[str, str], _Character] = {}
        self._aside: dict[str, None] = {}
        """Applications that are gone, in the order in which they went."""
        self._stopped = False

    def tick(self, state: EmotionState, at_ns: int) -> None:
        """Tell what fires, changes and ends with one more state.

        A defect in one profile costs that profile alone.
        """
        with self._lock:
            for (app, npc), character in list(self._all.items()):
                if app in self._aside:
                    continue
                try:
                    self._tell_all(character.engine.tick(state, at_ns, character.context))
                except Exception as error:  # noqa: BLE001  a defect of ours must not end the others
                    # Where it happened and not what it says, which may quote the state.
                    where = "".join(traceback.format_tb(error.__traceback__))
                    log.error("a profile failed with %s:\n%s", type(error).__name__, where)
                    with suppress(Exception):
                        self._tell_all(character.engine.end("profile"))
                    del self._all[app, npc]
                    self._notify(
                        EventKind.PROFILE_CLEARED, "internal_error", f"{npc}: its profile failed."
                    )

    def forget(self) -> None:
        """End what is active because nothing is known any more, and remember no signal."""
        with self._lock:
            for character in self._all.values():
                self._tell_all(character.engine.forget())

    def put(self, app: str, npc: str, text: str, format: Format, source: str) -> ProfileStatus:
        """Let a character react by a profile; what was active by another ends.

        The game's own variables stay. An application that was gone is back.

        :raises ProfileInvalid: the profile has a mistake; the one before stays.
        :raises ProfileLimit: there are too many characters.
        :raises NotAvailable: the sidecar stops.
        """
        profile = parse(text, format, source if source != CONTROL else "the profile")
        with self._lock:
            if self._stopped:
                raise NotAvailable("the sidecar stops")
            self.resume(app)
            before = self._all.get((app, npc))
            if before is None:
                self._make_room(app)
            else:
                self._tell_all(before.engine.end("profile"))
            engine = Engine(profile, npc, app, self._count)
            context = {} if before is None else before.context
            found = _Character(profile, text, format, source, engine, context)
            self._all[app, npc] = found
            self._notify(EventKind.PROFILE_LOADED, "", _said(npc, found))
            return _status(npc, found)

    def clear(self, app: str, npc: str) -> None:
        """Let a character react no more.

        :raises ProfileMissing: it has no profile of this application.
        """
        with self._lock:
            self._tell_all(self._found(app, npc).engine.end("profile"))
            del self._all[app, npc]
            self._notify(EventKind.PROFILE_CLEARED, "", f"{npc}: it reacts no more.")

    def set_aside(self, app: str) -> None:
        """Let the characters of an application react no more until it is back: it is gone."""
        with self._lock:
            for npc, found in self._of(app):
                self._aside[app] = None
                self._tell_all(found.engine.end("profile"))
                self._notify(EventKind.PROFILE_CLEARED, "", f"{npc}: {app} is gone.")

    def resume(self, app: str) -> None:
        """An application is there: if it was gone, its characters react again."""
        with self._lock:
            if app in self._aside:
                del self._aside[app]
                for npc, found in self._of(app):
                    self._notify(EventKind.PROFILE_LOADED, "", _said(npc, found))

    def tell_context(self, app: str, npc: str, values: Mapping[str, Value]) -> None:
        """Take the game's own variables; None: not known any more. They reach the profile that the
        game has set, and the one from a file.

        :raises ProfileMissing: the character has neither.
        :raises ProfileLimit: there are too many variables; none of these is taken.
        """
        with self._lock:
            told = [self._all[key] for key in ((app, npc), (FILES, npc)) if key in self._all]
            if not told:
                raise ProfileMissing(f"{npc} has no profile")
            contexts = [_changed(npc, found.context, values) for found in told]
            for found, context in zip(told, contexts, strict=True):
                found.context = context

    def text(self, app: str, npc: str) -> ProfileText:
        """A character's profile as it was set.

        :raises ProfileMissing: it has none, neither of this application nor from a file.
        """
        with self._lock:
            key = (app, npc) if (app, npc) in self._all else (FILES, npc)
            found = self._found(*key)
            return ProfileText(npc, found.text, found.format, found.source)

    def listed(self, app: str) -> tuple[ProfileStatus, ...]:
        """The characters of an application, and those with a profile from a file."""
        with self._lock:
            return tuple(
                _status(npc, found)
                for (owner, npc), found in self._all.items()
                if owner in (app, FILES)
            )

    def stop(self) -> None:
        """End what is active: the sidecar stops. Nothing reacts from now on. Idempotent."""
        with self._lock:
            self._stopped = True
            for character in self._all.values():
                self._tell_all(character.engine.end("stopped"))
            self._all.clear()

    def _tell_all(self, told: list[Firing]) -> None:
        for kind, reaction in told:
            self._tell(kind, reaction)

    def _found(self, app: str, npc: str) -> _Character:
        try:
            return self._all[app, npc]
        except KeyError:
            raise ProfileMissing(f"{npc} has no profile") from None

    def _of(self, app: str) -> list[tuple[str, _Character]]:
        return [(npc, found) for (owner, npc), found in self._all.items() if owner == app]

    def _make_room(self, app: str) -> None:
        """Room for one more character; applications that are gone give way, the first one first."""
        owners = {owner for owner, _ in self._all}
        if len(self._of(app)) >= CHARACTERS_MAX:
            raise ProfileLimit(f"{CHARACTERS_MAX} characters have a profile already")
        if app in owners or len(owners) < APPLICATIONS_MAX:
            return
        gone = next((owner for owner in self._aside if owner in owners), None)
        if gone is None:
            raise ProfileLimit(f"{APPLICATIONS_MAX} applications have profiles already")
        del self._aside[gone]
        self._all = {key: found for key, found in self._all.items() if key[0] != gone}


def _changed(
    npc: str, context: Mapping[str, bool | float | str], values: Mapping[str, Value]
) -> dict[str, bool | float | str]:
    changed = {**context, **values}
    kept = {name: value for name, value in changed.items() if value is not None}
    if len(kept) > CONTEXT_VALUES_MAX:
        raise ProfileLimit(f"{npc} has {len(kept)} variables; {CONTEXT_VALUES_MAX} are kept")
    return kept


def _said(npc: str, found: _Character) -> str:
    return f"{npc}: {len(found.profile.reaction)} reactions."


def _status(npc: str, found: _Character) -> ProfileStatus:
    return ProfileStatus(npc, found.profile.title, tuple(found.profile.reaction), found.source)
