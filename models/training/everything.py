"""`python -m models.training all`: rebuilds every weight, one part after the other.

Each part is a command of its own, called here with the data folder and the seed. What is finished
is passed over; a part that was stopped goes on where it was. `--plan` only tells what there is.
"""

import argparse
import gc
import importlib
import json
import logging
import sys
import time
from pathlib import Path
from typing import NamedTuple

import platformdirs
from models.training.manifest import hashed
from rich.console import Console
from rich.table import Table

from rapport.experts.store import CHECKOUT

log = logging.getLogger("models.training.all")


class Part(NamedTuple):
    """One part of the training. They stand in the order in which one needs what another makes."""

    name: str
    makes: tuple[str, ...]
    """Files in the folder of the models."""
    hours: float
    """On two cores of a cloud machine without a GPU."""
    needs: tuple[str, ...]
    """Files and folders below the data folder."""
    bundle: bool = False
    """Whether MediaPipe's bundle is the teacher, or cuts the faces."""
    cache: str = ""
    """Its folder in the cache, if it is not called like the part."""
    several_seeds: int = 1
    """How many seeds it takes, the given one and those after it."""

    @property
    def module(self) -> str:
        return f"models.training.{self.name}"


FACES = ("face/ferplus_train_valid.npz", "face/portraits", "face/photos")
VOICES = ("voice/manifest.csv", "noise/manifest.csv")
TEXTS = ("text/goemotions/train.tsv", "text/emobank_train_dev.csv")
PARTS = (
    Part("tracker", ("face_detector.onnx", "face_mesh.onnx"), 3.0, FACES[1:], bundle=True),
    Part("face", ("face_expression.onnx",), 1.0, FACES[:1], bundle=True),
    Part("voice", ("voice_emotion.onnx",), 3.0, VOICES, several_seeds=3),
    Part("bursts", ("vocal_bursts.onnx",), 0.5, ("voice/emogator", *VOICES), cache="voice"),
    Part("text", ("text_emotion.onnx",), 0.5, TEXTS),
    Part("gate", ("fusion_gate.json",), 0.7, (*FACES[:1], *VOICES, TEXTS[0]), cache="fusion"),
    Part(
        "context",
        ("conversation_context.onnx",),
        0.2,
        (*FACES[:1], *VOICES, TEXTS[0], "text/meld", "text/emorynlp"),
        cache="fusion",
    ),
    Part(
        "incongruence",
        ("voice_warmth.onnx", "incongruence.json"),
        0.5,
        (*FACES[:1], *VOICES, "text/mustard_plus_plus_train.csv"),
        cache="fusion",
    ),
)


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("models").setLevel(logging.INFO)
    options = _options(arguments)
    if options.plan:
        Console().print(_plan(options))
        return 0
    missing = [need for part in PARTS for need in part.needs if not (options.data / need).exists()]
    if missing:
        sys.stderr.write(f"{options.data} lacks {', '.join(dict.fromkeys(missing))}\n")
        return 2
    for part in PARTS:
        if is_finished(part, options):
            log.info("%s: finished before", part.name)
            continue
        log.info("%s: about %.1f h on two cores", part.name, part.hours)
        began = time.monotonic()
        code = importlib.import_module(part.module).main(_arguments(part, options))
        if code:
            sys.stderr.write(
                f"{part.name} ended with {code}; the same command goes on from there\n"
            )
            return int(code)
        _finish(part, options)
        log.info("%s: finished in %.1f h", part.name, (time.monotonic() - began) / 3600.0)
        # A part's corpus is gigabytes, and some of it hangs in cycles.
        gc.collect()
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training all")
    shared = CHECKOUT.parents[1] / "shared"
    option = parser.add_argument
    option("--data", type=Path, default=shared / "data", help="the data folder")
    option("--bundle", type=Path, default=shared / "models/face_landmarker.task")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False))
    option("--cache", type=Path, default=cache, help="where all parts keep what they have done")
    option("--out", type=Path, default=CHECKOUT, help="folder of the models")
    option("--seed", type=int, help="of every part, instead of its own")
    option("--again", default="", help="parts to rebuild although finished, with commas between")
    option("--plan", action="store_true", help="tell the parts, how long they take, what there is")
    return parser.parse_args(arguments)


def _arguments(part: Part, options: argparse.Namespace) -> list[str]:
    """What a part's own command is given."""
    several = len(part.makes) > 1
    told = {
        "--data": options.data,
        "--cache": cache_of(part, options),
        "--out": options.out if several else options.out / part.makes[0],
    }
    if part.bundle:
        told["--bundle"] = options.bundle
    if options.seed is not None and part.several_seeds > 1:
        seeds = range(options.seed, options.seed + part.several_seeds)
        told["--seeds"] = ",".join(map(str, seeds))
    elif options.seed is not None:
        told["--seed"] = options.seed
    return [str(word) for pair in told.items() for word in pair]


def cache_of(part: Part, options: argparse.Namespace) -> Path:
    """Where a part keeps what it has done: where it does by itself."""
    folder: Path = options.cache / (part.cache or part.name)
    return folder


def is_finished(part: Part, options: argparse.Namespace) -> bool:
    """Whether the part ran to its end with this seed, and its files are still those of then."""
    try:
        mark = json.loads(_mark(part, options).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    wanted = {"seed": options.seed, "files": _files(part, options)}
    return part.name not in options.again.split(",") and bool(mark == wanted)


def _finish(part: Part, options: argparse.Namespace) -> None:
    mark = {"seed": options.seed, "files": _files(part, options)}
    path = _mark(part, options)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(mark), encoding="utf-8")


def _mark(part: Part, options: argparse.Namespace) -> Path:
    return cache_of(part, options) / f"finished-{part.name}.json"


def _files(part: Part, options: argparse.Namespace) -> dict[str, str]:
    """The hashes of what a part makes."""
    paths = [options.out / name for name in part.makes]
    return {path.name: hashed(path)[0] for path in paths if path.is_file()}


def _plan(options: argparse.Namespace) -> Table:
    total = sum(part.hours for part in PARTS if not is_finished(part, options))
    table = Table(caption=f"{total:.1f} h on two cores are left", box=None, header_style="dim")
    for column in ("part", "hours", "makes", "data", "state"):
        table.add_column(column)
    for part in PARTS:
        lacks = [need for need in part.needs if not (options.data / need).exists()]
        table.add_row(
            part.name,
            f"{part.hours:.1f}",
            ", ".join(part.makes),
            f"lacks {', '.join(lacks)}" if lacks else "there",
            _state(part, options),
        )
    return table


def _state(part: Part, options: argparse.Namespace) -> str:
    if is_finished(part, options):
        return "finished"
    folder = cache_of(part, options)
    begun = folder.is_dir() and any(folder.glob("*.pt"))
    there = all((options.out / name).is_file() for name in part.makes)
    return ("begun, goes on" if begun else "not begun") + (", an older model is there" * there)
