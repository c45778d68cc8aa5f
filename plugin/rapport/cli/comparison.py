"""What changes between two profiles over the same session."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from rapport.cli.course import Course, Firing

SAME_S = 0.001
"""Times that differ by less are the same."""
SAME_STRENGTH = 0.01

Kind = Literal["same", "changed", "gone", "new"]


class Change(NamedTuple):
    """A firing of one profile, of the other, or of both."""

    reaction: str
    before: Firing | None
    after: Firing | None

    @property
    def kind(self) -> Kind:
        """Whether it is in both, and then whether it is the same."""
        if self.after is None:
            return "gone"
        if self.before is None:
            return "new"
        return "changed" if self.later_s or self.longer_s or self.stronger else "same"

    @property
    def later_s(self) -> float:
        """By how much its begin comes later; 0 unless it is in both."""
        return self._difference(lambda firing: firing.began_s, SAME_S)

    @property
    def longer_s(self) -> float:
        """By how much longer it goes on; 0 unless it is in both."""
        return self._difference(lambda firing: firing.seconds, SAME_S)

    @property
    def stronger(self) -> float:
        """By how much stronger it gets; 0 unless it is in both."""
        return self._difference(lambda firing: firing.strength, SAME_STRENGTH)

    def _difference(self, of: Callable[[Firing], float], least: float) -> float:
        if self.before is None or self.after is None:
            return 0.0
        difference = of(self.after) - of(self.before)
        return difference if abs(difference) >= least else 0.0


def compare(before: Course, after: Course) -> tuple[Change, ...]:
    """Every firing of two courses, those that overlap in time side by side, by their begin."""
    names = dict.fromkeys((*before.profile.reaction, *after.profile.reaction))
    changes = [change for name in names for change in _pairs(name, before.of(name), after.of(name))]
    return tuple(sorted(changes, key=_began_s))


def _began_s(change: Change) -> float:
    return min(firing.began_s for firing in (change.before, change.after) if firing is not None)


def _pairs(name: str, before: tuple[Firing, ...], after: tuple[Firing, ...]) -> Iterator[Change]:
    """Firings of one reaction never overlap each other, so that one walk along both finds all."""
    left, right = list(before), list(after)
    while left and right:
        if left[0].ended_s <= right[0].began_s:
            yield Change(name, left.pop(0), None)
        elif right[0].ended_s <= left[0].began_s:
            yield Change(name, None, right.pop(0))
        else:
            yield Change(name, left.pop(0), right.pop(0))
    yield from (Change(name, one, None) for one in left)
    yield from (Change(name, None, one) for one in right)
