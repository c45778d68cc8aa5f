"""The live view fits its terminal and has words for everything."""

import io
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from rapport.cli import words
from rapport.cli.stream import Stream
from rapport.cli.view import WIDEST, bar, draw, scale
from rapport.state import (
    CONTRADICTIONS,
    COURSES,
    GRANULAR,
    LABELS,
    UNCERTAIN,
    Appraisal,
    Cause,
    Condition,
    Contradiction,
    ConversationState,
    EmotionState,
    Event,
    EventKind,
    Granular,
    Modality,
    ModalityState,
    Mood,
    Quality,
    Reaction,
)

pytestmark = pytest.mark.unit

MS = 1_000_000
MODEL = "a_model-1+another_model-1"
SIGNED = st.none() | st.floats(-1.0, 1.0)
SHARE = st.floats(0.0, 1.0)
PARTS = st.builds(
    ModalityState,
    weight=SHARE,
    condition=st.sampled_from(Condition),
    quality=st.builds(Quality, score=SHARE),
    age_ms=st.none() | st.floats(0.0, 1e9),
    model=st.text(max_size=60),
)
STATES = st.builds(
    EmotionState,
    captured_ns=st.just(0),
    captured_wall=st.just(0.0),
    label=st.sampled_from([*LABELS, UNCERTAIN]),
    confidence=SHARE,
    modalities=st.dictionaries(st.sampled_from(Modality), PARTS),
    probabilities=st.none() | st.tuples(*[SHARE] * len(LABELS)),
    valence=SIGNED,
    arousal=SIGNED,
    dominance=SIGNED,
    trend=st.none() | st.floats(-9.0, 9.0),
    speaking=st.none() | st.booleans(),
    face_present=st.none() | st.booleans(),
    incongruence=st.none() | SHARE,
    granular=st.dictionaries(
        st.sampled_from(GRANULAR), st.builds(Granular, value=SHARE, confidence=SHARE)
    ),
    contradiction=st.none()
    | st.builds(
        Contradiction,
        kind=st.sampled_from(CONTRADICTIONS) | st.text(max_size=40),
        strength=SHARE,
        before=st.sampled_from(LABELS),
        after=st.sampled_from(LABELS),
    ),
    mood=st.none() | st.builds(Mood, *[st.floats(-1.0, 1.0)] * 4, SHARE, SHARE),
    moments=st.dictionaries(
        st.text(max_size=64),
        st.builds(Appraisal, st.sampled_from(COURSES), SHARE, SHARE, st.floats(0.0, 1e4)),
        max_size=16,
    ),
    conversation=st.none()
    | st.builds(
        ConversationState,
        st.integers(0, 10**6),
        st.text(max_size=64),
        st.sampled_from(["", "player", "npc"]),
        st.none() | st.floats(0.0, 1e6),
    ),
)
REACTIONS = st.builds(
    Reaction,
    name=st.text(max_size=20),
    npc=st.text(max_size=20),
    firing=st.integers(1, 9),
    strength=SHARE,
    reason=st.sampled_from(["entered", "left"]),
    why=st.lists(
        st.builds(Cause, signal=st.text(max_size=20), value=st.none() | SHARE), max_size=3
    ).map(tuple),
)
EVENTS = st.lists(
    st.builds(
        Event,
        kind=st.sampled_from(EventKind),
        reaction=st.none() | REACTIONS,
        at_ns=st.just(0),
        at_wall=st.just(0.0),
        code=st.sampled_from(["", "camera_lost"]),
        detail=st.text(max_size=300),
    ),
    max_size=30,
)


def drawn(stream: Stream, width: int, height: int, now_ns: int = 5 * MS) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    console.print(draw(stream, now_ns, width, height, "rapport watch"))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def stream_of(*states: EmotionState) -> Stream:
    stream = Stream()
    for state in states:
        stream.add(state, 0)
    return stream


def happy() -> EmotionState:
    return EmotionState(
        captured_ns=0,
        captured_wall=0.0,
        label="happiness",
        confidence=0.7,
        modalities={
            Modality.FACE: ModalityState(1.0, Condition.OK, Quality(0.9), 12.0, model=MODEL),
            Modality.VOICE: ModalityState(0.0, Condition.SILENT, Quality(0.2), 40.0),
        },
        probabilities=(0.1, 0.7, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0),
        valence=0.5,
        sequence=1,
    )


@settings(max_examples=50, deadline=None)
@given(state=STATES, events=EVENTS, width=st.integers(80, 200), height=st.integers(24, 60))
def test_whatever_comes_fits_the_terminal(
    state: EmotionState, events: list[Event], width: int, height: int
) -> None:
    stream = stream_of(state)
    stream.tell(events)
    lines = drawn(stream, width, height)
    assert len(lines) == height
    assert max(cell_len(line) for line in lines) <= min(width, WIDEST)


def test_what_matters_is_said() -> None:
    stream = stream_of(happy())
    stream.tell([Event(EventKind.CAMERA_LOST, 0, time.time(), "camera_lost", "no frame")])
    view = "\n".join(drawn(stream, 80, 24))
    for said in ("happiness 70 %", "valence", "+0.50", "not speaking", "camera_lost", *LABELS):
        assert said in view


@pytest.mark.parametrize(("width", "shown"), [(80, ""), (100, "a_model-1+another_m"), (120, MODEL)])
def test_only_a_long_model_name_is_cut(width: int, shown: str) -> None:
    lines = drawn(stream_of(happy()), width, 24)
    (face,) = [line for line in lines if line.startswith("│ face  ━")]
    assert shown in face
    assert ("…" in face) == (width == 100)


def test_a_longer_bar_is_a_higher_probability_without_colour_too() -> None:
    lines = {line.split()[1]: line for line in drawn(stream_of(happy()), 80, 24)[2:10]}
    assert lines["happiness"].count("━") > lines["surprise"].count("━") > 0
    assert "━" not in lines["fear"].split("││")[0]


def test_a_silent_sidecar_is_not_shown_as_live() -> None:
    stream = stream_of(happy())
    assert "happiness 70 %" in drawn(stream, 80, 24, 100 * MS)[0]
    late = drawn(stream, 80, 24, 4_000 * MS)[0]
    assert "no state for 4 s" in late
    assert "happiness" not in late


def test_before_the_first_state_it_says_that_it_waits() -> None:
    assert "waiting" in drawn(Stream(), 80, 24)[0]


@given(share=st.floats(allow_nan=False), width=st.integers(0, 100))
def test_a_bar_has_its_width(share: float, width: int) -> None:
    assert bar(share, width, "red").cell_len == width


@given(value=SIGNED, side=st.integers(0, 50))
def test_a_scale_has_its_width_and_fills_the_side_of_its_sign(
    value: float | None, side: int
) -> None:
    text = scale(value, 2 * side + 1, "red").plain
    assert len(text) == 2 * side + 1
    left, right = text[:side], text[side + 1 :]
    assert text[side] == "┼"
    assert "━" not in (left if (value or 0.0) >= 0.0 else right)


def test_everything_has_words() -> None:
    assert set(words.CONDITIONS) == set(Condition)
    assert set(words.EVENTS) == set(EventKind)


@pytest.mark.parametrize(
    ("per_s", "said"),
    [(None, "unknown"), (0.0, "steady"), (-0.01, "steady"), (0.2, "rising"), (-0.2, "falling")],
)
def test_trend_in_words(per_s: float | None, said: str) -> None:
    assert said in words.trend(per_s)


def test_granular_states_that_stand_out_and_reactions_are_said() -> None:
    state = EmotionState(
        captured_ns=0,
        captured_wall=0.0,
        label="anger",
        confidence=0.7,
        modalities={},
        granular={
            "frustration": Granular(0.8, 0.9),
            "grief": Granular(0.9, 0.1),
            "boredom": Granular(0.1, 0.9),
            "engagement": Granular(0.5, 0.5),
        },
    )
    assert words.granular(state) == "frustration 0.80 · engagement 0.50"
    assert words.granular(state, 33) == "frustration 0.80"
    assert words.granular(state, 3) == ""
    why = (Cause("frustration", 0.8, 0.6, modality="voice"), Cause("face.condition", word="ok"))
    reaction = Reaction("comfort", "mira", 1, 0.75, "entered", why)
    began = Event(EventKind.REACTION_BEGAN, 0, 0.0, reaction=reaction)
    assert words.event(began) == (
        "reaction mira: comfort 0.75, frustration 0.80 (voice), face.condition ok"
    )
    ended = Event(EventKind.REACTION_ENDED, 0, 0.0, reaction=reaction)
    assert "comfort, frustration" in words.event(ended), "its strength is no news any more"


def test_what_the_player_is_in_and_what_goes_on_is_shown_and_nothing_is_cut() -> None:
    names = ("frustration", "overwhelm", "confusion")
    state = msgspec.structs.replace(
        happy(), label=UNCERTAIN, granular={name: Granular(0.8, 0.9) for name in names}
    )
    stream = stream_of(state)
    for number, npc in enumerate(("mira", "odo")):
        began = Reaction("comfort", npc, number, 0.72, "entered")
        stream.tell([Event(EventKind.REACTION_BEGAN, 0, 0.0, reaction=began)])
    first, *rest = drawn(stream, 80, 24)
    assert "confusion 0.80 · frustration 0.80" in first
    assert first.rstrip().endswith("Ctrl-C ends")
    (title,) = [line for line in rest if "reacting:" in line]
    assert "mira comfort ━━━╾─ 0.72 · odo comfort ━━━╾─ 0.72" in title
    first, *_ = drawn(stream, 120, 24)
    assert all(f"{name} 0.80" in first for name in names)
    assert "rapport watch · Ctrl-C ends" in first


def test_words_of_a_newer_sidecar_are_shown_as_they_came() -> None:
    newer = Event(EventKind("moon_rose\x1b[2J"), 0, 0.0, detail="full")
    assert words.event(newer) == "moon_rose?[2J full"
    assert words.condition(Condition("upside_down")) == "upside_down"


def test_where_the_emotion_comes_from_has_two_lines_and_a_contradiction_its_name() -> None:
    state = msgspec.structs.replace(
        happy(),
        contradiction=Contradiction("forced_politeness", 0.8, "happiness", "contempt", "thanks"),
        mood=Mood(-0.2, 0.1, -0.34, 0.2, 0.5, 0.9),
        moments={
            "billing_error": Appraisal("escalating", 0.8, 0.7, 90.0),
            "paid_back": Appraisal("unknown", 0.0, 0.1, 3.0),
        },
        conversation=ConversationState(7, "thanks", "player", 12.4),
    )
    lines = drawn(stream_of(state), 80, 24)
    assert len(lines) == 24
    (mood,) = [line for line in lines if line.startswith("  mood")]
    assert mood.split(maxsplit=1)[1].rstrip() == (
        "-0.20 lately, -0.34 for minutes, swinging   7 said, quiet for 12 s"
    )
    (moments,) = [line for line in lines if line.startswith("  moments")]
    assert (
        moments.split(maxsplit=1)[1].rstrip() == "paid_back unknown · billing_error escalating 0.80"
    )
    assert "agreement forced politeness, not ha…" in "".join(lines)
    plain = drawn(stream_of(happy()), 80, 24)
    assert len(plain) == 24
    assert not any(line.startswith(("  mood", "  moments")) for line in plain)
    told = words.line(state, None, 20.0)
    assert told.endswith(
        "forced politeness, not happiness · paid_back unknown · billing_error escalating 0.80"
    )


def test_an_appraisal_has_a_row_only_where_there_is_one() -> None:
    assert not any("appraisal" in line for line in drawn(stream_of(happy()), 80, 24))
    parts = {**happy().modalities, Modality.APPRAISAL: ModalityState(0.2, Condition.OK)}
    lines = drawn(stream_of(msgspec.structs.replace(happy(), modalities=parts)), 80, 24)
    assert any("appraisal" in line and "0.20" in line for line in lines)
    assert len(lines) == 24
