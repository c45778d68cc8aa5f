"""Sends states and events to whoever subscribes on this machine."""

import threading
from collections import deque

import msgspec
import zmq

from rapport import settings
from rapport.capture.clock import now_ns, wall
from rapport.state import SCHEMA, EmotionState, Event, EventKind, Reaction
from rapport.wire import codec
from rapport.wire.answers import Events
from rapport.wire.auth import Endpoint, Guard

HISTORY = 1000
"""Events that are kept in memory for readers that missed some."""
DETAIL_CHARACTERS_MAX = 500
"""A longer detail of an event is cut: it is one sentence for people."""

STATE_QUEUE = 2
"""States that wait for one slow reader; further ones are not queued for it."""
STATE_SEND_BUFFER = 64 * 1024
"""Bytes that the system may hold for a slow reader: the system's own choice, several megabytes,
would be minutes of old news."""
SUBSCRIPTION_BYTES_MAX = 1024
"""Readers send subscriptions and nothing else; whoever sends more is cut off."""
PAGE_BYTES_MAX = codec.MESSAGE_BYTES_MAX - 4096
"""Bytes of events in one answer; the rest of the message is room for what is around them."""
EVENTS_LINGER_MS = 250
"""How long closing waits for the last events (`stopping`) to go out. States do not wait."""


class Publisher:
    """Two PUB sockets, one for states and one for events.

    Nothing here ever waits for a reader: PUB drops what a slow reader cannot take. A lock guards
    both sockets, because events are announced from capture threads while the tick thread
    publishes, and a ZeroMQ socket may change threads only with a memory barrier in between; it
    is held for microseconds. After `close`, `publish` and `announce` still stamp and return, but
    send nothing: a capture thread may have something to say until it ends.

    :raises AddressRefused: `settings.host` is not an address of this machine, or not loopback and
        without CURVE keys.
    :raises KeysUnreadable: a CURVE key file that the settings name cannot be used.
    :raises PortInUse: a port that the settings ask for cannot be bound.
    """

    def __init__(self, settings: settings.Wire, guard: Guard | None = None) -> None:
        """
        :param guard: lets readers in, and is closed by whoever made it; None: one of its own.
        """
        self.guard = guard or Guard(settings)
        self._owns_guard = guard is None
        self._lock = threading.Lock()
        self._closed = False
        self._state_frame, self._event_frame = bytearray(), bytearray()
        self._state_sequence = 0
        self._event_sequence = 0
        self._history: deque[Event] = deque(maxlen=HISTORY)
        self._states = self._socket("state", STATE_QUEUE, 0, STATE_SEND_BUFFER)
        self._events = self._socket("events", HISTORY, EVENTS_LINGER_MS)
        try:
            self.state_address = self.guard.bind(self._states, settings.state_port)
            """Where states are published, for example `tcp://127.0.0.1:40123`."""
            self.events_address = self.guard.bind(self._events, settings.events_port)
            """Where events are published."""
        except BaseException:
            self.close()
            raise

    def publish(self, state: EmotionState) -> EmotionState:
        """Send a state; returns it with `sequence`, `published_ns` and `published_wall` set.

        :raises MessageInvalid: the state is larger than any message may be.
        """
        with self._lock:
            self._state_sequence += 1
            stamped = msgspec.structs.replace(
                state,
                schema=SCHEMA,
                sequence=self._state_sequence,
                published_ns=now_ns(),
                published_wall=wall(),
            )
            if not self._closed:
                codec.encode_into(codec.STATE_TOPIC, stamped, self._state_frame)
                self._states.send(self._state_frame, zmq.DONTWAIT)
                # A ZeroMQ socket sees to readers that come and go only when it is used. Events
                # are rare, so their socket is asked here, or readers gone would pile up in it.
                self._events.getsockopt(zmq.EVENTS)
        return stamped

    def announce(
        self, kind: EventKind, code: str = "", detail: str = "", reaction: Reaction | None = None
    ) -> Event:
        """Send an event, from any thread; returns it with its time and sequence number."""
        with self._lock:
            self._event_sequence += 1
            event = Event(
                kind=kind,
                at_ns=now_ns(),
                at_wall=wall(),
                code=code,
                detail=detail[:DETAIL_CHARACTERS_MAX],
                schema=SCHEMA,
                sequence=self._event_sequence,
                reaction=reaction,
            )
            self._history.append(event)
            if not self._closed:
                codec.encode_into(codec.EVENT_TOPIC, event, self._event_frame)
                self._events.send(self._event_frame, zmq.DONTWAIT)
        return event

    def events_since(self, sequence: int) -> list[Event]:
        """The events after `sequence`, in order, as far as they are kept (`HISTORY`)."""
        with self._lock:
            return [event for event in self._history if event.sequence > sequence]

    def page_since(self, sequence: int) -> Events:
        """The events after `sequence`, as many of the first as fit into one message."""
        events = self.events_since(sequence)
        size, fitting = 0, 0
        for event in events:
            size += len(msgspec.msgpack.encode(event))
            if size > PAGE_BYTES_MAX:
                break
            fitting += 1
        complete = not events or events[0].sequence == sequence + 1
        return Events(tuple(events[:fitting]), complete)

    def close(self) -> None:
        """Close the sockets. Idempotent, and safe from any thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._states.close()
            self._events.close()
        if self._owns_guard:
            self.guard.close()

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _socket(
        self, endpoint: Endpoint, queue: int, linger_ms: int, send_buffer: int | None = None
    ) -> zmq.Socket[bytes]:
        socket = self.guard.socket(zmq.PUB, endpoint)
        socket.setsockopt(zmq.SNDHWM, queue)
        socket.setsockopt(zmq.LINGER, linger_ms)
        if send_buffer:
            socket.setsockopt(zmq.SNDBUF, send_buffer)
        socket.setsockopt(zmq.MAXMSGSIZE, SUBSCRIPTION_BYTES_MAX)
        return socket
