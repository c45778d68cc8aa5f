"""`python -m models.training gate`: fits the gate to the shipped experts and writes its parameters.

Run it after any expert was trained anew: the experts read spoiled faces, voices and lines (ten
minutes on one core; kept between runs), then the fit takes seconds. `--experiments` compares other
gates instead, by cross-validation: in each fold a third of the pictures and lines and one of the
three speakers are left out.
"""

import argparse
import json
import logging
import sys
from pathlib import Path

import msgspec
import numpy as np
import platformdirs
import torch
from models.evaluation import shipped
from models.evaluation.face_archive import Unusable, read_archive
from models.evaluation.fusion_readings import Library
from models.evaluation.metrics import balanced_accuracy, calibration_error
from models.evaluation.text_lines import Unusable as UnusableLines
from models.evaluation.text_lines import read_items
from models.training import gate_data
from models.training.gate_data import Floats, Groups
from models.training.gate_net import Design, GateNet, fit, tensors
from models.training.gate_readings import Material, read_material
from models.training.manifest import hashed, record

from rapport.errors import RapportError
from rapport.experts.manifest import Entry
from rapport.experts.store import CHECKOUT
from rapport.fusion import parameters
from rapport.fusion.parameters import Parameters, Reliance
from rapport.state import LABELS, Modality

SEED = 7
GROUPS = 8000
FOLDS = 3
VERSION = "1"
LAPSE = 0.05
"""Set, not fitted: groups of people who carry the same label never contradict each other, so they
would teach that experts are never altogether mistaken."""
PRIOR = tuple(0.02 if label == "contempt" else 0.14 for label in LABELS)
"""Contempt is rare, and only faces show it; the other seven are as likely as each other, as games
do not share one usual mood."""

DESIGNS = {
    "quality": Design(),
    "quality and each measure": Design(trust="measures"),
    "quality through a network": Design(trust="network"),
    "quality and content": Design(content=True),
    "experts by arousal too": Design(arousal=True),
    "sparse, best two": Design(top=2),
    "sparse, best one": Design(top=1),
    "experts that err together": Design(dependent=True),
    "base rates not divided out": Design(rates=False),
}
"""Name -> a gate; the first one is shipped."""

log = logging.getLogger("models.training.gate")


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    options = _options(arguments)
    torch.set_num_threads(1)
    # Beside other experts than the shipped ones belongs a gate that was fitted to those.
    folder = options.out.resolve().parent
    store = shipped.store(None if folder == CHECKOUT else folder)
    try:
        material = read_material(Library(store, options.cache), store, options.data)
        rates = base_rates(options.data, material)
    except (Unusable, UnusableLines, RapportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.experiments:
        compare(material, rates, range(options.seed, options.seed + options.seeds))
        return 0
    fitted = fit_parameters(material, rates, options.seed)
    export(fitted, options.out)
    log.info("%s", json.dumps(msgspec.to_builtins(fitted.experts)))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training gate")
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "fusion"
    option("--cache", type=Path, default=cache, help="where readings are kept")
    option("--out", type=Path, default=CHECKOUT / "fusion_gate.json")
    option("--seed", type=int, default=SEED)
    option("--seeds", type=int, default=5, help="how many, for the experiments")
    option("--experiments", action="store_true", help="compare designs, write nothing")
    return parser.parse_args(arguments)


def base_rates(data: Path, material: Material) -> Floats:
    """How often each expert's training data has each label, 3 x 8.

    Faces and lines come as often as they were found, and the validation parts say how often that
    is. The voice model learned every label alike. A label whose probability is the same in every
    reading was never taught: that probability is its rate.
    """
    faces = read_archive(data / "face/ferplus_train_valid.npz").labels
    lines, _ = read_items(data / "text/goemotions/dev.tsv")
    basic = np.array([item.basic for item in lines if item.basic is not None])
    counts = {
        Modality.FACE: np.bincount(faces[::2], minlength=len(LABELS)),
        Modality.VOICE: np.ones(len(LABELS)),
        Modality.TEXT: np.bincount(basic[::2], minlength=len(LABELS)),
    }
    rows = []
    for modality, readings in zip(Modality, material, strict=True):
        said = [r.evidence.distribution for r in readings if r.evidence.distribution is not None]
        table = np.array(said)
        untaught = np.ptp(table, axis=0) < 1e-6
        rates = np.where(untaught, 0.0, counts[modality])
        shares = rates / rates.sum() * (1.0 - table[0, untaught].sum())
        rows.append(np.where(untaught, table[0], shares))
    return np.array(rows)


def make_net(design: Design, rates: Floats, seed: int) -> GateNet:
    torch.manual_seed(seed)
    return GateNet(design, torch.from_numpy(rates).float(), torch.tensor(PRIOR), LAPSE)


def fit_parameters(material: Material, rates: Floats, seed: int) -> Parameters:
    """The shipped gate, in the form of its file."""
    net = fit(make_net(Design(), rates, seed), gate_data.draw(material, GROUPS, seed))
    experts = {
        modality: Reliance(
            round(low, 4), round(low + rise, 4), tuple(rates[place].round(5).tolist())
        )
        for place, (modality, low, rise) in enumerate(
            zip(Modality, net.worst.exp().tolist(), net.rise.exp().tolist(), strict=True)
        )
    }
    return Parameters(LAPSE, PRIOR, experts, version=VERSION)


def compare(material: Material, rates: Floats, seeds: range) -> None:
    """Print figures of each design on groups that were left out, over seeds and folds."""
    folds = [
        (_part(material, fold, outside=True), _part(material, fold, outside=False))
        for fold in range(FOLDS)
    ]
    sys.stdout.write(f"{'':28} log loss        recall          calibration error\n")
    for name, design in {"set by hand": None, **DESIGNS}.items():
        rows = []
        for seed in seeds:
            for learned, left_out in folds:
                net = make_net(design or Design(rates=False), rates, seed)
                if design is None:
                    net.lapse = Parameters().lapse
                    net.worst.data.fill_(-np.inf)
                else:
                    fit(net, gate_data.draw(learned, GROUPS // 2, seed))
                rows.append(figures(net, gate_data.draw(left_out, GROUPS // 2, seed + 1000)))
        table = np.array(rows).reshape(len(seeds), FOLDS, 3).mean(axis=1)
        cells = [f"{m:.3f} +- {s:.3f}" for m, s in zip(table.mean(0), table.std(0), strict=True)]
        sys.stdout.write(f"{name:28} " + "  ".join(cells) + "\n")
        sys.stdout.flush()


def figures(net: GateNet, groups: Groups) -> tuple[float, float, float]:
    """Mean negative log-likelihood, mean recall and calibration error."""
    with torch.no_grad():
        logarithms = net(*tensors(groups)).double().numpy()
    shares, truth = np.exp(logarithms), groups.labels
    likelihood = float(-logarithms[np.arange(len(truth)), truth].mean())
    return (
        likelihood,
        balanced_accuracy(shares.argmax(axis=1), truth),
        calibration_error(shares, truth),
    )


def _part(material: Material, fold: int, outside: bool) -> Material:
    return Material(
        *([r for r in own if (gate_data.fold_of(r, FOLDS) != fold) == outside] for own in material)
    )


def export(fitted: Parameters, path: Path) -> None:
    """Write the parameters, and their entry in the manifest of that folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=2) + b"\n")
    parameters.decode(path.read_bytes())
    digest, size = hashed(path)
    record(
        Entry(
            id=parameters.MODEL,
            file=path.name,
            sha256=digest,
            bytes=size,
            version=VERSION,
            task="how far each expert is relied on, by the quality of its signal",
            licence="Apache-2.0",
            commercial_use="unclear",
            commercial_use_reason="Fitted to what experts trained on FER2013 pictures and on"
            " RAVDESS and nEMO (CC BY-NC-SA 4.0) say of other parts of these; whether a dozen such"
            " numbers carry the rights of the data is not settled. Without it the built-in gate is"
            " used, which was set by hand.",
            data="readings of FER+ validation faces, RAVDESS 15 and 16, nEMO KD0, GoEmotions dev",
            inputs="quality score of each expert, 0...1, and its distribution",
            outputs="trust of each expert, and their distributions as one",
            card="cards/fusion_gate.md",
        ),
        path.parent,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
