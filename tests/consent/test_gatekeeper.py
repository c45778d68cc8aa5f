"""Nothing is allowed that the player did not allow; whatever happens, in any order."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from rapport.consent import text
from rapport.consent.entries import CLOCK_SLACK_S, DAY_S, PERMISSIONS
from rapport.consent.gatekeeper import Gatekeeper
from rapport.consent.ledger import Ledger
from rapport.errors import (
    ConsentInvalid,
    ConsentTextUnknown,
    ConsentUnreadable,
    ConsentUnwritable,
    RapportError,
)
from rapport.settings import Consent

NOW = 1_790_000_000.0


def allow(
    gatekeeper: Gatekeeper,
    *permissions: str,
    app: str = "game",
    name: str = "Game",
    language: str = "en",
    version: str = text.VERSION,
    days: float | None = None,
    now: float = NOW,
) -> None:
    gatekeeper.grant(app, name, permissions, language, version, days, "game", now)


@pytest.mark.unit
def test_nothing_is_allowed_at_first(gatekeeper: Gatekeeper) -> None:
    assert not any(gatekeeper.allows("game", each, NOW) for each in PERMISSIONS)
    assert gatekeeper.refusal("game", "camera", NOW) == "consent_missing"
    assert gatekeeper.grants(None, NOW) == ()


@pytest.mark.unit
def test_each_thing_is_allowed_by_itself_to_one_game(gatekeeper: Gatekeeper) -> None:
    allow(gatekeeper, "microphone", days=1)
    assert gatekeeper.allows("game", "microphone", NOW)
    assert gatekeeper.refusal("game", "microphone", NOW) == ""
    for app, permission in (("game", "camera"), ("game", "recording"), ("other", "microphone")):
        assert not gatekeeper.allows(app, permission, NOW)
    (grant,) = gatekeeper.grants("game", NOW)
    assert (grant.permission, grant.granted_wall, grant.until_wall) == (
        "microphone",
        NOW,
        NOW + DAY_S,
    )
    assert (grant.name, grant.language, grant.text_version) == ("Game", "en", text.VERSION)
    assert gatekeeper.grants("game", NOW + DAY_S) == ()


@pytest.mark.unit
def test_an_answer_in_another_program_counts_at_once(gatekeeper: Gatekeeper, folder: Path) -> None:
    allow(gatekeeper, "camera")
    assert gatekeeper.allows("game", "camera", NOW)
    elsewhere = Gatekeeper(Ledger(Consent(directory=str(folder))))
    assert elsewhere.revoke(None, None, "command line", NOW) == ()
    assert not gatekeeper.allows("game", "camera", NOW)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"version": "2020-01"}, ConsentTextUnknown),
        ({"version": ""}, ConsentTextUnknown),
        ({"language": "xx"}, ConsentTextUnknown),
        ({"days": 0.0}, ConsentInvalid),
        ({"days": -1.0}, ConsentInvalid),
        ({"days": 367.0}, ConsentInvalid),
        ({"days": float("nan")}, ConsentInvalid),
        ({"days": float("inf")}, ConsentInvalid),
        ({"app": ""}, ConsentInvalid),
        ({"app": "../game"}, ConsentInvalid),
        ({"app": "game\n"}, ConsentInvalid),
        ({"app": "x" * 65}, ConsentInvalid),
        ({"now": float("nan")}, ConsentInvalid),
        ({"now": float("inf")}, ConsentInvalid),
        ({"now": 253_402_300_000.0}, ConsentInvalid),
        ({"now": -5.0}, ConsentInvalid),
    ],
)
def test_what_is_no_consent_is_refused_and_not_written(
    gatekeeper: Gatekeeper, wrong: dict[str, object], error: type[RapportError]
) -> None:
    with pytest.raises(error):
        allow(gatekeeper, "camera", **wrong)  # type: ignore[arg-type]
    assert not gatekeeper.ledger.path.exists()


@pytest.mark.unit
@pytest.mark.parametrize("permissions", [(), ("screen",), ("camera", "screen"), ("",)])
def test_an_unknown_permission_is_refused(
    gatekeeper: Gatekeeper, permissions: tuple[str, ...]
) -> None:
    with pytest.raises(ConsentInvalid, match="camera, microphone, recording"):
        allow(gatekeeper, *permissions)
    with pytest.raises(ConsentInvalid):
        gatekeeper.revoke("game", permissions, "game", NOW)


@pytest.mark.unit
def test_a_new_text_asks_anew(gatekeeper: Gatekeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(gatekeeper, "camera")
    monkeypatch.setattr(text, "VERSION", "2099-01")
    assert not gatekeeper.allows("game", "camera", NOW)
    assert gatekeeper.grants(None, NOW) == ()
    allow(gatekeeper, "camera", version="2099-01")
    assert gatekeeper.allows("game", "camera", NOW)


@pytest.mark.unit
def test_a_clock_set_back_allows_nothing(gatekeeper: Gatekeeper) -> None:
    allow(gatekeeper, "camera", days=1)
    assert gatekeeper.allows("game", "camera", NOW - CLOCK_SLACK_S / 2)
    assert not gatekeeper.allows("game", "camera", NOW - 2 * CLOCK_SLACK_S)
    assert not gatekeeper.allows("game", "camera", float("nan"))
    gatekeeper.revoke("game", None, "game", NOW - 30 * DAY_S)
    assert not gatekeeper.allows("game", "camera", NOW)


@pytest.mark.unit
def test_the_name_is_kept_without_what_changes_a_terminal(gatekeeper: Gatekeeper) -> None:
    allow(gatekeeper, "camera", name="Ga\x1b[2Jme\n")
    allow(gatekeeper, "camera", app="other", name="\n\x07")
    assert [grant.name for grant in gatekeeper.grants(None, NOW)] == ["Ga [2Jme", "other"]


@pytest.mark.unit
def test_a_damaged_ledger_allows_nothing_and_takes_no_grant(gatekeeper: Gatekeeper) -> None:
    allow(gatekeeper, "camera")
    allow(gatekeeper, "microphone")
    path = gatekeeper.ledger.path
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"camera", b"Camera"))
    assert not gatekeeper.allows("game", "microphone", NOW)
    assert gatekeeper.refusal("game", "microphone", NOW) == "consent_unreadable"
    with pytest.raises(ConsentUnreadable):
        gatekeeper.grants(None, NOW)
    damaged = path.read_bytes()
    with pytest.raises(ConsentUnreadable):
        allow(gatekeeper, "camera")
    assert path.read_bytes() == damaged
    gatekeeper.revoke(None, None, "command line", NOW)
    # Somebody mends it by hand: what was taken back meanwhile stays taken back.
    revoked = path.read_bytes().removeprefix(damaged)
    path.write_bytes(whole + revoked)
    assert not gatekeeper.allows("game", "microphone", NOW)
    path.write_bytes(b"garbage\n")
    gatekeeper.erase("command line", NOW)
    allow(gatekeeper, "camera")
    assert gatekeeper.allows("game", "camera", NOW)


@pytest.mark.unit
def test_taking_back_counts_here_even_on_a_full_disk(
    gatekeeper: Gatekeeper, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(gatekeeper, "camera", "microphone")

    def full(_descriptor: int) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ConsentUnwritable):
            gatekeeper.revoke("game", ["camera"], "game", NOW)
        assert not gatekeeper.allows("game", "camera", NOW)
        assert gatekeeper.allows("game", "microphone", NOW)
        with pytest.raises(ConsentUnwritable):
            allow(gatekeeper, "recording")
        assert not gatekeeper.allows("game", "recording", NOW)
        assert not gatekeeper.allows("game", "camera", NOW)
    allow(gatekeeper, "recording")
    for of in (gatekeeper, Gatekeeper(Ledger(Consent(directory=str(folder))))):
        allowed = [each for each in PERMISSIONS if of.allows("game", each, NOW)]
        assert allowed == ["microphone", "recording"]


@pytest.mark.unit
def test_taking_back_what_was_never_given_writes_nothing(gatekeeper: Gatekeeper) -> None:
    assert gatekeeper.revoke("game", ["camera"], "game", NOW) == ()
    assert not gatekeeper.ledger.path.exists()


@pytest.mark.unit
def test_a_game_cannot_erase(gatekeeper: Gatekeeper) -> None:
    allow(gatekeeper, "camera")
    with pytest.raises(ConsentInvalid, match="Only the player"):
        gatekeeper.erase("game", NOW)
    assert gatekeeper.allows("game", "camera", NOW)
    gatekeeper.erase("page", NOW)
    assert not gatekeeper.allows("game", "camera", NOW)


APPS = st.sampled_from(["a", "b"])
SOME = st.lists(st.sampled_from(PERMISSIONS), min_size=1, unique=True)


class Answers(RuleBasedStateMachine):
    """Any sequence of answers and times against a dictionary, with a second reader."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        settings = Consent(directory=self.folder.name)
        self.gatekeeper, self.other = Gatekeeper(Ledger(settings)), Gatekeeper(Ledger(settings))
        self.now = NOW
        self.model: dict[tuple[str, str], tuple[float, float]] = {}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(app=APPS, permissions=SOME, days=st.floats(0.01, 366.0) | st.none())
    def grant(self, app: str, permissions: list[str], days: float | None) -> None:
        allow(self.gatekeeper, *permissions, app=app, days=days, now=self.now)
        until = self.now + (366.0 if days is None else days) * DAY_S
        self.model |= {(app, each): (self.now, until) for each in permissions}

    @rule(app=APPS | st.none(), permissions=SOME | st.none())
    def revoke(self, app: str | None, permissions: list[str] | None) -> None:
        self.gatekeeper.revoke(app, permissions, "game", self.now)
        for of, permission in list(self.model):
            if app in (None, of) and permission in (permissions or PERMISSIONS):
                del self.model[of, permission]

    @rule(days=st.floats(-400.0, 400.0))
    def time_goes(self, days: float) -> None:
        self.now += days * DAY_S

    @precondition(lambda self: self.gatekeeper.ledger.path.exists())
    @rule(torn=st.binary(min_size=1, max_size=20).filter(lambda data: b"\n" not in data))
    def power_cut(self, torn: bytes) -> None:
        with self.gatekeeper.ledger.path.open("ab") as stream:
            stream.write(torn)

    @rule()
    def erase(self) -> None:
        self.gatekeeper.erase("page", self.now)
        self.model.clear()

    @rule()
    def another_process_goes_on(self) -> None:
        self.gatekeeper, self.other = self.other, self.gatekeeper

    @invariant()
    def allowed_is_what_the_player_allowed(self) -> None:
        for app in ("a", "b", "never.asked"):
            for permission in PERMISSIONS:
                given, until = self.model.get((app, permission), (0.0, 0.0))
                expected = given - CLOCK_SLACK_S <= self.now < until
                for gatekeeper in (self.gatekeeper, self.other):
                    assert gatekeeper.allows(app, permission, self.now) is expected
                    held = {g.permission for g in gatekeeper.grants(app, self.now)}
                    assert (permission in held) is expected


Answers.TestCase.settings = hypothesis_settings(max_examples=40, stateful_step_count=15)
TestAnswers = pytest.mark.property(Answers.TestCase)
