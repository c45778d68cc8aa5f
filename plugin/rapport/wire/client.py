"""Receives states and events from a running sidecar."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import zmq

from rapport.capture.clock import now_ns
from rapport.errors import (
    AccessDenied,
    MessageInvalid,
    SidecarNotFound,
    SidecarSilent,
)
from rapport.state import EmotionState, Event
from rapport.wire import codec, discovery
from rapport.wire.credentials import Credentials
from rapport.wire.event_stream import EVENT_QUEUE, EventStream, History
from rapport.wire.subscription import Subscription

FRESH_S = 1.0
"""A state published longer ago is old news and not handed out. A sidecar sends at least twenty a
second, whatever happens to its devices."""
SILENT_S = 1.0
"""After so long without a state the sidecar is looked for again: it may have been started anew,
with other ports."""
LOOK_S = 0.05
"""Time between two looks for a sidecar while `connect` waits for one."""

_log = logging.getLogger("rapport.wire")


def connect(
    timeout_s: float = 5.0,
    runtime_directory: str | Path | None = None,
    addresses: tuple[str, str] | None = None,
    credentials: Credentials | None = None,
) -> "Client":
    """Connect to the newest running sidecar of this user and wait for its first state.

    When it returns, events arrive too: those that happen from then on are not missed.

    :param timeout_s: how long to wait in total for a sidecar and its first state.
    :param runtime_directory: where to look for it; None: where sidecars are by default.
    :param addresses: the state and events addresses, instead of looking for a sidecar; with
        `credentials`, because a sidecar lets in only who shows a token. Events that were lost on
        the way are then counted, but not fetched.
    :raises SidecarNotFound: no sidecar runs.
    :raises SidecarSilent: one runs, but sent no valid state in time.
    :raises AccessDenied: the sidecar does not know the credentials.
    :raises AddressRefused: an address is not of the form `tcp://127.0.0.1:port`.
    """
    deadline = time.monotonic() + timeout_s
    if addresses is not None:
        client = Client(discovery.Place(*addresses, credentials))
    else:
        directory = discovery.directory(runtime_directory)
        client = Client(_find(directory, deadline).place, directory)
    try:
        client.wait_connected(max(0.0, deadline - time.monotonic()))
    except BaseException:
        client.close()
        raise
    return client


def _find(directory: Path, deadline: float) -> discovery.Running:
    """The newest running sidecar, waiting for one until the deadline (`time.monotonic`)."""
    while (running := discovery.find(directory)) is None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise SidecarNotFound(f"no sidecar was found in {directory}")
        time.sleep(min(LOOK_S, remaining))
    return running


class Client:
    """A connection to a sidecar; made by `connect`, to be used in one thread and closed.

    States are news: only the newest is ever kept, and none that is older than a second is handed
    out. Events are history: all are kept in order until they are asked for, and those that were
    lost on the way are fetched. When the sidecar falls silent, it is looked for again while states
    or events are asked for.

    `missed_events` counts the events that were sent while this client was there, did not reach it
    and could not be fetched; `invalid_messages` counts the messages that were dropped because they
    are not what the protocol says.
    """

    def __init__(self, place: discovery.Place, directory: Path | None = None) -> None:
        self.invalid_messages = 0
        self._directory = directory
        self._newest: EmotionState | None = None
        self._unread = False
        self._waiting_events: list[Event] = []
        self._history = History()
        self._heard_s = time.monotonic()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._subscribe(place)
        except BaseException:
            self._context.destroy(linger=0)
            raise

    @property
    def missed_events(self) -> int:
        return self._history.missed

    def newest(self) -> EmotionState | None:
        """The newest state, at once; None when nothing came within the last second.

        Made for a game's frame loop: never waits, never raises, and gives the same state again
        until there is a newer one.
        """
        if not self._context.closed:
            self._receive_state()
        return self._newest if _is_fresh(self._newest) else None

    def state(self, timeout_s: float = 5.0) -> EmotionState:
        """The newest state that was not handed out yet, waiting for one if need be.

        :raises SidecarSilent: no valid state came in time, or the client is closed.
        """
        state = self.wait(timeout_s)
        self._unread = False
        return state

    def states(self, timeout_s: float = 5.0) -> Iterator[EmotionState]:
        """The newest states as they come, each once; those in between are skipped.

        :raises SidecarSilent: no valid state came for `timeout_s`.
        """
        while True:
            yield self.state(timeout_s)

    def events(self, timeout_s: float = 0.0) -> list[Event]:
        """All events since the last call, in order; waits up to `timeout_s` for a first one.

        When some were lost on the way, fetching them takes some milliseconds, and never more than
        half a second.

        :raises SidecarSilent: the client is closed.
        """
        self._refuse_if_closed()
        deadline = time.monotonic() + timeout_s
        while True:
            self._receive_state()  # so that silence is noticed by who asks for events alone
            self._receive_events()
            remaining = deadline - time.monotonic()
            if self._waiting_events or remaining <= 0:
                events, self._waiting_events = self._waiting_events, []
                return events
            self._events.wait(min(remaining, SILENT_S))

    def wait(self, timeout_s: float) -> EmotionState:
        """Wait until there is a state that was not handed out yet; it stays to be handed out.

        :raises SidecarSilent: no valid state came in time, or the client is closed.
        """
        self._refuse_if_closed()
        deadline = time.monotonic() + timeout_s
        while True:
            self._receive_state()
            newest = self._newest
            if self._unread and newest is not None and _is_fresh(newest):
                return newest
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                refused = f" ({self.invalid_messages} messages so far were refused)"
                raise SidecarSilent(
                    f"no state came from {self._states.address} in time"
                    + (refused if self.invalid_messages else "")
                )
            self._states.wait(min(remaining, SILENT_S))

    def wait_connected(self, timeout_s: float) -> None:
        """Wait until events can arrive and a state has been published since.

        :raises SidecarSilent: that was not so in time, or the client is closed.
        """
        self._refuse_if_closed()
        deadline = time.monotonic() + timeout_s
        if not self._events.wait_connected(timeout_s):
            if self._events.denied:
                raise AccessDenied(f"{self._events.address} let nobody in")
            raise SidecarSilent(f"no connection to {self._events.address} in time")
        connected_ns = now_ns()
        while True:
            self.wait(deadline - time.monotonic())
            if self._newest is not None and self._newest.published_ns >= connected_ns:
                return
            self._unread = False

    def close(self) -> None:
        """Disconnect. Idempotent."""
        self._states.close()
        self._events.close()
        self._context.term()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _subscribe(self, place: discovery.Place) -> None:
        self._place = place
        # The newest only: draining a queue would do too, but takes longer the longer the reader
        # was away.
        self._states = Subscription(
            self._context, place.state, codec.STATE_TOPIC, place.credentials, newest_only=True
        )
        self._events = EventStream(self._context, place, self._history)

    def _receive_state(self) -> None:
        frame = self._states.receive()
        if frame is None:
            self._look_again()
            return
        try:
            self._newest = codec.decode_state(frame)
        except MessageInvalid as error:
            self._count_invalid(error)
        else:
            self._unread = True
            self._heard_s = time.monotonic()

    def _receive_events(self) -> None:
        while len(self._waiting_events) < EVENT_QUEUE:  # a flood must not hold the caller forever
            try:
                events = self._events.next_events()
            except MessageInvalid as error:
                self._count_invalid(error)
                continue
            if not events:
                return
            self._waiting_events += events

    def _count_invalid(self, error: MessageInvalid) -> None:
        self.invalid_messages += 1
        if self.invalid_messages == 1:
            _log.warning("a message was dropped, later ones are only counted: %s", error)

    def _look_again(self) -> None:
        """Connect to another sidecar if this one is silent and another one is there."""
        now = time.monotonic()
        if self._directory is None or now - self._heard_s < SILENT_S:
            return
        self._heard_s = now  # so as not to look at every call
        running = discovery.find(self._directory)
        if running is None or running.place == self._place:
            return
        _log.info("the sidecar is silent, connecting to the one at %s", running.state)
        self._receive_events()
        self._states.close()
        self._events.close()
        self._history.restart()
        self._subscribe(running.place)

    def _refuse_if_closed(self) -> None:
        if self._context.closed:
            raise SidecarSilent("this client is closed")


def _is_fresh(state: EmotionState | None) -> bool:
    return state is not None and now_ns() - state.published_ns < FRESH_S * 1e9
