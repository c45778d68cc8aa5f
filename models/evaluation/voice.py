"""`python -m models.evaluation voice MANIFEST.csv`: the shipped voice expert on any recordings.

The manifest is a CSV file with the columns `path` (relative to the manifest, or absolute),
`speaker` and `emotion`. Where it has the columns `gender` or `corpus`, figures are given by them
too; other columns are ignored. Each speaker is one session: the clips are heard one after another,
in an order that is random but always the same (by emotion, as many corpora are sorted, the running
statistics would follow the emotion), and what the expert learned about the voice stays from clip
to clip. With `--cold` it is forgotten before each clip. A clip in which no speech is found is
wrong.

Noise is added so that the mean power of the clip over the mean power of the noise, both over the
whole clip, is the SNR. It changes every `RUN` clips, and is heard for half a second before a clip.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.evaluation import pictures
from models.evaluation.labels import PLACES
from models.evaluation.metrics import report
from models.evaluation.sounds import (
    LEAD_IN,
    RUN,
    Array,
    decode,
    in_noise,
    labelled,
    load_noises,
    noise_paths,
    seed_of,
    sessions,
)
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.experts.store import Model, Store, manifest
from rapport.experts.voice import VoiceExpert
from rapport.experts.voice.expert import MODEL
from rapport.state import LABELS, Evidence

__all__ = [
    "LEAD_IN", "PLACES", "RUN", "Array", "decode", "hear", "in_noise", "load_noises", "main",
    "seed_of", "select", "sessions", "stream",
]  # fmt: skip

GROUPED_BY = ("corpus", "gender", "language")
"""Columns by which the figures are given apart, where a manifest has them."""
CHUNK = SAMPLE_RATE // 10
PAUSE_NS = 10_000_000_000
"""Capture time between two clips: the expert sees a gap and starts the stream anew."""


class Heard(NamedTuple):
    """What came of one clip: probabilities (None: no speech was found), milliseconds of each
    reading, and of the whole clip."""

    probabilities: NDArray[np.float64] | None
    reading_ms: list[float]
    clip_ms: float


class Instead(Store):
    """The shipped models, but for the emotion model: weights of another seed, say."""

    def __init__(self, weights: Path) -> None:
        super().__init__(settings.Models())
        self._weights = weights

    def load(self, model_id: str) -> Model:
        if model_id != MODEL:
            return super().load(model_id)
        return Model(manifest()[MODEL], self._weights.read_bytes(), "cpu")


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if (options.noise is None) != (options.snr is None):
        sys.stderr.write("--noise and --snr belong together\n")
        return 2
    try:
        rows, skipped = select(options)
    except OSError as error:
        sys.stderr.write(f"{options.manifest} cannot be read: {error.strerror or error}\n")
        return 2
    noises = load_noises(noise_paths(options.noise, options.noises)) if options.noise else []
    store = Store(settings.Models())
    expert = VoiceExpert(settings.Voice(), Instead(options.weights) if options.weights else store)
    done, heard = [], []
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
            done.append(row)
            heard.append(hear(expert, sound))
    if not done:
        sys.stderr.write(f"nothing to evaluate in {options.manifest}; left out: {dict(skipped)}\n")
        return 1
    figures = _figures(done, heard)
    figures |= {"left_out": dict(skipped), "snr_db": options.snr}
    if options.pictures:
        _draw(options.pictures, options.name, done, heard)
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
    option("--weights", type=Path, help="another .onnx in place of the shipped emotion model")
    option("--pictures", type=Path, help="folder for pictures of what is taken for what")
    option("--name", default="voice", help="what the pictures are called")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def select(options: argparse.Namespace) -> tuple[list[dict[str, str]], Counter[str]]:
    """Rows with one of our labels, and how many were left out for which reason.

    :param options: `manifest`, a path, and `speakers`, names with commas between or None.
    """
    return labelled(options.manifest, PLACES, options.speakers)


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


def _judged(
    rows: list[dict[str, str]], heard: list[Heard]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Probabilities (uniform where no speech was found), truth, and where speech was found."""
    nothing = np.full(len(LABELS), 1.0 / len(LABELS))
    probabilities = [nothing if h.probabilities is None else h.probabilities for h in heard]
    truth = [PLACES[row["emotion"]] for row in rows]
    return np.array(probabilities), np.array(truth), np.array(
        [h.probabilities is not None for h in heard]
    )  # fmt: skip


def _figures(rows: list[dict[str, str]], heard: list[Heard]) -> dict[str, Any]:
    probabilities, truth, read = _judged(rows, heard)
    clip_ms = float(np.mean([h.clip_ms for h in heard]))
    figures = report(probabilities, truth, LABELS, clip_ms, read)
    readings = [ms for h in heard for ms in h.reading_ms]
    figures["ms_per_reading"] = float(np.median(readings)) if readings else None
    figures["unread"] = int(np.count_nonzero(~read))
    for column in GROUPED_BY:
        values = np.array([row.get(column, "") for row in rows])
        if any(values):
            parts = {
                name: report(probabilities[at], truth[at], LABELS, clip_ms, read[at])
                for name in sorted(set(values.tolist()))
                if len(at := np.flatnonzero(values == name))
            }
            figures[f"by_{column}"] = {
                name or "not said": {key: part[key] for key in ("n", "accuracy", "uar", "ece")}
                for name, part in parts.items()
            }
    return figures


def _draw(folder: Path, name: str, rows: list[dict[str, str]], heard: list[Heard]) -> None:
    probabilities, truth, read = _judged(rows, heard)
    guess = probabilities.argmax(axis=1)
    counts = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(counts, (truth[read], guess[read]), 1)
    pictures.confusion_picture(counts.tolist(), LABELS, folder / f"{name}_confusion.svg")
    pictures.reliability_picture(
        probabilities[read], truth[read], folder / f"{name}_reliability.svg"
    )


def _table(figures: dict[str, Any]) -> str:
    lines = [f"{key}: {value}" for key, value in figures.items() if key != "confusion"]
    names = [label[:5].rjust(5) for label in LABELS]
    lines += ["rows: true, columns: guessed", " " * 10 + " ".join(names)]
    for label, row in zip(LABELS, figures["confusion"], strict=True):
        lines.append(label.ljust(10) + " ".join(str(count).rjust(5) for count in row))
    return "\n".join(lines) + "\n"
