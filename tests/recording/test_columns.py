"""Columns of whole numbers come back as they were, and garbage is no column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.recording.columns import ORDERS, pack, pack_table, unpack, unpack_table
from rapport.recording.shapes import Misfit

numbers = st.lists(st.none() | st.integers(-(2**40), 2**40), min_size=1, max_size=80)


@pytest.mark.property
@given(numbers)
def test_a_column_comes_back(column: list[int | None]) -> None:
    order, data = pack(column)
    assert unpack(order, data, len(column)) == column


@pytest.mark.property
@given(st.integers(-2, 5), st.binary(max_size=60), st.integers(0, 50))
def test_garbage_is_a_column_or_a_misfit(order: int, data: bytes, count: int) -> None:
    try:
        column = unpack(order, data, count)
    except Misfit:
        return
    assert order in ORDERS
    assert len(column) == count


@pytest.mark.unit
def test_a_column_that_stands_still_or_goes_on_evenly_takes_a_byte_a_row() -> None:
    for column in ([12345] * 100, list(range(0, 3_333_300, 33_333))):
        _, data = pack(column)
        assert len(data) <= len(column) + 6


@pytest.mark.unit
def test_columns_that_begin_or_end_between_are_none_elsewhere() -> None:
    words: dict[str, int] = {}
    rows = [
        [(("a",), 1, 1)],
        [(("a",), 1, 2), (("b", "c"), 0, "word")],
        [(("b", "d"), 10, 5)],
    ]
    packed = pack_table(rows, words)
    assert unpack_table(packed, 3, list(words)) == {
        "a": [1, 2, None],
        "b": {"c": [None, "word", None], "d": [None, None, 0.5]},
    }


@pytest.mark.unit
def test_the_example_of_the_documentation_is_right() -> None:
    data = bytes.fromhex("e907000b")
    assert unpack_table([1000, 1, data], 3, []) == [0.5, None, 0.505]
    assert pack([500, None, 505]) in ((1, data), (0, bytes.fromhex("e90700f307")))
