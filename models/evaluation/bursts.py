"""`python -m models.evaluation bursts MANIFEST.csv`: the shipped model of vocal bursts.

The manifest is as for `voice`: a CSV file with the columns `path`, `speaker` and `emotion`.
Emotions are bursts' names or the words that EmoGator has for them; clips called anything else are
left out. Every clip is heard as from a microphone, after a second and a half of faint noise, and
sorted by the mean of its readings into the bursts (`uar`, `confusion`); a clip without a reading
is wrong. `heard` is the share of clips in which a burst is really told, with the model's threshold,
and `right` the share of those where it is the right one.

`--nothing` names recordings in which no burst is: a folder, or a manifest, of which all clips
count. `false_per_minute` is how often one is told there.
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.evaluation import pictures
from models.evaluation.metrics import report
from models.evaluation.sounds import Array, decode, labelled, noise_paths, read_rows, seed_of
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE
from rapport.experts.store import Store
from rapport.experts.voice.bursts import BurstListener
from rapport.experts.voice.front_end import UNKNOWN, FrontEnd
from rapport.state import BURSTS

NAMES = {
    "laugh": ("amusement", "laughter"),
    "cheer": ("triumph", "elation"),
    "sigh": ("relief",),
    "gasp": ("surprise_negative",),
    "cry": ("sadness", "crying"),
    "ouch": ("pain",),
    "yuck": ("disgust",),
    "huh": ("confusion",),
}
"""Other words for the bursts."""
PLACES = {name: BURSTS.index(b) for b in BURSTS for name in (b, *NAMES[b])}
CHUNK = SAMPLE_RATE // 10
BEFORE_S = 1.5
HISS = 1e-4
"""Root mean square of the noise before and after a clip (-80 dB): that of a quiet sound card."""


class Heard(NamedTuple):
    """What came of one sound: mean probabilities of the bursts and of none (None: nothing stood
    out), the bursts that were told, and milliseconds of each reading and of the whole."""

    probabilities: NDArray[np.float64] | None
    told: list[tuple[float, ...]]
    reading_ms: list[float]
    clip_ms: float


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    listener = BurstListener(Store(settings.Models()))
    try:
        rows, skipped = labelled(options.manifest, PLACES, options.speakers)
    except OSError as error:
        sys.stderr.write(f"{options.manifest} cannot be read: {error.strerror or error}\n")
        return 2
    done, results = [], []
    for row in rows:
        sound = decode(options.manifest.parent / row["path"])
        if sound is None:
            skipped["unreadable file"] += 1
            continue
        done.append(row)
        results.append(hear(listener, _amid_hiss(sound, row["path"])))
    if not done:
        sys.stderr.write(f"nothing to evaluate in {options.manifest}; left out: {dict(skipped)}\n")
        return 1
    figures = _figures(done, results) | {"left_out": dict(skipped)}
    if options.nothing:
        figures |= _in_nothing(listener, options.nothing, options.nothing_names)
    if options.pictures:
        file = options.pictures / "vocal_bursts_confusion.svg"
        pictures.confusion_picture(figures["confusion"], BURSTS, file)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.writelines(f"{key}: {value}\n" for key, value in figures.items())
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation bursts")
    option = parser.add_argument
    option("manifest", type=Path)
    option("--speakers", help="only these, with commas between")
    option("--nothing", type=Path, help="recordings without bursts: a folder or a manifest")
    option("--nothing-names", help="only these speakers or files of them, with commas between")
    option("--pictures", type=Path, help="folder for a picture of what is taken for what")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def _amid_hiss(sound: Array, name: str) -> Array:
    random = np.random.default_rng(seed_of(name))
    before = int(BEFORE_S * SAMPLE_RATE)
    noise = random.normal(0.0, HISS, len(sound) + before + 3 * CHUNK).astype(np.float32)
    noise[before : before + len(sound)] += sound
    return noise


def hear(listener: BurstListener, sound: Array) -> Heard:
    """Stream one sound through the front end in tenths of a second, as a microphone would."""
    front, means, told, reading_ms, telling = FrontEnd(UNKNOWN), [], [], [], False
    listener.reset()
    began = time.perf_counter()
    for begin in range(0, len(sound), CHUNK):
        front.push(sound[begin : begin + CHUNK])
        before = time.perf_counter()
        burst = listener.read(front.recent, front.speaking)
        if (mean := listener.probabilities) is not None:
            reading_ms.append((time.perf_counter() - before) * 1e3)
            means.append(np.asarray(mean, np.float64))
        if burst is not None and not telling:
            told.append(burst)
        telling = burst is not None
    clip_ms = (time.perf_counter() - began) * 1e3
    # The middle and the end of a burst say more than its beginning.
    mean = np.mean(means[len(means) // 3 :], axis=0) if means else None
    return Heard(mean, told, reading_ms, clip_ms)


def _figures(rows: list[dict[str, str]], results: list[Heard]) -> dict[str, Any]:
    truth = np.array([PLACES[row["emotion"]] for row in rows])
    read = np.array([result.probabilities is not None for result in results])
    uniform = np.full(len(BURSTS), 1.0 / len(BURSTS))
    shares = np.array(
        [
            uniform
            if r.probabilities is None
            else r.probabilities[:-1] / r.probabilities[:-1].sum()
            for r in results
        ]
    )
    ms = float(np.mean([result.clip_ms for result in results]))
    figures = report(shares, truth, BURSTS, ms, read)
    told = np.array([bool(result.told) for result in results])
    right = [
        any(np.argmax(burst) == place for burst in result.told)
        for result, place in zip(results, truth, strict=True)
    ]
    readings = [ms for result in results for ms in result.reading_ms]
    return figures | {
        "ms_per_reading": float(np.median(readings)) if readings else None,
        "unread": int(np.count_nonzero(~read)),
        "heard": float(told.mean()),
        "right": float(np.mean(np.array(right)[told])) if told.any() else None,
    }


def _in_nothing(listener: BurstListener, source: Path, names: str | None) -> dict[str, Any]:
    """How often bursts are told in recordings without any."""
    wanted = set(names.split(",")) if names else None
    if source.is_dir():
        paths = [p for p in noise_paths(source, None) if wanted is None or p.name in wanted]
    else:
        rows = [row for row in read_rows(source) if row.get("path")]
        kept = [row for row in rows if wanted is None or row.get("speaker") in wanted]
        paths = [source.parent / row["path"] for row in kept]
    told: Counter[str] = Counter()
    seconds = 0.0
    for path in paths:
        if (sound := decode(path)) is None:
            continue
        seconds += len(sound) / SAMPLE_RATE
        told.update(BURSTS[int(np.argmax(burst))] for burst in hear(listener, sound).told)
    return {
        "nothing_minutes": seconds / 60.0,
        "false": dict(told),
        "false_per_minute": sum(told.values()) / (seconds / 60.0) if seconds else None,
    }
