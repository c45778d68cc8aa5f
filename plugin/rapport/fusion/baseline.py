"""The baseline: how this player's face and voice are at rest, and what a reading is beside that.

A face at rest may look sad, and a lively voice excited, to an expert that has learned from others.
What is published is therefore relative to the player's own rest, once that is known.
"""

import math

import msgspec
import numpy as np

from rapport.fusion.gate import NANOSECONDS, is_distribution
from rapport.state import LABELS, Distribution, Evidence, Modality

FACE_S = 5.0
"""How long the resting face is looked at."""
ENOUGH = 30
"""Readings from which a rest is worth keeping: a second of face, three seconds of speech."""
MEMORY_READINGS = 600
"""Readings over which the voice's rest is averaged: a minute of speech. It keeps running, because
a voice warms up."""
SHIFT_MAX = 1.5
"""Nats by which a label may be moved against another label's. An expert whose reading of a resting
face is altogether wrong should be corrected, a clear expression never turned round."""
AT_REST = 0.65
"""Probability of neutral that a resting face is brought towards, the mean that the expression model
gives to neutral faces; the other labels share what is left."""
FLOOR = 1e-3
"""Probabilities below this say "not at all", whatever their logarithm."""

_REST = np.array([AT_REST] + [(1.0 - AT_REST) / (len(LABELS) - 1)] * (len(LABELS) - 1))


class Rest(msgspec.Struct, frozen=True):
    """One modality at rest: the geometric mean of its distributions, the means of its valence,
    arousal and dominance (each -1 ... +1), and from how many readings."""

    distribution: Distribution
    valence: float
    arousal: float
    dominance: float
    readings: int


class Baseline(msgspec.Struct, frozen=True):
    """A player's rest, as far as it is known."""

    face: Rest | None = None
    voice: Rest | None = None

    def rest(self, modality: Modality) -> Rest | None:
        """The rest of a modality; a line of text has none."""
        return {Modality.FACE: self.face, Modality.VOICE: self.voice}.get(modality)


UNKNOWN = Baseline()
"""Nothing is known of the player yet."""


class Learning:
    """Learns a player's rest from readings: the face for `FACE_S`, the voice for as long as it is
    asked to."""

    def __init__(self, began_ns: int, known: Baseline = UNKNOWN) -> None:
        """
        :param known: where the voice goes on from; the face is learned anew.
        """
        self._until_ns = began_ns + round(FACE_S * NANOSECONDS)
        self._began_ns = began_ns
        self._rests: dict[Modality, Rest | None] = {
            Modality.FACE: None,
            Modality.VOICE: known.voice,
        }
        self._seen_ns: dict[Modality, int] = {}

    def see(self, evidence: Evidence) -> None:
        """Take a reading into account; one that was seen before, or is none, changes nothing."""
        modality, at_ns = evidence.modality, evidence.captured_ns
        if modality not in self._rests or not is_distribution(evidence.distribution):
            return
        if self._seen_ns.get(modality) == at_ns or at_ns < self._began_ns:
            return
        if modality is Modality.FACE and at_ns > self._until_ns:
            return
        self._seen_ns[modality] = at_ns
        longest = MEMORY_READINGS if modality is Modality.VOICE else math.inf
        self._rests[modality] = _averaged(self._rests[modality], evidence, longest)

    def progress(self, now_ns: int) -> float:
        """How much of the time for the face is over, 0 ... 1."""
        whole = self._until_ns - self._began_ns
        return min(1.0, max(0.0, (now_ns - self._began_ns) / whole))

    def learned(self) -> Baseline:
        """What was learned so far from enough readings."""
        kept = {
            str(modality): rest
            for modality, rest in self._rests.items()
            if rest is not None and rest.readings >= ENOUGH
        }
        return Baseline(**kept)


def relative(evidence: Evidence, baseline: Baseline) -> Evidence:
    """The reading beside the player's rest: probabilities moved by what the rest differs from a
    neutral one (each by `SHIFT_MAX` nats at most), valence, arousal and dominance less those
    of the rest. Evidence without a distribution, or of a modality whose rest is not known,
    stays as it is."""
    rest = baseline.rest(evidence.modality)
    if rest is None or not is_distribution(evidence.distribution):
        return evidence
    resting = np.log(np.maximum(np.array(rest.distribution), FLOOR))
    shift = np.clip(np.log(_REST) - resting, -SHIFT_MAX, SHIFT_MAX)
    moved = np.array(evidence.distribution) * np.exp(shift)
    return msgspec.structs.replace(
        evidence,
        distribution=tuple((moved / moved.sum()).tolist()),
        valence=_less(evidence.valence, rest.valence),
        arousal=_less(evidence.arousal, rest.arousal),
        dominance=_less(evidence.dominance, rest.dominance),
    )


def _averaged(rest: Rest | None, evidence: Evidence, longest: float) -> Rest:
    """The rest with one more reading: plain means up to `longest` readings, then running ones."""
    logs = np.log(np.maximum(np.array(evidence.distribution), FLOOR))
    affect = (evidence.valence, evidence.arousal, evidence.dominance)
    new = np.concatenate([logs, [_number(value) for value in affect]])
    count = 1
    if rest is not None:
        count = rest.readings + 1
        share = 1.0 / min(count, longest)
        old_logs = np.log(np.maximum(np.array(rest.distribution), FLOOR))
        old = np.concatenate([old_logs, [rest.valence, rest.arousal, rest.dominance]])
        new = (1.0 - share) * old + share * new
    mean = np.exp(new[: len(LABELS)])
    valence, arousal, dominance = new[len(LABELS) :].tolist()
    return Rest(tuple((mean / mean.sum()).tolist()), valence, arousal, dominance, count)


def _number(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else 0.0


def _less(value: float | None, rest: float) -> float | None:
    return None if value is None else min(1.0, max(-1.0, value - rest))
