"""What the gate goes by: how far each expert is relied on, and what it says of anybody.

The values come from a file that `python -m models.training gate` writes (`models/fusion_gate.json`;
its card says from what). Where that file may not be used, the defaults here stand in: set by hand,
without any data, they rely on every expert alike and believe its quality score as it is.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from rapport.errors import ModelUnreadable
from rapport.state import LABELS, Distribution, Modality

MODEL = "fusion_gate"
"""Its id in the manifest."""
FORMAT = 1
"""Of the file; another one is refused."""
SUM_TOLERANCE = 1e-3
"""How far a distribution may be from summing to one: experts compute in float32."""

LEARNED = (Modality.FACE, Modality.VOICE, Modality.TEXT)
"""The modalities that its file names."""

EQUAL: Distribution = (1.0 / len(LABELS),) * len(LABELS)

Trust = Annotated[float, Meta(ge=0.0, le=4.0)]
Chance = Annotated[float, Meta(gt=0.0, lt=1.0)]


class Reliance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far one expert is relied on: its trust goes in a straight line from `worst`, on the
    poorest signal that it still reads, to `best`, on a perfect one.

    `best` is never less than `worst`, so trust never falls when the quality score rises.
    `base_rates` is how often the expert names each label when anybody at all is before it: the
    frequencies of its training data. It is divided out, so that an expert that has seen many
    neutral faces does not outvote another one with that alone.
    """

    worst: Trust = 0.0
    best: Trust = 1.0
    base_rates: Distribution = EQUAL


APPRAISAL = Reliance(best=0.5)
"""A language model is relied on by half at most, set by hand: it reads words that others read
too, there is nothing to learn from how often it is right, and what a player writes may try to
talk it into something."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that the gate and the mixture go by.

    `lapse` is the chance that an expert, however sure, is altogether mistaken: it bounds how far
    one expert can overrule another, and keeps one that was never taught a label from vetoing it.
    `prior` is what is believed before anything is read.
    """

    lapse: Chance = 0.1
    prior: Distribution = EQUAL
    experts: Mapping[Modality, Reliance] = msgspec.field(
        default_factory=lambda: {
            **dict.fromkeys(LEARNED, Reliance()),
            Modality.APPRAISAL: APPRAISAL,
        }
    )
    labels: tuple[str, ...] = LABELS
    format: int = FORMAT
    version: str = "built in"


def decode(content: bytes) -> Parameters:
    """The parameters from the content of their file.

    :raises ModelUnreadable: it is not such a file, or for other labels.
    """
    try:
        parameters = msgspec.json.decode(content, type=Parameters)
    except msgspec.DecodeError as error:
        raise ModelUnreadable(f"Model {MODEL} cannot be read: {error}") from error
    rates = [parameters.prior, *(expert.base_rates for expert in parameters.experts.values())]
    if parameters.format != FORMAT or parameters.labels != LABELS:
        raise ModelUnreadable(f"Model {MODEL} is of another format or for other labels.")
    if any(min(row) <= 0.0 or abs(sum(row) - 1.0) > SUM_TOLERANCE for row in rates):
        raise ModelUnreadable(f"Model {MODEL} holds rates that are not probabilities.")
    if any(expert.best < expert.worst for expert in parameters.experts.values()):
        raise ModelUnreadable(f"Model {MODEL} trusts a poor signal more than a good one.")
    if not set(LEARNED) <= parameters.experts.keys():
        raise ModelUnreadable(f"Model {MODEL} does not name every modality.")
    return msgspec.structs.replace(
        parameters, experts={Modality.APPRAISAL: APPRAISAL, **parameters.experts}
    )
