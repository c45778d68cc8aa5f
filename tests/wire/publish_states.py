"""A process that publishes, for tests: `python publish_states.py FRAME_HEX RATE_HZ DIRECTORY`.

Publishes the state in FRAME_HEX again and again, answers `events.since`, `hello`, `time` and
`lease.take`, says its addresses and tokens in one line of JSON, and obeys lines on standard
input: `events N` announces N events and says so, `quit` ends it in order. It ends too when
the input closes, so that it never outlives its test.
"""

import json
import os
import sys
import threading
from pathlib import Path

from rapport.capture.clock import now_ns, wall
from rapport.settings import Wire
from rapport.state import LABELS, SCHEMA, Condition, EventKind, Modality
from rapport.wire import answers, codec, discovery
from rapport.wire import requests as ask
from rapport.wire.controller import Controller, Peer
from rapport.wire.publisher import Publisher


def main() -> None:
    state = codec.decode_state(bytes.fromhex(sys.argv[1]))
    interval_s = 1 / float(sys.argv[2])
    ports = [int(port) for port in sys.argv[4:]] or [0, 0]
    publisher = Publisher(Wire(state_port=ports[0], events_port=ports[1]))
    keys = publisher.guard.keys

    def handle(request: ask.AnyRequest, peer: Peer) -> answers.Answer:
        match request:
            case ask.Hello():
                addresses = publisher.state_address, publisher.events_address
                words = LABELS, tuple(Modality), tuple(Condition), ("hello",), ("en",)
                return answers.Welcome(SCHEMA, "test", os.getpid(), *words, (), *addresses)
            case ask.GetTime():
                return answers.Time(now_ns(), wall())
            case ask.GetEvents():
                return publisher.page_since(request.sequence)
            case ask.TakeLease():
                return answers.Lease(request.seconds)
        return answers.Done()

    controller = Controller(Wire(), publisher.guard, handle)
    addresses = publisher.state_address, publisher.events_address, controller.address
    file = discovery.register(Path(sys.argv[3]), *addresses, keys)
    stopped = threading.Event()

    def tick() -> None:
        while not stopped.wait(interval_s):
            publisher.publish(state)

    ticker = threading.Thread(target=tick)
    ticker.start()
    sys.stdout.write(json.dumps([*addresses, keys.read, keys.control]) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        if line.startswith("events"):
            for number in range(int(line.split()[1])):
                publisher.announce(EventKind.STATUS, detail=f"number {number}")
            sys.stdout.write("announced\n")
            sys.stdout.flush()
        else:
            break
    stopped.set()
    ticker.join()
    discovery.unregister(file)
    controller.close()
    publisher.close()


if __name__ == "__main__":
    main()
