"""`rapport consent`: seeing, allowing, taking back."""

import http.client
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest

from rapport.consent import text
from rapport.consent.gatekeeper import Gatekeeper
from rapport.consent.ledger import Ledger
from rapport.settings import Consent

from .conftest import Rapport

pytestmark = pytest.mark.system

YES = ("consent", "grant", "--camera", "--yes", "--language", "en")


@pytest.fixture(autouse=True)
def folder(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the ledger of this test lies; the system speaks no language of ours, and there is
    nobody at a terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setenv("RAPPORT_CONSENT__DIRECTORY", str(tmp_path / "consent"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    return tmp_path / "consent"


@pytest.fixture
def gatekeeper(folder: Path) -> Gatekeeper:
    return Gatekeeper(Ledger(Consent(directory=str(folder))))


def allowed(gatekeeper: Gatekeeper, app: str = "rapport") -> list[str]:
    return [grant.permission for grant in gatekeeper.grants(app, time.time())]


def test_at_first_nothing_is_allowed(rapport: Rapport, folder: Path) -> None:
    ended = rapport("consent", "show")
    assert ended.code == 0
    assert "Nothing is allowed" in ended.out
    assert str(folder) in ended.out
    assert json.loads(rapport("consent", "show", "--json").out)["grants"] == []


def test_granting_shows_the_text_and_is_shown(rapport: Rapport, gatekeeper: Gatekeeper) -> None:
    ended = rapport(*YES, "--recording", "--days", "2")
    assert ended.code == 0
    shown = text.shown("en", "Rapport")
    said = " ".join(ended.out.split())
    for part in (shown.title, *shown.body.split("\n\n"), shown.permissions["camera"]):
        assert part in said
    assert shown.permissions["microphone"] not in said
    assert allowed(gatekeeper) == ["camera", "recording"]
    (camera, _) = json.loads(rapport("consent", "show", "--json").out)["grants"]
    assert camera["app"] == "rapport"
    assert camera["by"] == "command line"
    assert camera["until_wall"] - camera["granted_wall"] == pytest.approx(2 * 86400)
    table = rapport("consent", "show").out
    for word in ("camera", "recording", text.VERSION):
        assert word in table
    assert "microphone" not in table


def test_the_language_is_the_systems(rapport: Rapport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_CA.UTF-8")
    title = text.shown("fr", "Rapport").title
    assert title in " ".join(rapport("consent", "text").out.split())
    assert title not in rapport("consent", "text", "--language", "de").out
    assert title in " ".join(rapport("consent", "grant", "--camera", "--yes").out.split())
    (grant,) = json.loads(rapport("consent", "show", "--json").out)["grants"]
    assert grant["language"] == "fr"


def test_revoking_says_and_takes_back_everything_by_default(
    rapport: Rapport, gatekeeper: Gatekeeper
) -> None:
    rapport(*YES, "--microphone")
    rapport(*YES, "--app", "a.game", "--name", "A [b]Game")
    assert rapport("consent", "revoke", "--app", "a.game").code == 0
    assert allowed(gatekeeper, "a.game") == []
    assert rapport("consent", "revoke", "--camera").code == 0
    assert allowed(gatekeeper) == ["microphone"]
    assert rapport("consent", "revoke").code == 0
    assert allowed(gatekeeper) == []
    history = json.loads(rapport("consent", "show", "--history", "--json").out)["history"]
    actions = [entry["action"] for entry in history]
    assert actions == ["grant", "grant", "revoke", "revoke", "revoke"]
    table = rapport("consent", "show", "--history").out
    assert "[b]" in table
    assert "revoke" in table


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("grant", "--yes"), 2, "--camera"),
        (("grant", "--camera"), 2, "terminal"),
        (("grant", "--camera", "--yes", "--days", "400"), 2, "366"),
        (("grant", "--camera", "--yes", "--days", "nan"), 2, "366"),
        (("grant", "--camera", "--yes", "--app", "../x"), 1, "consent_invalid"),
        (("grant", "--camera", "--yes", "--language", "xx"), 1, "consent_text_unknown"),
        (("revoke", "--app", "a", "--all"), 2, "--all"),
        (("revoke", "--app", "a b"), 1, "consent_invalid"),
        (("export", "nowhere"), 2, "nothing to"),
        (("erase",), 2, "--yes"),
        (("text", "--language", "xx"), 1, "consent_text_unknown"),
        (("page", "--app", "../x", "--no-browser"), 1, "consent_invalid"),
        ((), 2, "Usage"),
    ],
)
def test_wrong_use_is_told_and_writes_nothing(
    rapport: Rapport, folder: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = rapport("consent", *arguments)
    assert ended.code == code
    assert said in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert not (folder / "consent.jsonl").exists()


def test_a_damaged_record_is_named_exported_and_erased(
    rapport: Rapport, gatekeeper: Gatekeeper, tmp_path: Path
) -> None:
    rapport(*YES)
    with gatekeeper.ledger.path.open("ab") as stream:
        stream.write(b"damage\n")
    ended = rapport("consent", "show")
    assert ended.code == 1
    assert "[consent_unreadable]" in ended.err
    assert "rapport consent erase" in " ".join(ended.err.split())
    assert rapport(*YES).code == 1
    copy = tmp_path / "copy.jsonl"
    assert rapport("consent", "export", str(copy)).code == 0
    assert copy.read_bytes() == gatekeeper.ledger.path.read_bytes()
    assert rapport("consent", "export", str(copy)).code == 2
    assert rapport("consent", "erase", "--yes").code == 0
    assert rapport(*YES).code == 0
    assert allowed(gatekeeper) == ["camera"]


def test_words_are_asked_for_by_name_or_where_the_settings_let_them_leave(
    rapport: Rapport,
    gatekeeper: Gatekeeper,
    start: Callable[..., subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rapport("consent", "grant", "--text", "--yes").code == 0
    assert allowed(gatekeeper) == ["text"]
    assert rapport("consent", "revoke", "--text").code == 0
    assert allowed(gatekeeper) == []
    for on, boxes in (("false", 3), ("true", 4)):
        monkeypatch.setenv("RAPPORT_APPRAISER__ENABLED", on)
        monkeypatch.setenv("RAPPORT_APPRAISER__REMOTE", "true")
        process = start("consent", "page", "--no-browser")
        url = asked_page(process)
        with urlopen(url, timeout=20) as page:
            assert page.read().count(b'type="checkbox"') == boxes
        answer(url, ("language", "en"), ("answer", "decline"))
        process.communicate(timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals in Python")
@pytest.mark.parametrize(
    ("answers", "given", "code"),
    [("y\nn\ny\n", ["camera", "recording"], 0), ("n\n\nn\n", [], 1), ("y\n\x03", [], None)],
)
def test_at_a_terminal_each_thing_is_asked_by_itself(
    gatekeeper: Gatekeeper, answers: str, given: list[str], code: int | None
) -> None:
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "rapport.cli", "consent", "grant", "--language", "de"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=_own_terminal,
    )
    os.close(slave)
    said = b""
    for number, answer in enumerate(re.findall(r".*?[\n\x03]", answers), start=1):
        while said.count(b"[y/N]") < number:
            said += os.read(master, 65536)
        os.write(master, answer.encode())
    try:
        while part := os.read(master, 65536):
            said += part
    except OSError:
        pass  # Linux's way to say that the other end is closed
    os.close(master)
    ended = process.wait(30)
    assert ended != 0 if code is None else ended == code
    assert allowed(gatekeeper) == given
    assert b"Traceback" not in said
    if code == 1:
        assert b"consent_refused" in said


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it


def asked_page(process: subprocess.Popen[str]) -> str:
    """The address of the page that a started command asks on."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    pytest.fail("the command ended without a page")


def answer(url: str, *fields: tuple[str, str]) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", parts.path, urlencode(fields), headers)
    body = connection.getresponse().read().decode()
    connection.close()
    return body


def test_the_answer_on_the_page_replaces_what_was_allowed(
    rapport: Rapport, gatekeeper: Gatekeeper, start: Callable[..., subprocess.Popen[str]]
) -> None:
    rapport(*YES, "--app", "a.game")
    rapport(*YES)
    process = start("consent", "page", "--app", "a.game", "--name", "A Game", "--no-browser")
    url = asked_page(process)
    said = answer(url, ("language", "es"), ("permission", "microphone"), ("answer", "allow"))
    assert text.template("es").page.saved in said
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "Allowed to A Game: microphone." in out
    (grant,) = gatekeeper.grants("a.game", time.time())
    assert (grant.permission, grant.by, grant.language) == ("microphone", "page", "es")
    assert allowed(gatekeeper) == ["camera"]  # another application's answer


def test_no_on_the_page_takes_back(
    rapport: Rapport, gatekeeper: Gatekeeper, start: Callable[..., subprocess.Popen[str]]
) -> None:
    rapport(*YES)
    process = start("consent", "page", "--no-browser")
    answer(asked_page(process), ("language", "en"), ("answer", "decline"))
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Allowed to Rapport: nothing." in out
    assert allowed(gatekeeper) == []


def test_nobody_on_the_page_is_no_answer(
    rapport: Rapport, gatekeeper: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(opened.append(url)))
    rapport(*YES)
    ended = rapport("consent", "page", "--seconds", "1")
    assert ended.code == 1
    assert "[consent_refused]" in ended.err
    assert "No browser" in ended.err
    assert opened[0] in ended.out
    assert allowed(gatekeeper) == ["camera"]
