"""What a webcam does to a picture: light, darkness, noise, blur, few pixels, compression.

Everything works on one grey picture, uint8, and a NumPy generator, so that a seed repeats it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Random = np.random.Generator


def spoil(image: Grey, random: Random) -> Grey:
    """One random way in which a camera could have seen the picture."""
    for share, change in STEPS:
        if random.random() < share:
            image = change(image, random)
    return image


def _bytes(values: NDArray[np.float32]) -> Grey:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


def curve(image: Grey, random: Random) -> Grey:
    """Gamma, contrast and brightness, through a table."""
    levels = (np.arange(256, dtype=np.float32) / 255) ** np.exp(random.uniform(-0.6, 0.6)) * 255
    levels = (levels - 128) * np.exp(random.uniform(-0.9, 0.5)) + 128 + random.uniform(-50, 50)
    return np.asarray(cv2.LUT(image, _bytes(levels)), np.uint8)


def side_light(image: Grey, random: Random) -> Grey:
    """A lamp or a window on one side; in grey, coloured light is just that too."""
    height, width = image.shape
    across = random.uniform(-1, 1) * np.linspace(-1, 1, width, dtype=np.float32)
    down = random.uniform(-0.6, 0.6) * np.linspace(-1, 1, height, dtype=np.float32)
    return _bytes(image * np.exp(across + down[:, None]))


def overexpose(image: Grey, random: Random) -> Grey:
    return _bytes(image.astype(np.float32) * random.uniform(1.5, 3.5) + random.uniform(0, 60))


def darken(image: Grey, random: Random) -> Grey:
    """Little light: photon noise, the sensor's own noise, whole grey levels; then perhaps the
    camera's own gain."""
    light = image.astype(np.float32) * np.float32(np.exp(random.uniform(-3.2, -0.7)))
    noise = random.standard_normal(image.shape, np.float32)
    dark = _bytes(light + noise * np.sqrt(0.3 * light + random.uniform(0.1, 4)))
    gain = random.choice([1.0, random.uniform(1, 8)])
    return _bytes(dark * np.float32(gain))


def grain(image: Grey, random: Random) -> Grey:
    noise = random.standard_normal(image.shape, np.float32)
    return _bytes(image + noise * np.float32(random.uniform(1, 16)))


def blur(image: Grey, random: Random) -> Grey:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 2.0)), np.uint8)


def motion(image: Grey, random: Random) -> Grey:
    length, angle = random.uniform(2, 8), random.uniform(0, np.pi)
    size = 2 * int(length / 2 + 1) + 1
    kernel = np.zeros((size, size), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = (np.array([[size // 2] * 2, [size // 2] * 2]) + np.array([-reach, reach])) * 16
    start, end = (tuple(point) for point in ends.round().astype(int).tolist())
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1.0)), np.uint8)


def shrink(image: Grey, random: Random) -> Grey:
    """Far away: few pixels, interpolated."""
    factor = random.uniform(0.2, 0.7)
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def compress(image: Grey, random: Random) -> Grey:
    quality = int(random.integers(12, 60))
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)


STEPS = (
    (0.4, side_light),
    (0.5, curve),
    (0.05, overexpose),
    (0.12, shrink),
    (0.2, blur),
    (0.1, motion),
    (0.15, darken),
    (0.2, grain),
    (0.12, compress),
)
"""Share of the pictures that a step changes, in the order in which a camera does it."""
