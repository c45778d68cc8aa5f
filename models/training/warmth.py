"""The head for warmth: a small network that tells glad speech from all other speech."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from models.training.manifest import About, ship
from models.training.warmth_data import Heard
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rapport.experts.voice import warmth
from rapport.state import LABELS

GLAD = LABELS.index("happiness")
HIDDEN = 96
LOST_INPUTS, LOST_HIDDEN = 0.2, 0.6
"""Dropout, of the descriptions and of what comes of them."""
MEMBERS = 4
"""Networks whose log-odds are averaged."""
EPOCHS, BATCH, RATE, DECAY = 50, 128, 2e-3, 3e-2
BLUR = 0.1
"""Standard deviation of the noise added to descriptions, which have one of one."""
SMOOTHING = 0.1
PREFIXES = (0.5, 0.75)
"""Shares of a clip that are learned from too: readings come while somebody speaks."""
BOUND = 4.0
"""Standard deviations beyond which a description is cut off."""


class Member(nn.Module):
    """Descriptions -> logits of the eight labels, and the log-odds of gladness (the last)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(LOST_INPUTS),
            nn.Linear(width, HIDDEN),
            nn.ReLU(),
            nn.Dropout(LOST_HIDDEN),
            nn.Linear(HIDDEN, len(LABELS) + 1),
        )

    def forward(self, described: Tensor) -> Tensor:
        return self.layers(described)


class WarmthNet(nn.Module):
    """Descriptions (batch x n) -> log-odds of gladness (batch): of the members, both ways of
    asking them averaged, less the average of all clips."""

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.register_buffer("usual", torch.zeros(()))
        self.members = nn.ModuleList([Member(len(mean)) for _ in range(MEMBERS)])

    def scaled(self, described: Tensor) -> Tensor:
        return torch.clamp((described - self.mean) / self.deviation, -BOUND, BOUND)

    def forward(self, described: Tensor) -> Tensor:
        rows = self.scaled(described)
        total = torch.stack([member(rows) for member in self.members]).mean(dim=0)
        chosen = torch.log_softmax(total[:, :-1], dim=1)[:, GLAD]
        others = torch.log(torch.clamp(1.0 - torch.exp(chosen), min=1e-4))
        return (total[:, -1] + torch.clamp(chosen, min=-7.0) - others) / 2.0 - self.usual


def rows_of(heard: Sequence[Heard]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Descriptions of the clips and of their beginnings, and their labels."""
    rows, labels = [], []
    for each in heard:
        for share in (*PREFIXES, 1.0):
            window = each.window[: round(share * len(each.window))]
            if len(window) >= warmth.LEAST_FRAMES:
                rows.append(warmth.describe(window, each.prosody))
                labels.append(each.label)
    return np.array(rows, np.float32), np.array(labels)


def fit(rows: NDArray[np.float32], labels: NDArray[np.int64], seed: int) -> WarmthNet:
    """Learn from descriptions."""
    torch.manual_seed(seed)
    x, truth = torch.from_numpy(rows), torch.from_numpy(labels)
    net = WarmthNet(x.mean(dim=0), x.std(dim=0) + 1e-3)
    scaled, glad = net.scaled(x), (truth == GLAD).float()
    balance = (1.0 - glad.mean()) / glad.mean().clamp(min=1e-3)
    for member in net.members:
        steps = torch.optim.AdamW(member.parameters(), RATE, weight_decay=DECAY)
        course = torch.optim.lr_scheduler.CosineAnnealingLR(steps, EPOCHS)
        member.train()
        for _ in range(EPOCHS):
            for places in torch.randperm(len(x)).split(BATCH):
                batch = scaled[places]
                answers = member(batch + BLUR * torch.randn_like(batch))
                loss = functional.binary_cross_entropy_with_logits(
                    answers[:, -1], glad[places], pos_weight=balance
                ) + functional.cross_entropy(
                    answers[:, :-1], truth[places], label_smoothing=SMOOTHING
                )
                steps.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                steps.step()
            course.step()
    net.eval()
    with torch.no_grad():
        net.usual += net(x).mean()
    return net


def export(net: WarmthNet, out: Path, version: str) -> None:
    """Write the head and its entry in the manifest of that folder."""
    import io

    import onnx

    content = io.BytesIO()
    torch.onnx.export(
        net.eval(),
        (torch.zeros(1, len(net.mean)),),
        content,
        input_names=["described"],
        output_names=["warmth"],
        opset_version=17,
        dynamo=False,
    )
    ship(onnx.load_from_string(content.getvalue()), out, about(version, len(net.mean)), {})


def about(version: str, width: int) -> About:
    return About(
        id=warmth.MODEL,
        version=version,
        task="how glad a voice sounds, whatever it says",
        licence="CC BY-NC-SA 4.0",
        commercial_use="no",
        commercial_use_reason="Trained on RAVDESS and nEMO, which are CC BY-NC-SA 4.0.",
        data="RAVDESS 01-14 (Livingstone & Russo 2018), nEMO but KD0 and TP0 (2024); noises"
        " CC0, Pixabay, CC BY, MIT",
        inputs=f"described float32 [1, {width}] a stretch of speech"
        " (rapport.experts.voice.warmth.describe)",
        outputs="warmth float32 [1] log-odds that it sounds glad",
        card="cards/incongruence.md",
    )
