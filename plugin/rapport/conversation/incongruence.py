"""Whether an utterance is meant as it is said: its words against its voice and face.

| the words | voice or face | kind | what loses weight |
|---|---|---|---|
| glad | hostile (anger, disgust, contempt), or flat | `sarcasm` | the words |
| thanks, praise, agreement | flat, after bad news | `forced_politeness` | the words |
| glad, or "I'm fine" | distressed (sadness, fear) | `masking` | the words, and a smile |
| distressed | the face smiles | `masking` | the smile |
| any | the face smiles over a distressed voice | `masking` | the smile |

Flat is what is neither glad, hostile nor distressed. Neutral words are never sarcastic, and sad or
angry words are only ever masked by a smile. Words alone are never doubted: what speaks against them
counts by how well it could be seen or heard, and below `POOR` not at all.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapport.conversation.incongruence_parameters import Parameters, Signs
from rapport.conversation.utterance import Summary, Utterance
from rapport.experts.dialogue.emotions import NAMES
from rapport.state import LABELS, Distribution, Doubt, Modality

POOR, GOOD = 0.2, 0.5
"""A face or voice counts for nothing at a quality of `POOR` and below, and in full from `GOOD`."""
GLIMPSED, WATCHED = 0.1, 0.4
"""Likewise by how much of the utterance could be read: a blink is no smile."""
LIKELY_GLAD, SURELY_GLAD = 0.4, 0.75
"""Words are glad for certain from this probability of happiness on, and not at all from the other
one down."""
FINE = re.compile(
    r"\b(?:i['\u2019]?m|i am|it['\u2019]?s|everything['\u2019]?s|everything is|we['\u2019]?re)\s+"
    r"(?:\w+\s+)?(?:fine|ok|okay|alright|all right|good|great|nothing)\b"
    r"|\bno (?:problem|worries)\b|\bdon['\u2019]?t worry\b|\bnever mind\b|\ball good\b",
    re.IGNORECASE,
)
"""What people say who do not want to be asked."""
CLAIMED = 0.9
"""How far such words claim that nothing is wrong."""
POLITE = ("gratitude", "admiration", "approval", "caring", "optimism")
"""Emotions of words that manners ask for."""
POLITE_FROM = 0.3
"""Probability of one of them from which words are polite."""
WARMEST = 6.0
"""Log-odds of warmth beyond which more says no more."""
TINY = 0.02
"""Least probability of a sign, so that its logarithm is bounded."""


class Shares(NamedTuple):
    """What a distribution says, summed up; the four sum to one."""

    glad: float
    hostile: float
    distress: float
    flat: float


UNSAID = Shares(0.0, 0.0, 0.0, 0.0)
"""Of words that are not known."""


class _Seen(NamedTuple):
    """One modality: how far it is trusted, 0 ... 1, what it shows, and the log-odds that glad words
    are not meant by it."""

    trust: float
    shares: Shares
    against: float


def judge(utterance: Utterance, parameters: Parameters) -> Doubt | None:
    """Whether the words, the voice and the face of an utterance contradict each other.

    None where it cannot be said: neither voice nor face could be read well enough, or the words are
    not known and no smile covers a distressed voice. The strength never rises when the modality
    that speaks for a contradiction gets worse.
    """
    words = None if utterance.words is None else utterance.words.distribution
    seen = {
        modality: _Seen(trust, shares_of(summary.distribution), against(summary, signs))
        for modality, summary, signs in (
            (Modality.VOICE, utterance.voice, parameters.voice),
            (Modality.FACE, utterance.face, parameters.face),
        )
        if summary is not None and (trust := trust_in(summary)) > 0.0
    }
    if not seen:
        return None
    said = UNSAID if words is None else shares_of(words)
    claim = _ramp(said.glad, LIKELY_GLAD, SURELY_GLAD)
    fine = CLAIMED if FINE.search(utterance.text) else 0.0
    voice, face = seen.get(Modality.VOICE), seen.get(Modality.FACE)
    smile = 0.0 if face is None else face.trust * face.shares.glad
    distress = 0.0 if voice is None else voice.trust * voice.shares.distress
    worst = max(one.trust * one.shares.distress for one in seen.values())
    bad = worse_than_glad(utterance.expected)
    total = parameters.rare + sum(one.trust * one.against for one in seen.values())
    speaks = max(one.trust for one in seen.values())
    glad = claim * speaks * _sigmoid(total + parameters.context * bad)
    found = (
        (glad, _kind_of_glad(seen.values(), _polite(utterance.emotions), bad)),
        (fine * worst, "masking"),
        (smile * max(distress, said.distress), "masking"),
    )
    strength, kind = max(found)
    if strength < parameters.say_from:
        return None if words is None else Doubt(strength, line=utterance.line)
    keeps = {}
    if max(glad, fine * worst) >= parameters.say_from:
        keeps[Modality.TEXT] = 1.0 - strength
    if kind == "masking" and smile > 0.0:
        keeps[Modality.FACE] = 1.0 - smile * strength
    return Doubt(strength, kind, keeps, utterance.line)


def shares_of(distribution: Distribution) -> Shares:
    """A distribution as four shares."""
    share = dict(zip(LABELS, distribution, strict=True))
    hostile = share["anger"] + share["disgust"] + share["contempt"]
    distress = share["sadness"] + share["fear"]
    # Surprise may be a glad one.
    glad = share["happiness"] + share["surprise"] / 2.0
    return Shares(glad, hostile, distress, max(0.0, 1.0 - glad - hostile - distress))


def against(summary: Summary, signs: Signs) -> float:
    """Log-odds that glad words are not said like this; a sign that is not known counts as none."""
    known = signs_of(summary)
    return signs.bias + sum(
        weight * known[name] for name, weight in signs.weights.items() if name in known
    )


def signs_of(summary: Summary) -> dict[str, float]:
    """The signs of one modality by name: the logarithms of the four shares, and the voice's
    warmth where it is known."""
    shares = shares_of(summary.distribution)._asdict()
    known = {name: math.log(share + TINY) for name, share in shares.items()}
    if "warmth" in summary.prosody:
        known["warmth"] = max(-WARMEST, min(WARMEST, summary.prosody["warmth"]))
    return known


def trust_in(summary: Summary) -> float:
    """How far a modality counts, 0 ... 1: by its quality, and by how much of the utterance it saw
    or heard."""
    return _ramp(summary.quality, POOR, GOOD) * _ramp(summary.share, GLIMPSED, WATCHED)


def worse_than_glad(expected: Distribution | None) -> float:
    """How much worse than glad the conversation lets the player feel, 0 ... 1; 0 where nothing is
    expected."""
    if expected is None:
        return 0.0
    shares = shares_of(expected)
    return max(0.0, shares.hostile + shares.distress - shares.glad)


def _kind_of_glad(seen: Iterable[_Seen], polite: bool, bad: float) -> str:
    """What it is when glad words are not meant, by what is shown instead."""
    hostile = distress = flat = 0.0
    for trust, shares, _ in seen:
        hostile += trust * shares.hostile
        distress += trust * shares.distress
        flat += trust * shares.flat
    if distress > max(hostile, flat):
        return "masking"
    return "forced_politeness" if flat > hostile and polite and bad > 0.0 else "sarcasm"


def _polite(emotions: Sequence[float] | None) -> bool:
    if emotions is None:
        return False
    named = dict(zip(NAMES, emotions, strict=True))
    return max(named[name] for name in POLITE) >= POLITE_FROM


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, a straight line between; 0 for what is no number."""
    return min(1.0, max(0.0, (value - low) / (high - low))) if math.isfinite(value) else 0.0


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))
