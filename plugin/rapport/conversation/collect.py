"""Collects what was seen and heard of the player, and sums it up over the span of an utterance."""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from rapport.conversation.utterance import Summary
from rapport.state import LABELS, Evidence, Modality

SLOT_NS = 100_000_000
"""One reading of each modality is kept per tenth of a second: faces and voices change slower."""
KEEP_NS = 60_000_000_000
"""Readings are kept for a minute; of a longer utterance, its last minute is what counts."""
FRESH_NS = 3_000_000_000
"""The voice expert hears up to 3 s back: its readings count the more, the more of that time lies
within the utterance."""
FIRST_WEIGHT = 0.1
"""Of a voice's reading right at the beginning of an utterance."""
TINY = 1e-9

COLLECTED = (Modality.FACE, Modality.VOICE)


class Collector:
    """The readings of the last minute. Not safe to share between threads."""

    def __init__(self) -> None:
        self._kept: dict[Modality, deque[Evidence]] = {
            m: deque(maxlen=KEEP_NS // SLOT_NS) for m in COLLECTED
        }

    def add(self, evidence: Evidence) -> None:
        """Keep a reading, unless it is not readable or another one of its tenth of a second is
        there already. Readings come in the order of their time; one that is older than the last
        begins anew (a clip that loops)."""
        if not _readable(evidence):
            return
        kept = self._kept[evidence.modality]
        if kept and evidence.captured_ns < kept[-1].captured_ns:
            kept.clear()
        if not kept or evidence.captured_ns // SLOT_NS > kept[-1].captured_ns // SLOT_NS:
            kept.append(evidence)

    def forget(self, modality: Modality) -> None:
        """Forget all readings of a modality."""
        self._kept[modality].clear()

    def summary(self, modality: Modality, start_ns: int, end_ns: int) -> Summary | None:
        """What was read from `start_ns` to `end_ns`; None if nothing was."""
        read = [e for e in self._kept[modality] if start_ns <= e.captured_ns <= end_ns]
        weights = [_weight(e, start_ns) for e in read]
        total = sum(weights)
        if total <= TINY:
            return None
        shares = np.array(weights) / total
        mean = shares @ np.array([e.distribution for e in read], np.float64)
        span = max(1, (min(end_ns - start_ns, KEEP_NS)) // SLOT_NS)
        return Summary(
            distribution=tuple((mean / mean.sum()).tolist()),
            valence=_mean([e.valence for e in read], shares.tolist()),
            arousal=_mean([e.arousal for e in read], shares.tolist()),
            quality=float(shares @ np.array([_score(e) for e in read])),
            share=min(1.0, len(read) / span),
            prosody=_prosody(read, shares.tolist()),
        )


def _readable(evidence: Evidence) -> bool:
    """Whether a reading has numbers that can be summed up."""
    distribution = evidence.distribution
    return (
        distribution is not None
        and len(distribution) == len(LABELS)
        and all(map(math.isfinite, distribution))
    )


def _weight(evidence: Evidence, start_ns: int) -> float:
    if evidence.modality is not Modality.VOICE:
        return _score(evidence)
    own = (evidence.captured_ns - start_ns) / FRESH_NS
    return _score(evidence) * min(1.0, max(FIRST_WEIGHT, own))


def _score(evidence: Evidence) -> float:
    score = evidence.quality.score
    return min(1.0, max(0.0, score)) if math.isfinite(score) else 0.0


def _mean(values: Sequence[float | None], shares: Sequence[float]) -> float | None:
    """The mean of those that are known; None if none is."""
    known = [
        (value, share)
        for value, share in zip(values, shares, strict=True)
        if value is not None and math.isfinite(value)
    ]
    total = sum(share for _, share in known)
    return sum(v * share for v, share in known) / total if total > TINY else None


def _prosody(readings: Sequence[Evidence], shares: Sequence[float]) -> dict[str, float]:
    names = dict.fromkeys(name for reading in readings for name in reading.prosody)
    means = {name: _mean([r.prosody.get(name) for r in readings], shares) for name in names}
    return {name: mean for name, mean in means.items() if mean is not None}
