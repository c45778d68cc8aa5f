"""The context network: what an utterance means after those before it.

Each utterance has one vector of features a modality (an *expert* each). A gate weighs the experts
that are there; two small recurrent memories a speaker, one of what this speaker said and one of
what the others said, carry the conversation. Where a belief is given (`context_belief`), the
network says what that should be corrected by.

After the idea of party states of DialogueRNN (Majumder et al. 2019), with gated recurrent units
(Cho et al. 2014); causal unless `future` is set, which adds the same memories run backwards.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 32
DROPOUT = 0.4
TIMING = 3
"""Numbers about time and turn, see `context_features.timing`."""
ABSENT = -1e4
"""Gate score of an expert that is not there."""


class Batch(NamedTuple):
    """Dialogues side by side, padded at the end to T utterances.

    `features`: by expert, float32 [B, T, n]; `there`: by expert, bool [B, T]; `timing` float32
    [B, T, TIMING]; `speaker` int64 [B, T], counted from 0 within a dialogue; `said` bool [B, T],
    false for padding. `belief`: log probabilities [B, T, classes] to begin from, or none.
    """

    features: Mapping[str, Tensor]
    there: Mapping[str, Tensor]
    timing: Tensor
    speaker: Tensor
    said: Tensor
    belief: Tensor | None = None


class Memory(nn.Module):
    """What a speaker said, and what the others said, up to each utterance."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.own = nn.GRU(2 * width, width, batch_first=True)
        self.others = nn.GRU(width, width, batch_first=True)

    def forward(self, heard: Tensor, speaker: Tensor, said: Tensor) -> Tensor:
        """Utterances [B, T, width], speakers and padding [B, T] -> [B, T, 2 width]: the memory of
        the own lines, this one among them, and that of the others' lines before it."""
        mine = functional.one_hot(speaker, int(speaker.max()) + 1).bool().transpose(1, 2)
        mine = mine & said[:, None]
        before = _remembered(self.others, heard, speaker, said[:, None] & ~mine)
        now = _remembered(self.own, torch.cat([heard, before], 2), speaker, mine)
        return torch.cat([now, before], 2)


def _remembered(unit: nn.GRU, heard: Tensor, speaker: Tensor, taken: Tensor) -> Tensor:
    """Run a unit for each speaker over the utterances that are `taken` [B, speakers, T], and tell
    at each utterance the state of its speaker's [B, T, width].

    What is not taken is squeezed out first: one call of the unit for all, and no step too many."""
    count, speakers, _ = taken.shape
    most = int(taken.sum(-1).max())
    order = (~taken).long().argsort(dim=-1, stable=True)[..., :most]
    each = heard[:, None].expand(-1, speakers, -1, -1)
    squeezed = each.gather(2, order[..., None].expand(-1, -1, -1, heard.shape[2]))
    start = heard.new_zeros(count, speakers, 1, unit.hidden_size)
    states = start
    if most:
        told, _ = unit(squeezed.flatten(0, 1))
        states = torch.cat([start, told.unflatten(0, (count, speakers))], 2)
    row = torch.arange(count)[:, None]
    steps = taken.long().cumsum(-1).transpose(1, 2).gather(2, speaker[..., None])[..., 0]
    return states[row, speaker, steps]


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
        for weight in self.answer.parameters():
            nn.init.zeros_(weight)  # so that training begins at the belief that it is given
        self.trust = nn.Parameter(torch.ones(()))

    def forward(self, batch: Batch) -> Tensor:
        heard = self.weighed(batch) + self.timing(batch.timing)
        parts = [heard, self.memory(heard, batch.speaker, batch.said)]
        if self.ahead is not None:
            back = _backwards(batch.said)
            ahead = self.ahead(_taken(heard, back), batch.speaker.gather(1, back), batch.said)
            parts.append(_taken(ahead, back))
        logits: Tensor = self.answer(torch.cat(parts, 2))
        return logits if batch.belief is None else logits + self.trust * batch.belief

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
