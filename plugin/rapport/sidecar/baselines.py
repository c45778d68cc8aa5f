"""The baseline of the player who is there: learning it, keeping it, applying it."""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec

from rapport.errors import ProfileUnusable
from rapport.fusion.baseline import Baseline, Learning, relative
from rapport.state import EventKind, Evidence, Modality
from rapport.wire.answers import BaselineStatus
from rapport.wire.discovery import write_privately

FILE_BYTES_MAX = 16 * 1024
DEFAULT_PROFILE = "player"
Told = tuple[EventKind, str, str]
"""Kind, code and detail of an event."""

log = logging.getLogger("rapport.sidecar")


class Baselines:
    """One file a player profile, in the user's data folder and readable by the user alone. It
    holds averages of a resting face's and voice's readings: no picture, no sound.

    Safe from any thread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._profile = DEFAULT_PROFILE
        self._learning: Learning | None = None
        self._learning_face = False
        self._baseline = self._read(DEFAULT_PROFILE)

    def start(self, profile: str, now_ns: int) -> None:
        """Learn a player's rest from now on."""
        with self._lock:
            self._profile = profile
            self._baseline = self._read(profile)
            self._learning = Learning(now_ns, self._baseline)
            self._learning_face = True

    def stop(self) -> None:
        """End the learning and keep what was learned, if it is enough."""
        with self._lock:
            self._keep()
            self._learning, self._learning_face = None, False

    def clear(self, profile: str) -> None:
        """Forget a player's rest, here and on the disk.

        :raises ProfileUnusable: the file cannot be removed.
        """
        with self._lock:
            if profile == self._profile:
                self._learning, self._learning_face = None, False
                self._baseline = Baseline()
            try:
                self._file(profile).unlink(missing_ok=True)
            except OSError as error:
                raise _unusable(profile, error) from error

    def status(self, now_ns: int) -> BaselineStatus:
        """Whose baseline is used, and how far its learning is."""
        with self._lock:
            progress = 1.0 if self._learning is None else self._learning.progress(now_ns)
            return BaselineStatus(self._profile, self._word(), progress)

    def word(self) -> str:
        """`none`, `learning` or `set`, as states say it."""
        with self._lock:
            return self._word()

    def apply(
        self, evidence: Mapping[Modality, Evidence], now_ns: int
    ) -> tuple[dict[Modality, Evidence], Told | None]:
        """The readings beside the player's rest, and what is to be told, if anything is."""
        with self._lock:
            told = None
            if self._learning is not None:
                for reading in evidence.values():
                    self._learning.see(reading)
                if self._learning_face and self._learning.progress(now_ns) >= 1.0:
                    told = self._settle()
            baseline = self._baseline
        return {m: relative(e, baseline) for m, e in evidence.items()}, told

    def _word(self) -> str:
        if self._learning_face:
            return "learning"
        return "none" if self._baseline == Baseline() else "set"

    def _settle(self) -> Told:
        """The time for the face is over; the voice goes on."""
        self._learning_face = False
        if self._keep():
            return EventKind.BASELINE_SET, "", f"The baseline of {self._profile!r} is known."
        return EventKind.BASELINE_FAILED, "", "Too little of a face was seen to learn its rest."

    def _keep(self) -> bool:
        """Use and write what was learned; returns whether there was enough of it."""
        learned = Baseline() if self._learning is None else self._learning.learned()
        if learned == Baseline():
            return False
        self._baseline = Baseline(
            learned.face or self._baseline.face, learned.voice or self._baseline.voice
        )
        try:
            self._write(self._profile, self._baseline)
        except ProfileUnusable as error:
            # It is used all the same; a full disk must not end the play.
            log.warning("%s %s", error, error.remedy)
        return True

    def _file(self, profile: str) -> Path:
        return self._folder / f"{profile}.json"

    def _read(self, profile: str) -> Baseline:
        try:
            with self._file(profile).open("rb") as file:
                return msgspec.json.decode(file.read(FILE_BYTES_MAX), type=Baseline)
        except FileNotFoundError:
            return Baseline()
        except (OSError, msgspec.MsgspecError, RecursionError) as error:
            log.warning("%s", _unusable(profile, error))
            return Baseline()

    def _write(self, profile: str, baseline: Baseline) -> None:
        try:
            write_privately(self._file(profile), msgspec.json.encode(baseline))
        except OSError as error:
            raise _unusable(profile, error) from error


def _unusable(profile: str, error: Exception) -> ProfileUnusable:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return ProfileUnusable(f"the baseline of the profile {profile!r}: {reason}")
