"""`python -m models.evaluation fusion`: the shipped gate and mixture on class-conditional pairs.

There is no free corpus with raw paired video and sound, so each pair is a face and a voice of
different people that carry the same label: FER+ validation faces and clips of held-out speakers.
That is kinder than life in one way (the two never disagree) and harder in another (they share
nothing else). Faces are dimmed and made noisy, voices mixed with noises; every pair goes through
the shipped experts and `Fusion`, one tick without memory. What an expert could not read counts as
equal probabilities.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from models.evaluation import voice
from models.evaluation.metrics import balanced_accuracy, calibration_error
from numpy.typing import NDArray

from rapport import settings
from rapport.capture.signals import Frame
from rapport.experts.face.crop import enlarge
from rapport.experts.face.expert import FaceExpert
from rapport.experts.store import CHECKOUT, Store
from rapport.experts.voice import VoiceExpert
from rapport.fusion import Fusion
from rapport.state import LABELS, Condition, Evidence, Modality, Quality

LIGHT = (1.0, 0.3, 0.1, 0.03, 0.01)
"""Share of the light that is left."""
SNR_DB = (None, 20.0, 10.0, 5.0, 0.0)
"""None: without added noise."""
SENSOR_NOISE = 1.5
"""Standard deviation of a small camera's noise, in grey levels."""
SPEAKERS = "ravdess-15,ravdess-16,ravdess-17,ravdess-18"
FACES, PAIRS = 60, 100
"""Faces per label that are read, and pairs per label that are drawn from what was read."""
NOW_NS = 1_000_000_000

Readings = dict[int, list[Evidence]]
"""Label -> what the expert said of each item."""


class Cell(NamedTuple):
    """Figures of one light level and one SNR: unweighted average recalls, the fused state's
    calibration error, and the mean weight of the voice."""

    face: float
    voice: float
    fused: float
    ece: float
    voice_weight: float


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    store = Store(settings.Models(directory=str(options.models)))
    faces = [read_faces(options.faces, light, store, options.seed) for light in LIGHT]
    voices = [read_voices(options, snr_db, store) for snr_db in SNR_DB]
    grid = [[measure(f, v, options.seed) for v in voices] for f in faces]
    if options.json:
        cells = [[cell._asdict() for cell in row] for row in grid]
        sys.stdout.write(json.dumps({"light": LIGHT, "snr_db": SNR_DB, "grid": cells}) + "\n")
    else:
        sys.stdout.write(table(grid))
    return 0


def read_faces(archive: Path, light: float, store: Store, seed: int) -> Readings:
    """Read some FER+ validation faces of each label in so much light."""
    random = np.random.default_rng(seed)
    with np.load(archive) as data:
        valid = data["split"] == 1
        images, votes = data["images"][valid], data["votes"][valid]
    expert = FaceExpert(settings.Face(detection_confidence=0.2), store, still=True)
    read: Readings = {}
    for label in range(len(LABELS) - 1):
        mine = np.flatnonzero(votes.argmax(axis=1) == label)
        chosen = random.permutation(mine)[:FACES]
        read[label] = [
            expert.read(Frame(NOW_NS, _dimmed(images[face], light, random))) for face in chosen
        ]
    expert.close()
    return read


def read_voices(options: argparse.Namespace, snr_db: float | None, store: Store) -> Readings:
    """Hear the held-out speakers at an SNR; one evidence a clip, as at its end."""
    rows, _ = voice.select(options)
    noises = voice.load_noises([options.noise / name for name in options.noises.split(",")])
    expert = VoiceExpert(settings.Voice(), store)
    read: Readings = {}
    for session in voice.sessions(rows):
        expert.speaker.reset()
        for place, row in enumerate(session):
            sound = voice.decode(options.manifest.parent / row["path"])
            if sound is None:
                continue
            if snr_db is not None:
                noise = noises[(place // voice.RUN) % len(noises)]
                random = np.random.default_rng(voice.seed_of(row["path"]))
                sound = voice.in_noise(sound, noise, snr_db, random)
            read.setdefault(voice.PLACES[row["emotion"]], []).append(_heard(expert, sound))
    return read


def measure(faces: Readings, voices: Readings, seed: int) -> Cell:
    """Draw pairs and fuse them."""
    random = np.random.default_rng(seed)
    rows: dict[str, list[NDArray[np.float64]]] = {"face": [], "voice": [], "fused": []}
    truth, weights = [], []
    for label in sorted(faces.keys() & voices.keys()):
        for _ in range(PAIRS):
            pair = {
                Modality.FACE: faces[label][int(random.integers(len(faces[label])))],
                Modality.VOICE: voices[label][int(random.integers(len(voices[label])))],
            }
            state = Fusion(settings.Fusion()).tick(pair, NOW_NS, 0.0)
            rows["face"].append(_probabilities(pair[Modality.FACE].distribution))
            rows["voice"].append(_probabilities(pair[Modality.VOICE].distribution))
            rows["fused"].append(_probabilities(state.probabilities))
            weights.append(state.modalities[Modality.VOICE].weight)
            truth.append(label)
    answers = {name: np.array(values) for name, values in rows.items()}
    right = np.array(truth)
    recall = {n: balanced_accuracy(values.argmax(axis=1), right) for n, values in answers.items()}
    ece = calibration_error(answers["fused"], right)
    return Cell(recall["face"], recall["voice"], recall["fused"], ece, float(np.mean(weights)))


def table(grid: list[list[Cell]]) -> str:
    """The grid for people: face, voice and fused recall, calibration error, weight of the voice."""
    lines = ["light   SNR     face  voice  fused    ECE  voice's weight"]
    for light, row in zip(LIGHT, grid, strict=True):
        for snr_db, cell in zip(SNR_DB, row, strict=True):
            noise = "none" if snr_db is None else f"{snr_db:g} dB"
            figures = "  ".join(f"{value:5.2f}" for value in cell)
            lines.append(f"{light:<7g} {noise:<6} {figures}")
    return "\n".join(lines) + "\n"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation fusion")
    shared = CHECKOUT.parents[1] / "shared"
    option = parser.add_argument
    option("--faces", type=Path, default=shared / "data/face/ferplus_train_valid.npz")
    option("--manifest", type=Path, default=shared / "data/voice/manifest.csv")
    option("--speakers", default=SPEAKERS, help="with commas between")
    option("--noise", type=Path, default=shared / "data/noise")
    option("--noises", required=True, help="names of recordings in it that no training used")
    option("--models", type=Path, default=shared / "models")
    option("--seed", type=int, default=1)
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def _dimmed(image: NDArray[Any], light: float, random: np.random.Generator) -> NDArray[np.uint8]:
    framed = enlarge(image).astype(np.float32) * light
    noisy = framed + random.normal(0.0, SENSOR_NOISE, framed.shape)
    return np.asarray(np.clip(np.round(noisy), 0, 255), np.uint8)


def _heard(expert: VoiceExpert, sound: voice.Array) -> Evidence:
    """The last reading of a clip that carries a distribution, as fresh as if it were now."""
    readings = voice.stream(expert, sound)
    spoken = [evidence for evidence in readings if evidence.distribution is not None]
    if not spoken:
        return Evidence(Modality.VOICE, NOW_NS, Condition.SILENT, Quality())
    last = spoken[-1]
    return Evidence(
        Modality.VOICE, NOW_NS, last.condition, last.quality, last.distribution, last.valence
    )


def _probabilities(distribution: tuple[float, ...] | None) -> NDArray[np.float64]:
    uniform = (1.0 / len(LABELS),) * len(LABELS)
    return np.array(distribution or uniform)
