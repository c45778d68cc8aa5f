"""The context network: its memories, whom they belong to, and what it may not hear."""

from types import ModuleType

import pytest

pytestmark = pytest.mark.tooling

torch: ModuleType = pytest.importorskip(
    "torch", reason="needs the packages of the extra `training`"
)

from models.training.context_net import TIMING, Batch, ContextNet, Memory  # noqa: E402

SEED = 20261128
WIDTH = 5


@pytest.fixture(autouse=True)
def seeded() -> None:
    print(f"seed {SEED}")  # noqa: T201  tests say their seeds
    torch.manual_seed(SEED)


def test_a_memory_is_what_one_step_after_another_gives() -> None:
    memory = Memory(WIDTH)
    speaker = torch.tensor([[0, 1, 1, 2, 0, 1], [0, 0, 1, 0, 0, 0]])
    said = torch.tensor([[True] * 6, [True] * 4 + [False] * 2])
    heard = torch.randn(2, 6, WIDTH)
    told = memory(heard, speaker, said)
    for row, length in enumerate((6, 4)):
        own, others = ({who: torch.zeros(1, 1, WIDTH) for who in range(3)} for _ in range(2))
        for t in range(length):
            me = int(speaker[row, t])
            line = heard[row, t][None, None]
            before = others[me][:, 0][None]
            own[me] = memory.own(torch.cat([line, before], 2), own[me])[1]
            expected = torch.cat([own[me][0, 0], before[0, 0]])
            torch.testing.assert_close(told[row, t], expected)
            for who in set(others) - {me}:
                others[who] = memory.others(line, others[who])[1]


def batch(lines: int) -> Batch:
    return Batch(
        {"words": torch.randn(1, lines, 7)},
        {"words": torch.ones(1, lines, dtype=torch.bool)},
        torch.randn(1, lines, TIMING),
        (torch.arange(lines) % 2)[None],
        torch.ones(1, lines, dtype=torch.bool),
        torch.randn(1, lines, 3),
    )


@pytest.mark.parametrize("future", [False, True])
def test_only_a_network_of_the_future_hears_what_comes_later(future: bool) -> None:
    net = ContextNet({"words": 7}, classes=3, width=WIDTH, future=future).eval()
    torch.nn.init.normal_(net.answer[1].weight)
    now = batch(9)
    later = now._replace(features={"words": now.features["words"].clone()})
    later.features["words"][:, 6:] += 3.0
    changed = (net(now) - net(later)).abs().amax(dim=2)[0] > 0
    assert changed[6:].all()
    assert changed[:6].all() if future else not changed[:6].any()


def test_training_begins_at_the_belief() -> None:
    net = ContextNet({"words": 7}, classes=3, width=WIDTH).eval()
    now = batch(4)
    torch.testing.assert_close(net(now), now.belief)
