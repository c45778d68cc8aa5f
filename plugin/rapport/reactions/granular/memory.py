"""What is remembered between ticks: of each signal, and of each granular state."""

from collections.abc import Mapping
from typing import NamedTuple

from rapport.reactions.granular.compositions import Composition, Part, Term, Trace

FORGOTTEN = 0.02
"""Trust or confidence below which what was known counts no more: it begins anew."""
ENOUGH, LEAST = 0.2, 0.15
"""Confidence from which a granular state is known, and below which it is unknown again: two, so
that it does not come and go at every tick."""
LOSS = 2.0
"""Confidence is lost this many times as fast as it is gained."""


def step(passed_s: float, constant_s: float) -> float:
    """The share of the way that a first-order filter goes in a time: implicit Euler, which is
    stable for every step and needs no exponential."""
    return passed_s / (constant_s + passed_s)


class TraceMemory:
    """A signal over time: its `value`; how far it has been `known` of late, 0 ... 1; the `trust`
    in it just now, 0 ... 1.

    Time passes for the value as far as the signal is trusted. Unknown, it stays what it was, while
    `known` fades.
    """

    __slots__ = ("_fall_s", "_long_s", "_rise_s", "known", "trust", "value")

    def __init__(self, trace: Trace) -> None:
        self._rise_s, self._fall_s = trace
        self._long_s = max(trace)
        self.value = self.known = self.trust = 0.0

    def follow(self, signal: tuple[float, float] | None, passed_s: float) -> None:
        """One tick on; None: the signal is unknown."""
        if signal is None:
            self.trust = 0.0
            if self.known < FORGOTTEN:
                self.value = 0.0
        else:
            value, self.trust = signal
            seen_s = passed_s * self.trust
            constant_s = self._rise_s if value > self.value else self._fall_s
            self.value += seen_s / (constant_s + seen_s) * (value - self.value)
        self.known += passed_s / (self._long_s + passed_s) * (self.trust - self.known)


class _Bound(NamedTuple):
    """A term with the trace that it looks at; its ramp as where it begins and how steep it is."""

    trace: TraceMemory
    weight: float
    none: float
    slope: float


class StateMemory:
    """A granular state over time: its `value` and `confidence`, each 0 ... 1, and whether it is
    `known`.

    The value follows what the terms make of the traces, as fast as the composition says and as far
    as anything can be read now; otherwise it stays. The confidence follows the share of the
    evidence that can be read now.
    """

    def __init__(self, composition: Composition, traces: Mapping[str, TraceMemory]) -> None:
        def bound(part: Part) -> tuple[_Bound, ...]:
            return tuple(_bind(term, traces) for term in composition.terms if term.part is part)

        self._rise_s, self._fall_s, self._window_s, _ = composition
        self._signs, self._extras = bound(Part.SIGN), bound(Part.EXTRA)
        self._needs, self._against = bound(Part.NEED), bound(Part.AGAINST)
        self._weight = 0.0
        for term in self._signs + self._needs + self._against:
            self._weight += term.weight  # Not by `sum`, which rounds otherwise from Python 3.12 on.
        self.value = self.confidence = 0.0
        self.known = False

    def follow(self, passed_s: float) -> None:
        """One tick on, after the traces."""
        # One pass over the terms with the ramps written out: this runs in every frame of a game,
        # and a call for each term would take twice the time.
        shares = weights = signed = read = 0.0
        for trace, weight, none, slope in self._signs:
            read += weight * trace.trust
            if trace.trust > signed:
                signed = trace.trust
            known = weight * trace.known
            weights += known
            shown = (trace.value - none) * slope
            if shown > 0.0:
                shares += known * shown if shown < 1.0 else known
        target = shares / weights if weights > 0.0 else 0.0
        for trace, weight, none, slope in self._extras:
            shown = (trace.value - none) * slope
            if shown > 0.0:
                target += (1.0 - target) * weight * trace.known * min(1.0, shown)
        needed = 1.0
        for trace, weight, none, slope in self._needs:
            read += weight * trace.trust
            needed = min(needed, 1.0 - weight * (1.0 - trace.trust))
            shown = (trace.value - none) * slope
            if shown < 1.0:
                target -= target * weight * trace.known * (1.0 - max(0.0, shown))
        for trace, weight, none, slope in self._against:
            read += weight * trace.trust
            shown = (trace.value - none) * slope
            if shown > 0.0:
                target -= target * weight * trace.known * min(1.0, shown)
        self._follow_value(target, passed_s * needed * signed)
        self._follow_confidence(min(needed, read / self._weight), passed_s)

    def _follow_value(self, target: float, seen_s: float) -> None:
        """With nothing to be seen, the value stays."""
        constant_s = self._rise_s if target > self.value else self._fall_s
        self.value += step(seen_s, constant_s) * (target - self.value)

    def _follow_confidence(self, target: float, passed_s: float) -> None:
        constant_s = self._window_s if target > self.confidence else self._window_s / LOSS
        self.confidence += step(passed_s, constant_s) * (target - self.confidence)
        self.known = self.confidence >= (LEAST if self.known else ENOUGH)
        if self.confidence < FORGOTTEN and target <= 0.0:
            self.value = 0.0


def _bind(term: Term, traces: Mapping[str, TraceMemory]) -> _Bound:
    return _Bound(traces[term.trace], term.weight, term.none, 1.0 / (term.full - term.none))
