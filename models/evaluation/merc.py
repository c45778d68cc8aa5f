"""`python -m models.evaluation merc FILE.jsonl`: emotion recognition in conversation.

Trains the context network of `models.training.context_net` on the part `train` of the file (its
form: `merc_corpus`), chooses when to stop on `dev` and reports on `test`, once a seed: weighted and
macro F1, accuracy, calibration error, F1 of each class; each as mean and standard deviation over
the seeds. `--bidirectional` lets it hear later utterances too, which no running sidecar can.
`--mask voice` takes a modality away in testing (several: `--mask voice,face`), beside the figures
with everything. `--sentence` adds the pretrained sentence encoder of the extra `sentence`; `auto`
does so where it is installed.

Utterances without a label are heard and not judged. One seed is `--members` networks whose answers
are averaged.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from models.evaluation import shipped
from models.evaluation.merc_corpus import Unusable, labels_of, read_corpus
from models.evaluation.metrics import accuracy, calibration_error, f1_scores, macro_f1, weighted_f1

from rapport.errors import RapportError
from rapport.experts.dialogue import TextExpert

MODALITIES = ("text", "voice", "face")
SEEDS = 5
MEMBERS = 3
SPREAD_FROM = 2
"""Seeds from which a standard deviation can be told."""

log = logging.getLogger("models.evaluation.merc")


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    try:
        figures = evaluate(options)
    except (Unusable, RapportError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ImportError as error:
        sys.stderr.write(
            f"{error.name} is missing: pip install -e '.[training]' (and '.[sentence]' for"
            " --sentence yes)\n"
        )
        return 2
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation merc", description=(__doc__ or "").splitlines()[0]
    )
    option = parser.add_argument
    option("file", type=Path, help="dialogues, see models/evaluation/merc_corpus.py")
    option("--seeds", type=int, default=SEEDS)
    option("--seed", type=int, default=0, help="the first one")
    option("--members", type=int, default=MEMBERS, help="networks averaged in one seed")
    option("--steps", type=int, default=None, help="of training, at most")
    option("--bidirectional", action="store_true", help="hear later utterances too")
    option("--mask", default="", help=f"of {', '.join(MODALITIES)}: taken away in testing")
    option("--sentence", choices=("auto", "yes", "no"), default="auto")
    option("--models", type=Path, metavar="FOLDER", help="of another text_emotion.onnx")
    option("--threads", type=int, default=1, help="more hardly help: it is small")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """Train and test, once a seed.

    :raises Unusable: the file or a masked modality cannot be used.
    :raises ImportError: what training needs is not installed.
    """
    masked = tuple(name.strip() for name in options.mask.split(",") if name.strip())
    if unknown := set(masked) - set(MODALITIES):
        raise Unusable(f"--mask: there is no modality {', '.join(sorted(unknown))}")
    dialogues = read_corpus(options.file)

    import torch
    from models.training import context_features, context_fit

    torch.set_num_threads(options.threads)
    encode = _encoder(options.sentence)
    expert = TextExpert(shipped.store(options.models))
    read = context_features.read(dialogues, expert, encode, options.bidirectional)
    if absent := [name for name in masked if name != "text" and name not in read.features]:
        raise Unusable(f"--mask: {options.file} has no {', '.join(absent)}")
    data = context_fit.lay_out(dialogues, read, labels_of(dialogues), options.bidirectional)
    test = data.part("test")
    truth = data.truth[data.places(test)]
    judged = truth != context_fit.NOT_JUDGED
    runs: dict[tuple[str, ...], list[dict[str, Any]]] = {(): [], masked: []}
    parameters = 0
    for seed in range(options.seed, options.seed + options.seeds):
        began = time.monotonic()
        steps = options.steps or context_fit.STEPS
        fitted = context_fit.fit(data, seed, options.members, options.bidirectional, steps)
        parameters = sum(weight.numel() for weight in fitted.nets[0].parameters())
        for taken, found in runs.items():
            shares = context_fit.answers(fitted.nets, data, test, taken, fitted.temperature)
            found.append(_assess(shares[judged], truth[judged], data.labels))
        log.info(
            "seed %d: weighted F1 %.4f, steps %s, %.0f s",
            seed, runs[()][-1]["weighted_f1"], fitted.steps, time.monotonic() - began,
        )  # fmt: skip
    return {
        **_summary(runs[()]),
        "masked": {",".join(masked): _summary(runs[masked])} if masked else {},
        "n": int(judged.sum()),
        "labels": data.labels,
        "seeds": options.seeds,
        "members": options.members,
        "bidirectional": options.bidirectional,
        "experts": list(read.features),
        "parameters": parameters,
    }


def _encoder(wanted: str) -> Any:
    """The sentence encoder, if it is wanted and there.

    :raises ImportError: it is wanted and not there.
    """
    if wanted == "no":
        return None
    try:
        from models.training.context_features import sentence_encoder

        return sentence_encoder()
    except ImportError:
        if wanted == "yes":
            raise
        return None


def _assess(shares: Any, truth: Any, labels: Sequence[str]) -> dict[str, Any]:
    guess = shares.argmax(axis=1)
    return {
        "weighted_f1": weighted_f1(guess, truth),
        "macro_f1": macro_f1(guess, truth),
        "accuracy": accuracy(guess, truth),
        "ece": calibration_error(shares, truth),
        "per_class": {labels[c]: f1 for c, f1 in f1_scores(guess, truth).items()},
    }


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds, of each figure."""
    named = {name: [run[name] for run in found] for name in found[0] if name != "per_class"}
    classes = {c: [run["per_class"][c] for run in found] for c in found[0]["per_class"]}
    return {
        **{name: _spread(values) for name, values in named.items()},
        "per_class": {c: _spread(values) for c, values in classes.items()},
    }


def _spread(values: list[float]) -> dict[str, float]:
    sd = float(np.std(values, ddof=1)) if len(values) >= SPREAD_FROM else 0.0
    return {"mean": float(np.mean(values)), "sd": sd}


def _table(figures: dict[str, Any]) -> str:
    hears = "past and future" if figures["bidirectional"] else "the past"
    lines = [
        f"{figures['n']} utterances judged, {figures['seeds']} seeds of {figures['members']}"
        f" networks of {figures['parameters']:,} weights that hear {hears}",
        f"experts: {', '.join(figures['experts'])}",
        "",
        *_rows(figures),
    ]
    for name, masked in figures["masked"].items():
        lines += ["", f"without {name}:", *_rows(masked)]
    return "\n".join(lines) + "\n"


def _rows(figures: dict[str, Any]) -> list[str]:
    names = ("weighted_f1", "macro_f1", "accuracy", "ece")
    rows = [(name, figures[name]) for name in names]
    rows += [(f"  F1 {name}", value) for name, value in figures["per_class"].items()]
    return [f"{name:<18}{value['mean']:.4f} ± {value['sd']:.4f}" for name, value in rows]
