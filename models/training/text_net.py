"""The text network: embedded words and word pieces, one layer over five words side by side, and
three summaries of the line (what attention picks, the maxima, the mean)."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rapport.experts.dialogue.emotions import NAMES
from rapport.experts.dialogue.words import BUCKETS, PADDING, SPECIAL

WIDTH = 64
"""Numbers an embedded word."""
HIDDEN = 128
SPAN = 5
"""Words that the layer sees at once: enough for "not at all good"."""
IMPRESSIONS = 3
"""Valence, arousal, dominance."""
WORD_DROPOUT, INPUT_DROPOUT, OUTPUT_DROPOUT = 0.1, 0.4, 0.5
HIDDEN_SCORE = -1e4
"""Attention score and maximum of padding."""
INT8_MAX = 127


class TextNet(nn.Module):
    """From words [n, T] and pieces [n, T, PIECES_PER_WORD] to logits [n, 28] and impressions
    [n, 3], with 0 for padding."""

    def __init__(self, known_words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(SPECIAL + known_words, WIDTH, padding_idx=PADDING)
        self.pieces = nn.EmbeddingBag(BUCKETS, WIDTH, mode="sum", padding_idx=0)
        self.span = nn.Linear(SPAN * WIDTH, HIDDEN)
        self.attention = nn.Linear(HIDDEN, 1)
        self.emotions = nn.Linear(2 * HIDDEN + WIDTH, len(NAMES))
        self.impressions = nn.Linear(2 * HIDDEN + WIDTH, IMPRESSIONS)
        for table, spread in ((self.words, 0.1), (self.pieces, 0.05)):
            nn.init.normal_(table.weight, 0.0, spread)
            with torch.no_grad():
                table.weight[0] = 0.0

    def forward(self, words: Tensor, pieces: Tensor) -> tuple[Tensor, Tensor]:
        lines, length = words.shape
        spelled = self.pieces(pieces.reshape(lines * length, -1))
        there = (words != PADDING)[..., None]
        embedded = self.words(words) + spelled.reshape(lines, length, WIDTH)
        if self.training:
            embedded = embedded * (torch.rand(lines, length, 1) > WORD_DROPOUT)
        embedded = functional.dropout(embedded, INPUT_DROPOUT, self.training) * there
        summary = self.summary(embedded, there)
        summary = functional.dropout(summary, OUTPUT_DROPOUT, self.training)
        return self.emotions(summary), self.impressions(summary)

    def summary(self, embedded: Tensor, there: Tensor) -> Tensor:
        """[n, T, WIDTH] and whether each word is there [n, T, 1] -> [n, 2 HIDDEN + WIDTH]."""
        length = embedded.shape[1]
        reach = SPAN // 2
        wide = functional.pad(embedded, (0, 0, reach, reach))
        side_by_side = torch.cat([wide[:, at : at + length] for at in range(SPAN)], dim=2)
        hidden = functional.relu(self.span(side_by_side))
        share = self.attention(hidden).masked_fill(~there, HIDDEN_SCORE).softmax(dim=1)
        count = there.sum(dim=1).clamp(min=1)
        return torch.cat(
            [
                (share * hidden).sum(dim=1),
                (hidden * there).amax(dim=1),
                embedded.sum(dim=1) / count.sqrt(),
            ],
            dim=1,
        )


class Table(nn.Module):
    """An embedding as int8 with one scale a row."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / INT8_MAX
        self.register_buffer("values", torch.round(weight / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, rows: Tensor) -> Tensor:
        return functional.embedding(rows, self.values).float() * functional.embedding(
            rows, self.scale
        )


class Shipped(nn.Module):
    """One line, words [1, T] and pieces [1, T, PIECES_PER_WORD] without padded words, to
    probabilities [1, 28] and impressions [1, 3]; the tables are int8."""

    def __init__(self, net: TextNet) -> None:
        super().__init__()
        self.net = net.eval()
        self.words = Table(net.words.weight.detach())
        self.pieces = Table(net.pieces.weight.detach())

    def forward(self, words: Tensor, pieces: Tensor) -> tuple[Tensor, Tensor]:
        embedded = self.words(words) + self.pieces(pieces).sum(dim=2)
        summary = self.net.summary(embedded, words[..., None] != PADDING)
        return torch.sigmoid(self.net.emotions(summary)), self.net.impressions(summary)


def start_at(net: TextNet, rates: np.ndarray) -> None:
    """Start where every label is as probable as it is frequent."""
    nn.init.zeros_(net.emotions.weight)
    with torch.no_grad():
        net.emotions.bias.copy_(torch.from_numpy(np.log(rates / (1.0 - rates))))
