"""What the gate learns from: faces, voices and lines in random conditions, as the shipped experts
read them.

None of it was learned from by an expert (the voice model's test speakers, FER+ validation,
GoEmotions dev), and none of it is in the evaluation's part.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from models.evaluation import fusion_corruption as corruption
from models.evaluation import fusion_material as material
from models.evaluation import sounds
from models.evaluation.fusion_readings import (
    Library,
    Reading,
    Readings,
    code_stamp,
    files_stamp,
    silent,
    spoken,
    stamps,
)
from models.evaluation.sounds import Array
from models.training import voice_data

from rapport import settings
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert

Random = np.random.Generator

SEED = 1
"""Of the conditions: the fit has seeds of its own, but readings are the costly part."""
FACES_PER_LABEL, LINES_PER_LABEL, CLIPS_PER_LABEL = 80, 200, 12
FACE_VARIANTS, VOICE_VARIANTS = 5, 3
"""How often the faces and clips are spoiled anew."""
MISTYPED = ("0", "0", "0.1", "0.3")
"""Shares of mistyped letters."""
MOMENTS = (0.6, 0.8, 1.0)
"""Of a clip's readings, which ones are learned from: the state is published while somebody
speaks, not only at the end."""
SNR_RANGE_DB = (-3.0, 25.0)
SIMPLE = (("noise", 0.3), ("clean", 0.15), ("echo", 0.075), ("cut off", 0.075), ("room", 0.4))
"""Share of the sessions with one flaw, with none, and in one of the voice model's own training
rooms, which have several."""


class Material(NamedTuple):
    """All training readings of each modality."""

    face: Readings
    voice: Readings
    text: Readings


def read_material(library: Library, store: Store, data: Path) -> Material:
    """Everything that the gate is trained on, from the cache where it was read before."""
    faces = material.load_faces(
        data / "face/ferplus_train_valid.npz", "train", True, FACES_PER_LABEL, SEED
    )
    clips = material.load_clips(
        data / "voice/manifest.csv", material.TRAIN_SPEAKERS, CLIPS_PER_LABEL
    )
    noises = [data / "noise" / name for name in material.TRAIN_NOISES]
    lines = material.load_lines(data / "text/goemotions/dev.tsv", "train", LINES_PER_LABEL)
    seen = library.faces(faces, "light 1", SEED)
    for variant in range(FACE_VARIANTS):
        seen = seen + library.faces(faces, f"any {variant}", SEED + variant)
    heard: Readings = []
    about = {
        "clips": stamps(clips),
        "noises": files_stamp(noises),
        "code": code_stamp([Path(voice_data.__file__ or ""), Path(__file__)]),
    }
    for variant in range(VOICE_VARIANTS):
        make = partial(hear_rooms, store, clips, noises, SEED + variant)
        heard = heard + library.kept("voice", about | {"variant": variant}, make)
    read = [r for share in MISTYPED for r in library.lines(lines, share, SEED)]
    return Material(seen, heard, read)


def hear_rooms(
    store: Store, clips: Sequence[material.Clip], noises: Sequence[Path], seed: int
) -> Readings:
    """Each clip once, in sessions of one speaker in one random room; its readings at some
    moments."""
    random = np.random.default_rng(seed)
    noise = sounds.load_noises(list(noises))
    expert = VoiceExpert(settings.Voice(), store)
    read: Readings = []
    for speaker in sorted({clip.source for clip in clips}):
        own = [clip for clip in clips if clip.source == speaker]
        order = [own[place] for place in random.permutation(len(own))]
        while order:
            length = int(random.integers(1, voice_data.LONGEST_SESSION + 1))
            session, order = order[:length], order[length:]
            read += _session(expert, session, noise, random)
    return read


def _session(
    expert: VoiceExpert, clips: Sequence[material.Clip], noises: Sequence[Array], random: Random
) -> Readings:
    expert.speaker.reset()
    heard = [(clip, sound) for clip in clips if (sound := sounds.decode(clip.path)) is not None]
    if not heard:
        return []
    names, shares = zip(*SIMPLE, strict=True)
    kind = names[random.choice(len(names), p=shares)]
    noise = noises[int(random.integers(len(noises)))]
    snr_db = float(random.uniform(*SNR_RANGE_DB))
    level = float(np.median([np.sqrt(np.mean(sound**2)) for _, sound in heard]))
    room = voice_data.draw_room(random, noises, level)
    read: Readings = []
    for clip, sound in heard:
        if kind == "room":
            lead_in = np.zeros(int(random.integers(sounds.LEAD_IN + 1)), np.float32)
            degraded = voice_data.degrade(np.concatenate([lead_in, sound]), room, random)
        elif kind == "noise":
            degraded = corruption.noisy(sound, noise, random, snr_db)
        else:
            degraded = corruption.VOICES[kind](sound, noise, random)
        said = spoken(expert, degraded)
        moments = {max(0, int(share * len(said)) - 1) for share in MOMENTS} if said else set()
        read += [Reading(clip.label, clip.source, said[moment]) for moment in sorted(moments)]
        if not said:
            read.append(Reading(clip.label, clip.source, silent()))
    return read
