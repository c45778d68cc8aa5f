"""The live sidecar: owns threads and lifetimes from the sources to the wire."""

import gc
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from rapport.capture.clock import Observe, now_ns, timed, unobserved, wall
from rapport.capture.signals import Frame, FrameSource, Samples, SampleSource
from rapport.fusion import Fusion
from rapport.settings import Settings
from rapport.sidecar.assembly import face_expert, gate_parameters, voice_expert
from rapport.sidecar.channel import Channel
from rapport.sidecar.presence import Presences, follow
from rapport.state import EventKind, Modality
from rapport.wire import discovery
from rapport.wire.publisher import Publisher

log = logging.getLogger("rapport.sidecar")

LATE_FRAME = 2.0
"""While frames come they set the pace: one that is late by less than this factor of the longest
pause is waited for, so that there is one state per frame."""

COLLECT_AFTER = 5_000
"""Objects made and not freed after which the garbage collector looks (Python's own: 700). Ten times
as many saved no more time and let MediaPipe's cycles pile up to ten megabytes."""

POLL_S = 0.2
"""How often a wait without end looks up, so that Ctrl-C is heard on Windows too."""


class Status(msgspec.Struct, frozen=True):
    """What a sidecar does just now. `capturing` follows the open devices, not the wish."""

    pid: int
    state_address: str
    events_address: str
    capturing: tuple[Modality, ...]
    ended: bool


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
    ) -> None:
        """
        :param source: a clip to play instead of camera and microphone, in real time.
        :param loop: play the clip again and again.
        :param observe: told of each stage's milliseconds.
        :raises ClipUnreadable: the source is no clip.
        :raises WireError: states cannot be published (port in use, address refused, …).
        """
        self._settings = settings
        self._clip = source
        self._loop = loop
        self._observe = observe
        self._stopping = threading.Event()
        self._face_arrived = threading.Event()
        if source is not None:
            from rapport.capture.clip import read_clip

            read_clip(source)
        self.publisher = Publisher(settings.wire)
        self._face: Channel[Frame] = self._channel(Modality.FACE, self._face_arrived.set)
        self._voice: Channel[Samples] = self._channel(Modality.VOICE, lambda: None)
        self._registration: Path | None = None
        self._defect: Exception | None = None
        self._ticker = threading.Thread(target=self._tick_until_stopped, name="rapport-tick")

    def _channel(self, modality: Modality, arrived: Callable[[], None]) -> Channel:  # type: ignore[type-arg]
        return Channel(modality, self._announce, self._observe, arrived)

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
        """Publish at once (with conditions `starting`), load the experts, open the sources.

        :raises DirectoryUnwritable: the file by which programs find it cannot be written.
        """
        try:
            self._registration = discovery.register(
                discovery.directory(self._settings.wire.runtime_directory or None),
                self.publisher.state_address,
                self.publisher.events_address,
            )
            self._ticker.start()
            self._announce(EventKind.STARTED, "", "The sidecar publishes.")
            self._load_experts()
            _settle_memory()
            if not self._stopping.is_set():
                self._open_sources()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Release every device, end every thread, close the sockets. Idempotent."""
        if not self._stopping.is_set():
            self._announce(EventKind.STOPPING, "", "The sidecar stops.")
        self._stopping.set()
        if self._registration is not None:
            discovery.unregister(self._registration)
        # Side by side: a camera that hangs must not keep the microphone open.
        with ThreadPoolExecutor(2, thread_name_prefix="rapport-close") as pool:
            for channel in (self._face, self._voice):
                pool.submit(channel.close)
        if self._ticker.is_alive() and threading.current_thread() is not self._ticker:
            self._ticker.join()
        self.publisher.close()

    def wait(self, seconds: float | None = None) -> None:
        """Return when the source has ended, the sidecar is stopped, or the time is over.

        :raises Exception: what ended the ticking thread, if something did.
        """
        end_ns = None if seconds is None else now_ns() + round(seconds * 1e9)
        while not self._stopping.is_set() and not self.ended:
            left_s = POLL_S if end_ns is None else min(POLL_S, (end_ns - now_ns()) / 1e9)
            if left_s <= 0.0:
                return
            self._stopping.wait(left_s)
        if self._defect is not None:
            raise self._defect

    @property
    def ended(self) -> bool:
        """Whether a clip was played to its end; camera and microphone never end."""
        return self._clip is not None and self._face.ended and self._voice.ended

    def status(self) -> Status:
        """What is being captured and where it is published."""
        return Status(
            pid=os.getpid(),
            state_address=self.publisher.state_address,
            events_address=self.publisher.events_address,
            capturing=self._capturing(),
            ended=self.ended,
        )

    def _capturing(self) -> tuple[Modality, ...]:
        """The modalities whose sources are open and give signals; what is, not what was asked."""
        return tuple(c.modality for c in (self._face, self._voice) if c.capturing)

    def _load_experts(self) -> None:
        """Load the wanted experts side by side; the first state does not wait for them."""
        with ThreadPoolExecutor(2, thread_name_prefix="rapport-load") as pool:
            if self._settings.camera.enabled:
                pool.submit(self._face.load, lambda: face_expert(self._settings, self._observe))
            if self._settings.microphone.enabled:
                pool.submit(self._voice.load, lambda: voice_expert(self._settings))

    def _open_sources(self) -> None:
        """Open only what an expert waits for: no camera light without a face expert."""
        frames, samples = self._devices() if self._clip is None else self._clip_tracks(self._clip)
        self._face.start(frames, lambda timeout_s: frames.newest(timeout_s) if frames else None)
        self._voice.start(samples, lambda timeout_s: samples.read(timeout_s) if samples else None)

    def _devices(self) -> tuple[FrameSource | None, SampleSource | None]:
        frames: FrameSource | None = None
        samples: SampleSource | None = None
        if self._face.loaded:
            from rapport.capture.camera import Camera

            frames = Camera(self._settings.camera, self._announce)
        if self._voice.loaded:
            from rapport.capture.microphone import Microphone

            samples = Microphone(self._settings.microphone, self._announce)
        return frames, samples

    def _clip_tracks(self, clip: Path) -> tuple[FrameSource | None, SampleSource | None]:
        from rapport.capture.clip import ClipPlayer

        player = ClipPlayer(clip, self._loop, self._announce)
        return player.frames, player.samples

    def _announce(self, kind: EventKind, code: str, detail: str) -> None:
        log.info("%s%s%s", kind, f" [{code}]" if code else "", f": {detail}" if detail else "")
        self.publisher.announce(kind, code, detail)

    def _tick_until_stopped(self) -> None:
        """The ticking thread. It must not end unnoticed: a sidecar that publishes nothing and
        holds a camera is worse than none."""
        try:
            self._tick()
        except Exception as error:  # noqa: BLE001  told by `wait`, in the caller's thread
            self._defect = error
            self._stopping.set()

    def _tick(self) -> None:
        """Publish a state per camera frame, and never fewer than `wire.minimum_rate_hz`."""
        fusion = Fusion(self._settings.fusion, gate_parameters(self._settings))
        presences = Presences()
        capturing: tuple[Modality, ...] = ()
        doing = "capturing" if self._clip is None else "playing"
        longest_s = 1.0 / self._settings.wire.minimum_rate_hz
        while not self._stopping.is_set():
            self._face_arrived.wait(longest_s * (LATE_FRAME if self._face.capturing else 1.0))
            self._face_arrived.clear()
            with timed(self._observe, "fusion"):
                evidence = {c.modality: c.current() for c in (self._face, self._voice)}
                state = fusion.tick(evidence, now_ns(), wall())
            with timed(self._observe, "publish"):
                self.publisher.publish(state)
            if (now := self._capturing()) != capturing:
                capturing = now
                self._announce(EventKind.STATUS, "", f"{doing}: {', '.join(now) or 'nothing'}")
            presences, due = follow(presences, state)
            for kind in due:
                self._announce(kind, "", "")
