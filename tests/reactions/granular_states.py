"""Emotion states for tests of the granular ones: plain, and whatever hypothesis can think of."""

from hypothesis import strategies as st

from rapport.state import (
    BURSTS,
    LABEL_VAD,
    LABELS,
    Burst,
    Condition,
    EmotionState,
    Measure,
    Modality,
    ModalityState,
    Quality,
)

SECOND = 1_000_000_000

NOTHING = dict.fromkeys(Modality, ModalityState(0.0, Condition.DISABLED))
UNKNOWN = EmotionState(0, 0.0, "uncertain", 0.0, NOTHING)
"""Nothing is captured."""


def shown(
    label: str,
    probability: float = 0.86,
    quality: float = 1.0,
    voice_model: str = "simulated",
) -> EmotionState:
    """A face that shows an emotion and looks ahead, and a microphone that hears nobody."""
    others = (1.0 - probability) / 7
    probabilities = tuple(probability if name == label else others for name in LABELS)
    valence, arousal, dominance = LABEL_VAD[LABELS.index(label)]
    return EmotionState(
        0,
        0.0,
        label,
        probability,
        {
            Modality.FACE: ModalityState(1.0, Condition.OK, Quality(quality)),
            Modality.VOICE: ModalityState(0.0, Condition.SILENT, model=voice_model),
        },
        probabilities,
        valence * probability,
        arousal * probability,
        dominance * probability,
        speaking=False,
        face_present=True,
    )


def states(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[EmotionState]:
    """States of every shape; `numbers` are whatever stands where a number should."""
    some = st.none() | numbers
    parts = st.builds(
        ModalityState,
        numbers,
        st.sampled_from(Condition),
        st.builds(
            Quality,
            numbers,
            st.dictionaries(
                st.sampled_from(["yaw", "pitch"]), st.builds(Measure, numbers, numbers)
            ),
        ),
        st.none(),
        st.none(),
        some,
        model=st.sampled_from(["", "simulated", "voice_emotion-1"]),
    )
    return st.builds(
        EmotionState,
        st.just(0),
        st.just(0.0),
        st.just("neutral"),
        numbers,
        st.dictionaries(st.sampled_from(Modality), parts),
        st.none() | st.tuples(*[numbers] * len(LABELS)),
        some,
        some,
        some,
        some,
        st.none() | st.booleans(),
        st.none() | st.booleans(),
        some,
        burst=st.none() | st.builds(Burst, st.sampled_from([*BURSTS, "hum"]), numbers),
    )


sensible = states(st.floats(0.0, 1.0))
wild = states(st.floats(allow_nan=True, allow_infinity=True))
