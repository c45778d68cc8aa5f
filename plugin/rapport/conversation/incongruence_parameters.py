"""What a contradiction is told by: how far each sign speaks for one.

The values come from a file that `python -m models.training incongruence` writes
(`models/incongruence.json`; its card says from what). Where that file may not be used, the defaults
here stand in: set by hand, without any data.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from rapport.errors import ModelUnreadable

MODEL = "incongruence"
"""Its id in the manifest."""
FORMAT = 1
"""Of the file; another one is refused."""

SIGNS = {
    "glad": -1,
    "hostile": 1,
    "distress": 1,
    "flat": 1,
    "warmth": -1,
}
"""Sign of a face or a voice -> which way it may speak for its not meaning glad words: 1 for it, -1
against it. `incongruence` says what each is; `warmth` is the voice's alone."""

Weight = Annotated[float, Meta(ge=-8.0, le=8.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Signs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one modality is read: log-odds that it does not mean glad words are `bias` plus each sign
    times its weight."""

    bias: Weight = 0.0
    weights: Mapping[str, Weight] = {}


BY_HAND = Signs(0.6, {"glad": -0.9, "hostile": 0.4, "distress": 0.3, "flat": 0.2})


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a contradiction is told by.

    `rare` is the log-odds of one before anything is seen or heard; `context` is added, times how
    much worse than glad the conversation so far lets the player feel. `say_from` is the strength
    from which a contradiction is given its kind.
    """

    rare: Annotated[float, Meta(ge=-8.0, le=0.0)] = -0.6
    context: Annotated[float, Meta(ge=0.0, le=4.0)] = 0.5
    voice: Signs = BY_HAND
    face: Signs = BY_HAND
    say_from: Annotated[float, Meta(ge=0.5, le=1.0)] = 0.6
    format: int = FORMAT
    version: str = "built in"


def decode(content: bytes) -> Parameters:
    """The parameters from the content of their file.

    :raises ModelUnreadable: it is not such a file, or a sign speaks the wrong way.
    """
    try:
        parameters = msgspec.json.decode(content, type=Parameters)
    except msgspec.DecodeError as error:
        raise ModelUnreadable(f"Model {MODEL} cannot be read: {error}") from error
    weights = [*parameters.voice.weights.items(), *parameters.face.weights.items()]
    if parameters.format != FORMAT or any(name not in SIGNS for name, _ in weights):
        raise ModelUnreadable(f"Model {MODEL} is of another format or has other signs.")
    if any(weight * SIGNS[name] < 0.0 for name, weight in weights):
        raise ModelUnreadable(f"Model {MODEL} takes a sign of a contradiction for the opposite.")
    return parameters
