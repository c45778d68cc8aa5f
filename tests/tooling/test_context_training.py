"""The context network's training: what is learned is what the sidecar runs, from honest parts."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the training packages")

from models.evaluation.context import EVERYBODY, NOBODY, hear  # noqa: E402
from models.evaluation.merc_corpus import Dialogue, Utterance  # noqa: E402
from models.training import context, context_data, context_export  # noqa: E402
from models.training.context_data import MEANS, NOT_JUDGED, TAUGHT, Talk  # noqa: E402
from models.training.context_readings import SPEAKERS, Pool  # noqa: E402
from models.training.context_step import VIEWS, batch_of  # noqa: E402

from rapport import settings  # noqa: E402
from rapport.conversation.context import ContextNetwork, emotions_row, reading_row  # noqa: E402
from rapport.experts.dialogue.emotions import NAMES  # noqa: E402
from rapport.experts.manifest import MANIFEST, read_manifest  # noqa: E402
from rapport.experts.store import Store  # noqa: E402
from rapport.state import LABELS, Condition, Evidence, Modality  # noqa: E402

pytestmark = pytest.mark.tooling

SEED = 20261126
LINES = 8
MOODS = ("happiness", "anger")


def grudges(count: int, split: str, random: np.random.Generator) -> list[Talk]:
    """Dialogues of two. Who has had a mood keeps it; words tell the mood of the first line of each
    only, and of the others nothing."""
    found = []
    for _ in range(count):
        moods = random.integers(2, size=2)
        speaker = np.arange(LINES) % 2
        read = []
        for place in range(LINES):
            emotions = np.full(len(NAMES), 0.05)
            if place < len(moods):
                emotions[NAMES.index(("joy", "anger")[moods[place]])] = 0.9
            words = Evidence(Modality.TEXT, 0, Condition.OK, valence=0.1, arousal=0.2)
            read.append((words, tuple(emotions.tolist())))
        rows = [emotions_row(*one) for one in read]
        timing = np.zeros((LINES, 3), np.float32)
        timing[1:, 1:] = np.log1p([0.5, 2.0])
        truth = np.array([TAUGHT.index(MOODS[moods[who]]) for who in speaker])
        found.append(
            Talk("meld", split, read, np.array(rows), np.ones(LINES, bool), timing, speaker, truth)
        )
    return found


def readings(random: np.random.Generator) -> Pool:
    """One person who shows what the label says; some of it cannot be read."""
    found = {}
    for label in range(len(LABELS)):
        rows = []
        for _ in range(20):
            shares = random.dirichlet(np.ones(len(LABELS)) + 6.0 * np.eye(len(LABELS))[label])
            rows.append(reading_row(shares.tolist(), 0.3, 0.8))
        rows.append(np.full(10, np.nan, np.float32))
        found[label] = np.array(rows, np.float32)
    return [found]


@pytest.fixture(scope="module")
def talks() -> list[Talk]:
    print(f"seed {SEED}")  # noqa: T201  tests say their seeds
    random = np.random.default_rng(SEED)
    parts = (("train", 160), ("dev", 30), ("test", 30))
    return [talk for split, count in parts for talk in grudges(count, split, random)]


@pytest.fixture(scope="module")
def pools() -> dict[str, dict[str, Pool]]:
    random = np.random.default_rng(SEED)
    return {
        part: {"voice": readings(random), "face": readings(random)}
        for part in ("train", "dev", "test")
    }


@pytest.fixture(scope="module")
def fitted(talks: list[Talk], pools: dict[str, dict[str, Pool]]) -> context.Fitted:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "AVERAGING", 0.9)  # fewer steps than in earnest
        return context.fit(talks, pools, SEED, epochs=14, width=16)


@pytest.fixture(scope="module")
def network(fitted: context.Fitted, tmp_path_factory: pytest.TempPathFactory) -> ContextNetwork:
    folder = tmp_path_factory.mktemp("models")
    context_export.export(fitted, fitted.rates, folder / "conversation_context.onnx")
    known = read_manifest(folder / MANIFEST)
    return ContextNetwork(Store(settings.Models(directory=str(folder)), known))


def test_it_learns_to_remember_who_was_in_which_mood(
    fitted: context.Fitted, talks: list[Talk], pools: dict[str, dict[str, Pool]]
) -> None:
    random = np.random.default_rng(SEED)
    test = [talk for talk in talks if talk.split == "test"]
    nothing = {name: [{}] for name in pools["test"]}
    shown = [(talk, context_data.lend(talk, nothing, random)) for talk in test]
    logits, truth = context.answers(fitted.net, shown)
    later = np.tile(np.arange(LINES) >= 2, len(test))
    for view in VIEWS:
        right = (logits[view].argmax(axis=1) == truth)[later].mean()
        assert right > 0.9, view  # without memory: 0.5
    first = (logits["nothing"].argmax(axis=1) == truth)[~later].mean()
    assert first < 0.8, "nobody can know the first line before it is said"


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("shown", [NOBODY, EVERYBODY, 1])
def test_the_sidecar_answers_as_the_network_that_was_trained(
    network: ContextNetwork,
    fitted: context.Fitted,
    talks: list[Talk],
    pools: dict[str, dict[str, Pool]],
    shown: str | int,
) -> None:
    talk = next(talk for talk in talks if talk.split == "test")
    seen = context_data.lend(talk, pools["test"], np.random.default_rng(SEED))
    told = hear(network, talk, seen, shown)
    known = np.full(LINES, shown == EVERYBODY) | (talk.speaker == shown)
    seen = seen._replace(there={name: there & known for name, there in seen.there.items()})
    with torch.no_grad():
        logits = fitted.net.eval()(batch_of([(talk, seen)])[0])[:, 0] / fitted.temperature
    places = [LABELS.index(label) for label in TAUGHT]
    for view, said in zip(VIEWS, (told.whole, told.read, told.expected), strict=True):
        answers = logits[list(VIEWS).index(view)].softmax(-1).numpy() * 0.98
        for place, reading in enumerate(said):
            if reading is None:
                assert view == "nothing" and place == 0
            else:
                assert np.array(reading)[places] == pytest.approx(answers[place], abs=1e-4)


def test_labels_that_a_corpus_lacks_are_never_answered_there(
    fitted: context.Fitted, talks: list[Talk], pools: dict[str, dict[str, Pool]]
) -> None:
    talk = talks[0]._replace(corpus="emorynlp")
    shown = [(talk, context_data.lend(talk, pools["test"], np.random.default_rng(SEED)))]
    logits, _ = context.answers(fitted.net, shown)
    lacking = [TAUGHT.index(label) for label in ("surprise", "disgust")]
    assert (logits["words"][:, lacking] < -1000.0).all()


def dialogue(split: str, *lines: str) -> Dialogue:
    said = [Utterance("a", None, None, line, "joy", {}) for line in lines]
    return Dialogue("1", split, said)


def test_scenes_that_are_held_out_are_not_learned_from() -> None:
    scene = ("We were on a break, you know!", "And she said: hello, my friend.", "What?")
    found = [
        ("meld", dialogue("test", *scene)),
        ("emorynlp", dialogue("train", *(line.upper() for line in scene))),
        ("emorynlp", dialogue("train", scene[0], "Something else is said here.", "What?")),
        ("meld", dialogue("dev", "What?", "Something else is said here.", "And one more of them.")),
        ("meld", dialogue("train", "Something else is said here.", "And one more of them.")),
    ]
    kept = context_data.without_repeats(found)
    assert kept == [found[0], found[2], found[3]]


def test_nobody_lends_a_voice_to_two_parts() -> None:
    from models.evaluation.fusion_material import TRAIN_SPEAKERS

    parts = [set(TRAIN_SPEAKERS), set(SPEAKERS["dev"]), set(SPEAKERS["test"])]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_what_is_lent_has_the_label_or_is_neutral(pools: dict[str, dict[str, Pool]]) -> None:
    random = np.random.default_rng(SEED)
    talk = grudges(1, "test", random)[0]
    talk = talk._replace(truth=np.where(np.arange(LINES) < 4, NOT_JUDGED, talk.truth))
    honest = context_data.lend(talk, pools["test"], random, reserved=0.0)
    assert not honest.there["voice"][:4].any()
    for row, label in zip(honest.rows["voice"][4:], talk.truth[4:], strict=True):
        own = pools["test"]["voice"][0][LABELS.index(TAUGHT[label])]
        assert not row.any() or any(np.array_equal(row, one) for one in own)
    calm = context_data.lend(talk, pools["test"], random, reserved=1.0)
    neutral = pools["test"]["face"][0][LABELS.index("neutral")]
    for row in calm.rows["face"][4:]:
        assert not row.any() or any(np.array_equal(row, one) for one in neutral)


def test_every_label_of_both_corpora_means_one_of_ours() -> None:
    for means in MEANS.values():
        assert set(means.values()) <= set(TAUGHT)
