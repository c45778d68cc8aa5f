"""What the head for warmth learns from: how clips of speech sound to the voice expert, told as it
tells them to the head, for each speaker after the clips before."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from models.evaluation import fusion_material as material
from models.evaluation import sounds
from models.evaluation.fusion_readings import code_stamp, files_stamp
from numpy.typing import NDArray

from rapport.experts.store import Store
from rapport.experts.voice import features, front_end, normalise, prosody, vad
from rapport.experts.voice.expert import MODEL, prior_of
from rapport.experts.voice.front_end import FrontEnd

Array = NDArray[np.float32]

LEARNED_FROM = (
    *(f"ravdess-{actor:02}" for actor in range(1, 15)),
    *(f"nemo-{name}" for name in ("IC0", "KS0", "MK0", "MP0", "SM0")),
)
"""None of the voice model's test speakers: those are for the fit and the evaluation."""
CLIPS_PER_LABEL = 40
SNR_RANGE_DB = (0.0, 25.0)
TAIL_S = 1.0
"""Of silence after a clip: the expert waits for the end of the speech."""
BLOCK = 3200
"""Samples (0.2 s) that are heard at a time."""
FAINT = 1e-5
"""Noise of a quiet microphone (-100 dBFS): studio clips have digital silence between the words."""
LEAST_FRAMES = 30


class Heard(NamedTuple):
    """One clip: the window of its speech, its prosody, its label, its speaker and its place among
    that speaker's clips."""

    window: Array
    prosody: dict[str, float]
    label: int
    source: str
    place: int


def hear_all(
    store: Store, data: Path, cache: Path, speakers: Sequence[str], noisy: bool, seed: int
) -> list[Heard]:
    """The clips of these speakers, from the cache where they were heard before."""
    return [
        heard for speaker in speakers for heard in _kept(store, data, cache, speaker, noisy, seed)
    ]


def _kept(
    store: Store, data: Path, cache: Path, speaker: str, noisy: bool, seed: int
) -> list[Heard]:
    clips = material.load_clips(data / "voice/manifest.csv", (speaker,), CLIPS_PER_LABEL)
    random = np.random.default_rng([seed, sounds.seed_of(speaker)])
    clips = [clips[place] for place in random.permutation(len(clips))]
    noises = [data / "noise" / name for name in material.TRAIN_NOISES] if noisy else []
    code = [features, front_end, normalise, prosody, vad]
    about = {
        "clips": files_stamp([clip.path for clip in clips]),
        "noises": files_stamp(noises),
        "code": code_stamp([Path(module.__file__ or "") for module in code] + [Path(__file__)]),
        "model": hashlib.sha256(store.content(MODEL)).hexdigest(),
        "seed": seed,
    }
    name = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]
    path = cache / f"warmth-{name}.npz"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _save(path, _hear(store, clips, sounds.load_noises(noises) if noises else [], random))
    return _load(path)


def _hear(
    store: Store,
    clips: Sequence[material.Clip],
    noises: Sequence[Array],
    random: np.random.Generator,
) -> list[Heard]:
    front, found = FrontEnd(prior_of(store.load(MODEL))), []
    noise, snr_db = np.zeros(1, np.float32), 0.0
    for place, clip in enumerate(clips):
        sound = sounds.decode(clip.path)
        if sound is None:
            continue
        if noises and place % sounds.RUN == 0:
            noise = noises[int(random.integers(len(noises)))]
            snr_db = float(random.uniform(*SNR_RANGE_DB))
        if noises:
            sound = sounds.in_noise(sound, noise, snr_db, random)
        tail = np.zeros(round(TAIL_S * features.SAMPLE_RATE), np.float32)
        sound = np.concatenate([sound, tail])
        sound = sound + FAINT * random.standard_normal(len(sound)).astype(np.float32)
        front.forget_spoken(front_end.REACH_FRAMES)
        for start in range(0, len(sound), BLOCK):
            front.push(sound[start : start + BLOCK])
        if len(front.spoken) < LEAST_FRAMES:
            continue
        said = prosody.relative(
            prosody.measure(front.spoken, front.spoken_at),
            front.louder * prosody.DECIBELS,
            float(front.speaker.pitch.mean[0]),
            front.speaker.level.heard_frames,
        )
        found.append(Heard(front.window(), said, clip.label, clip.source, place))
    return found


def _save(path: Path, heard: list[Heard]) -> None:
    aside = path.with_suffix(".partial.npz")
    np.savez(
        aside,
        windows=np.concatenate([each.window for each in heard]).astype(np.float16),
        lengths=[len(each.window) for each in heard],
        rest=json.dumps([each[1:] for each in heard]),
    )
    aside.replace(path)


def _load(path: Path) -> list[Heard]:
    with np.load(path) as kept:
        ends = np.cumsum(kept["lengths"])[:-1]
        windows = np.split(kept["windows"].astype(np.float32), ends)
        rest = json.loads(str(kept["rest"]))
    return [Heard(window, *each) for window, each in zip(windows, rest, strict=True)]
