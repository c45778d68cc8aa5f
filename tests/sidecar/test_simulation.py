"""Scripts through the real fusion: the same every time, and what the script says."""

from functools import cache
from pathlib import Path

import msgspec
import pytest

from rapport import settings
from rapport.fusion.parameters import decode
from rapport.recording.acting import START_NS
from rapport.recording.script import load, parse, shipped
from rapport.recording.tables import Item, Line
from rapport.recording.writer import write_session
from rapport.sidecar.simulation import header, simulate
from rapport.state import (
    UNCERTAIN,
    Burst,
    Condition,
    EmotionState,
    Event,
    EventKind,
    Modality,
)
from rapport.wire import codec

pytestmark = pytest.mark.unit


@cache
def played(name: str, seed: int = 0) -> list[Item]:
    return list(simulate(load(name), settings.Fusion(), seed))


def between(items: list[Item], begin_s: float, end_s: float) -> list[EmotionState]:
    states = [item for item in items if isinstance(item, EmotionState)]
    return [s for s in states if begin_s <= (s.published_ns - START_NS) / 1e9 < end_s]


def events(items: list[Item]) -> list[tuple[EventKind, str]]:
    return [(item.kind, item.code) for item in items if isinstance(item, Event)]


def test_the_same_script_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    encode = msgspec.msgpack.encode
    script = load("scare")
    again = list(simulate(script, settings.Fusion(), 0))
    assert encode(again) == encode(played("scare"))
    assert encode(again) != encode(played("scare", 1))
    for name, items in (("one", again), ("two", played("scare"))):
        write_session(tmp_path / name, header("scare"), items)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("name", list(shipped()))
def test_every_state_of_a_script_may_be_sent(name: str) -> None:
    for state in between(played(name), 0, 100)[::5]:
        assert state.replay
        codec.decode_state(codec.STATE_TOPIC + msgspec.msgpack.encode(state))
        assert state.modalities[Modality.FACE].model in ("", "simulated")


def test_calm_turns_into_frustration() -> None:
    items = played("calm_then_frustrated")
    assert {s.label for s in between(items, 5, 6)} == {"happiness"}
    assert {s.label for s in between(items, 27, 30)} == {"anger"}
    assert between(items, 20, 26)[0].valence > between(items, 20, 26)[-1].valence
    assert any(s.trend < -0.05 for s in between(items, 16, 28))
    assert {s.label for s in between(items, 38, 40)} == {"neutral"}


def test_a_scare_is_seen_at_once() -> None:
    items = played("scare")
    assert {s.label for s in between(items, 6.5, 7)} == {"surprise"}
    assert {s.label for s in between(items, 9, 11)} == {"fear"}


def test_a_mask_is_a_contradiction_only_while_the_voice_is_heard() -> None:
    items = played("masking")
    assert {s.contradiction and s.contradiction.kind for s in between(items, 7.5, 9)} == {"masking"}
    assert {s.contradiction for s in between(items, 0, 5.9)} == {None}
    assert all(s.incongruence > 0.5 for s in between(items, 7, 9))
    assert all(s.incongruence is None for s in between(items, 9.9, 10.5))
    face, voice = (between(items, 8, 8.1)[0].modalities[m].distribution for m in ("face", "voice"))
    assert face.index(max(face)) == 1
    assert voice.index(max(voice)) == 3


def test_sarcasm_has_words_that_the_voice_denies() -> None:
    items = played("sarcasm")
    lines = [item for item in items if isinstance(item, Line)]
    assert [(line.line, line.role) for line in lines] == [
        ("guard_is_proud", "npc"),
        ("praise_the_guard", "player"),
        ("praise_him_again", "player"),
    ]
    part = between(items, 6.5, 7)[0].modalities
    assert part[Modality.TEXT].distribution[1] > 0.5
    assert part[Modality.VOICE].distribution[7] > 0.5
    assert all(s.incongruence > 0.3 for s in between(items, 6.5, 7))
    kinds = {s.contradiction and s.contradiction.kind for s in between(items, 7, 10)}
    assert kinds == {"sarcasm"}
    assert {s.contradiction for s in between(items, 0, 5.9)} == {None}


def test_trouble_is_a_condition_an_event_and_never_a_guess() -> None:
    items = played("device_trouble")
    for begin_s, modality, condition in (
        (7, Modality.FACE, Condition.LOW_LIGHT),
        (14, Modality.FACE, Condition.TURNED_AWAY),
        (20, Modality.FACE, Condition.ABSENT),
        (26.1, Modality.FACE, Condition.LOST),
        (34, Modality.VOICE, Condition.NOISY),
        (41, Modality.VOICE, Condition.LOST),
        (57, Modality.VOICE, Condition.OK),
        (59, Modality.VOICE, Condition.SILENT),
    ):
        state = between(items, begin_s, begin_s + 0.2)[0]
        assert state.modalities[modality].condition is condition, begin_s
    assert {s.label for s in between(items, 52, 55)} == {UNCERTAIN}
    assert all(s.probabilities is None for s in between(items, 52, 55))
    devices = [e for e in events(items) if e[0].startswith(("camera", "mic"))]
    assert devices == [
        (EventKind.CAMERA_LOST, "camera_lost"),
        (EventKind.CAMERA_BACK, ""),
        (EventKind.MIC_LOST, "mic_lost"),
        (EventKind.MIC_BACK, ""),
        (EventKind.CAMERA_LOST, "camera_lost"),
        (EventKind.MIC_LOST, "mic_lost"),
        (EventKind.CAMERA_BACK, ""),
        (EventKind.MIC_BACK, ""),
    ]
    kinds = [kind for kind, _ in events(items)]
    assert kinds.count(EventKind.FACE_LOST) == 3
    assert kinds.count(EventKind.SPEECH_ENDED) == 2


def test_a_burst_is_heard_in_the_place_of_speech_unless_the_microphone_is_in_trouble() -> None:
    text = """
        title = "t"
        seconds = 10
        speaking = [{at = 1, until = 9}]
        burst = [{at = 3, until = 5, name = "laugh", confidence = 0.8}]
        trouble = [{at = 4, until = 9, what = "noise"}]
    """
    items = list(simulate(parse(text, "t"), settings.Fusion()))
    for begin_s, end_s, burst, speaking in (
        (1.5, 3.0, None, True),
        (3.2, 4.0, Burst("laugh", pytest.approx(0.8)), False),
        (4.2, 9.0, None, True),
    ):
        for state in between(items, begin_s, end_s):
            assert (state.burst, state.speaking) == (burst, speaking)
            assert (state.modalities[Modality.VOICE].distribution is None) == (burst is not None)


def test_a_mark_is_an_event_and_followed_from_when_it_was() -> None:
    text = """
        title = "t"
        seconds = 12
        mark = [{at = 3, id = "boss_died"}, {at = 5, id = "told_late", late = 4}]
    """
    items = list(simulate(parse(text, "t"), settings.Fusion()))
    marked = [(i.detail, i.at_ns) for i in items if isinstance(i, Event)]
    marked = [one for one in marked if one[0]]
    assert [(name, (at - START_NS) / 1e9) for name, at in marked] == [
        ("boss_died", pytest.approx(3.0)),
        ("told_late", pytest.approx(9.0)),
    ]
    assert not between(items, 2.9, 3.0)[-1].moments
    assert list(between(items, 3.0, 3.1)[0].moments) == ["boss_died"]
    told = between(items, 11.9, 12.0)[-1].moments
    assert told["told_late"].since_s == pytest.approx(7.0, abs=0.1)
    assert {one.course for one in told.values()} == {"steady"}


def test_lines_and_speech_are_a_conversation() -> None:
    text = """
        title = "t"
        seconds = 20
        speaking = [{at = 5, until = 9}, {at = 12, until = 14}]
        line = [
            {at = 2, id = "who_are_you", role = "npc"},
            {at = 6, id = "nobody", label = "anger"},
            {at = 16, id = "typed", label = "happiness"},
        ]
    """
    items = list(simulate(parse(text, "t"), settings.Fusion()))
    told = {
        at_s: between(items, at_s, at_s + 0.1)[0].conversation for at_s in (1, 4, 5.5, 7, 11, 13)
    }
    assert told[1] is None
    assert (told[4].utterances, told[4].line, told[4].role) == (1, "who_are_you", "npc")
    assert told[4].pause_s == pytest.approx(2.0, abs=0.1)
    assert (told[5.5].line, told[5.5].role, told[5.5].pause_s) == ("", "player", None)
    assert (told[7].utterances, told[7].line) == (2, "nobody")
    assert told[7].reading.index(max(told[7].reading)) == 4
    assert told[11].pause_s == pytest.approx(2.0, abs=0.2)
    assert (told[13].utterances, told[13].line) == (3, "")
    last = between(items, 19.9, 20)[0].conversation
    assert (last.utterances, last.line) == (4, "typed")
    assert last.reading.index(max(last.reading)) == 1


def test_a_contradiction_takes_weight_from_the_words_or_from_the_smile() -> None:
    items = played("put_on_hold")
    before, after = between(items, 86, 87)[-1], between(items, 89, 90)[0]
    assert before.contradiction is None
    assert after.contradiction.kind == "sarcasm"
    assert after.incongruence == after.contradiction.strength > 0.6
    words, voice = (after.modalities[m].weight for m in (Modality.TEXT, Modality.VOICE))
    assert words < 0.2 < voice
    assert after.label == after.contradiction.after == "contempt"


def test_a_calm_face_is_neutral_by_every_gate(repository: Path) -> None:
    learned = decode((repository / "models" / "fusion_gate.json").read_bytes())
    script = parse('title = "t"\nseconds = 5', "t")
    for gate in (None, learned):
        items = list(simulate(script, settings.Fusion(), gate=gate))
        assert {state.label for state in between(items, 1, 5)} == {"neutral"}


def test_a_script_without_devices_knows_nothing() -> None:
    script = parse('title = "t"\nseconds = 1\ncamera = false\nmicrophone = false', "t")
    states = [i for i in simulate(script, settings.Fusion()) if isinstance(i, EmotionState)]
    assert len(states) == 30
    for state in states:
        assert state.probabilities is None
        assert state.face_present is None
        assert {p.condition for p in state.modalities.values()} == {Condition.DISABLED}


def test_other_rates_make_the_same_moods() -> None:
    slow = msgspec.structs.replace(load("scare"), rate_hz=15.0)
    items = list(simulate(slow, settings.Fusion()))
    assert len(between(items, 0, 20)) == 300
    assert {s.label for s in between(items, 9, 11)} == {"fear"}
