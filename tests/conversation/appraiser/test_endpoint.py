"""Words go to this machine, or where the settings allow it, and only to an address that was
checked."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.conversation.appraiser import endpoint as module
from rapport.conversation.appraiser.endpoint import Endpoint, addresses, endpoint
from rapport.errors import EndpointInvalid, EndpointRefused, EndpointUnreachable
from rapport.settings import Appraiser as AppraiserSettings

pytestmark = pytest.mark.unit


def found(address: str, remote: bool = False, key_file: str = "") -> Endpoint:
    return endpoint(AppraiserSettings(endpoint=address, remote=remote, key_file=key_file))


def go_on() -> None:
    """Nothing is over."""


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that were looked up; each is 10.0.0.7 and, as the second, 93.184.215.14."""
    asked: list[str] = []

    def look(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (ip, port)) for ip in ("10.0.0.7", "93.184.215.14", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    yield asked


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/chat/completions"),
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/chat/completions"),
        (" http://localhost:11434/v1", "http://localhost:11434/v1/chat/completions"),
        ("http://LOCALHOST.:1234", "http://localhost:1234/chat/completions"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions"),
        ("https://127.8.9.10/v1", "https://127.8.9.10:443/v1/chat/completions"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]:80/chat/completions"),
    ],
)
def test_this_machine_needs_no_permission(address: str, url: str, looked_up: list[str]) -> None:
    to = found(address)
    assert to.on_this_machine
    assert to.url == url
    for ip in addresses(to, go_on):
        assert module._is_loopback(ip)
    assert looked_up == []


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.5:8080/v1",
        "http://0.0.0.0:8080/v1",
        "http://[::]:8080",
        "http://10.0.0.1",
        "http://[fe80::1]",
        "http://example.com/v1",
        "http://localhost.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://xlocalhost/v1",
        "http://2130706433/v1",
        "http://0x7f.1/v1",
        "http://127.1/v1",
        "http://[::ffff:10.0.0.1]/v1",
    ],
)
def test_anything_else_is_refused_before_it_is_looked_up(
    address: str, looked_up: list[str]
) -> None:
    with pytest.raises(EndpointRefused):
        found(address)
    assert not found(address, remote=True).on_this_machine
    assert looked_up == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8080",
        "ftp://127.0.0.1/v1",
        "file:///etc/passwd",
        "http://",
        "http://:8080",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:x/v1",
        "http://user:secret@127.0.0.1/v1",
        "http://127.0.0.1/v1?key=secret",
        "http://127.0.0.1/v1#x",
        "http://[127.0.0.1/v1",
        "http://lócalhost/v1",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(EndpointInvalid) as refused:
        found(address, remote=True)
    assert "secret" not in str(refused.value)


def test_a_name_is_looked_up_once_and_public_addresses_need_https(looked_up: list[str]) -> None:
    assert addresses(found("http://studio.lan/v1", remote=True), go_on) == ("10.0.0.7",)
    assert looked_up == ["studio.lan"]
    assert addresses(found("https://studio.lan/v1", remote=True), go_on) == (
        "10.0.0.7",
        "93.184.215.14",
    )
    with pytest.raises(EndpointRefused, match="https"):
        addresses(found("http://93.184.215.14/v1", remote=True), go_on)
    with pytest.raises(EndpointRefused):
        addresses(found("http://0.0.0.0/v1", remote=True), go_on)


def test_a_name_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(EndpointUnreachable):
        addresses(found("http://nobody.lan/v1", remote=True), go_on)


def test_a_silent_name_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(60) and [])

    class Over(Exception):
        pass

    def over() -> None:
        raise Over

    with pytest.raises(Over):
        addresses(found("http://slow.lan/v1", remote=True), over)
    answered.set()


def test_who_asks_no_model_loads_no_library_for_it() -> None:
    code = "import sys, rapport.conversation.appraiser.appraiser; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert "rapport.conversation.appraiser.prompt" in loaded
    assert not {"httpcore", "httpx", "ssl"} & set(loaded)


def test_a_key_comes_from_a_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-secret\n", encoding="utf-8")
    assert found("http://127.0.0.1/v1", key_file=str(file)).key == "sk-secret"
    for content in (b"", b"two\nlines", b"\xff", "schlüssel".encode()):
        file.write_bytes(content)
        with pytest.raises(EndpointInvalid) as refused:
            found("http://127.0.0.1/v1", key_file=str(file))
        assert "schl" not in str(refused.value) and "two" not in str(refused.value)
    with pytest.raises(EndpointInvalid):
        found("http://127.0.0.1/v1", key_file=str(tmp_path / "none"))
