"""The text expert with its real model, on real lines and on what is no line."""

import csv
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport import settings
from rapport.errors import ModelUnreadable
from rapport.experts.dialogue import TextExpert
from rapport.experts.dialogue.emotions import NAMES
from rapport.experts.dialogue.expert import LONGEST, MODEL
from rapport.experts.store import Store, manifest
from rapport.state import LABELS, Condition, Evidence, Modality

pytestmark = pytest.mark.model

AT_NS = 123_456_789
LARGEST_BYTES = 4_000_000

CLEAR = {
    "thank you so much, that was awesome!": "happiness",
    "lol that is hilarious": "happiness",
    "what the fuck is wrong with you, you idiot": "anger",
    "i am so sad, i miss her and i cry every day": "sadness",
    "that is disgusting, it makes me want to vomit": "disgust",
    "i am scared, this is terrifying": "fear",
    "wow, i did not expect that at all, what a surprise!": "surprise",
    "the shop opens at nine on monday": "neutral",
}


@pytest.fixture(scope="module")
def expert() -> TextExpert:
    return TextExpert(Store(settings.Models()))


def label_of(evidence: Evidence) -> str:
    assert evidence.distribution is not None
    return LABELS[int(np.argmax(evidence.distribution))]


@pytest.mark.parametrize("line", CLEAR)
def test_clear_lines(expert: TextExpert, line: str) -> None:
    evidence = expert.read(line, AT_NS)
    assert label_of(evidence) == CLEAR[line]
    assert evidence.modality is Modality.TEXT
    assert evidence.captured_ns == AT_NS
    assert evidence.condition is Condition.OK
    assert evidence.present
    assert evidence.model == f"{MODEL}-{manifest()[MODEL].version}"
    assert evidence.quality.score > 0.8


def test_words_of_delight_are_more_pleasant_than_words_of_horror(expert: TextExpert) -> None:
    good = expert.read("a wonderful, happy day with the people that I love", AT_NS)
    bad = expert.read("he was tortured, murdered and left in the dirt", AT_NS)
    assert good.valence is not None and bad.valence is not None
    assert good.valence > 0.1 > -0.1 > bad.valence


def test_not_turns_a_line(expert: TextExpert) -> None:
    plain, turned = (expert.emotions(line) for line in ("i like it", "i do not like it"))
    assert plain is not None and turned is not None
    assert turned["disapproval"] > 2.0 * plain["disapproval"]


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("", Condition.SILENT),
        (" \t\r\n ", Condition.SILENT),
        ("\u200b\ufeff\x00", Condition.SILENT),
        ("\ud83d", Condition.SILENT),
        ("x" * (LONGEST + 1), Condition.CLIPPED),
        ("happy " * LONGEST, Condition.CLIPPED),
        ("\ufdfa" * LONGEST, Condition.NOISY),
        ("\u6211\u5f88\u9ad8\u5174", Condition.NOISY),
        ("qzxv wjkq zzyx pfft'xq", Condition.NOISY),
        ("83291 40577", Condition.NOISY),
    ],
)
def test_what_cannot_be_read_is_told_and_not_guessed(
    expert: TextExpert, line: str, condition: Condition
) -> None:
    evidence = expert.read(line, AT_NS)
    assert evidence.condition is condition
    assert evidence.distribution is None
    assert (evidence.valence, evidence.arousal, evidence.dominance) == (None, None, None)
    assert not evidence.present
    assert evidence.captured_ns == AT_NS
    assert expert.emotions(line) is None


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_string_gives_evidence(expert: TextExpert, line: str) -> None:
    evidence = expert.read(line, AT_NS)
    read = evidence.condition is Condition.OK
    assert (evidence.distribution is not None) == read
    assert 0.0 <= evidence.quality.score <= 1.0
    if evidence.distribution is not None:
        assert sum(evidence.distribution) == pytest.approx(1.0)
        for value in (evidence.valence, evidence.arousal, evidence.dominance):
            assert value is not None and -1.0 <= value <= 1.0


@pytest.mark.parametrize(
    ("line", "label"), [("\U0001f602", "happiness"), ("\U0001f62d\U0001f3fd", "sadness")]
)
def test_an_emoji_alone_is_read_with_little_weight(
    expert: TextExpert, line: str, label: str
) -> None:
    evidence = expert.read(line, AT_NS)
    assert label_of(evidence) == label
    assert 0.0 < evidence.quality.score < 0.5


def test_unknown_words_lower_the_quality(expert: TextExpert) -> None:
    lines = ("i love this game", "i love this qzxvw", "i love qzxvw jjkqx", "i qzxvw jjkqx wvvzq")
    readings = [expert.read(line, AT_NS) for line in lines]
    scores = [reading.quality.score for reading in readings]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_the_same_line_reads_the_same_from_many_threads(expert: TextExpert) -> None:
    lines = list(CLEAR) * 20
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda line: expert.read(line, AT_NS), lines))
    assert together == [expert.read(line, AT_NS) for line in lines]


def test_a_line_is_in_no_log(expert: TextExpert, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for line in ("my secret is marmalade", "", "marmalade" * LONGEST, "\ud800 marmalade"):
            expert.read(line, AT_NS)
    assert "marmalade" not in caplog.text


def test_the_file_tells_nothing_of_the_machine_it_was_made_on() -> None:
    content = Store(settings.Models()).path(MODEL).read_bytes()
    assert b"site-packages" not in content and b".py" not in content


def test_the_model_is_small_and_its_thresholds_are_there(expert: TextExpert) -> None:
    assert Store(settings.Models()).path(MODEL).stat().st_size <= LARGEST_BYTES
    assert tuple(expert.thresholds) == NAMES
    assert all(0.0 < value < 1.0 for value in expert.thresholds.values())


@pytest.mark.parametrize(
    "broken",
    [
        {"vocabulary": ""},
        {"vocabulary": "no base64"},
        {"vocabulary": "AAA="},
        {"temperature": "warm"},
        {"thresholds": "[0.5]"},
        {"thresholds": "null"},
    ],
)
def test_a_model_without_its_notes_is_refused(broken: dict[str, str]) -> None:
    class Altered(Store):
        def load(self, model_id: str) -> Any:
            model = super().load(model_id)
            model.metadata = model.metadata | broken
            return model

    with pytest.raises(ModelUnreadable, match=MODEL):
        TextExpert(Altered(settings.Models()))


def test_held_out_comments_are_mostly_read_right(expert: TextExpert, shared: Path) -> None:
    """The first 600 of GoEmotions' dev split; the whole split is for `models.evaluation`."""
    path = shared / "data/text/goemotions/dev.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[:600]
    hits = []
    for text, labels, _ in rows:
        found = expert.emotions(text)
        if found is not None:
            best = NAMES.index(max(found, key=lambda name: found[name]))
            hits.append(best in {int(label) for label in labels.split(",")})
    assert len(hits) >= 595
    assert np.mean(hits) > 0.5, np.mean(hits)
