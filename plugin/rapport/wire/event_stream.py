"""Events in order and without gaps: what was lost on the way is fetched."""

import logging
import time

import zmq

from rapport.errors import RapportError
from rapport.state import Event
from rapport.wire import codec
from rapport.wire.discovery import Place
from rapport.wire.exchange import Exchange
from rapport.wire.requests import GetEvents
from rapport.wire.subscription import Subscription

EVENT_QUEUE = 1000
"""Events that wait until they are asked for; what comes on top has to be fetched."""
FETCH_S = 0.5
"""Longest time that fetching missed events may take; a request takes some milliseconds."""

_log = logging.getLogger("rapport.wire")


class History:
    """The number of the last event, and how many could not be had; it outlives a connection."""

    def __init__(self) -> None:
        self.missed = 0
        self.last: int | None = None

    def restart(self) -> None:
        """Another sidecar is connected to, which counts from one."""
        if self.last is not None:
            self.last = 0


class EventStream(Subscription):
    """Receives events from one sidecar, and fetches those that did not come by themselves."""

    def __init__(
        self, context: "zmq.Context[zmq.Socket[bytes]]", place: Place, history: History
    ) -> None:
        super().__init__(
            context, place.events, codec.EVENT_TOPIC, place.credentials, queue=EVENT_QUEUE
        )
        self._place = place
        self._history = history

    def next_events(self) -> list[Event]:
        """The next event, after those that are missing before it; empty when there is none yet.

        :raises MessageInvalid: what came is no event; the next may be.
        """
        frame = self.receive()
        if frame is None:
            return []
        event = codec.decode_event(frame)
        last, self._history.last = self._history.last, event.sequence
        if last is None:
            return [event]
        if event.sequence <= last:  # from a sidecar started anew, counting from one
            last = 0
        missing = event.sequence - 1 - last
        fetched = self._fetch(last, event.sequence) if missing else []
        self._history.missed += missing - len(fetched)
        return [*fetched, event]

    def _fetch(self, last: int, before: int) -> list[Event]:
        """The events between two numbers, as far as the sidecar still has them."""
        address, credentials = self._place.control, self._place.control_credentials
        if not address or credentials is None:
            return []
        fetched: list[Event] = []
        deadline = time.monotonic() + FETCH_S
        exchange = Exchange(self._context, address, credentials)
        try:
            while last < before - 1:
                page = exchange.ask(GetEvents(sequence=last), deadline - time.monotonic()).events
                missing = [event for event in page if last < event.sequence < before]
                if not missing:
                    break
                fetched += missing
                last = missing[-1].sequence
        except RapportError as error:
            _log.info("missed events could not be fetched: %s", error.code)
        finally:
            exchange.close()
        return fetched
