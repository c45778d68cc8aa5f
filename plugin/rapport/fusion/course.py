"""The course of the state: its mood, and the moments that the game has named."""

from collections import deque
from collections.abc import Mapping

from rapport.experts.affect import expected_vad
from rapport.fusion import moments, mood, strain
from rapport.fusion.gate import NANOSECONDS
from rapport.fusion.trajectory import Reading
from rapport.state import Appraisal, Evidence, Modality, Mood

SAMPLE_S = 1.0
"""How fine the past is remembered for moments that are told late."""
HISTORY_S = 300.0
"""How far back a moment may be told: five minutes, a cut scene and a loading screen."""
MOMENTS_MAX = 16
"""Moments that are followed at once; one more, and the oldest goes."""


class Course:
    """Keeps what goes over minutes. Bounded, however long it runs."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget the past, and the moments in it."""
        self._mood: mood.Memory | None = None
        self._strain: strain.Memory | None = None
        self._history: deque[strain.Memory] = deque(maxlen=round(HISTORY_S / SAMPLE_S))
        self._moments: dict[str, moments.Moment] = {}
        self._now_ns = 0

    def tick(
        self,
        reading: Reading | None,
        readings: Mapping[Modality, Evidence],
        trusts: Mapping[Modality, float],
        contradicted: bool,
        now_ns: int,
    ) -> None:
        """Take one more tick into account.

        :param reading: the experts' evidence as one; None: no expert is trusted.
        :param readings: the evidence of each modality.
        :param trusts: how far each is trusted, not negative.
        :param contradicted: whether the modalities are known to contradict each other.
        """
        self._now_ns = now_ns
        felt = None
        if reading is not None:
            valence, arousal, _ = reading.vad.tolist()
            felt = mood.Felt(complex(valence, arousal), min(1.0, sum(trusts.values())))
        self._mood = mood.remember(self._mood, felt, now_ns)
        self._keep()
        strains = {
            m: (_strain(readings[m]), min(1.0, trust)) for m, trust in trusts.items() if trust > 0.0
        }
        self._strain = newest = strain.remember(self._strain, strains, now_ns, not contradicted)
        self._moments = {
            name: moment if newest is None else moments.follow(moment, newest)
            for name, moment in self._moments.items()
            if not moments.over(moment, now_ns)
        }

    def mark(self, name: str, at_ns: int, now_ns: int) -> None:
        """Follow a moment; one of this name begins anew.

        :param at_ns: when it was, on the clock of the ticks.
        """
        self._moments.pop(name, None)
        while len(self._moments) >= MOMENTS_MAX:
            self._moments.pop(min(self._moments, key=lambda one: self._moments[one].at_ns))
        self._moments[name] = moments.mark(at_ns, self._history, self._strain, now_ns)

    @property
    def mood(self) -> Mood | None:
        """The mood at the last tick."""
        return mood.recall(self._mood)

    @property
    def moments(self) -> dict[str, Appraisal]:
        """The moments at the last tick, in the order in which they were told."""
        return {
            name: moments.appraisal(moment, self._now_ns) for name, moment in self._moments.items()
        }

    def _keep(self) -> None:
        """Remember what is the newest so far, if the last that was kept is old enough."""
        newest = self._strain
        if newest is None:
            return
        if self._history and newest.tick_ns < self._history[-1].tick_ns:
            self._history.clear()  # A clip that loops offline: the past is now yet to come.
        if (
            not self._history
            or newest.tick_ns - self._history[-1].tick_ns >= SAMPLE_S * NANOSECONDS
        ):
            self._history.append(newest)


def _strain(evidence: Evidence) -> float:
    """What an expert that is trusted reads, or what its distribution says where it reads none."""
    says = expected_vad(evidence.distribution or ())
    valence, arousal = (
        own if own is not None and -1.0 <= own <= 1.0 else said
        for own, said in zip((evidence.valence, evidence.arousal), says, strict=False)
    )
    return strain.strain(valence, arousal)
