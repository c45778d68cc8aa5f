"""Duty: reading costs no more than its budget on average."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.sidecar.duty import Pace

pytestmark = pytest.mark.property


@given(st.floats(0.1, 20.0), st.lists(st.floats(0.1, 40.0), min_size=50, max_size=300))
def test_the_budget_is_kept(budget_ms: float, costs: list[float]) -> None:
    pace = Pace()
    pace.limit(budget_ms)
    spent = 0.0
    for cost in costs:
        if pace.due():
            pace.spent(cost)
            spent += cost
    # One reading may be on the way when the account is empty, and one may have been saved.
    assert spent <= budget_ms * len(costs) + 2.0 * max(costs)


@given(st.floats(1.0, 20.0), st.floats(1.0, 20.0))
def test_the_budget_is_used(budget_ms: float, cost: float) -> None:
    pace = Pace()
    pace.limit(budget_ms)
    read = 0
    for _ in range(400):
        if pace.due():
            pace.spent(cost)
            read += 1
    assert read >= 0.9 * 400 * min(1.0, budget_ms / cost) - 2


def test_without_a_budget_every_frame_is_read() -> None:
    pace = Pace()
    for _ in range(10):
        assert pace.due()
        pace.spent(1000.0)
