"""Plays a script: what each expert would read of the made-up player, tick by tick.

Time is virtual and chance is seeded, so that the same script and seed give the same readings, bit
for bit.
"""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from rapport.conversation.utterance import Line as Said
from rapport.experts.affect import expected_vad
from rapport.recording.ailments import AILMENTS, Ailment
from rapport.recording.script import Cue, SaidLine, Script
from rapport.recording.showing import profile, shown, steps
from rapport.recording.tables import Line
from rapport.state import (
    BURSTS,
    LABELS,
    NEVER,
    Condition,
    EventKind,
    Evidence,
    Measure,
    Modality,
    Quality,
)

MODEL = "simulated"
START_NS = 1_000_000_000
"""Virtual time of the first tick: nothing is captured before time begins."""
FACE_DELAY_NS = 12_000_000
"""From the capture of a frame to the state: what the pipeline takes on a small machine."""
VOICE_INTERVAL_NS = 100_000_000
VOICE_DELAY_NS = 20_000_000

_FACE, _VOICE, _TEXT = Modality.FACE, Modality.VOICE, Modality.TEXT
GOOD = {_FACE: ("brightness", 110.0), _VOICE: ("snr_db", 25.0)}


class Tick(NamedTuple):
    """One moment of a script: the newest reading of every expert, and what has happened. `marks`
    are the names of moments that the game tells now and when they were; `said` are the lines that
    it tells, each with what its words read as."""

    now_ns: int
    evidence: dict[Modality, Evidence]
    events: list[tuple[EventKind, str]]
    lines: list[Line]
    marks: list[tuple[str, int]]
    said: list[tuple[Said, Evidence]]


def act(script: Script, seed: int = 0) -> Iterator[Tick]:
    """The ticks of a script.

    :param seed: of the readings' tremble.
    """
    chance = random.Random(seed)  # noqa: S311  a tremble, no secret
    cues = {modality: steps(script, modality) for modality in (_FACE, _VOICE)}
    evidence = _first(script)
    heard_ns = NEVER
    said = sorted(script.line, key=lambda line: line.at)
    for number in range(round(script.seconds * script.rate_hz)):
        at_s = number / script.rate_hz
        now_ns = START_NS + round(at_s * 1e9)
        # Drawn at every tick, so that a trouble does not change the tremble after it.
        tremble = {m: [chance.uniform(-1.0, 1.0) for _ in LABELS] for m in cues}
        if script.camera:
            face = _read(script, _FACE, cues[_FACE], at_s, tremble[_FACE])
            evidence[_FACE] = _captured(face, evidence[_FACE], now_ns - FACE_DELAY_NS)
        if script.microphone and now_ns - heard_ns >= VOICE_INTERVAL_NS:
            heard_ns = now_ns
            voice = _listen(script, cues[_VOICE], at_s, tremble[_VOICE])
            evidence[_VOICE] = _captured(voice, evidence[_VOICE], now_ns - VOICE_DELAY_NS)
        lines, told = [], []
        while said and said[0].at <= at_s:
            line = said.pop(0)
            lines.append(Line(line.id, line.role, now_ns))
            shares = profile(_TEXT, line.label, line.strength)
            told.append((_said(script, line, now_ns), _evidence(_TEXT, now_ns, shares, 1.0, {})))
        before_s = (number - 1) / script.rate_hz
        yield Tick(
            now_ns,
            dict(evidence),
            _happened(script, before_s, at_s),
            lines,
            [
                (mark.id, now_ns - round(mark.late * 1e9))
                for mark in script.mark
                if before_s < mark.at + mark.late <= at_s
            ],
            told,
        )


def _first(script: Script) -> dict[Modality, Evidence]:
    on = {_FACE: script.camera, _VOICE: script.microphone, _TEXT: False}
    return {
        modality: Evidence(modality, NEVER, Condition.STARTING if captured else Condition.DISABLED)
        for modality, captured in on.items()
    }


def _read(
    script: Script, modality: Modality, cues: Sequence[Cue], at_s: float, tremble: list[float]
) -> Evidence:
    """What the expert of a modality reads now; captured at no time yet."""
    ailment = _ailment(script, modality, at_s)
    heard = modality is not _VOICE or any(s.at <= at_s < s.until for s in script.speaking)
    if not heard and (ailment is None or ailment.condition is Condition.NOISY):
        ailment = AILMENTS["silence"]
    if ailment is not None and not ailment.readable:
        return Evidence(
            modality,
            NEVER,
            ailment.condition,
            _quality(ailment.quality, ailment.measure),
            present=ailment.present,
            model=MODEL,
        )
    shares, valence, arousal = shown(modality, cues, at_s)
    clear = 1.0 if ailment is None else ailment.readable
    shaken = [
        (clear * share + (1.0 - clear) / len(LABELS)) * (1.0 + script.jitter * by)
        for share, by in zip(shares, tremble, strict=True)
    ]
    total = sum(shaken)
    score, measure = (1.0, GOOD[modality]) if ailment is None else ailment[2:4]
    return _evidence(
        modality,
        NEVER,
        tuple(share / total for share in shaken),
        score,
        _quality(score, measure).measures,
        Condition.OK if ailment is None else ailment.condition,
        (valence, arousal),
    )


def _listen(script: Script, cues: Sequence[Cue], at_s: float, tremble: list[float]) -> Evidence:
    """What is heard now: a burst takes the place of speech, as it does in the voice expert; when
    something is the matter with the microphone, none is recognised."""
    reading = _read(script, _VOICE, cues, at_s, tremble)
    now = [burst for burst in script.burst if burst.at <= at_s < burst.until]
    if not now or _ailment(script, _VOICE, at_s) is not None:
        return reading
    rest = (1.0 - now[-1].confidence) / len(BURSTS)  # "None of them" has the same share.
    heard = tuple(now[-1].confidence if name == now[-1].name else rest for name in BURSTS)
    silence = AILMENTS["silence"]
    return Evidence(
        _VOICE,
        NEVER,
        silence.condition,
        _quality(silence.quality, silence.measure),
        model=MODEL,
        bursts=heard,
    )


def _evidence(
    modality: Modality,
    captured_ns: int,
    shares: tuple[float, ...],
    score: float,
    measures: dict[str, Measure],
    condition: Condition = Condition.OK,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Evidence:
    valence, arousal, dominance = expected_vad(shares)
    return Evidence(
        modality,
        captured_ns,
        condition,
        Quality(score, measures),
        shares,
        max(-1.0, min(1.0, valence + shift[0])),
        max(-1.0, min(1.0, arousal + shift[1])),
        dominance,
        present=True,
        model=MODEL,
    )


def _captured(reading: Evidence, before: Evidence, captured_ns: int) -> Evidence:
    """The reading with its time; of a lost device, that of the last one before."""
    lost = reading.condition is Condition.LOST
    return msgspec.structs.replace(reading, captured_ns=before.captured_ns if lost else captured_ns)


def _quality(score: float, measure: tuple[str, float]) -> Quality:
    name, value = measure
    return Quality(score, {name: Measure(value, score)} if name else {})


def _ailment(script: Script, modality: Modality, at_s: float) -> Ailment | None:
    """The first trouble of this modality that the script has now."""
    for trouble in script.trouble:
        if AILMENTS[trouble.what].modality is modality and trouble.at <= at_s < trouble.until:
            return AILMENTS[trouble.what]
    return None


def _said(script: Script, line: SaidLine, now_ns: int) -> Said:
    """A line as a game tells it: with the stretch of speech that it falls in, else as typed."""
    span = next((s for s in script.speaking if s.at <= line.at < s.until), None)
    start_ns, end_ns = now_ns, now_ns
    if span is not None and line.role == "player":
        start_ns, end_ns = (START_NS + round(at_s * 1e9) for at_s in (span.at, span.until))
    typed = end_ns == start_ns
    return Said(line.role, line.role, line.id, start_ns, end_ns, line.id, typed)


def _happened(script: Script, after_s: float, at_s: float) -> list[tuple[EventKind, str]]:
    """The events of devices, with their codes, that are due since the last tick."""
    return [
        (kind, code)
        for trouble in script.trouble
        for kind, code, when_s in (
            (AILMENTS[trouble.what].lost, str(trouble.what), trouble.at),
            (AILMENTS[trouble.what].back, "", trouble.until),
        )
        if kind is not None and after_s < when_s <= at_s
    ]
