"""What is said, and what a language model might answer."""

import json
from typing import Any

from rapport.capture.clock import now_ns
from rapport.conversation.appraiser.answer import LAPSE
from rapport.conversation.appraiser.prompt import Context
from rapport.conversation.utterance import Role, Utterance
from rapport.state import LABELS

SADNESS, ANGER, HAPPINESS = (LABELS.index(name) for name in ("sadness", "anger", "happiness"))


def utterance(text: str, number: int = 1, role: Role = "player") -> Utterance:
    now = now_ns()
    speaker = "you" if role == "player" else "Mira"
    return Utterance(number, speaker, role, now - 1, now, text=text)


def said(*texts: str) -> Context:
    """A dialogue that begins with a character and alternates."""
    roles: tuple[Role, Role] = ("npc", "player")
    return Context(
        tuple(utterance(text, n + 1, roles[n % 2]) for n, text in enumerate(texts)),
    )


def feelings(**percent: float) -> dict[str, float]:
    """All labels, in percent; those that are not named: zero."""
    return dict.fromkeys(LABELS, 0.0) | percent


def appraisal(incongruence: float = 0, reason: str = "so it seems", **percent: float) -> str:
    """What a model that does as it is told answers."""
    return json.dumps(
        {
            "reason": reason,
            "distribution": feelings(**(percent or {"sadness": 70.0, "neutral": 30.0})),
            "incongruence": incongruence,
        }
    )


def taken(percent: float) -> float:
    """What a probability that was answered counts for."""
    return (1.0 - LAPSE) * percent / 100.0 + LAPSE / len(LABELS)


def completion(content: str | None, **more: Any) -> bytes:
    """A server's answer with that content."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, **more}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()
