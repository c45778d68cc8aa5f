"""One tick of the fusion: the newest evidence of every modality becomes one emotion state."""

from collections.abc import Mapping
from math import isfinite

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport import settings
from rapport.fusion import gate
from rapport.fusion.course import Course
from rapport.fusion.incongruence import incongruence
from rapport.fusion.mixture import place, pool
from rapport.fusion.parameters import Parameters
from rapport.fusion.trajectory import Memory, Reading, recall, remember
from rapport.state import (
    BURSTS,
    LABELS,
    NEVER,
    SCHEMA,
    UNCERTAIN,
    Burst,
    Condition,
    Contradiction,
    Doubt,
    EmotionState,
    Evidence,
    Measure,
    Modality,
    ModalityState,
    Quality,
)

NOT_CAPTURED = frozenset(
    {
        Condition.DISABLED,
        Condition.FAILED,
        Condition.LOST,
        Condition.STALE,
        Condition.STARTING,
    }
)
"""Conditions under which nothing is known of whether there is anybody to read."""


ALWAYS = (Modality.FACE, Modality.VOICE, Modality.TEXT)
"""The modalities that every state has; another one is in a state when it is in the evidence."""


class Fusion:
    """Keeps the trajectory and the course between ticks; everything else is a function of the
    evidence."""

    def __init__(self, fusion: settings.Fusion, parameters: Parameters | None = None) -> None:
        """
        :param parameters: what the gate goes by; None: what is built in.
        """
        self._settings = fusion
        self._parameters = parameters or Parameters()
        self._memory: Memory | None = None
        self._course = Course()

    def adjust(self, fusion: settings.Fusion) -> None:
        """Use other settings from the next tick on."""
        self._settings = fusion

    def forget(self) -> None:
        """Forget the trajectory, the mood and the moments: what they rest on may not be used any
        more."""
        self._memory = None
        self._course.forget()

    def mark(self, moment: str, at_ns: int, now_ns: int) -> None:
        """Follow how the player takes a moment of the game, in `moments` of the states; one that
        is marked again begins anew.

        :param at_ns: when it was, on the clock of the evidence; one that is to come is now.
        """
        self._course.mark(moment, at_ns, now_ns)

    def tick(
        self,
        evidence: Mapping[Modality, Evidence],
        now_ns: int,
        now_wall: float,
        doubt: Doubt | None = None,
    ) -> EmotionState:
        """Fuse the newest evidence of each modality.

        :param evidence: one reading per modality; one of `ALWAYS` that is left out is DISABLED.
            Readings that make no sense (not finite, not a distribution) weigh nothing.
        :param now_ns: the time of the tick on the clock of the evidence.
        :param now_wall: the same moment in seconds since the Unix epoch.
        :param doubt: what is known against the newest utterance's words, voice or face.
        """
        readings = {
            modality: evidence.get(modality) or Evidence(modality, NEVER, Condition.DISABLED)
            for modality in dict.fromkeys((*ALWAYS, *evidence))
        }
        experts = self._parameters.experts
        at_their_word = {
            m: gate.trust(e, now_ns, self._settings, experts[m]) for m, e in readings.items()
        }
        trusts = _doubted(at_their_word, doubt)
        weights = gate.weights(trusts)
        reading = _mix(readings, trusts, weights, self._parameters)
        self._memory = remember(self._memory, reading, now_ns, self._settings)
        contradicted = doubt is not None and doubt.kind != ""
        self._course.tick(reading, readings, trusts, contradicted, now_ns)
        ages = {m: gate.age_s(e, now_ns) for m, e in readings.items()}
        youngest = min((age for age in ages.values() if age is not None), default=0.0)
        state = EmotionState(
            captured_ns=now_ns - round(youngest * gate.NANOSECONDS),
            captured_wall=now_wall - youngest,
            label=UNCERTAIN,
            confidence=0.0,
            modalities={
                m: _modality_state(
                    e, weights[m], gate.condition(e, now_ns, self._settings), ages[m]
                )
                for m, e in readings.items()
            },
            arousal=_arousal_alone(readings, now_ns, self._settings),
            speaking=_present(readings[Modality.VOICE], now_ns, self._settings),
            face_present=_present(readings[Modality.FACE], now_ns, self._settings),
            # Before the doubt: who loses its weight for contradicting would seem to agree.
            incongruence=incongruence(*_used(readings, gate.weights(at_their_word)))
            if doubt is None
            else _share(doubt.strength),
            schema=SCHEMA,
            burst=_burst(readings[Modality.VOICE], now_ns, self._settings),
            contradiction=self._contradiction(doubt, readings, at_their_word, reading),
            mood=self._course.mood,
            moments=self._course.moments,
        )
        return self._with_emotion(state)

    def _with_emotion(self, state: EmotionState) -> EmotionState:
        """The state with what the trajectory says, if it still says anything."""
        if self._memory is None:
            return state
        remembered = recall(self._memory, self._settings)
        valence, arousal, dominance = remembered.vad.tolist()
        return msgspec.structs.replace(
            state,
            label=_label(remembered.distribution, self._settings),
            confidence=min(1.0, float(remembered.distribution.max())),
            probabilities=tuple(remembered.distribution.tolist()),
            valence=valence,
            arousal=arousal,
            dominance=dominance,
            trend=remembered.trend,
        )

    def _contradiction(
        self,
        doubt: Doubt | None,
        readings: Mapping[Modality, Evidence],
        at_their_word: Mapping[Modality, float],
        doubted: Reading | None,
    ) -> Contradiction | None:
        """What is published of a doubt that has a name: the labels of this tick's evidence."""
        if doubt is None or not doubt.kind:
            return None
        plain = _mix(readings, at_their_word, gate.weights(at_their_word), self._parameters)
        before, after = (
            UNCERTAIN if reading is None else _label(reading.distribution, self._settings)
            for reading in (plain, doubted)
        )
        return Contradiction(doubt.kind, _share(doubt.strength), before, after, doubt.line)


def _label(distribution: NDArray[np.float64], fusion: settings.Fusion) -> str:
    """The emotion that stands out, or `UNCERTAIN`."""
    second, first = np.sort(distribution)[-2:]
    sure = first >= fusion.abstain_below and first - second >= fusion.abstain_margin
    return LABELS[int(np.argmax(distribution))] if sure else UNCERTAIN


def _doubted(trusts: Mapping[Modality, float], doubt: Doubt | None) -> dict[Modality, float]:
    """The trusts, less what a doubt takes of them."""
    keeps = {} if doubt is None else doubt.keeps
    return {m: trust * _share(keeps.get(m, 1.0)) for m, trust in trusts.items()}


def _used(
    readings: Mapping[Modality, Evidence], weights: Mapping[Modality, float]
) -> tuple[list[tuple[float, ...]], list[float]]:
    """The distributions and weights of the experts that weigh anything."""
    used = [
        (evidence.distribution, weights[modality])
        for modality, evidence in readings.items()
        if evidence.distribution is not None and weights[modality] > 0.0
    ]
    return [distribution for distribution, _ in used], [weight for _, weight in used]


def _mix(
    readings: Mapping[Modality, Evidence],
    trusts: Mapping[Modality, float],
    weights: Mapping[Modality, float],
    parameters: Parameters,
) -> Reading | None:
    """The experts' evidence as one; None if no expert is trusted at all.

    Its clarity is the highest probability of the pool, times the trust in all experts together
    (at most one): a sure answer from a good signal is believed at once.
    """
    trusted = [m for m in readings if trusts[m] > 0.0]
    if not trusted:
        return None
    distributions = {m: readings[m].distribution or () for m in trusted}
    pooled = pool(distributions, trusts, parameters)
    vad = place(
        pooled.tolist(),
        list(distributions.values()),
        [(readings[m].valence, readings[m].arousal, readings[m].dominance) for m in trusted],
        [weights[m] for m in trusted],
    )
    clarity = float(pooled.max()) * min(1.0, sum(trusts.values()))
    return Reading(pooled, vad, clarity)


def _modality_state(
    evidence: Evidence, weight: float, condition: Condition, age_s: float | None
) -> ModalityState:
    fresh = condition is not Condition.STALE
    sound = fresh and gate.is_distribution(evidence.distribution)
    return ModalityState(
        weight=weight,
        condition=condition,
        quality=_sound_quality(evidence.quality),
        age_ms=None if age_s is None else age_s * 1000.0,
        distribution=tuple(map(float, evidence.distribution or ())) if sound else None,
        valence=_in_range(evidence.valence) if fresh else None,
        arousal=_in_range(evidence.arousal) if fresh else None,
        model=evidence.model,
    )


def _sound_quality(quality: Quality) -> Quality:
    """The quality without what is not a number, its scores in 0 ... 1.

    Here as above everything becomes Python's own numbers: the wire's encoder takes no others, and
    an expert's array library hands out its own.
    """
    measures = quality.measures.items()
    return Quality(
        score=_share(quality.score),
        measures={
            k: Measure(float(m.value), _share(m.score)) for k, m in measures if isfinite(m.value)
        },
    )


def _share(value: float) -> float:
    return float(min(1.0, max(0.0, value))) if isfinite(value) else 0.0


def _present(evidence: Evidence, now_ns: int, fusion: settings.Fusion) -> bool | None:
    if gate.condition(evidence, now_ns, fusion) in NOT_CAPTURED:
        return None
    return bool(evidence.present)


def _arousal_alone(
    readings: Mapping[Modality, Evidence], now_ns: int, fusion: settings.Fusion
) -> float | None:
    """The arousal that experts read without an emotion (prosody alone), by their quality.

    It stands where there is no emotion to go by; None: nobody reads any.
    """
    read = [
        (value, _share(evidence.quality.score))
        for evidence in readings.values()
        if gate.condition(evidence, now_ns, fusion) is not Condition.STALE
        and (value := _in_range(evidence.arousal)) is not None
    ]
    total = sum(score for _, score in read)
    return sum(value * score for value, score in read) / total if total > 0.0 else None


def _burst(evidence: Evidence, now_ns: int, fusion: settings.Fusion) -> Burst | None:
    """The likeliest of the bursts that the evidence hears, if it hears one now."""
    heard = evidence.bursts
    stale = gate.condition(evidence, now_ns, fusion) is Condition.STALE
    if stale or heard is None or len(heard) != len(BURSTS) or not all(map(isfinite, heard)):
        return None
    confidence = max(heard)
    return Burst(BURSTS[heard.index(confidence)], _share(confidence))


def _in_range(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(np.clip(value, -1.0, 1.0))
