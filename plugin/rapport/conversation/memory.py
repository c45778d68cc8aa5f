"""The memory of a dialogue: what was said lately, and a context network that goes further back."""

from collections import deque
from typing import Protocol

import msgspec

from rapport.conversation.utterance import Role, Utterance
from rapport.state import Distribution, Modality

REMEMBERED = 64
"""Utterances that are kept one by one; what the context network remembers goes further back."""


class Context(Protocol):
    """What is asked of the context network (`conversation.context.ContextNetwork`)."""

    @property
    def name(self) -> str:
        """Id and version of the model."""

    def hear(self, utterance: Utterance) -> Distribution | None:
        """What the words express after all that came before; None if they cannot be read."""

    def expected(self, speaker: str, at_ns: int) -> Distribution | None:
        """What is to be expected of a speaker before the next word; None at the beginning."""

    def commit(self, utterance: Utterance) -> None:
        """Remember an utterance."""

    def take_back(self) -> None:
        """Undo the last `commit`."""

    def forget(self) -> None:
        """Forget everything."""


class DialogueMemory:
    """Utterances in the order in which they ended. Bounded, whatever is said. Not safe to share
    between threads."""

    def __init__(self, context: Context | None = None) -> None:
        """
        :param context: None: every line is read by itself, and nothing is expected.
        """
        self._context = context
        self._utterances: deque[Utterance] = deque(maxlen=REMEMBERED)
        self._revocable = False
        self.count = 0
        """Utterances that have begun so far."""

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What was said lately, oldest first."""
        return tuple(self._utterances)

    @property
    def last(self) -> Utterance | None:
        """The newest one."""
        return self._utterances[-1] if self._utterances else None

    def begin(self, speaker: str, role: Role, start_ns: int, end_ns: int) -> Utterance:
        """A new utterance, as far as its past says anything of it."""
        self.count += 1
        before = self.last
        return Utterance(
            number=self.count,
            speaker=speaker,
            role=role,
            start_ns=max(0, start_ns),
            end_ns=max(0, start_ns, end_ns),
            pause_s=None if before is None else max(0, start_ns - before.end_ns) / 1e9,
            follows_own=before is not None and before.speaker == speaker,
            expected=self.expected(speaker, start_ns),
        )

    @property
    def model(self) -> str:
        """What reads words after what was said before; empty without a context network."""
        return "" if self._context is None else self._context.name

    def read(self, utterance: Utterance) -> Distribution | None:
        """What the words of an utterance express after all that was said before."""
        return None if self._context is None else self._context.hear(utterance)

    def expected(self, speaker: str, at_ns: int) -> Distribution | None:
        """What is to be expected of a speaker now."""
        return None if self._context is None else self._context.expected(speaker, at_ns)

    def add(self, utterance: Utterance) -> None:
        """Remember an utterance that is over."""
        self._utterances.append(utterance)
        self._revocable = True
        if self._context is not None:
            self._context.commit(utterance)

    def take_back(self) -> Utterance | None:
        """Take the utterance that was added last out again, to add it anew with what is known of
        it by now; None if nothing was added since that was last done."""
        if not self._revocable:
            return None
        self._revocable = False
        if self._context is not None:
            self._context.take_back()
        return self._utterances.pop()

    def forget(self, modality: Modality) -> None:
        """Forget what the face, or the voice, has shown; what was said stays."""
        known = [msgspec.structs.replace(u, **{str(modality): None}) for u in self._utterances]
        self._utterances.clear()
        if self._context is not None:
            self._context.forget()
        for utterance in known:
            self.add(utterance)
