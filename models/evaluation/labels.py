"""What corpora call our labels."""

from rapport.state import LABELS

NAMES = {
    "neutral": ("neutral", "neutrality", "calm", "neu"),
    "happiness": ("happiness", "happy", "joy", "hap", "amusement", "elation"),
    "surprise": ("surprise", "surprised", "sur", "surprise_positive", "surprise_negative"),
    "sadness": ("sadness", "sad"),
    "anger": ("anger", "angry", "ang"),
    "disgust": ("disgust", "disgusted", "dis"),
    "fear": ("fear", "fearful", "fea"),
    "contempt": ("contempt",),
}
"""Our labels -> names of theirs that mean them, in small letters."""
PLACES = {name: LABELS.index(label) for label, names in NAMES.items() for name in names}
"""Name -> place in `LABELS`."""
