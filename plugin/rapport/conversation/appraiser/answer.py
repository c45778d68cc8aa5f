"""What a language model is to answer, and what is made of what it does answer."""

import math
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rapport.errors import AnswerInvalid
from rapport.state import LABELS, Distribution

REASON_CHARACTERS_MAX = 200
WHOLE = 100
"""What is asked for is in percent: the grammars that servers make of a schema hold whole numbers to
their range, but not decimals (llama.cpp lets a probability of -1 through)."""
SUM_TOLERANCE = 5
"""How far the eight percentages may be from summing to a hundred: models count badly."""
LAPSE = 0.2
"""The share of every answer that is taken for a guess, set by hand. Language models that are asked
how sure they are say too much (Xiong et al. 2024, "Can LLMs express their uncertainty?"), and one
that was talked into something is as sure as one that has understood."""
CUT_OFF = "length"
"""Why an answer ended that has used up its tokens."""

Percent = Annotated[float, Meta(ge=0, le=WHOLE)]
"""Not only whole ones: a model that no grammar holds writes 12.5, and means it."""


class Feelings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How probable each of `LABELS` is, in percent."""

    neutral: Percent
    happiness: Percent
    surprise: Percent
    sadness: Percent
    anger: Percent
    disgust: Percent
    fear: Percent
    contempt: Percent


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=REASON_CHARACTERS_MAX)]
    distribution: Feelings
    incongruence: Percent


class Appraised(msgspec.Struct, frozen=True, gc=False):
    """What is kept of an answer, as shares of one, less the lapse. Its reason is not: it is asked
    for because models answer better when they say first why, but it may repeat what was said."""

    distribution: Distribution
    incongruence: float


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message
    finish_reason: str | None = None


class _Completion(msgspec.Struct, frozen=True):
    choices: Annotated[tuple[_Choice, ...], Meta(min_length=1)]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_PERCENT = {"type": "integer", "minimum": 0, "maximum": WHOLE}
SCHEMA = _object(
    {
        "reason": {"type": "string", "maxLength": REASON_CHARACTERS_MAX},
        "distribution": _object(dict.fromkeys(LABELS, _PERCENT)),
        "incongruence": _PERCENT,
    }
)
"""The answer as JSON Schema, in the subset that OpenAI-compatible servers turn into a grammar."""

FORM = f"""\
Answer with one JSON object and nothing else, with these keys in this order:
"reason": why, in one line of at most 15 words;
"distribution": an object with the keys {", ".join(LABELS)}: how probable each is in percent, \
whole numbers from 0 to 100 that sum to 100;
"incongruence": how far the words contradict the voice, the face or the situation, a whole number \
from 0 (not at all) to 100 (sarcasm, or a feeling that is hidden)."""
"""The same in words, for servers that do not honour a schema."""


def read(content: bytes) -> Appraised:
    """What a server's answer to a chat completion says.

    No error tells what stands in the answer: that may repeat what the player said.

    :raises AnswerInvalid: it is no chat completion, holds no such object, a number is out of its
        range, or the distribution sums to something else than a hundred.
    """
    try:
        choice = msgspec.json.decode(content, type=_Completion).choices[0]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise AnswerInvalid("The endpoint sent no chat completion.") from None
    try:
        answer = msgspec.json.decode(_object_in(choice.message.content or ""), type=_Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        cut = " It was cut off: does the model think aloud?" * (choice.finish_reason == CUT_OFF)
        raise AnswerInvalid(f"The answer is not of the form that was asked for.{cut}") from None
    values = msgspec.structs.astuple(answer.distribution)
    total = math.fsum(values)
    if abs(total - WHOLE) > SUM_TOLERANCE:
        raise AnswerInvalid("The percentages in the answer do not sum to 100.")
    guess = LAPSE / len(values)
    return Appraised(
        tuple((1.0 - LAPSE) * value / total + guess for value in values),
        answer.incongruence / WHOLE,
    )


def _object_in(text: str) -> str:
    """The JSON object in a text; servers without a schema let models put words around it."""
    _, _, said = text.rpartition("</think>")
    begin, end = said.find("{"), said.rfind("}")
    return said[begin : end + 1] if begin >= 0 else ""
