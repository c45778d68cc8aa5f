"""A language model beside the other experts, in a whole sidecar: what it says, and what its going
costs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conversation.appraiser.scripted import Server, answering, eventually
from conversation.appraiser.talk import ANGER, appraisal, completion, taken
from rapport.state import Condition, EmotionState, EventKind, Modality, ModalityState
from rapport.wire import requests as ask
from rapport.wire.client import Client
from rapport.wire.control_client import connect_control
from sidecars import READY_S, SidecarProcess

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
        told = [event for event in _events(client) if event.kind is EventKind.EXPERT_FAILED]
        assert told[0].code in ("endpoint_unreachable", "endpoint_failed")
        later = until(client, lambda s: s.captured_ns > state.captured_ns)
        assert later.modalities[Modality.FACE].condition is not Condition.FAILED
        game.ask(ask.Shutdown())
    code, out, err = sidecar.finish()
    assert code == 0
    assert "Traceback" not in err
    for word in ("billfold", "Marvellous"):
        assert word not in out + err


def _events(client: Client):  # type: ignore[no-untyped-def]
    """The events up to the one that tells of a failure."""
    told = []
    while not any(event.kind is EventKind.EXPERT_FAILED for event in told):
        new = client.events(READY_S)
        assert new, "no failure was told"
        told += new
    return told
