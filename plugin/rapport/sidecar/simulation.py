"""Simulation: a script through the real fusion, as fast as it goes."""

from collections.abc import Iterator

import msgspec

from rapport import settings
from rapport.fusion import Fusion
from rapport.fusion.parameters import Parameters
from rapport.recording.acting import START_NS, act
from rapport.recording.header import Header
from rapport.recording.script import Script
from rapport.recording.tables import Item
from rapport.sidecar.presence import Presences, follow
from rapport.state import Event, EventKind


def simulate(
    script: Script, fusion: settings.Fusion, seed: int = 0, gate: Parameters | None = None
) -> Iterator[Item]:
    """The states, events and lines of a script, flagged `replay`, on a clock of its own that
    begins at `acting.START_NS`.

    Gate, mixture, trajectory and presence are those of the live sidecar. The same script, seed
    and settings give the same items.

    :param gate: what the gate has learned; None: what is built in.
    """
    fused = Fusion(fusion, gate)
    presences = Presences()
    for sequence, tick in enumerate(act(script, seed), start=1):
        now_wall = tick.now_ns / 1e9
        for name, at_ns in tick.marks:
            fused.mark(name, at_ns, tick.now_ns)
        state = fused.tick(tick.evidence, tick.now_ns, now_wall, tick.doubt)
        yield msgspec.structs.replace(
            state,
            conversation=tick.conversation,
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
