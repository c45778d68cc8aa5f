"""A language model beside the other experts, in a whole sidecar: what it says, and what its going
costs."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conversation.appraiser.scripted import Server, answering, eventually
from conversation.appraiser.talk import ANGER, appraisal, completion, taken
from rapport.consent.gatekeeper import Gatekeeper
from rapport.consent.ledger import Ledger
from rapport.settings import Consent
from rapport.state import Condition, EmotionState, Event, EventKind, Modality, ModalityState
from rapport.wire import requests as ask
from rapport.wire.client import Client
from rapport.wire.control_client import connect_control
from sidecars import READY_S, SidecarProcess, allow

pytestmark = pytest.mark.system

GAME = "org.example.tavern"
LINES = (("Mira", "npc", "Your billfold is still missing."), ("you", "player", "Marvellous help."))


@pytest.fixture
def server() -> Iterator[Server]:
    """A language model that sees anger."""
    served = Server(answering(completion(appraisal(40, anger=100, reason="Marvellous"))))
    yield served
    served.close()


def until(client: Client, true: Callable[[EmotionState], bool]) -> EmotionState:
    """The first state of which it is true."""
    return next(state for state in client.states(READY_S) if true(state))


def appraised(state: EmotionState) -> ModalityState | None:
    part = state.modalities.get(Modality.APPRAISAL)
    return part if part is not None and part.distribution is not None else None


@pytest.mark.timeout(240)
def test_it_is_heard_and_its_going_costs_itself_alone(
    start_sidecar: Callable[..., SidecarProcess], demo_clip: Path, server: Server
) -> None:
    sidecar = start_sidecar(
        "run", "--source", str(demo_clip), "--loop",
        RAPPORT_LOG__LEVEL="debug",
        RAPPORT_APPRAISER__ENABLED="true",
        RAPPORT_APPRAISER__ENDPOINT=server.endpoint,
        RAPPORT_APPRAISER__EVERY_S="0",
    )  # fmt: skip
    with (
        sidecar.connect() as client,
        connect_control(GAME, "Tavern", READY_S, sidecar.runtime) as game,
    ):
        ready = until(client, lambda s: s.modalities[Modality.TEXT].condition == "silent")
        assert ready.modalities[Modality.APPRAISAL].condition is Condition.SILENT
        for speaker, role, text in LINES:
            game.ask(ask.Say(speaker=speaker, role=role, text=text))  # type: ignore[arg-type]
        state = until(client, lambda s: appraised(s) is not None)
        part = appraised(state)
        assert part is not None and part.distribution is not None and part.age_ms is not None
        assert part.distribution[ANGER] == pytest.approx(taken(100), abs=1e-3)
        assert 0.0 < part.weight < 1.0
        eventually(lambda: "Marvellous help." in server.prompts()[-1])
        assert "billfold" in server.prompts()[-1]
        server.close()
        game.ask(ask.Say(speaker="you", text="Hello? Marvellous."))
        assert _failures(client)[0] in ("endpoint_unreachable", "endpoint_failed")
        later = until(client, lambda s: s.captured_ns > state.captured_ns)
        assert later.modalities[Modality.FACE].condition is not Condition.FAILED
        game.ask(ask.Shutdown())
    code, out, err = sidecar.finish()
    assert code == 0
    assert "Traceback" not in err
    for word in ("billfold", "Marvellous"):
        assert word not in out + err


def own_address() -> str:
    """An address of this machine in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        try:
            route.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(route.getsockname()[0])


def test_words_go_elsewhere_only_while_the_player_allows_it(
    start_sidecar: Callable[..., SidecarProcess], clean_environment: dict[str, str]
) -> None:
    server = Server(answering(completion(appraisal(40, anger=100))), own_address())
    ledger = Ledger(Consent(directory=clean_environment["RAPPORT_CONSENT__DIRECTORY"]))
    try:
        sidecar = start_sidecar(
            "run",
            RAPPORT_CAMERA__ENABLED="false",
            RAPPORT_MICROPHONE__ENABLED="false",
            RAPPORT_APPRAISER__ENABLED="true",
            RAPPORT_APPRAISER__REMOTE="true",
            RAPPORT_APPRAISER__ENDPOINT=server.endpoint,
            RAPPORT_APPRAISER__EVERY_S="0",
        )
        with (
            sidecar.connect() as client,
            connect_control(GAME, "Tavern", READY_S, sidecar.runtime) as game,
        ):
            until(client, lambda s: s.modalities[Modality.TEXT].condition == "silent")
            game.ask(ask.Say(speaker="you", text="Is anybody there?"))
            assert _failures(client) == ["text_not_allowed"]
            allow(clean_environment, "text")
            game.ask(ask.Say(speaker="you", text="And now?"))
            until(client, lambda s: appraised(s) is not None)
            Gatekeeper(ledger).revoke(None, ("text",), "command line", time.time())
            gone = until(client, lambda s: appraised(s) is None)
            assert gone.modalities[Modality.APPRAISAL].condition is Condition.DISABLED
            before = len(server.heads)
            game.ask(ask.Say(speaker="you", text="You cannot hear this."))
            assert _failures(client) == ["text_not_allowed"]
            game.ask(ask.Shutdown())
        assert sidecar.finish()[0] == 0
        assert len(server.heads) == before
        assert not any("cannot hear" in prompt for prompt in server.prompts())
    finally:
        server.close()


def _failures(client: Client) -> list[str]:
    """The codes of what has failed since the last time, once something has."""
    return [event.code for event in _events(client) if event.kind is EventKind.EXPERT_FAILED]


def _events(client: Client) -> list[Event]:
    """The events up to the one that tells of a failure."""
    told: list[Event] = []
    while not any(event.kind is EventKind.EXPERT_FAILED for event in told):
        new = client.events(READY_S)
        assert new, "no failure was told"
        told += new
    return told
