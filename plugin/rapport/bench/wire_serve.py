"""The measured process of `bench.trust`: the three endpoints and nothing else.

Run as `python -m rapport.bench.wire_serve RUNTIME_DIRECTORY STATES_HZ EVENTS_HZ`. It ends at the
end of standard input.
"""

import os
import sys
import threading
import time
from pathlib import Path

from rapport.capture.clock import now_ns, wall
from rapport.errors import NotAvailable
from rapport.fusion import Fusion
from rapport.settings import Fusion as FusionSettings
from rapport.settings import Wire
from rapport.state import LABELS, SCHEMA, EventKind, Modality
from rapport.wire import answers, discovery
from rapport.wire import requests as ask
from rapport.wire.controller import Controller, Peer
from rapport.wire.publisher import Publisher


def main(directory: Path, states_hz: float, events_hz: float) -> None:
    """Publish and answer until standard input ends."""
    publisher = Publisher(Wire())
    addresses = publisher.state_address, publisher.events_address

    def handle(request: ask.AnyRequest, _peer: Peer) -> answers.Answer:
        match request:
            case ask.Hello():
                able = ("hello", "time", "events.since")
                words = LABELS, tuple(Modality), (), able, ()
                return answers.Welcome(SCHEMA, "", os.getpid(), *words, (), *addresses)
            case ask.GetTime():
                return answers.Time(now_ns(), wall())
            case ask.GetEvents():
                return publisher.page_since(request.sequence)
        raise NotAvailable("only the wire is measured here")

    controller = Controller(Wire(), publisher.guard, handle)
    file = discovery.register(directory, *addresses, controller.address, publisher.guard.keys)
    stopping = threading.Event()
    ticker = threading.Thread(target=_tick, args=(publisher, states_hz, events_hz, stopping))
    ticker.start()
    sys.stdin.read()
    stopping.set()
    ticker.join()
    discovery.unregister(file)
    controller.close()
    publisher.close()


def _tick(
    publisher: Publisher, states_hz: float, events_hz: float, stopping: threading.Event
) -> None:
    state = Fusion(FusionSettings()).tick({}, 0, 0.0)
    due_s = time.monotonic()
    ticks = announced = 0
    while not stopping.wait(max(0.0, due_s - time.monotonic())):
        due_s += 1.0 / states_hz
        ticks += 1
        publisher.publish(state)
        while announced < ticks * events_hz / states_hz:
            announced += 1
            publisher.announce(EventKind.STATUS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
