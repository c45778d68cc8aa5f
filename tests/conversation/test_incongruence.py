"""Words against voice and face: which contradictions are seen, and which never are."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.conversation.incongruence import GLIMPSED, POOR, against, judge
from rapport.conversation.incongruence_parameters import SIGNS, Parameters, Signs, decode
from rapport.conversation.utterance import Summary, Utterance
from rapport.errors import ModelUnreadable
from rapport.experts.dialogue.emotions import NAMES
from rapport.state import (
    CONTRADICTIONS,
    LABELS,
    Condition,
    Distribution,
    Evidence,
    Modality,
    Quality,
)

BUILT_IN = Parameters()
SHARE = st.floats(0.0, 1.0)
DISTRIBUTIONS = st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8).map(
    lambda values: tuple(value / sum(values) for value in values)
)
EMOTIONS = st.none() | st.lists(SHARE, min_size=28, max_size=28).map(tuple)


def shares(label: str, probability: float = 0.7) -> Distribution:
    rest = (1.0 - probability) / (len(LABELS) - 1)
    return tuple(probability if name == label else rest for name in LABELS)


def shown(label: str, quality: float = 0.9, share: float = 0.9) -> Summary:
    return Summary(shares(label), 0.0, 0.0, quality, share)


def said(label: str) -> Evidence:
    return Evidence(Modality.TEXT, 1, Condition.OK, Quality(1.0), shares(label, 0.9))


def feeling(*names: str) -> tuple[float, ...]:
    return tuple(0.9 if name in names else 0.01 for name in NAMES)


def uttered(words: str = "happiness", **known: Any) -> Utterance:
    return Utterance(1, "player", "player", 0, 2_000_000_000, words=said(words), **known)


summaries = st.none() | st.builds(
    Summary,
    DISTRIBUTIONS,
    st.none(),
    st.none(),
    SHARE,
    SHARE,
    st.dictionaries(st.sampled_from(["pitch_range", "warmth"]), st.floats(-9.0, 9.0)),
)
utterances = st.builds(
    Utterance,
    number=st.just(1),
    speaker=st.just("player"),
    role=st.just("player"),
    start_ns=st.just(0),
    end_ns=st.just(2_000_000_000),
    text=st.sampled_from(["", "I'm fine.", "Great, thanks!"]),
    words=st.none()
    | DISTRIBUTIONS.map(lambda d: Evidence(Modality.TEXT, 1, Condition.OK, Quality(1.0), d)),
    emotions=EMOTIONS,
    voice=summaries,
    face=summaries,
    expected=st.none() | DISTRIBUTIONS,
)
weights = st.builds(
    Signs,
    st.floats(-8.0, 8.0),
    st.fixed_dictionaries(
        {n: st.floats(0.0, 3.0).map(lambda x, s=s: s * x) for n, s in SIGNS.items()}
    ),
)
parameters = st.builds(
    Parameters, st.floats(-8.0, 0.0), st.floats(0.0, 4.0), weights, weights, st.floats(0.5, 1.0)
)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("words", "known", "kind"),
    [
        ("happiness", {"voice": shown("anger")}, "sarcasm"),
        ("happiness", {"voice": shown("disgust")}, "sarcasm"),
        ("happiness", {"face": shown("contempt")}, "sarcasm"),
        ("happiness", {"voice": shown("neutral")}, "sarcasm"),
        ("happiness", {"voice": shown("sadness")}, "masking"),
        ("happiness", {"voice": shown("fear"), "face": shown("neutral")}, "masking"),
        (
            "happiness",
            {
                "voice": shown("neutral"),
                "emotions": feeling("gratitude"),
                "expected": shares("anger"),
            },
            "forced_politeness",
        ),
        ("happiness", {"voice": shown("neutral"), "emotions": feeling("gratitude")}, "sarcasm"),
        ("neutral", {"voice": shown("sadness"), "text": "No, I'm fine."}, "masking"),
        ("sadness", {"face": shown("happiness")}, "masking"),
    ],
)
def test_a_contradiction_has_its_kind(words: str, known: dict[str, Any], kind: str) -> None:
    doubt = judge(uttered(words, **known), BUILT_IN)

    assert doubt is not None
    assert (doubt.kind, doubt.strength >= BUILT_IN.say_from) == (kind, True)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("happiness", {"voice": shown("happiness")}),
        ("happiness", {"voice": shown("surprise"), "face": shown("happiness")}),
        ("neutral", {"voice": shown("neutral"), "face": shown("neutral")}),
        ("neutral", {"voice": shown("anger"), "text": "The meeting is at five."}),
        ("anger", {"voice": shown("anger"), "face": shown("anger")}),
        ("sadness", {"voice": shown("sadness"), "face": shown("neutral")}),
        ("neutral", {"voice": shown("happiness"), "text": "I'm fine."}),
    ],
)
def test_what_fits_is_not_doubted(words: str, known: dict[str, Any]) -> None:
    doubt = judge(uttered(words, **known), BUILT_IN)

    assert doubt is not None
    assert (doubt.kind, doubt.keeps) == ("", {})


@pytest.mark.unit
def test_sarcasm_takes_weight_from_the_words_and_masking_from_the_smile() -> None:
    sarcastic = judge(uttered(voice=shown("anger"), line="l7"), BUILT_IN)
    masked = judge(uttered("sadness", face=shown("happiness")), BUILT_IN)

    assert sarcastic is not None and masked is not None
    assert (sarcastic.keeps.keys(), sarcastic.line) == ({Modality.TEXT}, "l7")
    assert masked.keeps.keys() == {Modality.FACE}


@pytest.mark.unit
def test_what_the_conversation_lets_expect_makes_kind_words_more_doubtful() -> None:
    doubts = [
        judge(uttered(voice=shown("neutral"), expected=shares(label)), BUILT_IN)
        for label in ("happiness", "sadness")
    ]

    assert doubts[0] is not None and doubts[1] is not None
    assert doubts[0].strength < doubts[1].strength


@pytest.mark.property
@given(utterances, parameters)
def test_words_alone_or_a_poor_signal_are_no_ground(heard: Utterance, used: Parameters) -> None:
    readable = [
        summary
        for summary in (heard.voice, heard.face)
        if summary is not None and summary.quality > POOR and summary.share > GLIMPSED
    ]

    doubt = judge(heard, used)

    assert (doubt is None) == (heard.words is None or not readable)
    if doubt is not None:
        assert 0.0 <= doubt.strength <= 1.0
        assert doubt.kind in {"", *CONTRADICTIONS}
        assert (doubt.kind != "") == (doubt.strength >= used.say_from)
        assert all(0.0 <= share <= 1.0 for share in doubt.keeps.values())
        assert bool(doubt.keeps) == (doubt.kind != "")


@pytest.mark.property
@given(utterances, parameters, st.sampled_from(["voice", "face"]), SHARE, SHARE)
def test_the_strength_never_rises_as_the_deciding_modality_gets_worse(
    heard: Utterance, used: Parameters, modality: str, quality: float, share: float
) -> None:
    """What speaks for a contradiction decides it; what speaks against it may get worse."""
    own = getattr(heard, modality)
    if own is None:
        return
    others = {"voice": heard.voice, "face": heard.face}
    if against(own, getattr(used, modality)) < 0.0:
        others = {"voice": None, "face": None}
    worse = msgspec.structs.replace(own, quality=own.quality * quality, share=own.share * share)

    before = judge(msgspec.structs.replace(heard, **{**others, modality: own}), used)
    after = judge(msgspec.structs.replace(heard, **{**others, modality: worse}), used)

    assert after is None or (before is not None and after.strength <= before.strength + 1e-9)


@pytest.mark.unit
def test_a_file_comes_back_as_it_was_written() -> None:
    assert decode(msgspec.json.encode(BUILT_IN)) == BUILT_IN


@pytest.mark.unit
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        msgspec.json.encode(Parameters(format=2)),
        msgspec.json.encode(Parameters(voice=Signs(0.0, {"glad": 1.0}))),
        msgspec.json.encode(Parameters(face=Signs(0.0, {"unheard_of": 1.0}))),
        b'{"rare": 1.0}',
    ],
)
def test_a_file_that_makes_no_sense_is_refused(content: bytes) -> None:
    with pytest.raises(ModelUnreadable):
        decode(content)
