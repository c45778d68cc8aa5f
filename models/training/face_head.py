"""The last step of the expression model: its head meets both trackers.

MediaPipe and the compact tracker place landmarks a little differently, and the compact one answers
with fainter blendshapes. The picture part of the network is kept as it is; what weighs blendshapes
and picture features is trained on with faces as either tracker cuts them, half and half.
"""

import copy
import logging

import numpy as np
import torch
from models.evaluation.progress import progress
from models.training.face_augment import augment
from models.training.face_data import Faces
from models.training.face_net import ExpressionNet
from torch import Tensor
from torch.nn import functional

from rapport.state import LABELS

FACES = 12_000
"""Training faces are enough: what is trained are fifteen thousand weights."""
RARITY = 0.4
"""Faces are drawn with their label's frequency to the power of minus this. Less than for the whole
network: it settles how often a face in doubt is called neutral, and the validation part was read
best between 0.2 and 0.5."""
EPOCHS = 12
BATCH = 256
LEARNING_RATE = 1e-3
"""The highest one; it falls to nothing in half a cosine."""
WEIGHT_DECAY = 0.05
ADJUSTED = 0.02
"""How far each label's logit is moved against the logarithm of its frequency (Menon et al. 2021,
"Long-tail learning via logit adjustment"). Chosen on the validation part: the rare labels gain a
point of recall, and with 0.05 half a point of accuracy was lost."""

log = logging.getLogger("models.training.face")

Columns = tuple[Tensor, Tensor, Tensor, Tensor]
"""Picture features, blendshapes, whether they are known, votes; N rows each."""


def refit(
    net: ExpressionNet, faces: list[Faces], chances: list[Tensor], seed: int
) -> ExpressionNet:
    """A copy of the network whose blendshape part and head were trained on.

    :param faces: training faces as each tracker cuts them.
    :param chances: how often each of them is drawn; any sum.
    """
    torch.manual_seed(seed)
    net = copy.deepcopy(net)
    columns = [_features(net, each) for each in faces]
    trained = [*net.shapes.parameters(), *net.head.parameters()]
    optimizer = torch.optim.AdamW(trained, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    size = EPOCHS * min(map(len, chances))
    drawn = [torch.multinomial(chance, size, replacement=True).split(BATCH) for chance in chances]
    steps = [step for batches in zip(*drawn, strict=True) for step in enumerate(batches)]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(steps))
    total = 0.0
    for tracker, batch in progress(steps, "Head"):
        seen, shapes, known, votes = (column[batch] for column in columns[tracker])
        loss = functional.cross_entropy(net.join(seen, shapes, known), votes)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        optimizer.step()
        schedule.step()
        total += loss.item() / len(steps)
    log.info("head: loss %.4f over %d steps", total, len(steps))
    with torch.no_grad():
        net.head.bias -= ADJUSTED * torch.log(_frequency(faces)).to(net.head.bias)
    return net.eval()


def _frequency(faces: list[Faces]) -> Tensor:
    """Each label's share of the faces."""
    majority = np.concatenate([each.majority for each in faces])
    # A label that never comes counts as one face: a logarithm of nothing would name it always.
    counts = np.maximum(np.bincount(majority, minlength=len(LABELS)), 1)
    return torch.from_numpy(counts / len(majority))


def _features(net: ExpressionNet, faces: Faces) -> Columns:
    """One random variant of each face, through the picture part."""
    net.eval()
    crops = torch.from_numpy(faces.crops)[:, None]
    shapes = torch.from_numpy(faces.blendshapes)
    known = torch.from_numpy(faces.known.astype(np.float32))[:, None]
    parts = []
    with torch.no_grad():
        for batch in progress(torch.arange(len(crops)).split(BATCH), "Features"):
            changed = augment(crops[batch].float(), shapes[batch], known[batch])
            parts.append((net.see(changed[0]), *changed[1:]))
    columns = [torch.cat(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], torch.from_numpy(faces.votes)
