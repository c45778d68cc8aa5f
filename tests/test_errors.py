"""Every error has a stable code and tells the user what it means and what to do."""

import inspect

import pytest

from rapport import errors

pytestmark = pytest.mark.unit

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.RapportError)
]
LEAVES = [kind for kind in CLASSES if not kind.__subclasses__()]


def test_codes_are_unique_and_drawn_in_the_tree() -> None:
    codes = [kind.code for kind in LEAVES]
    assert len(codes) == len(set(codes))
    drawn = {
        tuple(line.strip("│├└─ ").split())
        for line in (errors.__doc__ or "").splitlines()
        if "──" in line
    }
    for kind in LEAVES:
        assert (kind.__name__, kind.code) in drawn
    assert len(drawn) == len(CLASSES) - 1


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.code)
def test_an_error_says_what_happened_what_it_means_and_what_to_do(
    kind: type[errors.RapportError],
) -> None:
    error = kind("Something happened.")
    assert str(error) == f"Something happened. [{kind.code}]"
    for sentence in (kind.meaning, kind.remedy):
        assert sentence.endswith(".")
        assert sentence not in (errors.RapportError.meaning, errors.RapportError.remedy)
