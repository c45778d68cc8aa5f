"""What is remembered between ticks: of each signal, and of each granular state."""

from collections.abc import Mapping
from typing import NamedTuple

from rapport.reactions.granular.compositions import Composition, Part, Term, Trace

FORGOTTEN = 0.02
"""Trust or confidence below which what was known counts no more: it begins anew."""
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
    """A granular state over time: its `value` and `confidence`, each 0 ... 1.

    The value follows what the terms make of the traces, as fast as the composition says and as far
    as anything can be read now; otherwise it stays. The confidence follows the share of the
    evidence that can be read now.
    """

    def __init__(self, composition: Composition, traces: Mapping[str, TraceMemory]) -> None:
        def bound(part: Part) -> tuple[_Bound, ...]:
            return tuple(_bind(term, traces) for term in composition.terms if term.part is part)

        self._times = composition
        self._signs, self._extras = bound(Part.SIGN), bound(Part.EXTRA)
        self._needs, self._against = bound(Part.NEED), bound(Part.AGAINST)
        self._evidence = [
            (term.trace, term.weight) for term in self._signs + self._needs + self._against
        ]
        self._weight = 0.0
        for (
            _,
            weight,
        ) in self._evidence:  # Not by `sum`, which rounds otherwise from Python 3.12 on.
            self._weight += weight
        self.value = self.confidence = 0.0

    def follow(self, passed_s: float) -> None:
        """One tick on, after the traces."""
        needed, signed, read = 1.0, 0.0, 0.0
        for trace, weight, _, _ in self._needs:
            left = 1.0 - weight * (1.0 - trace.trust)
            if left < needed:
                needed = left
        for trace, _, _, _ in self._signs:
            if trace.trust > signed:
                signed = trace.trust
        for trace, weight in self._evidence:
            read += weight * trace.trust
        seen_s = passed_s * needed * signed
        if seen_s > 0.0:
            target = self._composed()
            constant_s = self._times.rise_s if target > self.value else self._times.fall_s
            self.value += step(seen_s, constant_s) * (target - self.value)
        self._follow_confidence(min(needed, read / self._weight), passed_s)

    def _composed(self) -> float:
        """What the terms make of the traces, 0 ... 1."""
        # Ramps are written out three times: a call for each term would take half of the time.
        total = weights = 0.0
        for trace, weight, none, slope in self._signs:
            shown = (trace.value - none) * slope
            known = weight * trace.known
            weights += known
            if shown > 0.0:
                total += known * shown if shown < 1.0 else known
        value = total / weights if weights > 0.0 else 0.0
        for trace, weight, none, slope in self._extras:
            shown = (trace.value - none) * slope
            if shown > 0.0:
                value += (1.0 - value) * weight * trace.known * min(1.0, shown)
        for trace, weight, none, slope in self._needs:
            shown = (trace.value - none) * slope
            if shown < 1.0:
                value -= value * weight * trace.known * (1.0 - max(0.0, shown))
        for trace, weight, none, slope in self._against:
            shown = (trace.value - none) * slope
            if shown > 0.0:
                value -= value * weight * trace.known * min(1.0, shown)
        return value

    def _follow_confidence(self, target: float, passed_s: float) -> None:
        window_s = self._times.window_s
        constant_s = window_s if target > self.confidence else window_s / LOSS
        self.confidence += step(passed_s, constant_s) * (target - self.confidence)
        if self.confidence < FORGOTTEN and target <= 0.0:
            self.value = 0.0


def _bind(term: Term, traces: Mapping[str, TraceMemory]) -> _Bound:
    return _Bound(traces[term.trace], term.weight, term.none, 1.0 / (term.full - term.none))
