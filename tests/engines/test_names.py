"""One list of names, and both bridges have them; so do their defaults."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapport.reactions.rules import Rule

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
BRIDGE = REPOSITORY / "bridge"
GODOT = BRIDGE / "godot" / "addons" / "rapport"
UNITY = BRIDGE / "unity" / "com.rapport.bridge" / "Runtime" / "Unity"
NAMES: dict[str, Any] = tomllib.loads((BRIDGE / "protocol" / "names.toml").read_text("utf-8"))
CLASSES = [name for name, told in NAMES.items() if "godot" in told]


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@pytest.mark.parametrize("name", CLASSES)
def test_godot_has_every_name(name: str) -> None:
    told = NAMES[name]
    text = (GODOT / told["godot"]).read_text(encoding="utf-8")
    for event in told.get("events", ()):
        assert re.search(rf"^signal {event}\b", text, re.MULTILINE), event
    for prop in told.get("properties", ()):
        assert re.search(rf"^(@export\S* )?var {prop}\b", text, re.MULTILINE), prop
    for method in told.get("methods", ()):
        assert re.search(rf"^(static )?func {method}\(", text, re.MULTILINE), method


@pytest.mark.parametrize("name", CLASSES)
def test_unity_has_every_name(name: str) -> None:
    told = NAMES[name]
    text = (UNITY / told["unity"]).read_text(encoding="utf-8")
    for event in told.get("events", ()):
        assert re.search(rf"public event Action(<[^;]*>)? {pascal(event)};", text), event
    for prop in told.get("properties", ()):
        assert re.search(
            rf"public (static )?[\w<>\[\]]+ {pascal(prop)}\s*(=>|{{|$)", text, re.MULTILINE
        ), prop
    for method in told.get("methods", ()):
        assert re.search(rf"public (async )?[\w<>\[\]]+ {pascal(method)}\(", text), method


@pytest.mark.parametrize(("name", "value"), NAMES["defaults"].items())
def test_a_reaction_is_the_same_everywhere_where_nothing_is_said(name: str, value: float) -> None:
    rule = {field.name: field.default for field in msgspec.structs.fields(Rule)}
    assert rule[name] == value
    godot = (GODOT / "nodes" / "rapport_rule.gd").read_text(encoding="utf-8")
    found = re.search(rf"\bvar {name} := ([\d.]+)", godot)
    assert found and float(found[1]) == value
    unity = (UNITY / "RapportProfile.cs").read_text(encoding="utf-8")
    field = re.search(rf"public (?:float|int) {pascal(name)}(?: = ([\d.]+)f)?;", unity)
    assert field and float(field[1] or 0.0) == value


@pytest.mark.parametrize(("mood", "told"), NAMES["moods"].items())
def test_a_mood_is_the_same_in_both_mocks(mood: str, told: tuple[str, float]) -> None:
    emotion, probability = told
    godot = (GODOT / "mock" / "rapport_mood.gd").read_text(encoding="utf-8")
    found = re.search(rf'"{mood}": \[Emotion\.(\w+), ([\d.]+),', godot)
    assert found and (found[1].lower(), float(found[2])) == (emotion, probability)
    unity = (UNITY / "RapportMock.cs").read_text(encoding="utf-8")
    found = re.search(rf'"{mood}", new Mood\(Emotion\.(\w+), ([\d.]+),', unity)
    assert found and (found[1].lower(), float(found[2])) == (emotion, probability)
