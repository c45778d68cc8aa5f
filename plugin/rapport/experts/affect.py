"""From a distribution over basic emotions to valence, arousal and dominance."""

from collections.abc import Sequence

from rapport.state import LABEL_VAD


def expected_vad(distribution: Sequence[float]) -> tuple[float, float, float]:
    """Valence, arousal and dominance as the expectation of `LABEL_VAD` under a distribution over
    `LABELS` that sums to one; each in -1 ... +1."""
    valence, arousal, dominance = (
        sum(share * value for share, value in zip(distribution, axis, strict=True))
        for axis in zip(*LABEL_VAD, strict=True)
    )
    return valence, arousal, dominance
