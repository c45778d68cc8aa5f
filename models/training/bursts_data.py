"""Training material for the burst model: EmoGator's clips in rooms, and what is no burst.

No burst is: noise, noise that sets in, and plain speech. The speech is spoken by espeak-ng, because
no corpus of people's speech at hand may be used commercially; what is synthesised so is free.

Sounds become feature frames once. Echo, colour and noise are then put upon the frames: powers of
sounds that have nothing to do with each other add up, and the rest is near enough. It is a hundred
times quicker than to do it with the samples, so every epoch hears new rooms.
"""

import csv
import hashlib
import io
import shutil
import subprocess
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from models.training.voice_data import Array, Random, load_sound
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE
from rapport.experts.voice import bursts, features
from rapport.experts.voice.features import (
    BANDS,
    FRAMES_PER_SECOND,
    HOP,
    LOG_MEL,
    LOG_PITCH,
    PERIODICITY,
    POWER,
    POWER_FLOOR,
    VOICED,
)

GROUPS = {
    "laugh": ("amusement",),
    "cheer": ("triumph", "elation"),
    "sigh": ("relief",),
    "gasp": ("surprise_negative",),
    "scream": ("fear", "distress"),
    "cry": ("sadness",),
    "ouch": ("pain",),
    "growl": ("anger",),
    "yuck": ("disgust",),
    "huh": ("confusion",),
    "none": ("neutral",),
}
"""What is learned, and EmoGator's words for it. Those that are not in `state.BURSTS` are told apart
in training and told as none: fear and distress are many sounds, and anger is taken for pain. The
other words (of admiration, awe, shame ...) are left out: the same sounds stand for several of them.
"""
USED = {emotion for emotions in GROUPS.values() for emotion in emotions}
PARTS = ("training", "validation", "test")
NONE = "none"
SPEECHES = 500
SPEECH_SEED = 7
VOICES = ("en", "en-us", "en-gb-scotland", "de", "fr", "es", "it", "pl", "pt", "sv", "cs", "fi")
VARIANTS = ("", "+m1", "+m3", "+m5", "+m7", "+f1", "+f2", "+f3", "+f4", "+f5")

LEAD_S, TAIL_S = (0.5, 3.0), (0.1, 0.5)
"""Noise before and after a burst: the sidecar has been listening for a while."""
SNR_RANGE_DB = (0.0, 30.0)
CLEAN_SHARE = 0.4
CLEAN_DB = (35.0, 55.0)
"""Even the best recording has some noise this far below."""
PACE = 0.2
STEP_FRAMES = 10
"""Frames between two readings (0.1 s), as in the sidecar."""


class Recording(NamedTuple):
    """Feature frames of a whole sound (n x `features.WIDTH`), what it is, and who is heard."""

    frames: Array
    emotion: str
    speaker: str


def rows(data: Path, part: str) -> list[dict[str, str]]:
    """EmoGator's clips of the people in one of the `PARTS`.

    People are put in the order of a hash of their names; the first 70 of a hundred are for the
    training, the next ten for the validation, the rest for the test.
    """
    with (data / "voice" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["corpus"] == "emogator"]
    people = sorted(
        {row["speaker"] for row in found}, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    first, second = round(0.7 * len(people)), round(0.8 * len(people))
    chosen = dict(zip(PARTS, (people[:first], people[first:second], people[second:]), strict=True))
    return [row for row in found if row["speaker"] in chosen[part]]


def recordings(data: Path, cache: Path, part: str) -> list[Recording]:
    """EmoGator's clips of a part."""

    def make() -> list[Recording]:
        found = []
        for row in rows(data, part):
            if row["emotion"] not in USED:
                continue
            samples = load_sound(data / "voice" / row["path"], Path("voice", row["path"]), cache)
            if len(samples) > SAMPLE_RATE // 4:
                found.append(Recording(analysed(samples), row["emotion"], row["speaker"]))
        return found

    return _kept(cache / f"bursts-{part}.npz", make)


def noises(data: Path, cache: Path, names: Sequence[str]) -> list[Recording]:
    """The named noise recordings."""
    digest = hashlib.sha256(",".join(names).encode()).hexdigest()[:8]

    def make() -> list[Recording]:
        return [
            Recording(analysed(load_sound(data / "noise" / n, Path("noise", n), cache)), NONE, n)
            for n in names
        ]

    return _kept(cache / f"bursts-noises-{digest}.npz", make)


def speeches(data: Path, cache: Path) -> list[Recording]:
    """Sentences spoken by espeak-ng in many voices.

    :raises RuntimeError: espeak-ng is not on this machine.
    """

    def make() -> list[Recording]:
        program = shutil.which("espeak-ng")
        if program is None:
            raise RuntimeError("espeak-ng is needed to make the speech that is no burst")
        with (data / "text" / "emobank_train_dev.csv").open(encoding="utf-8", newline="") as file:
            lines = [row["text"] for row in csv.DictReader(file) if 20 < len(row["text"]) < 90]
        random = np.random.default_rng(SPEECH_SEED)
        chosen = [lines[int(random.integers(len(lines)))] for _ in range(SPEECHES)]
        return [Recording(analysed(_speak(program, x, random)), NONE, "espeak") for x in chosen]

    return _kept(cache / "bursts-speeches.npz", make)


def _speak(program: str, line: str, random: Random) -> NDArray[np.int16]:
    voice = str(random.choice(VOICES)) + str(random.choice(VARIANTS))
    pace, pitch = int(random.integers(120, 220)), int(random.integers(10, 90))
    command = [program, "-v", voice, "-s", str(pace), "-p", str(pitch), "--stdout", "--", line]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603  our own words
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate = file.getframerate()
        values = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    place = np.arange(len(values) * SAMPLE_RATE // rate) * (rate / SAMPLE_RATE)
    return np.interp(place, np.arange(len(values)), values).astype(np.int16)


def analysed(samples: NDArray[np.int16]) -> Array:
    """Feature frames of a whole sound, as the front end makes them."""
    whole = samples[: len(samples) // HOP * HOP].astype(np.float32) / 32768.0
    return features.analyse(whole, np.zeros(features.CONTEXT, np.float32))


def _kept(path: Path, make: Callable[[], list[Recording]]) -> list[Recording]:
    if not path.is_file():
        made = make()
        np.savez(
            path,
            frames=np.concatenate([recording.frames for recording in made]),
            lengths=[len(recording.frames) for recording in made],
            names=[[recording.emotion, recording.speaker] for recording in made],
        )
    with np.load(path) as content:
        parts = np.split(content["frames"], np.cumsum(content["lengths"])[:-1])
        names = content["names"].tolist()
        return [Recording(part, *name) for part, name in zip(parts, names, strict=True)]


def scene(recording: Recording | None, noise: Array, random: Random) -> Array:
    """Feature frames of what the sidecar hears: the recording in a room with this noise, or (None)
    the noise alone, which has always been there or sets in."""
    if recording is None:
        length = 4 * FRAMES_PER_SECOND
        frames = _stretch(noise, length, random).copy()
        if random.random() < 0.5:
            quieter = np.where(
                np.arange(length) < random.integers(length), random.uniform(-12.0, -3.0), 0.0
            )
            frames[:, LOG_MEL] += quieter[:, None]
            frames[:, POWER] *= np.exp(quieter)
        return _coloured(frames, random)
    sound = recording.frames
    paced = round(len(sound) * random.uniform(1.0 - PACE, 1.0 + PACE))
    sound = sound[np.arange(paced) * len(sound) // paced]
    before, after = (round(random.uniform(*span) * FRAMES_PER_SECOND) for span in (LEAD_S, TAIL_S))
    quiet = np.zeros((1, features.WIDTH), np.float32)
    quiet[:, LOG_MEL] = np.log(POWER_FLOOR)
    sound = np.concatenate([quiet.repeat(before, 0), sound, quiet.repeat(after, 0)])
    if random.random() < 0.4:
        sound = _echoing(sound, random)
    shift = random.normal(0.0, 0.1) * (sound[:, LOG_PITCH] > 0.0)
    sound = _coloured(sound, random)
    sound[:, LOG_PITCH] += shift
    clean = random.random() < CLEAN_SHARE
    snr_db = random.uniform(*(CLEAN_DB if clean else SNR_RANGE_DB))
    return _mixed(sound, _stretch(noise, len(sound), random), snr_db, recording.frames)


def _stretch(noise: Array, length: int, random: Random) -> Array:
    begin = int(random.integers(len(noise)))
    return np.take(noise, np.arange(begin, begin + length), axis=0, mode="wrap")


def _coloured(frames: Array, random: Random) -> Array:
    """Another microphone, and another throat (a shift of the bands)."""
    frames = frames.copy()
    knots = np.linspace(0, BANDS - 1, 6)
    colour = np.interp(np.arange(BANDS), knots, random.normal(0.0, 0.7, len(knots)))
    place = np.clip(np.arange(BANDS) + random.uniform(-1.5, 1.5), 0, BANDS - 1.001)
    below = place.astype(int)
    share = place - below
    mels = frames[:, LOG_MEL]
    frames[:, LOG_MEL] = (1.0 - share) * mels[:, below] + share * mels[:, below + 1] + colour
    return frames


def _echoing(frames: Array, random: Random) -> Array:
    """Powers that die away exponentially (Polack's model)."""
    keep = 10.0 ** (-6.0 / FRAMES_PER_SECOND / random.uniform(0.15, 0.8))
    share = (1.0 - keep) * 10.0 ** (random.uniform(-15.0, 3.0) / 10.0)
    power = np.exp(frames[:, LOG_MEL])
    tail = np.zeros(BANDS, np.float32)
    for row in power:
        tail = keep * tail + share * row
        row += tail
    frames = frames.copy()
    frames[:, POWER] *= power.sum(axis=1) / np.exp(frames[:, LOG_MEL]).sum(axis=1)
    frames[:, LOG_MEL] = np.log(power)
    return frames


def _mixed(sound: Array, noise: Array, snr_db: float, clip: Array) -> Array:
    """Sound plus noise; the ratio is that of mean powers over the clip."""
    scale = float(clip[:, POWER].mean()) / max(float(noise[:, POWER].mean()), 1e-12)
    scale = scale / 10.0 ** (snr_db / 10.0)
    mixed = sound.copy()
    mixed[:, LOG_MEL] = np.log(
        np.exp(sound[:, LOG_MEL]) + scale * np.exp(noise[:, LOG_MEL]) + POWER_FLOOR
    )
    heard, other = sound[:, POWER], scale * noise[:, POWER]
    share = heard / (heard + other + 1e-12)
    mixed[:, POWER] = heard + other
    # A period shows as far as what has it is the louder part.
    both = np.stack([share * sound[:, PERIODICITY], (1.0 - share) * noise[:, PERIODICITY]])
    louder = both.argmax(axis=0)
    pitch = np.where(louder == 0, sound[:, LOG_PITCH], noise[:, LOG_PITCH])
    mixed[:, PERIODICITY] = both.max(axis=0)
    mixed[:, LOG_PITCH] = np.where(mixed[:, PERIODICITY] >= VOICED, pitch, 0.0)
    return mixed


def moments(frames: Array) -> list[int]:
    """At which frames the sidecar would read a burst, were this all it heard."""
    return [
        end
        for end in range(bursts.LEAST_FRAMES, len(frames) + 1, STEP_FRAMES)
        if bursts.worth_reading(frames[max(0, end - bursts.RING_FRAMES) : end])
    ]


def windows(frames: Array, count: int, random: Random) -> list[Array]:
    """The model's input at random moments, more often at late ones: then more was heard."""
    ends = moments(frames)
    chosen = [ends[int(len(ends) * random.beta(1.5, 0.8))] for _ in range(count) if ends]
    return [bursts.window(frames[max(0, end - bursts.RING_FRAMES) : end]) for end in chosen]
