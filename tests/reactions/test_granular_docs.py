"""The page for people says what the tables say, and shows every state."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from rapport.reactions.granular.compositions import COMPOSITIONS, TRACES
from rapport.state import GRANULAR

pytestmark = pytest.mark.tooling


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    text = (repository / "docs" / "granular.md").read_text(encoding="utf-8")
    return text.replace("\N{MINUS SIGN}", "-")


def section(page: str, name: str) -> str:
    return page.split(f"\n## {name.capitalize()}\n")[1].split("\n## ")[0]


def test_every_signal_is_described_with_its_times(page: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\S+) s \| (\S+) s \|$", page, re.MULTILINE)
    assert {name: (float(rise), float(fall)) for name, rise, fall in rows} == TRACES


@pytest.mark.parametrize("name", GRANULAR)
def test_every_state_is_described_as_it_is(page: str, name: str) -> None:
    text, composition = section(page, name), COMPOSITIONS[name]
    times = re.search(r"constant of (\S+) s, falls with (\S+) s; watched over (\S+) s\.", text)
    assert times
    assert tuple(map(float, times.groups())) == composition[:3]
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| (\S+) \| (\S+) → (\S+) \|$", text, re.MULTILINE)
    described = [(part, trace, *map(float, numbers)) for part, trace, *numbers in rows]
    assert described == [(term.part.value, *term[1:]) for term in composition.terms]
    assert "Not to be confused with" in text


@pytest.mark.parametrize("name", GRANULAR)
def test_every_state_has_a_picture_that_is_sound_svg(
    repository: Path, page: str, name: str
) -> None:
    path = repository / "docs" / "images" / "granular" / f"{name}.svg"
    assert f"(images/granular/{name}.svg)" in section(page, name)
    words = ["".join(node.itertext()) for node in ElementTree.parse(path).getroot().iter()]
    assert any(word.startswith(f"{name}: ") for word in words)
    assert path.stat().st_size < 100_000
