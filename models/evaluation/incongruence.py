"""`python -m models.evaluation incongruence`: how well a contradiction of words and voice is told.

Real clips of people whom neither the voice model nor the fit knows are put under lines, through
the real experts, after a warm-up of the same speaker. Glad lines with glad voices fit; with angry,
flat, sad or disgusted ones they contradict; plain, sad and angry lines with such voices fit again.
Two rates of false alarms are told: of the glad pairs alone, and of all pairs that fit, as many of
each kind.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs
from models.evaluation import fusion_material as material
from models.evaluation import shipped
from models.evaluation.face_archive import Unusable
from models.evaluation.fusion_readings import Library, Reading
from models.evaluation.incongruence_lines import part
from models.evaluation.incongruence_readings import Spoken, hear
from models.evaluation.sounds import read_rows
from numpy.typing import NDArray

from rapport.conversation import incongruence_parameters as told_by
from rapport.conversation.incongruence import judge
from rapport.conversation.incongruence_parameters import Parameters
from rapport.conversation.utterance import Summary, Utterance
from rapport.errors import ModelError, RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.store import CHECKOUT, Store
from rapport.state import LABELS, Evidence

SEED = 5
CLIPS_PER_LABEL = 16
FACES_PER_LABEL = 50
CONTRADICT = ("anger", "neutral", "sadness", "disgust")
"""What glad words are not said with."""
FIT_TOO = ("neutral", "sadness", "anger")
"""What plain, sad and angry words are said with."""
NOISES = {"clean": None, "20 dB": 20.0, "10 dB": 10.0, "5 dB": 5.0, "0 dB": 0.0}
FALSE_ALARMS = 0.05
Z = 1.96
"""Of a two-sided interval of 95 %."""

Read = tuple[Evidence, tuple[float, ...] | None]


class Pair(NamedTuple):
    """A line under a voice, perhaps with a face: the labels of both, whose voice, and how strong
    the contradiction was found (0 where it could not be judged)."""

    words: str
    voice: str
    source: str
    strength: float
    flagged: bool
    judged: bool

    @property
    def contradicts(self) -> bool:
        return self.words == "happiness" and self.voice in CONTRADICT


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    store = shipped.store(options.models)
    library = Library(store, options.cache)
    report: dict[str, Any] = {}
    try:
        genders = {row["speaker"]: row.get("gender", "") for row in _rows(options.data)}
        parameters = parameters_of(store)
        faces = seen_faces(library, options.data, "test", options.faces)
        for name in options.conditions.split(","):
            heard = heard_clips(store, options, NOISES[name])
            for shown, own in (("voice", None), ("voice and face", faces)):
                pairs = pair_up(heard, read_lines(store, 1), own, parameters)
                report[f"{name}, {shown}"] = figures(pairs, genders)
    except (Unusable, RapportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        _print(report)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation incongruence")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    option("--models", type=Path, help="another folder of models")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "fusion"
    option("--cache", type=Path, default=cache, help="where readings are kept")
    option("--speakers", default=",".join(material.TEST_SPEAKERS))
    option("--conditions", default=",".join(NOISES), help="with commas between")
    option("--clips", type=int, default=CLIPS_PER_LABEL, help="of each speaker and label")
    option("--faces", type=int, default=FACES_PER_LABEL, help="of each label")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def parameters_of(store: Store) -> Parameters:
    """What is shipped; what is built in where that may not be used."""
    try:
        return told_by.decode(store.content(told_by.MODEL))
    except ModelError:
        return Parameters()


def heard_clips(store: Store, options: argparse.Namespace, snr_db: float | None) -> list[Spoken]:
    clips = material.load_clips(
        options.data / "voice/manifest.csv", options.speakers.split(","), options.clips
    )
    noises = [options.data / "noise" / name for name in material.TEST_NOISES]
    return hear(store, clips, noises, snr_db, SEED, options.cache)


def seen_faces(
    library: Library, data: Path, which: material.Part, most: int
) -> dict[str, list[Summary]]:
    """Label -> faces as utterances have them."""
    archive = data / "face/ferplus_train_valid.npz"
    faces = material.load_faces(archive, which, True, most, SEED)
    found: dict[str, list[Summary]] = {}
    for reading in library.faces(faces, "light 1", SEED):
        if (summary := as_summary(reading)) is not None:
            found.setdefault(LABELS[reading.label], []).append(summary)
    return found


def as_summary(reading: Reading) -> Summary | None:
    """A reading that lasts for the whole of an utterance."""
    evidence = reading.evidence
    if evidence.distribution is None:
        return None
    score = evidence.quality.score
    return Summary(evidence.distribution, evidence.valence, evidence.arousal, score, 1.0)


def read_lines(store: Store, which: int) -> dict[str, list[tuple[str, Read]]]:
    """Label -> lines and how they read: those that are learned from (0), or judged (1)."""
    expert = TextExpert(store)
    return {
        label: [(line, expert.read_fully(line, 1)) for line in part(label, which)]
        for label in ("happiness", *FIT_TOO)
    }


def pair_up(
    heard: Sequence[Spoken],
    lines: dict[str, list[tuple[str, Read]]],
    faces: dict[str, list[Summary]] | None,
    parameters: Parameters,
) -> list[Pair]:
    """Every clip under a glad line, and under one of its own kind; its face has its label."""
    random = np.random.default_rng(SEED)
    pairs = []
    for place, clip in enumerate(heard):
        label = LABELS[clip.label]
        for words in dict.fromkeys(("happiness", label)):
            if label not in ("happiness", *CONTRADICT) or words not in lines:
                continue
            text, (evidence, emotions) = lines[words][place % len(lines[words])]
            face = None
            if faces is not None:
                face = faces[label][int(random.integers(len(faces[label])))]
            utterance = Utterance(
                place, clip.source, "player", 0, 1, text=text, words=evidence,
                emotions=emotions, voice=clip.voice, face=face,
            )  # fmt: skip
            doubt = judge(utterance, parameters)
            strength, flagged = (
                (0.0, False) if doubt is None else (doubt.strength, bool(doubt.kind))
            )
            pairs.append(Pair(words, label, clip.source, strength, flagged, doubt is not None))
    return pairs


def figures(pairs: Sequence[Pair], genders: dict[str, str]) -> dict[str, Any]:
    """Rates with their intervals, as shipped and on the curve."""
    wrong = [pair for pair in pairs if pair.contradicts]
    glad = [pair for pair in pairs if (pair.words, pair.voice) == ("happiness", "happiness")]
    kinds = [glad, *([p for p in pairs if p.words == p.voice == label] for label in FIT_TOO)]
    groups: dict[str, list[Pair]] = {}
    for pair in wrong:
        corpus = pair.source.partition("-")[0]
        for group in (pair.voice, corpus, f"{corpus} {pair.voice}", genders.get(pair.source, "")):
            groups.setdefault(group, []).append(pair)
    alarms: dict[str, list[Pair]] = {}
    for pair in glad:
        for group in (pair.source.partition("-")[0], genders.get(pair.source, "")):
            alarms.setdefault(group, []).append(pair)
    scores = [np.array([p.strength for p in kind]) for kind in kinds]
    hits = np.array([pair.strength for pair in wrong])
    return {
        "hits": rate(pair.flagged for pair in wrong),
        "hits_by": {name: rate(p.flagged for p in own) for name, own in sorted(groups.items())},
        "false_alarms_glad": rate(pair.flagged for pair in glad),
        "false_alarms_glad_by": {
            name: rate(p.flagged for p in own) for name, own in sorted(alarms.items())
        },
        "false_alarms_all": float(np.mean([np.mean([p.flagged for p in kind]) for kind in kinds])),
        "judged": rate(pair.judged for pair in (*wrong, *glad)),
        "auc": auc(hits, scores[0]),
        "hits_at_5_percent_of_glad": at(hits, scores[:1]),
        "hits_at_5_percent_of_all": at(hits, scores),
    }


def rate(found: Iterable[bool]) -> list[float]:
    """Share, the ends of its interval (Wilson 1927), and of how many."""
    each = list(found)
    n = max(1, len(each))
    share = sum(each) / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * float(np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)))
    return [share, max(0.0, middle - half), min(1.0, middle + half), len(each)]


def auc(hits: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Area under the curve: how often one of the first is above one of the others."""
    return float(np.mean(np.sign(hits[:, None] - others[None]) / 2.0 + 0.5))


def at(hits: NDArray[np.float64], kinds: Sequence[NDArray[np.float64]]) -> float:
    """Share of hits at the lowest threshold with no more than `FALSE_ALARMS`, each kind of pair
    that fits counting alike."""
    for threshold in np.unique(np.concatenate([hits, *kinds])):
        if np.mean([np.mean(kind > threshold) for kind in kinds]) <= FALSE_ALARMS:
            return float(np.mean(hits > threshold))
    return 0.0


def _rows(data: Path) -> list[dict[str, str]]:
    return read_rows(data / "voice/manifest.csv")


def _print(report: dict[str, Any]) -> None:
    def told(value: Any) -> str:
        if isinstance(value, list):
            return f"{value[0]:.2f} ({value[1]:.2f} ... {value[2]:.2f}, n {value[3]})"
        return f"{value:.3f}"

    for condition, found in report.items():
        sys.stdout.write(f"{condition}\n")
        for name, value in found.items():
            for key, each in value.items() if isinstance(value, dict) else [("", value)]:
                sys.stdout.write(f"    {name} {key:22} {told(each)}\n")
