"""A process that publishes, for tests: `python publish_states.py FRAME_HEX RATE_HZ DIRECTORY`.

Publishes the state in FRAME_HEX again and again, says its addresses in one line of JSON, and obeys
lines on standard input: `events N` announces N events, `quit` ends it in order. It ends too when
the input closes, so that it never outlives its test.
"""

import json
import sys
import threading
from pathlib import Path

from rapport.settings import Wire
from rapport.state import EventKind
from rapport.wire import codec, discovery
from rapport.wire.publisher import Publisher


def main() -> None:
    state = codec.decode_state(bytes.fromhex(sys.argv[1]))
    interval_s = 1 / float(sys.argv[2])
    ports = [int(port) for port in sys.argv[4:]] or [0, 0]
    publisher = Publisher(Wire(state_port=ports[0], events_port=ports[1]))
    file = discovery.register(Path(sys.argv[3]), publisher.state_address, publisher.events_address)
    stopped = threading.Event()

    def tick() -> None:
        while not stopped.wait(interval_s):
            publisher.publish(state)

    ticker = threading.Thread(target=tick)
    ticker.start()
    addresses = [publisher.state_address, publisher.events_address]
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        if line.startswith("events"):
            for number in range(int(line.split()[1])):
                publisher.announce(EventKind.STATUS, detail=f"number {number}")
        else:
            break
    stopped.set()
    ticker.join()
    discovery.unregister(file)
    publisher.close()


if __name__ == "__main__":
    main()
