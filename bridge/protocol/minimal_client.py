"""The smallest client: nothing but sockets, to show that SPEC.md is all a client needs.

    python bridge/protocol/minimal_client.py FOLDER state [COUNT]
    python bridge/protocol/minimal_client.py FOLDER event [COUNT]
    python bridge/protocol/minimal_client.py FOLDER ask '{"op": "time"}' ['{"op": "status"}' ...]

prints one JSON message a line. It finds the newest sidecar in the runtime directory FOLDER; speaks
ZMTP 3.0 with the PLAIN mechanism as SUB or DEALER; and reads and writes MessagePack. It checks no
ranges, and does not look whether the sidecar's process still lives. A real client does.
"""

import json
import socket
import struct
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

Message = dict[str, Any]

FRAME_BYTES_MAX = 64 * 1024
TIMEOUT_S = 30.0  # longer than the sidecar's heartbeat interval, so silence means it is gone
MORE, LONG, COMMAND = 1, 2, 4  # the flags of a ZMTP frame

# Signature, version 3.0, mechanism PLAIN, then zeros: not a server, and filler.
GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"PLAIN".ljust(20, b"\0") + bytes(32)


class Closed(Exception):
    """The sidecar refused, closed the connection or broke the protocol."""


def find(directory: Path) -> Message:
    """What the newest sidecar says about itself; never to be logged or shown, it holds tokens."""
    found = [json.loads(file.read_bytes()) for file in directory.glob("sidecar-*.json")]
    if not found:
        raise Closed(f"no sidecar in {directory}")
    return max(found, key=lambda running: running["started_wall"])


def subscribe(address: str, token: str, topic: str) -> Iterator[Message]:
    """Yield each message of a topic (`state` or `event`) as a dictionary."""
    with connect(address, "SUB", "read", token) as link:
        _send(link, 0, b"\x01" + topic.encode() + b" ")
        while True:
            body = _message(link)
            if body.startswith(topic.encode() + b" "):
                yield read_message(body, len(b"state "))


def ask(link: socket.socket, request: Message) -> Message:
    """Send a request over a connection to the control endpoint, and wait for its reply."""
    _send(link, 0, write_message(request))
    while True:
        reply = read_message(_message(link))
        if reply["id"] == request.get("id", 0):
            return reply


def connect(address: str, socket_type: str, scope: str, token: str) -> socket.socket:
    """Connect and show the token."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    link = socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S)
    try:
        _shake_hands(link, socket_type, scope, token)
    except BaseException:
        link.close()
        raise
    return link


def _shake_hands(link: socket.socket, socket_type: str, scope: str, token: str) -> None:
    link.sendall(GREETING)
    if _exactly(link, 64)[10] < 3:
        raise Closed("the sidecar speaks another protocol")
    _send(link, COMMAND, b"\x05HELLO" + _short(scope) + _short(token))
    _expect(link, b"\x07WELCOME")
    kind = struct.pack(">I", len(socket_type)) + socket_type.encode()
    _send(link, COMMAND, b"\x08INITIATE" + b"\x0bSocket-Type" + kind)
    _expect(link, b"\x05READY")


def _short(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def _expect(link: socket.socket, name: bytes) -> None:
    _, body = _frame(link)
    if body.startswith((b"\x05ERROR", b"\x5eRROR")):  # the second is how libzmq spells it
        raise Closed(f"refused: {body[-3:].decode()}")  # 400: the token is not known
    if not body.startswith(name):
        raise Closed("the sidecar speaks another protocol")


def _exactly(link: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = link.recv(count - len(parts))
        if not part:
            raise Closed("the sidecar closed the connection")
        parts += part
    return bytes(parts)


def _frame(link: socket.socket) -> tuple[int, bytes]:
    flags = _exactly(link, 1)[0]
    size = struct.unpack(">Q", _exactly(link, 8))[0] if flags & LONG else _exactly(link, 1)[0]
    if size > FRAME_BYTES_MAX:
        raise Closed(f"a frame of {size} bytes")
    return flags, _exactly(link, size)


def _message(link: socket.socket) -> bytes:
    """The next frame that is a message, answering heartbeats before it."""
    while True:
        flags, body = _frame(link)
        if not flags & (COMMAND | MORE):
            return body
        if body.startswith(b"\x04PING"):  # then 2 bytes time to live, then the context
            _send(link, COMMAND, b"\x04PONG" + body[7:])


def _send(link: socket.socket, flags: int, body: bytes) -> None:
    long = len(body) > 255
    size = struct.pack(">Q", len(body)) if long else bytes((len(body),))
    link.sendall(bytes((flags | LONG * long,)) + size + body)


def read_message(data: bytes, start: int = 0) -> Message:
    """Read a MessagePack map that fills the data from a position on."""
    value, end = _value(data, start)
    if end != len(data) or not isinstance(value, dict):
        raise ValueError("not one MessagePack map")
    return value


def write_message(value: Any) -> bytes:
    """Write maps, lists, texts, numbers, booleans and None as MessagePack, in the long formats."""
    match value:
        case None | bool():
            return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
        case int():
            return struct.pack(">Bq", 0xD3, value)
        case float():
            return struct.pack(">Bd", 0xCB, value)
        case str():
            return struct.pack(">BI", 0xDB, len(value.encode())) + value.encode()
        case list():
            return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(write_message, value))
    parts = (write_message(key) + write_message(part) for key, part in value.items())
    return struct.pack(">BI", 0xDF, len(value)) + b"".join(parts)


# The formats of MessagePack: first byte -> (struct format of the number or of the length).
_NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
_NUMBERS |= {0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
_BYTES, _TEXTS = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}, {0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
_ARRAYS, _MAPS = {0xDC: ">H", 0xDD: ">I"}, {0xDE: ">H", 0xDF: ">I"}
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_EXTENSIONS = {0xC7: ">B", 0xC8: ">H", 0xC9: ">I"}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


def _value(data: bytes, at: int) -> tuple[Any, int]:
    """Read the value at a position; returns it and the position after it."""
    first, at = data[at], at + 1
    if first <= 0x7F:
        return first, at
    if first >= 0xE0:
        return first - 0x100, at
    if first <= 0x8F:
        return _map(data, at, first & 0x0F)
    if first <= 0x9F:
        return _array(data, at, first & 0x0F)
    if first <= 0xBF:
        return _text(data, at, first & 0x1F)
    if first in _CONSTANTS:
        return _CONSTANTS[first], at
    if first in _NUMBERS:
        return _number(_NUMBERS[first], data, at)
    if first in _FIXED_EXTENSIONS:
        return None, at + 1 + _FIXED_EXTENSIONS[first]
    for formats, read in (
        (_TEXTS, _text),
        (_ARRAYS, _array),
        (_MAPS, _map),
        (_BYTES, lambda data, at, size: (data[at : at + size], at + size)),
        (_EXTENSIONS, lambda _data, at, size: (None, at + 1 + size)),
    ):
        if first in formats:
            size, at = _number(formats[first], data, at)
            return read(data, at, size)
    raise ValueError(f"byte {first:#x} begins no value")


def _number(layout: str, data: bytes, at: int) -> tuple[Any, int]:
    return struct.unpack_from(layout, data, at)[0], at + struct.calcsize(layout)


def _text(data: bytes, at: int, size: int) -> tuple[str, int]:
    return data[at : at + size].decode(), at + size


def _array(data: bytes, at: int, size: int) -> tuple[list[Any], int]:
    values = [None] * size
    for index in range(size):
        values[index], at = _value(data, at)
    return values, at


def _map(data: bytes, at: int, size: int) -> tuple[dict[Any, Any], int]:
    values = {}
    for _ in range(size):
        key, at = _value(data, at)
        values[key], at = _value(data, at)
    return values, at


def main(folder: str, what: str = "state", *arguments: str) -> Iterator[Message]:
    """What is asked for on the command line."""
    running = find(Path(folder))
    if what == "ask":
        with connect(running["control"], "DEALER", "control", running["control_token"]) as link:
            for number, request in enumerate(arguments, 1):
                yield ask(link, json.loads(request) | {"id": number})
    else:
        address = running["events" if what == "event" else "state"]
        messages = subscribe(address, running["read_token"], what)
        yield from islice(messages, int(arguments[0]) if arguments else None)


if __name__ == "__main__":
    for message in main(*sys.argv[1:]):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
