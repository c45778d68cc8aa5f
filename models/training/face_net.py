"""The expression network: a small residual network on the crop, joined by the blendshapes."""

import torch
from torch import Tensor, nn

from rapport.experts.face.tracker import BLENDSHAPES
from rapport.state import LABELS

STEM = 16
STAGES = ((16, 48, 2), (48, 96, 2), (96, 96, 1), (96, 160, 2), (160, 160, 1))
"""Residual blocks: channels in, channels out, stride. 1.2 M parameters in all."""
SHAPE_FEATURES = 64
LEAST_DEVIATION = 2.0
"""Grey levels; a crop flatter than this is amplified no further, as it is all noise."""


class ExpressionNet(nn.Module):
    """From `crop` (N x 1 x 48 x 48, 0 ... 255), `blendshapes` (N x 52, 0 ... 1) and `known`
    (N x 1: 1 where there are blendshapes, 0 where there are none) to logits (N x 8)."""

    def __init__(self, dropout: float = 0.25) -> None:
        super().__init__()
        self.picture = nn.Sequential(
            nn.Conv2d(1, STEM, 3, padding=1, bias=False),
            nn.BatchNorm2d(STEM),
            nn.ReLU(),
            *(Residual(*stage) for stage in STAGES),
        )
        self.shapes = nn.Sequential(
            nn.Linear(len(BLENDSHAPES) + 1, SHAPE_FEATURES),
            nn.ReLU(),
            nn.Linear(SHAPE_FEATURES, SHAPE_FEATURES),
            nn.ReLU(),
        )
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(STAGES[-1][1] + SHAPE_FEATURES, len(LABELS))

    def forward(self, crop: Tensor, blendshapes: Tensor, known: Tensor) -> Tensor:
        return self.join(self.see(crop), blendshapes, known)

    def see(self, crop: Tensor) -> Tensor:
        """What is in the picture: N x 160 features."""
        # The photometric normalisation is part of the model, so that it cannot differ between
        # training and use. It makes the model blind to gain and offset of the light.
        centred = crop - crop.mean(dim=(2, 3), keepdim=True)
        deviation = (centred * centred).mean(dim=(2, 3), keepdim=True).sqrt()
        seen: Tensor = self.picture(centred / (deviation + LEAST_DEVIATION)).mean(dim=(2, 3))
        return seen

    def join(self, seen: Tensor, blendshapes: Tensor, known: Tensor) -> Tensor:
        """Picture features and blendshapes together as logits, N x 8."""
        felt = self.shapes(torch.cat([blendshapes * known, known], dim=1))
        logits: Tensor = self.head(self.drop(torch.cat([seen, felt], dim=1)))
        return logits


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside a short cut."""

    def __init__(self, channels: int, wider: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, wider, 3, stride, 1, bias=False),
            nn.BatchNorm2d(wider),
            nn.ReLU(),
            nn.Conv2d(wider, wider, 3, padding=1, bias=False),
            nn.BatchNorm2d(wider),
        )
        same = channels == wider and stride == 1
        self.short = (
            nn.Identity()
            if same
            else nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(channels, wider, 1, bias=False),
                nn.BatchNorm2d(wider),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.short(x))
