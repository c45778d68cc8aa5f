"""The licence policy: which models it lets through, and what is missing without the others."""

from rapport import settings
from rapport.errors import ModelNotCleared
from rapport.experts.manifest import Entry

NO_COMPACT_TRACKER = "The compact tracker is not used; MediaPipe's is, where its file is there."
WITHOUT = {
    "face_detector": NO_COMPACT_TRACKER,
    "face_mesh": NO_COMPACT_TRACKER,
    "face_landmarker": "MediaPipe's tracker is not used.",
    "face_expression": "No emotion is read from the face; whether there is one, its pose and how"
    " well it is seen still are.",
    "voice_emotion": "No emotion is read from the voice; whether somebody speaks, how excited it"
    " sounds (arousal) and how good the sound is still are.",
    "vocal_bursts": "No laughs, sighs or screams are heard.",
    "text_emotion": "No emotion is read from text.",
    "conversation_context": "Every line is read by itself, whatever was said before.",
    "voice_warmth": "How glad a voice sounds is told by its emotion alone.",
    "incongruence": "Whether words are meant as they are said is told by rules set by hand.",
    "fusion_gate": "Face, voice and text are weighed by rules set by hand instead of learned ones.",
}
"""Id of a model -> what the user goes without if it may not be used."""


def is_cleared(entry: Entry, models: settings.Models) -> bool:
    """Whether the policy lets this model be used; `unclear` is not cleared."""
    return models.licence_policy == "any" or entry.commercial_use == "yes"


def refusal(entry: Entry) -> ModelNotCleared:
    """The error that says why a model is refused and what is missing for it."""
    return ModelNotCleared(
        f"Model {entry.id} ({entry.licence}) is not cleared for commercial use:"
        f" {entry.commercial_use_reason}",
        WITHOUT.get(entry.id, ModelNotCleared.meaning),
    )
