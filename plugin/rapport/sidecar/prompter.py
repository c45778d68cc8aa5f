"""The prompter: tells what is said in a clip when the clip gets there, as a game would."""

import threading
from collections.abc import Callable, Sequence

from rapport.capture.clock import now_ns
from rapport.conversation.transcript import Cue
from rapport.errors import RapportError
from rapport.wire.requests import Say


class Prompter:
    """Goes through a transcript each time the clip begins. Its thread runs only if there is
    something to tell."""

    def __init__(
        self,
        transcript: Sequence[Cue],
        say: Callable[[Say], None],
        mark: Callable[[str, int], None],
    ) -> None:
        """
        :param transcript: in the order in which it is told.
        :param say: takes a line, `mark` the name of a moment and its time.
        """
        self._transcript = transcript
        self._say, self._mark = say, mark
        self._turn = threading.Condition()
        self._start_ns = 0
        self._next = len(transcript)
        self._closed = False
        self._thread: threading.Thread | None = None

    def begin(self, start_ns: int) -> None:
        """The clip begins (again) at this time."""
        if not self._transcript:
            return
        with self._turn:
            self._start_ns, self._next = start_ns, 0
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="rapport-prompt")
                self._thread.start()
            self._turn.notify()

    def close(self) -> None:
        """Tell nothing more. Idempotent."""
        with self._turn:
            self._closed = True
            self._turn.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (due := self._wait()) is not None:
            cue, start_ns = due
            at_ns = start_ns + round(cue.at * 1e9)
            if cue.mark:
                self._mark(cue.mark, at_ns)
                continue
            said = Say(
                speaker=cue.speaker, text=cue.text, role=cue.role, line=cue.line, at_ns=at_ns,
                seconds=cue.seconds,
            )  # fmt: skip
            try:
                self._say(said)
            except RapportError:
                continue  # without the text expert; an event has said so

    def _wait(self) -> tuple[Cue, int] | None:
        """The next cue when its time has come, and when the clip began; None: closed."""
        with self._turn:
            while not self._closed:
                if self._next >= len(self._transcript):
                    self._turn.wait()
                    continue
                cue = self._transcript[self._next]
                left_s = (self._start_ns - now_ns()) / 1e9 + cue.due_s
                if left_s <= 0.0:
                    self._next += 1
                    return cue, self._start_ns
                self._turn.wait(left_s)
        return None
