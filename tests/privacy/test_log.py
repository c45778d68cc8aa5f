"""The log of a whole run, at its most talkative, holds nothing of the player."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.state import GRANULAR, LABELS, Modality
from sidecars import READY_S, SidecarProcess

pytestmark = pytest.mark.privacy

STATES = 200
PROFILE = '[reaction.blink_slowly]\nwhen = { signal = "confidence", enter = 0.1, exit = 0.05 }\n'
CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b|\d+\.\d+\.\d+(?:\.\d+)?")
"""Times of day, versions and IP addresses."""
FRACTION = re.compile(r"-?\d+\.\d{2,}")


def test_the_log_of_a_whole_run_names_no_emotion_and_no_value(
    start_sidecar: Callable[..., SidecarProcess], demo_clip: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "mira.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    played = ("run", "--source", str(demo_clip), "--loop", "--profile", f"mira={profile}")
    sidecar = start_sidecar(*played, RAPPORT_LOG__LEVEL="debug")
    with sidecar.connect() as client:
        states = list(itertools.islice(client.states(READY_S), STATES))
        reactions = [event.reaction for event in client.events() if event.reaction]
    sidecar.process.terminate()
    code, out, err = sidecar.finish()
    assert code == 0
    assert "started" in err, "the run logged nothing, so this test would prove nothing"
    assert any(state.probabilities for state in states)
    assert reactions, "nothing was fired, so that nothing could have been logged"
    assert any(state.granular for state in states)
    said = CLOCK.sub("", out + err)
    for word in (*LABELS, *GRANULAR, "blink_slowly"):
        assert word not in said.lower()
    published = {
        f"{abs(value):.2f}"
        for state in states
        for value in (
            *(state.probabilities or ()),
            *(state.modalities[Modality.FACE].distribution or ()),
            *(state.modalities[Modality.VOICE].distribution or ()),
            state.valence,
            state.arousal,
            state.confidence,
            *(found.value for found in state.granular.values()),
            *(reaction.strength for reaction in reactions),
        )
        if value
    }
    for number in FRACTION.findall(said):
        assert f"{abs(float(number)):.2f}" not in published, f"{number} is a value of a state"
