"""The texts say the same in every language."""

import re

import msgspec
import pytest

from rapport.consent import text
from rapport.consent.entries import PERMISSIONS
from rapport.errors import ConsentTextUnknown

pytestmark = pytest.mark.unit

LANGUAGES = ("en", "de", "es", "fr", "ja", "zh")
COMMAND = '"rapport consent revoke"'


def strings(value: object, path: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        return {
            k: v for key, each in value.items() for k, v in strings(each, f"{path}/{key}").items()
        }
    return {path: value} if isinstance(value, str) else {}


def test_these_languages_are_there() -> None:
    assert set(LANGUAGES) <= set(text.languages())
    assert text.languages()[0] == text.FALLBACK == "en"


@pytest.mark.parametrize("language", text.languages())
def test_every_language_says_everything(language: str) -> None:
    own = strings(msgspec.to_builtins(text.template(language)))
    english = strings(msgspec.to_builtins(text.template("en")))
    assert own.keys() == english.keys()
    assert text.template(language).version == text.VERSION
    assert tuple(text.template(language).permissions) == PERMISSIONS
    for key, value in own.items():
        assert value.strip(), key
        assert set(re.findall(r"\{[^}]*\}?|\}", value)) == set(
            re.findall(r"\{[^}]*\}?|\}", english[key])
        ), key


@pytest.mark.parametrize("language", text.languages())
def test_every_language_has_the_same_paragraphs_and_names_the_way_out(language: str) -> None:
    own, english = text.template(language).body, text.template("en").body
    assert own.count("\n\n") == english.count("\n\n") == 6
    paragraphs = own.split("\n\n")
    assert "Rapport" in paragraphs[0]
    assert [COMMAND in each for each in paragraphs].index(True) == 4


@pytest.mark.parametrize("language", [each for each in text.languages() if each != "en"])
def test_no_language_was_left_in_english(language: str) -> None:
    own = strings(msgspec.to_builtins(text.template(language)))
    english = strings(msgspec.to_builtins(text.template("en")))
    same = {key for key in own if own[key] == english[key]}
    assert same <= {"/version"}


def test_the_name_of_the_game_stands_in_it_as_it_is() -> None:
    shown = text.shown("de", "{0} & <b>Söhne</b>")
    assert "{0} & <b>Söhne</b>" in shown.title
    assert text.PLACEHOLDER not in str(shown)
    assert not shown.body.startswith("\n")
    assert "May ? react" in text.shown("en", "\n").title


@pytest.mark.parametrize(
    ("name", "printable"),
    [
        ("Moon Café", "Moon Café"),
        ("a\x1b[31mb", "a [31mb"),
        ("\u202egro.live", "gro.live"),
        (" a\n\tb ", "a b"),
        ("x" * 100, "x" * 64),
        ("\x00", ""),
    ],
)
def test_a_name_cannot_change_a_terminal(name: str, printable: str) -> None:
    assert text.printable(name) == printable


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("de", "de"), ("de-AT", "de"), ("zh-Hans", "zh"), ("ja_JP.UTF-8", "ja"), ("FR", "fr")],
)
def test_a_region_is_no_language_of_its_own(wanted: str, found: str) -> None:
    assert text.find(wanted) == found


@pytest.mark.parametrize("wanted", ["", "xx", "C.UTF-8", "../en", "en/../de", "deutsch", "e\0n"])
def test_a_language_without_a_text_is_refused_or_english(wanted: str) -> None:
    with pytest.raises(ConsentTextUnknown, match="en, de"):
        text.find(wanted)
    assert text.best(wanted) == "en"
