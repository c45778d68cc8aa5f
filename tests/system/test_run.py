"""The sidecar in one process, a reader in another, over TCP."""

import itertools
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from devices import FakeCamera, FakeMicrophone, wait_for
from rapport.state import Condition, EventKind, Modality
from sidecars import READY_S, SidecarProcess, allow

pytestmark = pytest.mark.system

Start = Callable[..., SidecarProcess]


def test_a_clip_goes_from_file_to_states_in_another_process(
    start_sidecar: Start, demo_clip: Path, face_bundle: Path
) -> None:
    sidecar = start_sidecar("run", "--source", str(demo_clip), "--loop")
    with sidecar.connect() as client:
        read = []
        for state in client.states():
            read.append(state)
            part = state.modalities[Modality.FACE]
            if part.condition is Condition.OK and len(read) > 60:
                break
            assert len(read) < 3000, "the face was never read"
        events = client.events()
    face = read[-1].modalities[Modality.FACE]
    assert face.weight > 0.0
    assert face.model
    assert read[-1].probabilities is not None
    assert read[-1].face_present
    for earlier, later in itertools.pairwise(read):
        assert later.sequence > earlier.sequence
        assert later.published_ns >= later.captured_ns
        if earlier.modalities[Modality.FACE].age_ms is not None:
            assert later.captured_ns >= earlier.captured_ns
    assert client.invalid_messages == 0
    assert EventKind.EXPERT_FAILED not in {event.kind for event in events}
    status = [event.detail for event in events if event.kind is EventKind.STATUS]
    assert status[-1] == "playing: face, voice"
    sidecar.process.terminate()
    code, out, err = sidecar.finish()
    assert code == 0
    assert "Stopped." in out
    assert "Traceback" not in err
    assert not list(sidecar.runtime.glob("sidecar-*")), (
        "the file by which it is found was left behind"
    )


def test_the_voice_of_the_clip_is_heard(start_sidecar: Start, demo_clip: Path) -> None:
    sidecar = start_sidecar(
        "run", "--source", str(demo_clip), "--loop", RAPPORT_CAMERA__ENABLED="false"
    )
    with sidecar.connect() as client:
        for number, state in enumerate(client.states()):
            voice = state.modalities[Modality.VOICE]
            if state.speaking and voice.weight > 0.0:
                break
            assert number < 3000, "the voice was never heard"
    assert voice.weight == 1.0
    assert voice.distribution is not None
    assert state.modalities[Modality.FACE].condition is Condition.DISABLED
    assert state.face_present is None


def test_without_any_device_it_runs_and_says_so(
    start_sidecar: Start, clean_environment: dict[str, str]
) -> None:
    allow(clean_environment, "camera", "microphone")
    sidecar = start_sidecar(
        "run", "--camera", "63", "--microphone", "no such microphone", "--seconds", "8"
    )
    conditions: dict[Modality, set[Condition]] = {m: set() for m in Modality}
    count, first, last = 0, None, None
    with sidecar.connect() as client:
        for state in itertools.islice(client.states(READY_S), 130):
            for modality, part in state.modalities.items():
                conditions[modality].add(part.condition)
            assert state.label == "uncertain"
            first, last = first or state, state
            count += 1
        codes = {event.code for event in client.events()}
    assert Condition.LOST in conditions[Modality.FACE]
    assert Condition.LOST in conditions[Modality.VOICE]
    assert {"camera_not_found", "mic_not_found"} & codes
    assert first is not None
    assert last is not None
    published = last.sequence - first.sequence
    assert published / ((last.published_ns - first.published_ns) / 1e9) >= 20.0
    code, _, err = sidecar.finish()
    assert code == 0
    assert "Traceback" not in err


def test_a_real_microphone_and_a_network_camera_are_read_and_survive_each_other(
    start_sidecar: Start,
    fake_camera: FakeCamera,
    fake_microphone: FakeMicrophone,
    clean_environment: dict[str, str],
) -> None:
    allow(clean_environment, "camera", "microphone")
    sidecar = start_sidecar("run", "--camera", fake_camera.url, **fake_microphone.environment)

    def until(modality: Modality, *conditions: Condition) -> None:
        for number, state in enumerate(client.states(READY_S)):
            if state.modalities[modality].condition in conditions:
                return
            assert number < 1500, f"{modality} never became {conditions}"

    heard = (Condition.ABSENT, Condition.SILENT, Condition.OK, Condition.NOISY)
    with sidecar.connect() as client:
        until(Modality.FACE, Condition.ABSENT)
        until(Modality.VOICE, *heard)
        assert fake_microphone.listeners() == 1
        assert fake_camera.connections == 1
        fake_camera.kill()
        until(Modality.FACE, Condition.LOST)
        until(Modality.VOICE, *heard)
        fake_camera.start()
        until(Modality.FACE, Condition.ABSENT)
        kinds: list[EventKind] = []

        def told_back() -> bool:  # events come on a socket of their own, maybe after the state
            kinds.extend(event.kind for event in client.events())
            return EventKind.CAMERA_BACK in kinds

        assert wait_for(told_back, READY_S), kinds
    assert kinds.index(EventKind.CAMERA_LOST) < kinds.index(EventKind.CAMERA_BACK)
    assert EventKind.MIC_LOST not in kinds
    sidecar.process.terminate()
    assert sidecar.finish()[0] == 0
    assert wait_for(lambda: fake_camera.connections == 0, READY_S)
    assert fake_microphone.listeners() == 0


def test_analysing_a_clip_twice_gives_the_same_states(
    start_sidecar: Start, shared: Path, face_bundle: Path
) -> None:
    clip = shared / "data" / "clips" / "pyfeat_single_face.mp4"
    runs = [start_sidecar("analyze", str(clip), "--format", "jsonl").finish() for _ in range(2)]
    assert runs[0][0] == 0
    assert runs[0][1] == runs[1][1]
    states = [msgspec.json.decode(line) for line in runs[0][1].splitlines()]
    assert len(states) > 60
    assert all(0.0 <= state["captured_wall"] < 3.0 for state in states)
