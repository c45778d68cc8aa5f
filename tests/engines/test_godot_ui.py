"""The Godot bridge's scenes in the real engine: by keyboard alone, and drawn."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from devices import FakeCamera
from engines.godot_engine import ADDON, DRAWING, GodotProject, picture
from rapport.consent import text
from rapport.consent.ledger import Ledger
from rapport.settings import Consent
from sidecars import SidecarProcess, allow

pytestmark = pytest.mark.system

GAME = "Rapport tests"
APP = "org.example.tests"


def test_the_panel_asks_refuses_allows_and_takes_back_by_keyboard(
    project: GodotProject,
    player: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    start_sidecar("run", "--no-camera", "--no-microphone").connect().close()
    ran = project.case("panel", environment=player)
    german = text.shown("de", GAME)
    english = text.shown("en", GAME)
    assert ran.told("TITLE") == [german.title, english.title]
    assert ran.told("SPOKEN")[0] in ("", english.title)
    assert ran.told("BUTTONS") == [f"{german.decline}|{german.agree}"]
    assert ran.told("NEEDED") == ["true", "false"]
    assert ran.told("ALIKE") == ["true"] and ran.told("TICKED") == ["false"]
    assert ran.told("SCROLLED") == ["true"]
    camera = german.permissions["camera"]
    assert ran.told("FOCUS") == ["Scroll", german.agree, camera, "Zurücknehmen"]
    assert ran.told("HINT") == ["Nichts ist ausgewählt: Nichts wird erlaubt."]
    assert ran.told("OPEN") == ["true", "false"]
    assert ran.told("ROUND") == ["5 Scroll"]
    assert [told.strip() for told in ran.told("ANSWERED")] == ["", "camera", ""]
    assert ran.told("REVOKED") == ["camera"]
    ledger = Ledger(Consent(directory=player["RAPPORT_CONSENT__DIRECTORY"]))
    told = [(entry.action, entry.permissions, entry.app) for entry in ledger.current()]
    assert told == [("grant", ("camera",), APP), ("revoke", ("camera",), APP)]


def test_without_a_sidecar_the_panel_says_so_and_the_game_plays_on(
    project: GodotProject, player: dict[str, str]
) -> None:
    ran = project.case("panel_alone", environment=player)
    assert ran.told("NEEDED") == ["false"]
    assert ran.told("TITLE") == ["Rapport is not running"]
    assert ran.told("FOCUS") == ["Try again", "Play on without it"]
    assert ran.told("OPEN") == ["true", "false FOCUS Play"]


def test_the_indicator_shows_what_is_captured_and_nothing_else(
    project: GodotProject, player: dict[str, str]
) -> None:
    ran = project.case("indicator", environment=player)
    assert ran.told("VISIBLE") == ["false"]
    shown = [told.rsplit(" ", 1) for told in ran.told("SHOWN")]
    assert [words for words, _ in shown] == [
        "true Caméra",
        "true Caméra,Microphone",
        "true Microphone",
        "true smell",
        "false Désactivé",
    ]
    assert int(shown[1][1]) > int(shown[0][1]) > 60
    assert ran.told("CAPTURING")[:2] == ["face", "face,voice"]
    assert ran.told("PAUSED") == ["true En pause"] and ran.told("SPOKEN")[0] in ("", "En pause")
    assert ran.told("TOOLTIP") == [
        "Appuyer pour suspendre la caméra et le microphone",
        "Appuyer pour reprendre",
    ]
    assert ran.told("OFF") == ["true Désactivé"] and ran.told("GONE") == ["Désactivé"]


def test_the_indicator_follows_a_real_camera_and_a_press_pauses_it(
    project: GodotProject,
    player: dict[str, str],
    start_sidecar: Callable[..., SidecarProcess],
    fake_camera: FakeCamera,
) -> None:
    allow(player, "camera", app=APP)
    start_sidecar("run", "--camera", fake_camera.url, "--no-microphone").connect().close()
    ran = project.case("pauses", environment=player)
    assert [told.split()[1] for told in ran.told("SHOWN")] == ["Camera", "Paused"]
    assert {told.split()[0] for told in ran.told("SHOWN")} == {"true"}


def test_a_mood_is_chosen_by_keyboard_and_gamepad_and_played(
    project: GodotProject, player: dict[str, str]
) -> None:
    ran = project.case("menu", environment=player)
    assert ran.told("FOCUS") == ["Prefiero no decirlo", "Aburrimiento", "Aburrimiento"]
    assert ran.told("CHOSEN") == ["bored", "unsaid", "bored"]
    assert ran.told("OPEN") == ["false", "false"]


def test_every_word_is_there_in_every_language() -> None:
    file = ADDON / "translations" / "rapport.csv"
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert set(rows[0]) == {"keys", *text.languages()}
    for row in rows[1:]:
        assert len(row) == len(rows[0]) and all(word.strip() for word in row), row
        assert len({"{date}" in word for word in row[1:]}) == 1, row


def test_every_scene_is_drawn(
    project: GodotProject, player: dict[str, str], display: str, tmp_path: Path, repository: Path
) -> None:
    golden = repository / "bridge" / "protocol" / "golden" / "states.json"
    drawn = player | {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
    ran = project.run(
        *DRAWING, "--", "pictures", str(tmp_path), str(golden), environment=drawn, headless=False
    )
    assert "PASS" in ran.lines, ran.output
    assert ran.told("VISIBLE") == ["true", "false"]
    nothing = picture(tmp_path / "nothing.png")
    for scene, place, colours in (
        ("overlay", np.s_[16:600, 16:436], 60),
        ("overlay_dialogue", np.s_[16:600, 16:380], 60),
        ("indicator", np.s_[18:50, 1040:1250], 30),
        ("mood_menu", np.s_[120:600, 316:964], 60),
        ("consent_panel", np.s_[240:480, 252:1028], 60),
    ):
        now = picture(tmp_path / f"{scene}.png")
        assert now.shape == (720, 1280, 3)
        changed = np.any(now[place] != nothing[place], axis=-1)
        assert changed.mean() > 0.9, scene
        assert len(np.unique(now[place].reshape(-1, 3), axis=0)) > colours, scene
