"""Appraisers and their servers, closed when a test ends."""

from collections.abc import Callable, Iterator

import pytest

from conversation.appraiser.scripted import Script, Server
from rapport.conversation.appraiser import appraiser as module
from rapport.conversation.appraiser.appraiser import Appraiser
from rapport.settings import Appraiser as AppraiserSettings
from rapport.state import EventKind

Told = list[tuple[EventKind, str, str]]


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Server]]:
    """Start a server that does what a script says."""
    started: list[Server] = []

    def start(script: Script) -> Server:
        started.append(Server(script))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def told() -> Told:
    """The events that were announced."""
    return []


@pytest.fixture
def ask(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Appraiser]]:
    """Start an appraiser; settings by name, and whether the player allows that words leave."""
    monkeypatch.setattr(module, "BACK_OFF_S", 0.05)
    started: list[Appraiser] = []

    def start(
        endpoint: str, allowed: Callable[[], bool] = lambda: False, **settings: object
    ) -> Appraiser:
        values = {"enabled": True, "endpoint": endpoint, "every_s": 0.0, **settings}
        started.append(
            Appraiser(
                AppraiserSettings(**values),  # type: ignore[arg-type]
                allowed,
                lambda *event: told.append(event),
            )
        )
        return started[-1]

    yield start
    for appraiser in started:
        appraiser.close()
