"""The dialogue of a live sidecar: what a game tells of it, beside what is seen and heard."""

import threading
from collections.abc import Mapping

from rapport.capture.clock import now_ns
from rapport.capture.signals import Notify
from rapport.conversation.conversation import Conversation, Read, Told
from rapport.conversation.utterance import Line, Utterance
from rapport.errors import NotAvailable, RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.store import Store
from rapport.sidecar.assembly import conversation
from rapport.state import NEVER, Condition, EventKind, Evidence, Modality
from rapport.wire.requests import Say


class Dialogue:
    """Reads lines as they come and keeps the conversation. What was said is held in memory while
    it is remembered, and written nowhere. Safe from any thread."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._expert: TextExpert | None = None
        self._conversation = Conversation()
        self._resting = Condition.STARTING

    def load(self, store: Store) -> None:
        """Load the text expert and what reads a line after those before; if the expert cannot be
        had, an event says so."""
        try:
            self._expert = TextExpert(store)
        except RapportError as error:
            self._resting = Condition.FAILED
            self._notify(EventKind.EXPERT_FAILED, error.code, f"{error.what} {error.remedy}")
        else:
            made = conversation(store)
            with self._lock:
                self._conversation = made
            self._resting = Condition.SILENT

    def say(self, said: Say) -> None:
        """A line came, of the player's or of a character's.

        :raises NotAvailable: it is the player's, and the text expert could not be loaded.
        """
        now = now_ns()
        start_ns = now if said.at_ns is None else min(said.at_ns, now)
        end_ns = min(start_ns + round((said.seconds or 0.0) * 1e9), max(now, start_ns))
        if said.at_ns is None and said.seconds:
            # Told when it was over: it began that much earlier.
            start_ns, end_ns = max(0, now - round(said.seconds * 1e9)), now
        if self._expert is None and said.role == "player":
            raise NotAvailable("no line can be read: the text expert is not there")
        read = None if self._expert is None else Read(*self._expert.read_fully(said.text, end_ns))
        line = Line(
            said.speaker, said.role, said.text, start_ns, end_ns, said.line, said.seconds == 0.0
        )
        with self._lock:
            self._conversation.say(line, read, now)

    def tick(self, evidence: Mapping[Modality, Evidence], at_ns: int, words_last_s: float) -> Told:
        """See and hear the newest readings, and say where the conversation stands.

        :param words_last_s: how long words count, in seconds.
        """
        with self._lock:
            told = self._conversation.tick(evidence, at_ns, words_last_s)
        if told.words.captured_ns <= NEVER:
            return told._replace(words=Evidence(Modality.TEXT, NEVER, self._resting))
        return told

    def utterances(self) -> tuple[Utterance, ...]:
        """What was said lately, oldest first."""
        with self._lock:
            return self._conversation.memory.utterances

    def forget(self, modality: Modality) -> None:
        """Forget what face or voice has shown."""
        with self._lock:
            self._conversation.forget(modality)
