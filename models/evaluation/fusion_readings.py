"""What the shipped experts say of faces, clips and lines in each condition; kept between runs.

Reading everything takes about ten minutes on one core. A reading is kept under a name that changes
with whatever it rests on: the material, the condition, the models and the experts' code.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import msgspec
import numpy as np
from models.evaluation import fusion_corruption as corruption
from models.evaluation import sounds
from models.evaluation.fusion_material import Clip, Face, Faces, Line
from models.evaluation.sounds import Array
from models.evaluation.voice import stream
from models.training.tracker_covers import Points

from rapport import settings
from rapport.capture.signals import Frame
from rapport.errors import ModelError
from rapport.experts.dialogue import TextExpert
from rapport.experts.face import crop
from rapport.experts.face.choice import make_tracker
from rapport.experts.face.expert import FaceExpert
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert
from rapport.experts.voice.quality import repair
from rapport.state import Condition, Evidence, Modality

NOW_NS = 1_000_000_000
"""Capture time of all readings: they are as fresh as can be."""
CROP_CONFIDENCE = 0.2
"""Of detection, on pictures that are known to be crops of a face."""

RESTS_ON = {
    "face": (("face_detector", "face_mesh", "face_expression"), ("experts/face",)),
    "voice": (("voice_emotion", "vocal_bursts"), ("experts/voice",)),
    "text": (("text_emotion",), ("experts/dialogue",)),
}
"""Kind -> the models and the folders of code that its readings come from."""


class Reading(msgspec.Struct, frozen=True):
    """One expert's evidence of one item, the item's label, and whose face or voice it was."""

    label: int
    source: str
    evidence: Evidence


Readings = list[Reading]


class Library:
    """Reads, and keeps what was read in a folder (None: keeps nothing)."""

    def __init__(self, store: Store, cache: Path | None) -> None:
        self._store, self._cache = store, cache
        self._points: dict[str, list[Points | None]] = {}

    def faces(self, faces: Faces, condition: str, seed: int) -> Readings:
        """Each picture in a condition of `corruption.FACES`, or with `spoil_face` in any other
        (its name and the seed say which one it is)."""
        spoil = corruption.FACES.get(condition, corruption.spoil_face)
        about = {"faces": faces.digest, "crops": faces.crops, "condition": condition, "seed": seed}

        def make() -> Readings:
            if faces.digest not in self._points:
                self._points[faces.digest] = find_faces(self._store, faces)
            return read_faces(self._store, faces, self._points[faces.digest], spoil, seed)

        return self.kept("face", about, make)

    def voices(
        self, clips: Sequence[Clip], noises: Sequence[Path], condition: str, seed: int
    ) -> Readings:
        """The last reading of each clip in a condition of `corruption.VOICES`."""
        about = {"clips": stamps(clips), "noises": files_stamp(noises), "condition": condition}
        muffle = corruption.VOICES[condition]

        def make() -> Readings:
            heard = sounds.load_noises(list(noises))
            return list(read_voices(self._store, clips, heard, muffle, seed))

        return self.kept("voice", about | {"seed": seed}, make)

    def lines(self, lines: Sequence[Line], condition: str, seed: int) -> Readings:
        """Each line, `condition` being the share of mistyped letters."""
        said = hashlib.sha256("\n".join(line.text for line in lines).encode()).hexdigest()
        about = {"lines": said, "condition": condition, "seed": seed}
        return self.kept("text", about, lambda: read_lines(self._store, lines, condition, seed))

    def kept(self, kind: str, about: dict[str, object], make: Callable[[], Readings]) -> Readings:
        """What `make` reads, kept under what it is about and rests on."""
        if self._cache is None:
            return make()
        models, folders = RESTS_ON[kind]
        hashes = [self._hash(name) for name in models]
        described = json.dumps([kind, about, hashes, _code(folders)], sort_keys=True)
        name = hashlib.sha256(described.encode()).hexdigest()[:32]
        path = self._cache / f"{kind}-{name}.msgpack"
        if path.is_file():
            return msgspec.msgpack.decode(path.read_bytes(), type=list[Reading])
        read = make()
        self._cache.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".partial")
        aside.write_bytes(msgspec.msgpack.encode(read))
        aside.replace(path)
        return read

    def _hash(self, model_id: str) -> str:
        """Of the model's file; of a model that is not used, because it is not there: none."""
        try:
            return hashlib.sha256(self._store.content(model_id)).hexdigest()
        except ModelError:
            return ""


def find_faces(store: Store, faces: Faces) -> list[Points | None]:
    """The landmarks of each picture as it is; in crops, which all have the same scale, a face that
    is not found is where faces usually are."""
    tracker = make_tracker(_how(faces), store, still=True)
    found = [tracker.track(Frame(0, _colour(_framed(face, faces)))) for face in faces.items]
    tracker.close()
    known = [track.landmarks for track in found if track is not None]
    usual = np.mean(known, axis=0, dtype=np.float32) if known and faces.crops else None
    return [usual if track is None else track.landmarks for track in found]


def read_faces(
    store: Store,
    faces: Faces,
    points: Sequence[Points | None],
    spoil: corruption.Spoil,
    seed: int,
) -> Readings:
    """Every face once, each by itself."""
    expert = FaceExpert(_how(faces), store, still=True)
    read = []
    for place, (face, known) in enumerate(zip(faces.items, points, strict=True)):
        spoiled = spoil(_framed(face, faces), known, np.random.default_rng([seed, place]))
        evidence = expert.read(Frame(NOW_NS, _colour(spoiled)))
        read.append(Reading(face.label, face.source, evidence))
    expert.close()
    return read


def read_voices(
    store: Store,
    clips: Sequence[Clip],
    noises: Sequence[Array],
    muffle: corruption.Muffle,
    seed: int,
) -> Iterator[Reading]:
    """Each speaker's clips one after another; a noise stays for `sounds.RUN` of them."""
    expert = VoiceExpert(settings.Voice(), store)
    place, before = 0, ""
    for clip in clips:
        if clip.source != before:
            expert.speaker.reset()
            place, before = 0, clip.source
        sound = sounds.decode(clip.path)
        if sound is None or not len(sound):
            continue
        noise = noises[(place // sounds.RUN) % len(noises)]
        random = np.random.default_rng([seed, sounds.seed_of(clip.path.name)])
        heard = spoken(expert, muffle(sound, noise, random))
        yield Reading(clip.label, clip.source, heard[-1] if heard else silent())
        place += 1


def read_lines(store: Store, lines: Sequence[Line], condition: str, seed: int) -> Readings:
    """Every line, with some of its letters mistyped."""
    expert, share = TextExpert(store), float(condition)
    random = np.random.default_rng(seed)
    return [
        Reading(
            line.label,
            line.source,
            expert.read(corruption.garble(line.text, random, share), NOW_NS),
        )
        for line in lines
    ]


def spoken(expert: VoiceExpert, sound: Array) -> list[Evidence]:
    """The readings of a clip that carry a distribution, as fresh as if each were now."""
    return [
        msgspec.structs.replace(evidence, captured_ns=NOW_NS)
        for evidence in stream(expert, repair(sound).samples)
        if evidence.distribution is not None
    ]


def silent() -> Evidence:
    """What the voice expert says when it hears nobody."""
    return Evidence(Modality.VOICE, NOW_NS, Condition.SILENT)


def _how(faces: Faces) -> settings.Face:
    return settings.Face(detection_confidence=CROP_CONFIDENCE) if faces.crops else settings.Face()


def _framed(face: Face, faces: Faces) -> corruption.Grey:
    grey = crop.grey(face.picture)
    return crop.enlarge(grey) if faces.crops else grey


def _colour(picture: corruption.Grey) -> corruption.Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)


def stamps(clips: Sequence[Clip]) -> list[str]:
    files = files_stamp([clip.path for clip in clips])
    return [f"{c.source} {c.label} {file}" for c, file in zip(clips, files, strict=True)]


def files_stamp(paths: Sequence[Path]) -> list[str]:
    """What tells one version of a file from another."""
    return [f"{path.name} {path.stat().st_size if path.is_file() else 0}" for path in paths]


def _code(folders: Sequence[str]) -> str:
    """Of the code that the readings come from."""
    package = Path(settings.__file__).parent
    files = [path for folder in folders for path in sorted((package / folder).glob("*.py"))]
    files += [Path(module.__file__ or "") for module in (corruption, sounds)] + [Path(__file__)]
    return code_stamp(files)


def code_stamp(files: Sequence[Path]) -> str:
    """A hash that does not change with comments and layout."""
    trees = [ast.dump(ast.parse(path.read_text(encoding="utf-8"))) for path in files]
    return hashlib.sha256("".join(trees).encode()).hexdigest()
