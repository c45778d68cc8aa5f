"""The pulse: fuses the newest readings and sends a state, again and again."""

import threading
from collections.abc import Callable

import msgspec

from rapport.capture.clock import Observe, now_ns, timed, wall
from rapport.capture.signals import Frame, Notify, Samples
from rapport.fusion import Fusion
from rapport.fusion.parameters import Parameters
from rapport.settings import Settings
from rapport.sidecar.baselines import Baselines, Told
from rapport.sidecar.channel import Channel
from rapport.sidecar.dialogue import Dialogue
from rapport.sidecar.presence import Presences, follow
from rapport.sidecar.reacting import Reacting
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
        face: Channel[Frame],
        voice: Channel[Samples],
        dialogue: Dialogue,
        baselines: Baselines,
        gate: Parameters,
        frame_read: threading.Event,
        reacting: Reacting,
        send: Callable[[EmotionState], EmotionState],
        notify: Notify,
        observe: Observe,
    ) -> None:
        """
        :param doing: what an open source is said to be for: capturing or playing.
        :param gate: what the gate has learned.
        :param frame_read: is set when a frame was read.
        :param send: publishes a state, and returns it as it was sent.
        """
        self._doing = doing
        self._settings = settings
        self._face = face
        self._channels = (face, voice)
        self._dialogue = dialogue
        self._baselines = baselines
        self._frame_read = frame_read
        self._reacting = reacting
        self._send = send
        self._notify = notify
        self._observe = observe
        self._fusion = Fusion(settings.fusion, gate)
        self._opened: frozenset[Modality] = frozenset()

    @property
    def capturing(self) -> tuple[Modality, ...]:
        """The modalities whose sources are open and give signals; what is, not what was asked."""
        return tuple(channel.modality for channel in self._channels if channel.capturing)

    def adjust(self, settings: Settings) -> None:
        """Use other settings from the next beat on."""
        self._settings = settings
        self._fusion.adjust(settings.fusion)

    def beat(self, stopping: threading.Event) -> None:
        """Send states until it is to stop."""
        presences = Presences()
        capturing: tuple[Modality, ...] = ()
        while not stopping.is_set():
            longest_s = 1.0 / self._settings.wire.minimum_rate_hz
            self._frame_read.wait(longest_s * (LATE_FRAME if self._face.capturing else 1.0))
            self._frame_read.clear()
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
            if (now := self.capturing) != capturing:
                capturing = now
                self._notify(EventKind.STATUS, "", f"{self._doing}: {', '.join(now) or 'nothing'}")
            presences, due = follow(presences, state)
            for kind in due:
                self._notify(kind, "", "")

    def _fused(self) -> tuple[EmotionState, Told | None]:
        readings = {channel.modality: channel.current() for channel in self._channels}
        opened = frozenset(channel.modality for channel in self._channels if channel.open)
        if self._opened - opened:
            # What was taken away must not be heard in what is published from now on.
            self._fusion.forget()
            self._reacting.forget()
        self._opened = opened
        readings[Modality.TEXT] = self._dialogue.current()
        relative, told = self._baselines.apply(readings, now_ns())
        state = self._fusion.tick(relative, now_ns(), wall())
        return msgspec.structs.replace(state, baseline=self._baselines.word()), told
