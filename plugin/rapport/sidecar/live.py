"""The live sidecar: owns threads and lifetimes from the sources to the wire."""

import gc
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rapport.capture.clock import Observe, now_ns, unobserved, wall
from rapport.conversation.transcript import Cue
from rapport.experts.store import Store
from rapport.recording.header import Header
from rapport.settings import Settings
from rapport.sidecar.access import Duty
from rapport.sidecar.admission import FOLLOW_S, Admission
from rapport.sidecar.answers import live_answers
from rapport.sidecar.assembly import clip_info, gate_parameters, gatekeeper, own_folder
from rapport.sidecar.baselines import Baselines
from rapport.sidecar.dialogue import Dialogue
from rapport.sidecar.duty import MENU_BUDGET_MS
from rapport.sidecar.lifetime import ITS_OWN, Lifetime, wait_for_end
from rapport.sidecar.profile_files import ProfileFile
from rapport.sidecar.prompter import Prompter
from rapport.sidecar.pulse import Pulse
from rapport.sidecar.reacting import Reacting
from rapport.sidecar.recordings import Recordings
from rapport.sidecar.senses import Senses
from rapport.sidecar.sources import Sources
from rapport.state import EmotionState, EventKind, Modality
from rapport.wire import discovery
from rapport.wire.answers import Status
from rapport.wire.auth import Guard
from rapport.wire.controller import Controller
from rapport.wire.publisher import Publisher

log = logging.getLogger("rapport.sidecar")

COLLECT_AFTER = 5_000
"""Objects made and not freed after which the garbage collector looks (Python's own: 700). Ten times
as many saved no more time and let MediaPipe's cycles pile up to ten megabytes."""


def _settle_memory() -> None:
    """Take what was loaded out of the cyclic garbage collector's sight, and let it look less often.

    A tracker makes hundreds of small objects a frame; the collector's looks
    through all loaded libraries for them cost 0.05 of a core and 2 ms of latency.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


class Sidecar:
    """Captures, reads, fuses and publishes until it is stopped or its source ends.

    A missing device, model or track costs its own modality and nothing else. Use as a context
    manager: leaving it releases every device.
    """

    def __init__(
        self,
        settings: Settings,
        source: Path | None = None,
        loop: bool = False,
        observe: Observe = unobserved,
        lifetime: Lifetime = ITS_OWN,
        profiles: tuple[ProfileFile, ...] = (),
        transcript: Sequence[Cue] = (),
    ) -> None:
        """
        :param source: a clip to play instead of camera and microphone, in real time.
        :param loop: play the clip again and again.
        :param observe: told of each stage's milliseconds.
        :param lifetime: whose life this sidecar's depends on.
        :param profiles: of characters that react for every game.
        :param transcript: what is said in the clip.
        :raises ClipUnreadable: the source is no clip.
        :raises ConsentError: the record of the player's consent cannot be read.
        :raises WireError: states cannot be published (port in use, address refused, …).
        """
        self.settings = settings
        self._observe = observe
        self._lifetime = lifetime
        self._profiles = profiles
        self._stopping = threading.Event()
        self._defect: Exception | None = None
        self.clip = None if source is None else clip_info(source)
        self.guard = Guard(settings.wire)
        self.publisher = Publisher(settings.wire, self.guard)
        self.gatekeeper = gatekeeper(settings, self.announce)
        self.store = Store(settings.models)
        self._senses = Senses(settings, self._may_send_text, self.announce, observe)
        self.baselines = Baselines(own_folder("baselines"))
        self.recordings = Recordings(own_folder("recordings"), self._header, self.announce)
        self.reacting = Reacting(self.publisher, self.announce)
        self._prompter = Prompter(transcript, self.dialogue.say, self.mark)
        self._sources = Sources(
            self._senses.face, self._senses.voice, settings.camera, settings.microphone,
            self.announce, self.clip, loop, self._prompter.begin,
        )  # fmt: skip
        self.admission = Admission(
            self._sources,
            {"camera": settings.camera.enabled, "microphone": settings.microphone.enabled},
            lifetime.leased,
            self._allows if self.clip is None else None,
            self.announce,
            self.reacting.leased,
        )
        self._pulse = Pulse(
            "capturing" if self.clip is None else "playing", settings, self._senses,
            self.baselines, gate_parameters(self.store), self.reacting, self._send,
            self.announce, observe,
        )  # fmt: skip
        self._registration: Path | None = None
        self._controller: Controller | None = None
        self._ticker = self._thread("rapport-tick", lambda: self._pulse.beat(self._stopping))
        self._keeper = self._thread("rapport-keep", self._keep)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Publish at once (with conditions `starting`), load the experts, open what may be open.

        :raises DirectoryUnwritable: the file by which programs find it cannot be written.
        :raises ReactionError: a profile's file cannot be used.
        """
        try:
            self._ticker.start()
            self.announce(EventKind.STARTED, "", "The sidecar publishes.")
            self.reacting.watch(self._profiles)
            self._controller = Controller(self.settings.wire, self.guard, live_answers(self).answer)
            self._registration = discovery.register(
                discovery.directory(self.settings.wire.runtime_directory or None),
                self.publisher.state_address,
                self.publisher.events_address,
                self._controller.address,
                self.guard.keys,
            )
            self._senses.load(self.settings, self.store)  # the first state does not wait for it
            _settle_memory()
            self.admission.follow()
            self._keeper.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Release every device, end every thread, close the sockets. Idempotent."""
        self.reacting.stop()
        if not self._stopping.is_set():
            self.announce(EventKind.STOPPING, "", "The sidecar stops.")
        self._stopping.set()
        if self._registration is not None:
            discovery.unregister(self._registration)
        self._sources.close()
        self._prompter.close()
        self._senses.close()
        for thread in (self._keeper, self._ticker):
            if thread.is_alive() and threading.current_thread() is not thread:
                thread.join()
        self.baselines.stop()
        self.recordings.stop()
        if self._controller is not None:
            self._controller.close()
        self.publisher.close()
        self.guard.close()

    def end(self) -> None:
        """Let `wait` return, so that who started this sidecar stops it. From any thread."""
        self._stopping.set()

    def wait(self, seconds: float | None = None) -> None:
        """Return when the source has ended, the sidecar is to end, or the time is over.

        :raises Exception: what ended one of its threads, if something did.
        """
        over = wait_for_end(self._stopping, lambda: self.ended, seconds)
        if over and self._defect is not None:
            raise self._defect

    @property
    def ended(self) -> bool:
        """Whether a clip was played to its end; camera and microphone never end."""
        return self._sources.clip_ended and self._senses.face.ended and self._senses.voice.ended

    @property
    def capturing(self) -> tuple[Modality, ...]:
        """The modalities whose sources are open and give signals; what is, not what was asked."""
        return self._senses.capturing

    @property
    def dialogue(self) -> Dialogue:
        """The conversation."""
        return self._senses.dialogue

    @property
    def sources(self) -> Sources:
        """The devices that are used."""
        return self._sources

    def status(self) -> Status:
        """What is being captured, why what is not is not, and where it is published."""
        wish = self.admission.wish
        return Status(
            pid=os.getpid(),
            capturing=self.capturing,
            source="live" if self.clip is None else "clip",
            paused=wish.paused,
            duty=wish.duty,
            budget_ms=self._senses.face.pace.budget_ms,
            recording=self.recordings.name,
            applications=wish.applications,
            waiting_for=self.admission.waiting_for,
            baseline=self.baselines.word(),
            state_address=self.publisher.state_address,
            events_address=self.publisher.events_address,
        )

    def set_duty(self, level: Duty, budget_ms: float | None) -> None:
        """How much of the machine may be used from now on."""
        if budget_ms is None and level == "menu":
            budget_ms = MENU_BUDGET_MS
        self._senses.face.pace.limit(budget_ms)
        self.admission.set_duty(level)

    def mark(self, moment: str, at_ns: int) -> None:
        """The game names a moment."""
        self._pulse.mark(moment, at_ns)
        self.announce(EventKind.MOMENT_MARKED, "", moment)

    def adjust(self, settings: Settings) -> None:
        """Use other settings from the next tick on: those of `settings.LIVE` take effect."""
        self.settings = settings
        logging.getLogger("rapport").setLevel(settings.log.level.upper())
        self._pulse.adjust(settings)
        self._senses.appraiser.adjust(settings.appraiser)

    def _header(self) -> Header:
        played = "" if self.clip is None else self.clip.path.name
        source = "clip" if played else "live"
        return Header(start_ns=now_ns(), start_wall=wall(), source=source, origin=played)

    def _allows(self, app: str, permission: str) -> bool:
        return self.gatekeeper.allows(app, permission, wall())

    def _may_send_text(self) -> bool:
        return self.admission.may_send_text()

    def announce(self, kind: EventKind, code: str, detail: str) -> None:
        """Tell an event to whoever listens, and to the recording."""
        log.info("%s%s%s", kind, f" [{code}]" if code else "", f": {detail}" if detail else "")
        self.recordings.event(self.publisher.announce(kind, code, detail))

    def _send(self, state: EmotionState) -> EmotionState:
        sent = self.publisher.publish(state)
        self.recordings.state(sent)
        return sent

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=self._until_stopped, args=(work,), name=name)

    def _until_stopped(self, work: Callable[[], None]) -> None:
        """One of the own threads. It must not end unnoticed: a sidecar that publishes nothing, or
        holds a camera that nobody watches over, is worse than none."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  told by `wait`, in the caller's thread
            self._defect = error
            self._stopping.set()

    def _keep(self) -> None:
        """Release devices that must not be open any more, and end with who this one lives for."""
        while not self._stopping.wait(FOLLOW_S):
            self.admission.follow()
            why = self._lifetime.over(self.admission.unleased_s)
            if why:
                self.announce(EventKind.STATUS, "", why)
                self._stopping.set()
