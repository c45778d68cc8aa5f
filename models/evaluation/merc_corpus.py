"""Dialogues for emotion recognition in conversation (MERC), from one JSONL file.

One JSON object a line, one line an utterance, in UTF-8:

| key | type | meaning |
|---|---|---|
| `dialogue_id` | text or number | which dialogue; its utterances need not lie together |
| `utterance_id` | text or number | which of its utterances; numbers order them, else the file |
| `speaker` | text | who speaks; compared within one dialogue only |
| `start`, `end` | seconds or null | when, from the start of the dialogue |
| `text` | text | what was said; may be empty |
| `label` | text or null | the emotion; null: not judged, heard as context only |
| `voice`, `face` | object or null | named numbers, any names; null: not known (optional) |
| `split` | `train`, `dev`, `test` | all utterances of a dialogue have the same |

`dialogue` and `utterance` are read as `dialogue_id` and `utterance_id`, `valid` and `validation` as
`dev`. Labels are any words; those of `dev` and `test` must occur in `train`.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

MODALITIES = ("voice", "face")
SPLITS = ("train", "dev", "test")
_SPLIT_NAMES = {**{name: name for name in SPLITS}, "valid": "dev", "validation": "dev"}
_OTHER_NAMES = {"dialogue": "dialogue_id", "utterance": "utterance_id"}


class Unusable(Exception):
    """The file is not what the documentation asks for."""


class Utterance(NamedTuple):
    """One utterance; `start_s` and `end_s` are None where they are not known, `label` where it is
    not judged. `features`: for `voice` and `face`, named numbers; what is not known is left out."""

    speaker: str
    start_s: float | None
    end_s: float | None
    text: str
    label: str | None
    features: Mapping[str, Mapping[str, float]]


class Dialogue(NamedTuple):
    """The utterances of a dialogue in their order."""

    name: str
    split: str
    utterances: list[Utterance]


def read_corpus(file: Path) -> list[Dialogue]:
    """The dialogues of a file, in the order in which they begin.

    :raises Unusable: the file cannot be read, says what this format does not, or has no labelled
        utterance in one of the three splits.
    """
    found: dict[str, list[tuple[tuple[float, int], str, Utterance]]] = {}
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                name, place, split, utterance = _parsed(line)
            except (ValueError, TypeError, KeyError) as error:
                raise Unusable(f"{file}, line {number}: {error}") from error
            found.setdefault(name, []).append(((place, number), split, utterance))
    dialogues = [_dialogue(name, entries) for name, entries in found.items()]
    _check(dialogues, file)
    return dialogues


def labels_of(dialogues: list[Dialogue]) -> list[str]:
    """The labels that occur, sorted."""
    return sorted({u.label for d in dialogues for u in d.utterances if u.label is not None})


def write_corpus(dialogues: list[Dialogue], file: Path) -> int:
    """Write dialogues in this format; how many utterances there are."""
    count = 0
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        for dialogue in dialogues:
            for number, utterance in enumerate(dialogue.utterances):
                row = {
                    "dialogue_id": dialogue.name,
                    "utterance_id": number,
                    "speaker": utterance.speaker,
                    "start": utterance.start_s,
                    "end": utterance.end_s,
                    "text": utterance.text,
                    "label": utterance.label,
                    **{name: dict(values) for name, values in utterance.features.items()},
                    "split": dialogue.split,
                }
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
    return count


def _parsed(line: str) -> tuple[str, float, str, Utterance]:
    """Dialogue, place in it, split and utterance of one line."""
    read = json.loads(line)
    if not isinstance(read, dict):
        raise ValueError("not an object")
    row = {_OTHER_NAMES.get(key, key): value for key, value in read.items()}
    for key in ("dialogue_id", "speaker", "text", "split"):
        if row.get(key) is None:
            raise KeyError(f"{key} is missing")
    split = _SPLIT_NAMES.get(str(row["split"]).lower())
    if split is None:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}")
    label = row.get("label")
    utterance = Utterance(
        speaker=str(row["speaker"]),
        start_s=_number(row.get("start")),
        end_s=_number(row.get("end")),
        text=str(row["text"]),
        label=None if label is None or not str(label).strip() else str(label).strip(),
        features={name: _features(name, row.get(name)) for name in MODALITIES},
    )
    return str(row["dialogue_id"]), _place(row.get("utterance_id")), split, utterance


def _place(told: Any) -> float:
    """Where an utterance stands: its number, or none, so that the order of the file decides."""
    try:
        return float(told)
    except (TypeError, ValueError):
        return 0.0


def _number(told: Any) -> float | None:
    if told is None:
        return None
    value = float(told)
    return value if math.isfinite(value) else None


def _features(name: str, told: Any) -> dict[str, float]:
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise ValueError(f"{name} must be an object of named numbers")
    numbers = {str(key): _number(value) for key, value in told.items()}
    return {key: value for key, value in numbers.items() if value is not None}


def _dialogue(name: str, entries: list[tuple[tuple[float, int], str, Utterance]]) -> Dialogue:
    splits = {split for _, split, _ in entries}
    if len(splits) > 1:
        raise Unusable(f"dialogue {name} lies in {' and '.join(sorted(splits))}")
    ordered = sorted(entries, key=lambda entry: entry[0])
    return Dialogue(name, splits.pop(), [utterance for _, _, utterance in ordered])


def _check(dialogues: list[Dialogue], file: Path) -> None:
    known: set[str] = set()
    for split in SPLITS:
        labels = set(labels_of([d for d in dialogues if d.split == split]))
        if not labels:
            raise Unusable(f"{file} has no labelled utterance with split {split}")
        known = known or labels
        if labels - known:
            raise Unusable(f"{split} has labels that train has not: {sorted(labels - known)}")
