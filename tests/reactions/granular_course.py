"""Scripted sessions through the real fusion, and what the granular states make of them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rapport import settings
from rapport.fusion.parameters import Parameters, decode
from rapport.reactions.granular import GranularStates
from rapport.recording.acting import START_NS
from rapport.recording.script import Script, load, parse
from rapport.sidecar.simulation import simulate
from rapport.state import EmotionState, Granular

Moment = tuple[float, dict[str, Granular]]
"""Seconds since the start, and what is known then."""

GATES = ("built in", "learned")
LEARNED = Path(__file__).parents[2] / "models" / "fusion_gate.json"


@cache
def gate(name: str) -> Parameters | None:
    return decode(LEARNED.read_bytes()) if name == "learned" else None


@cache
def shipped(name: str, by: str = "built in") -> list[Moment]:
    """A script that comes with Rapport."""
    return list(course(load(name), by))


def told(text: str, by: str = "built in") -> list[Moment]:
    """A script in a test: its text without the title."""
    return list(course(parse(f'title = "t"\n{text}', "t"), by))


def course(script: Script, by: str = "built in") -> Iterator[Moment]:
    granular = GranularStates()
    for item in simulate(script, settings.Fusion(), gate=gate(by)):
        if isinstance(item, EmotionState):
            at_s = (item.published_ns - START_NS) / 1e9
            yield at_s, granular.tick(item, item.published_ns)


def at(moments: list[Moment], at_s: float) -> dict[str, Granular]:
    """What is known at a time."""
    return next(known for when_s, known in moments if when_s >= at_s - 1e-6)


def values(
    moments: list[Moment], name: str, begin_s: float = 0.0, end_s: float = 1e9
) -> list[float]:
    """The values of a granular state in a stretch of time, where it is known."""
    return [
        known[name].value
        for when_s, known in moments
        if begin_s <= when_s < end_s and name in known
    ]
