"""`rapport status`, `pause`, `resume`, `stop` against a sidecar that runs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecars import SidecarProcess

pytestmark = pytest.mark.system

Start = Callable[..., SidecarProcess]


def test_the_player_has_the_say_over_a_running_sidecar(
    start_sidecar: Start, demo_clip: Path
) -> None:
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop")
    with sidecar.connect() as client:
        client.state()
        told = json.loads(start_sidecar("status", "--json").finish()[1])
        assert told["source"] == "clip"
        assert told["pid"] == sidecar.process.pid
        code, out, _ = start_sidecar("pause").finish()
        assert code == 0
        assert "(paused)" in out
        assert "open       nothing" in out
        code, out, _ = start_sidecar("resume").finish()
        assert code == 0
        assert "(paused)" not in out
        assert client.state().sequence > 0
        assert start_sidecar("say", "Next, please!", "--npc", "--speaker", "Clerk").finish()[0] == 0
        assert start_sidecar("say", "Great, thanks for nothing.").finish()[0] == 0
        assert start_sidecar("mark", "kept_waiting").finish()[0] == 0
        state = next(
            state
            for state in client.states()
            if state.moments and state.conversation and state.conversation.utterances >= 2
        )
        assert set(state.moments) == {"kept_waiting"}
        code, _, err = start_sidecar("mark", "not a name").finish()
        assert code == 1 and "[request_invalid]" in err
    assert start_sidecar("stop").finish()[0] == 0
    assert sidecar.finish()[0] == 0


def test_without_a_sidecar_it_says_so(start_sidecar: Start) -> None:
    code, _, err = start_sidecar("status").finish()
    assert code == 1
    assert "[sidecar_not_found]" in err
