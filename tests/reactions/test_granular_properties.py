"""What must be true of granular states whatever comes in."""

import ast
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.reactions import granular as package
from rapport.reactions.granular import GranularStates
from rapport.reactions.granular.compositions import COMPOSITIONS, TRACES
from rapport.reactions.granular.signals import read
from rapport.recording.script import load
from rapport.state import GRANULAR, LABELS, EmotionState, Granular
from reactions.granular_course import at, course
from reactions.granular_states import SECOND, UNKNOWN, sensible, shown, wild

pytestmark = pytest.mark.property

FRAME_NS = SECOND // 30
RISE_MIN_S = 1.5
"""The shortest time constant of a value; what the docstring of `tick` promises rests on it."""

Ticks = Sequence[tuple[EmotionState, int]]


def ticks(
    states: st.SearchStrategy[EmotionState], least_ns: int = 0, most_ns: int = 3 * SECOND
) -> st.SearchStrategy[list[tuple[EmotionState, int]]]:
    """States, each with the time that passes before it and for how many ticks it stays."""
    once = st.tuples(states, st.integers(least_ns, most_ns))
    lasting = st.tuples(states, st.just(FRAME_NS), st.integers(1, 90)).map(
        lambda run: [(run[0], run[1])] * run[2]
    )
    runs = st.lists(once.map(lambda tick: [tick]) | lasting, max_size=8)
    return runs.map(lambda lists: [tick for run in lists for tick in run])


def run(given_ticks: Ticks, granular: GranularStates) -> list[dict[str, Granular]]:
    now_ns, known = 100 * SECOND, []
    for state, passed_ns in given_ticks:
        now_ns += passed_ns
        known.append(granular.tick(state, now_ns))
    return known


@given(ticks(wild, least_ns=-5 * SECOND))
def test_values_and_confidences_stay_in_range_whatever_comes_in(given_ticks: Ticks) -> None:
    for known in run(given_ticks, GranularStates()):
        assert list(known) == [name for name in GRANULAR if name in known]
        for state in known.values():
            assert 0.0 <= state.value <= 1.0
            assert 0.0 <= state.confidence <= 1.0


@given(wild)
def test_signals_are_known_and_in_range_or_left_out(state: EmotionState) -> None:
    for value, trust in read(state).values():
        assert -1.0 <= value <= 1.0
        assert 0.0 <= trust <= 1.0


@given(ticks(wild, least_ns=-SECOND))
def test_the_same_states_at_the_same_times_give_the_same_answer(given_ticks: Ticks) -> None:
    encode = msgspec.msgpack.encode
    assert encode(run(given_ticks, GranularStates())) == encode(run(given_ticks, GranularStates()))


@given(ticks(sensible), sensible, st.integers(0, 3 * SECOND))
def test_no_single_frame_moves_a_value_far(
    before: Ticks, frame: EmotionState, passed_ns: int
) -> None:
    granular = GranularStates()
    known = run([*before, (UNKNOWN, 0)], granular)[-1]
    now_ns = 100 * SECOND + sum(passed for _, passed in before) + passed_ns
    seen_s = min(0.25, passed_ns / SECOND)
    bound = seen_s / (RISE_MIN_S + seen_s)
    for name, state in granular.tick(frame, now_ns).items():
        if name in known:
            assert abs(state.value - known[name].value) <= bound + 1e-12
    assert bound < 0.15


@given(ticks(sensible), st.integers(1, 10 * SECOND))
def test_unknown_never_raises_confidence_and_moves_no_value(before: Ticks, passed_ns: int) -> None:
    granular = GranularStates()
    known = run([*before, (UNKNOWN, 0)], granular)[-1]
    now_ns = 100 * SECOND + sum(passed for _, passed in before) + passed_ns
    after = granular.tick(UNKNOWN, now_ns)
    assert after.keys() <= known.keys()
    for name, state in after.items():
        assert state.confidence < known[name].confidence
        assert state.value == known[name].value


@given(ticks(sensible), st.data())
def test_to_know_less_is_never_to_be_surer(given_ticks: Ticks, data: st.DataObject) -> None:
    """Some of the states are taken away; nothing is surer for it, then or later."""
    gone = data.draw(st.sets(st.integers(0, max(0, len(given_ticks) - 1))))
    fewer = [
        (UNKNOWN if number in gone else state, passed)
        for number, (state, passed) in enumerate(given_ticks)
    ]
    for all_known, less_known in zip(
        run(given_ticks, GranularStates()), run(fewer, GranularStates()), strict=True
    ):
        assert less_known.keys() <= all_known.keys()
        for name, state in less_known.items():
            assert state.confidence <= all_known[name].confidence + 1e-12


@pytest.mark.parametrize("label", LABELS[1:])
def test_one_false_frame_changes_next_to_nothing_then_or_later(label: str) -> None:
    steady = [(shown("neutral"), FRAME_NS)] * 600
    flash = [*steady[:300], (shown(label, 1.0), FRAME_NS), *steady[301:]]
    for calm, flashed in zip(
        run(steady, GranularStates()), run(flash, GranularStates()), strict=True
    ):
        assert flashed.keys() == calm.keys()
        for name, state in flashed.items():
            assert abs(state.value - calm[name].value) < 0.05


SCRIPTS = ("beaten_again", "everything_at_once", "shared_joke", "device_trouble", "tall_tale")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_rate_of_ticks_changes_next_to_nothing(name: str) -> None:
    script = msgspec.structs.replace(load(name), jitter=0.0)
    slow, fast = (
        list(course(msgspec.structs.replace(script, rate_hz=rate))) for rate in (15.0, 60.0)
    )
    for at_s in range(1, int(script.seconds) - 1):
        before, after = at(slow, at_s), at(fast, at_s)
        for known in before.keys() & after.keys():
            assert after[known].value == pytest.approx(before[known].value, abs=0.05)
            assert after[known].confidence == pytest.approx(before[known].confidence, abs=0.05)


def test_the_arithmetic_is_the_same_bit_for_bit_on_every_machine() -> None:
    """Pinned results of a session that is itself exact. Another Python, processor or operating
    system must give them too; whoever changes a composition pins the new ones."""
    run_of = [("neutral", 90), ("anger", 300), ("fear", 120), ("sadness", 300), ("happiness", 90)]
    given_ticks = [(shown(label), FRAME_NS) for label, count in run_of for _ in range(count)]
    known = run(given_ticks, GranularStates())[-1]
    assert {name: state.value.hex() for name, state in known.items()} == PINNED


PINNED: dict[str, str] = {
    "frustration": "0x1.ab3a6de085c48p-3",
    "confusion": "0x1.89aafb1990de7p-5",
    "overwhelm": "0x1.0f8c9e09fbd46p-3",
    "boredom": "0x1.2a5af45966025p-4",
    "engagement": "0x1.84eaf0217cda5p-2",
    "amusement": "0x1.a8ea5ee7b61eap-3",
    "scepticism": "0x0.0p+0",
    "grief": "0x1.0bf64f43c9e63p-2",
}


def test_only_plain_arithmetic_is_used() -> None:
    """No exponential and no logarithm, which differ from one C library to another; no `sum`, which
    rounds otherwise from Python 3.12 on; no clock and no chance."""
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names]
                source = node.module if isinstance(node, ast.ImportFrom) else names[0]
                assert str(source).startswith(("rapport.", "typing", "collections", "enum")), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("sum", "pow"), path
            assert not isinstance(node, ast.Pow), path


def test_the_tables_make_sense() -> None:
    assert tuple(COMPOSITIONS) == GRANULAR
    used = {term.trace for parts in COMPOSITIONS.values() for term in parts.terms}
    assert used == set(TRACES)
    for name, composition in COMPOSITIONS.items():
        assert min(composition.rise_s, composition.fall_s) >= RISE_MIN_S, name
        for term in composition.terms:
            assert 0.0 < term.weight <= 1.0, (name, term)
            assert term.none != term.full, (name, term)
            assert -1.0 <= min(term.none, term.full) <= max(term.none, term.full) <= 1.0
