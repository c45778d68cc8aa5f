"""A channel: one modality's way from its source through its expert to its newest evidence."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from rapport.capture.clock import Observe, now_ns
from rapport.capture.signals import Notify
from rapport.errors import RapportError
from rapport.sidecar.duty import Pace
from rapport.state import NEVER, Condition, EventKind, Evidence, Modality

log = logging.getLogger("rapport.sidecar")

TAKE_TIMEOUT_S = 0.1
"""How long a channel waits for a signal before it looks whether it should stop."""

OPENING_NS = 3_000_000_000
"""A source that gave nothing for this long after it was opened is lost and not just starting."""

JOIN_S = 5.0
"""How long closing waits for a channel's thread; capture time-outs are shorter."""


class _Timed(Protocol):
    @property
    def captured_ns(self) -> int: ...


Signal = TypeVar("Signal", bound=_Timed)


class Source(Protocol):
    """What frame sources and sample sources have in common."""

    @property
    def available(self) -> bool: ...

    @property
    def ended(self) -> bool: ...

    def close(self) -> None: ...


class Expert(NamedTuple, Generic[Signal]):
    """An expert as a channel sees it: a reading of a signal, if one is due; the end; why it reads
    less than it could, if it does; the end of a stream, after which nothing of it may be kept.
    """

    read: Callable[[Signal], Evidence | None]
    close: Callable[[], None]
    without: RapportError | None = None
    forget: Callable[[], None] = lambda: None


@dataclass
class _Tap(Generic[Signal]):
    """An open source, the thread that reads it, and what came of it so far."""

    source: Source
    take: Callable[[float], Signal | None]
    opened_ns: int
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    evidence: Evidence | None = None
    closing: bool = False
    """It gave signals when it was told to close, and may hold its device still."""


class Channel(Generic[Signal]):
    """Runs one expert on one source in a thread of its own. The source may be released and another
    one opened at any time, from any thread.

    Whatever goes wrong here becomes a condition and an event; it never reaches the other
    modality.
    """

    def __init__(
        self,
        modality: Modality,
        notify: Notify,
        observe: Observe,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        """
        :param arrived: called after each new piece of evidence.
        """
        self.modality = modality
        self.pace = Pace()
        self._notify = notify
        self._observe = observe
        self._arrived = arrived
        self._expert: Expert[Signal] | None = None
        self._tap: _Tap[Signal] | None = None
        self._turn = threading.RLock()
        self._closed = False
        self._resting = Condition.DISABLED
        self._failing = False

    def load(self, make: Callable[[], Expert[Signal]]) -> bool:
        """Load the expert; False, with an event, if it cannot be had."""
        self._resting = Condition.STARTING
        try:
            self._expert = make()
            if (less := self._expert.without) is not None:
                told = f"{less.meaning} {less.what} {less.remedy}"
                self._notify(EventKind.EXPERT_FAILED, less.code, told)
        except RapportError as error:
            self._resting = Condition.FAILED
            self._notify(EventKind.EXPERT_FAILED, error.code, f"{error.what} {error.remedy}")
        except Exception as error:  # noqa: BLE001  a broken library costs its own modality only
            self._resting = Condition.FAILED
            self._fail(error)
        else:
            self._resting = Condition.DISABLED
        return self.loaded

    @property
    def loaded(self) -> bool:
        """Whether the expert is ready, and so whether a source is of any use."""
        return self._expert is not None

    @property
    def open(self) -> bool:
        """Whether a source is held, giving signals or not."""
        return self._tap is not None

    def start(self, source: Source, take: Callable[[float], Signal | None]) -> None:
        """Read from a source until it ends, is released, or the channel is closed.

        A source that nobody can read, or a second one, is closed at once.
        """
        with self._turn:
            if self._expert is None or self._closed or self._tap is not None:
                source.close()
                return
            tap = _Tap(source, take, now_ns())
            tap.thread = threading.Thread(
                target=self._run, args=(tap, self._expert), name=f"rapport-{self.modality}"
            )
            self._tap = tap
            tap.thread.start()

    def release(self) -> None:
        """Close the source and forget what came from it; when this returns, the device is released
        unless its driver hangs. Idempotent."""
        with self._turn:
            tap = self._tap
            if tap is None:
                return
            tap.stopping.set()
            tap.closing = tap.source.available
            tap.source.close()
            if tap.thread is not None and tap.thread is not threading.current_thread():
                tap.thread.join(JOIN_S)
            if self._expert is not None:
                self._expert.forget()
            self._tap = None
        self._arrived()

    @property
    def capturing(self) -> bool:
        """Whether a source is open and gives signals just now, or is still being closed: an
        indicator goes out when the device is released and not before."""
        tap = self._tap
        return tap is not None and (tap.closing or (tap.source.available and not tap.source.ended))

    @property
    def ended(self) -> bool:
        """Whether nothing will come from here any more, as things are."""
        tap = self._tap
        return tap is None or tap.source.ended

    def current(self) -> Evidence:
        """The newest evidence, or why there is none."""
        tap = self._tap
        if tap is None:
            return Evidence(self.modality, NEVER, self._resting)
        if tap.source.ended:
            return Evidence(self.modality, NEVER, Condition.DISABLED)
        evidence = tap.evidence
        if tap.source.available and evidence is not None:
            return evidence
        opening = evidence is None and now_ns() - tap.opened_ns < OPENING_NS
        captured_ns = NEVER if evidence is None else evidence.captured_ns
        return Evidence(
            self.modality, captured_ns, Condition.STARTING if opening else Condition.LOST
        )

    def close(self) -> None:
        """Release the source, end the thread and the expert. Idempotent."""
        with self._turn:
            self._closed = True
            self.release()
            if self._expert is not None:
                self._expert.close()
                self._expert = None

    def _run(self, tap: _Tap[Signal], expert: Expert[Signal]) -> None:
        signal: Signal | None = None
        while not tap.stopping.is_set():
            signal = tap.take(TAKE_TIMEOUT_S)
            if signal is not None:
                if self.pace.due():
                    self._read(signal, expert, tap)
                _overwrite(signal)
            elif tap.source.ended:
                return

    def _read(self, signal: Signal, expert: Expert[Signal], tap: _Tap[Signal]) -> None:
        begun_ns = now_ns()
        try:
            evidence = expert.read(signal)
            self._failing = False
        except Exception as error:  # noqa: BLE001  a broken expert costs its own modality only
            evidence = Evidence(self.modality, signal.captured_ns, Condition.FAILED)
            self._fail(error)
        self.pace.spent((now_ns() - begun_ns) / 1e6)
        if evidence is None:
            return
        tap.evidence = evidence
        self._arrived()
        self._observe(f"{self.modality}_wait", (begun_ns - signal.captured_ns) / 1e6)
        self._observe(str(self.modality), (now_ns() - begun_ns) / 1e6)

    def _fail(self, error: Exception) -> None:
        """Tell once per failure that an expert broke: its class only, its text might quote data."""
        if not self._failing:
            self._failing = True
            code = getattr(error, "code", RapportError.code)
            kind = type(error).__name__
            log.error("The %s expert failed with %s [%s].", self.modality, kind, code)
            self._notify(EventKind.EXPERT_FAILED, code, f"The {self.modality} expert failed.")


def _overwrite(signal: object) -> None:
    """Zero the pixels or samples of a signal that was read: they have done their duty."""
    for part in signal if isinstance(signal, tuple) else ():
        if isinstance(part, np.ndarray) and part.flags.writeable:
            part.fill(0)
