"""The network that ships: one utterance in, an answer and new memories out.

It is the small brother of `context_net`, for what the sidecar knows: the readings of the shipped
experts, of which voice and face are often missing, and at times all. Each expert that is there adds
its reading, weighed by a gate of its own, so that experts that agree make the answer surer.

In training every utterance is answered in three *views*: with everything, with its words alone
(what the sidecar publishes), and with nothing (what is expected). What is remembered has
everything.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from models.training.context_data import MEANS, NOT_JUDGED, Seen, Talk
from torch import Tensor, nn
from torch.nn import functional

from rapport.conversation.context import EXPERTS, TIMING, WIDTHS

WIDTH = 56
"""Of the memories; the network has 52,500 weights."""
DROPOUT = 0.3
NEVER = -1e4
"""Logit of a label that a corpus does not have."""
VIEWS: Mapping[str, tuple[str, ...]] = {"everything": EXPERTS, "words": EXPERTS[:1], "nothing": ()}
"""View -> the experts that answer in it."""
KNOWN_TIMING = {"everything": (1.0, 1.0, 1.0), "words": (1.0, 1.0, 1.0), "nothing": (1.0, 1.0, 0.0)}
"""Which numbers of the timing are known: nobody knows how long an utterance will be."""


class Batch(NamedTuple):
    """Dialogues side by side, padded at the end to T utterances.

    `rows` by expert, float32 [B, T, n]; `there` float32 [B, T, experts], 1 or 0; `timing` float32
    [B, T, TIMING]; `speaker` int64 [B, T], counted from 0 within a dialogue; `said` bool [B, T],
    false for padding; `corpus` int64 [B].
    """

    rows: Mapping[str, Tensor]
    there: Tensor
    timing: Tensor
    speaker: Tensor
    said: Tensor
    corpus: Tensor


class StepNet(nn.Module):
    """From a `Batch` to logits [views, B, T, classes]."""

    lacks: Tensor
    usual: Tensor
    spread: Tensor

    def __init__(self, lacks: Tensor, width: int = WIDTH, dropout: float = DROPOUT) -> None:
        """
        :param lacks: bool [corpora, classes], labels that a corpus does not have. Each corpus has
            base rates of its own; those of the first one are what ships.
        """
        super().__init__()
        self.register_buffer("lacks", lacks)
        self.width = width
        size = WIDTHS["emotions"]
        self.register_buffer("usual", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.experts = nn.ModuleDict({name: _expert(WIDTHS[name], width) for name in EXPERTS})
        self.gates = nn.ModuleDict({name: nn.Linear(WIDTHS[name], 1) for name in EXPERTS})
        self.timing = nn.Linear(TIMING, width)
        self.own = nn.GRUCell(2 * width, width)
        self.others = nn.GRUCell(width, width)
        self.drop = nn.Dropout(dropout)
        self.answer = nn.Linear(3 * width, lacks.shape[1])
        self.rates = nn.Parameter(torch.zeros(len(lacks) - 1, lacks.shape[1]))

    def forward(self, batch: Batch) -> Tensor:
        heard = torch.stack([self.heard(*_seen(batch, view)) for view in VIEWS])
        views, count, length, width = heard.shape
        speakers = int(batch.speaker.max()) + 1
        own = heard.new_zeros(count, speakers, width)
        others = heard.new_zeros(count, speakers, width)
        row = torch.arange(count)
        told = []
        for t in range(length):
            who, going_on = batch.speaker[:, t], batch.said[:, t, None, None]
            mine = functional.one_hot(who, speakers).bool()[:, :, None]
            before = others[row, who].repeat(views, 1)
            moment = heard[:, :, t].reshape(views * count, width)
            now = self.own(torch.cat([moment, before], 1), own[row, who].repeat(views, 1))
            told.append(torch.cat([moment, now, before], 1).view(views, count, -1))
            own = torch.where(mine & going_on, now[:count, None], own)
            spread = heard[0, :, t, None].expand(-1, speakers, -1).reshape(-1, width)
            overheard = self.others(spread, others.reshape(-1, width))
            others = torch.where(~mine & going_on, overheard.view_as(others), others)
        logits: Tensor = self.answer(self.drop(torch.stack(told, 2)))
        rates = functional.pad(self.rates, (0, 0, 1, 0)).masked_fill(self.lacks, NEVER)
        return logits + rates[batch.corpus][:, None]

    def heard(self, rows: Mapping[str, Tensor], there: Tensor, timing: Tensor) -> Tensor:
        """What is there of an utterance, as one vector [..., width]."""
        moment: Tensor = self.timing(timing)
        for place, name in enumerate(EXPERTS):
            row = rows[name]
            if name == "emotions":
                row = (row - self.usual) / self.spread
            weight = torch.sigmoid(self.gates[name](row)) * there[..., place, None]
            moment = moment + self.drop(self.experts[name](row)) * weight
        return moment


class Shipped(nn.Module):
    """One step, as it is exported: the speaker stands in the first row of `others`."""

    def __init__(self, net: StepNet) -> None:
        super().__init__()
        self.net = net

    def forward(
        self,
        emotions: Tensor,
        voice: Tensor,
        face: Tensor,
        there: Tensor,
        timing: Tensor,
        own: Tensor,
        others: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """-> logits [1, classes], own [1, width], others [rows, width]."""
        rows = dict(zip(EXPERTS, (emotions, voice, face), strict=True))
        moment, before = self.net.heard(rows, there, timing), others[:1]
        now = self.net.own(torch.cat([moment, before], 1), own)
        logits = self.net.answer(torch.cat([moment, now, before], 1))
        return logits, now, self.net.others(moment.expand(others.shape[0], -1), others)


def batch_of(pairs: Sequence[tuple[Talk, Seen]]) -> tuple[Batch, Tensor]:
    """Dialogues as the network takes them, and their labels int64 [B, T]."""
    shape = len(pairs), max(len(talk.truth) for talk, _ in pairs)
    rows = {name: np.zeros((*shape, WIDTHS[name]), np.float32) for name in EXPERTS}
    there = np.zeros((*shape, len(EXPERTS)), np.float32)
    timing = np.zeros((*shape, TIMING), np.float32)
    speaker, truth = np.zeros(shape, np.int64), np.full(shape, NOT_JUDGED, np.int64)
    said = np.zeros(shape, np.bool_)
    for line, (talk, seen) in enumerate(pairs):
        length = len(talk.truth)
        given = {"emotions": (talk.emotions, talk.readable)}
        given |= {name: (seen.rows[name], seen.there[name]) for name in seen.rows}
        for place, name in enumerate(EXPERTS):
            if name in given:
                rows[name][line, :length], there[line, :length, place] = given[name]
        timing[line, :length], speaker[line, :length] = talk.timing, talk.speaker
        truth[line, :length], said[line, :length] = talk.truth, True
    corpora = np.array([list(MEANS).index(talk.corpus) for talk, _ in pairs])
    arrays = (torch.from_numpy(values) for values in (there, timing, speaker, said, corpora))
    tensors = {name: torch.from_numpy(values) for name, values in rows.items()}
    return Batch(tensors, *arrays), torch.from_numpy(truth)


def _expert(size: int, width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(size, width), nn.LayerNorm(width), nn.ReLU())


def _seen(batch: Batch, view: str) -> tuple[Mapping[str, Tensor], Tensor, Tensor]:
    mask = torch.tensor([float(name in VIEWS[view]) for name in EXPERTS])
    return batch.rows, batch.there * mask, batch.timing * torch.tensor(KNOWN_TIMING[view])
