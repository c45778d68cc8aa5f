"""What one emotion state has to say: signals, and how far each may be trusted."""

from rapport.state import BURSTS, LABELS, Condition, EmotionState, Modality, ModalityState

Signals = dict[str, tuple[float, float]]
"""Signal -> its value, and how far it is trusted, 0 ... 1. One that is unknown is not in it."""

UNPLEASANT = frozenset({"sadness", "anger", "disgust", "fear"})
UNCLEAR_MOST = 1.0 - 1.0 / len(LABELS)
"""The Gini impurity of eight labels that are all alike."""
SURE_SHARE = 0.5
"""How much of the trust in a feeling is the state's own confidence; the rest is how well the
signals can be read. Half each: a state that names no emotion still says that none stands out."""

DEAF = frozenset(
    {
        Condition.DISABLED,
        Condition.FAILED,
        Condition.LOST,
        Condition.STALE,
        Condition.STARTING,
    }
)
"""Conditions of the voice under which nothing is known of what was heard."""
MUFFLED = frozenset({Condition.NOISY, Condition.CLIPPED})
MUFFLED_TRUST = 0.5
"""How far it is trusted that nobody spoke or laughed when little can be made out."""
BURST_MODELS = ("vocal_bursts", "simulated")
"""Models that know a laugh; where none of them listens, no laugh is no sign of anything."""


def read(state: EmotionState) -> Signals:
    """The signals of one state:

    - the emotions, 0 ... 1; `displeasure`: sadness, anger, disgust and fear together, 0 ... 1;
      `unclear`: how far no emotion stands out, 0 (one is certain) ... 1 (all are alike), by the
      Gini impurity, which needs no logarithm;
    - `valence`, `arousal`, `dominance`, -1 ... +1; `incongruence`, 0 ... 1;
    - `denial`: how far kind words come with an unkind face and voice, 0 ... 1: the smaller one of
      the words' valence and the others' valence below zero. A straight face denies nothing;
    - `facing`: whether somebody faces the camera, 0 ... 1; `away`: whether somebody is there and
      looks elsewhere, 0 ... 1;
    - `speaking`, 0 or 1; each of `state.BURSTS`: how surely it is heard, 0 if it is not. The
      silence of an empty chair is unknown: it is nobody's.

    What the trajectory only remembers is no signal: feelings are unknown while no modality can
    be read. Values that are out of range or not a number are unknown too.
    """
    signals: Signals = {}
    parts = state.modalities
    readable = 0.0  # Added by hand, here and below: `sum` rounds otherwise from Python 3.12 on.
    for part in parts.values():
        readable += _share(part.weight) * _share(part.quality.score)
    if readable > 0.0 and state.probabilities is not None:
        _feelings(state, state.probabilities, min(1.0, readable), signals)
    face = parts.get(Modality.FACE)
    _attention(face, signals)
    gone = face is not None and face.condition is Condition.ABSENT
    _sounds(parts.get(Modality.VOICE), state, gone, signals)
    _words(parts, signals)
    return signals


def _feelings(
    state: EmotionState, probabilities: tuple[float, ...], readable: float, signals: Signals
) -> None:
    sure = readable * (1.0 - SURE_SHARE + SURE_SHARE * _share(state.confidence))
    displeasure, impurity = 0.0, 1.0
    for label, probability in zip(LABELS, probabilities, strict=True):
        if not 0.0 <= probability <= 1.0:
            return
        signals[label] = (probability, sure)
        impurity -= probability * probability
        if label in UNPLEASANT:
            displeasure += probability
    signals["displeasure"] = (min(1.0, displeasure), sure)
    signals["unclear"] = (_share(impurity / UNCLEAR_MOST), readable)
    for name, value, trust in (
        ("valence", state.valence, sure),
        ("arousal", state.arousal, sure),
        ("dominance", state.dominance, sure),
        ("incongruence", state.incongruence, readable),
    ):
        if value is not None and -1.0 <= value <= 1.0:
            signals[name] = (value, trust)


def _attention(face: ModalityState | None, signals: Signals) -> None:
    """From the head's turn, as far as the tracker measures it; darkness hides it."""
    if face is None:
        return
    if face.condition is Condition.OK:
        measures = face.quality.measures
        turns = [_share(measures[name].score) for name in ("yaw", "pitch") if name in measures]
        facing = min(turns, default=1.0)
        signals["facing"] = (facing, 1.0)
        signals["away"] = (1.0 - facing, 1.0)
    elif face.condition is Condition.TURNED_AWAY:
        signals["facing"] = (0.0, 1.0)
        signals["away"] = (1.0, 1.0)
    elif face.condition is Condition.ABSENT:
        signals["facing"] = (0.0, 1.0)


def _sounds(voice: ModalityState | None, state: EmotionState, gone: bool, signals: Signals) -> None:
    """:param gone: nobody is in the picture."""
    if voice is None or voice.condition in DEAF:
        return
    trust = MUFFLED_TRUST if voice.condition in MUFFLED else 1.0
    if state.speaking or (state.speaking is not None and not gone):
        signals["speaking"] = (1.0 if state.speaking else 0.0, trust)
    if not gone and any(model in voice.model for model in BURST_MODELS):
        signals.update(dict.fromkeys(BURSTS, (0.0, trust)))
    if state.burst is not None:
        signals[state.burst.name] = (_share(state.burst.confidence), trust)


def _words(parts: dict[Modality, ModalityState], signals: Signals) -> None:
    said = _read_valence(parts.get(Modality.TEXT))
    if said is None:
        return
    weight = shown = trust = 0.0
    for modality in (Modality.FACE, Modality.VOICE):
        read = _read_valence(parts.get(modality))
        if read is not None:
            weight += read[0]
            shown += read[0] * read[1]
            trust = max(trust, read[2])
    if weight > 0.0:
        signals["denial"] = (_share(min(said[1], -shown / weight)), trust * said[2])


def _read_valence(part: ModalityState | None) -> tuple[float, float, float] | None:
    """Weight, valence and quality of a modality that is read now; None: it is not."""
    if part is None or part.valence is None or not part.weight > 0.0:
        return None
    if not -1.0 <= part.valence <= 1.0:
        return None
    return _share(part.weight), part.valence, _share(part.quality.score)


def _share(value: float) -> float:
    """The value within 0 ... 1; 0 if it is not a number."""
    return min(1.0, value) if value > 0.0 else 0.0
