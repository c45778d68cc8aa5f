"""The smallest subscriber: nothing but sockets, to show that SPEC.md is all a client needs.

    python bridge/protocol/minimal_subscriber.py tcp://127.0.0.1:PORT [state|event] [COUNT]

prints one JSON message a line. It speaks ZMTP 3.0 with the NULL mechanism as a SUB socket and
reads MessagePack; it checks no ranges. A real client does (see `golden/invalid.json`).
"""

import json
import socket
import struct
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

Message = dict[str, Any]

FRAME_BYTES_MAX = 64 * 1024
TIMEOUT_S = 30.0  # longer than the publisher's heartbeat interval, so silence means it is gone
MORE, LONG, COMMAND = 1, 2, 4  # the flags of a ZMTP frame

# Signature, version 3.0, mechanism NULL, then zeros: not a server, and filler.
GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", 3) + b"SUB"


class Closed(Exception):
    """The publisher closed the connection or broke the protocol."""


def subscribe(address: str, topic: str) -> Iterator[Message]:
    """Yield each message of a topic (`state` or `event`) as a dictionary."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S) as link:
        link.sendall(GREETING)
        peer = _exactly(link, 64)
        _send(link, COMMAND, READY)
        if peer[10] < 3 or not _frame(link)[1].startswith(b"\x05READY"):
            raise Closed("the publisher speaks another protocol")
        _send(link, 0, b"\x01" + topic.encode() + b" ")
        while True:
            flags, body = _frame(link)
            if flags & COMMAND:
                if body.startswith(b"\x04PING"):  # then 2 bytes time to live, then the context
                    _send(link, COMMAND, b"\x04PONG" + body[7:])
            elif not flags & MORE and body.startswith(topic.encode() + b" "):
                yield read_message(body)


def read_message(frame: bytes) -> Message:
    """Read a whole frame, topic and all."""
    value, end = _value(frame, len(b"state "))
    if end != len(frame) or not isinstance(value, dict):
        raise ValueError("not one MessagePack map")
    return value


def _exactly(link: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = link.recv(count - len(parts))
        if not part:
            raise Closed("the publisher closed the connection")
        parts += part
    return bytes(parts)


def _frame(link: socket.socket) -> tuple[int, bytes]:
    flags = _exactly(link, 1)[0]
    size = struct.unpack(">Q", _exactly(link, 8))[0] if flags & LONG else _exactly(link, 1)[0]
    if size > FRAME_BYTES_MAX:
        raise Closed(f"a frame of {size} bytes")
    return flags, _exactly(link, size)


def _send(link: socket.socket, flags: int, body: bytes) -> None:
    link.sendall(bytes((flags, len(body))) + body)  # what is sent here is shorter than 256 bytes


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


if __name__ == "__main__":
    topic, count = [*sys.argv[2:], "state"][0], int(sys.argv[3]) if len(sys.argv) > 3 else None
    for message in islice(subscribe(sys.argv[1], topic), count):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
