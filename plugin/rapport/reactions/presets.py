"""Presets: profiles that come with Rapport, to begin with and to learn from."""

from importlib import resources
from typing import NamedTuple

from rapport.errors import ProfileMissing
from rapport.reactions.profile import parse

SUFFIX = ".toml"


class Preset(NamedTuple):
    """A preset: its name, its title for people, and its text in TOML."""

    name: str
    title: str
    text: str


def shipped() -> tuple[Preset, ...]:
    """All presets, by name."""
    folder = resources.files("rapport.reactions") / "presets"
    found = sorted(
        (entry.name.removesuffix(SUFFIX), entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(SUFFIX)
    )
    return tuple(Preset(name, parse(text, "toml", name).title, text) for name, text in found)


def preset(name: str) -> Preset:
    """The preset of a name.

    :raises ProfileMissing: there is none.
    """
    known = {found.name: found for found in shipped()}
    if name not in known:
        raise ProfileMissing(f"there is no preset {name!r}; known are {', '.join(known)}")
    return known[name]
