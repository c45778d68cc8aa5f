"""What speakers probably feel, from first readings and from how feelings last.

A hidden Markov chain a speaker: what someone feels now is what they felt at their last utterance,
or what the other felt last, or neither, each with a probability learnt from the labels of the
training part (a mixture of the three, Saul & Jordan 1999; by expectation maximisation). Each first
reading then corrects what was expected (the forward algorithm, Rabiner 1989). With the future the
same runs backwards, and both are multiplied.

It knows little, and what it knows needs few dialogues; the network begins with its belief and
learns what it gets wrong.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from models.evaluation.metrics import weighted_f1
from numpy.typing import NDArray

ROUNDS = 30
CAUTION = 2.0
"""Utterances' worth of the classes' shares in every row of the tables."""
TRUSTS = (0.7, 1.0, 1.2, 1.5, 2.0)
"""Powers of a reading that are tried; the training part decides. A cautious classifier deserves
more than its word, and lines that repeat each other less."""
BEGIN = (0.5, 0.3, 0.2)
"""Weights of own, other and neither from which learning begins."""

Shares = NDArray[np.float64]
Places = NDArray[np.int64]


class Chain(NamedTuple):
    """Whose feeling goes on: `weights` of own, other and neither; `own` and `other` [K, K] from the
    label before to the label now; `prior` [K]."""

    weights: Shares
    own: Shares
    other: Shares
    prior: Shares


class Belief(NamedTuple):
    """Probabilities [N, K]: `now` after all that may be heard, `before` what was expected of the
    utterance by those before it, `after` by those after it (none without the future)."""

    now: Shares
    before: Shares
    after: Shares | None


def beliefs(
    readings: Shares,
    speakers: Sequence[Places],
    truth: Places,
    training: NDArray[np.bool_],
    future: bool,
) -> Belief:
    """Beliefs about all utterances, in the order in which dialogues and utterances lie.

    :param readings: first readings [N, K], positive; those of the training part by classifiers that
        have not seen them.
    :param speakers: by dialogue, who speaks, counted from 0.
    :param truth: number of the label [N], below 0 where there is none; only those of the training
        part are looked at.
    """
    classes = readings.shape[1]
    taught = np.where(training, truth, -1)
    judged = taught >= 0
    found: list[Belief] = []
    scores: list[float] = []
    ways = [_links(speakers)] + ([_links(speakers, backwards=True)] if future else [])
    chains = [_chain(taught, *links[1:], classes) for links in ways]
    usual = readings[training].mean(axis=0)
    for trust in TRUSTS:
        seen = (readings / usual) ** trust
        walks = [_walk(seen, chain, *links) for chain, links in zip(chains, ways, strict=True)]
        now, before = walks[0]
        after = walks[1][1] if future else None
        if after is not None:
            now = now * after / chains[0].prior
            now /= now.sum(axis=1, keepdims=True)
        found.append(Belief(now, before, after))
        scores.append(weighted_f1(now[judged].argmax(axis=1), taught[judged]))
    return found[int(np.argmax(scores))]


def _links(speakers: Sequence[Places], backwards: bool = False) -> tuple[Places, Places, Places]:
    """The order in which to go, and for each utterance the place of the same speaker's one before
    it and that of the last one of anybody else; -1: none."""
    count = sum(map(len, speakers))
    order, own, other = (np.full(count, -1) for _ in range(3))
    at = 0
    for who in speakers:
        places = range(at, at + len(who))
        latest: dict[int, int] = {}
        recent: list[int] = []  # the speakers, the last one first
        for step, place in enumerate(reversed(places) if backwards else places):
            me = int(who[place - at])
            order[at + step] = place
            own[place] = latest.get(me, -1)
            other[place] = next((latest[one] for one in recent if one != me), -1)
            latest[me] = place
            recent = [me, *(one for one in recent if one != me)]
        at += len(who)
    return order, own, other


def _chain(truth: Places, own: Places, other: Places, classes: int) -> Chain:
    """The tables and weights under which the labels are the likeliest."""
    known = truth >= 0
    counts = np.bincount(truth[known], minlength=classes) + 1.0
    prior = np.asarray(counts / counts.sum(), np.float64)
    linked = known & (own >= 0) & (other >= 0) & (truth[own] >= 0) & (truth[other] >= 0)
    now, mine, theirs = truth[linked], truth[own[linked]], truth[other[linked]]
    weights = np.array(BEGIN)
    tables = [0.5 * np.eye(classes) + 0.5 * prior for _ in range(2)]
    for _ in range(ROUNDS if linked.any() else 0):
        shares = (
            np.stack([tables[0][mine, now], tables[1][theirs, now], prior[now]], axis=1) * weights
        )
        shares /= shares.sum(axis=1, keepdims=True)
        weights = shares.mean(axis=0)
        for k, before in enumerate((mine, theirs)):
            table = np.tile(CAUTION * prior, (classes, 1))
            np.add.at(table, (before, now), shares[:, k])
            tables[k] = table / table.sum(axis=1, keepdims=True)
    return Chain(weights, tables[0], tables[1], prior)


def _walk(
    seen: Shares, chain: Chain, order: Places, own: Places, other: Places
) -> tuple[Shares, Shares]:
    """Beliefs and expectations [N, K] along one direction."""
    belief, expected = np.empty_like(seen), np.empty_like(seen)
    by_own, by_other = chain.weights[0] * chain.own, chain.weights[1] * chain.other
    rest = chain.weights[2] * chain.prior
    for place in order:
        mine = belief[own[place]] if own[place] >= 0 else chain.prior
        theirs = belief[other[place]] if other[place] >= 0 else chain.prior
        expected[place] = mine @ by_own + theirs @ by_other + rest
        now = expected[place] * seen[place]
        belief[place] = now / now.sum()
    return belief, expected
