"""Characters: who reacts, by which profile, and with which of the game's own variables."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import count

import msgspec

from rapport.capture.signals import Notify
from rapport.errors import ProfileLimit, ProfileMissing
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
    come."""

    def __init__(self, tell: Tell, notify: Notify) -> None:
        """:param tell: is given every firing, in order."""
        self._tell = tell
        self._notify = notify
        self._lock = threading.RLock()
        self._count: Iterator[int] = count(1)
        self._all: dict[tuple[str, str], _Character] = {}

    def tick(self, state: EmotionState, at_ns: int) -> None:
        """Tell what fires, changes and ends with one more state.

        A defect in one profile costs that profile alone.
        """
        with self._lock:
            for (app, npc), character in list(self._all.items()):
                try:
                    told = character.engine.tick(state, at_ns, character.context)
                except Exception:  # a defect of ours must not end the others
                    log.exception("the profile of %s failed", npc)
                    del self._all[app, npc]
                    self._notify(
                        EventKind.PROFILE_CLEARED, "internal_error", f"{npc}: its profile failed."
                    )
                else:
                    self._tell_all(told)

    def forget(self) -> None:
        """End what is active because nothing is known any more, and remember no signal."""
        with self._lock:
            for character in self._all.values():
                self._tell_all(character.engine.forget())

    def put(self, app: str, npc: str, text: str, format: Format, source: str) -> ProfileStatus:
        """Let a character react by a profile; what was active by another ends.

        The game's own variables stay.

        :raises ProfileInvalid: the profile has a mistake; the one before stays.
        :raises ProfileLimit: there are too many characters.
        """
        profile = parse(text, format, source if source != CONTROL else "the profile")
        with self._lock:
            before = self._all.get((app, npc))
            if before is None:
                self._check_room(app)
            else:
                self._tell_all(before.engine.end("profile"))
            engine = Engine(profile, npc, app, self._count)
            context = {} if before is None else before.context
            self._all[app, npc] = _Character(profile, text, format, source, engine, context)
            self._notify(EventKind.PROFILE_LOADED, "", f"{npc}: {len(profile.reaction)} reactions.")
            return _status(npc, self._all[app, npc])

    def clear(self, app: str, npc: str) -> None:
        """Let a character react no more.

        :raises ProfileMissing: it has no profile of this application.
        """
        with self._lock:
            self._tell_all(self._found(app, npc).engine.end("profile"))
            del self._all[app, npc]
            self._notify(EventKind.PROFILE_CLEARED, "", f"{npc}: it reacts no more.")

    def clear_all(self, app: str) -> None:
        """Let no character of an application react any more: it is gone."""
        with self._lock:
            for npc in [npc for owner, npc in self._all if owner == app]:
                self.clear(app, npc)

    def tell_context(self, app: str, npc: str, values: Mapping[str, Value]) -> None:
        """Take the game's own variables; None: not known any more.

        :raises ProfileMissing: the character has no profile.
        :raises ProfileLimit: there are too many variables; none of these is taken.
        """
        with self._lock:
            changed = {**self._found(app, npc).context, **values}
            kept = {name: value for name, value in changed.items() if value is not None}
            if len(kept) > CONTEXT_VALUES_MAX:
                raise ProfileLimit(
                    f"{npc} has {len(kept)} variables; {CONTEXT_VALUES_MAX} are kept"
                )
            self._all[app, npc].context = kept

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
        """End what is active: the sidecar stops."""
        with self._lock:
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

    def _check_room(self, app: str) -> None:
        owners = [owner for owner, _ in self._all]
        if owners.count(app) >= CHARACTERS_MAX:
            raise ProfileLimit(f"{CHARACTERS_MAX} characters have a profile already")
        if app not in owners and len(set(owners)) >= APPLICATIONS_MAX:
            raise ProfileLimit(f"{APPLICATIONS_MAX} applications have profiles already")


def _status(npc: str, found: _Character) -> ProfileStatus:
    return ProfileStatus(npc, found.profile.title, tuple(found.profile.reaction), found.source)
