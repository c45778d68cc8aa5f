"""Measures the conversation: what a line costs, what it leaves in memory, and whether a language
model that is asked costs the frame path anything.

`measure_talk` runs `python -m rapport.bench.talk` in a process of its own, whose memory is one of
the figures. There is no camera and no microphone in it: face and voice are made-up readings.
"""

import gc
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec
import psutil

from rapport import settings
from rapport.bench.measure import MEGABYTE, Spread, spread
from rapport.capture.clock import now_ns
from rapport.conversation.appraiser.appraiser import Appraiser
from rapport.conversation.appraiser.prompt import Context
from rapport.conversation.context import ContextNetwork
from rapport.conversation.utterance import Utterance
from rapport.errors import ModelError
from rapport.experts.store import Store
from rapport.fusion import Fusion
from rapport.sidecar.assembly import gate_parameters
from rapport.sidecar.dialogue import Dialogue
from rapport.state import LABELS, Condition, Evidence, Modality, Quality
from rapport.wire.requests import Say

LINES = 10_000
SETTLED = 1_000
"""Lines after which every store of the conversation is full: memory is counted from there."""
TICKS = 2_000
BLOCKS = 10
"""Ticks without and with a language model take turns, so that a machine that changes its speed
changes both."""
STALE_S = 10.0
SEED = 7
VOCABULARY = """
    well thanks never the a you it gold why not help great sword no yes please leave me sorry
    wonderful awful quest again door open wait what really fine love hate this castle
"""
LIMIT_S = 300.0


class TalkReport(msgspec.Struct, frozen=True):
    """What `rapport bench --talk --json` prints. Keys are added and never renamed.

    `line_ms`: one line of dialogue, read and put into its context. `context_ms`: one answer of the
    context network: what a line means, what is to be expected, or taking an utterance in (zeros
    without the network). `tick_ms`: one look at face and voice between lines. `growth_mb`:
    resident memory after `lines` lines less that after the first tenth. `frame_ms` and
    `asked_ms`: a whole tick, conversation and fusion, without a language model and with one that
    never answers, taken in turns.
    """

    lines: int
    line_ms: Spread
    context_ms: Spread
    tick_ms: Spread
    growth_mb: float
    frame_ms: Spread
    asked_ms: Spread


def measure_talk() -> TalkReport:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "rapport.bench.talk"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=LIMIT_S)  # noqa: S603
    return msgspec.json.decode(done.stdout, type=TalkReport)


def main(lines: int = LINES, ticks: int = TICKS) -> TalkReport:
    """Measure here."""
    store = Store(settings.load().models)
    dialogue = Dialogue(lambda *_: None)
    dialogue.load(store)
    chance = random.Random(SEED)  # noqa: S311  made-up sentences
    words = VOCABULARY.split()
    line_ms, tick_ms, sizes = [], [], []
    for number in range(lines):
        said = Say(
            speaker=f"someone {number % 5}",
            role="player" if number % 2 else "npc",
            text=" ".join(chance.choices(words, k=chance.randint(1, 14))),
        )
        line_ms.append(_timed(partial(dialogue.say, said)))
        tick_ms.append(_timed(lambda: dialogue.tick(_evidence(), now_ns(), STALE_S)))
        if number + 1 in (min(SETTLED, lines), lines):
            gc.collect()
            sizes.append(psutil.Process().memory_info().rss / MEGABYTE)
    plain, asked = _frames(dialogue, store, ticks)
    return TalkReport(
        lines,
        spread(line_ms),
        spread(_context(store, dialogue.utterances())),
        spread(tick_ms),
        sizes[-1] - sizes[0],
        spread(plain),
        spread(asked),
    )


def _context(store: Store, utterances: Sequence[Utterance]) -> list[float]:
    """Milliseconds of the context network's answers."""
    try:
        network = ContextNetwork(store)
    except ModelError:
        return []
    times = []
    for said in utterances:
        times += [
            _timed(partial(network.hear, said)),
            _timed(partial(network.commit, said)),
            _timed(partial(network.expected, said.speaker, said.end_ns)),
        ]
    return times


def _frames(dialogue: Dialogue, store: Store, ticks: int) -> tuple[list[float], list[float]]:
    """Milliseconds of ticks without and with a language model."""
    fusion = Fusion(settings.Fusion(), gate_parameters(store))
    plain: list[float] = []
    asked: list[float] = []
    with _mute() as port:
        wanted = settings.Appraiser(
            enabled=True, endpoint=f"http://127.0.0.1:{port}/v1", timeout_s=60.0, every_s=0.0
        )
        appraiser = Appraiser(wanted, lambda: False, lambda *_: None)
        context = Context(dialogue.utterances())

        def frame(with_model: bool) -> None:
            evidence = _evidence()
            told = dialogue.tick(evidence, now_ns(), STALE_S)
            evidence[Modality.TEXT] = told.words
            if with_model:
                appraiser.consider(context)
                appraised = appraiser.current()
                if appraised is not None:
                    evidence[Modality.APPRAISAL] = appraised
            fusion.tick(evidence, now_ns(), time.time(), told.doubt)

        try:
            for block in range(2 * BLOCKS):
                with_model = bool(block % 2)
                found = asked if with_model else plain
                found += [_timed(partial(frame, with_model)) for _ in range(ticks // BLOCKS)]
        finally:
            appraiser.close()
    return plain, asked


@contextmanager
def _mute() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _evidence() -> dict[Modality, Evidence]:
    at_ns = now_ns()
    shares = (1.0 / len(LABELS),) * len(LABELS)
    return {
        modality: Evidence(
            modality, at_ns, Condition.OK, Quality(0.9), shares, 0.0, 0.0, 0.0, present=False
        )
        for modality in (Modality.FACE, Modality.VOICE)
    }


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1e3


if __name__ == "__main__":
    sys.stdout.write(json.dumps(msgspec.to_builtins(main())))
