"""What a made-up player shows: shares of the labels, after the cues of a script."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from rapport.recording.script import Cue, Script
from rapport.state import LABELS, Modality

CLEAR = 0.86
"""The probability of a label that is shown as clearly as it gets; the others share the rest. An
expert is never surer, on the average of people."""

MISTAKEN: Mapping[Modality, tuple[float, ...]] = {
    Modality.FACE: (0.37, 0.25, 0.13, 0.12, 0.09, 0.01, 0.02, 0.01),
    Modality.VOICE: (0.14, 0.14, 0.14, 0.14, 0.14, 0.14, 0.14, 0.02),
    Modality.TEXT: (0.33, 0.38, 0.09, 0.05, 0.11, 0.01, 0.01, 0.02),
}
"""How the others share it: as often as the expert names each label at all (rounded from the base
rates that the gate has learned). A face expert that calls a neutral face disgusted as readily as
happy would be a poor likeness: the learned gate, which knows better, would believe it."""


class Shown(NamedTuple):
    """What a signal shows: eight shares, and what is added to valence and arousal."""

    shares: tuple[float, ...]
    valence: float
    arousal: float


def profile(modality: Modality, label: str, strength: float) -> tuple[float, ...]:
    """The shares of a label that is shown with a strength, 0 (neutral) ... 1."""
    of, calm = _clear(modality, label), _clear(modality, LABELS[0])
    return tuple(strength * a + (1.0 - strength) * b for a, b in zip(of, calm, strict=True))


def shown(modality: Modality, cues: Sequence[Cue], at_s: float) -> Shown:
    """What a signal shows at a time, after its cues so far (`steps`)."""
    now = Shown(_clear(modality, LABELS[0]), 0.0, 0.0)
    for cue, later in zip_longest(cues, cues[1:]):
        passed_s = (at_s if later is None else min(at_s, later.at)) - cue.at
        if passed_s < 0.0:
            break
        share = min(1.0, passed_s / cue.ramp) if cue.ramp > 0.0 else 1.0
        target = Shown(profile(modality, cue.label, cue.strength), cue.valence, cue.arousal)
        now = Shown(
            tuple(map(lambda a, b: a + share * (b - a), now.shares, target.shares)),
            now.valence + share * (target.valence - now.valence),
            now.arousal + share * (target.arousal - now.arousal),
        )
    return now


def steps(script: Script, signal: str) -> list[Cue]:
    """The cues of one signal in order of time, with a return to calm where one ends by itself."""
    mine = sorted((cue for cue in script.emotion if signal in cue.signals), key=lambda cue: cue.at)
    found = []
    for cue, later in zip_longest(mine, mine[1:]):
        found.append(cue)
        if cue.until is not None and (later is None or cue.until < later.at):
            found.append(Cue(at=cue.until, label="neutral", ramp=cue.ramp))
    return found


def _clear(modality: Modality, label: str) -> tuple[float, ...]:
    """The shares of a label that is shown as clearly as it gets."""
    mistaken = MISTAKEN[modality]
    others = sum(rate for name, rate in zip(LABELS, mistaken, strict=True) if name != label)
    return tuple(
        CLEAR if name == label else (1.0 - CLEAR) * rate / others
        for name, rate in zip(LABELS, mistaken, strict=True)
    )
