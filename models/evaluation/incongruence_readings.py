"""Whole clips of speech as a conversation has them: summed up over the utterance, through the real
voice expert, each speaker's clips one after another."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from models.evaluation import fusion_material as material
from models.evaluation import sounds
from models.evaluation.fusion_readings import RESTS_ON, code_stamp, files_stamp
from models.evaluation.sounds import Array

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.conversation import collect
from rapport.conversation.collect import Collector
from rapport.conversation.utterance import Summary
from rapport.errors import ModelError
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert, warmth
from rapport.state import Evidence, Modality

BLOCK = SAMPLE_RATE // 10
"""How much sound comes at a time."""
PAUSE_S = 5.2
"""Between two clips: somebody else speaks, and what was said before is out of the voice's reach."""
BEGAN_NS = 300_000_000
"""Speech is taken for speech 0.3 s after it began."""
FAINT = 1e-5
"""Noise of a quiet microphone (-100 dBFS): studio clips have digital silence between the words."""
WARM_UP = 6
"""A speaker's first clips make the expert acquainted with the voice and are not judged."""


class Spoken(msgspec.Struct, frozen=True):
    """A clip as its utterance: its label, its speaker, and what was heard (None: nothing)."""

    label: int
    source: str
    voice: Summary | None


def hear(
    store: Store,
    clips: Sequence[material.Clip],
    noises: Sequence[Path],
    snr_db: float | None,
    seed: int,
    cache: Path | None,
) -> list[Spoken]:
    """All clips but the first ones of each speaker.

    :param snr_db: of the noise; None: quiet.
    :param cache: where what was heard is kept between runs; None: nowhere.
    """
    if cache is None:
        return _hear(store, clips, noises, snr_db, seed)
    folder = Path(settings.__file__).parent
    code = [*sorted((folder / "experts/voice").glob("*.py")), Path(collect.__file__)]
    about = [
        [f"{clip.source} {clip.label}" for clip in clips],
        files_stamp([clip.path for clip in clips]),
        files_stamp(noises) if snr_db is not None else [],
        [_hash(store, name) for name in (*RESTS_ON["voice"][0], warmth.MODEL)],
        [snr_db, seed, code_stamp([*code, Path(__file__)])],
    ]
    name = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]
    path = cache / f"spoken-{name}.msgpack"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".partial")
        aside.write_bytes(msgspec.msgpack.encode(_hear(store, clips, noises, snr_db, seed)))
        aside.replace(path)
    return msgspec.msgpack.decode(path.read_bytes(), type=list[Spoken])


def _hash(store: Store, model: str) -> str:
    try:
        return hashlib.sha256(store.content(model)).hexdigest()
    except ModelError:
        return ""


def _hear(
    store: Store,
    clips: Sequence[material.Clip],
    noises: Sequence[Path],
    snr_db: float | None,
    seed: int,
) -> list[Spoken]:
    loud = sounds.load_noises(list(noises)) if snr_db is not None else []
    found = []
    for speaker in sorted({clip.source for clip in clips}):
        random = np.random.default_rng([seed, sounds.seed_of(speaker)])
        expert, now_ns = VoiceExpert(settings.Voice(), store), 0
        own = [clip for clip in clips if clip.source == speaker]
        for place, clip in enumerate(own[each] for each in random.permutation(len(own))):
            sound = sounds.decode(clip.path)
            if sound is None:
                continue
            sound = np.concatenate([sound, np.zeros(round(PAUSE_S * SAMPLE_RATE), np.float32)])
            if snr_db is not None:
                noise = loud[(place // sounds.RUN) % len(loud)]
                sound = sounds.in_noise(sound, noise, snr_db, random)
            sound = sound + FAINT * random.standard_normal(len(sound)).astype(np.float32)
            voice = _utterance(expert, sound, now_ns)
            now_ns += len(sound) // BLOCK * 100_000_000
            if place >= WARM_UP:
                found.append(Spoken(clip.label, speaker, voice))
    return found


def _utterance(expert: VoiceExpert, sound: Array, now_ns: int) -> Summary | None:
    collector, spoken = Collector(), list[Evidence]()
    for start in range(0, len(sound) - BLOCK + 1, BLOCK):
        now_ns += 100_000_000
        evidence = expert.hear(Samples(now_ns, sound[start : start + BLOCK]))
        if evidence is None or evidence.distribution is None:
            continue
        collector.add(evidence)
        if evidence.present:
            spoken.append(evidence)
    if not spoken:
        return None
    start_ns = spoken[0].captured_ns - BEGAN_NS
    return collector.summary(Modality.VOICE, start_ns, spoken[-1].captured_ns)
