"""What a webcam does to a face: turned, shifted, dark, noisy, blurred, small, covered, compressed.

Everything works on batches of crops with margin, float32, N x 1 x 64 x 64, 0 ... 255, and draws
from torch's global generator, so that a seed repeats it.
"""

import math

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rapport.experts.face.crop import CROP_SIZE
from rapport.experts.face.tracker import BLENDSHAPES

TURN = math.radians(10.0)
GROWTH = 0.12
SHIFT = 2.5
SHEAR = 0.06
"""Standard deviations or half ranges of the jitter: radians, ln of the scale, pixels, share."""

SHAPES_DROPPED = 0.25
"""Share of samples that lose their blendshapes: the model must read the pixels alone too."""
SHAPE_NOISE = 0.04

_MIRRORED = torch.tensor(
    [
        BLENDSHAPES.index(name.replace("Left", "?").replace("Right", "Left").replace("?", "Right"))
        for name in BLENDSHAPES
    ]
)


def augment(crops: Tensor, shapes: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One random variant of each face; returns 48-pixel crops, blendshapes and known (N x 1)."""
    flip = torch.rand(len(crops)) < 0.5
    shapes = torch.where(flip[:, None], shapes[:, _MIRRORED], shapes)
    shapes = (shapes + SHAPE_NOISE * torch.randn_like(shapes)).clamp(0.0, 1.0)
    known = known * (torch.rand(len(known), 1) >= SHAPES_DROPPED)
    faces = _move(crops, flip)
    for share, change in STEPS:
        chosen = torch.rand(len(faces)) < share
        if bool(chosen.any()):
            faces[chosen] = change(faces[chosen])
    return faces.clamp(0.0, 255.0).round(), shapes, known


def centre(crops: Tensor) -> Tensor:
    """The crop without its margin, as the live path cuts it."""
    margin = (crops.shape[-1] - CROP_SIZE) // 2
    return crops[..., margin : margin + CROP_SIZE, margin : margin + CROP_SIZE]


def _spread(count: int, low: float, high: float) -> Tensor:
    return torch.empty(count, 1, 1, 1).uniform_(low, high)


def _move(crops: Tensor, flip: Tensor) -> Tensor:
    count, size = len(crops), crops.shape[-1]
    angle = torch.randn(count).clamp(-2.5, 2.5) * TURN
    reach = CROP_SIZE / size * torch.exp(torch.randn(count).clamp(-2, 2) * GROWTH)
    shear = torch.randn(count) * SHEAR
    mirror = torch.where(flip, -1.0, 1.0)
    cos, sin = torch.cos(angle) * reach, torch.sin(angle) * reach
    shift = torch.randn(count, 2) * SHIFT * 2.0 / size
    theta = torch.stack(
        [
            torch.stack([cos * mirror, -sin + shear * reach, shift[:, 0]], dim=1),
            torch.stack([sin * mirror, cos, shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(theta, [count, 1, CROP_SIZE, CROP_SIZE], align_corners=False)
    return functional.grid_sample(crops, grid, padding_mode="border", align_corners=False)


def _light(x: Tensor) -> Tensor:
    """Gamma, and light from one side."""
    gamma = torch.exp(_spread(len(x), -0.6, 0.6))
    ramp = torch.linspace(-1, 1, x.shape[-1])
    side = _spread(len(x), -0.6, 0.6) * ramp + _spread(len(x), -0.4, 0.4) * ramp[:, None]
    return (x.clamp(0.0, 255.0) / 255.0).pow(gamma) * 255.0 * torch.exp(side)


def _contrast(x: Tensor) -> Tensor:
    return (x - 128.0) * _spread(len(x), 0.4, 1.8) + 128.0 + _spread(len(x), -60.0, 60.0)


def _darken(x: Tensor) -> Tensor:
    """Little light: photon noise grows as the light falls, then the sensor's own noise, then
    rounding to whole grey levels."""
    photons = x.clamp(min=0.0) * _spread(len(x), 0.04, 0.5)
    noise = torch.randn_like(x) * (photons * 0.5).sqrt() * _spread(len(x), 0.2, 1.2)
    return (photons + noise + torch.randn_like(x) * _spread(len(x), 0.2, 2.5)).clamp(0, 255).round()


def _grain(x: Tensor) -> Tensor:
    return x + torch.randn_like(x) * _spread(len(x), 1.0, 14.0)


def _blur(x: Tensor) -> Tensor:
    sigma = float(torch.empty(1).uniform_(0.5, 1.8))
    taps = torch.arange(-4.0, 5.0)
    kernel = torch.exp(-0.5 * (taps / sigma) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    padded = functional.pad(x, (4, 4, 4, 4), mode="replicate")
    return functional.conv2d(functional.conv2d(padded, kernel), kernel.transpose(2, 3))


def _shrink(x: Tensor) -> Tensor:
    """A face that is far away: few pixels, interpolated."""
    size = int(torch.randint(18, 40, (1,)))
    small = functional.interpolate(x, size=(size, size), mode="area")
    return functional.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)


def _compress(x: Tensor) -> Tensor:
    faces = x.clamp(0.0, 255.0).byte().numpy()
    qualities = torch.randint(12, 60, (len(x),)).tolist()
    for face, quality in zip(faces, qualities, strict=True):
        _, coded = cv2.imencode(".jpg", face[0], [cv2.IMWRITE_JPEG_QUALITY, quality])
        face[0] = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return torch.from_numpy(faces.astype(np.float32))


def _cover(x: Tensor) -> Tensor:
    """A hand, hair, a microphone: a flat or noisy patch somewhere."""
    size = x.shape[-1]
    rows = torch.arange(size).view(1, 1, -1, 1)
    columns = torch.arange(size).view(1, 1, 1, -1)
    top, left = _spread(len(x), -6, size - 6), _spread(len(x), -6, size - 6)
    high, wide = _spread(len(x), 6, 22), _spread(len(x), 6, 22)
    inside = (rows >= top) & (rows < top + high) & (columns >= left) & (columns < left + wide)
    patch = _spread(len(x), 0, 255) + torch.randn_like(x) * _spread(len(x), 0, 30)
    return torch.where(inside, patch, x)


STEPS = (
    (0.5, _light),
    (0.3, _contrast),
    (0.3, _cover),
    (0.15, _shrink),
    (0.2, _blur),
    (0.2, _darken),
    (0.2, _grain),
    (0.15, _compress),
)
"""Share of the samples that a step changes, in the order in which a camera does it."""
