"""The sample game in the real engine: played by a script, by a mood, by keyboard, and drawn."""

import json
import re
import shutil
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.godot_engine import (
    ADDON,
    DRAWING,
    IMPORT_S,
    REPOSITORY,
    RUN_S,
    GodotProject,
    Ran,
    checked,
    picture,
)
from rapport.consent.ledger import Ledger
from rapport.recording.script import parse
from rapport.settings import Consent
from sidecars import SidecarProcess

pytestmark = pytest.mark.system

SAMPLE = REPOSITORY / "godot_sample"
EVENING = SAMPLE / "sessions" / "an_evening.toml"
SPEED = 3.0
APP = "org.rapport.tavern"
ALONE = "[rapport]\n\nsidecar/autostart=false\n"
"""The tests start the sidecars themselves."""
DRAWN_S = 120.0
"""Without a graphics card a picture takes its time."""
SAY_MAX, REPLY_MAX, REPLIES_MAX = 170, 46, 5
"""What the dialogue box has room for."""
PEOPLE = {"mira": "companion", "odo": "merchant", "sel": "bard"}
DIALOGUES = {npc: json.loads((SAMPLE / "talk" / f"{who}.json").read_text(encoding="utf-8"))
             for who, npc in PEOPLE.items()}  # fmt: skip


class Sample(GodotProject):
    """A copy of the sample with the bridge in it, imported once."""

    def __init__(self, godot: Path, folder: Path) -> None:
        self.godot = godot
        self.folder = folder
        leave = shutil.ignore_patterns(".godot", "addons")
        shutil.copytree(SAMPLE, folder, ignore=leave, dirs_exist_ok=True)
        shutil.copytree(ADDON, folder / "addons" / "rapport")
        (folder / "override.cfg").write_text(ALONE, encoding="utf-8")
        self.imported = self.run("--import", seconds=IMPORT_S)


@pytest.fixture(scope="module")
def sample(godot: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(godot, tmp_path_factory.mktemp("tavern"))


def begun(told: list[str]) -> list[str]:
    """Who began what, in order, from the lines about reactions."""
    return [" ".join(line.split()[1:3]) for line in told if line.startswith("began")]


def is_in_order(expected: list[str], found: list[str]) -> bool:
    """Whether all expected are found in this order, whatever is between them."""
    rest = iter(found)
    return all(each in rest for each in expected)


def test_the_sample_is_imported_without_a_complaint(sample: Sample) -> None:
    assert sample.imported.code == 0, sample.imported.output


def test_a_played_evening_brings_every_reaction_in_its_order(
    sample: Sample, player: dict[str, str], start_sidecar: Callable[..., SidecarProcess]
) -> None:
    parse(EVENING.read_text(encoding="utf-8"), EVENING.name)  # else the game waits for nobody
    with sample.start("--", "--script-demo", "--mood", "unsaid", environment=player) as game:
        try:
            assert game.stdout is not None
            before = list(takewhile("ENTERED\n".__ne__, game.stdout))  # so that it misses nothing
            sidecar = start_sidecar("simulate", str(EVENING), "--speed", str(SPEED))
            output, _ = game.communicate(timeout=RUN_S)
        finally:
            game.kill()
    sidecar.finish()
    ran = checked(Ran(game.returncode, "".join(before) + output))
    assert ran.told("CONNECTED")[:2] == ["true", "false"]
    assert "is not used" not in ran.output, "the sidecar has refused a profile"
    reactions = ran.told("REACTION")
    expected = [
        "bard coaxed",
        "merchant offer_proof",
        "companion see_through",
        "companion comfort",
        "merchant give_way",
        "companion give_space",
        "bard melancholy",
        "bard hush",
    ]
    assert is_in_order(expected, begun(reactions)), reactions
    assert "companion celebrate" in begun(reactions)[:3]
    for npc in PEOPLE.values():
        going_on = 0
        for phase, who, _name, strength in map(str.split, reactions):
            going_on += (1 if phase == "began" else -1) if who == npc else 0
            assert going_on <= 1, "two reactions of a group at once"
            assert 0.0 <= float(strength) <= 1.0


@pytest.mark.parametrize(
    ("mood", "at", "expected"),
    [
        ("calm", "merchant", set()),
        ("sad", "companion", {"companion comfort", "bard melancholy"}),
        ("sceptical", "merchant", {"merchant offer_proof"}),
        ("sceptical", "companion", set()),
        ("unsaid", "merchant", set()),
    ],
)
def test_without_a_sidecar_a_chosen_mood_is_answered(
    sample: Sample, player: dict[str, str], mood: str, at: str, expected: set[str]
) -> None:
    ran = sample.run("--", "--mood", mood, "--at", at, "--frames", "300", environment=player)
    assert ran.told("FRAMES") == ["300"]
    assert set(begun(ran.told("REACTION"))) == expected


def test_without_a_sidecar_the_demo_plays_moods(sample: Sample, player: dict[str, str]) -> None:
    ran = sample.run("--", "--script-demo", "--seconds", "37", environment=player)
    expected = [
        "merchant ask_more",
        "merchant offer_proof",
        "merchant give_way",
        "companion give_space",
        "bard melancholy",
        "bard hush",
    ]
    found = begun(ran.told("REACTION"))
    assert is_in_order(expected, found), found
    assert {"bard coaxed", "companion celebrate", "companion comfort"} <= set(found)


def test_consent_talk_and_choice_by_keyboard_alone(
    sample: Sample, player: dict[str, str], start_sidecar: Callable[..., SidecarProcess]
) -> None:
    start_sidecar("run", "--no-camera", "--no-microphone").connect().close()
    consent = "wait 3; enter; wait 2; tab; space; tab; tab; tab; enter; wait 1"
    talk = "left 0.9; enter; wait 1; 2; wait 1; enter; wait 1; escape"
    ran = sample.run("--", "--keys", f"{consent}; {talk}", environment=player)
    assert [re.findall(r"\w+", told) for told in ran.told("CONSENT")] == [["camera"]]
    lines = ran.lines
    assert lines.index("ENTERED") > lines.index(next(x for x in lines if x.startswith("CONSENT")))
    start, *later = ran.told("LINE")
    hello = DIALOGUES["companion"]["lines"]["hello"]
    assert start == f"companion 4 {hello['say']}"
    second, first = hello["replies"][1], 0
    bridge = DIALOGUES["companion"]["lines"][second["to"]]
    after = DIALOGUES["companion"]["lines"][bridge["replies"][first]["to"]]
    assert [told.split(" ", 2)[2] for told in later] == [bridge["say"], after["say"]]
    assert ran.told("LEFT") == ["companion"]
    assert ran.told("MARKED") == [second["marks"]]
    ledger = Ledger(Consent(directory=player["RAPPORT_CONSENT__DIRECTORY"]))
    told = [(entry.action, entry.permissions, entry.app) for entry in ledger.current()]
    assert told == [("grant", ("camera",), APP)]


def test_who_refuses_loses_nothing_and_may_choose_a_mood(
    sample: Sample, player: dict[str, str], start_sidecar: Callable[..., SidecarProcess]
) -> None:
    start_sidecar("run", "--no-camera", "--no-microphone").connect().close()
    refuse = "wait 3; enter; wait 2; escape; wait 1"
    choose = "m; wait 0.5; down; right; enter; wait 2"
    ran = sample.run("--", "--keys", f"{refuse}; {choose}", environment=player)
    assert ran.told("CONSENT") == ["[]"] and "ENTERED" in ran.lines
    assert begun(ran.told("REACTION")) == ["companion celebrate"]
    ledger = Ledger(Consent(directory=player["RAPPORT_CONSENT__DIRECTORY"]))
    assert list(ledger.current()) == []


def test_a_reaction_is_seen_in_the_picture(
    sample: Sample, player: dict[str, str], display: str, tmp_path: Path
) -> None:
    drawn = player | {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def shown(mood: str, *when: str) -> tuple[NDArray[np.float64], dict[str, tuple[int, int]]]:
        path = tmp_path / f"{mood}.png"
        arguments = ("--mood", mood, "--screenshot", str(path), *when)
        ran = sample.run(
            *DRAWING, "--", *arguments, environment=drawn, headless=False, seconds=DRAWN_S
        )
        assert ran.told("PICTURE") == ["OK"], ran.output
        feet = {who: (int(x), int(y)) for who, x, y in map(str.split, ran.told("AREA"))}
        return picture(path).astype(np.float64), feet

    calm, before = shown("calm", "--after", "2")
    comfort, after = shown("frustrated", "--after-reaction", "comfort")
    assert calm.shape == comfort.shape == (720, 1280, 3)
    assert calm.std() > 25.0 and len(np.unique(calm.reshape(-1, 3), axis=0)) > 2000
    assert after["companion"][0] - before["companion"][0] > 100, "Mira has not come over"
    assert after["bard"] == before["bard"]

    def changed(who: str) -> float:
        x, y = after[who]
        area = np.s_[y - 200 : y, x - 50 : x + 50]
        return float(np.abs(comfort[area] - calm[area]).mean())

    print(f"changed: Mira {changed('companion'):.1f}, Sel {changed('bard'):.1f} of 255")  # noqa: T201  a figure or a seed
    assert changed("companion") > 25.0
    assert changed("companion") > 2.5 * changed("bard")


@pytest.mark.parametrize("who", PEOPLE)
def test_every_line_of_a_dialogue_leads_somewhere_and_fits(who: str) -> None:
    dialogue = DIALOGUES[PEOPLE[who]]
    lines = dialogue["lines"]
    reached, waiting = set(), [start["line"] for start in dialogue["starts"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [reply["to"] for reply in lines[name]["replies"] if "to" in reply]
    assert reached == set(lines)
    for name, line in lines.items():
        assert 1 <= len(line["replies"]) <= REPLIES_MAX, name
        assert any("needs" not in reply for reply in line["replies"]), f"{name} is a dead end"
        for words in (line["say"], *line.get("when", {}).values()):
            assert 0 < len(words) <= SAY_MAX, words
        for reply in line["replies"]:
            assert 0 < len(reply["say"]) <= REPLY_MAX, reply["say"]


@pytest.mark.parametrize("who", PEOPLE)
def test_every_reaction_has_words_and_every_binding_a_reaction(who: str) -> None:
    profile = (SAMPLE / "profiles" / f"{PEOPLE[who]}.tres").read_text(encoding="utf-8")
    scene = (SAMPLE / "people" / f"{who}.tscn").read_text(encoding="utf-8")
    reactions = set(re.findall(r'^resource_name = "(\w+): ', profile, re.MULTILINE))
    dialogue = DIALOGUES[PEOPLE[who]]
    assert reactions and set(dialogue["barks"]) == reactions
    assert set(re.findall(r'^reaction = "(\w+)"', scene, re.MULTILINE)) == reactions
    spoken = {name for line in dialogue["lines"].values() for name in line.get("when", {})}
    assert spoken == reactions
