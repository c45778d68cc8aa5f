"""The store: which file it takes, and what the licence policy refuses."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport import settings
from rapport.errors import ModelMissing, ModelNotCleared, ModelTampered, ModelUnreadable
from rapport.experts import store
from rapport.experts.licence import WITHOUT
from rapport.experts.manifest import Entry
from rapport.experts.store import Store

pytestmark = pytest.mark.unit

CONTENT = b"weights"


def entry(model_id: str, commercial_use: str) -> Entry:
    return Entry(
        id=model_id,
        file=f"{model_id}.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        bytes=len(CONTENT),
        version="1",
        task="a task",
        licence="CC BY-NC-SA 4.0",
        commercial_use=commercial_use,
        commercial_use_reason="Trained on data that says so.",
    )


@pytest.fixture(autouse=True)
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Three models in the package, one of each kind of clearance."""
    folder = tmp_path / "packaged"
    folder.mkdir()
    entries = [entry("cleared", "yes"), entry("voice_emotion", "no"), entry("doubtful", "unclear")]
    for each in entries:
        (folder / each.file).write_bytes(CONTENT)
    monkeypatch.setattr(store, "manifest", lambda: {each.id: each for each in entries})
    monkeypatch.setattr(store, "packaged_directory", lambda: folder)
    monkeypatch.setattr(store, "downloads_directory", lambda: tmp_path / "downloads")
    yield folder


def test_any_licence_is_taken_unless_the_settings_say_otherwise(packaged: Path) -> None:
    taken = Store(settings.Models())
    for name in ("cleared", "voice_emotion", "doubtful"):
        assert taken.path(name) == packaged / f"{name}.bin"


@pytest.mark.parametrize("name", ["voice_emotion", "doubtful"])
def test_the_commercial_policy_refuses_what_is_not_cleared(name: str) -> None:
    strict = Store(settings.Models(licence_policy="commercial"))
    for take in (strict.path, strict.load):
        with pytest.raises(ModelNotCleared) as refused:
            take(name)
        error = refused.value
        assert error.code == "model_not_cleared"
        for said in (name, "CC BY-NC-SA 4.0", "Trained on data that says so."):
            assert said in error.what
        assert error.meaning == WITHOUT.get(name, ModelNotCleared.meaning)
        assert "licence_policy" in error.remedy
    assert strict.where(name).is_file(), "it may still be looked for"


def test_the_commercial_policy_takes_what_is_cleared(packaged: Path) -> None:
    assert Store(settings.Models(licence_policy="commercial")).path("cleared").parent == packaged


def test_every_model_of_rapport_says_what_is_missing_without_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert WITHOUT.keys() >= store.manifest().keys()


def test_the_policy_says_it_of_a_missing_model_too(packaged: Path) -> None:
    (packaged / "doubtful.bin").unlink()
    with pytest.raises(ModelMissing):
        Store(settings.Models()).path("doubtful")
    with pytest.raises(ModelNotCleared):
        Store(settings.Models(licence_policy="commercial")).path("doubtful")


def test_another_file_of_that_name_is_passed_over(packaged: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "cleared.bin").write_bytes(b"others")
    models = settings.Models(directory=str(own))
    assert Store(models).path("cleared") == packaged / "cleared.bin"
    (packaged / "cleared.bin").write_bytes(b"others too")
    with pytest.raises(ModelTampered):
        Store(models).path("cleared")


def test_what_is_run_is_what_was_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    read_bytes = Path.read_bytes

    def read_and_spoil(path: Path) -> bytes:
        content = read_bytes(path)
        reads.append(path)
        path.write_bytes(b"put in its place")
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_spoil)
    with pytest.raises(ModelUnreadable, match="cleared cannot be loaded"):
        Store(settings.Models()).load("cleared")
    assert len(reads) == 1
