"""Every signal: its value, how sure it is, which modality carried it, and when it is unknown."""

import math

import msgspec
import pytest

from rapport.reactions import signals
from rapport.reactions.notes import notes
from rapport.reactions.profile import parse
from rapport.reactions.signal import Reading
from rapport.reactions.signals import CATALOGUE
from rapport.state import (
    BURSTS,
    GRANULAR,
    LABELS,
    Appraisal,
    Burst,
    Condition,
    Contradiction,
    ConversationState,
    EmotionState,
    Granular,
    Modality,
    ModalityState,
    Mood,
    Quality,
)

pytestmark = pytest.mark.unit

FACE = ModalityState(
    0.6, Condition.NOISY, Quality(0.7), 10.0, (0.0, 0.2, 0.0, 0.1, 0.7, 0.0, 0.0, 0.0), 0.1, -0.2
)
VOICE = ModalityState(
    0.4, Condition.OK, Quality(0.5), 20.0, (0.0, 0.8, 0.0, 0.1, 0.1, 0.0, 0.0, 0.0), -0.5, 0.1
)
EVERYTHING = EmotionState(
    captured_ns=0,
    captured_wall=0.0,
    label="anger",
    confidence=0.55,
    modalities={Modality.FACE: FACE, Modality.VOICE: VOICE},
    probabilities=(0.0, 0.44, 0.0, 0.1, 0.46, 0.0, 0.0, 0.0),
    valence=-0.3,
    arousal=-0.1,
    dominance=0.2,
    trend=-0.05,
    speaking=True,
    face_present=False,
    incongruence=0.8,
    burst=Burst("sigh", 0.9),
    granular={"boredom": Granular(0.3, 0.25)},
    contradiction=Contradiction("sarcasm", 0.85, "happiness", "anger", "thanks"),
    mood=Mood(0.2, -0.1, -0.4, 0.3, 0.6, 0.7),
    moments={
        "betrayal": Appraisal("escalating", 0.8, 0.65, 12.0),
        "a.b-c": Appraisal("steady", 1.0, 0.5, 1.0),
        "too_dark": Appraisal("unknown", 0.0, 0.1, 90.0),
    },
    conversation=ConversationState(7, "thanks", "player", 3.5),
)
NOTHING = EmotionState(0, 0.0, "uncertain", 0.0, {})


def read(name: str, state: EmotionState = EVERYTHING, **context: float | str) -> Reading | None:
    signal = signals.find(name)
    assert signal is not None
    return signal.read(state, context)


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("anger", Reading(0.46, "", 0.55, "face")),
        ("happiness", Reading(0.44, "", 0.55, "voice")),
        ("neutral", Reading(0.0, "", 0.55, "")),
        ("valence", Reading(-0.3, "", 0.55, "voice")),
        ("arousal", Reading(-0.1, "", 0.55, "face")),
        ("dominance", Reading(0.2, "", 0.55, "face")),
        ("trend", Reading(-0.05, "", 0.55, "voice")),
        ("incongruence", Reading(0.8)),
        ("confidence", Reading(0.55, "", 1.0, "face")),
        ("boredom", Reading(0.3, "", 0.25, "face")),
        ("grief", None),
        ("speaking", Reading(1.0, "", 1.0, "voice")),
        ("face_present", Reading(0.0, "", 1.0, "face")),
        ("label", Reading(None, "anger", 0.55, "face")),
        ("burst.sigh", Reading(0.9, "", 1.0, "voice")),
        ("burst.laugh", Reading(0.0, "", 1.0, "voice")),
        ("face.condition", Reading(None, "noisy", 1.0, "face")),
        ("face.quality", Reading(0.7, "", 1.0, "face")),
        ("voice.weight", Reading(0.4, "", 1.0, "voice")),
        ("text.condition", None),
        ("text.quality", None),
        ("text.weight", None),
        ("mood.valence", Reading(0.2, "", 0.7)),
        ("mood.arousal", Reading(-0.1, "", 0.7)),
        ("mood.long_valence", Reading(-0.4, "", 0.7)),
        ("mood.long_arousal", Reading(0.3, "", 0.7)),
        ("mood.volatility", Reading(0.6, "", 0.7)),
        ("moment.betrayal", Reading(None, "escalating", 0.65)),
        ("moment.betrayal.strength", Reading(0.8, "", 0.65)),
        ("moment.a.b-c", Reading(None, "steady", 0.5)),
        ("moment.a.b-c.strength", Reading(1.0, "", 0.5)),
        ("moment.too_dark", None),
        ("moment.too_dark.strength", None),
        ("moment.never_marked", None),
        ("contradiction", Reading(None, "sarcasm", 0.85)),
        ("contradiction.strength", Reading(0.85)),
        ("conversation.pause_s", Reading(3.5)),
        ("conversation.role", Reading(None, "player")),
        ("conversation.line", Reading(None, "thanks")),
    ],
)
def test_a_signal_is_read_from_the_state(name: str, reading: Reading | None) -> None:
    assert read(name) == reading


@pytest.mark.parametrize("name", [*CATALOGUE, "moment.betrayal", "moment.betrayal.strength"])
def test_of_nothing_everything_is_unknown(name: str) -> None:
    assert read(name, NOTHING) is None


@pytest.mark.parametrize("condition", sorted(signals.NOT_HEARD))
def test_a_burst_is_unknown_where_nobody_listens(condition: Condition) -> None:
    voice = msgspec.structs.replace(VOICE, condition=condition)
    state = msgspec.structs.replace(EVERYTHING, modalities={Modality.VOICE: voice}, burst=None)
    assert read("burst.laugh", state) is None


def test_no_contradiction_is_known_only_where_it_was_looked_for() -> None:
    agreed = msgspec.structs.replace(EVERYTHING, contradiction=None)
    assert read("contradiction", agreed) == Reading(None, "none")
    assert read("contradiction.strength", agreed) == Reading(0.0)
    alone = msgspec.structs.replace(agreed, incongruence=None)
    assert read("contradiction", alone) is None
    assert read("contradiction.strength", alone) is None


def test_a_pause_is_zero_while_somebody_speaks_and_unknown_before_anybody_did() -> None:
    def paused(talk: ConversationState | None) -> Reading | None:
        return read("conversation.pause_s", msgspec.structs.replace(EVERYTHING, conversation=talk))

    assert paused(ConversationState(1, pause_s=None)) == Reading(0.0)
    assert paused(ConversationState(0, pause_s=None)) is None
    assert paused(None) is None
    assert (
        read(
            "conversation.line",
            msgspec.structs.replace(EVERYTHING, conversation=ConversationState(1)),
        )
        is None
    )
    pause = signals.find("conversation.pause_s")
    assert pause is not None
    assert pause.default_exit(4.0) == 2.0


@pytest.mark.parametrize(
    "name", ["moment.", "moment..strength", "moment.the boss", "moment." + "x" * 65]
)
def test_what_no_game_can_mark_is_no_signal(name: str) -> None:
    assert signals.find(name) is None


def test_several_alike_carry_it_together() -> None:
    twins = {Modality.FACE: FACE, Modality.VOICE: FACE}
    state = msgspec.structs.replace(EVERYTHING, modalities=twins)
    assert read("anger", state) == Reading(0.46, "", 0.55, "")


def test_the_games_own_variables_are_numbers_flags_and_words() -> None:
    assert read("context.a.b", **{"a.b": 3}) == Reading(3.0)
    assert read("context.a", a=True) == Reading(1.0)
    assert read("context.a", a="inn") == Reading(None, "inn")
    assert read("context.a") is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
def test_what_is_no_number_to_compare_is_unknown(value: float) -> None:
    assert read("context.a", a=value) is None
    assert read("valence", msgspec.structs.replace(EVERYTHING, valence=value)) is None


def test_the_catalogue_has_every_word_of_the_state() -> None:
    assert {*LABELS, *GRANULAR, *(f"burst.{name}" for name in BURSTS)} <= set(CATALOGUE)
    assert all(signal.words == () or signal.kind == "word" for signal in CATALOGUE.values())


def test_groups_and_priorities_that_do_nothing_are_noted() -> None:
    one = '[reaction.{0}]\nwhen = {{ signal = "anger", enter = 0.5 }}\n{1}\n'
    text = (
        one.format("a", 'group = "mood"')
        + one.format("b", 'group = "mood"\npriority = 1')
        + one.format("c", 'group = "moood"')
        + one.format("d", "priority = 2")
    )
    typo, alone = notes(parse(text, "toml"))
    assert typo.startswith("reaction.c.group") and "did you mean 'mood'" in typo
    assert alone.startswith("reaction.d.priority")
    assert list(notes(parse(one.format("a", 'group = "mood"'), "toml"))) == [
        "reaction.a.group: no other reaction is in 'mood'"
    ]
