"""`python -m models.training all` runs the parts in order, once, and goes on where it stopped."""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("onnx", reason="needs the packages of the extra `training`")

from models.training import everything

pytestmark = pytest.mark.tooling


class Recorder:
    """Stands in for the parts: writes what each would make, and fails where it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.fails_in = ""

    def run(self, name: str, arguments: list[str]) -> int:
        self.calls.append((name, arguments))
        if name == self.fails_in:
            return 3
        part = next(part for part in everything.PARTS if part.name == name)
        out = Path(arguments[arguments.index("--out") + 1])
        for made in part.makes:
            path = out / made if len(part.makes) > 1 else out
            path.write_text(f"{made} {arguments}")
        return 0

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    for part in everything.PARTS:
        module: Any = ModuleType(part.module)
        module.main = lambda arguments, name=part.name: recorder.run(name, arguments)
        monkeypatch.setitem(sys.modules, part.module, module)
    return recorder


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    for part in everything.PARTS:
        for need in part.needs:
            (tmp_path / "data" / need).mkdir(parents=True, exist_ok=True)
    (tmp_path / "out").mkdir()
    folders = {"--data": "data", "--cache": "cache", "--out": "out", "--bundle": "b.task"}
    return [word for option, name in folders.items() for word in (option, str(tmp_path / name))]


NAMES = [part.name for part in everything.PARTS]


def test_every_part_runs_once(parts: Recorder, options: list[str], tmp_path: Path) -> None:
    assert everything.main(options) == 0
    assert parts.names == NAMES
    for _, arguments in parts.calls:
        assert arguments[arguments.index("--data") + 1] == str(tmp_path / "data")
    assert everything.main(options) == 0
    assert parts.names == NAMES, "what is finished is passed over"


def test_it_goes_on_where_it_stopped(parts: Recorder, options: list[str]) -> None:
    parts.fails_in = "voice"
    assert everything.main(options) == 3
    stopped = NAMES.index("voice")
    assert parts.names == NAMES[: stopped + 1]
    parts.fails_in = ""
    assert everything.main(options) == 0
    assert parts.names[stopped + 1 :] == NAMES[stopped:]


def test_another_seed_another_file_and_a_wish_make_a_part_run_again(
    parts: Recorder, options: list[str], tmp_path: Path
) -> None:
    everything.main(options)
    parts.calls.clear()
    (tmp_path / "out" / "text_emotion.onnx").write_text("another")
    everything.main([*options, "--again", "face,gate"])
    assert parts.names == ["face", "text", "gate"]
    parts.calls.clear()
    everything.main([*options, "--seed", "5"])
    assert parts.names == NAMES
    told = dict(parts.calls)
    assert told["text"][-2:] == ["--seed", "5"]
    assert told["voice"][-2:] == ["--seeds", "5,6,7"]


def test_missing_data_is_said_before_anything_runs(
    parts: Recorder, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "text" / "emobank_train_dev.csv").rmdir()
    assert everything.main(options) == 2
    assert "emobank_train_dev.csv" in capsys.readouterr().err
    assert parts.calls == []


def test_the_plan_tells_and_does_nothing(
    parts: Recorder, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    everything.main(options)
    parts.calls.clear()
    assert everything.main([*options, "--plan", "--again", "text"]) == 0
    assert parts.calls == []
    said = capsys.readouterr().out
    for name in NAMES:
        assert name in said
    assert said.count("finished") == len(NAMES) - 1


def test_a_spoiled_mark_is_no_mark(parts: Recorder, options: list[str], tmp_path: Path) -> None:
    everything.main(options)
    mark = next((tmp_path / "cache").rglob("finished-text.json"))
    assert json.loads(mark.read_text())["files"]
    mark.write_text("{")
    parts.calls.clear()
    everything.main(options)
    assert parts.names == ["text"]


@pytest.mark.parametrize("part", everything.PARTS, ids=lambda part: part.name)
def test_the_real_parts_take_what_they_are_given(
    part: everything.Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("torch", "skimage"):
        pytest.importorskip(package, reason="needs the packages of the extra `training`")
    module = importlib.import_module(part.module)
    taken: list[argparse.Namespace] = []
    read = module._options
    monkeypatch.setattr(
        module, "_options", lambda arguments: taken.append(read(arguments)) or 1 / 0
    )
    options = everything._options(["--data", str(tmp_path), "--seed", "3"])
    with pytest.raises(ZeroDivisionError):
        module.main(everything._arguments(part, options))
    assert taken[0].data == tmp_path
