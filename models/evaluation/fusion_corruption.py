"""What rooms do to faces and voices: the conditions in which the fusion is measured, and the random
ones in which its gate is trained.

Pictures are grey, uint8; `span` is the height of the face in them and `points` are its landmarks as
they were before (None: not known). Sounds are float32, mono, at `SAMPLE_RATE`.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from models.evaluation.sounds import Array, in_noise
from models.training import tracker_light as light
from models.training.tracker_covers import Points, cover, texture
from models.training.tracker_light import Grey, Random

from rapport.capture.signals import SAMPLE_RATE

Spoil = Callable[[Grey, Points | None, Random], Grey]
"""One way in which a face can be seen."""
Muffle = Callable[[Array, Array, Random], Array]
"""One way in which a voice can be heard: sound and a noise of mean power 1 in, sound out."""

LIGHT = (1.0, 0.3, 0.1, 0.03, 0.01)
"""Shares of the light that is left."""
SNR_DB = (None, 20.0, 10.0, 5.0, 0.0)
"""None: without added noise."""
SENSOR_NOISE = 1.5
"""Standard deviation of a small camera's noise, in grey levels."""
BLUR = 0.04
"""Deviation of the blur as a share of the face's height: two pixels of 48."""
SMALL = 18.0
"""Height in pixels of a face that is far away."""
ECHO_S = 0.8
"""Time in which the echo falls by 60 dB: a bare room."""
CUT_AT = 0.25
"""Share of the peak at which a microphone that is set too loud cuts the sound off."""
PIECES = [texture(96, 96, np.random.default_rng(seed)) for seed in range(8)]
"""Pictures of nothing, which some covers show."""


def dim(image: Grey, _: Points | None, random: Random, left: float) -> Grey:
    """Less light, the same sensor."""
    noise = random.normal(0.0, SENSOR_NOISE, image.shape)
    return _bytes(image.astype(np.float32) * left + noise)


def overexpose(image: Grey, _: Points | None, random: Random) -> Grey:
    noise = random.normal(0.0, SENSOR_NOISE, image.shape)
    return _bytes(image.astype(np.float32) * 2.2 + 30.0 + noise)


def blur(image: Grey, points: Points | None, _: Random, share: float = BLUR) -> Grey:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), share * span(image, points)), np.uint8)


def shrink(image: Grey, points: Points | None, _: Random, height: float = SMALL) -> Grey:
    """A face of few pixels, in a picture as large as before."""
    factor = min(1.0, height / span(image, points))
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def hide(image: Grey, points: Points | None, random: Random) -> Grey:
    """A hand, a mask, glasses, hair or a thing in front of the face."""
    return image if points is None else cover(image, points, PIECES, random)[0]


def span(image: Grey, points: Points | None) -> float:
    """Height of the face in pixels; half the picture's where it is not known."""
    return image.shape[0] / 2.0 if points is None else float(np.ptp(points[:, 1])) + 1.0


FACES: dict[str, Spoil] = {
    **{f"light {left:g}": partial(dim, left=left) for left in LIGHT},
    "over-exposed": overexpose,
    "blurred": blur,
    "far away": shrink,
    "covered": hide,
}
"""Conditions of the face that are measured, by name."""


def spoil_face(image: Grey, points: Points | None, random: Random) -> Grey:
    """One random way of many: a quarter of the faces stays as it is."""
    if random.random() < 0.25:
        return image
    for share, change in STEPS:
        if random.random() < share:
            image = change(image, points, random)
    return image


def _plain(step: Callable[[Grey, Random], Grey]) -> Spoil:
    return lambda image, _, random: step(image, random)


def _drawn(step: Callable[..., Grey], low: float, high: float) -> Spoil:
    """A step whose strength is drawn, evenly on a logarithmic scale."""
    return lambda image, points, random: step(
        image, points, random, float(np.exp(random.uniform(np.log(low), np.log(high))))
    )


STEPS: tuple[tuple[float, Spoil], ...] = (
    (0.15, _plain(light.side_light)),
    (0.1, _plain(light.overexpose)),
    (0.15, _drawn(shrink, 12.0, 50.0)),
    (0.2, _drawn(blur, 0.01, 0.06)),
    (0.05, _plain(light.motion)),
    (0.2, hide),
    (0.35, _drawn(dim, 0.01, 0.6)),
    (0.1, _plain(light.darken)),
    (0.1, _plain(light.grain)),
    (0.1, _plain(light.compress)),
)
"""Share of the faces that a step changes, in the order in which a camera does it."""


def noisy(sound: Array, noise: Array, random: Random, snr_db: float) -> Array:
    return in_noise(sound, noise, snr_db, random)


def echo(sound: Array, _: Array, random: Random) -> Array:
    """A bare room: decaying noise (Polack's model), as strong as the direct sound."""
    size = int(ECHO_S * SAMPLE_RATE)
    tail = random.normal(size=size) * 10.0 ** (-3.0 * np.arange(size) / size)
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    heard = np.fft.irfft(
        np.fft.rfft(sound, len(sound) + size) * np.fft.rfft(tail, len(sound) + size)
    )[: len(sound)]
    return np.asarray(heard / max(1.0, float(np.abs(heard).max())), np.float32)


def cut_off(sound: Array, _: Array, __: Random) -> Array:
    """A microphone that is set too loud."""
    peak = float(np.abs(sound).max()) or 1.0
    return np.clip(sound / (CUT_AT * peak), -1.0, 1.0)


VOICES: dict[str, Muffle] = {
    "clean": lambda sound, _, __: sound,
    **{f"{snr_db:g} dB": partial(noisy, snr_db=snr_db) for snr_db in SNR_DB if snr_db is not None},
    "echo": echo,
    "cut off": cut_off,
}
"""Conditions of the voice that are measured, by name."""

FACE_GRID = tuple(f"light {left:g}" for left in LIGHT)
VOICE_GRID = tuple("clean" if snr_db is None else f"{snr_db:g} dB" for snr_db in SNR_DB)


def garble(text: str, random: Random, share: float) -> str:
    """Mistyped: this share of the letters becomes another one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "".join(
        letters[random.integers(26)] if c.isalpha() and random.random() < share else c for c in text
    )


def _bytes(values: np.ndarray) -> Grey:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
