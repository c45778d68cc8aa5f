"""Who may capture what: asks the ledger, and writes the player's answers into it."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

from rapport.consent import text
from rapport.consent.entries import (
    DAY_S,
    DAYS_MAX,
    PERMISSIONS,
    By,
    Entry,
    Grant,
    Permission,
    Standing,
    holds,
    is_time,
    iso,
    standing,
)
from rapport.consent.ledger import Ledger
from rapport.errors import (
    ConsentError,
    ConsentInvalid,
    ConsentMissing,
    ConsentTextUnknown,
    ConsentUnreadable,
)

_APP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Gatekeeper:
    """Says what each application is allowed. Every question looks at the file's date, so that an
    answer given in another program counts at once; questions may come from any thread, answers
    (`grant`, `revoke`, `erase`) from one at a time.

    Times (`now_wall`) are seconds since the Unix epoch. A grant holds from when it was given until
    it ends or is taken back, on the current text only, and not if the clock was set back to before
    it was given.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        # Both are replaced as a whole, and what was folded says from what, so that threads that
        # ask need no lock.
        self._unwritten: tuple[Entry, ...] = ()
        self._folded: tuple[tuple[Entry, ...], tuple[Entry, ...], Standing] = ((), (), {})

    def allows(self, app: str, permission: str, now_wall: float) -> bool:
        """Whether the player allows this application this permission now. Never raises: a ledger
        that cannot be believed allows nothing."""
        return not self.refusal(app, permission, now_wall)

    def refusal(self, app: str, permission: str, now_wall: float) -> str:
        """Why something is not allowed, as a stable code (`consent_missing`,
        `consent_unreadable`); empty if it is."""
        try:
            found = self._standing()
        except ConsentUnreadable as error:
            return error.code
        grant = found.get((app, cast(Permission, permission)))
        covered = grant is not None and _covers(grant, now_wall)
        return "" if covered else ConsentMissing.code

    def grants(self, app: str | None, now_wall: float) -> tuple[Grant, ...]:
        """What holds now, for one application or (None) for all, in the order of `PERMISSIONS`.

        :raises ConsentUnreadable: as `Ledger.current`.
        """
        return tuple(
            sorted(
                (
                    grant
                    for grant in self._standing().values()
                    if app in (None, grant.app) and _covers(grant, now_wall)
                ),
                key=lambda grant: (grant.app, PERMISSIONS.index(grant.permission)),
            )
        )

    def grant(
        self,
        app: str,
        name: str,
        permissions: Iterable[str],
        language: str,
        text_version: str,
        days: float | None,
        by: By,
        now_wall: float,
    ) -> tuple[Grant, ...]:
        """Keep that the player has seen this text and allowed these things; what holds then.

        :param app: letters, digits, dots, dashes; at most 64. `name` is what people call it.
        :param days: how long, 0 ... 366; None: 366.
        :raises ConsentTextUnknown: the text is not the current one, or there is none in that
            language.
        :raises ConsentInvalid: an application, permission or time that there is not.
        :raises ConsentUnreadable, ConsentUnwritable: the ledger cannot be added to.
        """
        if text_version != text.VERSION:
            raise ConsentTextUnknown(
                f"The text shown was {text_version!r}; the current one is {text.VERSION!r}."
            )
        language = text.find(language)
        days = DAYS_MAX if days is None else days
        if not 0.0 < days <= DAYS_MAX:
            raise ConsentInvalid(f"Consent cannot hold for {days:g} days.")
        until_wall = now_wall + days * DAY_S
        entry = Entry(
            at=_date(now_wall),
            action="grant",
            by=by,
            at_wall=now_wall,
            app=checked_app(app),
            name=text.printable(name) or app,
            permissions=_permissions(permissions),
            until=_date(until_wall),
            until_wall=until_wall,
            text_version=text_version,
            language=language,
            rapport=_version(),
        )
        self.ledger.current()  # a damaged ledger is not made to look whole
        self._append(entry)
        return self.grants(app, now_wall)

    def revoke(
        self,
        app: str | None,
        permissions: Iterable[str] | None,
        by: By,
        now_wall: float,
    ) -> tuple[Grant, ...]:
        """Take back these permissions (None: all) of one application (None: all); what is left of
        it. Counts in this process even if it cannot be written.

        :raises ConsentInvalid: an application or permission that there is not.
        :raises ConsentUnwritable: other processes, and this one when it runs the next time, will
            not know of it.
        """
        gone = PERMISSIONS if permissions is None else _permissions(permissions)
        entry = Entry(
            at=_date(now_wall),
            action="revoke",
            by=by,
            at_wall=now_wall,
            app="" if app is None else checked_app(app),
            permissions=gone,
            rapport=_version(),
        )
        try:
            found = self._standing()
        except ConsentUnreadable:
            self._append(entry)  # in case the file is mended by hand
            return ()
        if any(app in (None, of) and permission in gone for of, permission in found):
            try:
                self._append(entry)
            except ConsentError:
                self._unwritten += (entry,)
                raise
        return self.grants(app, now_wall)

    def erase(self, by: By, now_wall: float) -> None:
        """Remove everything that was ever answered, damaged or not. For the player alone: from the
        command line or the page, never for a game.

        :raises ConsentInvalid: a game asks.
        :raises ConsentUnwritable: the ledger could not be emptied.
        """
        if by == "game":
            raise ConsentInvalid("Only the player may erase the record of consent.")
        self.ledger.erase(
            Entry(at=_date(now_wall), action="erase", by=by, at_wall=now_wall, rapport=_version())
        )
        self._unwritten = ()

    def export(self, target: Path) -> int:
        """As `Ledger.export`."""
        return self.ledger.export(target)

    def _append(self, entry: Entry) -> None:
        while self._unwritten:
            self.ledger.append(self._unwritten[0])
            self._unwritten = self._unwritten[1:]
        self.ledger.append(entry)

    def _standing(self) -> Standing:
        entries, unwritten = self.ledger.current(), self._unwritten
        of, and_of, found = self._folded
        if entries is not of or unwritten is not and_of:
            found = standing((*entries, *unwritten))
            self._folded = (entries, unwritten, found)
        return found


def _covers(grant: Grant, now_wall: float) -> bool:
    return grant.text_version == text.VERSION and holds(grant, now_wall)


def checked_app(app: str) -> str:
    """The id of an application.

    :raises ConsentInvalid: it is none.
    """
    if not _APP.fullmatch(app):
        raise ConsentInvalid("An application's id has 1 to 64 letters, digits, dots or dashes.")
    return app


def _permissions(permissions: Iterable[str]) -> tuple[Permission, ...]:
    asked = set(permissions)
    if not asked or not asked <= set(PERMISSIONS):
        raise ConsentInvalid(f"Consent is for {', '.join(PERMISSIONS)}, and for one at least.")
    return tuple(permission for permission in PERMISSIONS if permission in asked)


def _date(wall: float) -> str:
    if not is_time(wall):
        raise ConsentInvalid(f"This is no time: {wall!r}.")
    return iso(wall)


def _version() -> str:
    try:
        return version("rapport-sidecar")
    except PackageNotFoundError:
        return "unknown"
