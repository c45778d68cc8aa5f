"""`python -m models.evaluation moments MANIFEST.csv`: courses of moments on real voices.

The manifest is that of `voice`. For each speaker and each emotion a session is put together: calm
speech, a moment that is marked, speech of that emotion, calm speech again; and one that stays calm
throughout. Each is heard by the shipped voice expert and fused with nothing beside it. No clip of
calm speech is in a session twice, unless the speaker has too few; clips of the emotion are heard
again when they are through.

For each emotion: in how many sessions the course was `escalating` at the end of the emotional part,
in how many it was at all, and in how many it was not any more at the end. Actors read emotions off
a page, one after another; a player does not.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from models.evaluation.labels import PLACES
from models.evaluation.progress import progress
from models.evaluation.sounds import Array, decode, labelled, sessions

from rapport import settings
from rapport.capture.signals import SAMPLE_RATE, Samples
from rapport.experts.store import Store
from rapport.experts.voice import VoiceExpert
from rapport.fusion import Fusion
from rapport.sidecar.assembly import gate_parameters
from rapport.state import COURSES, LABELS, Modality

PART_S = 30.0
"""Of each of the three parts: as long as what a moment is compared with."""
AFTER_S = 45.0
"""The last one is longer, so that what settles can settle."""
CHUNK = SAMPLE_RATE // 10
ESCALATING = COURSES[0]
CALM, CONTROL = LABELS[0], "stays calm"
Rows = list[dict[str, str]]


class Course(NamedTuple):
    """Of one session: the course at the end of the emotional part and at the very end, and when
    the moment first escalated, in seconds after it (None: never)."""

    at_end: str
    after: str
    escalated_s: float | None


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        rows, _ = labelled(options.manifest, PLACES, options.speakers)
    except OSError as error:
        sys.stderr.write(f"{options.manifest} cannot be read: {error.strerror or error}\n")
        return 2
    found: dict[str, list[Course]] = defaultdict(list)
    whole = [(name, *parts) for own in sessions(rows) for name, *parts in _sessions(own)]
    for name, before, shown, after in progress(whole, "moments"):
        sounds = [
            _speech(options.manifest.parent, part, seconds)
            for part, seconds in ((before, PART_S), (shown, PART_S), (after, AFTER_S))
        ]
        if all(len(sound) for sound in sounds):
            found[name].append(listen(*sounds))
    if not found:
        sys.stderr.write(f"no speaker in {options.manifest} is calm in one clip at least\n")
        return 1
    figures = {name: _figures(courses) for name, courses in found.items()}
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else _table(figures))
    return 0


def listen(before: Array, shown: Array, after: Array) -> Course:
    """What becomes of a moment between the first two parts of a session."""
    store = Store(settings.Models())
    expert = VoiceExpert(settings.Voice(), store)
    fusion = Fusion(settings.Fusion(), gate_parameters(store))
    marked_s, over_s = (n / SAMPLE_RATE for n in (len(before), len(before) + len(shown)))
    sound = np.concatenate([before, shown, after])
    course = at_end = COURSES[-1]
    escalated_s: float | None = None
    marked = False
    for place in range(0, len(sound) - CHUNK, CHUNK):
        now_s = (place + CHUNK) / SAMPLE_RATE
        now_ns = round(now_s * 1e9)
        evidence = expert.hear(Samples(now_ns, sound[place : place + CHUNK]))
        if not marked and now_s >= marked_s:
            fusion.mark("m", now_ns, now_ns)
            marked = True
        if evidence is None:
            continue
        state = fusion.tick({Modality.VOICE: evidence}, now_ns, 0.0)
        if "m" in state.moments:
            course = state.moments["m"].course
        if now_s <= over_s:
            at_end = course
            if course == ESCALATING and escalated_s is None:
                escalated_s = now_s - marked_s
    expert.close()
    return Course(at_end, course, escalated_s)


def _sessions(own: Rows) -> Iterator[tuple[str, Rows, Rows, Rows]]:
    """The sessions of one speaker: a name, and the clips of the three parts."""
    by_label: dict[str, Rows] = defaultdict(list)
    for row in own:
        by_label[LABELS[PLACES[row["emotion"]]]].append(row)
    calm = by_label.pop(CALM, [])
    if not calm:
        return
    first, second, third = (calm[place::3] or calm for place in range(3))
    yield CONTROL, first, second, third
    for label in LABELS:
        if label in by_label:
            yield label, first, by_label[label], third


def _speech(folder: Path, rows: Sequence[dict[str, str]], seconds: float) -> Array:
    """Clips one after another, until there is enough; empty if none can be read."""
    parts: list[Array] = []
    for row in cycle(rows):
        sound = decode(folder / row["path"])
        parts.append(np.zeros(0, np.float32) if sound is None else sound)
        length = sum(map(len, parts))
        if length >= seconds * SAMPLE_RATE or (not length and len(parts) >= len(rows)):
            return np.concatenate(parts)
    return np.zeros(0, np.float32)


def _figures(courses: list[Course]) -> dict[str, float | None]:
    escalated = [one.escalated_s for one in courses if one.escalated_s is not None]
    return {
        "sessions": len(courses),
        "escalating_at_end": sum(one.at_end == ESCALATING for one in courses),
        "escalated": len(escalated),
        "after_s": float(np.median(escalated)) if escalated else None,
        "over_again": sum(one.after != ESCALATING for one in courses),
    }


def _table(figures: dict[str, dict[str, float | None]]) -> str:
    lines = ["speech       sessions  escalating  at any time  first after  calm again: over"]
    for name, row in figures.items():
        after = "-" if row["after_s"] is None else f"{row['after_s']:.1f} s"
        lines.append(
            f"{name:12}{row['sessions']:9}{row['escalating_at_end']:12}{row['escalated']:13}"
            f"{after:>13}{row['over_again']:19}"
        )
    return "\n".join(lines) + "\n"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation moments")
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--speakers", help="only these, with commas between")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)
