"""`rapport profile` as a designer types it."""

import json
from pathlib import Path

import pytest

from rapport.reactions.presets import shipped
from rapport.reactions.profile import load, schema
from rapport.reactions.signals import CATALOGUE, OPEN_NAMES

from .conftest import Rapport

pytestmark = pytest.mark.system

MISTAKEN = """\
title = "Mira"

[reaction.comfort]
when = { signal = "sadnes", enter = 0.5 }
holds_s = 2.0
"""


@pytest.fixture
def mistaken(tmp_path: Path) -> Path:
    path = tmp_path / "mira.toml"
    path.write_text(MISTAKEN, encoding="utf-8")
    return path


def test_every_mistake_is_told_with_its_line_and_a_suggestion(
    rapport: Rapport, mistaken: Path
) -> None:
    ended = rapport("profile", "check", str(mistaken))
    assert ended.code == 1
    first, second = ended.out.splitlines()
    assert first.startswith(f"{mistaken}:4: reaction.comfort.when.signal: ")
    assert first.endswith("did you mean 'sadness'?")
    assert second.startswith(f"{mistaken}:5: reaction.comfort.holds_s: ")
    assert second.endswith("did you mean 'hold_s'?")


def test_programs_get_the_same_of_every_file(
    rapport: Rapport, mistaken: Path, tmp_path: Path
) -> None:
    good, missing = tmp_path / "good.json", tmp_path / "missing.toml"
    good.write_text('{"reaction": {"a": {"when": {"signal": "fear", "enter": 0.5}}}}')
    ended = rapport("profile", "check", str(good), str(mistaken), str(missing), "--json")
    assert ended.code == 1
    fine, wrong, gone = json.loads(ended.out)
    assert fine == {"file": str(good), "problems": [], "reactions": ["a"]}
    assert [(p["line"], p["suggestion"]) for p in wrong["problems"]] == [
        (4, "sadness"),
        (5, "hold_s"),
    ]
    assert "cannot be read" in gone["problems"][0]["what"]


def test_what_a_file_says_does_not_move_the_cursor(rapport: Rapport, tmp_path: Path) -> None:
    path = tmp_path / "evil.toml"
    path.write_text('title = "\\u001b[2J"\n"\\u001b]0;x\\u0007" = 1\n', encoding="utf-8")
    ended = rapport("profile", "check", str(path))
    assert ended.code == 1
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("name", [found.name for found in shipped()])
def test_every_preset_is_a_good_beginning(rapport: Rapport, tmp_path: Path, name: str) -> None:
    path = tmp_path / "new one.toml"
    ended = rapport("profile", "init", str(path), "--preset", name)
    assert (ended.code, ended.err) == (0, "")
    assert load(path)[0].reaction
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert rapport("profile", "check", str(path)).code == 0


def test_nothing_is_overwritten(rapport: Rapport, mistaken: Path) -> None:
    ended = rapport("profile", "init", str(mistaken))
    assert ended.code == 1
    assert "profile_exists" in ended.err
    assert mistaken.read_text(encoding="utf-8") == MISTAKEN
    ended = rapport("profile", "init", str(mistaken.parent / "none" / "m.toml"))
    assert "cannot be made" in ended.err
    assert rapport("profile", "init", "m.json").code == 2


def test_an_unknown_preset_is_told_with_those_there_are(rapport: Rapport, tmp_path: Path) -> None:
    ended = rapport("profile", "init", str(tmp_path / "m.toml"), "--preset", "barman")
    assert ended.code == 1
    assert "merchant" in ended.err
    assert list(tmp_path.glob("*.toml")) == []


def test_the_schema_presets_and_signals_are_printed(
    rapport: Rapport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert json.loads(rapport("profile", "schema").out) == json.loads(json.dumps(schema()))
    listed = json.loads(rapport("profile", "list", "--json").out)
    assert [found["name"] for found in listed] == [found.name for found in shipped()]
    table = rapport("profile", "list").out
    assert all(reaction in table for found in listed for reaction in found["reactions"])
    signals = json.loads(rapport("profile", "signals", "--json").out)
    assert [signal["name"] for signal in signals] == [*CATALOGUE, *OPEN_NAMES]
    table = rapport("profile", "signals").out
    assert all(name in table for name in CATALOGUE)
    assert max(map(len, table.splitlines())) <= 80
