"""What changes from one second to the next, which no single state can say."""

from typing import NamedTuple

from rapport.reactions.granular.signals import Signals

FAST_S, SLOW_S = 0.5, 4.0
"""Time constants of the two averages whose distance is the change: an expression or a tone of voice
comes and goes between the two."""
GAP_S = 1.0
"""After this long without a signal its averages begin anew: what happened meanwhile is unknown, and
is no start."""
CHANGING = ("valence", "arousal", "surprise")


class Averages(NamedTuple):
    """Two averages of a signal, and for how long it has been missing, in seconds."""

    fast: float
    slow: float
    missing_s: float = 0.0


class Changes:
    """Keeps the averages, and tells two more signals:

    `movement`, 0 ... 1: how far valence and arousal have moved within seconds, together;
    `startle`, 0 ... 1: how far surprise has risen within seconds. Lasting surprise is none.
    """

    def __init__(self) -> None:
        self._averages: dict[str, Averages] = {}

    def follow(self, signals: Signals, passed_s: float) -> None:
        """Take the signals into account, and add what changes to them."""
        for name in CHANGING:
            self._follow(name, signals, passed_s)
        if "valence" in signals and "arousal" in signals:
            moved = abs(self._change("valence")) + abs(self._change("arousal"))
            trust = min(signals["valence"][1], signals["arousal"][1])
            signals["movement"] = (min(1.0, moved), trust)
        if "surprise" in signals:
            signals["startle"] = (max(0.0, self._change("surprise")), signals["surprise"][1])

    def _follow(self, name: str, signals: Signals, passed_s: float) -> None:
        averages = self._averages.get(name)
        if name not in signals:
            if averages is not None:
                missing_s = averages.missing_s + passed_s
                if missing_s > GAP_S:
                    del self._averages[name]
                else:
                    self._averages[name] = averages._replace(missing_s=missing_s)
            return
        value, trust = signals[name]
        if averages is None:
            self._averages[name] = Averages(value, value)
            return
        seen_s = passed_s * trust
        self._averages[name] = Averages(
            averages.fast + seen_s / (FAST_S + seen_s) * (value - averages.fast),
            averages.slow + seen_s / (SLOW_S + seen_s) * (value - averages.slow),
        )

    def _change(self, name: str) -> float:
        averages = self._averages[name]
        return averages.fast - averages.slow
