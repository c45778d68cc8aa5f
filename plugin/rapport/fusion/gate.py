"""The gate: how far each expert is trusted right now, and its share of the result.

Trust comes from measured quality and age alone, never from what an expert says: in the experiments
of the gate's card nothing was gained by looking at that.
"""

import math
from collections.abc import Mapping

from rapport import settings
from rapport.fusion.parameters import SUM_TOLERANCE, Reliance
from rapport.state import NEVER, Condition, Evidence, Modality

NANOSECONDS = 1_000_000_000


def age_s(evidence: Evidence, now_ns: int) -> float | None:
    """Seconds since the evidence was captured; None if there never was a signal."""
    if evidence.captured_ns <= NEVER:
        return None
    return float(max(0, now_ns - evidence.captured_ns)) / NANOSECONDS


def stale_after_s(modality: Modality, fusion: settings.Fusion) -> float:
    """How old this modality's evidence may be, in seconds."""
    return {
        Modality.FACE: fusion.face_stale_s,
        Modality.VOICE: fusion.voice_stale_s,
        Modality.TEXT: fusion.text_stale_s,
        Modality.APPRAISAL: fusion.appraisal_stale_s,
    }[modality]


def condition(evidence: Evidence, now_ns: int, fusion: settings.Fusion) -> Condition:
    """The evidence's condition, or STALE if it is too old to say anything about now."""
    age = age_s(evidence, now_ns)
    if age is not None and age > stale_after_s(evidence.modality, fusion):
        return Condition.STALE
    return evidence.condition


def trust(evidence: Evidence, now_ns: int, fusion: settings.Fusion, reliance: Reliance) -> float:
    """How far one expert is trusted, 0 (not at all) ... the best of its reliance.

    What its reliance says for the quality score, times freshness, which falls in a straight line
    from one at capture to zero when the evidence is stale. Zero without a valid distribution.
    """
    age = age_s(evidence, now_ns)
    score = evidence.quality.score
    if age is None or not math.isfinite(score) or not is_distribution(evidence.distribution):
        return 0.0
    freshness = max(0.0, 1.0 - age / stale_after_s(evidence.modality, fusion))
    gained = min(1.0, max(0.0, score)) * (reliance.best - reliance.worst)
    return float(reliance.worst + gained) * freshness


def weights(trusts: Mapping[Modality, float]) -> dict[Modality, float]:
    """Each expert's share of the result: the trusts, scaled to sum to one; all zero if they are.

    Raising one expert's trust never lowers its own share and never raises another's.
    """
    # The division by the largest first keeps the sum exact for trusts near the smallest float.
    largest = max(trusts.values(), default=0.0)
    if largest <= 0.0:
        return dict.fromkeys(trusts, 0.0)
    scaled = {modality: value / largest for modality, value in trusts.items()}
    total = sum(scaled.values())
    return {modality: value / total for modality, value in scaled.items()}


def is_distribution(values: tuple[float, ...] | None) -> bool:
    """Whether these are eight probabilities: finite, not negative, summing to one."""
    return (
        values is not None
        and len(values) == 8
        and all(math.isfinite(value) and value >= 0.0 for value in values)
        and abs(sum(values) - 1.0) <= SUM_TOLERANCE
    )
