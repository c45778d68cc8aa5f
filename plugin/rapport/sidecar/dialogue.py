"""Dialogue: lines that a game sends become evidence."""

import threading
from collections.abc import Callable

from rapport.capture.clock import now_ns
from rapport.capture.signals import Notify
from rapport.errors import NotAvailable, RapportError
from rapport.experts.store import Store
from rapport.state import NEVER, Condition, EventKind, Evidence, Modality


class Dialogue:
    """Reads the player's lines; the newest reading stands until the fusion finds it too old. The
    text itself is kept nowhere. Safe from any thread."""

    def __init__(self, notify: Notify) -> None:
        self._read: Callable[[str, int], Evidence] | None = None
        self._notify = notify
        self._lock = threading.Lock()
        self._evidence = Evidence(Modality.TEXT, NEVER, Condition.STARTING)

    def load(self, store: Store) -> None:
        """Load the text expert; if it cannot be had, an event says so."""
        from rapport.experts.dialogue.expert import TextExpert

        try:
            self._read = TextExpert(store).read
        except RapportError as error:
            self._evidence = Evidence(Modality.TEXT, NEVER, Condition.FAILED)
            self._notify(EventKind.EXPERT_FAILED, error.code, f"{error.what} {error.remedy}")
        else:
            self._evidence = Evidence(Modality.TEXT, NEVER, Condition.SILENT)

    def say(self, text: str, at_ns: int | None) -> None:
        """Read a line of the player's.

        :param at_ns: when it was said; None, or later than now: now.
        :raises NotAvailable: the text expert could not be loaded.
        """
        if self._read is None:
            raise NotAvailable("no line can be read: the text expert is not there")
        now = now_ns()
        reading = self._read(text, now if at_ns is None else min(at_ns, now))
        with self._lock:
            # Lines may come late and out of order; an older one does not speak for now.
            if reading.captured_ns >= self._evidence.captured_ns:
                self._evidence = reading

    def current(self) -> Evidence:
        """The newest reading, or why there is none."""
        with self._lock:
            return self._evidence
