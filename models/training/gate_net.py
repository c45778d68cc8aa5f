"""The gate as a function to be fitted, and the other gates that it was compared with.

Plain, it computes what `rapport.fusion` computes: trust rises with the quality score in a straight
line; then the pool. Each field of `Design` changes one thing.
"""

from typing import Literal, NamedTuple

import torch
from models.training.gate_data import WIDTH, Groups
from torch import Tensor, nn
from torch.nn import functional

EXPERTS, LABELS = 3, 8
HIDDEN = 8
LOWEST_SCORE = 1e-3
"""Keeps logarithms finite."""
AROUSED = (1, 2, 4, 5, 6)
"""Happiness, surprise, anger, disgust and fear; neutral, sadness and contempt are calm."""
WORST = -1.5
"""Logarithm of the trust in the worst signal, to start with."""
PULL = 1e-3
"""How strongly the values are pulled towards those set by hand."""


class Design(NamedTuple):
    """What a gate looks at, and how."""

    trust: Literal["total", "measures", "network"] = "total"
    """From the total quality score, from each measure besides, or from all of them through a small
    network with weights that are not negative."""
    content: bool = False
    """Trust also depends on how sure the expert is and how far the others agree with it."""
    arousal: bool = False
    """One mixture says how aroused, with weights of its own; another one which emotion within."""
    top: int = EXPERTS
    """How many experts are listened to at a time."""
    dependent: bool = False
    """Trust shrinks with the trust in the others, as for experts that err together."""
    rates: bool = True
    """Divide the base rates out."""


class GateNet(nn.Module):
    """Groups in, logarithms of probabilities out (N x 8).

    Trust and exponents are kept as their logarithms. All values start where they were set by hand,
    but for the trust in the worst signal, which is zero there.
    """

    def __init__(self, design: Design, base_rates: Tensor, prior: Tensor, lapse: float) -> None:
        super().__init__()
        self.design, self.lapse = design, lapse
        equal = torch.full_like(base_rates, 1.0 / LABELS)
        self.rates = base_rates if design.rates else equal
        self.prior = prior if design.rates else equal[0]
        self.worst = nn.Parameter(torch.full((EXPERTS,), WORST))
        self.rise = nn.Parameter(torch.zeros(EXPERTS))
        self.measures = nn.Parameter(torch.full((EXPERTS, WIDTH - 1), -3.0))
        self.inner = nn.Parameter(torch.randn(EXPERTS, WIDTH, HIDDEN) * 0.1 - 1.0)
        self.offset = nn.Parameter(torch.zeros(EXPERTS, HIDDEN))
        self.outer = nn.Parameter(torch.randn(EXPERTS, HIDDEN) * 0.1 - 1.0)
        self.sure = nn.Parameter(torch.zeros(EXPERTS))
        self.agree = nn.Parameter(torch.zeros(EXPERTS))
        self.calm = nn.Parameter(torch.zeros(EXPERTS))
        self.shared = nn.Parameter(torch.zeros(()))

    def forward(self, said: Tensor, there: Tensor, scores: Tensor) -> Tensor:
        trust = self.trust(said, there, scores)
        mixed = torch.log_softmax(self._pool(said, trust), dim=1)
        if not self.design.arousal:
            return mixed
        within = self._pool(said, trust * self.calm.exp())
        aroused = torch.zeros(LABELS, dtype=torch.bool)
        aroused[list(AROUSED)] = True
        result = torch.empty_like(mixed)
        for side in (aroused, ~aroused):
            share = mixed[:, side].logsumexp(dim=1, keepdim=True)
            result[:, side] = torch.log_softmax(within[:, side], dim=1) + share
        return result

    def trust(self, said: Tensor, there: Tensor, scores: Tensor) -> Tensor:
        """N x 3; zero where an expert is not there."""
        logarithm = scores.clamp(min=LOWEST_SCORE).log()
        if self.design.trust == "network":
            hidden = torch.tanh(
                torch.einsum("nmk,mkh->nmh", logarithm, self.inner.exp()) + self.offset
            )
            trust = functional.softplus((hidden * self.outer.exp()).sum(dim=2) + self.rise)
        else:
            trust = self.worst.exp() + self.rise.exp() * scores[..., 0]
            if self.design.trust == "measures":
                trust = trust * (self.measures.exp() * logarithm[..., 1:]).sum(dim=2).exp()
        if self.design.content:
            entropy = -(said * said.clamp(min=1e-6).log()).sum(dim=2)
            heard = said * there[..., None]
            others = heard.sum(dim=1, keepdim=True) - heard
            others = others / others.sum(dim=2, keepdim=True).clamp(min=1e-6)
            trust = (
                trust * (self.sure * (1.0 - entropy) + self.agree * (said * others).sum(2)).exp()
            )
        trust = trust * there
        if self.design.top < EXPERTS:
            kept = trust.topk(self.design.top, dim=1).indices
            trust = trust * torch.zeros_like(trust).scatter(1, kept, 1.0)
        if self.design.dependent:
            others_trust = trust.sum(dim=1, keepdim=True) - trust
            trust = trust * (-self.shared * torch.log1p(others_trust)).exp()
        return trust

    def _pool(self, said: Tensor, trust: Tensor) -> Tensor:
        softened = torch.log((1.0 - self.lapse) * said + self.lapse / LABELS)
        usual = torch.log((1.0 - self.lapse) * self.rates + self.lapse / LABELS)
        return self.prior.log() + (trust[..., None] * (softened - usual)).sum(dim=1)

    def pull(self) -> Tensor:
        """How far the values are from those set by hand."""
        values = (self.rise, self.measures + 3.0, self.sure, self.agree, self.calm)
        weights = (self.inner + 1.0, self.outer + 1.0, self.offset)
        far = sum((value**2).sum() for value in (*values, self.shared))
        return torch.as_tensor(far + 0.1 * sum((weight**2).sum() for weight in weights))


def tensors(groups: Groups) -> tuple[Tensor, Tensor, Tensor]:
    """What the gate takes."""
    return (
        torch.from_numpy(groups.distributions).float(),
        torch.from_numpy(groups.there).float(),
        torch.from_numpy(groups.scores).float().clamp(0.0, 1.0),
    )


def fit(net: GateNet, groups: Groups, steps: int = 60) -> GateNet:
    """Minimise the mean negative log-likelihood of the labels (L-BFGS)."""
    inputs, labels = tensors(groups), torch.from_numpy(groups.labels)
    optimizer = torch.optim.LBFGS(
        net.parameters(), lr=0.5, max_iter=steps, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = functional.nll_loss(net(*inputs), labels) + PULL * net.pull()
        found.backward()
        return found

    optimizer.step(loss)
    return net
