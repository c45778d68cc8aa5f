"""The pulse: fuses the newest readings and sends a state, again and again."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

import msgspec

from rapport.capture.clock import Observe, now_ns, timed, wall
from rapport.capture.signals import Notify
from rapport.fusion import Fusion
from rapport.fusion.parameters import Parameters
from rapport.settings import Settings
from rapport.sidecar.baselines import Baselines, Told
from rapport.sidecar.presence import Presences, follow
from rapport.sidecar.reacting import Reacting
from rapport.sidecar.senses import Senses
from rapport.state import EmotionState, EventKind, Modality

LATE_FRAME = 2.0
"""While frames come they set the pace: one that is late by less than this factor of the longest
pause is waited for, so that there is one state per frame."""


class Pulse:
    """One state per camera frame, and never fewer than `wire.minimum_rate_hz`."""

    def __init__(
        self,
        doing: str,
        settings: Settings,
        senses: Senses,
        baselines: Baselines,
        gate: Parameters,
        reacting: Reacting,
        send: Callable[[EmotionState], EmotionState],
        notify: Notify,
        observe: Observe,
    ) -> None:
        """
        :param doing: what an open source is said to be for: capturing or playing.
        :param gate: what the gate has learned.
        :param send: publishes a state, and returns it as it was sent.
        """
        self._doing = doing
        self._settings = settings
        self._senses = senses
        self._baselines = baselines
        self._reacting = reacting
        self._send = send
        self._notify = notify
        self._observe = observe
        self._fusion = Fusion(settings.fusion, gate)
        self._opened: frozenset[Modality] = frozenset()
        self._marks: SimpleQueue[tuple[str, int]] = SimpleQueue()

    def adjust(self, settings: Settings) -> None:
        """Use other settings from the next beat on."""
        self._settings = settings
        self._fusion.adjust(settings.fusion)

    def mark(self, moment: str, at_ns: int) -> None:
        """The game names a moment; it is followed from the next beat on. From any thread."""
        self._marks.put((moment, at_ns))

    def beat(self, stopping: threading.Event) -> None:
        """Send states until it is to stop."""
        presences = Presences()
        capturing: tuple[Modality, ...] = ()
        while not stopping.is_set():
            longest_s = 1.0 / self._settings.wire.minimum_rate_hz
            late = LATE_FRAME if self._senses.face.capturing else 1.0
            self._senses.frame_read.wait(longest_s * late)
            self._senses.frame_read.clear()
            with timed(self._observe, "fusion"):
                state, told = self._fused()
            with timed(self._observe, "granular"):
                state = self._reacting.enriched(state, now_ns())
            with timed(self._observe, "publish"):
                state = self._send(state)
            with timed(self._observe, "reactions"):
                self._reacting.react(state, state.published_ns)
            if told is not None:
                self._notify(*told)
            if (now := self._senses.capturing) != capturing:
                capturing = now
                self._notify(EventKind.STATUS, "", f"{self._doing}: {', '.join(now) or 'nothing'}")
            presences, due = follow(presences, state)
            for kind in due:
                self._notify(kind, "", "")

    def _fused(self) -> tuple[EmotionState, Told | None]:
        readings, opened = self._senses.newest(), self._senses.opened
        if taken := self._opened - opened:
            # What was taken away must not be heard in what is published from now on.
            self._fusion.forget()
            self._reacting.forget()
            for modality in taken:
                self._senses.forget(modality)
        self._opened = opened
        evidence, told = self._baselines.apply(readings, now_ns())
        with timed(self._observe, "conversation"):
            lasting_s = self._settings.fusion.text_stale_s
            said = self._senses.dialogue.tick(evidence, now_ns(), lasting_s)
        evidence[Modality.TEXT] = said.words
        if (appraised := self._senses.appraiser.current()) is not None:
            evidence[Modality.APPRAISAL] = appraised
        while not self._marks.empty():
            self._fusion.mark(*self._marks.get(), now_ns())
        state = self._fusion.tick(evidence, now_ns(), wall(), said.doubt)
        if said.over is not None and said.over.text:
            self._senses.appraise(said.over, state.moments)
        baseline = self._baselines.word()
        return msgspec.structs.replace(state, baseline=baseline, conversation=said.state), told
