"""Publishes a recorded session or a script like a live sidecar; nothing is captured or read."""

import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from rapport.capture.clock import now_ns, wall
from rapport.errors import MessageInvalid
from rapport.experts.store import Store
from rapport.recording.player import NOT_PLAYED, Timed, as_now
from rapport.recording.tables import Item
from rapport.settings import Settings
from rapport.sidecar.lifetime import wait_for_end
from rapport.sidecar.profile_files import ProfileFile
from rapport.sidecar.reacting import Reacting, reaction_answers
from rapport.sidecar.table import DONE, Answers
from rapport.state import EmotionState, Event, EventKind
from rapport.wire import discovery
from rapport.wire.answers import Lease, Status
from rapport.wire.controller import Controller
from rapport.wire.publisher import Publisher
from rapport.wire.requests import EndLease, Mark, Say, TakeLease

log = logging.getLogger("rapport.sidecar")

REPEAT_S = 0.2
"""When nothing is due for so long (slow motion), the last state is sent again: readers take a
longer silence for a sidecar that is gone."""
LATE_S = 1.0
"""Who is later than this (the machine slept) goes on from there and does not catch up."""


class Playback:
    """Publishes items when they are due, until they end or it is stopped. Use as a context
    manager, like `sidecar.live.Sidecar`."""

    def __init__(
        self,
        settings: Settings,
        items: Iterable[Timed],
        source: str,
        speed: float = 1.0,
        profiles: tuple[ProfileFile, ...] = (),
    ) -> None:
        """
        :param items: what is due when, in order (`recording.player.timeline`).
        :param source: `replay` or `simulation`, for the status.
        :param speed: 2 plays in half the time. States keep the age that they had.
        :param profiles: of characters that react for every game.
        :raises WireError: states cannot be published (port in use, address refused, …).
        """
        self.settings = settings
        self._items = items
        self._source = source
        self._speed = speed
        self._stopping = threading.Event()
        self._ended = False
        self._newest: EmotionState | None = None
        self._defect: Exception | None = None
        self._registration: Path | None = None
        self._profiles = profiles
        self.publisher = Publisher(settings.wire)
        self.reacting = Reacting(self.publisher, self.announce)
        self.store: Store | None = None
        """No model is in use."""
        self._controller: Controller | None = None
        self._thread = threading.Thread(target=self._run, name="rapport-play")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Let programs find it, and play.

        :raises DirectoryUnwritable: the file by which programs find it cannot be written.
        :raises ReactionError: a profile's file cannot be used.
        """
        try:
            self._controller = Controller(
                self.settings.wire, self.publisher.guard, playback_answers(self).answer
            )
            self._registration = discovery.register(
                discovery.directory(self.settings.wire.runtime_directory or None),
                self.publisher.state_address,
                self.publisher.events_address,
                self._controller.address,
                self.publisher.guard.keys,
            )
            self.publisher.announce(EventKind.STARTED, "", f"Playing a {self._source}.")
            self.reacting.watch(self._profiles)
            self._thread.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the thread, close the sockets. Idempotent."""
        self.reacting.stop()
        if not self._stopping.is_set():
            self.publisher.announce(EventKind.STOPPING, "", "The playback stops.")
        self._stopping.set()
        if self._registration is not None:
            discovery.unregister(self._registration)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()
        if self._controller is not None:
            self._controller.close()
        self.publisher.close()

    def end(self) -> None:
        """Let `wait` return, so that who started it stops it. From any thread."""
        self._stopping.set()

    def wait(self, seconds: float | None = None) -> None:
        """Return when all was played, it is to end, or the time is over.

        :raises Exception: what ended the playing, if something did.
        """
        over = wait_for_end(self._stopping, lambda: self._ended, seconds)
        if over and self._defect is not None:
            raise self._defect

    def announce(self, kind: EventKind, code: str, detail: str) -> None:
        """Tell an event to whoever listens."""
        self.publisher.announce(kind, code, detail)

    @property
    def ended(self) -> bool:
        """Whether all was played."""
        return self._ended

    def status(self) -> Status:
        """What is played and where it is published."""
        return Status(
            pid=os.getpid(),
            capturing=(),
            source=self._source,
            paused=False,
            duty="full",
            budget_ms=None,
            recording="",
            applications=(),
            waiting_for={},
            baseline="none" if self._newest is None else self._newest.baseline,
            state_address=self.publisher.state_address,
            events_address=self.publisher.events_address,
        )

    def _run(self) -> None:
        """The playing thread. It must not end unnoticed."""
        try:
            if self._play():
                self.publisher.announce(EventKind.ENDED, "", f"The {self._source} has ended.")
        except Exception as error:  # noqa: BLE001  told by `wait`, in the caller's thread
            self._defect = error
        self._ended = True

    def _play(self) -> bool:
        """Play all items; False if it was stopped before."""
        begun_ns = now_ns()
        for due_s, item in self._items:
            due_ns = begun_ns + round(due_s / self._speed * 1e9)
            if not self._wait_until(due_ns):
                return False
            late_ns = now_ns() - due_ns
            if late_ns > LATE_S * 1e9:
                begun_ns += late_ns
            self._send(item, round(due_s * 1e9))
        return True

    def _wait_until(self, due_ns: int) -> bool:
        """Wait, with the last state again now and then; False if it is to stop."""
        while (left_s := (due_ns - now_ns()) / 1e9) > 0.0:
            if self._stopping.wait(min(left_s, REPEAT_S)):
                return False
            if left_s > REPEAT_S and self._newest is not None:
                self._publish(self._newest)
        return not self._stopping.is_set()

    def _send(self, item: Item, due_ns: int) -> None:
        """Reactions go by the time of the session, so that they are the same at every playing."""
        match item:
            case EmotionState():
                self._newest = self.reacting.enriched(item, due_ns)
                self._publish(self._newest)
                self.reacting.react(self._newest, due_ns)
            case Event(kind=kind, code=code) if kind not in NOT_PLAYED:
                self.publisher.announce(kind, code, "")

    def _publish(self, state: EmotionState) -> None:
        try:
            self.publisher.publish(as_now(state, now_ns(), wall()))
        except MessageInvalid as error:  # only a forged file holds such a state
            log.warning("a state cannot be published: %s", error)


def playback_answers(playback: Playback) -> Answers:
    """What a game asks while it plays; leases, lines and marks change nothing in what is played,
    and there is no device, baseline or setting to change."""
    return Answers(
        playback,
        {
            TakeLease: lambda request, _peer: Lease(request.seconds),
            EndLease: lambda _request, _peer: DONE,
            Say: lambda _request, _peer: DONE,
            Mark: lambda _request, _peer: DONE,
            **reaction_answers(playback.reacting),
        },
    )
