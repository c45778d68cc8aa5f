"""Reacting: what stands between the fusion and the wire, for live sidecars and for playbacks."""

import msgspec

from rapport.capture.signals import Notify
from rapport.reactions import presets
from rapport.reactions.granular import GranularStates
from rapport.reactions.profile import problems
from rapport.sidecar.characters import CONTROL, Characters
from rapport.sidecar.profile_files import ProfileFile, ProfileFiles
from rapport.sidecar.table import DONE, Table
from rapport.state import EmotionState
from rapport.wire import answers
from rapport.wire import requests as ask
from rapport.wire.controller import Peer
from rapport.wire.publisher import Publisher


class Reacting:
    """Adds granular states to each state, and fires the reactions of every character.

    Reactions tell of the player: they go to whoever listens, and into no log and no recording. They
    are made anew from the states when a session is played.
    """

    def __init__(self, publisher: Publisher, notify: Notify) -> None:
        self._notify = notify
        self._granular = GranularStates()
        self.characters = Characters(
            lambda kind, reaction: publisher.announce(kind, reaction=reaction), notify
        )
        self._files: ProfileFiles | None = None

    def watch(self, files: tuple[ProfileFile, ...]) -> None:
        """Take profiles from files, and again whenever these change.

        :raises ProfileMissing, ProfileInvalid: one cannot be used.
        """
        self._files = ProfileFiles(files, self.characters, self._notify)

    def enriched(self, state: EmotionState, at_ns: int) -> EmotionState:
        """The state with its granular states.

        :param at_ns: when it is from, on the clock of all states of this player.
        """
        return msgspec.structs.replace(state, granular=self._granular.tick(state, at_ns))

    def react(self, state: EmotionState, at_ns: int) -> None:
        """Fire what a state that was published fires."""
        self.characters.tick(state, at_ns)

    def leased(self, app: str, held: bool) -> None:
        """An application holds a lease now, or no more: it has given it back, or fell silent. Its
        characters are there as long as it is."""
        (self.characters.resume if held else self.characters.set_aside)(app)

    def forget(self) -> None:
        """Forget what was seen of the player: a device was taken away."""
        self._granular.forget()
        self.characters.forget()

    def stop(self) -> None:
        """End what is active, and look at no file any more. Idempotent."""
        if self._files is not None:
            self._files.close()
        self.characters.stop()


def reaction_answers(reacting: Reacting) -> Table:
    """What a game asks about reactions; the same for a live sidecar and a playback."""
    characters = reacting.characters

    def clear(request: ask.ClearProfile, peer: Peer) -> answers.Done:
        characters.clear(peer.app, request.npc)
        return DONE

    def tell_context(request: ask.SetContext, peer: Peer) -> answers.Done:
        characters.tell_context(peer.app, request.npc, request.values)
        return DONE

    return {
        ask.SetProfile: lambda request, peer: characters.put(
            peer.app, request.npc, request.profile, request.format, CONTROL
        ),
        ask.GetProfile: lambda request, peer: characters.text(peer.app, request.npc),
        ask.ListProfiles: lambda _request, peer: answers.Profiles(characters.listed(peer.app)),
        ask.ClearProfile: clear,
        ask.CheckProfile: lambda request, _peer: _report(request),
        ask.ListPresets: lambda _request, _peer: answers.Presets(
            tuple(answers.Preset(p.name, p.title, p.text) for p in presets.shipped())
        ),
        ask.SetContext: tell_context,
    }


def _report(request: ask.CheckProfile) -> answers.ProfileReport:
    found, names = problems(request.profile, request.format)
    return answers.ProfileReport(
        tuple(answers.ProfileProblem(p.line, p.key, p.what, p.suggestion) for p in found), names
    )
