"""Downloads from a real server on loopback, one that breaks off, lies and refuses."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from rapport.errors import DownloadFailed
from rapport.experts.download import download
from rapport.experts.manifest import Entry

pytestmark = pytest.mark.system

CONTENT = bytes(range(256)) * 1200  # more than one write, not a multiple of it


class Server(ThreadingHTTPServer):
    """Serves `CONTENT` under every path; tests change how."""

    daemon_threads = True
    content = CONTENT
    ranges = True
    wrong_offset = False
    breaks_after: int | None = None
    announces_length = True
    status: int | None = None
    redirect = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []
        """The Range header of every request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/model.task"


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, wanted = self.server, self.headers.get("Range", "")
        server.asked.append(wanted)
        if server.redirect or server.status:
            self.send_response(server.status or 302)
            self.send_header("Location", server.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
        if start >= len(server.content):
            self.send_error(416)
            return
        if start and server.wrong_offset:
            start -= 1
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        if server.announces_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.breaks_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def entry(server: Server) -> Entry:
    return Entry(
        id="face_landmarker",
        file="model.task",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        bytes=len(CONTENT),
        version="1",
        task="face tracking",
        licence="Apache-2.0",
        commercial_use="yes",
        commercial_use_reason="it says so",
        url=server.url,
    )


def part_of(folder: Path) -> Path:
    return folder / "model.task.part"


def test_a_download_takes_the_name_of_the_model(entry: Entry, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = download(
        entry, tmp_path / "not" / "there", lambda done, total: seen.append((done, total))
    )
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["model.task"]
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


@pytest.mark.parametrize("announces_length", [True, False])
def test_a_broken_off_download_goes_on_where_it_stopped(
    server: Server, entry: Entry, tmp_path: Path, announces_length: bool
) -> None:
    server.breaks_after, server.announces_length = 100_000, announces_length
    with pytest.raises(DownloadFailed):
        download(entry, tmp_path)
    assert part_of(tmp_path).read_bytes() == CONTENT[:100_000]
    assert not (tmp_path / "model.task").exists()

    server.breaks_after = None
    assert download(entry, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["", "bytes=100000-"]
    assert not part_of(tmp_path).exists()


@pytest.mark.parametrize("server_is", ["without ranges", "at another offset"])
def test_a_server_without_the_rest_starts_over(
    server: Server, entry: Entry, tmp_path: Path, server_is: str
) -> None:
    part_of(tmp_path).write_bytes(CONTENT[:1000])
    server.ranges = server_is != "without ranges"
    server.wrong_offset = server_is == "at another offset"
    assert download(entry, tmp_path).read_bytes() == CONTENT


def test_a_part_beyond_the_end_of_the_file_starts_over(
    server: Server, entry: Entry, tmp_path: Path
) -> None:
    """The server answers 416: its file is shorter than what is there (an older publication)."""
    longer = msgspec.structs.replace(entry, bytes=len(CONTENT) + 5000)
    part_of(tmp_path).write_bytes(CONTENT + bytes(100))
    with pytest.raises(DownloadFailed, match="broke off"):
        download(longer, tmp_path)
    assert server.asked == [f"bytes={len(CONTENT) + 100}-", ""]
    assert part_of(tmp_path).read_bytes() == CONTENT


def test_a_complete_part_needs_no_server(server: Server, entry: Entry, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(CONTENT)
    download(entry, tmp_path)
    assert server.asked == []


@pytest.mark.parametrize(
    "content", [CONTENT[:-1] + b"!", CONTENT * 3], ids=["forged", "much too long"]
)
def test_anything_but_the_published_bytes_is_deleted(
    server: Server, entry: Entry, tmp_path: Path, content: bytes
) -> None:
    server.content = content
    with pytest.raises(DownloadFailed, match="SHA-256"):
        download(entry, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_answer_is_cut_off(server: Server, entry: Entry, tmp_path: Path) -> None:
    server.content, server.announces_length = CONTENT * 100, False
    seen: list[int] = []
    with pytest.raises(DownloadFailed, match="SHA-256"):
        download(entry, tmp_path, lambda done, _: seen.append(done))
    assert len(seen) < 20  # chunks, where the whole answer has hundreds


def test_a_refusal_keeps_what_is_there(server: Server, entry: Entry, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(CONTENT[:1000])
    server.status = 503
    with pytest.raises(DownloadFailed, match="503"):
        download(entry, tmp_path)
    assert part_of(tmp_path).read_bytes() == CONTENT[:1000]


@pytest.mark.parametrize("target", ["http://example.invalid/model.task", "ftp://example.invalid/m"])
def test_only_https_is_fetched_even_after_a_redirect(
    server: Server, entry: Entry, tmp_path: Path, target: str
) -> None:
    with pytest.raises(DownloadFailed, match=r"refused|protocol"):
        download(msgspec.structs.replace(entry, url=target), tmp_path)
    server.redirect = target
    with pytest.raises(DownloadFailed, match=r"refused|protocol"):
        download(entry, tmp_path)


def test_offline_is_said(server: Server, entry: Entry, tmp_path: Path) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadFailed, match="online"):
        download(entry, tmp_path)


def test_a_file_where_the_directory_should_be_is_named(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(DownloadFailed, match="models"):
        download(entry, tmp_path / "models")
