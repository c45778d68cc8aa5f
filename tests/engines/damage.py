"""Damaged frames, and what the sidecar's own decoder makes of them."""

import random
from typing import Any

import msgspec

from rapport.errors import MessageInvalid
from rapport.wire import codec


def damaged(frame: bytes, chance: random.Random) -> bytes:
    """A frame with some bytes changed, taken out or put in, or cut off; sometimes as it was."""
    made = bytearray(frame)
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(made))
        match chance.randrange(4):
            case 0:
                made[at] = chance.randrange(256)
            case 1:
                made[at] ^= 1 << chance.randrange(8)
            case 2:
                del made[at]
            case _:
                made.insert(at, chance.randrange(256))
    if not chance.randrange(8):
        del made[chance.randrange(len(made)) :]
    return bytes(made)


def judged(decode: Any, frame: bytes) -> str:
    try:
        decode(frame)
    except MessageInvalid:
        return "N"
    return "Y"


def is_clean(frame: bytes) -> bool:
    """Whether all of it is MessagePack: the sidecar does not look into fields that it skips, where
    a client may."""
    try:
        msgspec.msgpack.decode(frame[len(codec.STATE_TOPIC) :])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
