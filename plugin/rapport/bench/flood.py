"""A client that asks as much as it can: `python -m rapport.bench.flood RUNTIME_DIRECTORY CLIENTS`.

It ends when it is terminated.
"""

import contextlib
import sys
from pathlib import Path

import msgspec
import zmq

from rapport.errors import SidecarNotFound
from rapport.wire import discovery
from rapport.wire.requests import GetTime


def main(directory: Path, clients: int) -> None:
    """Ask without waiting for answers, over some connections."""
    running = discovery.find(directory)
    if running is None:
        raise SidecarNotFound(f"no sidecar was found in {directory}")
    request = msgspec.msgpack.encode(GetTime())
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    sockets = [context.socket(zmq.DEALER) for _ in range(clients)]
    for socket in sockets:
        running.credentials("control").show(socket)
        socket.connect(running.control)
    while True:
        for socket in sockets:
            with contextlib.suppress(zmq.Again):
                for _ in range(100):
                    socket.send(request, zmq.DONTWAIT)
            with contextlib.suppress(zmq.Again):
                for _ in range(100):
                    socket.recv(zmq.DONTWAIT)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
