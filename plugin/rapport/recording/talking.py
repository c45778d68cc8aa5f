"""Where the dialogue of a script stands: who said how much, and how long nobody has spoken."""

from collections.abc import Sequence
from typing import NamedTuple

from rapport.recording.script import SaidLine, Script
from rapport.recording.showing import profile
from rapport.state import ConversationState, Modality

PLAYER = "player"


class Said(NamedTuple):
    """An utterance: when it begins and ends, who says it, and the line with its words (None: none
    are known)."""

    at: float
    until: float
    role: str
    line: SaidLine | None = None


def utterances(script: Script) -> list[Said]:
    """What is said in a script, in order of time. The first line of the player's in a stretch of
    speech is what is said there; any other was typed or chosen, and has no length."""
    lines = sorted(script.line, key=lambda line: line.at)
    found = []
    for span in script.speaking:
        own = (ln for ln in lines if ln.role == PLAYER and span.at <= ln.at < span.until)
        found.append(Said(span.at, span.until, PLAYER, next(own, None)))
    spoken = [said.line for said in found]
    found += [Said(line.at, line.at, line.role, line) for line in lines if line not in spoken]
    return sorted(found, key=lambda said: said.at)


def conversation(said: Sequence[Said], at_s: float) -> ConversationState | None:
    """Where it stands at a time; None before anything was said. Nothing is read after what came
    before: what a line is expected to be is for real conversations.

    :param said: the utterances of the script, in order of time.
    """
    begun = [one for one in said if one.at <= at_s]
    if not begun:
        return None
    lines = [one.line for one in begun if one.line is not None and one.line.at <= at_s]
    words = next((line for line in reversed(lines) if line.role == PLAYER), None)
    last = begun[-1]
    return ConversationState(
        utterances=len(begun),
        line=last.line.id if last.line is not None and last.line in lines else "",
        role=last.role,
        pause_s=None
        if any(at_s < one.until for one in begun)
        else at_s - max(one.until for one in begun),
        reading=None if words is None else profile(Modality.TEXT, words.label, words.strength),
    )
