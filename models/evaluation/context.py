"""`python -m models.evaluation context`: the shipped context network on dialogues.

The dialogues are the published dev parts of MELD and EmoryNLP, which it was not trained on, nor on
any scene of them; beside them are the comments of GoEmotions dev that no model of ours learned
from, each by itself. Each labelled line is given a voice and a face with that label, of people whom
no model of ours learned from (`models.training.context_data` says how): all that is told of voice
and face rests on pairs that have nothing but their label in common. Everything goes through the
code and the models that are shipped.

A line is read in several ways: by the text expert; by the network, the line alone; after the words
before it; in a *game*, where the voice and the face of the one who speaks now were known before,
but of the others only words; after everybody's voice and face; and *whole*, with its own voice and
face too. *Expected* is what is answered before the line is known. Voices and faces are `clean`, as
in random rooms and light (`usual`), at 0 dB and in the dark (`harsh`), or now and then neutral
although the label is not (`reserved`, in random rooms). The answers, which have the base rates of
the text expert, are brought to those of the corpus (its training part).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import platformdirs
from models.evaluation import shipped
from models.evaluation.context_figures import Shares, figures_of, gains, table
from models.evaluation.fusion_readings import Library
from models.evaluation.merc_corpus import Unusable
from models.evaluation.progress import progress
from models.evaluation.text_lines import Unusable as UnusableLines
from models.training import context_data
from models.training.context_data import MEANS, NOT_JUDGED, TAUGHT, Seen, Talk
from models.training.context_readings import Part, read_parts
from numpy.typing import NDArray

from rapport.conversation.context import EXPERTS, ContextNetwork
from rapport.conversation.utterance import Summary, Utterance
from rapport.errors import RapportError
from rapport.experts.dialogue import TextExpert
from rapport.experts.store import CHECKOUT
from rapport.state import LABELS, Distribution

PLACES = [LABELS.index(label) for label in TAUGHT]
SECOND_NS = 1_000_000_000
EVERYBODY, NOBODY = "everybody", "nobody"
CONDITIONS = ("clean", "usual", "harsh", "reserved")


class Answers(NamedTuple):
    """Of each judged line, in the order of the lines, what each way says (None: nothing)."""

    text: list[Distribution | None]
    read: list[Distribution | None]
    whole: list[Distribution | None]
    expected: list[Distribution | None]


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        store = shipped.store(options.models)
        network = ContextNetwork(store)
        talks = context_data.read_talks(options.data / "text", TextExpert(store))
        parts = read_parts(Library(store, options.cache), store, options.data)
        figures = {
            corpus: assess(network, talks, parts["test"], corpus, options) for corpus in MEANS
        }
    except (Unusable, UnusableLines, RapportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation context",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = parser.add_argument
    option("--data", type=Path, default=CHECKOUT.parents[1] / "shared" / "data")
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "fusion"
    option("--cache", type=Path, default=cache, help="where readings are kept")
    option("--models", type=Path, metavar="FOLDER", help="of another conversation_context.onnx")
    option("--seed", type=int, default=1, help="of who lends voice and face")
    option("--bootstrap", type=int, default=0, metavar="DRAWS", help="intervals over dialogues")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def assess(
    network: ContextNetwork,
    talks: Sequence[Talk],
    part: Part,
    corpus: str,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """All figures of a corpus, by the names that `--json` prints."""
    test = [talk for talk in talks if talk.split == "test" and talk.corpus == corpus]
    rates = context_data.base_rates([t for t in talks if t.split == "train"], corpus)
    truths = [talk.truth[talk.truth != NOT_JUDGED] for talk in test]
    said = _ways(network, test, part, options.seed)
    old = np.array(network.base_rates)[PLACES]
    found = {name: _brought(answers, old, rates) for name, answers in said.items()}
    found["most frequent label"] = [np.tile(rates, (len(truth), 1)) for truth in truths]
    found["true label before"] = [_before(talk, rates, np.eye(len(rates))) for talk in test]
    follows = _follows([t for t in talks if t.split == "train"], corpus, rates)
    found["what follows it"] = [_before(talk, rates, follows) for talk in test]
    return {
        "n": int(sum(map(len, truths))),
        "dialogues": len(test),
        "rates": dict(zip(TAUGHT, rates.round(3).tolist(), strict=True)),
        "ways": {
            name: figures_of(shares, truths, options.bootstrap) for name, shares in found.items()
        },
        "gains": gains(found, truths, options.bootstrap),
    }


def _ways(
    network: ContextNetwork, test: Sequence[Talk], part: Part, seed: int
) -> dict[str, list[list[Distribution | None]]]:
    """What is said of the judged lines of each dialogue, by way; of lines that stand alone, only
    the ways that need no dialogue."""
    pools = {"usual": part.usual, "reserved": part.usual, **part.others}
    dialogues = any(len(talk.truth) > 1 for talk in test)
    ways: dict[str, list[list[Distribution | None]]] = {}
    for name in progress(CONDITIONS if dialogues else CONDITIONS[:2], test[0].corpus):
        reserved = context_data.RESERVED if name == "reserved" else 0.0
        pairs = [
            (talk, context_data.lend(talk, pools[name], np.random.default_rng([seed, n]), reserved))
            for n, talk in enumerate(test)
        ]
        alone = [hear(network, talk, seen, EVERYBODY, memory=False) for talk, seen in pairs]
        ways["text expert"] = [a.text for a in alone]
        ways["line alone"] = [a.read for a in alone]
        ways[f"line alone, whole, {name}"] = [a.whole for a in alone]
        if not dialogues:
            continue
        words = [hear(network, talk, seen, NOBODY) for talk, seen in pairs]
        game = [in_game(network, talk, seen) for talk, seen in pairs]
        everybody = [hear(network, talk, seen, EVERYBODY) for talk, seen in pairs]
        ways |= {
            "after words": [a.read for a in words],
            "expected after words": [a.expected for a in words],
            f"after a game, {name}": [a.read for a in game],
            f"after everybody, {name}": [a.read for a in everybody],
            f"whole in a game, {name}": [a.whole for a in game],
            f"expected in a game, {name}": [a.expected for a in game],
        }
    return ways


def hear(
    network: ContextNetwork, talk: Talk, seen: Seen, shown: str | int, memory: bool = True
) -> Answers:
    """A dialogue from its beginning to its end.

    :param shown: whose voice and face are known: `EVERYBODY`, `NOBODY`, or a speaker's number.
    :param memory: without, every line is the first one.
    """
    found = Answers([], [], [], [])
    network.forget()
    for place, said in enumerate(utterances(talk, seen)):
        known = shown == EVERYBODY or shown == talk.speaker[place]
        told = said if known else msgspec.structs.replace(said, voice=None, face=None)
        if talk.truth[place] != NOT_JUDGED:
            words = told.words.distribution if told.words is not None else None
            found.text.append(words)
            found.read.append(network.hear(told))
            found.whole.append(network.hear(told, whole=True))
            found.expected.append(network.expected(told.speaker, told.start_ns))
        if memory:
            network.commit(told)
    return found


def in_game(network: ContextNetwork, talk: Talk, seen: Seen) -> Answers:
    """Each line as in a game whose player is the one who speaks it."""
    speakers = talk.speaker[talk.truth != NOT_JUDGED]
    played = {int(who): hear(network, talk, seen, int(who)) for who in np.unique(speakers)}
    return Answers(
        *(
            [getattr(played[int(who)], way)[place] for place, who in enumerate(speakers)]
            for way in Answers._fields
        )
    )


def utterances(talk: Talk, seen: Seen) -> list[Utterance]:
    """A dialogue as the sidecar has it."""
    found: list[Utterance] = []
    end_ns = 0
    for place, (words, emotions) in enumerate(talk.read):
        pause_s, length_s = np.expm1(talk.timing[place, 1:].astype(np.float64))
        start_ns = end_ns + round(pause_s * SECOND_NS)
        end_ns = start_ns + round(length_s * SECOND_NS)
        shown = {
            name: _summary(seen.rows[name][place]) if seen.there[name][place] else None
            for name in EXPERTS[1:]
        }
        found.append(
            Utterance(
                place, str(talk.speaker[place]), "player", start_ns, end_ns,
                words=words, emotions=emotions, voice=shown["voice"], face=shown["face"],
                pause_s=float(pause_s) if place else None, follows_own=bool(talk.timing[place, 0]),
            )
        )  # fmt: skip
    return found


def _summary(row: NDArray[np.float32]) -> Summary:
    """The other way round of `rapport.conversation.context.reading_row`."""
    shares = np.exp(row[: len(LABELS)].astype(np.float64))
    arousal, quality = (float(value) for value in row[len(LABELS) :])
    return Summary(tuple((shares / shares.sum()).tolist()), None, arousal, quality, 1.0)


def _brought(
    said: Sequence[Sequence[Distribution | None]], old: Shares, rates: Shares
) -> list[Shares]:
    """Answers of each dialogue [lines, labels] at the base rates of the corpus; where there is no
    answer, these rates themselves."""
    return [
        np.array([rates if one is None else _shares(one, rates / old) for one in dialogue])
        for dialogue in said
    ]


def _shares(said: Distribution, ratio: Shares) -> Shares:
    found = np.array(said)[PLACES] * ratio
    return np.asarray(found / found.sum())


def _before(talk: Talk, rates: Shares, follows: Shares) -> Shares:
    """What follows the label that the same speaker's line before really had; the base rates for a
    speaker's first line."""
    last: dict[int, int] = {}
    rows = []
    for who, label in zip(talk.speaker.tolist(), talk.truth.tolist(), strict=True):
        if label == NOT_JUDGED:
            continue
        rows.append(follows[last[who]] if who in last else rates)
        last[who] = label
    return np.array(rows)


def _follows(talks: Sequence[Talk], corpus: str, rates: Shares) -> Shares:
    """By label, how often each label is that of the same speaker's next line."""
    counts = np.tile(rates, (len(rates), 1))
    for talk in talks:
        last: dict[int, int] = {}
        if talk.corpus == corpus:
            for who, label in zip(talk.speaker.tolist(), talk.truth.tolist(), strict=True):
                if label != NOT_JUDGED:
                    if who in last:
                        counts[last[who], label] += 1.0
                    last[who] = label
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
