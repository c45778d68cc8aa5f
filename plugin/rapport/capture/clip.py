"""Clips: described, decoded offline, and played in real time."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rapport.capture.clip_decode import ClipInfo, clip_signals, read_clip
from rapport.capture.clock import now_ns
from rapport.capture.ring import SampleRing
from rapport.capture.signals import Frame, FrameSource, Notify, SampleSource
from rapport.capture.slot import FrameSlot
from rapport.errors import ClipUnreadable
from rapport.state import EventKind

__all__ = ["ClipInfo", "ClipPlayer", "clip_signals", "read_clip"]

log = logging.getLogger("rapport.capture")

NAP_S = 0.05
"""The longest sleep between two looks whether the clip was closed."""
LATE_NS = 40_000_000
"""A frame later than this (one frame at 25 fps) is skipped …"""
LONGEST_GAP_NS = 100_000_000
"""… unless no frame was shown for this long: a slow machine shows few frames, not none."""
BEHIND_NS = 500_000_000
"""A clip this far behind goes on from where it is, slower than real time, instead of chasing."""
CLOSE_S = 1.0
"""Decoding a frame takes a small part of this."""


class ClipPlayer:
    """A clip played in real time by its own clock, as a camera and a microphone would give it.

    `frames` is a `FrameSource` (None: the clip has no video), `samples` a `SampleSource` (None: no
    sound); closing one leaves the other playing. When the clip has ended, `notify` hears `ended`,
    once. With `loop` it starts again and again, its capture times going on.

    :raises ClipUnreadable: the file is missing, no media file, or has neither video nor sound.
    """

    def __init__(
        self,
        path: Path,
        loop: bool,
        notify: Notify,
        begins: Callable[[int], None] = lambda _start_ns: None,
    ) -> None:
        """
        :param begins: told, each time that the clip begins, the capture time of its start.
        """
        self.info = read_clip(path)
        self._loop = loop
        self._notify = notify
        self._begins = begins
        self._frames = FrameSlot() if self.info.has_video else None
        self._samples = SampleRing() if self.info.has_audio else None
        self._stop = threading.Event()
        self._shown_ns = 0
        self._thread = threading.Thread(target=self._run, name="rapport-clip", daemon=True)
        self._thread.start()

    @property
    def frames(self) -> FrameSource | None:
        """The video of the clip."""
        return self._frames

    @property
    def samples(self) -> SampleSource | None:
        """The sound of the clip."""
        return self._samples

    @property
    def measured_fps(self) -> float:
        """Frames a second over the last second or so; 0 while none come."""
        return self._frames.measured_fps if self._frames else 0.0

    @property
    def ended(self) -> bool:
        """Whether everything was played and taken, or the player is closed."""
        tracks = [track for track in (self._frames, self._samples) if track]
        return all(track.ended for track in tracks)

    def close(self) -> None:
        """Stop, and overwrite what waits. Idempotent, from any thread."""
        self._stop.set()
        for track in (self._frames, self._samples):
            if track:
                track.close()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        start_ns = now_ns()
        try:
            while not self._closed():
                self._begins(start_ns)
                end_ns = self._play(start_ns)
                if not self._loop or end_ns <= start_ns:
                    break
                start_ns = end_ns
        except ClipUnreadable as error:  # deleted or overwritten since it was opened
            log.warning("%s", error)
        closed = self._closed()
        for track in (self._frames, self._samples):
            if track:
                track.finish()
        if not closed:
            self._notify(EventKind.ENDED, "", f"{self.info.path.name} has ended")

    def _play(self, start_ns: int) -> int:
        """Play the clip once; returns when it will have ended."""
        frame_ns = round(1e9 / self.info.fps) if self.info.fps else 0
        end_ns = start_ns
        for signal in clip_signals(self.info.path):
            due_ns = start_ns + signal.captured_ns
            if not self._wait_until(due_ns):
                break
            late_ns = now_ns() - due_ns
            if late_ns > BEHIND_NS:
                log.info("%s plays slower than real time", self.info.path.name)
                start_ns += late_ns
                due_ns += late_ns
                late_ns = 0
            if isinstance(signal, Frame):
                end_ns = max(end_ns, due_ns + frame_ns)
                if self._frames and self._worth_showing(late_ns):
                    self._frames.put(Frame(due_ns, signal.image))
            else:
                end_ns = max(end_ns, due_ns)
                if self._samples:
                    self._samples.write(signal.values, due_ns)
        return end_ns

    def _worth_showing(self, late_ns: int) -> bool:
        worth = late_ns <= LATE_NS or now_ns() - self._shown_ns > LONGEST_GAP_NS
        if worth:
            self._shown_ns = now_ns()
        return worth

    def _wait_until(self, due_ns: int) -> bool:
        """Sleep until then; False when the clip was closed meanwhile.

        `time.sleep` and not the event's own waiting, which is coarse on Windows (15.6 ms).
        """
        while not self._closed():
            remaining_s = (due_ns - now_ns()) / 1e9
            if remaining_s <= 0.0:
                return True
            time.sleep(min(remaining_s, NAP_S))
        return False

    def _closed(self) -> bool:
        """Closed as a whole, or track by track."""
        tracks = [track for track in (self._frames, self._samples) if track]
        return self._stop.is_set() or not any(track.available for track in tracks)
