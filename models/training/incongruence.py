"""`python -m models.training incongruence`: what tells that words are not meant as they are said.

Two files: the head for warmth (`voice_warmth.onnx`), from clips of speech; and the weights of the
signs (`incongruence.json`), from readings of the shipped experts, of people whom neither they nor
the head learned from. It takes half an hour on one core, nearly all of it hearing; what was heard
is kept between runs. `--experiments` tells instead what words alone are worth, by MUStARD++.
"""

import argparse
import csv
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import platformdirs
import torch
from models.evaluation import fusion_material as material
from models.evaluation import shipped
from models.evaluation.face_archive import Unusable
from models.evaluation.fusion_readings import Library
from models.evaluation.incongruence import CONTRADICT, auc, seen_faces
from models.evaluation.incongruence_readings import hear
from models.training import warmth, warmth_data
from models.training.manifest import hashed, record
from torch import Tensor
from torch.nn import functional

from rapport.conversation import incongruence_parameters as told_by
from rapport.conversation.incongruence import signs_of, trust_in
from rapport.conversation.incongruence_parameters import SIGNS, Parameters, Signs
from rapport.conversation.utterance import Summary
from rapport.errors import RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.manifest import Entry
from rapport.experts.store import CHECKOUT, Store
from rapport.experts.voice.warmth import MODEL as WARMTH
from rapport.state import LABELS

SEED = 3
VERSION = "1"
CONDITIONS = (None,)
"""Noises in which the fit hears its clips, dB; None: none."""
CLIPS_PER_LABEL, FACES_PER_LABEL = 16, 60
PAIRS = 6000
STEPS, RATE, DECAY = 1500, 0.02, 1e-3
PRESENT = (("voice",), ("face",), ("voice", "face"))
FALSE_ALARMS = 0.1
"""Share of glad words with a glad voice alone that may be flagged: it sets from which strength a
contradiction is said. A quarter of that is left over all pairs that fit, as the evaluation counts
them."""
LEAST_SAY_FROM = 0.5
FEELS = {
    "Anger": ("anger",),
    "Frustration": ("anger",),
    "Disgust": ("disgust",),
    "Ridicule": ("disgust", "anger"),
    "Neutral": ("neutral",),
    "Sadness": ("sadness",),
    "Fear": ("fear",),
    "Happiness": ("happiness",),
    "Excitement": ("happiness",),
    "Surprise": ("surprise",),
}
"""Emotion of MUStARD++ -> voices that carry it; nobody's voice here is taught contempt."""

log = logging.getLogger("models.training.incongruence")


class Shown(NamedTuple):
    """Face and voice under glad words (None: not there), and whether they contradict them."""

    parts: Mapping[str, Summary]
    contradicts: bool


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(1)
    # Beside other experts than the shipped ones belongs a fit to those.
    folder = options.out.resolve()
    store = shipped.store(None if folder == CHECKOUT else folder)
    lines = options.data / "text/mustard_plus_plus_train.csv"
    try:
        if options.experiments:
            words_alone(lines, TextExpert(store))
            return 0
        train_warmth(store, options)
        fitted = fit(material_of(store, options), options.seed)
    except (Unusable, RapportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    export(fitted, options.out / "incongruence.json")
    log.info("%s", json.dumps(msgspec.to_builtins(fitted)))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training incongruence")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "fusion"
    option("--cache", type=Path, default=cache, help="where readings are kept")
    option("--out", type=Path, default=CHECKOUT, help="the folder of the models")
    option("--seed", type=int, default=SEED)
    option("--experiments", action="store_true", help="what words alone are worth")
    return parser.parse_args(arguments)


def train_warmth(store: Store, options: argparse.Namespace) -> None:
    """Fit the head and write it beside the other models."""
    heard = [
        each
        for noisy in (False, True)
        for each in warmth_data.hear_all(
            store, options.data, options.cache, warmth_data.LEARNED_FROM, noisy, options.seed
        )
    ]
    rows, labels = warmth.rows_of(heard)
    log.info("%d clips, %d rows", len(heard), len(rows))
    net = warmth.fit(rows, labels, options.seed)
    warmth.export(net, options.out / f"{WARMTH}.onnx", VERSION)


def material_of(store: Store, options: argparse.Namespace) -> list[Shown]:
    """Faces and voices under glad words. Half of them fit."""
    clips = material.load_clips(
        options.data / "voice/manifest.csv", material.TRAIN_SPEAKERS, CLIPS_PER_LABEL
    )
    noises = [options.data / "noise" / name for name in material.TRAIN_NOISES]
    voices: dict[str, list[Summary]] = {}
    for snr_db in CONDITIONS:
        for spoken in hear(store, clips, noises, snr_db, options.seed, options.cache):
            if spoken.voice is not None:
                voices.setdefault(LABELS[spoken.label], []).append(spoken.voice)
    faces = seen_faces(Library(store, options.cache), options.data, "train", FACES_PER_LABEL)
    pools = {"voice": voices, "face": faces}
    meant = implicit(options.data / "text/mustard_plus_plus_train.csv")
    random = np.random.default_rng(options.seed)
    found = []
    for place in range(PAIRS):
        contradicts = place % 2 == 1
        feels = meant[int(random.integers(len(meant)))] if contradicts else "happiness"
        parts = {}
        for name in PRESENT[place // 2 % len(PRESENT)]:
            own = pools[name].get(feels, [])
            if own:
                parts[name] = own[int(random.integers(len(own)))]
        found.append(Shown(parts, contradicts))
    return found


def implicit(lines: Path) -> list[str]:
    """What the sarcastic lines of MUStARD++ really carry, as often as they do; half of them as
    neutral as a flat voice is, because its authors name what is meant and not how it sounds."""
    meant = [
        feels
        for row in _targets(lines)
        if row["Sarcasm"] == "1"
        for feels in FEELS[row["Implicit_Emotion"]]
        if feels in CONTRADICT
    ]
    return meant + ["neutral"] * len(meant)


def _targets(lines: Path) -> list[dict[str, str]]:
    with lines.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["Sarcasm"]]


def fit(shown: Sequence[Shown], seed: int) -> Parameters:
    """The weights of the signs, each kept to its sign, and from which strength to say it."""
    torch.manual_seed(seed)
    names = {"voice": tuple(SIGNS), "face": tuple(name for name in SIGNS if name != "warmth")}
    rows, trusts = {}, {}
    for part, own in names.items():
        table = np.zeros((len(shown), len(own)), np.float32)
        trust = np.zeros(len(shown), np.float32)
        for place, each in enumerate(shown):
            if part in each.parts:
                signs = signs_of(each.parts[part])
                table[place] = [signs.get(name, 0.0) for name in own]
                trust[place] = trust_in(each.parts[part])
        rows[part], trusts[part] = torch.from_numpy(table), torch.from_numpy(trust)
    truth = torch.tensor([float(each.contradicts) for each in shown])
    raw = {part: torch.full((len(own),), -1.0, requires_grad=True) for part, own in names.items()}
    bias = {part: torch.zeros(1, requires_grad=True) for part in names}
    rare = torch.full((1,), -1.0, requires_grad=True)

    def weights(part: str) -> Tensor:
        signs = torch.tensor([float(SIGNS[name]) for name in names[part]])
        return signs * functional.softplus(raw[part])

    def odds() -> Tensor:
        total = -functional.softplus(rare)
        for part in names:
            total = total + trusts[part] * (bias[part] + rows[part] @ weights(part))
        return total

    steps = torch.optim.Adam([*raw.values(), *bias.values(), rare], RATE)
    for _ in range(STEPS):
        penalty = sum((weights(part).square().sum() for part in names), torch.zeros(()))
        loss = functional.binary_cross_entropy_with_logits(odds(), truth) + DECAY * penalty
        steps.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        steps.step()
    with torch.no_grad():
        speaks = torch.maximum(*trusts.values())
        strengths = (speaks * torch.sigmoid(odds())).numpy()
        found = {
            part: Signs(
                round(float(bias[part]), 3),
                {
                    name: round(float(weight), 3)
                    for name, weight in zip(names[part], weights(part), strict=True)
                },
            )
            for part in names
        }
    alone = [set(each.parts) == {"voice"} and not each.contradicts for each in shown]
    say_from = float(np.quantile(strengths[alone], 1.0 - FALSE_ALARMS))
    log.info("area under the curve on what was learned from %.3f",
             auc(strengths[truth.numpy() == 1.0], strengths[truth.numpy() == 0.0]))  # fmt: skip
    return Parameters(
        rare=round(-float(functional.softplus(rare.detach())), 3),
        voice=found["voice"],
        face=found["face"],
        say_from=round(min(0.99, max(LEAST_SAY_FROM, say_from)), 3),
        version=VERSION,
    )


def words_alone(lines: Path, expert: TextExpert) -> None:
    """Print how well the words alone tell sarcasm in shows that were left out."""
    from sklearn.linear_model import LogisticRegression

    rows = _targets(lines)
    read = [expert.read_fully(row["SENTENCE"], 1) for row in rows]
    table = np.array(
        [
            [*(emotions or (0.0,) * 28), evidence.valence or 0.0, evidence.arousal or 0.0]
            for evidence, emotions in read
        ]
    )
    truth = np.array([row["Sarcasm"] == "1" for row in rows])
    shows = np.array([row["SHOW"] for row in rows])
    scores = np.zeros(len(rows))
    for show in np.unique(shows):
        own = shows == show
        model = LogisticRegression(C=1.0, max_iter=1000).fit(table[~own], truth[~own])
        scores[own] = model.decision_function(table[own])
        if len(np.unique(truth[own])) == 2:
            found = auc(scores[own & truth], scores[own & ~truth])
            sys.stdout.write(f"{show:15} {own.sum():4} lines, area under the curve {found:.3f}\n")


def export(fitted: Parameters, path: Path) -> None:
    """Write the parameters, and their entry in the manifest of that folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=2) + b"\n")
    told_by.decode(path.read_bytes())
    digest, size = hashed(path)
    record(
        Entry(
            id=told_by.MODEL,
            file=path.name,
            sha256=digest,
            bytes=size,
            version=VERSION,
            task="whether words are meant as they are said, by voice and face",
            licence="Apache-2.0",
            commercial_use="unclear",
            commercial_use_reason="Fitted to what experts trained on FER2013 pictures and on"
            " RAVDESS and nEMO (CC BY-NC-SA 4.0) say of other parts of these, as often as MUStARD++"
            " (licence not stated) has them. Without it rules set by hand are used.",
            data="readings of FER+ validation faces, RAVDESS 15 and 16, nEMO KD0; emotions of"
            " MUStARD++ (Ray et al. 2022)",
            inputs="an utterance: its words, and the distribution, quality and warmth of voice and"
            " face",
            outputs="strength of the contradiction, 0...1, and its kind",
            card="cards/incongruence.md",
        ),
        path.parent,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
