"""`python -m models.evaluation voice MANIFEST.csv`: the shipped voice expert on any recordings.

The manifest is a CSV file with the columns `path` (relative to the manifest, or absolute),
`speaker` and `emotion`; other columns are ignored. Each speaker is one session: the clips are
heard one after another, in an order that is random but always the same (by emotion, as many
corpora are sorted, the running statistics would follow the emotion), and what the expert learned
about the voice stays from clip to clip. With `--cold` it is forgotten before each clip.

Noise is added so that the mean power of the clip over the mean power of the noise, both over the
whole clip, is the SNR. It changes every `RUN` clips, and is heard for half a second before a clip.
"""

import argparse
import csv
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from models.evaluation.metrics import report
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert
from rapport.state import LABELS, Evidence

Array = NDArray[np.float32]

NAMES = {
    "neutral": ("neutral", "calm", "neu"),
    "happiness": ("happiness", "happy", "joy", "hap", "amusement", "elation"),
    "surprise": ("surprise", "surprised", "sur", "surprise_positive", "surprise_negative"),
    "sadness": ("sadness", "sad"),
    "anger": ("anger", "angry", "ang"),
    "disgust": ("disgust", "disgusted", "dis"),
    "fear": ("fear", "fearful", "fea"),
    "contempt": ("contempt",),
}
"""What corpora call our labels; clips called anything else are left out, and counted."""
PLACES = {name: LABELS.index(label) for label, names in NAMES.items() for name in names}
CHUNK = SAMPLE_RATE // 10
LEAD_IN = SAMPLE_RATE // 2
RUN = 12
"""Clips of a speaker that share a noise recording: a conversation in one room."""
PAUSE_NS = 10_000_000_000
"""Capture time between two clips: the expert sees a gap and starts the stream anew."""
AUDIO = {".opus", ".wav", ".flac", ".mp3", ".ogg", ".m4a", ".mp4"}


class Heard(NamedTuple):
    """What came of one clip: probabilities (None: no speech was found), milliseconds of each
    reading, and of the whole clip."""

    probabilities: NDArray[np.float64] | None
    reading_ms: list[float]
    clip_ms: float


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if (options.noise is None) != (options.snr is None):
        sys.stderr.write("--noise and --snr belong together\n")
        return 2
    noises = load_noises(options.noise) if options.noise else []
    rows, skipped = select(options)
    expert = VoiceExpert(settings.Voice(), Store(settings.Models()))
    truth, guesses, readings, clips = [], [], [], []
    unread = 0
    for session in sessions(rows):
        expert.speaker.reset()
        for place, row in enumerate(session):
            sound = decode(options.manifest.parent / row["path"])
            if sound is None:
                skipped["unreadable file"] += 1
                continue
            if noises:
                random = np.random.default_rng(seed_of(row["path"]))
                run = np.random.default_rng([seed_of(row["speaker"]), place // RUN])
                noise = noises[int(run.integers(len(noises)))]
                sound = in_noise(sound, noise, options.snr, random)
            if options.cold:
                expert.speaker.reset()
            heard = hear(expert, sound)
            unread += heard.probabilities is None
            uniform = np.full(len(LABELS), 1.0 / len(LABELS))
            guesses.append(uniform if heard.probabilities is None else heard.probabilities)
            truth.append(PLACES[row["emotion"]])
            readings += heard.reading_ms
            clips.append(heard.clip_ms)
    if not truth:
        sys.stderr.write(f"nothing to evaluate in {options.manifest}; left out: {dict(skipped)}\n")
        return 1
    figures = report(np.array(guesses), np.array(truth), LABELS, float(np.mean(clips)))
    figures |= {
        "ms_per_reading": float(np.median(readings)) if readings else None,
        "unread": unread,
        "left_out": dict(skipped),
        "snr_db": options.snr,
    }
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation voice")
    option = parser.add_argument
    option("manifest", type=Path)
    option("--noise", type=Path, help="folder of noise recordings")
    option("--noises", help="names of the recordings in it to use, with commas between")
    option("--snr", type=float, help="signal-to-noise ratio in dB")
    option("--speakers", help="only these, with commas between")
    option("--cold", action="store_true", help="forget the speaker before each clip")
    option("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.noise and options.noises:
        options.noise = [options.noise / name for name in options.noises.split(",")]
    elif options.noise:
        options.noise = sorted(p for p in options.noise.rglob("*") if p.suffix.lower() in AUDIO)
    return options


def select(options: argparse.Namespace) -> tuple[list[dict[str, str]], Counter[str]]:
    """Rows with one of our labels, and how many were left out for which reason."""
    skipped: Counter[str] = Counter()
    rows = []
    wanted = set(options.speakers.split(",")) if options.speakers else None
    with options.manifest.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            row["speaker"] = row.get("speaker") or "unknown"
            row["emotion"] = (row.get("emotion") or "").strip().lower()
            if wanted is not None and row["speaker"] not in wanted:
                continue
            if row["emotion"] in PLACES and row.get("path"):
                rows.append(row)
            else:
                skipped[f"emotion {row['emotion']!r}"] += 1
    return rows, skipped


def seed_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def sessions(rows: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    for speaker in sorted({row["speaker"] for row in rows}):
        own = [row for row in rows if row["speaker"] == speaker]
        yield sorted(own, key=lambda row: seed_of(row["path"]))


def decode(path: Path) -> Array | None:
    """Mono samples at `SAMPLE_RATE`; None if there is no sound to be had."""
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    try:
        with av.open(str(path)) as container:
            frames = [*container.decode(audio=0), None]
        parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    except (av.FFmpegError, OSError, IndexError):
        return None
    return np.concatenate(parts).astype(np.float32) if parts else None


def load_noises(paths: list[Path]) -> list[Array]:
    """The recordings, each at mean power 1."""
    sounds = [sound for path in paths if (sound := decode(path)) is not None]
    levels = [float(np.sqrt(np.mean(sound**2))) for sound in sounds]
    loud = [sound / level for sound, level in zip(sounds, levels, strict=True) if level > 0.0]
    if not loud:
        raise SystemExit("no usable noise recording was found")
    return loud


def in_noise(sound: Array, noise: Array, snr_db: float, random: np.random.Generator) -> Array:
    length = LEAD_IN + len(sound)
    start = int(random.integers(len(noise)))
    stretch = np.take(noise, np.arange(start, start + length), mode="wrap")
    stretch = stretch / max(float(np.sqrt(np.mean(stretch**2))), 1e-9)
    scale = np.sqrt(float(np.mean(sound**2)) / 10.0 ** (snr_db / 10.0))
    mixed = np.concatenate([np.zeros(LEAD_IN, np.float32), sound]) + scale * stretch
    # Like a microphone whose gain was turned down until it does not clip.
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32)


def hear(expert: VoiceExpert, sound: Array) -> Heard:
    """Stream one clip through the expert in tenths of a second, as a microphone would."""
    seen: dict[int, NDArray[np.float64]] = {}
    reading_ms = []
    began = before = time.perf_counter()
    for evidence in stream(expert, sound):
        spent_ms = (time.perf_counter() - before) * 1e3
        if evidence.distribution is not None and evidence.captured_ns not in seen:
            seen[evidence.captured_ns] = np.array(evidence.distribution)
            reading_ms.append(spent_ms)
        before = time.perf_counter()
    clip_ms = (time.perf_counter() - began) * 1e3
    return Heard(_sum_up(list(seen.values())), reading_ms, clip_ms)


def stream(expert: VoiceExpert, sound: Array) -> Iterator[Evidence]:
    """The expert's readings of one clip, heard in tenths of a second as from a microphone."""
    now_ns = time.monotonic_ns() + PAUSE_NS
    padded = np.concatenate([sound, np.zeros(CHUNK - len(sound) % CHUNK, np.float32)])
    # The gap shows by itself in capture time only after the first clip: tell it plainly.
    expert.close()
    for chunk in padded.reshape(-1, CHUNK):
        now_ns += CHUNK * 1_000_000_000 // SAMPLE_RATE
        evidence = expert.hear(Samples(now_ns, chunk))
        if evidence is not None:
            yield evidence


def _sum_up(readings: list[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """The clip's probabilities: the mean over the second half of its readings, which rest on most
    of what was said."""
    return np.mean(readings[len(readings) // 2 :], axis=0) if readings else None


def _table(figures: dict[str, Any]) -> str:
    lines = [f"{key}: {value}" for key, value in figures.items() if key != "confusion"]
    names = [label[:5].rjust(5) for label in LABELS]
    lines += ["rows: true, columns: guessed", " " * 10 + " ".join(names)]
    for label, row in zip(LABELS, figures["confusion"], strict=True):
        lines.append(label.ljust(10) + " ".join(str(count).rjust(5) for count in row))
    return "\n".join(lines) + "\n"
