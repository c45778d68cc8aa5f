"""`python -m models.evaluation merc-convert meld|emorynlp FOLDER OUT`: corpora into one format.

The format is that of `merc_corpus`, which `merc` reads.

FOLDER holds the files as their publishers give them out, or called `train.csv`, `dev.csv` and
`test.csv`. Where there is no test file, the dev file becomes the test part, and a tenth of the
training dialogues (chosen by a fixed seed) the dev part: no dialogue is in two parts.
"""

import argparse
import ast
import csv
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from models.evaluation.merc_corpus import Dialogue, Unusable, Utterance, write_corpus

SEED = 0
DEV_SHARE = 0.1

Row = Mapping[str, str]

WINDOWS = {code: bytes([code]).decode("cp1252") for code in (0x85, *range(0x91, 0x98))}
"""MELD was read in the wrong encoding on its way: characters of Windows-1252 stand as controls."""


class Form(NamedTuple):
    """How a corpus is given out: its files by split, and what its columns say."""

    files: Mapping[str, tuple[str, ...]]
    dialogue: Callable[[Row], str]
    speaker: Callable[[Row], str]
    start: str
    end: str


FORMS = {
    "meld": Form(
        {s: (f"{s}_sent_emo.csv", f"{s}.csv") for s in ("train", "dev", "test")},
        lambda row: row["Dialogue_ID"],
        lambda row: row["Speaker"],
        "StartTime",
        "EndTime",
    ),
    "emorynlp": Form(
        {
            s: (f"emorynlp_{n}_final.csv", f"{s}.csv")
            for s, n in (("train", "train"), ("dev", "dev"), ("test", "test"))
        },
        lambda row: "-".join((row["Season"], row["Episode"], row["Scene_ID"])),
        lambda row: " & ".join(ast.literal_eval(row["Speaker"])),
        "Start_Time",
        "End_Time",
    ),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation merc-convert")
    parser.add_argument("corpus", choices=FORMS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args(arguments)
    try:
        dialogues = convert(FORMS[options.corpus], options.folder)
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    count = write_corpus(dialogues, options.out)
    sys.stdout.write(f"{len(dialogues)} dialogues, {count} utterances in {options.out}\n")
    return 0


def convert(form: Form, folder: Path) -> list[Dialogue]:
    """The dialogues of a corpus.

    :raises Unusable: a file is missing, or is not what its publisher gives out.
    """
    parts = {split: _file(folder, names) for split, names in form.files.items()}
    for split in ("train", "dev"):
        if parts[split] is None:
            raise Unusable(f"{folder} has none of {', '.join(form.files[split])}")
    found = {s: _read(form, path, s) for s, path in parts.items() if path is not None}
    if "test" not in found:
        found["test"] = [d._replace(split="test") for d in found["dev"]]
        found["train"], found["dev"] = _divided(found["train"])
    return [dialogue for part in ("train", "dev", "test") for dialogue in found[part]]


def _file(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read(form: Form, path: Path, split: str) -> list[Dialogue]:
    found: dict[str, list[Utterance]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                start_s, end_s = _seconds(row[form.start]), _seconds(row[form.end])
                said = Utterance(
                    form.speaker(row), start_s, end_s, row["Utterance"].translate(WINDOWS),
                    row["Emotion"].strip().lower(), {},
                )  # fmt: skip
                found.setdefault(f"{split}-{form.dialogue(row)}", []).append(said)
    except (OSError, KeyError, ValueError, SyntaxError) as error:
        raise Unusable(f"{path} is not as it is given out: {error}") from error
    return [Dialogue(name, split, said) for name, said in found.items()]


def _seconds(clock: str) -> float:
    """`00:16:16,059` or `00:00:02.877` in seconds."""
    hours, minutes, seconds = clock.replace(",", ".").split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0 + float(seconds)


def _divided(dialogues: list[Dialogue]) -> tuple[list[Dialogue], list[Dialogue]]:
    """Training and dev part."""
    count = round(len(dialogues) * DEV_SHARE)
    chosen = set(random.Random(SEED).sample(range(len(dialogues)), count))  # noqa: S311  no secret
    dev = [d._replace(split="dev") for i, d in enumerate(dialogues) if i in chosen]
    return [d for i, d in enumerate(dialogues) if i not in chosen], dev
