"""Recordings: what a running sidecar writes to a session file, when a client asks for one."""

import threading
from collections.abc import Callable
from pathlib import Path

from rapport.capture.clock import now_ns
from rapport.capture.signals import Notify
from rapport.errors import NotAvailable, RecordingFailed
from rapport.recording.header import Header
from rapport.recording.recorder import Recorder
from rapport.state import EmotionState, Event, EventKind
from rapport.wire.answers import Recording

SUFFIX = ".rapport"
NOTHING = Recording("", "", 0, 0)


class Recordings:
    """At most one recording at a time, in the user's own folder. Safe from any thread; a recording
    that fails ends by itself, with an event."""

    def __init__(self, folder: Path, header: Callable[[], Header], notify: Notify) -> None:
        """
        :param header: what a file begins with, when it is begun.
        """
        self._folder = folder
        self._header = header
        self._notify = notify
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        self._begun = NOTHING

    @property
    def name(self) -> str:
        """The recording that runs, or empty."""
        return self._begun.name

    def start(self, name: str) -> Recording:
        """Begin a recording.

        :param name: of the file, without folder and ending.
        :raises NotAvailable: one runs already.
        :raises RecordingFailed: there is such a file already, or it cannot be made.
        """
        path = self._folder / f"{name}{SUFFIX}"
        with self._lock:
            if self._recorder is not None:
                raise NotAvailable(f"the recording {self._begun.name!r} is still running")
            _make(self._folder)
            self._recorder = Recorder(path, self._header(), self._fail)
            self._begun = Recording(name, str(path), 0, 0)
        self._notify(EventKind.RECORDING_BEGAN, "", f"{name!r} is being recorded.")
        return self._begun

    def stop(self) -> Recording:
        """End the recording and write what is left; empty if there was none."""
        with self._lock:
            recorder, self._recorder = self._recorder, None
            begun, self._begun = self._begun, NOTHING
        if recorder is None:
            return NOTHING
        counts = recorder.close()
        self._notify(EventKind.RECORDING_ENDED, "", f"{begun.name!r} is whole.")
        return Recording(begun.name, begun.path, counts.states, counts.events)

    def state(self, state: EmotionState) -> None:
        """A state was published."""
        if (recorder := self._recorder) is not None:
            recorder.state(state)

    def event(self, event: Event) -> None:
        """An event was announced."""
        if (recorder := self._recorder) is not None:
            recorder.event(event)

    def line(self, line: str, role: str, at_ns: int | None) -> None:
        """A line of dialogue was said; only the game's own id of it is written."""
        if (recorder := self._recorder) is not None:
            recorder.line(line, role, now_ns() if at_ns is None else at_ns)

    def _fail(self, error: RecordingFailed) -> None:
        with self._lock:
            self._recorder, self._begun = None, NOTHING
        self._notify(EventKind.RECORDING_ENDED, error.code, error.what)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingFailed(f"{folder}: {error.strerror or error}") from error
