"""The two networks of the compact tracker.

Standard convolutions, and a first one that strides four pixels at once: depthwise convolutions
and layers at full resolution train several times slower on a CPU."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from rapport.experts.face.tracker import BLENDSHAPES

POINTS = 478

LEAST_DEVIATION = 4.0
"""Grey levels; a picture flatter than this is amplified no further, as it is all noise."""


class Convolution(nn.Sequential):
    """3 x 3 convolution, normalised, rectified."""

    def __init__(self, before: int, after: int, stride: int = 1, size: int = 3) -> None:
        super().__init__(
            nn.Conv2d(before, after, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside a short cut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Convolution(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.norm(self.second(self.first(x)))
        return changed.add_(x).relu_()


def standardised(picture: Tensor) -> Tensor:
    """Without the gain and the offset of the light. Part of the model, so that it cannot differ
    between training and use."""
    centred = picture - picture.mean(dim=(2, 3), keepdim=True)
    deviation = (centred * centred).mean(dim=(2, 3), keepdim=True).sqrt()
    return centred / (deviation + LEAST_DEVIATION)


class DetectorNet(nn.Module):
    """From `picture` (N x 1 x H x W, 0 ... 255, H and W multiples of 32) to `cells`
    (N x 6 x H/8 x W/8): logit of a face's centre; offset of the centre from the middle of the
    cell, x and y, in cells; natural logarithm of the side of the face's square in cells; cosine
    and sine of the turn of its eye line (not normalised). CenterNet (Zhou et al. 2019) on one
    level of a feature pyramid."""

    OUTPUTS = 6

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            Convolution(1, 24, 4, 9), Residual(24), Convolution(24, 48, 2), Residual(48)
        )
        self.middle = nn.Sequential(Convolution(48, 64, 2), Residual(64))
        self.coarse = nn.Sequential(Convolution(64, 96, 2), Residual(96), Residual(96))
        self.coarse_to_middle = nn.Conv2d(96, 64, 1)
        self.middle_to_fine = nn.Conv2d(64, 48, 1)
        self.merge = Convolution(48, 48)
        self.head = nn.Conv2d(48, self.OUTPUTS, 1)
        # A face in one of a hundred cells: the first steps do not have to find that out.
        nn.init.constant_(self.head.bias, 0.0)
        with torch.no_grad():
            self.head.bias[0] = -4.6

    def forward(self, picture: Tensor) -> Tensor:
        fine = self.fine(standardised(picture))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = functional.relu(middle + _doubled(self.coarse_to_middle(coarse)))
        fine = functional.relu(fine + _doubled(self.middle_to_fine(middle)))
        cells: Tensor = self.head(self.merge(fine))
        return cells


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


class MeshNet(nn.Module):
    """From `crop` (N x 1 x 96 x 96, 0 ... 255) to landmarks (N x 478 x 3, pixels of the crop),
    blendshapes (N x 52, 0 ... 1), state (N x 2: logits of a face being there and of the share of
    it that is covered) and rotation (N x 6: the first two columns of the head's rotation matrix,
    not normalised).

    `mean` (1434) and `basis` (K x 1434) are the mean and the principal components of landmarks,
    times their standard deviation, so that the last layer begins with what faces look like."""

    FEATURES, MOVES = 256, 160

    def __init__(self, mean: Tensor, basis: Tensor) -> None:
        super().__init__()
        self.picture = nn.Sequential(
            Convolution(1, 32, 4, 9), Residual(32),
            Convolution(32, 64, 2), Residual(64), Residual(64),
            Convolution(64, 128, 2), Residual(128), Residual(128),
            Convolution(128, 128, 2),
        )  # fmt: skip
        self.join = nn.Sequential(
            nn.Flatten(), nn.Linear(128 * 9, self.FEATURES, bias=False),
            nn.BatchNorm1d(self.FEATURES), nn.ReLU(),
        )  # fmt: skip
        self.shape = nn.Linear(self.FEATURES, len(basis))
        self.points = nn.Linear(len(basis), len(mean))
        self.blendshapes = nn.Sequential(
            nn.Linear(self.FEATURES + len(basis), self.MOVES), nn.ReLU(),
            nn.Linear(self.MOVES, len(BLENDSHAPES)),
        )  # fmt: skip
        self.state = nn.Linear(self.FEATURES, 2)
        self.rotation = nn.Linear(self.FEATURES, 6)
        with torch.no_grad():
            self.points.weight.copy_(basis.T)
            self.points.bias.copy_(mean)
            self.blendshapes[-1].bias.fill_(-2.0)

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        features = self.join(self.picture(standardised(crop)))
        shape = self.shape(features)
        points = self.points(shape).view(-1, POINTS, 3)
        blendshapes = torch.sigmoid(self.blendshapes(torch.cat([features, shape], dim=1)))
        return points, blendshapes, self.state(features), self.rotation(features)
