"""`rapport models` against a real server on loopback."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rapport.experts import store

from .conftest import Rapport

pytestmark = pytest.mark.system

CONTENT = b"weights " * 20_000
PACKAGED = b"packaged weights"
ENTRY = """
[[model]]
id = "{id}"
file = "{id}.bin"
sha256 = "{sha256}"
bytes = {bytes}
version = "3"
task = "a task"
licence = "MIT"
commercial_use = "yes"
commercial_use_reason = "MIT"
url = "{url}"
"""


class Server(ThreadingHTTPServer):
    """Serves `CONTENT`, the first time only as far as `breaks_after`."""

    daemon_threads = True
    breaks_after: int | None = None


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        end, self.server.breaks_after = self.server.breaks_after, None
        self.wfile.write(CONTENT[start:end])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def downloads(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """A package with one model inside and one to fetch; where the latter goes."""
    packaged, downloads = tmp_path / "packaged", tmp_path / "downloads"
    packaged.mkdir()
    (packaged / "inside.bin").write_bytes(PACKAGED)
    entries = (
        ("inside", PACKAGED, ""),
        ("outside", CONTENT, f"http://127.0.0.1:{server.server_address[1]}/outside.bin"),
    )
    (packaged / store.MANIFEST).write_text(
        "".join(
            ENTRY.format(id=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), url=url)
            for name, data, url in entries
        )
    )
    monkeypatch.setattr(store, "PACKAGED", packaged)
    monkeypatch.setattr(store, "downloads_directory", lambda: downloads)
    store.manifest.cache_clear()
    request.addfinalizer(store.manifest.cache_clear)
    return downloads


def states(rapport: Rapport) -> dict[str, str]:
    listed = json.loads(rapport("models", "list", "--json").out)
    return {model["id"]: model["state"] for model in listed}


def test_a_missing_model_is_fetched_once(rapport: Rapport, downloads: Path) -> None:
    assert states(rapport) == {"inside": "here", "outside": "missing"}
    first = rapport("models", "pull")
    assert first.code == 0
    assert str(downloads / "outside.bin") in first.out
    assert (downloads / "outside.bin").read_bytes() == CONTENT
    assert states(rapport) == {"inside": "here", "outside": "here"}
    assert "Nothing to fetch" in rapport("models", "pull", "outside").out


def test_a_broken_off_pull_says_so_and_resumes(
    rapport: Rapport, server: Server, downloads: Path
) -> None:
    server.breaks_after = 70_000
    broken = rapport("models", "pull")
    assert broken.code == 1
    assert "[download_failed]" in broken.err
    assert "Traceback" not in broken.err
    assert (downloads / "outside.bin.part").stat().st_size == 70_000
    assert rapport("models", "pull").code == 0
    assert (downloads / "outside.bin").read_bytes() == CONTENT


def test_a_tampered_model_is_refused_and_fetched_again(rapport: Rapport, downloads: Path) -> None:
    downloads.mkdir()
    (downloads / "outside.bin").write_bytes(b"something else")
    assert states(rapport)["outside"] == "damaged"
    assert rapport("models", "pull").code == 0
    assert states(rapport)["outside"] == "here"


def test_offline_says_what_to_do(rapport: Rapport, server: Server) -> None:
    server.shutdown()
    server.server_close()
    ended = rapport("models", "pull")
    assert ended.code == 1
    assert "online" in ended.err
    assert "rapport models pull" in ended.err


def test_what_comes_with_rapport_is_not_fetched(rapport: Rapport) -> None:
    ended = rapport("models", "pull", "inside")
    assert ended.code == 2
    assert "comes with Rapport" in ended.err.replace("\n", " ")


def test_the_commercial_policy_marks_what_it_refuses(
    rapport: Rapport, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = store.PACKAGED / store.MANIFEST
    text = manifest.read_text().replace('commercial_use = "yes"', 'commercial_use = "no"', 1)
    manifest.write_text(text.replace('reason = "MIT"', 'reason = "Trained on films."', 1))
    store.manifest.cache_clear()
    for policy, refused in (("any", False), ("commercial", True)):
        monkeypatch.setenv("RAPPORT_MODELS__LICENCE_POLICY", policy)
        listed = {m["id"]: m for m in json.loads(rapport("models", "list", "--json").out)}
        assert listed["inside"]["refused"] is refused
        assert listed["inside"]["state"] == "here"
        assert not listed["outside"]["refused"]
        table = rapport("models", "list").out
        assert ("refused" in table) is refused
        assert "Trained on films." in table


def test_the_table_names_licence_and_state(rapport: Rapport) -> None:
    ended = rapport("models", "list")
    assert ended.code == 0
    for said in ("inside", "outside", "a task", "MIT", "yes", "here", "missing", "0.2 MB"):
        assert said in ended.out
