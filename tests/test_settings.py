"""Defaults, file, environment; and what is refused, with name, place and range."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport import settings
from rapport.errors import SettingsInvalid, SettingsUnreadable

pytestmark = pytest.mark.unit


def load(path: Path | None = None, **environment: str) -> settings.Settings:
    return settings.load(path, environment)


def test_defaults_are_valid_and_survive_a_round_trip() -> None:
    defaults = settings.Settings()
    assert msgspec.convert(msgspec.to_builtins(defaults), settings.Settings) == defaults


def test_the_environment_overrules_the_file_and_the_file_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "rapport.toml"
    file.write_text("[camera]\nfps = 20\nwidth = 320\n")
    found = load(file, RAPPORT_CAMERA__FPS="15", RAPPORT_MICROPHONE__ENABLED="false")
    assert found.camera.fps == 15
    assert found.camera.width == 320
    assert found.camera.height == settings.Camera().height
    assert found.microphone.enabled is False


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rapport.toml"
    file.write_text("[log]\nlevel = 'error'\n")
    assert load(RAPPORT_CONFIG=str(file)).log.level == "error"


def test_variables_of_other_programs_are_left_alone() -> None:
    assert load(RAPPORT="1", RAPPORTX__A="1", PATH="x", RAPPORT_HOME="y") == settings.Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[camera]\nfps = 1", ["camera.fps", "5 to 120"]),
        ("[camera]\nfps = 'fast'", ["camera.fps", "whole number"]),
        ("[camera]\nfsp = 30", ["camera.fsp", "did you mean 'fps'"]),
        ("[camra]\nfps = 30", ["camra", "did you mean 'camera'"]),
        ("camera = 3", ["camera", "table"]),
        ("[face]\ntracker = 'magic'", ["face.tracker", "auto | compact | mediapipe"]),
        ("[fusion]\nfast_s = nan", ["fusion.fast_s", "above 0 to 600"]),
        ("[camera]\nenabled = 'maybe'", ["camera.enabled", "true | false"]),
    ],
)
def test_a_wrong_key_or_value_is_refused_with_name_place_and_range(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    file = tmp_path / "rapport.toml"
    file.write_text(text)
    with pytest.raises(SettingsInvalid) as refused:
        load(file)
    for word in [str(file), *words]:
        assert word in str(refused.value)


def test_a_wrong_variable_is_refused_by_its_own_name() -> None:
    with pytest.raises(SettingsInvalid, match=r"RAPPORT_CAMERA__FPS.*5 to 120"):
        load(RAPPORT_CAMERA__FPS="1")
    with pytest.raises(SettingsInvalid, match=r"RAPPORT_CAMERA__FSP.*fps"):
        load(RAPPORT_CAMERA__FSP="30")


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsUnreadable, match=r"nothing\.toml"):
        load(tmp_path / "nothing.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[camera\n")
    with pytest.raises(SettingsUnreadable, match=r"broken\.toml"):
        load(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsUnreadable):
        load(broken)


@given(
    st.dictionaries(
        st.sampled_from(["RAPPORT_CAMERA__FPS", "RAPPORT_FUSION__FAST_S", "RAPPORT_LOG__LEVEL"]),
        st.text(),
    )
)
def test_whatever_the_environment_says_is_taken_or_refused(environment: dict[str, str]) -> None:
    try:
        found = settings.load(environment=environment)
    except SettingsInvalid:
        return
    assert 5 <= found.camera.fps <= 120
    assert 0.0 < found.fusion.fast_s <= 600.0
