"""The texts that the player is shown before anything is asked, one file a language."""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from rapport.errors import ConsentTextUnknown

VERSION = "2026-11"
"""Counts up when what is said changes, and every player is asked again then. Not for a better
word or a new language."""
FALLBACK = "en"
PLACEHOLDER = "{game}"
NAME_CHARACTERS_MAX = 64
NAMELESS = "?"


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only Rapport's own page says."""

    choose: str
    language: str
    saved: str
    declined: str
    over: str


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language's text. `name` is the language's own name, `permissions` says in one sentence
    each what is sensed; paragraphs of `body` are parted by an empty line."""

    version: str
    name: str
    title: str
    body: str
    permissions: dict[str, str]
    agree: str
    decline: str
    page: Page
    rtl: bool = False


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are texts in, the fallback first."""
    files = (resources.files("rapport.consent") / "texts").iterdir()
    found = sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))
    return (FALLBACK, *(language for language in found if language != FALLBACK))


def find(language: str) -> str:
    """The language of a text: `de` for `de-AT` and `de_AT.UTF-8`, too.

    :raises ConsentTextUnknown: there is no text in it.
    """
    found = language.replace("_", "-").partition("-")[0].partition(".")[0].lower()
    if found not in languages():
        raise ConsentTextUnknown(
            f"There is no text in {language!r}; there are {', '.join(languages())}."
        )
    return found


def best(wanted: str) -> str:
    """The language of a text for somebody who wants this one: English if there is none."""
    try:
        return find(wanted)
    except ConsentTextUnknown:
        return FALLBACK


def shown(language: str, game: str) -> Text:
    """The text as a player of the game of this name reads it.

    :raises ConsentTextUnknown: as `find`.
    """
    filled = _fill(msgspec.to_builtins(template(find(language))), printable(game) or NAMELESS)
    return msgspec.convert(filled, Text)


def printable(name: str) -> str:
    """A game's name without what could change a terminal or hide who asks."""
    shown = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(shown.split())[:NAME_CHARACTERS_MAX].strip()


@cache
def template(language: str) -> Text:
    """A text with the game's name left open, of one of `languages`."""
    file = resources.files("rapport.consent") / "texts" / f"{language}.toml"
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Text)


def _fill(value: object, game: str) -> object:
    if isinstance(value, dict):
        return {key: _fill(each, game) for key, each in value.items()}
    # Not `format`: a game's name may have braces of its own.
    return value.replace(PLACEHOLDER, game).strip() if isinstance(value, str) else value
