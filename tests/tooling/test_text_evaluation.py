"""`python -m models.evaluation text` on good and bad input."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from models.evaluation.text_lines import read_items

from rapport.experts.dialogue.emotions import NAMES
from rapport.state import LABELS

pytestmark = pytest.mark.tooling


def evaluate(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "models.evaluation", "text", *arguments]
    return subprocess.run(
        command, cwd=repository, capture_output=True, text=True, encoding="utf-8", timeout=100
    )


def figures_of(repository: Path, *arguments: str) -> dict:
    done = evaluate(repository, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_figures_of_labelled_lines_beside_bad_rows(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "lines.tsv"
    file.write_text(
        'thank you so much, that is "great!\t15,0\ta1\n'
        "i am so angry, fuck you\tanger\ta2\n"
        "this is terrifying, i am scared\t14\n"
        "so sad, but i love you\t25,18\ta4\n"
        "\t27\tblank\n"
        "no labels\n"
        "a label that is none\t28\ta5\n"
        "another\tjoyous\ta6\n",
        encoding="utf-8",
    )
    figures = figures_of(repository, str(file))
    assert figures["n"] == 5
    assert figures["n_basic"] == 4, "sadness with love is no basic emotion"
    assert figures["left_out"] == {"no labels": 1, "unknown label": 2}
    assert figures["read"] == pytest.approx(0.8), "the blank line is not read"
    assert figures["accuracy"] == pytest.approx(0.75)
    assert figures["per_class"] == {"neutral": 0.0, "happiness": 1.0, "anger": 1.0, "fear": 1.0}
    assert figures["uar"] == pytest.approx(0.75)
    assert np.sum(figures["confusion"]) == 3
    assert set(figures["f1"]) == {
        "admiration", "anger", "fear", "gratitude", "love", "neutral", "sadness",
    }  # fmt: skip
    assert figures["macro_f1"] == pytest.approx(np.mean(list(figures["f1"].values())))
    assert figures["f1"]["gratitude"] == figures["f1"]["fear"] == 1.0
    assert figures["pearson"] is None
    assert 0.0 <= figures["ece"] <= 1.0 and figures["ms_per_item"] > 0.0
    table = evaluate(repository, str(file))
    assert table.returncode == 0 and "macro_f1" in table.stdout and "contempt" in table.stdout


def test_figures_of_rated_lines(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "rated.csv"
    file.write_text(
        "id,split,V,A,text\n"
        '1,dev,4.5,3.5,"what a wonderful, happy day, i love it"\n'
        "2,dev,1.2,3.6,he was murdered and they cried\n"
        "3,dev,3.0,2.6,the report is on the table\n"
        "4,train,5.0,3.0,left out\n"
        "5,dev,,,not rated\n",
        encoding="utf-8",
    )
    figures = figures_of(repository, str(file), "--split", "dev")
    assert figures["n"] == 3
    assert figures["left_out"] == {"no labels": 1}
    assert figures["pearson"]["valence"] > 0.8
    assert figures["pearson"]["dominance"] is None
    assert figures["accuracy"] is None and figures["macro_f1"] is None


def test_names_of_other_corpora(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "dialogue.csv"
    file.write_text(
        "Sr No.,Utterance,Speaker,Emotion\n"
        "1,Thank you so much!,A,joy\n"
        "2,I am so sad.,B,sadness\n"
        "3,Whatever.,B,peaceful\n",
        encoding="utf-8",
    )
    figures = figures_of(repository, str(file))
    assert (figures["n"], figures["accuracy"]) == (2, 1.0)


JOY, FEAR = "happiness", "fear"
GLAD, SCARED = "i love this, thank you so much", "this is terrifying, i am scared"

FORMS = {
    "byte order mark": f"\ufeff{GLAD}\t15\n{SCARED}\t14\n",
    "lines of Windows": f"{GLAD}\t15\tid\r\n\r\n{SCARED}\t14\tid\r\n   \r\n",
    "lines of an old Mac": f"{GLAD}\t15\r{SCARED}\t14\r",
    "blank lines first": f"\n\n{GLAD}\t15\n\n{SCARED}\tfear\n",
    "quoted cells": f'"{GLAD}"\t"15"\n"{SCARED} ""really"""\t14\n',
    "names in brackets": f"text\tlabels\n{GLAD}\t['gratitude', 'love']\n{SCARED}\t[14]\n",
    "other separators": f"id\tText\tLABEL\n1\t{GLAD}\t15;18\n2\t{SCARED}\tfear|nervousness\n",
    "numbers of ours": f"emotion\ttext\n1\t{GLAD}\n6\t{SCARED}\n",
    "commas": f'sentence,emotion\n"{GLAD}",Happy\n"{SCARED}",afraid\n"{SCARED}",fearful\n',
    "of other corpora, no header": f"{GLAD}\thappy\n{SCARED}\tfearful\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_all_forms_of_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "lines.tsv"
    file.write_text(FORMS[name], encoding="utf-8", newline="")
    items, left_out = read_items(file)
    assert [LABELS[item.basic] for item in items] == [JOY, FEAR]
    assert items[0].text == GLAD
    assert items[1].text.startswith(SCARED) and "\r" not in items[1].text
    assert left_out == ({"unknown label": 1} if name == "commas" else {})


def test_one_column_for_each_label_and_wide_characters(tmp_path: Path) -> None:
    file = tmp_path / "raw.csv"
    columns = ",".join(NAMES)
    ones = [",".join(str(int(name in wanted)) for name in NAMES) for wanted in (("joy", "love"),)]
    file.write_text(f"text,id,{columns}\nso good,1,{ones[0]}\nwhat,2{',0' * 28}\n", "utf-16")
    items, left_out = read_items(file)
    assert items[0].labels == (NAMES.index("joy"), NAMES.index("love"))
    assert left_out == {"no labels": 1}


def test_intervals_and_pictures(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "lines.tsv"
    file.write_text(f"{GLAD}\t15\n{SCARED}\t14\nthe table is here\t27\n" * 4, encoding="utf-8")
    drawn = tmp_path / "drawn"
    figures = figures_of(repository, str(file), "--bootstrap", "30", "--pictures", str(drawn))
    for name in ("macro_f1", "accuracy", "uar"):
        low, high = figures["intervals"][name]
        assert low <= figures[name] <= high
    assert {path.name for path in drawn.iterdir()} == {
        "text_emotion-confusion.svg", "text_emotion-reliability.svg",
    }  # fmt: skip


@pytest.mark.parametrize("content", [None, "", "text\temotion\n", "only a text\n"])
def test_what_cannot_be_evaluated_is_said(
    repository: Path, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "file.tsv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = evaluate(repository, str(file))
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
