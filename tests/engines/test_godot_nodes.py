"""The Godot bridge's nodes in the real engine: profiles, reactors, bindings, the mock."""

import json
import math
import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engines.godot_engine import ADDON, GodotProject
from rapport.reactions.engine import Engine
from rapport.reactions.profile import parse
from rapport.state import GRANULAR, LABELS, EmotionState, EventKind
from sidecars import SidecarProcess

pytestmark = pytest.mark.system

SEED = 20261126
TICK_NS = 100_000_000
EVERYTHING = """
title = "Everything"
description = "All that a profile can say."
[reaction.a]
description = "One of each."
when = { all = [
  { signal = "frustration", enter = 0.6, exit = 0.4, for_s = 1.5, min_confidence = 0.3 },
  { not = { signal = "speaking", is = true } },
  { any = [
    { signal = "face.condition", is = ["ok", "occluded"], unknown = "ignore" },
    { signal = "context.hurt", is = "badly", unknown = "hold", unknown_s = 2.5 },
    { signal = "valence", enter = -0.5, exit = -0.3 },
  ] },
] }
hold_s = 2
cooldown_s = 20.0
decay_s = 1.25
priority = 10
group = "attention"
min_confidence = 0.4
unknown = "end"
unknown_s = 7.0
strength = [[0.5, 0.2], [1.0, 1.0]]
[reaction."b-2"]
when.signal = "burst.laugh"
when.enter = 5e-1
"""


@pytest.fixture
def alone(clean_environment: dict[str, str]) -> dict[str, str]:
    """An environment in which no sidecar is found that somebody else runs here."""
    return clean_environment


def test_profiles_mean_the_same_to_godot_and_to_the_sidecar(
    project: GodotProject, repository: Path, tmp_path: Path
) -> None:
    presets = repository / "plugin" / "rapport" / "reactions" / "presets"
    texts = {path.name: path.read_text(encoding="utf-8") for path in presets.glob("*.toml")}
    texts["everything.toml"] = EVERYTHING
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = project.case("profile_files", str(tmp_path)).told("PROFILE")
    assert len(told) == len(texts) > 7
    for line in told:
        read = json.loads(line)
        assert read["warnings"] == []
        assert parse(read["json"], "json") == parse(texts[read["file"]], "toml")


def test_the_presets_in_the_addon_are_those_of_the_sidecar(repository: Path) -> None:
    presets = repository / "plugin" / "rapport" / "reactions" / "presets"
    ours = {path.name: path.read_bytes() for path in (ADDON / "presets").glob("*.toml")}
    assert ours == {path.name: path.read_bytes() for path in presets.glob("*.toml")}


def test_toml_is_read_as_python_reads_it_or_refused(project: GodotProject, tmp_path: Path) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    chance = random.Random(SEED)
    texts = [EVERYTHING, "", "# nothing", *(spoilt(chance) for _ in range(400))]
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    told = [json.loads(line) for line in project.case("profile_texts", str(file)).told("READ")]
    assert len(told) == len(texts)
    accepted = 0
    for text, read in zip(texts, told, strict=True):
        try:
            expected = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            assert read["error"], text
            assert 1 <= read["line"] <= text.count("\n") + 2, text
            continue
        if not read["error"]:
            accepted += 1
            assert read["value"] == expected, text
    assert not told[0]["error"] and accepted > 50


def spoilt(chance: random.Random) -> str:
    """The profile with some of it changed, so that about half of the results are TOML still."""
    lines = EVERYTHING.splitlines()
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(lines))
        line = lines[place]
        at = chance.randrange(len(line) + 1)
        lines[place] = chance.choice(
            [
                line[:at] + chance.choice("[]{}=\"'#,.\\ \t_-0eé") + line[at:],
                line[:at] + line[at + 1 :],
                "",
                line + " # and so on",
                'text = """two\n  lines \\u00e9 \\"""" # end',
                "other = 'C:\\path' ",
                "number = -1_000.5e-3",
            ]
        )
    return "\n".join(lines)


def test_edits_are_noticed_and_mistakes_are_warned_of(project: GodotProject) -> None:
    ran = project.case("profile_edits")
    warnings = "\n".join(ran.told("WARNING_OF"))
    for part in (
        "'sadnes'; perhaps sadness",
        "1 to 16 conditions",
        "Two reactions",
        "no condition",
    ):
        assert part in warnings
    assert ran.told("STILL") == []
    assert int(ran.told("CHANGES")[0]) >= 6
    assert ran.told("STRENGTH") == ["0.200 0.600 1.000"]
    profile = parse(ran.told("JSON")[0], "json")
    assert profile.reaction["comfort"].strength == ((0.5, 0.2), (1.0, 1.0))


def test_the_mocks_levels_are_the_sidecars_where_time_has_no_part(
    project: GodotProject, tmp_path: Path
) -> None:
    print(f"seed {SEED}")  # noqa: T201  a figure or a seed
    chance = random.Random(SEED)
    runs = [
        {
            "profile": {"reaction": {name: timeless(chance) for name in "abc"}},
            "steps": [{"state": state(chance), "context": context(chance)} for _ in range(40)],
        }
        for _ in range(60)
    ]
    file = tmp_path / "runs.json"
    file.write_text(json.dumps(runs), encoding="utf-8")
    told = project.case("levels", str(file)).told("TOLD")
    assert len(told) == len(runs)
    firings = 0
    for one, line in zip(runs, told, strict=True):
        expected = by_the_sidecar(one)
        found = json.loads(line)
        firings += len(found)
        assert [each[:4] for each in found] == [each[:4] for each in expected]
        for ours, its in zip(found, expected, strict=True):
            assert its[1] != "began" or math.isclose(ours[4], its[4], abs_tol=1e-5)
    assert firings > 500


def by_the_sidecar(one: dict[str, Any]) -> list[list[Any]]:
    """What the sidecar's engine tells of a run, step by step."""
    engine = Engine(parse(json.dumps(one["profile"]), "json"), "npc")
    words = {EventKind.REACTION_BEGAN: "began", EventKind.REACTION_ENDED: "ended"}
    told = []
    for index, step in enumerate(one["steps"]):
        known = msgspec.convert(step["state"], EmotionState)
        fired: list[list[Any]] = [
            [index, words[kind], reaction.name, reaction.reason, reaction.strength]
            for kind, reaction in engine.tick(known, index * TICK_NS, step["context"])
            if kind in words
        ]
        told += sorted(fired, key=lambda each: each[2])
    return told


def timeless(chance: random.Random) -> dict[str, Any]:
    """A reaction in which time has no part."""
    rule = {
        "when": when(chance, 3),
        "hold_s": 0.0,
        "cooldown_s": 0.0,
        "decay_s": 0.0,
        "unknown": chance.choice(["end", "ignore"]),
        "min_confidence": chance.choice([0.0, 0.5]),
    }
    if chance.random() < 0.3:
        rule["strength"] = [[0.25, 0.5], [0.5, 0.75], [1.0, 1.0]]
    return rule


def when(chance: random.Random, depth: int) -> dict[str, Any]:
    """A condition without dwell."""
    kind = chance.choice(["all", "any", "not", "leaf", "leaf"]) if depth else "leaf"
    if kind in ("all", "any"):
        return {kind: [when(chance, depth - 1) for _ in range(chance.randint(1, 3))]}
    if kind == "not":
        return {"not": when(chance, depth - 1)}
    leaf: dict[str, Any]
    if chance.random() < 0.3:
        leaf = chance.choice(
            [
                {"signal": "speaking", "is": chance.random() < 0.5},
                {"signal": "label", "is": ["anger", "sadness"]},
                {"signal": "face.condition", "is": "ok"},
                {"signal": "context.mood", "is": ["good", "bad"]},
            ]
        )
    else:
        name = chance.choice(
            [*LABELS[:4], *GRANULAR[:3], "valence", "context.health", "burst.sigh", "voice.weight"]
        )
        leaf = {"signal": name, "enter": chance.choice([0.25, 0.5, 0.625])}
        if chance.random() < 0.6:
            leaf["exit"] = leaf["enter"] + chance.choice([-0.125, 0.125])
    if chance.random() < 0.3:
        leaf["unknown"] = chance.choice(["end", "ignore"])
    return leaf


def state(chance: random.Random) -> dict[str, Any]:
    """A state with numbers that both engines write alike."""
    known = chance.random() < 0.8
    voice = chance.choice(["ok", "silent", "disabled"])
    shares = [0.0] * len(LABELS)
    for _ in range(8):
        shares[chance.randrange(4)] += 0.125
    return {
        "captured_ns": 1,
        "captured_wall": 1.0,
        "label": chance.choice(["anger", "sadness", "uncertain"]) if known else "uncertain",
        "confidence": chance.choice([0.25, 0.75]) if known else 0.0,
        "modalities": {
            "face": {"weight": 0.5, "condition": chance.choice(["ok", "low_light"])},
            "voice": {"weight": 0.5, "condition": voice, "quality": {"score": 0.5}},
        },
        "probabilities": shares if known else None,
        "valence": chance.choice([-0.75, 0.25, 0.75]) if known else None,
        "speaking": chance.choice([True, False, None]),
        "burst": {"name": "sigh", "confidence": 0.75} if chance.random() < 0.3 else None,
        "granular": {
            name: {"value": chance.randrange(9) / 8, "confidence": chance.choice([0.25, 0.75])}
            for name in GRANULAR[:3]
            if chance.random() < 0.8
        },
    }


def context(chance: random.Random) -> dict[str, Any]:
    """The game's own variables, some of them now and then not set."""
    values = {"health": chance.randrange(9) / 8, "mood": chance.choice(["good", "bad", "odd"])}
    return {name: value for name, value in values.items() if chance.random() < 0.8}


@pytest.mark.parametrize("case", ["bindings", "binding_targets"])
def test_bindings_move_properties_and_put_them_back(
    project: GodotProject, alone: dict[str, str], case: str
) -> None:
    project.case(case, environment=alone)


def test_a_reactor_tells_its_profile_its_context_and_every_edit(
    project: GodotProject,
    clean_environment: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    start_sidecar("simulate", "calm_then_frustrated", "--loop").connect().close()
    ran = project.case("reactor", environment=clean_environment)
    assert ran.told("BEGAN")[0] == "cheer 0.75 entered"
    assert ran.told("STRENGTH") == ['0.75 ACTIVE ["cheer"]']
    assert ran.told("LISTED") == ["Mira"]
    assert "cheeer" in ran.told("REFUSED")[0]
    assert ran.told("LEFT") == ["0"]


def test_a_saved_profile_is_taken_over_by_the_running_game(
    project: GodotProject, alone: dict[str, str]
) -> None:
    project.case("saved_profile", environment=alone)


def test_a_mock_lets_characters_react_without_a_sidecar(
    project: GodotProject, alone: dict[str, str]
) -> None:
    assert project.case("mock", environment=alone).told("CHEER")[0] == "0.8"


def test_the_guides_ten_minutes_lead_to_a_character_that_reacts(
    project: GodotProject, alone: dict[str, str]
) -> None:
    assert project.case("ten_minutes", environment=alone).told("ACTIVE") == ['["comfort"]']


def test_the_guides_code_compiles(
    project: GodotProject, repository: Path, alone: dict[str, str]
) -> None:
    guide = (repository / "docs" / "godot.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```gdscript\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) >= 4
    scripts = [project.folder / f"guide_{number}.gd" for number in range(len(blocks))]
    for script, block in zip(scripts, blocks, strict=True):
        script.write_text(block, encoding="utf-8")
    project.case("compiles", *(f"res://{script.name}" for script in scripts), environment=alone)
