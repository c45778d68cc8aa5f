"""Running statistics of this player's voice in this noise.

Emotion is a departure from how this person usually sounds here. Statistics taken in a quiet room
and used in a noisy one do harm, so they run on, and forget.
"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class RunningStatistics:
    """Mean and variance that start at a prior and move over to what is heard.

    The prior counts as `prior_frames` frames already heard; each new frame counts as one, until
    `memory_frames` are known, from where on the old is forgotten exponentially with that time
    constant. Not safe to share between threads.
    """

    def __init__(
        self, mean: Vector, variance: Vector, prior_frames: float, memory_frames: float
    ) -> None:
        self._prior_mean = np.asarray(mean, np.float64)
        self._prior_variance = np.asarray(variance, np.float64)
        self._prior_frames = prior_frames
        self._memory_frames = memory_frames
        self.reset()

    def reset(self) -> None:
        """Back to the prior: another player, another microphone."""
        self.mean = self._prior_mean.copy()
        self.variance = self._prior_variance.copy()
        self.heard_frames = 0
        """Frames that the statistics have heard, not counting the prior."""
        self._known = float(self._prior_frames)

    def update(self, frames: NDArray[np.floating]) -> None:
        """Take in frames (n x dimensions), all at once; frames that are not finite are left out."""
        values = np.asarray(frames, np.float64)
        if not np.isfinite(values.sum()):
            values = values[np.isfinite(values).all(axis=1)]
        count = len(values)
        if not count:
            return
        # Chan, Golub & LeVeque 1979 (merging two samples), with a bounded weight for the first.
        share = count / (self._known + count)
        fresh = values.sum(axis=0) / count
        departure = fresh - self.mean
        self.mean = self.mean + share * departure
        spread = np.square(values - fresh).sum(axis=0) / count + (1.0 - share) * departure**2
        self.variance = (1.0 - share) * self.variance + share * spread
        self._known = min(self._known + count, self._memory_frames)
        self.heard_frames += count

    @property
    def deviation(self) -> Vector:
        """Standard deviation."""
        return np.sqrt(self.variance)
