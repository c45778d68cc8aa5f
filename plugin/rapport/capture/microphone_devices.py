"""Which microphones there are, and opening one of them with PortAudio.

PortAudio looks for devices once, when it is initialised: every opening here initialises it anew and
every closing terminates it, so that a microphone plugged in meanwhile is found. That needs
PortAudio to be nobody else's in this process: a second library that keeps it initialised (such as
`sounddevice`) freezes the list of devices, though not the system's default behind it.
"""

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import av
import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.capture.clock import now_ns
from rapport.capture.signals import SAMPLE_RATE
from rapport.errors import AudioUnavailable, MicrophoneLost, MicrophoneNotFound

BLOCK_S = 0.032
"""Time between two callbacks: the block that the voice activity detector hears at once."""
FULL_SCALE = 32768.0
"""Of the 16-bit samples that every host API of PortAudio can give."""
ANSWER_S = 3.0
"""PortAudio hangs with its sound server; nobody waits longer than this for a turn with it."""

Heard = Callable[[NDArray[np.float32], int, bool], None]
"""Called by PortAudio's thread with new samples (mono, `SAMPLE_RATE`), the capture time of the
last one, and whether samples before them were lost in the driver."""

_portaudio_turn = threading.Lock()  # initialising and terminating PortAudio is not thread-safe


class MicrophoneInfo(msgspec.Struct, frozen=True):
    """A microphone that `settings.Microphone.device` can name by `index` or a part of `name`."""

    index: int
    name: str
    system: str
    """The system's audio interface through which it is reached, such as ALSA or MME."""
    default: bool
    rate: int
    channels: int


def list_microphones() -> list[MicrophoneInfo]:
    """The microphones of this machine, by index.

    :raises AudioUnavailable: PyAudio or PortAudio is missing or does not start.
    """
    with _portaudio() as audio:
        return _microphones(audio)


@contextmanager
def open_microphone(device: str, heard: Heard) -> Iterator[MicrophoneInfo]:
    """Listen to a microphone while the context lasts.

    The device is asked for 16 kHz mono; if it refuses, it runs at its own rate and channels and
    is mixed down and resampled here.

    :raises AudioUnavailable: PyAudio or PortAudio is missing or does not start.
    :raises MicrophoneNotFound: there is no such microphone.
    :raises MicrophoneLost: it is there, but cannot be opened.
    """
    with _portaudio() as audio:
        chosen = _choose(_microphones(audio), device)
        with _quiet_libraries():
            stream = _open_stream(audio, chosen, heard)
        try:
            yield chosen
        finally:
            with suppress(OSError), _quiet_libraries():
                stream.close()


@contextmanager
def _portaudio() -> Iterator[Any]:
    try:
        import pyaudio  # here, because the camera must go on where it is not installed
    except ImportError as error:
        raise AudioUnavailable(f"PyAudio cannot be loaded: {error}") from error
    with _turn(), _quiet_libraries():
        try:
            audio = pyaudio.PyAudio()
        except OSError as error:
            raise AudioUnavailable(f"PortAudio does not start: {error}") from error
    try:
        yield audio
    finally:
        with _turn(), _quiet_libraries():
            audio.terminate()


@contextmanager
def _turn() -> Iterator[None]:
    if not _portaudio_turn.acquire(timeout=ANSWER_S):
        raise AudioUnavailable("PortAudio does not answer")
    try:
        yield
    finally:
        _portaudio_turn.release()


def _microphones(audio: Any) -> list[MicrophoneInfo]:
    try:
        default = int(audio.get_default_input_device_info()["index"])
    except OSError:
        default = -1
    found = []
    for index in range(audio.get_device_count()):
        info = audio.get_device_info_by_index(index)
        if info["maxInputChannels"] > 0:
            system = audio.get_host_api_info_by_index(info["hostApi"])["name"]
            rate, channels = round(info["defaultSampleRate"]), info["maxInputChannels"]
            name = str(info["name"])
            found.append(MicrophoneInfo(index, name, str(system), index == default, rate, channels))
    return found


def _choose(microphones: list[MicrophoneInfo], device: str) -> MicrophoneInfo:
    """By index, by a part of the name, or, for an empty `device`, the system's default."""
    for microphone in microphones:
        if not device.strip():
            chosen = microphone.default
        elif device.strip().isdecimal():
            chosen = microphone.index == int(device)
        else:
            chosen = device.casefold() in microphone.name.casefold()
        if chosen:
            return microphone
    if not microphones:
        raise MicrophoneNotFound("there is no microphone")
    if not device.strip():
        raise MicrophoneNotFound("the system has no default microphone")
    names = ", ".join(f"{microphone.name!r}" for microphone in microphones)
    raise MicrophoneNotFound(f"there is no microphone {device!r}; there are: {names}")


def _open_stream(audio: Any, microphone: MicrophoneInfo, heard: Heard) -> Any:
    import pyaudio

    refusal: Exception | None = None
    for rate, channels in (
        (SAMPLE_RATE, 1),
        (microphone.rate, 1),
        (microphone.rate, min(2, microphone.channels)),
        (microphone.rate, microphone.channels),
    ):
        try:
            return audio.open(
                rate=rate,
                channels=channels,
                format=pyaudio.paInt16,
                input=True,
                input_device_index=microphone.index,
                frames_per_buffer=round(BLOCK_S * rate),
                stream_callback=_callback(rate, channels, heard),
            )
        except (OSError, ValueError) as error:
            refusal = error
    raise MicrophoneLost(f"{microphone.name!r} cannot be opened: {refusal}") from refusal


def _callback(rate: int, channels: int, heard: Heard) -> Callable[..., tuple[None, int]]:
    """What PortAudio calls with each block.

    It takes the time itself: the one that PortAudio passes is not reliable (PulseAudio).
    """
    import pyaudio

    resample = to_sample_rate(rate)

    def callback(block: bytes, _frames: int, _times: Any, flags: int) -> tuple[None, int]:
        captured_ns = now_ns()
        whole = np.frombuffer(block, np.int16).reshape(-1, channels)
        mono = whole.mean(axis=1, dtype=np.float32) / np.float32(FULL_SCALE)
        heard(resample(mono), captured_ns, bool(flags & pyaudio.paInputOverflow))
        return None, pyaudio.paContinue

    return callback


def to_sample_rate(rate: int) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A function that resamples successive blocks of mono sound from `rate` to `SAMPLE_RATE`.

    It holds back about 1 ms of sound, which comes with the next block.
    """
    if rate == SAMPLE_RATE:
        return lambda values: values
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)

    def resample(values: NDArray[np.float32]) -> NDArray[np.float32]:
        if not values.size:
            return values
        frame = av.AudioFrame.from_ndarray(values[np.newaxis], format="flt", layout="mono")
        frame.sample_rate = rate
        pieces = [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
        return np.concatenate([np.empty(0, np.float32), *pieces]).astype(np.float32, copy=False)

    return resample


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep ALSA and JACK from printing a hundred lines while PortAudio looks for devices.

    They tell of every device that a configuration could have and this machine has not. Their
    error handlers are swapped, and not the file descriptor of stderr, because other threads
    write there; and they are put back, because a Python function must not be called by a
    library's thread when the interpreter ends.
    """
    loaded = [] if sys.platform != "linux" else list(_silencers())
    for install, handler in loaded:
        install(handler)
    try:
        yield
    finally:
        for install, handler in loaded:
            install(type(handler)())  # a null pointer: the library's own handler


def _silencers() -> Iterator[tuple[Any, Any]]:
    for library, installer, handler in _SILENT_HANDLERS:
        with suppress(OSError, AttributeError):
            yield getattr(ctypes.CDLL(library), installer), handler


# void handler(const char *file, int line, const char *function, int error, const char *format, ...)
_AlsaHandler = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
_JackHandler = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
_alsa_silent = _AlsaHandler(lambda *_: None)
_jack_silent = _JackHandler(lambda _: None)
_SILENT_HANDLERS: tuple[tuple[str, str, Any], ...] = (
    ("libasound.so.2", "snd_lib_error_set_handler", _alsa_silent),
    ("libjack.so.0", "jack_set_error_function", _jack_silent),
    ("libjack.so.0", "jack_set_info_function", _jack_silent),
)
