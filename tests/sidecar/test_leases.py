"""Leases: who holds one, who fell silent, how long nobody has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.sidecar.leases import SECOND_NS, Leases

pytestmark = pytest.mark.property

APPS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "end", "look"]), APPS, st.floats(0.001, 2.0), st.integers(0, 3000)
    ),
    max_size=40,
)


@given(STEPS)
def test_a_lease_is_held_from_its_taking_to_its_end_and_no_longer(
    steps: list[tuple[str, str, float, int]],
) -> None:
    leases, now_ns, until, last = Leases(0), 0, dict[str, int](), 0
    for what, app, seconds, pause_ms in steps:
        now_ns += pause_ms * 1_000_000
        if what == "take":
            assert leases.take(app, seconds, now_ns) is (until.get(app, 0) <= now_ns)
            until[app] = now_ns + round(seconds * SECOND_NS)
            last = max(last, now_ns)
        elif what == "end":
            leases.end(app)
            until.pop(app, None)
        else:
            held = leases.look(now_ns)
            alive = sorted(a for a, end in until.items() if end > now_ns)
            silent = {a for a, end in until.items() if end <= now_ns}
            assert list(held.apps) == alive
            assert set(held.lost) == silent
            assert (held.unheld_s == 0.0) >= bool(alive)
            assert held.unheld_s >= 0.0
            until = {a: end for a, end in until.items() if end > now_ns}
            assert leases.look(now_ns).lost == ()


def test_the_wait_for_a_first_lease_counts_from_the_start() -> None:
    assert Leases(5 * SECOND_NS).look(8 * SECOND_NS).unheld_s == 3.0
