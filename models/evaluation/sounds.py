"""Recordings for the evaluation: lists of them, their sound, and noise to mix into it."""

import csv
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from rapport.capture.signals import SAMPLE_RATE

Array = NDArray[np.float32]

LEAD_IN = SAMPLE_RATE // 2
RUN = 12
"""Clips of a speaker that share a noise recording: a conversation in one room."""
LONGEST_S = 600
"""More of one recording (10 minutes) is not heard: it is one item, however long."""
AUDIO = {".opus", ".wav", ".flac", ".mp3", ".ogg", ".m4a", ".mp4", ".aac", ".webm"}
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")
"""What manifests are written in, tried in this order; the last one reads anything."""


def read_rows(manifest: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, whatever its encoding and delimiter; names of columns in lower case.

    :raises OSError: it cannot be read.
    """
    content = manifest.read_bytes()
    text = ""
    for encoding in ENCODINGS:
        try:
            # UTF-16 without its mark reads any even number of bytes, as nonsense.
            if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
                continue
            text = content.decode(encoding, "replace" if encoding == ENCODINGS[-1] else "strict")
            break
        except UnicodeDecodeError:
            continue
    lines = text.replace("\0", "").lstrip("\ufeff").splitlines()
    if not lines:
        return []
    delimiter = max(",;\t", key=lines[0].count)
    return [
        {(name or "").strip().lower(): (value or "").strip() if isinstance(value, str) else ""
         for name, value in row.items()}
        for row in csv.DictReader(lines, delimiter=delimiter)
    ]  # fmt: skip


def labelled(
    manifest: Path, emotions: Collection[str], speakers: str | None
) -> tuple[list[dict[str, str]], Counter[str]]:
    """Rows with one of these emotions, and how many were left out for which reason.

    :param speakers: only these, with commas between.
    """
    skipped: Counter[str] = Counter()
    rows = []
    wanted = set(speakers.split(",")) if speakers else None
    for row in read_rows(manifest):
        row["speaker"] = row.get("speaker") or "unknown"
        row["emotion"] = row.get("emotion", "").lower()
        if wanted is not None and row["speaker"] not in wanted:
            continue
        if not row.get("path"):
            skipped["row without a path"] += 1
        elif row["emotion"] in emotions:
            rows.append(row)
        else:
            skipped[f"emotion {row['emotion']!r}"] += 1
    return rows, skipped


def seed_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def sessions(rows: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """The clips of each speaker, in an order that is random but always the same."""
    for speaker in sorted({row["speaker"] for row in rows}):
        own = [row for row in rows if row["speaker"] == speaker]
        yield sorted(own, key=lambda row: seed_of(row["path"]))


def decode(path: Path) -> Array | None:
    """Mono samples at `SAMPLE_RATE`, finite, `LONGEST_S` at most; None if there is no sound to be
    had. What of a broken file can be decoded is taken."""
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    parts: list[Array] = []
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
                if len(parts) % 64 == 0 and sum(map(len, parts)) > LONGEST_S * SAMPLE_RATE:
                    break
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, OSError, IndexError, ValueError):
        if not parts:
            return None
    sound = np.concatenate([*parts, np.zeros(0, np.float32)])[: LONGEST_S * SAMPLE_RATE]
    return np.nan_to_num(sound).astype(np.float32) if len(sound) else None


def noise_paths(folder: Path, names: str | None) -> list[Path]:
    """The recordings of that name, with commas between, or all in the folder."""
    if names:
        return [folder / name for name in names.split(",")]
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO)


def load_noises(paths: list[Path]) -> list[Array]:
    """The recordings, each at mean power 1; those that cannot be read are left out.

    :raises SystemExit: none is left.
    """
    sounds = [sound for path in paths if (sound := decode(path)) is not None]
    levels = [float(np.sqrt(np.mean(sound**2))) for sound in sounds]
    loud = [sound / level for sound, level in zip(sounds, levels, strict=True) if level > 0.0]
    if not loud:
        raise SystemExit("no usable noise recording was found")
    return loud


def in_noise(sound: Array, noise: Array, snr_db: float, random: np.random.Generator) -> Array:
    """Half a second of noise, then the sound in it; the SNR is that of mean powers."""
    length = LEAD_IN + len(sound)
    start = int(random.integers(len(noise)))
    stretch = np.take(noise, np.arange(start, start + length), mode="wrap")
    stretch = stretch / max(float(np.sqrt(np.mean(stretch**2))), 1e-9)
    scale = np.sqrt(float(np.mean(sound**2)) / 10.0 ** (snr_db / 10.0))
    mixed = np.concatenate([np.zeros(LEAD_IN, np.float32), sound]) + scale * stretch
    # Like a microphone whose gain was turned down until it does not clip.
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32)
