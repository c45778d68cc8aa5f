"""Trains context networks on dialogues, and lets them answer.

The epoch is chosen on the dev part, by weighted F1; so is the temperature that makes the answers
calibrated. Averaged weights answer (Polyak & Juditsky 1992), and the answers of a few networks that
began differently are averaged (Lakshminarayanan et al. 2017): dialogue corpora are small, and one
network's answer is a matter of luck.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from models.evaluation.merc_corpus import MODALITIES, Dialogue
from models.evaluation.metrics import weighted_f1
from models.training.context_features import Read
from models.training.context_net import Batch, ContextNet
from numpy.typing import NDArray
from torch.nn import functional

EPOCHS = 20
DIALOGUES = 16
"""Dialogues a step."""
LEARNING_RATE = 2e-3
"""The highest one of a one-cycle schedule (Smith & Topin 2019)."""
WEIGHT_DECAY = 0.01
SMOOTHING = 0.1
"""Of the labels: raters of emotion disagree more often than one time in ten."""
AVERAGING = 0.98
"""Share of the averaged weights that a step keeps."""
GRADIENT_NORM = 1.0
LOSE_MODALITY = 0.15
"""Probability that a modality (or all text) is missing from a whole dialogue in training."""
LOSE_UTTERANCE = 0.1
"""Probability that it is missing from one utterance."""
TINY = 1e-9
TEMPERATURES = np.geomspace(0.5, 3.0, 40)
TEXT = ("emotions", "words", "sentence")
"""The experts that read the words; they are lost together."""
NOT_JUDGED = -1

Array = NDArray[np.float32]


class Data(NamedTuple):
    """A corpus laid out for the network: where each dialogue's utterances lie, who speaks, and
    the number of each label (`NOT_JUDGED`: none)."""

    read: Read
    dialogues: list[Dialogue]
    starts: NDArray[np.int64]
    speakers: list[NDArray[np.int64]]
    labels: list[str]
    truth: NDArray[np.int64]

    def part(self, split: str) -> list[int]:
        """The numbers of the dialogues of a part."""
        return [i for i, dialogue in enumerate(self.dialogues) if dialogue.split == split]

    def places(self, dialogues: Sequence[int]) -> NDArray[np.int64]:
        """Where the utterances of some dialogues lie, in order."""
        return np.concatenate([np.arange(self.starts[i], self.starts[i + 1]) for i in dialogues])


class Fitted(NamedTuple):
    """Networks, the temperature of their answer, and the epoch that each stopped at."""

    nets: list[ContextNet]
    temperature: float
    epochs: list[int]


def lay_out(dialogues: list[Dialogue], read: Read, labels: list[str]) -> Data:
    """A corpus as `Data`."""
    lengths = [len(dialogue.utterances) for dialogue in dialogues]
    number = {label: i for i, label in enumerate(labels)}
    said = [u.label for d in dialogues for u in d.utterances]
    return Data(
        read,
        dialogues,
        np.concatenate([[0], np.cumsum(lengths)]),
        [_speakers(dialogue) for dialogue in dialogues],
        labels,
        np.array([NOT_JUDGED if label is None else number[label] for label in said]),
    )


def fit(data: Data, seed: int, members: int, future: bool, epochs: int = EPOCHS) -> Fitted:
    """Train `members` networks.

    :param future: whether they hear later utterances too.
    """
    trained = [_train(data, seed * members + k, future, epochs) for k in range(members)]
    nets = [net for net, _ in trained]
    dev = data.part("dev")
    truth = data.truth[data.places(dev)]
    scores = answers(nets, data, dev)[truth != NOT_JUDGED]
    return Fitted(nets, _temperature(scores, truth[truth != NOT_JUDGED]), [e for _, e in trained])


def answers(
    nets: Sequence[ContextNet],
    data: Data,
    dialogues: Sequence[int],
    masked: Sequence[str] = (),
    temperature: float = 1.0,
) -> Array:
    """The averaged probabilities of every utterance of some dialogues [N, classes].

    :param masked: modalities that are taken away.
    :param temperature: above 1 makes them less sure (Guo et al. 2017).
    """
    lost = {name for modality in masked for name in (TEXT if modality == "text" else (modality,))}
    found: list[Array] = []
    with torch.no_grad():
        for start in range(0, len(dialogues), DIALOGUES):
            some = dialogues[start : start + DIALOGUES]
            batch = _batch(data, some)
            there = {n: t & (n not in lost) for n, t in batch.there.items()}
            batch = batch._replace(there=there)
            shares = [net.eval()(batch).softmax(-1) for net in nets]
            found.append(torch.stack(shares).mean(0)[batch.said].numpy())
    return tempered(np.concatenate(found), temperature)


def tempered(shares: Array, temperature: float) -> Array:
    """Probabilities [N, classes] to the power of 1 / temperature, summing to one again."""
    powers = np.maximum(shares, TINY) ** (1.0 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _train(data: Data, seed: int, future: bool, epochs: int) -> tuple[ContextNet, int]:
    """One network, and the epoch (from 1) at which the dev part was answered best."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    sizes = {name: values.shape[1] for name, values in data.read.features.items()}
    net = ContextNet(sizes, len(data.labels), future=future)
    average = copy.deepcopy(net)
    train, dev = data.part("train"), data.part("dev")
    truth = data.truth[data.places(dev)]
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=WEIGHT_DECAY)
    steps = epochs * -(-len(train) // DIALOGUES)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    best, chosen, state = -1.0, 0, copy.deepcopy(net.state_dict())
    for epoch in range(1, epochs + 1):
        net.train()
        for some in _steps(data, train, random):
            loss = _loss(net, data, some, random)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(net.parameters(), GRADIENT_NORM)
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                for kept, new in zip(average.parameters(), net.parameters(), strict=True):
                    kept.lerp_(new, 1.0 - AVERAGING)
        guess = answers([average], data, dev).argmax(axis=1)
        score = weighted_f1(guess[truth != NOT_JUDGED], truth[truth != NOT_JUDGED])
        if score > best:
            best, chosen, state = score, epoch, copy.deepcopy(average.state_dict())
    net.load_state_dict(state)
    return net.eval(), chosen


def _loss(
    net: ContextNet, data: Data, some: Sequence[int], random: np.random.Generator
) -> torch.Tensor:
    batch = _batch(data, some)
    batch = batch._replace(there=_lose(batch.there, random))
    truth = torch.from_numpy(data.truth[data.places(some)])
    return functional.cross_entropy(
        net(batch)[batch.said], truth, ignore_index=NOT_JUDGED, label_smoothing=SMOOTHING
    )


def _steps(data: Data, train: Sequence[int], random: np.random.Generator) -> list[list[int]]:
    """The dialogues of one epoch in steps; dialogues of like length go together, because padding
    is wasted work, and a step without any judged utterance is left out."""
    jitter = random.uniform(0.0, 4.0, len(train))
    lengths = [len(data.dialogues[i].utterances) for i in train]
    order = [train[k] for k in np.argsort(np.array(lengths) + jitter)]
    steps = [order[k : k + DIALOGUES] for k in range(0, len(order), DIALOGUES)]
    judged = [s for s in steps if (data.truth[data.places(s)] != NOT_JUDGED).any()]
    return [judged[k] for k in random.permutation(len(judged))]


def _batch(data: Data, some: Sequence[int]) -> Batch:
    lengths = np.array([len(data.dialogues[i].utterances) for i in some])
    within = np.arange(lengths.max())
    said = within < lengths[:, None]
    places = np.where(said, data.starts[list(some)][:, None] + within, 0)
    speaker = np.zeros(said.shape, np.int64)
    for row, i in enumerate(some):
        speaker[row, : lengths[row]] = data.speakers[i]
    taken = data.read
    return Batch(
        {name: torch.from_numpy(values[places]) for name, values in taken.features.items()},
        {name: torch.from_numpy(values[places]) for name, values in taken.there.items()},
        torch.from_numpy(taken.timing[places]),
        torch.from_numpy(speaker),
        torch.from_numpy(said),
    )


def _lose(
    there: Mapping[str, torch.Tensor], random: np.random.Generator
) -> dict[str, torch.Tensor]:
    """Some modalities missing, from whole dialogues and from single utterances; never all."""
    groups = ["text", *(name for name in MODALITIES if name in there)]
    if len(groups) == 1:
        return dict(there)
    shape = next(iter(there.values())).shape
    lost = {}
    for group in groups:
        whole = random.random((shape[0], 1)) < LOSE_MODALITY
        lost[group] = whole | (random.random(tuple(shape)) < LOSE_UTTERANCE)
    everything = np.logical_and.reduce(list(lost.values()))
    kept = {group: torch.from_numpy(~gone | everything) for group, gone in lost.items()}
    return {name: values & kept["text" if name in TEXT else name] for name, values in there.items()}


def _speakers(dialogue: Dialogue) -> NDArray[np.int64]:
    number: dict[str, int] = {}
    return np.array([number.setdefault(u.speaker, len(number)) for u in dialogue.utterances])


def _temperature(shares: Array, truth: NDArray[Any]) -> float:
    """The one under which the dev part's answers are the likeliest (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        likely = tempered(shares, temperature)[np.arange(len(truth)), truth]
        return -float(np.log(np.maximum(likely, TINY)).mean())

    return float(min(TEMPERATURES, key=surprise))
