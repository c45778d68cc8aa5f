"""Sources: opens what may be open and releases what may not; nothing else opens a device."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from rapport.capture.signals import Frame, FrameSource, Notify, Samples, SampleSource
from rapport.settings import Camera, Microphone
from rapport.sidecar.access import DEVICES, Device
from rapport.sidecar.channel import Channel
from rapport.state import EventKind

if TYPE_CHECKING:
    from rapport.capture.clip import ClipInfo


class Sources:
    """Camera and microphone, or the two tracks of a clip, behind the two channels.

    Safe from any thread: whoever takes a permission away waits until the device is released. A
    clip begins anew when a track of it is opened again.
    """

    def __init__(
        self,
        face: Channel[Frame],
        voice: Channel[Samples],
        camera: Camera,
        microphone: Microphone,
        notify: Notify,
        clip: "ClipInfo | None" = None,
        loop: bool = False,
        begins: Callable[[int], None] = lambda _start_ns: None,
    ) -> None:
        """
        :param begins: told, each time that the clip begins, the capture time of its start.
        """
        self.camera, self.microphone = camera, microphone
        self.clip_ended = False
        """Whether a clip was played to its end."""
        self._face, self._voice = face, voice
        self._notify = notify
        self._clip, self._loop, self._begins = clip, loop, begins
        there = {
            "camera": clip is None or clip.has_video,
            "microphone": clip is None or clip.has_audio,
        }
        self._tracks = {device for device in DEVICES if there[device]}
        self._turn = threading.RLock()
        self._closed = False

    def follow(self, obstacles: Mapping[Device, str]) -> None:
        """Bring the open devices in line: release each that has an obstacle, open the others."""
        with self._turn:
            channels: dict[Device, Channel[Frame] | Channel[Samples]] = {
                "camera": self._face,
                "microphone": self._voice,
            }
            for device, channel in channels.items():
                if obstacles[device]:
                    channel.release()
            wanted = {
                device
                for device, channel in channels.items()
                if channel.loaded and not channel.open and not obstacles[device]
            } & self._tracks
            if self._closed or not wanted or self.clip_ended:
                return
            if self._clip is None:
                self._open_devices(wanted)
            else:
                self._open_clip(self._clip, obstacles)

    def select(self, device: Device, name: str) -> None:
        """Use another device of this kind from now on."""
        with self._turn:
            if device == "camera":
                self.camera = msgspec.structs.replace(self.camera, device=name)
                self._face.release()
            else:
                self.microphone = msgspec.structs.replace(self.microphone, device=name)
                self._voice.release()

    def close(self) -> None:
        """Open nothing any more. What is open is released by the channels."""
        self._closed = True

    def _open_devices(self, wanted: set[Device]) -> None:
        if "camera" in wanted:
            from rapport.capture.camera import Camera as CameraDevice

            camera = CameraDevice(self.camera, self._notify)
            self._face.start(camera, camera.newest)
        if "microphone" in wanted:
            from rapport.capture.microphone import Microphone as MicrophoneDevice

            microphone = MicrophoneDevice(self.microphone, self._notify)
            self._voice.start(microphone, microphone.read)

    def _open_clip(self, clip: "ClipInfo", obstacles: Mapping[Device, str]) -> None:
        from rapport.capture.clip import ClipPlayer

        for channel in (self._face, self._voice):
            channel.release()
        player = ClipPlayer(clip.path, self._loop, self._hear_of_the_clip, self._begins)
        frames: FrameSource | None = player.frames
        samples: SampleSource | None = player.samples
        # A track that nobody may or can read is closed, or it would hold the clip's end up.
        if frames is not None:
            if obstacles["camera"]:
                frames.close()
            else:
                self._face.start(frames, frames.newest)
        if samples is not None:
            if obstacles["microphone"]:
                samples.close()
            else:
                self._voice.start(samples, samples.read)

    def _hear_of_the_clip(self, kind: EventKind, code: str, detail: str) -> None:
        self.clip_ended = self.clip_ended or kind is EventKind.ENDED
        self._notify(kind, code, detail)
