"""Training material for the voice model: decoded clips, degraded into sessions, as model windows.

A session is what the sidecar lives through: one player in one room at one microphone, saying one
thing after another. The sidecar's own front end hears it, so that its running statistics know as
much, or as little, about the player as they would.
"""

import csv
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.training import voice_corpora
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE
from rapport.experts.voice import vad
from rapport.experts.voice.features import LOG_MEL, LOG_PITCH
from rapport.experts.voice.front_end import BANDS, FrontEnd, Prior

Array = NDArray[np.float32]
Random = np.random.Generator

LABEL_OF = {
    "neutral": 0,
    "calm": 0,
    "happy": 1,
    "surprise": 2,
    "sad": 3,
    "angry": 4,
    "disgust": 5,
    "fear": 6,
}
"""Emotion names of the speech corpora -> place in `state.LABELS`. Nothing is labelled contempt."""

NOT_SPEECH = ("emogator",)
"""Bursts without words are another task."""
CLIPS_PER_SPEAKER = 300
"""More of one speaker teaches that speaker, not the emotion, and costs the same time."""
LONGEST_SESSION = 12
CLEAN_SHARE = 0.25
SNR_RANGE_DB = (-5.0, 30.0)
LEVEL_RANGE_DBFS = (-45.0, -14.0)
"""Speech level at the microphone, from across the room to close by."""
MIN_FRAMES = 30
"""Windows with less speech (0.3 s) are not learned from, and not read by the expert either."""
MASKED_BELOW_DB = -5.0
"""Speech this far below the noise is not noticed by the voice activity detector."""


class Clip(NamedTuple):
    """One utterance: int16 samples, the detector's probabilities (one every 32 ms), its labels."""

    samples: NDArray[np.int16]
    speech: Array
    corpus: str
    speaker: str
    label: int


class Window(NamedTuple):
    """One model input (frames x columns, float16), its label, and where it comes from."""

    features: NDArray[np.float16]
    label: int
    corpus: str
    snr_db: float


def decode(path: Path) -> Array:
    """A sound file as mono samples at `SAMPLE_RATE`."""
    import av  # not needed on a machine that finds the cache filled

    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(str(path)) as container:
        frames = [*container.decode(audio=0), None]
        parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _cached(cache: Path, name: Path, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """What `make` gives, from the cache when it was made before. `name` says what it is."""
    kept = cache / f"{hashlib.sha256(name.as_posix().encode()).hexdigest()[:24]}.npy"
    if kept.is_file():
        return np.load(kept)
    made = make()
    cache.mkdir(parents=True, exist_ok=True)
    # Written aside and moved: a process that is stopped leaves no half file behind.
    partial_file = kept.with_suffix(f".{os.getpid()}.tmp")
    with partial_file.open("wb") as file:
        np.save(file, made)
    partial_file.replace(kept)
    return made


def load_sound(path: Path, name: Path, cache: Path) -> NDArray[np.int16]:
    """Decode once, then read from the cache. `name` identifies the file below the data folder."""

    def make() -> NDArray[np.int16]:
        return np.round(np.clip(decode(path), -1.0, 1.0) * 32767.0).astype(np.int16)

    return _cached(cache, name, make)


def _load_clip(row: dict[str, str], folder: Path, cache: Path) -> Clip:
    name = Path("voice", row["path"])
    samples = load_sound(folder / row["path"], name, cache)

    def make() -> Array:
        heard = vad.VoiceActivity(0.5).push(_leveled(samples))
        return np.array([probability for _, probability in heard], np.float32)

    speech = _cached(cache, name / "speech", make)
    return Clip(samples, speech, row["corpus"], row["speaker"], LABEL_OF[row["emotion"]])


def _leveled(samples: NDArray[np.int16]) -> Array:
    """At a level that suits the detector: studio corpora are recorded far too quietly."""
    values = samples.astype(np.float32)
    return values * np.float32(0.5 / max(1.0, float(np.abs(values).max())))


def load_clips(
    data: Path, cache: Path, speakers: Callable[[str], bool], workers: int
) -> list[Clip]:
    """Up to `CLIPS_PER_SPEAKER` clips with one of our labels of each speaker that is asked for."""
    folder = data / "voice"
    rows = [row for row in voice_corpora.rows(folder) if row["emotion"] in LABEL_OF]
    rows = [row for row in rows if row["corpus"] not in NOT_SPEECH and speakers(row["speaker"])]
    chosen: list[dict[str, str]] = []
    for speaker in sorted({row["speaker"] for row in rows}):
        own = [row for row in rows if row["speaker"] == speaker]
        own.sort(key=lambda row: hashlib.sha256(row["path"].encode()).digest())
        chosen += own[:CLIPS_PER_SPEAKER]
    with ProcessPoolExecutor(workers) as pool:
        load = partial(_load_clip, folder=folder, cache=cache)
        return list(pool.map(load, chosen, chunksize=16))


def load_noises(data: Path, cache: Path, names: Iterable[str]) -> list[Array]:
    """The named noise recordings, each at mean power 1."""
    noises = []
    for name in names:
        sound = load_sound(data / "noise" / name, Path("noise", name), cache).astype(np.float32)
        noises.append(sound / max(float(np.sqrt(np.mean(sound**2))), 1e-6))
    return noises


def noise_names(data: Path) -> list[str]:
    """All noise recordings of the data folder."""
    with (data / "noise" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return sorted(row["path"] for row in csv.DictReader(file))


def cut_noise(noise: Array, length: int, random: Random) -> Array:
    """A stretch of the recording from a random place, repeated when it is too short."""
    start = int(random.integers(len(noise)))
    return np.take(noise, np.arange(start, start + length), mode="wrap")


class Room(NamedTuple):
    """One acoustic situation: all that happens to a voice on its way into the computer."""

    speed: float
    """Playback speed: another throat length, another speaker."""
    response: Array
    """Impulse response of room and microphone."""
    gain: float
    noise: Array | None
    snr_db: float
    clip_at: float


def draw_room(random: Random, noises: Sequence[Array], level: float) -> Room:
    """A random room for a speaker whose speech has this root mean square level."""
    target = 10.0 ** (random.uniform(*LEVEL_RANGE_DBFS) / 20.0)
    clean = random.random() < CLEAN_SHARE or not noises
    noise = None if clean else noises[int(random.integers(len(noises)))]
    if noise is not None and random.random() < 0.2:
        other = noises[int(random.integers(len(noises)))]
        noise = noise + random.uniform(0.3, 1.0) * cut_noise(other, len(noise), random)
        noise = noise / np.sqrt(np.mean(noise**2))
    return Room(
        speed=float(random.uniform(0.88, 1.13)),
        response=_response(random),
        gain=target / max(level, 1e-6),
        noise=noise,
        snr_db=float(random.uniform(*SNR_RANGE_DB)) if noise is not None else 60.0,
        clip_at=float(random.uniform(0.2, 0.7)) * 4.0 * target if random.random() < 0.1 else 1.0,
    )


def _response(random: Random) -> Array:
    """An echo that dies away exponentially (Polack's model: decaying noise), then a microphone
    that colours: a smooth random equaliser and, at times, a codec's upper limit."""
    size = 8192
    echo = np.zeros(size)
    echo[0] = 1.0
    if random.random() < 0.4:
        reverberation_s = random.uniform(0.15, 0.8)
        time = np.arange(1, size) / SAMPLE_RATE
        tail = random.normal(size=size - 1) * 10.0 ** (-3.0 * time / reverberation_s)
        ratio_db = random.uniform(-3.0, 15.0)
        echo[1:] = tail * np.sqrt(10.0 ** (-ratio_db / 10.0) / np.sum(tail**2))
    spectrum = np.fft.rfft(echo, 2 * size)
    hz = np.fft.rfftfreq(2 * size, 1.0 / SAMPLE_RATE)
    if random.random() < 0.5:
        knots = np.array([0.0, 150.0, 500.0, 1500.0, 3500.0, 8000.0])
        colour_db = np.interp(hz, knots, random.normal(0.0, 4.0, len(knots)))
        spectrum *= 10.0 ** (colour_db / 20.0)
    if random.random() < 0.15:
        edge = random.uniform(3400.0, 7000.0)
        spectrum /= np.sqrt(1.0 + (hz / edge) ** 16)
    return np.fft.irfft(spectrum)[: 2 * size].astype(np.float32)


def degrade(clip: Array, room: Room, random: Random) -> Array:
    """The clip as it would be heard in that room, full scale -1 ... +1, not yet cut off there."""
    length = int(len(clip) / room.speed)
    played = np.interp(np.arange(length) * room.speed, np.arange(len(clip)), clip)
    # Any even size without large prime factors is quick; multiples of 4096 are near enough.
    size = -(-(length + len(room.response)) // 4096) * 4096
    spectrum = np.fft.rfft(played.astype(np.float32), size) * np.fft.rfft(room.response, size)
    heard = np.fft.irfft(spectrum, size)[:length].astype(np.float32) * np.float32(room.gain)
    if room.noise is not None:
        heard = mix(heard, cut_noise(room.noise, length, random), room.snr_db)
    return np.clip(heard, -room.clip_at, room.clip_at)


def mix(clip: Array, noise: Array, snr_db: float) -> Array:
    """Clip plus noise of mean power 1; the SNR is the ratio of mean powers over the whole clip."""
    scale = np.sqrt(float(np.mean(clip**2)) / 10.0 ** (snr_db / 10.0))
    return clip + noise * np.float32(scale)


class KnownActivity:
    """Stands in for the detector with probabilities taken once from the clean clip: the detector
    costs most of the front end's time, and a session would ask it thousands of times."""

    def __init__(self) -> None:
        self.known: Array = np.zeros(0, np.float32)
        self.reset()

    def reset(self) -> None:
        self._heard = 0
        self._chunks = 0
        self.probability = 0.0
        self.phase = vad.Phase()

    def push(self, samples: Array) -> list[tuple[vad.Phase, float]]:
        self._heard += len(samples)
        result = []
        while (self._chunks + 1) * vad.CHUNK <= self._heard:
            place = min(self._chunks, len(self.known) - 1)
            self.probability = float(self.known[place])
            self.phase = vad.follow(self.phase, self.probability, 0.5)
            self._chunks += 1
            result.append((self.phase, self.probability))
        return result


def _noticed(clip: Clip, clean: Array, room: Room) -> Array:
    """Speech probabilities on the clock of the played clip, gone where the noise covers them."""
    chunks = max(1, int(len(clean) / room.speed) // vad.CHUNK)
    place = (np.arange(chunks) * room.speed).astype(int).clip(0, len(clip.speech) - 1)
    speech = clip.speech[place].copy()
    if room.noise is not None:
        count = len(clean) // vad.CHUNK
        power = np.mean(clean[: count * vad.CHUNK].reshape(count, -1) ** 2, axis=1)
        local_db = 10.0 * np.log10((power[place.clip(0, count - 1)] + 1e-12) / np.mean(clean**2))
        speech[local_db + room.snr_db < MASKED_BELOW_DB] = 0.0
    return speech


def hear_session(
    clips: Sequence[Clip], seed: int, noises: Sequence[Array], prior: Prior
) -> list[Window]:
    """Let the front end hear these clips of one speaker in one random room; two windows each:
    somewhere in the utterance, and at its end."""
    random = np.random.default_rng(seed)
    sounds = [clip.samples.astype(np.float32) / 32768.0 for clip in clips]
    level = float(np.median([np.sqrt(np.mean(sound**2)) for sound in sounds]))
    room = draw_room(random, noises, level)
    front = FrontEnd(prior)
    activity = KnownActivity()
    front.activity = activity
    windows = []
    for clip, sound in zip(clips, sounds, strict=True):
        now = room._replace(snr_db=room.snr_db + float(random.uniform(-3.0, 3.0)))
        heard = degrade(sound, now, random)
        activity.known = _noticed(clip, sound, now)
        floor = front.floor.power.copy()
        front.reset_stream()
        if random.random() < 0.5:
            # The noise is known from before: the player has been silent here for a while.
            front.floor.power = floor
        spoken = np.flatnonzero(activity.known > 0.5)
        if not len(spoken):
            continue
        first, last = spoken[0] * vad.CHUNK, min((spoken[-1] + 2) * vad.CHUNK, len(heard))
        cut = int(random.uniform(first + 0.2 * (last - first), last))
        begin = 0
        for end in (cut, int(last)):
            front.push(heard[begin:end])
            begin = end
            if len(front.spoken) >= MIN_FRAMES:
                taken = front.window().astype(np.float16)
                windows.append(Window(taken, clip.label, clip.corpus, now.snr_db))
    return windows


def sessions(clips: Sequence[Clip], random: Random) -> Iterator[list[Clip]]:
    """Each clip once, in random order, in runs of one speaker's of random length."""
    speakers = sorted({clip.speaker for clip in clips})
    for speaker in speakers:
        own = [clip for clip in clips if clip.speaker == speaker]
        order = [own[place] for place in random.permutation(len(own))]
        while order:
            length = int(random.integers(1, LONGEST_SESSION + 1))
            yield order[:length]
            del order[:length]


_NOISES: Sequence[Array] = ()


def _take_noises(noises: Sequence[Array]) -> None:
    global _NOISES
    _NOISES = noises


def _hear(job: tuple[list[Clip], int], prior: Prior) -> list[Window]:
    return hear_session(job[0], job[1], _NOISES, prior)


def hear_all(
    clips: Sequence[Clip], noises: Sequence[Array], prior: Prior, seed: int, workers: int
) -> list[Window]:
    """One variant of the whole material: every clip once, in some session."""
    random = np.random.default_rng(seed)
    jobs = [(run, seed * 1_000_003 + place) for place, run in enumerate(sessions(clips, random))]
    with ProcessPoolExecutor(workers, initializer=_take_noises, initargs=(noises,)) as pool:
        results = pool.map(partial(_hear, prior=prior), jobs, chunksize=4)
        return [window for windows in results for window in windows]


def measure_prior(clips: Sequence[Clip], noises: Sequence[Array], seed: int) -> Prior:
    """Level, colour and pitch of speech in random rooms, from 150 clips."""
    random = np.random.default_rng(seed)
    nothing = np.zeros(BANDS, np.float32)
    unknown = Prior(0.0, 1.0, nothing, nothing + 1.0, 0.0, 1.0)
    levels, shapes, pitches = [], [], []
    for place in random.choice(len(clips), min(150, len(clips)), replace=False):
        clip = clips[int(place)]
        sound = clip.samples.astype(np.float32) / 32768.0
        room = draw_room(random, noises, float(np.sqrt(np.mean(sound**2))))
        front = FrontEnd(unknown)
        activity = KnownActivity()
        activity.known = _noticed(clip, sound, room)
        front.activity = activity
        front.push(degrade(sound, room, random))
        log_mel, log_pitch = front.spoken[:, LOG_MEL], front.spoken[:, LOG_PITCH]
        level = log_mel.mean(axis=1, keepdims=True)
        levels.append(level)
        shapes.append(log_mel - level)
        pitches.append(log_pitch[log_pitch > 0.0])
    level, shape, pitch = (np.concatenate(parts) for parts in (levels, shapes, pitches))
    return Prior(
        float(level.mean()),
        float(level.std()),
        shape.mean(axis=0).astype(np.float32),
        shape.std(axis=0).astype(np.float32),
        float(pitch.mean()),
        float(pitch.std()),
    )
