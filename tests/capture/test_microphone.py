"""The microphone: PyAudio on a real PulseAudio source that is played to, pulled and frozen."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices import FakeMicrophone, Told, wait_for
from rapport.capture import microphone as microphone_module
from rapport.capture.clock import now_ns
from rapport.capture.microphone import CLOSE_S, Microphone, list_microphones
from rapport.capture.microphone_devices import _callback, to_sample_rate
from rapport.capture.signals import SAMPLE_RATE
from rapport.errors import AudioUnavailable
from rapport.settings import Microphone as MicrophoneSettings
from rapport.state import EventKind

pyaudio = pytest.importorskip("pyaudio", reason="needs PyAudio and PortAudio")

LOST, BACK = EventKind.MIC_LOST, EventKind.MIC_BACK
TONE_HZ = 440.0
SLACK_S = 5.0
"""For a machine that does other things too."""


@contextmanager
def opened(told: Told, device: str = "") -> Iterator[Microphone]:
    settings = MicrophoneSettings(device=device, stall_s=0.5, retry_max_s=0.5)
    microphone = Microphone(settings, told)
    try:
        yield microphone
    finally:
        microphone.close()


def tone(seconds: float, hertz: float = TONE_HZ, rate: int = SAMPLE_RATE) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def frequency(values: np.ndarray) -> float:
    """The strongest frequency, between the bins of the spectrum by a parabola."""
    spectrum = np.log(np.abs(np.fft.rfft(values * np.hanning(values.size))) + 1e-9)
    peak = int(spectrum[1:-1].argmax()) + 1
    left, middle, right = spectrum[peak - 1 : peak + 2]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return (peak + shift) * SAMPLE_RATE / values.size


def hear(microphone: Microphone, seconds: float) -> np.ndarray:
    """Read for so long."""
    pieces, deadline = [np.empty(0, np.float32)], time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        samples = microphone.read(left)
        pieces += [samples.values] if samples else []
    return np.concatenate(pieces)


def hear_tone(microphone: Microphone) -> float:
    """The frequency of half a second of the tone, once it is heard."""
    heard = np.empty(0, np.float32)
    deadline = time.monotonic() + SLACK_S
    while heard.size < SAMPLE_RATE // 2 and time.monotonic() < deadline:
        samples = microphone.read(0.2)
        loud = samples is not None and np.abs(samples.values).max() > 0.3
        heard = np.concatenate((heard, samples.values)) if loud else np.empty(0, np.float32)
    assert heard.size, "the tone was not heard"
    return frequency(heard)


@pytest.mark.device
def test_a_tone_is_heard_at_its_pitch_and_in_real_time(fake_microphone: FakeMicrophone) -> None:
    told = Told()
    with opened(told) as microphone:
        assert wait_for(lambda: microphone.available, SLACK_S)
        fake_microphone.play(tone(4.0))
        assert hear_tone(microphone) == pytest.approx(TONE_HZ, abs=2.0)
        began_ns = now_ns()
        first = microphone.read(1.0)
        assert first is not None
        assert first.values.dtype == np.float32
        assert abs(first.captured_ns - began_ns) < 500_000_000
        count, last = 0, first
        while last.captured_ns - first.captured_ns < 1_000_000_000:
            samples = microphone.read(1.0)
            assert samples is not None
            assert samples.captured_ns > last.captured_ns
            count, last = count + samples.values.size, samples
        seconds = (last.captured_ns - first.captured_ns) / 1e9
        assert count / seconds == pytest.approx(SAMPLE_RATE, rel=0.1)
        assert microphone.dropped == 0
    assert told == []


@pytest.mark.device
def test_a_device_that_refuses_16_khz_mono_is_mixed_down_and_resampled(
    fake_microphone: FakeMicrophone, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open, asked = pyaudio.PyAudio.open, []

    def choosy(self: Any, **options: Any) -> Any:
        asked.append((options["rate"], options["channels"]))
        if options["channels"] != 2:
            raise OSError("Invalid sample rate")
        return really_open(self, **options)

    monkeypatch.setattr(pyaudio.PyAudio, "open", choosy)
    with opened(Told()) as microphone:
        assert wait_for(lambda: microphone.available, SLACK_S)
        fake_microphone.play(tone(4.0))
        assert hear_tone(microphone) == pytest.approx(TONE_HZ, abs=2.0)
        assert hear(microphone, 1.0).size == pytest.approx(SAMPLE_RATE, rel=0.15)
    assert asked == [(16000, 1), (44100, 1), (44100, 2)]


@pytest.mark.device
@pytest.mark.parametrize("held", [False, True], ids=["alone", "beside sounddevice"])
def test_a_pulled_microphone_is_lost_and_comes_back(
    fake_microphone: FakeMicrophone, held: bool
) -> None:
    """Also when another library keeps PortAudio initialised, which freezes its device list."""
    other = pyaudio.PyAudio() if held else None
    told = Told()
    try:
        with opened(told) as microphone:
            assert wait_for(lambda: microphone.available, SLACK_S)
            fake_microphone.unplug()
            assert wait_for(lambda: told, SLACK_S)
            assert not microphone.available
            hear(microphone, 0.1)  # what came before the loss
            assert microphone.read(0.1) is None
            time.sleep(0.8)  # several tries fail; none of them is told
            fake_microphone.plug()
            assert wait_for(lambda: microphone.available, SLACK_S)
            fake_microphone.play(tone(4.0))
            assert hear_tone(microphone) == pytest.approx(TONE_HZ, abs=2.0)
        assert told.kinds == [LOST, BACK]
        assert told[0][1] == "mic_lost"
    finally:
        if other:
            other.terminate()


@pytest.mark.device
def test_what_nobody_reads_is_dropped_and_counted(fake_microphone: FakeMicrophone) -> None:
    with opened(Told()) as microphone:
        assert wait_for(lambda: microphone.dropped > 0, SLACK_S)
        samples = microphone.read(0.0)
        assert samples is not None
        assert samples.values.size == pytest.approx(2.5 * SAMPLE_RATE, rel=0.01)
        assert now_ns() - samples.captured_ns < 500_000_000, "the newest are kept"


@pytest.mark.device
def test_closing_is_bounded_while_the_sound_server_hangs(fake_microphone: FakeMicrophone) -> None:
    told = Told()
    with opened(told) as microphone:
        assert wait_for(lambda: microphone.available, SLACK_S)
        fake_microphone.freeze(True)
        try:
            assert wait_for(lambda: told.kinds == [LOST], SLACK_S)
            began = time.monotonic()
            microphone.close()
            assert time.monotonic() - began < CLOSE_S + 1.0
            assert not microphone._ring._buffer.any()
        finally:
            fake_microphone.freeze(False)
        assert wait_for(lambda: not microphone_threads(), SLACK_S), "released when it returns"


@pytest.mark.device
def test_closing_releases_the_device_and_overwrites_the_ring(
    fake_microphone: FakeMicrophone,
) -> None:
    fake_microphone.play(tone(3.0))
    with opened(Told()) as microphone:
        hear_tone(microphone)
        assert wait_for(fake_microphone.listeners, SLACK_S)
        microphone.close()
        microphone.close()
        assert wait_for(lambda: not fake_microphone.listeners(), SLACK_S)
        assert not microphone_threads()
        assert not microphone._ring._buffer.any()
        assert microphone.ended
        assert microphone.read(1.0) is None


@pytest.mark.device
def test_a_microphone_can_be_chosen_by_name_and_by_index(fake_microphone: FakeMicrophone) -> None:
    listed = {microphone.name: microphone for microphone in list_microphones()}
    assert listed["default"].default
    assert not listed["pulse"].default
    for device in ("PULSE", str(listed["pulse"].index)):
        with opened(Told(), device) as microphone:
            assert wait_for(lambda: microphone.available, SLACK_S)


@pytest.mark.device
def test_an_unknown_microphone_is_told_with_the_names_there_are(
    fake_microphone: FakeMicrophone, capfd: pytest.CaptureFixture[str]
) -> None:
    told = Told()
    with opened(told, "no such microphone") as microphone:
        assert wait_for(lambda: told, SLACK_S)
        assert not microphone.available
    assert told.kinds == [LOST]
    assert told[0][1] == "mic_not_found"
    assert "'pulse'" in told[0][2]
    assert capfd.readouterr().err == ""


@pytest.mark.device
@pytest.mark.skipif(sys.platform != "linux", reason="hides ALSA's devices")
def test_a_machine_without_any_microphone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Only the files that ALSA itself brings, and no sound server behind its plugin.
    (tmp_path / "asound.conf").write_text("</usr/share/alsa/alsa.conf>\n", encoding="ascii")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    assert list_microphones() == []
    told = Told()
    with opened(told) as microphone:
        assert wait_for(lambda: told, SLACK_S)
        assert not microphone.available
    assert told == [(LOST, "mic_not_found", "there is no microphone")]
    assert capfd.readouterr().err == "", "ALSA must not print what is told as an event"


@pytest.mark.unit
def test_without_pyaudio_the_microphone_is_unavailable_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    told = Told()
    with opened(told) as microphone:
        assert wait_for(lambda: told and not microphone._thread.is_alive(), SLACK_S)
        assert told.kinds == [LOST]
        assert told[0][1] == "audio_unavailable"
        assert not microphone.available
        assert microphone.read(0.05) is None
    with pytest.raises(AudioUnavailable):
        list_microphones()


@pytest.mark.unit
def test_a_portaudio_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(-9999, "Unanticipated host error")

    monkeypatch.setattr(pyaudio, "PyAudio", fail)
    told = Told()
    with opened(told) as microphone:
        assert wait_for(lambda: told, SLACK_S)
        assert not microphone.available
    assert [(kind, code) for kind, code, _ in told] == [(LOST, "audio_unavailable")]


@pytest.mark.unit
@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 96000])
def test_resampling_keeps_pitch_and_length(rate: int) -> None:
    resample = to_sample_rate(rate)
    sound = tone(1.0, rate=rate)
    out = np.concatenate([resample(piece) for piece in np.array_split(sound, 31)])
    assert out.dtype == np.float32
    assert SAMPLE_RATE - 64 <= out.size <= SAMPLE_RATE
    assert frequency(out) == pytest.approx(TONE_HZ, abs=1.0)
    assert np.abs(out[1000:-1000]).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.unit
def test_the_callback_mixes_channels_down_and_passes_the_overflow_flag_on() -> None:
    heard: list[tuple[np.ndarray, int, bool]] = []
    callback = _callback(SAMPLE_RATE, 2, lambda *block: heard.append(block))
    block = np.array([[32767, -32768], [16384, 0], [-32768, -32768]], np.int16)
    before = now_ns()
    answer = callback(block.tobytes(), 3, {}, pyaudio.paInputOverflow)
    assert answer == (None, pyaudio.paContinue)
    values, captured_ns, overflow = heard[0]
    np.testing.assert_allclose(values, [-0.5 / 32768, 0.25, -1.0], atol=1e-7)
    assert before <= captured_ns <= now_ns()
    assert overflow is True
    callback(block.tobytes(), 3, {}, 0)
    assert heard[1][2] is False


def microphone_threads() -> list[threading.Thread]:
    return [
        thread for thread in threading.enumerate() if thread.name.startswith("rapport-microphone")
    ]


@pytest.mark.device
def test_a_sound_server_that_hangs_from_the_start_holds_nobody_up(
    fake_microphone: FakeMicrophone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone_module, "OPEN_S", 0.5)
    told = Told()
    fake_microphone.freeze(True)
    try:
        with opened(told) as microphone:
            began = time.monotonic()
            assert microphone.read(0.3) is None
            assert time.monotonic() - began < SLACK_S
            assert wait_for(lambda: told, SLACK_S)
            assert not microphone.available
            assert [(kind, code) for kind, code, _ in told] == [(LOST, "audio_unavailable")]
            began = time.monotonic()
            microphone.close()
            assert time.monotonic() - began < CLOSE_S + 1.0
    finally:
        fake_microphone.freeze(False)
    assert wait_for(lambda: not microphone_threads(), SLACK_S)
