"""The voice network: convolutions over the normalised log-mel picture, then over time, then
attentive statistics pooling (Okabe et al. 2018) over however much speech there is."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from rapport.experts.voice.front_end import BANDS

LEARNED = 7
"""Labels that the corpora teach: all but contempt, the last one."""
UNTAUGHT = 0.02
"""Probability given to contempt, always: the corpora say nothing about it, and an exact zero would
forbid it to whoever multiplies distributions."""
WIDTH = 128


class Picture(nn.Module):
    """3 x 3 convolution that halves the bands and, with `stride` 2, the frames."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, after, 3, (stride, 2), 1, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, value: Tensor) -> Tensor:
        return functional.relu(self.norm(self.convolution(value)))


class Context(nn.Module):
    """Residual convolution over time, wider with each `dilation`."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(
            width, width, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.norm = nn.BatchNorm1d(width)
        self.dropout = nn.Dropout(0.2)

    def forward(self, value: Tensor) -> Tensor:
        return value + self.dropout(functional.relu(self.norm(self.convolution(value))))


class VoiceNet(nn.Module):
    """Windows (batch x frames x `front_end.COLUMNS`) -> logits of the answers.

    :param answers: how many there are.
    :param channels: of the three layers that see the picture.
    :param width: of the layers that see time.
    """

    def __init__(
        self,
        answers: int = LEARNED,
        channels: tuple[int, int, int] = (24, 40, 64),
        width: int = WIDTH,
    ) -> None:
        super().__init__()
        first, second, third = channels
        self.picture = nn.ModuleList(
            [Picture(2, first, 2), Picture(first, second, 2), Picture(second, third, 1)]
        )
        self.tone = nn.Sequential(nn.Conv1d(3, 24, 7, 4, 3, bias=False), nn.BatchNorm1d(24))
        self.merge = nn.Conv1d(third * BANDS // 8 + 24, width, 1)
        self.context = nn.ModuleList([Context(width, dilation) for dilation in (1, 2, 4)])
        self.attention = nn.Sequential(nn.Conv1d(width, 32, 1), nn.Tanh(), nn.Conv1d(32, width, 1))
        self.dropout = nn.Dropout(0.4)
        self.head = nn.Linear(2 * width, answers)

    def forward(self, windows: Tensor, frames: Tensor | None = None) -> Tensor:
        """:param frames: how many rows of each window are real (batch); None: all."""
        picture = torch.stack(
            [windows[:, :, :BANDS], 2.0 * windows[:, :, BANDS : 2 * BANDS] - 1.0], dim=1
        )
        real = None if frames is None else self._real(frames, windows.shape[1])
        for layer, stride in zip(self.picture, (2, 2, 1), strict=True):
            picture = layer(picture)
            if real is not None:
                # Padding stays zero, as beyond the ends of a window that stands alone.
                real = real[:, ::stride].to(picture.dtype)
                picture = picture * real[:, None, :, None]
        tone = functional.relu(self.tone(windows[:, :, 2 * BANDS :].transpose(1, 2)))
        flat = picture.permute(0, 1, 3, 2).flatten(1, 2)
        value = functional.relu(self.merge(torch.cat([flat, tone], dim=1)))
        for layer in self.context:
            if real is not None:
                value = value * real[:, None]
            value = layer(value)
        scores = self.attention(value)
        if real is not None:
            scores = scores.masked_fill(real[:, None] == 0.0, -1e4)
        weights = torch.softmax(scores, dim=2)
        mean = (weights * value).sum(dim=2)
        variance = (weights * value * value).sum(dim=2) - mean * mean
        deviation = torch.sqrt(torch.clamp(variance, min=1e-4))
        return self.head(self.dropout(torch.cat([mean, deviation], dim=1)))

    @staticmethod
    def _real(frames: Tensor, length: int) -> Tensor:
        return (torch.arange(length)[None] < frames[:, None]).float()


class Shipped(nn.Module):
    """What is exported: calibrated probabilities of all eight labels."""

    def __init__(self, net: VoiceNet, temperature: float) -> None:
        super().__init__()
        self.net = net
        self.temperature = temperature

    def forward(self, windows: Tensor) -> Tensor:
        learned = torch.softmax(self.net(windows) / self.temperature, dim=1)
        untaught = torch.full_like(learned[:, :1], UNTAUGHT)
        return torch.cat([learned * (1.0 - UNTAUGHT), untaught], dim=1)
