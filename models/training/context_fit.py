"""Trains context networks on dialogues, and lets them answer.

Training is counted in steps of about as many lines each, not in epochs: a corpus of a hundred
dialogues and one of a thousand need about the same number of steps. When to stop is chosen on the
dev part, by weighted F1; so is the temperature that makes the answers calibrated. Averaged weights
answer (Polyak & Juditsky 1992), and the answers of a few networks that began differently are
averaged (Lakshminarayanan et al. 2017): dialogue corpora are small, and one network's answer is a
matter of luck.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import torch
from models.evaluation.merc_corpus import MODALITIES, Dialogue
from models.evaluation.metrics import weighted_f1
from models.training.context_belief import Belief, beliefs
from models.training.context_features import Array, Read, standard
from models.training.context_first import FOLDS, TEXT, Modalities, first_readings, modalities_of
from models.training.context_net import Batch, ContextNet
from numpy.typing import NDArray
from torch.nn import functional

STEPS = 300
LINES = 400
"""Utterances a step, about: dialogues are taken until there are so many."""
LOOKS = 20
"""How often the dev part is asked in training, beside once before it."""
TOGETHER = 16
"""Dialogues that are answered at a time."""
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
BELIEF = "belief"
"""The expert whose numbers are what is believed, see `context_belief`."""
NOT_JUDGED = -1
LIKELY_LEAST = 1e-4
"""Beliefs below it are all the same to the network."""


class Believed(NamedTuple):
    """What is believed of every utterance: `features` [N, n] for the network to read, and the log
    probabilities that it begins from [N, classes]."""

    features: Array
    logits: Array


class Data(NamedTuple):
    """A corpus laid out for the network: where each dialogue's utterances lie, who speaks, the
    number of each label (`NOT_JUDGED`: none), and what is believed when some modalities are taken
    away."""

    read: Read
    dialogues: list[Dialogue]
    starts: NDArray[np.int64]
    speakers: list[NDArray[np.int64]]
    labels: list[str]
    truth: NDArray[np.int64]
    believed: Mapping[Modalities, Believed]

    def part(self, split: str) -> list[int]:
        """The numbers of the dialogues of a part."""
        return [i for i, dialogue in enumerate(self.dialogues) if dialogue.split == split]

    def places(self, dialogues: Sequence[int]) -> NDArray[np.int64]:
        """Where the utterances of some dialogues lie, in order."""
        return np.concatenate([np.arange(self.starts[i], self.starts[i + 1]) for i in dialogues])


class Fitted(NamedTuple):
    """Networks, the temperature of their answer, and the step that each was taken from."""

    nets: list[ContextNet]
    temperature: float
    steps: list[int]


def lay_out(dialogues: list[Dialogue], read: Read, labels: list[str], future: bool) -> Data:
    """A corpus as `Data`; `future`: whether beliefs take later utterances into account."""
    lengths = [len(dialogue.utterances) for dialogue in dialogues]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    number = {label: i for i, label in enumerate(labels)}
    said = [u.label for d in dialogues for u in d.utterances]
    truth = np.array([NOT_JUDGED if label is None else number[label] for label in said])
    speakers = [_speakers(dialogue) for dialogue in dialogues]
    taught = [i for i, dialogue in enumerate(dialogues) if dialogue.split == "train"]
    of = np.repeat(np.arange(len(dialogues)), lengths)
    # Neighbours share a fold: corpora lie in the order of their recording, and a classifier
    # should not be asked about the people that it has learnt from.
    folds = [np.isin(of, fold) for fold in np.array_split(taught, FOLDS) if len(fold)]
    training = np.isin(of, taught)
    there = modalities_of(read)
    firsts = first_readings(read, truth, folds, len(labels))
    believed = {}
    for count in range(len(there) + 1):
        for gone in map(frozenset, combinations(there, count)):
            readings = _readings(firsts, there, gone, training)
            found = beliefs(readings, speakers, truth, training, future)
            believed[gone] = _believed(readings, found, training)
    return Data(read, dialogues, starts, speakers, labels, truth, believed)


def _readings(
    firsts: Mapping[Modalities, Array],
    there: Mapping[str, NDArray[np.bool_]],
    gone: Modalities,
    training: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Each utterance's first reading by what it has, some modalities taken away [N, classes]."""
    whole = firsts[frozenset(there)]
    found = np.tile(whole[training].mean(axis=0).astype(np.float64), (len(whole), 1))
    for taken, shares in firsts.items():
        kept = [name in taken for name in there]
        has = [values & (name not in gone) for name, values in there.items()]
        mine = np.logical_and.reduce([h == k for h, k in zip(has, kept, strict=True)])
        found[mine] = shares[mine]
    return found


def _believed(
    readings: NDArray[np.float64], belief: Belief, training: NDArray[np.bool_]
) -> Believed:
    parts = [readings, belief.now, belief.before]
    parts += [] if belief.after is None else [belief.after / belief.after.sum(1, keepdims=True)]
    logs = [np.log(np.maximum(part, LIKELY_LEAST)).astype(np.float32) for part in parts]
    return Believed(standard(np.concatenate(logs, axis=1), training), logs[1])


def fit(data: Data, seed: int, members: int, future: bool, steps: int = STEPS) -> Fitted:
    """Train `members` networks.

    :param future: whether they hear later utterances too.
    """
    trained = [_train(data, seed * members + k, future, steps) for k in range(members)]
    nets = [net for net, _ in trained]
    dev = data.part("dev")
    truth = data.truth[data.places(dev)]
    scores = answers(nets, data, dev)[truth != NOT_JUDGED]
    return Fitted(nets, _temperature(scores, truth[truth != NOT_JUDGED]), [s for _, s in trained])


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
    gone = frozenset(masked)
    found: list[Array] = []
    with torch.no_grad():
        for start in range(0, len(dialogues), TOGETHER):
            some = dialogues[start : start + TOGETHER]
            batch = _batch(data, some, [gone] * len(some))
            there = {n: t & (n not in lost) for n, t in batch.there.items()}
            batch = batch._replace(there=there)
            shares = [net.eval()(batch).softmax(-1) for net in nets]
            found.append(torch.stack(shares).mean(0)[batch.said].numpy())
    return tempered(np.concatenate(found), temperature)


def tempered(shares: Array, temperature: float) -> Array:
    """Probabilities [N, classes] to the power of 1 / temperature, summing to one again."""
    powers = np.maximum(shares, TINY) ** (1.0 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _train(data: Data, seed: int, future: bool, steps: int) -> tuple[ContextNet, int]:
    """One network, and the step after which the dev part was answered best (0: before any)."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    sizes = {name: values.shape[1] for name, values in data.read.features.items()}
    sizes[BELIEF] = data.believed[frozenset()].features.shape[1]
    net = ContextNet(sizes, len(data.labels), future=future)
    average = copy.deepcopy(net)
    train, dev = data.part("train"), data.part("dev")
    truth = data.truth[data.places(dev)]
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    looks = {round(steps * look / LOOKS) for look in range(LOOKS + 1)}
    best, chosen, state = -1.0, 0, copy.deepcopy(net.state_dict())
    batches = _endless(data, train, random)
    for step in range(steps + 1):
        if step in looks:
            guess = answers([average], data, dev).argmax(axis=1)
            score = weighted_f1(guess[truth != NOT_JUDGED], truth[truth != NOT_JUDGED])
            if score > best:
                best, chosen, state = score, step, copy.deepcopy(average.state_dict())
        if step == steps:
            break
        net.train()
        loss = _loss(net, data, next(batches), random)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(net.parameters(), GRADIENT_NORM)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            for kept, new in zip(average.parameters(), net.parameters(), strict=True):
                kept.lerp_(new, 1.0 - AVERAGING)
    net.load_state_dict(state)
    return net.eval(), chosen


def _loss(
    net: ContextNet, data: Data, some: Sequence[int], random: np.random.Generator
) -> torch.Tensor:
    groups = sorted(set().union(*data.believed))
    lost = random.random((len(some), len(groups))) < LOSE_MODALITY
    lost[lost.all(axis=1)] = False  # never everything
    gone = [frozenset(np.array(groups)[row].tolist()) for row in lost]
    batch = _batch(data, some, gone)
    batch = batch._replace(there=_lose(batch.there, gone, random))
    truth = torch.from_numpy(data.truth[data.places(some)])
    return functional.cross_entropy(
        net(batch)[batch.said], truth, ignore_index=NOT_JUDGED, label_smoothing=SMOOTHING
    )


def _endless(data: Data, train: Sequence[int], random: np.random.Generator) -> Iterator[list[int]]:
    """The dialogues of one step after another, in an order that is new in every epoch; dialogues
    without any judged utterance are left out."""
    judged = [i for i in train if (data.truth[data.places([i])] != NOT_JUDGED).any()]
    some: list[int] = []
    lines = 0
    while True:
        for i in random.permutation(judged):
            some.append(int(i))
            lines += len(data.dialogues[i].utterances)
            if lines >= LINES:
                yield some
                some, lines = [], 0


def _batch(data: Data, some: Sequence[int], gone: Sequence[Modalities]) -> Batch:
    """Some dialogues; `gone`: the modalities that are taken from the belief about each."""
    lengths = np.array([len(data.dialogues[i].utterances) for i in some])
    within = np.arange(lengths.max())
    said = within < lengths[:, None]
    places = np.where(said, data.starts[list(some)][:, None] + within, 0)
    speaker = np.zeros(said.shape, np.int64)
    for row, i in enumerate(some):
        speaker[row, : lengths[row]] = data.speakers[i]
    taken = data.read
    about = [data.believed[names] for names in gone]
    features = {name: torch.from_numpy(values[places]) for name, values in taken.features.items()}
    there = {name: torch.from_numpy(values[places]) for name, values in taken.there.items()}
    read = np.stack([one.features[row] for one, row in zip(about, places, strict=True)])
    begun = np.stack([one.logits[row] for one, row in zip(about, places, strict=True)])
    return Batch(
        features | {BELIEF: torch.from_numpy(read)},
        there | {BELIEF: torch.from_numpy(said)},
        torch.from_numpy(taken.timing[places]),
        torch.from_numpy(speaker),
        torch.from_numpy(said),
        torch.from_numpy(begun),
    )


def _lose(
    there: Mapping[str, torch.Tensor], gone: Sequence[Modalities], random: np.random.Generator
) -> dict[str, torch.Tensor]:
    """What is there after some modalities are gone from whole dialogues, and each from single
    utterances; the belief stays."""
    kept = dict(there)
    for group in ("text", *(name for name in MODALITIES if name in there)):
        whole = torch.tensor([[group not in names] for names in gone])
        single = torch.from_numpy(random.random(tuple(there[BELIEF].shape)) >= LOSE_UTTERANCE)
        for name in TEXT if group == "text" else (group,):
            if name in there:
                kept[name] = there[name] & whole & single
    return kept


def _speakers(dialogue: Dialogue) -> NDArray[np.int64]:
    number: dict[str, int] = {}
    return np.array([number.setdefault(u.speaker, len(number)) for u in dialogue.utterances])


def _temperature(shares: Array, truth: NDArray[Any]) -> float:
    """The one under which the dev part's answers are the likeliest (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        likely = tempered(shares, temperature)[np.arange(len(truth)), truth]
        return -float(np.log(np.maximum(likely, TINY)).mean())

    return float(min(TEMPERATURES, key=surprise))
