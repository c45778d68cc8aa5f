"""Clips: real ones, ones that lack a track, and ones that are no clips at all."""

import logging
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from devices import Told, number_of, numbered_image, wait_for
from rapport.capture import clip as clip_module
from rapport.capture.clip import ClipPlayer, clip_signals, read_clip
from rapport.capture.clock import now_ns
from rapport.capture.signals import SAMPLE_RATE, Frame, Samples
from rapport.errors import ClipUnreadable
from rapport.state import EventKind

pytestmark = pytest.mark.unit

MS = 1_000_000
TIME_BASE = Fraction(1, 1000)


def write_clip(
    path: Path,
    frame_times_ms: list[int] | None = None,
    sound: np.ndarray | None = None,
    *,
    sound_rate: int = 44100,
    sound_starts_ms: int = 0,
    rotation: int | None = None,
    size: tuple[int, int] = (320, 240),
) -> Path:
    """A clip of numbered pictures at the given times, and of sound (rows are channels)."""
    with av.open(str(path), "w") as container:
        packets = []
        if frame_times_ms:
            video = container.add_stream("mpeg4", rate=25)
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
            video.bit_rate = 4_000_000
            video.codec_context.time_base = video.time_base = TIME_BASE
            if rotation is not None:
                video.set_display_rotation(rotation)
        if sound is not None:
            audio = container.add_stream("aac", rate=sound_rate)
            audio.layout = "mono" if len(sound) == 1 else "stereo"
        for number, time_ms in enumerate(frame_times_ms or []):
            frame = av.VideoFrame.from_ndarray(numbered_image(number, *size), format="bgr24")
            frame.pts, frame.time_base = time_ms, TIME_BASE
            packets += video.encode(frame)
        packets += video.encode(None) if frame_times_ms else []
        if sound is not None:
            for first in range(0, sound.shape[1], 1024):
                piece = np.ascontiguousarray(sound[:, first : first + 1024], np.float32)
                block = av.AudioFrame.from_ndarray(piece, format="fltp", layout=audio.layout.name)
                block.sample_rate, block.time_base = sound_rate, Fraction(1, sound_rate)
                block.pts = first + sound_starts_ms * sound_rate // 1000
                packets += audio.encode(block)
            packets += audio.encode(None)
        packets.sort(key=lambda packet: float(packet.dts * packet.time_base))
        container.mux(packets)
    return path


def sine(seconds: float, rate: int = 44100, channels: int = 2) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[None].astype(np.float32), channels, axis=0)


def split(signals: Iterator[Frame | Samples]) -> tuple[list[Frame], list[Samples]]:
    frames: list[Frame] = []
    sounds: list[Samples] = []
    for signal in signals:
        frames.append(signal) if isinstance(signal, Frame) else sounds.append(signal)
    return frames, sounds


def test_both_tracks_in_the_order_of_their_times(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [40 * n for n in range(50)], sine(2.0))
    info = read_clip(clip)
    assert (info.has_video, info.has_audio, info.width, info.height) == (True, True, 320, 240)
    assert info.duration_s == pytest.approx(2.0, abs=0.1)
    assert info.fps == pytest.approx(25.0, abs=0.6)
    signals = list(clip_signals(clip))
    times = [signal.captured_ns for signal in signals]
    assert times == sorted(times)
    frames, sounds = split(iter(signals))
    assert [number_of(frame.image) for frame in frames] == list(range(50))
    assert frames[0].image.shape == (240, 320, 3)
    assert [frame.captured_ns for frame in frames] == [40 * n * MS for n in range(50)]
    assert all(0 < sound.values.size <= SAMPLE_RATE // 10 for sound in sounds)
    heard = np.concatenate([sound.values for sound in sounds])
    assert heard.dtype == np.float32
    assert heard.size == pytest.approx(2.0 * SAMPLE_RATE, rel=0.03)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.1)
    assert sounds[-1].captured_ns == pytest.approx(heard.size / SAMPLE_RATE * 1e9, abs=2 * MS)


def test_offline_reading_gives_the_same_every_time(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [40 * n for n in range(10)], sine(0.5))
    for one, other in zip(clip_signals(clip), clip_signals(clip), strict=True):
        assert one.captured_ns == other.captured_ns
        np.testing.assert_array_equal(one[1], other[1])


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times_ms = [0, 33, 100, 101, 700, 750, 1500]
    frames, _ = split(clip_signals(write_clip(tmp_path / "vfr.mkv", times_ms)))
    assert [frame.captured_ns for frame in frames] == [time_ms * MS for time_ms in times_ms]


def test_a_track_that_starts_later_keeps_its_offset(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "late.mkv", [40 * n for n in range(50)], sine(1.0), sound_starts_ms=1000
    )
    frames, sounds = split(clip_signals(clip))
    assert frames[0].captured_ns < 40 * MS
    first_starts_s = sounds[0].captured_ns / 1e9 - sounds[0].values.size / SAMPLE_RATE
    assert first_starts_s == pytest.approx(1.0, abs=0.06)


def test_a_clip_without_sound(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "mute.mp4", [40 * n for n in range(10)])
    info = read_clip(clip)
    assert (info.has_video, info.has_audio) == (True, False)
    frames, sounds = split(clip_signals(clip))
    assert (len(frames), len(sounds)) == (10, 0)


@pytest.mark.parametrize("name", ["voice.wav", "voice.m4a", "voice.mka"])
def test_a_clip_without_video(tmp_path: Path, name: str) -> None:
    if name.endswith("wav"):
        clip = tmp_path / name
        with av.open(str(clip), "w") as container:
            stream = container.add_stream("pcm_s16le", rate=8000)
            stream.layout = "mono"
            values = (sine(1.0, 8000, 1) * 32767).astype(np.int16)
            block = av.AudioFrame.from_ndarray(values, format="s16", layout="mono")
            block.sample_rate = 8000
            container.mux([*stream.encode(block), *stream.encode(None)])
    else:
        clip = write_clip(tmp_path / name, None, sine(1.0, channels=1))
    info = read_clip(clip)
    assert (info.has_video, info.has_audio, info.width, info.fps) == (False, True, 0, 0.0)
    frames, sounds = split(clip_signals(clip))
    assert not frames
    assert sum(sound.values.size for sound in sounds) == pytest.approx(SAMPLE_RATE, rel=0.07)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_clip_is_shown_as_its_file_asks(tmp_path: Path, rotation: int) -> None:
    clip = write_clip(tmp_path / "phone.mp4", [0, 40, 80], rotation=rotation)
    info = read_clip(clip)
    assert (info.width, info.height) == ((320, 240) if rotation == 180 else (240, 320))
    frames, _ = split(clip_signals(clip))
    upright = np.rot90(frames[1].image, -rotation // 90)
    assert number_of(upright) == 1


def test_a_truncated_clip_gives_what_is_there_and_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = write_clip(tmp_path / "whole.mkv", [40 * n for n in range(100)], sine(4.0))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with caplog.at_level(logging.INFO, "rapport"):
        frames, sounds = split(clip_signals(cut))
    assert 20 < len(frames) < 80
    assert [number_of(frame.image) for frame in frames] == list(range(len(frames)))
    assert len(sounds) > 30
    assert len(caplog.records) == 1
    assert "[clip_unreadable]" in caplog.text
    assert caplog.records[0].exc_info is None


def test_damage_in_the_middle_costs_only_what_is_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Flip bytes all over a clip, many times: never anything but fewer signals and a warning."""
    whole = write_clip(tmp_path / "whole.mp4", [40 * n for n in range(25)], sine(1.0)).read_bytes()
    readable = 0
    for seed in range(30):
        chance = random.Random(seed)
        data = bytearray(whole)
        for _ in range(chance.choice((1, 10, 200))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        clip = tmp_path / f"damaged{seed}.mp4"
        clip.write_bytes(data)
        try:
            frames, sounds = split(clip_signals(clip))
        except ClipUnreadable:
            continue
        times = [frame.captured_ns for frame in frames]
        assert times == sorted(times), f"seed {seed}"
        readable += bool(frames or sounds)
    assert readable > 5
    assert all(record.exc_info is None for record in caplog.records)
    assert capfd.readouterr().err == ""


def test_what_is_no_clip_is_refused_in_one_sentence(tmp_path: Path) -> None:
    seeded = random.Random(7)
    contents = {
        "garbage.mp4": seeded.randbytes(50_000),
        "empty.mp4": b"",
        "text.txt": b"Rapport is a local sidecar for games.\n" * 100,
        "subtitles.srt": b"1\n00:00:00,000 --> 00:00:01,000\nhello\n",
        "playlist.m3u8": b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        "session.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        b"m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    whole = write_clip(tmp_path / "whole.mp4", [0, 40, 80])
    (tmp_path / "headless.mp4").write_bytes(whole.read_bytes()[:200])
    for name in [*contents, "headless.mp4", "missing.mp4", "."]:
        for look in (read_clip, lambda path: next(clip_signals(path), None)):
            with pytest.raises(ClipUnreadable) as refused:
                look(tmp_path / name)
            assert "\n" not in str(refused.value)
            assert str(refused.value).endswith("[clip_unreadable]")


def test_a_name_that_looks_like_an_address_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClipUnreadable, match="does not exist"):
        read_clip(Path("http://127.0.0.1:9/clip.mp4"))


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("needs the ffmpeg program to attach a cover")
    song = write_clip(tmp_path / "song.m4a", None, sine(1.0))
    cover = tmp_path / "cover.png"
    cv2.imwrite(str(cover), numbered_image(3, 64, 64))
    covered = tmp_path / "covered.m4a"
    command = ["ffmpeg", "-v", "error", "-i", song, "-i", cover, "-map", "0", "-map", "1"]
    command += ["-c", "copy", "-disposition:v:0", "attached_pic", covered]
    subprocess.run([str(part) for part in command], check=True)
    assert not read_clip(covered).has_video
    assert read_clip(covered).has_audio


def test_real_clips_are_read_whole(shared: Path) -> None:
    """Counted once with ffprobe: frames, seconds of sound, and where the sound starts."""
    expected = {
        "pyfeat_single_face.mp4": (72, 2.42, 0.0),
        "pyfeat_face_noface.mov": (169, 3.99, 2.43),
        "eamm_happy.mp4": (141, 0.0, 0.0),
    }
    for name, (frame_count, sound_s, sound_starts_s) in expected.items():
        clip = shared / "data" / "clips" / name
        frames, sounds = split(clip_signals(clip))
        assert len(frames) == frame_count, name
        heard_s = sum(sound.values.size for sound in sounds) / SAMPLE_RATE
        assert heard_s == pytest.approx(sound_s, abs=0.1), name
        assert read_clip(clip).has_audio == bool(sound_s), name
        if sounds:
            first_s = sounds[0].captured_ns / 1e9 - sounds[0].values.size / SAMPLE_RATE
            assert first_s == pytest.approx(sound_starts_s, abs=0.1), name


# Played in real time.


def test_a_clip_plays_at_its_own_pace_and_ends_once(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [40 * n for n in range(30)], sine(1.2))
    told = Told()
    began_ns = now_ns()
    player = ClipPlayer(clip, loop=False, notify=told)
    frames, sounds, ages_ns = [], [], []
    while not player.ended:
        frame = player.frames.newest(0.02)
        if frame:
            frames.append(frame)
            ages_ns.append(now_ns() - frame.captured_ns)
        samples = player.samples.read(0.0)
        sounds += [samples] if samples else []
    took_s = (now_ns() - began_ns) / 1e9
    assert 1.1 < took_s < 3.0
    assert len(frames) >= 25, "a few may be skipped on a busy machine"
    assert [number_of(frame.image) for frame in frames] == sorted(
        number_of(frame.image) for frame in frames
    )
    assert np.median(ages_ns) < 30 * MS
    assert sum(sound.values.size for sound in sounds) == pytest.approx(1.2 * SAMPLE_RATE, rel=0.05)
    assert wait_for(lambda: told, 1.0)
    assert told.kinds == [EventKind.ENDED]
    player.close()
    assert told.kinds == [EventKind.ENDED]


def test_a_loop_goes_on_with_growing_times_until_it_is_closed(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "short.mp4", [0, 40, 80, 120, 160], sine(0.2))
    told = Told()
    player = ClipPlayer(clip, loop=True, notify=told)
    numbers, times = [], []
    while len(numbers) < 14:
        frame = player.frames.newest(2.0)
        assert frame is not None
        numbers.append(number_of(frame.image))
        times.append(frame.captured_ns)
    assert not player.ended
    player.close()
    assert times == sorted(set(times))
    assert sum(later < earlier for earlier, later in pairwise(numbers)) >= 2
    assert told == []


def test_a_slow_reader_gets_the_newest_frame_and_all_sound(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [40 * n for n in range(50)], sine(2.0))
    player = ClipPlayer(clip, loop=False, notify=Told())
    time.sleep(0.8)
    frame = player.frames.newest(1.0)
    samples = player.samples.read(1.0)
    player.close()
    assert frame is not None
    assert samples is not None
    assert number_of(frame.image) >= 12
    assert now_ns() - frame.captured_ns < 500 * MS
    assert samples.values.size > 0.5 * SAMPLE_RATE


def test_closing_is_quick_and_silent_and_overwrites(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "gap.mkv", [0, 40, 60_000], sine(0.1))
    told = Told()
    player = ClipPlayer(clip, loop=False, notify=told)
    time.sleep(0.3)
    began = time.monotonic()
    player.close()
    player.close()
    assert time.monotonic() - began < 1.0
    assert player.ended
    assert not player._thread.is_alive()
    assert not player._samples._buffer.any()
    assert told == []


def test_closing_one_track_leaves_the_other_playing(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [40 * n for n in range(50)], sine(2.0))
    player = ClipPlayer(clip, loop=True, notify=Told())
    player.frames.close()
    player.samples.read(1.0)
    assert player.samples.read(1.0) is not None
    player.samples.close()
    assert wait_for(lambda: not player._thread.is_alive(), 2.0)
    player.close()


def test_a_player_offers_only_the_tracks_there_are(tmp_path: Path) -> None:
    mute = ClipPlayer(write_clip(tmp_path / "mute.mp4", [0, 40]), loop=False, notify=Told())
    blind = ClipPlayer(write_clip(tmp_path / "v.m4a", None, sine(0.2)), False, Told())
    assert (mute.frames is None, mute.samples is None) == (False, True)
    assert (blind.frames is None, blind.samples is None) == (True, False)
    mute.close()
    blind.close()
    with pytest.raises(ClipUnreadable):
        ClipPlayer(tmp_path / "missing.mp4", loop=False, notify=Told())


def test_a_machine_that_is_too_slow_shows_few_frames_not_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "a.mp4", [20 * n for n in range(40)])

    def slowly(path: Path) -> Iterator[Frame | Samples]:
        for signal in clip_signals(path):
            time.sleep(0.05)
            yield signal

    monkeypatch.setattr(clip_module, "clip_signals", slowly)
    player = ClipPlayer(clip, loop=False, notify=Told())
    seen = 0
    while not player.ended:
        seen += player.frames.newest(0.1) is not None
    player.close()
    assert seen >= 8


def test_a_clip_that_vanishes_while_it_loops_just_ends(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [0, 40, 80])
    told = Told()
    player = ClipPlayer(clip, loop=True, notify=told)
    player.frames.newest(1.0)
    clip.unlink()
    assert wait_for(lambda: told.kinds == [EventKind.ENDED], 3.0)
    player.close()
