"""`rapport try`: what fires in a session that is over is what a replay fires, and is told well."""

import builtins
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from rapport.cli import timeline
from rapport.cli.comparison import compare
from rapport.cli.course import Course, Level, enriched, follow
from rapport.reactions.presets import preset
from rapport.reactions.profile import parse
from rapport.recording import player
from rapport.recording.session import read
from rapport.recording.writer import write_session
from rapport.settings import Settings, Wire
from rapport.sidecar.characters import Characters
from rapport.sidecar.playback import Playback
from rapport.sidecar.profile_files import ProfileFile
from rapport.sidecar.simulation import header
from rapport.state import EmotionState, EventKind, Reaction

from .conftest import Rapport

pytestmark = pytest.mark.system

FASTEST = 100.0
SESSION = "calm_then_frustrated"
LONG_NAMES = """
[reaction.a_reaction_whose_name_is_as_long_as_a_name_may]
description = "x"
when = { all = [
  { signal = "context.how-much-the-player-trusts-this-character", enter = 0.5 },
  { signal = "label", is = ["neutral", "happiness"] },
  { signal = "face.condition", is = "ok" },
  { not = { signal = "speaking", is = true } },
] }
"""


@pytest.fixture
def recorded(rapport: Rapport, tmp_path: Path) -> Path:
    path = tmp_path / "session.rapport"
    assert rapport("simulate", SESSION, "--out", str(path)).code == 0
    return path


def course_of(path: Path, text: str, **context: bool | float | str) -> Course:
    states = enriched(player.timeline(lambda: read(path)))
    return follow([parse(text, "toml")], "mira", states, context)[0]


def test_it_fires_what_a_replay_fires_at_the_same_times(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[float, EventKind, Reaction]] = []
    now_ns = [0]
    tick = Characters.tick

    def noted(self: Characters, state: EmotionState, at_ns: int) -> None:
        now_ns[0] = at_ns
        tick(self, state, at_ns)

    monkeypatch.setattr(Characters, "tick", noted)
    wired = Settings(wire=Wire(runtime_directory=str(tmp_path / "run")))
    items = player.timeline(lambda: read(recorded))
    profiles = (ProfileFile("mira", "companion"),)
    playback = Playback(wired, items, "replay", FASTEST, profiles)
    announce = playback.publisher.announce

    def heard(kind: EventKind, *rest: Any, reaction: Reaction | None = None) -> None:
        if reaction is not None:
            told.append((now_ns[0] / 1e9, kind, reaction))
        announce(kind, *rest, reaction=reaction)

    monkeypatch.setattr(playback.publisher, "announce", heard)
    with playback:
        playback.wait(60.0)
        assert playback.ended

    course = course_of(recorded, preset("companion").text)
    assert {firing.reaction for firing in course.firings} == {"comfort", "celebrate", "give_space"}
    for firing in course.firings:
        mine = [(at_s, r) for at_s, _, r in told if r.firing == firing.number]
        assert tuple((at_s, r.strength) for at_s, r in mine) == firing.strengths
        (began_s, begin), (ended_s, end) = mine[0], mine[-1]
        assert (firing.reaction, firing.began_s, firing.why) == (begin.name, began_s, begin.why)
        assert (firing.end, firing.ended_s, firing.end_why) == (end.reason, ended_s, end.why)
    assert sum(len(firing.strengths) for firing in course.firings) == len(told)


def test_a_script_and_its_recording_give_the_same(rapport: Rapport, recorded: Path) -> None:
    of_script = json.loads(rapport("try", "companion", SESSION, "--json").out)
    of_file = json.loads(rapport("try", "companion", str(recorded), "--json").out)
    begins = [
        [(f["reaction"], round(f["began_s"], 3), f["end"]) for f in found["firings"]]
        for found in (of_script, of_file)
    ]
    assert begins[0]
    assert begins[0] == begins[1]


def test_programs_get_the_same_bytes_every_time(rapport: Rapport, recorded: Path) -> None:
    arguments = ("try", "companion", str(recorded), "--json", "--compare", "merchant")
    first, second = rapport(*arguments), rapport(*arguments)
    assert (first.code, first.err) == (0, "")
    assert first.out == second.out
    found = json.loads(first.out)
    assert found["states"] == 1200
    assert [signal["name"] for signal in found["signals"]][:2] == ["frustration", "sadness"]
    assert found["signals"][0]["levels"][0]["enter"] == 0.5
    assert {change["kind"] for change in found["changes"]} == {"gone", "new"}
    for firing in found["firings"]:
        assert firing["why"]
        assert firing["began_s"] <= firing["ended_s"]


def test_people_see_signals_levels_firings_and_why(
    rapport: Rapport, recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = rapport("try", "companion", str(recorded))
    assert (ended.code, ended.err) == (0, "")
    assert max(map(cell_len, ended.out.splitlines()[1:])) <= 80
    rows = {line[:22].strip(): line[22:] for line in ended.out.splitlines()}
    assert rows["frustration"].startswith("·"), "unknown at first"
    assert "█" in rows["anger"]
    assert "━" in rows["≥ 0.55 … 0.35"]
    assert "█" in rows["give_space"]
    assert "anger 0.70 ≥ 0.55 (face)" in ended.out
    assert "comfort takes over" in ended.out
    assert "\x1b" not in ended.out


def test_of_what_never_fired_it_says_how_far_it_was(rapport: Rapport) -> None:
    ended = rapport("try", "interrogation", "device_trouble")
    assert "Nothing fired." in ended.out
    assert "press_on never fired: incongruence came to 0." in ended.out


def test_variables_of_the_game_are_told(rapport: Rapport, tmp_path: Path) -> None:
    path = tmp_path / "mira.toml"
    path.write_text(
        "[reaction.trust]\nwhen = { all = [\n"
        '{ signal = "context.trust", enter = 0.5 },\n'
        '{ signal = "context.place", is = "cellar" },\n'
        '{ signal = "context.armed", is = false } ] }\n'
    )
    unknown = rapport("try", str(path), "scare")
    assert "--context trust=" in unknown.out
    assert "context.trust was never known" in unknown.out
    told = [f"--context={one}" for one in ("trust=0.7", "place=cellar", "armed=false")]
    assert "trust fired once" in rapport("try", str(path), "scare", *told).out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("nobody", "scare"), 1, "profile_missing"),
        (("companion", "scar"), 1, "did you mean 'scare'"),
        (("companion", "missing.rapport"), 1, "recording_unreadable"),
        (("companion", "scare", "--context", "trust"), 2, "NAME=VALUE"),
        (("companion", "scare", "--context", "a b=1"), 2, "letters, digits"),
        (("companion", "scare", "--npc", "../x"), 2, "letters, digits"),
        (("companion", "scare", "--picture", "x.pdf"), 1, "picture_failed"),
    ],
)
def test_what_cannot_be_tried_is_told(
    rapport: Rapport, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended = rapport("try", *arguments)
    assert ended.code == code
    assert says in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_a_recording_has_no_chance(rapport: Rapport, recorded: Path) -> None:
    assert rapport("try", "companion", str(recorded), "--seed", "1").code == 2
    scripted = [rapport("try", "companion", SESSION, "--json", "--seed", s).out for s in "12"]
    assert scripted[0] != scripted[1]


def test_another_profile_is_compared(rapport: Rapport, recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "later.toml"
    text = preset("companion").text
    other.write_text(
        text.replace("enter = 0.55", "enter = 0.9").replace("enter = 0.65", "enter = 0.99")
    )
    ended = rapport("try", "companion", str(recorded), "--compare", str(other))
    rows = {line.split()[0]: line for line in ended.out.partition("Compared")[2].splitlines()[3:]}
    assert "only here" in rows["celebrate"]
    assert "later" in rows["give_space"]
    assert "shorter" in rows["give_space"]
    same = rapport("try", "companion", str(recorded), "--compare", "companion")
    assert "0 of 3 firings differ" in same.out
    course = course_of(recorded, text)
    assert {change.kind for change in compare(course, course)} == {"same"}


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_every_row_fits(recorded: Path, width: int) -> None:
    course = course_of(recorded, LONG_NAMES)
    shown = io.StringIO()
    console = Console(file=shown, width=max(width, timeline.NARROWEST))
    console.print(timeline.draw(course, width))
    fits = min(max(width, timeline.NARROWEST), timeline.WIDEST)
    lines = shown.getvalue().splitlines()
    charts = lines[: next(i for i, line in enumerate(lines) if line.startswith("≥ enter"))]
    assert max(map(cell_len, charts)) <= fits


def test_a_level_says_where_a_value_lies() -> None:
    high, low = Level("x", 0.5, 0.3, least=0.4), Level("x", 0.1, 0.2)
    assert [high.part(value, 1.0) for value in (0.5, 0.4, 0.2, None)] == [
        "beyond", "on", "short", "unknown",
    ]  # fmt: skip
    assert high.part(0.9, 0.3) == "unknown", "not sure enough"
    assert [low.part(value, 1.0) for value in (0.1, 0.15, 0.3)] == ["beyond", "on", "short"]
    assert Level("x", None, None, (True,)).part(1.0, 1.0) == "beyond"
    assert Level("x", None, None, ("happiness",)).part("anger", 1.0) == "short"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_picture_is_drawn_the_same_every_time(
    rapport: Rapport, recorded: Path, tmp_path: Path, ending: str
) -> None:
    drawn = []
    for name in "ab":
        path = tmp_path / f"{name}.{ending}"
        ended = rapport(
            "try", "companion", str(recorded), "--compare", "merchant", "--picture", str(path)
        )
        assert (ended.code, ended.err) == (0, "")
        drawn.append(path.read_bytes())
    assert drawn[0] == drawn[1]
    if ending == "svg":
        text = drawn[0].decode()
        assert all(f">{name}<" in text for name in ("give_space", "offer_proof", "anger"))


def test_without_matplotlib_it_says_what_to_install(
    rapport: Rapport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    ended = rapport("try", "companion", "scare", "--picture", str(tmp_path / "x.svg"))
    assert ended.code == 1
    assert "picture_failed" in ended.err
    assert 'pip install "rapport-sidecar[plot]"' in ended.err


def test_a_picture_that_cannot_be_written_is_told(rapport: Rapport, tmp_path: Path) -> None:
    ended = rapport("try", "companion", "scare", "--picture", str(tmp_path / "none" / "x.svg"))
    assert ended.code == 1
    assert "picture_failed" in ended.err


def test_a_console_without_the_characters_still_shows_the_words(
    start: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    process = start("try", "companion", "scare")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "celebrate fired once" in out


def test_a_broken_profile_is_told_with_its_place(rapport: Rapport, tmp_path: Path) -> None:
    path = tmp_path / "mira.toml"
    path.write_text('[reaction.a]\nwhen = { signal = "feer", enter = 0.5 }\n')
    for arguments in ((str(path), "scare"), ("companion", "scare", "--compare", str(path))):
        ended = rapport("try", *arguments)
        assert (ended.code, ended.out) == (1, "")
        assert "profile_invalid" in ended.err
        assert "did you mean 'fear'" in ended.err


def test_a_session_without_states_is_told(rapport: Rapport, tmp_path: Path) -> None:
    path = tmp_path / "empty.rapport"
    write_session(path, header("nothing"), [])
    for more in ((), ("--json",), ("--picture", str(tmp_path / "x.svg"))):
        ended = rapport("try", "companion", str(path), *more)
        assert (ended.code, ended.out) == (1, "")
        assert "recording_unreadable" in ended.err
    assert not (tmp_path / "x.svg").exists()


def test_programs_are_told_what_was_unknown(rapport: Rapport) -> None:
    found = json.loads(rapport("try", "horror_director", "device_trouble", "--json").out)
    arousal = next(signal for signal in found["signals"] if signal["name"] == "arousal")
    assert arousal["known"] < 1.0
    ((begin_s, end_s),) = [(b, e) for b, e in arousal["unknown"] if b > 1.0]
    assert 48.0 < begin_s < end_s < 57.0, "camera and microphone are both gone"


def test_no_plot_is_loaded_unless_one_is_asked_for() -> None:
    code = (
        "import sys; from rapport.cli.app import execute; execute(['try', 'companion', 'scare']); "
        "sys.exit('matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
