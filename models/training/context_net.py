"""The context network: what an utterance means after those before it.

Each utterance has one vector of features a modality (an *expert* each). A gate weighs the experts
that are there; two small recurrent memories a speaker, one of what this speaker said and one of
what the others said, carry the conversation.

After the idea of party states of DialogueRNN (Majumder et al. 2019), with gated recurrent units
(Cho et al. 2014); causal unless `future` is set, which adds the same memories run backwards.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 64
DROPOUT = 0.4
TIMING = 3
"""Numbers about time and turn, see `context_features.timing`."""
ABSENT = -1e4
"""Gate score of an expert that is not there."""


class Batch(NamedTuple):
    """Dialogues side by side, padded at the end to T utterances.

    `features`: by expert, float32 [B, T, n]; `there`: by expert, bool [B, T]; `timing` float32
    [B, T, TIMING]; `speaker` int64 [B, T], counted from 0 within a dialogue; `said` bool [B, T],
    false for padding.
    """

    features: Mapping[str, Tensor]
    there: Mapping[str, Tensor]
    timing: Tensor
    speaker: Tensor
    said: Tensor


class Memory(nn.Module):
    """What a speaker said, and what the others said, up to each utterance."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.own = nn.GRUCell(2 * width, width)
        self.others = nn.GRUCell(width, width)

    def forward(self, heard: Tensor, speaker: Tensor, said: Tensor) -> Tensor:
        """Utterances [B, T, width], speakers and padding [B, T] -> [B, T, 2 width]: the memory of
        the own lines, this one among them, and that of the others' lines before it."""
        count, length, width = heard.shape
        speakers = int(speaker.max()) + 1
        own = heard.new_zeros(count, speakers, width)
        others = heard.new_zeros(count, speakers, width)
        row = torch.arange(count)
        told = []
        for t in range(length):
            who = speaker[:, t]
            mine = functional.one_hot(who, speakers).bool()[:, :, None]
            going_on = said[:, t, None, None]
            before = others[row, who]
            now = self.own(torch.cat([heard[:, t], before], 1), own[row, who])
            told.append(torch.cat([now, before], 1))
            own = torch.where(mine & going_on, now[:, None], own)
            spread = heard[:, t, None].expand(-1, speakers, -1).reshape(count * speakers, width)
            overheard = self.others(spread, others.reshape(count * speakers, width))
            others = torch.where(~mine & going_on, overheard.view_as(others), others)
        return torch.stack(told, 1)


class ContextNet(nn.Module):
    """From a `Batch` to logits [B, T, classes]."""

    def __init__(
        self,
        sizes: Mapping[str, int],
        classes: int,
        width: int = WIDTH,
        dropout: float = DROPOUT,
        future: bool = False,
    ) -> None:
        """
        :param sizes: numbers of features, by expert.
        :param future: whether later utterances are heard too; never in the sidecar.
        """
        super().__init__()
        self.experts = nn.ModuleDict(
            {name: _expert(size, width, dropout) for name, size in sizes.items()}
        )
        self.gates = nn.ModuleDict({name: nn.Linear(size, 1) for name, size in sizes.items()})
        self.timing = nn.Linear(TIMING, width)
        self.memory = Memory(width)
        self.ahead = Memory(width) if future else None
        self.answer = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(width * (5 if future else 3), classes)
        )

    def forward(self, batch: Batch) -> Tensor:
        heard = self.weighed(batch) + self.timing(batch.timing)
        parts = [heard, self.memory(heard, batch.speaker, batch.said)]
        if self.ahead is not None:
            back = _backwards(batch.said)
            ahead = self.ahead(_taken(heard, back), batch.speaker.gather(1, back), batch.said)
            parts.append(_taken(ahead, back))
        logits: Tensor = self.answer(torch.cat(parts, 2))
        return logits

    def weighed(self, batch: Batch) -> Tensor:
        """The experts' readings [B, T, width], weighed by the gate; zero where there is none."""
        scores = torch.stack(
            [
                gate(batch.features[name])[..., 0].masked_fill(~batch.there[name], ABSENT)
                for name, gate in self.gates.items()
            ],
            -1,
        )
        readings = torch.stack(
            [
                expert(batch.features[name]) * batch.there[name][..., None]
                for name, expert in self.experts.items()
            ],
            -1,
        )
        mixed: Tensor = (readings * scores.softmax(-1)[..., None, :]).sum(-1)
        return mixed


def _expert(size: int, width: int, dropout: float) -> nn.Module:
    return nn.Sequential(
        nn.Dropout(dropout), nn.Linear(size, width), nn.LayerNorm(width), nn.ReLU(),
        nn.Dropout(dropout),
    )  # fmt: skip


def _backwards(said: Tensor) -> Tensor:
    """The places of the utterances from the last to the first, padding left where it is [B, T]."""
    length = said.shape[1]
    places = torch.arange(length).expand_as(said)
    counts = said.sum(1, keepdim=True)
    return torch.where(said, counts - 1 - places, places)


def _taken(values: Tensor, places: Tensor) -> Tensor:
    return values.gather(1, places[:, :, None].expand_as(values))
