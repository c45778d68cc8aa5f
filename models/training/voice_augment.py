"""Cheap changes to windows of speech: other throats, other paces, other recordings, gaps.

They are done anew in every epoch, on top of the rooms that the material was degraded in.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rapport.experts.voice.features import HIGHEST_HZ, LOWEST_HZ
from rapport.experts.voice.front_end import BANDS, WINDOW_FRAMES

THROAT = 0.12
"""Vocal tracts differ by about so much in length between adults (Jaitly & Hinton 2013 warp by
0.1)."""
PACE = 0.15
CUT_SHARE = 0.3
CUT_TO = 60
"""Frames (0.6 s) that a cut leaves at least: the sidecar reads the beginnings of utterances too."""

Random = np.random.Generator


def cut(window: NDArray[np.floating], random: Random) -> NDArray[np.floating]:
    """A part of the window at times, and always at a slightly different pace."""
    length = len(window)
    if length > CUT_TO and random.random() < CUT_SHARE:
        length = int(random.integers(CUT_TO, length + 1))
        begin = int(random.integers(0, len(window) - length + 1))
        window = window[begin : begin + length]
    paced = min(WINDOW_FRAMES, max(8, round(length * random.uniform(1.0 - PACE, 1.0 + PACE))))
    return window[np.arange(paced) * length // paced]


def _band_hz() -> NDArray[np.float64]:
    """Centres of the mel bands, as `rapport.experts.voice.features` lays them."""
    low, high = 2595.0 * np.log10(1.0 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700.0)
    middle = np.linspace(low, high, BANDS + 2)[1:-1]
    return np.asarray(700.0 * (10.0 ** (middle / 2595.0) - 1.0))


_HZ = _band_hz()


def other_throats(windows: Tensor, random: Random) -> Tensor:
    """Vocal tract length perturbation (Jaitly & Hinton 2013) of both planes of bands."""
    factors = random.uniform(1.0 - THROAT, 1.0 + THROAT, len(windows))
    places = np.stack([np.interp(_HZ * factor, _HZ, np.arange(BANDS)) for factor in factors])
    below = np.minimum(places.astype(np.int64), BANDS - 2)
    share = torch.from_numpy((places - below).astype(np.float32))[:, None]
    lower = torch.from_numpy(below)[:, None].expand(-1, windows.shape[1], -1)
    warped = windows.clone()
    for first in (0, BANDS):
        plane = windows[:, :, first : first + BANDS]
        warped[:, :, first : first + BANDS] = (1.0 - share) * plane.gather(2, lower) + (
            share * plane.gather(2, lower + 1)
        )
    return warped


def other_recordings(windows: Tensor, random: Random) -> Tensor:
    """Colour, loudness and pitch in other measure, as if the running statistics were off."""
    count = len(windows)

    def drawn(*shape: int) -> Tensor:
        return torch.from_numpy(random.standard_normal((count, 1, *shape)).astype(np.float32))

    windows = windows.clone()
    tilt, bend = torch.linspace(-1.0, 1.0, BANDS), torch.linspace(-1.0, 1.0, BANDS) ** 2 - 0.33
    colour = 0.2 * drawn(1) * tilt + 0.15 * drawn(1) * bend + 0.15 * drawn(1)
    windows[:, :, :BANDS] = windows[:, :, :BANDS] * (1.0 + 0.1 * drawn(1)) + colour
    level, pitch = 2 * BANDS, 2 * BANDS + 1
    windows[:, :, level] += 0.2 * drawn()
    voiced = windows[:, :, pitch] != 0.0
    windows[:, :, pitch] = (windows[:, :, pitch] * (1.0 + 0.1 * drawn()) + 0.2 * drawn()) * voiced
    return windows


def hide(windows: Tensor, random: Random) -> Tensor:
    """SpecAugment (Park et al. 2019) and a little more: some bands, some frames, at times the
    pitch or the level, are blanked."""
    windows = windows.clone()
    for window in windows:
        for _ in range(2):
            width = int(random.integers(0, 7))
            first = int(random.integers(0, BANDS - width))
            window[:, first : first + width] = 0.0
            window[:, BANDS + first : BANDS + first + width] = 0.5
            long = int(random.integers(0, max(2, len(window) // 8)))
            begin = int(random.integers(0, len(window) - long))
            window[begin : begin + long] = 0.0
        for column in (2 * BANDS, 2 * BANDS + 1):
            if random.random() < 0.1:
                window[:, column] = 0.0
    return windows


def change(windows: Tensor, lengths: Tensor, random: Random) -> Tensor:
    """All of it; what lies beyond the end of a window stays zero."""
    changed = hide(other_recordings(other_throats(windows, random), random), random)
    real = torch.arange(windows.shape[1])[None] < lengths[:, None]
    return changed * real[:, :, None]
