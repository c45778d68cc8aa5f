"""Scripts say where they are wrong."""

import re
from pathlib import Path

import pytest

from rapport.errors import ScriptInvalid
from rapport.recording.script import load, parse, shipped

pytestmark = pytest.mark.unit

HEAD = 'title = "t"\nseconds = 10.0\n'


def test_every_script_that_is_shipped_is_described(repository: Path) -> None:
    text = (repository / "docs" / "recording.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)
    assert {name: f"{script.seconds:.0f}" for name, script in shipped().items()} == dict(table)
    assert load("scare") == shipped()["scare"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = \n", "line 1"),
        ('title = "t"', "`seconds`"),
        (HEAD + "sconds = 3", "unknown key 'sconds'; did you mean 'seconds'?"),
        (HEAD + "seconds = 4\n", "line 3"),
        (HEAD + '[[emotion]]\nat = 1\nlabel = "angry"', "emotion 1 label.*'angry'.*mean 'anger'"),
        (HEAD + "[[emotion]]\nat = 1", "emotion 1.*`label`"),
        (HEAD + '[[emotion]]\nat = 1\nlabel = "fear"\nstrenth = 1', "emotion 1.*'strength'"),
        (HEAD + '[[emotion]]\nat = 1\nlabel = "fear"\nstrength = 2', "emotion 1 strength.*<= 1"),
        (HEAD + '[[emotion]]\nat = 1\nlabel = "fear"\nstrength = nan', "emotion 1 strength"),
        (HEAD + '[[emotion]]\nat = 1\nlabel = "fear"\nsignals = ["fce"]', "signals.*mean 'face'"),
        (HEAD + '[[emotion]]\nat = 10\nlabel = "fear"', "emotion 1: at 10 comes after the end"),
        (HEAD + "[[speaking]]\nat = 5\nuntil = 5", "speaking 1: until 5 does not come after at 5"),
        (HEAD + '[[trouble]]\nat = 1\nuntil = 2\nwhat = "drk"', "trouble 1 what.*mean 'dark'"),
        (HEAD + '[[burst]]\nat = 1\nuntil = 2\nname = "lagh"', "burst 1 name.*mean 'laugh'"),
        (HEAD + '[[burst]]\nat = 2\nuntil = 1\nname = "sigh"', "burst 1: until 1"),
        (HEAD + '[[mark]]\nat = 1\nid = "the boss"', "mark 1 id"),
        (HEAD + '[[mark]]\nat = 12\nid = "boss"', "mark 1: at 12 comes after the end"),
        (HEAD + "emotion = 3", "emotion"),
        (HEAD + "rate_hz = 1000", "rate_hz"),
    ],
)
def test_a_wrong_script_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ScriptInvalid, match=f"(?s)my.toml.*{told}"):
        parse(text, "my.toml")


def test_a_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    for script, told in (
        ("scar", "did you mean 'scare'"),
        ("zzz", "known are .*calm_then_frustrated"),
        (str(tmp_path / "no.toml"), "No such file"),
        (str(tmp_path), "directory"),
    ):
        with pytest.raises(ScriptInvalid, match=told):
            load(script)


def test_a_script_that_is_no_text_or_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScriptInvalid, match="utf-8"):
        load(str(path))
    path.write_text("#" * 300_000)
    with pytest.raises(ScriptInvalid, match="256 KiB"):
        load(str(path))
