"""A table of answers: which request is answered by what, and what every sidecar answers."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rapport.capture.clock import now_ns, wall
from rapport.errors import NotAvailable
from rapport.experts.store import Store
from rapport.sidecar.abilities import description, welcome
from rapport.state import EventKind
from rapport.wire import answers
from rapport.wire import requests as ask
from rapport.wire.controller import Peer
from rapport.wire.publisher import Publisher

Table = Mapping[type[ask.Request[Any]], Callable[[Any, Peer], answers.Answer]]

DONE = answers.Done()


class Served(Protocol):
    """What publishes and can be asked: a live sidecar, or the playback of a session."""

    @property
    def publisher(self) -> Publisher: ...

    @property
    def store(self) -> Store | None: ...

    def status(self) -> answers.Status: ...

    def announce(self, kind: EventKind, code: str, detail: str) -> None: ...

    def end(self) -> None: ...


class Answers:
    """Answers requests out of a table, and what is the same everywhere by itself. Called from the
    controller's threads; everything that is called must be safe from any thread."""

    def __init__(self, served: Served, table: Table) -> None:
        self._served = served
        self._table: Table = {
            ask.Hello: self._hello,
            ask.Describe: lambda _request, _peer: description(self.understood, served.store),
            ask.GetStatus: lambda _request, _peer: served.status(),
            ask.GetTime: lambda _request, _peer: answers.Time(now_ns(), wall()),
            ask.GetEvents: lambda request, _peer: served.publisher.page_since(request.sequence),
            ask.Shutdown: self._shutdown,
            **table,
        }

    @property
    def understood(self) -> tuple[type[ask.Request[Any]], ...]:
        """The requests that are answered."""
        return tuple(self._table)

    def answer(self, request: ask.Request[Any], peer: Peer) -> answers.Answer:
        """Do what a client asks.

        :raises RapportError: it cannot be done; nothing was changed.
        """
        answer = self._table.get(type(request))
        if answer is None:
            raise NotAvailable(f"{type(request).__name__} is not for what this sidecar does")
        return answer(request, peer)

    def _hello(self, _request: ask.Hello, _peer: Peer) -> answers.Welcome:
        publisher = self._served.publisher
        return welcome(
            self.understood,
            self._served.store,
            publisher.state_address,
            publisher.events_address,
            os.getpid(),
        )

    def _shutdown(self, _request: ask.Shutdown, peer: Peer) -> answers.Done:
        self._served.announce(EventKind.STATUS, "", f"{peer.app} ends the sidecar.")
        self._served.end()
        return DONE
