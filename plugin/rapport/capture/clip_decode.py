"""Clips: what is in a media file, and its signals as fast as they can be decoded."""

import heapq
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.error import EOFError as EndOfFile
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE, Frame, Samples
from rapport.errors import ClipUnreadable

log = logging.getLogger("rapport.capture")

BLOCK = 512
"""Samples handed out at once: 32 ms, as from a microphone."""
CUT_SHORT_S = 0.5
"""A clip that ends this much before the end its header promises is reported as cut short."""
DEFAULT_FPS = 25.0
"""Where a file does not say, for the time of frames that carry none."""
TEXT_ART = {"tty", "bin", "xbin", "adf", "idf"}
"""Formats by which FFmpeg shows text files as video; a text is no clip."""
OPEN_OPTIONS = {"protocol_whitelist": "file"}
"""Some formats can name further sources; a clip must never make this process use the network."""


class ClipInfo(NamedTuple):
    """What is in a media file, by its header and the first frame of each track."""

    path: Path
    duration_s: float | None
    """None: the file does not say."""
    has_video: bool
    has_audio: bool
    width: int
    """Pixels as shown, after rotation; 0 without video."""
    height: int
    fps: float
    """Average frames a second; 0 without video."""


class _Damage:
    """Counts what could not be read, to be told once."""

    def __init__(self) -> None:
        self.packets = 0
        self.reached_s = 0.0


def read_clip(path: Path) -> ClipInfo:
    """Look into a media file; tracks of which nothing can be decoded do not count.

    :raises ClipUnreadable: it is missing, no media file, or has neither video nor sound.
    """
    with _open(path) as container:
        duration_s = container.duration / av.time_base if container.duration else None
        video, audio = _tracks(container)
        fps = float(video.average_rate or DEFAULT_FPS) if video else 0.0
    first_frame = next(_frames(path, _Damage()), None) if video else None
    first_sound = next(_sounds(path, _Damage()), None) if audio else None
    if first_frame is None and first_sound is None:
        raise ClipUnreadable(f"{path.name} holds neither video nor sound that can be decoded")
    height, width = first_frame.image.shape[:2] if first_frame else (0, 0)
    return ClipInfo(
        path=path,
        duration_s=duration_s,
        has_video=first_frame is not None,
        has_audio=first_sound is not None,
        width=width,
        height=height,
        fps=fps if first_frame else 0.0,
    )


def clip_signals(path: Path) -> Iterator[Frame | Samples]:
    """All frames and samples of a clip in the order of their capture times, unpaced.

    `captured_ns` counts from 0 at the start of the clip. Samples come in blocks of 32 ms or less.
    Damaged parts are left out; what was left out, or is missing at the end, is logged once.

    :raises ClipUnreadable: at the first signal, as `read_clip` does.
    """
    info = read_clip(path)
    damage = _Damage()
    # Each track from its own reading of the file: a file that is badly interleaved, or has all
    # its sound at the end, would otherwise fill the memory.
    signals: Iterator[Frame | Samples] = heapq.merge(
        _frames(path, damage) if info.has_video else (),
        _sounds(path, damage) if info.has_audio else (),
        key=lambda signal: signal.captured_ns,
    )
    for signal in signals:
        damage.reached_s = signal.captured_ns / 1e9
        yield signal
    short_s = (info.duration_s or 0.0) - damage.reached_s
    if damage.packets or short_s > CUT_SHORT_S:
        log.warning(
            "%s is damaged: %d parts could not be decoded, and it ends after %.1f s [%s]",
            path.name,
            damage.packets,
            damage.reached_s,
            ClipUnreadable.code,
        )


def _open(path: Path) -> Any:
    if path.is_dir():
        raise ClipUnreadable(f"{path} is a directory, not a media file")
    if not path.is_file():
        raise ClipUnreadable(f"{path} does not exist")
    try:
        # Resolved, so that no file name can be taken for a URL.
        container = av.open(
            str(path.resolve()), options=dict(OPEN_OPTIONS), metadata_errors="replace"
        )
    except FFmpegError as error:
        raise ClipUnreadable(f"{path.name}: {error.strerror or 'no media file'}") from None
    except OSError as error:
        raise ClipUnreadable(f"{path.name}: {error.strerror or error}") from None
    if container.format.name in TEXT_ART:
        container.close()
        raise ClipUnreadable(f"{path.name} is a text file, not a media file")
    return container


def _tracks(container: Any) -> tuple[Any, Any]:
    """The first video track (a cover picture is none) and the first audio track, or None."""
    cover = av.stream.Disposition.attached_pic
    videos = (s for s in container.streams.video if s.codec_context and not s.disposition & cover)
    audios = (s for s in container.streams.audio if s.codec_context)
    return next(videos, None), next(audios, None)


def _decoded(container: Any, track: Any, damage: _Damage) -> Iterator[Any]:
    """The decoded frames of one track; damaged packets are counted and left out."""
    track.codec_context.thread_count = 1  # a game owns the other cores
    packets = container.demux(track)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            damage.packets += 1
            return
        if packet is None:
            return
        try:
            decoded = packet.decode()
        except EndOfFile:
            return
        except FFmpegError:
            damage.packets += 1
            continue
        for piece in decoded:
            if piece.is_corrupt:
                damage.packets += 1
            else:
                yield piece


def _frames(path: Path, damage: _Damage) -> Iterator[Frame]:
    with _open(path) as container:
        track, _ = _tracks(container)
        interval_s = 1.0 / float(track.average_rate or DEFAULT_FPS)
        start_s = _start_s(container)
        captured_s = -interval_s
        # One for the whole clip: a picture that converts itself sets its own up each time.
        reformatter = VideoReformatter()
        for picture in _decoded(container, track, damage):
            time_s = captured_s + interval_s if picture.time is None else picture.time - start_s
            try:
                bgr = reformatter.reformat(picture, format="bgr24", threads=1).to_ndarray()
                image = _upright(np.asarray(bgr, np.uint8), picture.rotation)
            except (FFmpegError, ValueError):
                damage.packets += 1
                continue
            captured_s = max(time_s, captured_s, 0.0)
            yield Frame(round(captured_s * 1e9), image)


def _upright(image: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """Turn the image as the file asks: `rotation` is in degrees counterclockwise."""
    quarters = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image


def _sounds(path: Path, damage: _Damage) -> Iterator[Samples]:
    with _open(path) as container:
        _, track = _tracks(container)
        start_s = _start_s(container)
        at_s = 0.0
        for piece in _resampled(_decoded(container, track, damage), damage):
            if piece.time is not None:
                at_s = max(at_s, piece.time - start_s)
            # The mean of the channels, as for a microphone: FFmpeg's own mix of stereo to mono
            # is 3 dB louder and may exceed full scale.
            values = piece.to_ndarray().mean(axis=0, dtype=np.float32)
            for first in range(0, values.size, BLOCK):
                block = values[first : first + BLOCK]
                at_s += block.size / SAMPLE_RATE
                yield Samples(round(at_s * 1e9), block)


def _resampled(pieces: Iterator[Any], damage: _Damage) -> Iterator[Any]:
    """Pieces of sound at `SAMPLE_RATE`, 32-bit float, a row per channel."""
    resampler: Any = None
    made_for = None
    for piece in pieces:
        kind = (piece.format.name, piece.layout.name, piece.sample_rate)
        if kind != made_for:  # a stream may change in the middle
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, made_for = av.AudioResampler(format="fltp", rate=SAMPLE_RATE), kind
        try:
            yield from resampler.resample(piece)
        except (FFmpegError, ValueError):
            damage.packets += 1
            made_for = None
    if resampler is not None and made_for is not None:
        yield from resampler.resample(None)


def _start_s(container: Any) -> float:
    return (container.start_time or 0) / av.time_base
