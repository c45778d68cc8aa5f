"""A channel: one modality's way from its source through its expert to its newest evidence."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from rapport.capture.clock import Observe, now_ns
from rapport.capture.signals import Notify
from rapport.errors import RapportError
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
    """An expert as a channel sees it: a reading of a signal, if one is due, the end, and why it
    reads less than it could, if it does."""

    read: Callable[[Signal], Evidence | None]
    close: Callable[[], None]
    without: RapportError | None = None


class Channel(Generic[Signal]):
    """Runs one expert on one source in a thread of its own.

    Whatever goes wrong here becomes a condition and an event; it never reaches the other
    modality.
    """

    def __init__(
        self,
        modality: Modality,
        notify: Notify,
        observe: Observe,
        arrived: Callable[[], None],
    ) -> None:
        """
        :param arrived: called after each new piece of evidence.
        """
        self.modality = modality
        self._notify = notify
        self._observe = observe
        self._arrived = arrived
        self._expert: Expert[Signal] | None = None
        self._source: Source | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._evidence: Evidence | None = None
        self._resting = Condition.DISABLED
        self._opened_ns = 0
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
        return self.loaded

    @property
    def loaded(self) -> bool:
        """Whether the expert is ready, and so whether a source is of any use."""
        return self._expert is not None

    def start(self, source: Source | None, take: Callable[[float], Signal | None]) -> None:
        """Read from a source until it ends or the channel is closed; None: there is no source."""
        if source is None or self._expert is None or self._stopping.is_set():
            if source is not None:
                source.close()
            if self._resting is not Condition.FAILED:
                self._resting = Condition.DISABLED
            return
        self._source = source
        self._opened_ns = now_ns()
        self._thread = threading.Thread(
            target=self._run, args=(source, take, self._expert), name=f"rapport-{self.modality}"
        )
        self._thread.start()

    @property
    def capturing(self) -> bool:
        """Whether a source is open and gives signals just now."""
        source = self._source
        return source is not None and source.available and not source.ended

    @property
    def ended(self) -> bool:
        """Whether nothing will ever come from here again."""
        return self._source is None or self._source.ended

    def current(self) -> Evidence:
        """The newest evidence, or why there is none."""
        source, evidence = self._source, self._evidence
        if source is None:
            return Evidence(self.modality, NEVER, self._resting)
        if source.ended:
            return Evidence(self.modality, NEVER, Condition.DISABLED)
        if source.available and evidence is not None:
            return evidence
        opening = evidence is None and now_ns() - self._opened_ns < OPENING_NS
        captured_ns = NEVER if evidence is None else evidence.captured_ns
        return Evidence(
            self.modality, captured_ns, Condition.STARTING if opening else Condition.LOST
        )

    def close(self) -> None:
        """Release the source, end the thread and the expert. Idempotent."""
        self._stopping.set()
        if self._source is not None:
            self._source.close()
        if self._thread is not None:
            self._thread.join(JOIN_S)
        if self._expert is not None:
            self._expert.close()
            self._expert = None

    def _run(
        self, source: Source, take: Callable[[float], Signal | None], expert: Expert[Signal]
    ) -> None:
        while not self._stopping.is_set():
            signal = take(TAKE_TIMEOUT_S)
            if signal is not None:
                self._read(signal, expert)
            elif source.ended:
                return

    def _read(self, signal: Signal, expert: Expert[Signal]) -> None:
        begun_ns = now_ns()
        try:
            evidence = expert.read(signal)
            self._failing = False
        except Exception as error:  # noqa: BLE001  a broken expert costs its own modality only
            evidence = Evidence(self.modality, signal.captured_ns, Condition.FAILED)
            self._fail(error)
        if evidence is None:
            return
        self._evidence = evidence
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
