"""Simulation: a script through the real conversation and fusion, as fast as it goes."""

from collections.abc import Iterator

import msgspec

from rapport import settings
from rapport.conversation import incongruence
from rapport.conversation.conversation import Conversation, Read
from rapport.conversation.incongruence_parameters import Parameters as Judging
from rapport.fusion import Fusion
from rapport.fusion.parameters import Parameters
from rapport.recording.acting import START_NS, act
from rapport.recording.header import Header
from rapport.recording.script import Script
from rapport.recording.tables import Item
from rapport.sidecar.presence import Presences, follow
from rapport.state import NEVER, Event, EventKind, Modality


def simulate(
    script: Script,
    fusion: settings.Fusion,
    seed: int = 0,
    gate: Parameters | None = None,
    judging: Judging | None = None,
) -> Iterator[Item]:
    """The states, events and lines of a script, flagged `replay`, on a clock of its own that
    begins at `acting.START_NS`.

    Turns, contradictions, gate, mixture, trajectory and presence are those of the live sidecar. A
    script says what its lines express, so they are not read after those before. The same script,
    seed and settings give the same items.

    :param gate: what the gate has learned; None: what is built in. `judging`: likewise of
        contradictions.
    """
    fused = Fusion(fusion, gate)
    by = judging or Judging()
    conversation = Conversation(judge=lambda utterance: incongruence.judge(utterance, by))
    presences = Presences()
    for sequence, tick in enumerate(act(script, seed), start=1):
        now_wall = tick.now_ns / 1e9
        for name, at_ns in tick.marks:
            fused.mark(name, at_ns, tick.now_ns)
        for line, words in tick.said:
            conversation.say(line, Read(words, None), tick.now_ns)
        told = conversation.tick(tick.evidence, tick.now_ns, fusion.text_stale_s)
        evidence = dict(tick.evidence)
        if told.words.captured_ns > NEVER:
            evidence[Modality.TEXT] = told.words
        state = fused.tick(evidence, tick.now_ns, now_wall, told.doubt)
        yield msgspec.structs.replace(
            state,
            conversation=told.state,
            sequence=sequence,
            published_ns=tick.now_ns,
            published_wall=now_wall,
            replay=True,
        )
        yield from tick.lines
        presences, due = follow(presences, state)
        for kind, code in (*tick.events, *((kind, "") for kind in due)):
            yield Event(kind, tick.now_ns, now_wall, code)
        for name, _ in tick.marks:
            yield Event(EventKind.MOMENT_MARKED, tick.now_ns, now_wall, detail=name)


def header(name: str) -> Header:
    """The header of a simulated session; the same at every time."""
    return Header(start_ns=START_NS, start_wall=START_NS / 1e9, source="simulation", origin=name)
