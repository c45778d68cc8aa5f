"""`python -m models.evaluation merc`: one format, honest splits, and a network that remembers."""

import json
import random
from pathlib import Path

import pytest
from models.evaluation import merc_convert
from models.evaluation.merc_corpus import (
    Dialogue,
    Unusable,
    Utterance,
    labels_of,
    read_corpus,
    write_corpus,
)

pytestmark = pytest.mark.tooling

SEED = 20261126
MOODS = ("calm", "cross")


def said(speaker: str, text: str, label: str | None, voice: float | None = None) -> Utterance:
    return Utterance(
        speaker, None, None, text, label, {} if voice is None else {"voice": {"rms": voice}}
    )


def grudges(split: str, count: int, chance: random.Random) -> list[Dialogue]:
    """Dialogues of two: whoever is insulted once is cross in every line after it; the lines
    themselves, and the voice of the other, say nothing."""
    found = []
    for number in range(count):
        victim, other = chance.sample(["a", "b"], 2)
        insulted_at = chance.randrange(2, 6)
        lines = []
        for place in range(12):
            speaker = "ab"[place % 2]
            insult = place == insulted_at + (("ab"[insulted_at % 2]) != other)
            if insult:
                insulted_at = place
            cross = speaker == victim and place > insulted_at
            text = (
                "you are a stupid idiot" if insult else chance.choice(["yes", "the door", "well"])
            )
            lines.append(said(speaker, text, MOODS[cross], chance.gauss(cross, 0.7)))
        found.append(Dialogue(f"{split}{number}", split, lines))
    return found


def written(tmp_path: Path) -> Path:
    print(f"seed {SEED}")  # noqa: T201  tests say their seeds
    chance = random.Random(SEED)
    parts = [("train", 80), ("dev", 20), ("test", 30)]
    file = tmp_path / "grudges.jsonl"
    write_corpus([d for split, n in parts for d in grudges(split, n, chance)], file)
    return file


def test_a_corpus_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    dialogues = [
        Dialogue("1", "train", [said("a", "hi", "joy", 0.5), said("b", "", None)]),
        Dialogue("2", "dev", [said("a", "x", "joy")]),
        Dialogue("3", "test", [said("ä", "…", "joy")]),
    ]
    assert write_corpus(dialogues, file) == 4
    read = read_corpus(file)
    assert [(d.name, d.split, len(d.utterances)) for d in read] == [
        ("1", "train", 2),
        ("2", "dev", 1),
        ("3", "test", 1),
    ]
    assert read[0].utterances[0].features["voice"] == {"rms": 0.5}
    assert read[0].utterances[1].label is None
    assert labels_of(read) == ["joy"]


GOOD = {"dialogue_id": 1, "utterance_id": 2, "speaker": "a", "text": "x", "label": "joy"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"split": "dress"}, "split"),
        ({"split": "train", "speaker": None}, "speaker"),
        ({"split": "train", "voice": [1, 2]}, "voice"),
        ({"split": "train", "start": "soon"}, "float"),
    ],
)
def test_a_line_that_is_not_in_the_format_is_told_with_its_number(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    file = tmp_path / "c.jsonl"
    good = {**GOOD, "split": "train"}
    file.write_text(f"{json.dumps(good)}\n\n{json.dumps({**GOOD, **change})}\n", encoding="utf-8")
    with pytest.raises(Unusable, match="line 3") as refused:
        read_corpus(file)
    assert complaint in str(refused.value)


def test_utterances_are_put_in_order_and_a_dialogue_lies_in_one_part(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    rows = [
        {**GOOD, "dialogue_id": d, "utterance_id": u, "text": f"{d}{u}", "split": split}
        for d, u, split in (
            ("x", 10, "train"),
            ("y", 1, "validation"),
            ("x", 9, "train"),
            ("z", 1, "test"),
        )
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    read = read_corpus(file)
    assert [u.text for u in read[0].utterances] == ["x9", "x10"]
    assert read[1].split == "dev"
    rows[2]["split"] = "test"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(Unusable, match="dialogue x"):
        read_corpus(file)


def test_published_corpora_are_converted_with_people_disjoint_parts(
    shared: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert merc_convert.main(["emorynlp", str(shared / "data/text/emorynlp"), str(out)]) == 0
    dialogues = read_corpus(out)
    assert sum(len(d.utterances) for d in dialogues) == 7551 + 954
    assert sum(len(d.utterances) for d in dialogues if d.split == "test") == 954
    first = dialogues[0].utterances[0]
    assert (first.speaker, first.label) == ("Monica Geller", "joyful")
    assert first.start_s == pytest.approx(2.877)
    assert merc_convert.main(["meld", str(tmp_path), str(out)]) == 2


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The figures of the grudges, causal, and without the words."""
    for package in ("torch", "sklearn"):
        pytest.importorskip(package, reason="needs the packages of the extra `training`")
    from models.evaluation import merc

    file = written(tmp_path_factory.mktemp("merc"))
    arguments = [str(file), "--seeds", "2", "--members", "1", "--steps", "150", "--sentence", "no"]
    options = merc._options([*arguments, "--mask", "text", "--threads", "1"])
    return merc.evaluate(options)


def test_what_was_said_before_decides(figures: dict) -> None:
    assert figures["weighted_f1"]["mean"] > 0.85, "no line and no voice alone says as much"
    assert figures["weighted_f1"]["sd"] >= 0.0
    assert set(figures["per_class"]) == set(MOODS)
    assert figures["n"] == 30 * 12
    assert figures["bidirectional"] is False


def test_without_the_words_the_voice_is_left(figures: dict) -> None:
    masked = figures["masked"]["text"]
    assert 0.55 < masked["weighted_f1"]["mean"] < figures["weighted_f1"]["mean"]
