"""The bytes of a session file: a header, then chunks that can each be read by itself.

docs/recording.md describes them byte by byte. Whatever stands in a file, reading it gives what is
whole, or `Misfit`; memory is bounded by the `_MAX` constants here and in `columns`.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import msgspec

from rapport.recording.columns import ROWS_MAX, pack_table, unpack_table
from rapport.recording.rows import BY_MARK, TABLES, Base, MarkedRow, Table, item_of
from rapport.recording.shapes import WORD_CHARACTERS_MAX, Misfit
from rapport.recording.tables import Item

MAGIC = b"\x89RPS\r\n\x1a\n"
"""Like PNG's: the first byte is no text, and a transfer that changes line ends is noticed."""
FORMAT = 1
"""Version of the format; it changes only when an older reader could not read on."""

PREFIX = struct.Struct("<8sHxx")
FRAME = struct.Struct("<4sII")
HEAD, DATA, DONE = b"HEAD", b"DATA", b"DONE"

PAYLOAD_BYTES_MAX = 256 * 1024
"""A chunk of two seconds has about two kilobytes."""
RAW_BYTES_MAX = 2 * 1024 * 1024
"""What a chunk may unpack to."""
WORDS_MAX = 2048

_encoder = msgspec.msgpack.Encoder()


class Frame(NamedTuple):
    """A chunk's kind, whether its checksum is right, and its content."""

    kind: bytes
    sound: bool
    payload: bytes


def frame(kind: bytes, payload: bytes) -> bytes:
    """A chunk: kind, length, checksum, payload."""
    return FRAME.pack(kind, len(payload), zlib.crc32(payload, zlib.crc32(kind))) + payload


def frames(stream: BinaryIO) -> Iterator[Frame]:
    """The chunks from here to the end, also those with a wrong checksum.

    :raises Misfit: after the last whole chunk comes something that is no whole chunk.
    """
    while begin := stream.read(FRAME.size):
        if len(begin) < FRAME.size:
            raise Misfit
        kind, length, checksum = FRAME.unpack(begin)
        if kind not in (HEAD, DATA, DONE) or length > PAYLOAD_BYTES_MAX:
            raise Misfit
        payload = stream.read(length)
        if len(payload) < length:
            raise Misfit
        yield Frame(kind, checksum == zlib.crc32(payload, zlib.crc32(kind)), payload)


def encode(rows: Sequence[MarkedRow], dictionary: bytes) -> bytes:
    """The payload of a chunk of items in their order (at most `ROWS_MAX`)."""
    words: dict[str, int] = {}
    content: dict[str, Any] = {"order": "".join(mark for mark, _ in rows)}
    for mark, table in BY_MARK.items():
        if mark in content["order"]:
            content[table.name] = pack_table([row for of, row in rows if of == mark], words)
    # Last, because only now all words are known.
    content["words"] = list(words)
    packer = zlib.compressobj(9, zdict=dictionary)
    return packer.compress(_encoder.encode(content)) + packer.flush()


class Chunk(NamedTuple):
    """A chunk of items, unpacked to columns."""

    order: str
    columns: dict[str, Any]

    def items(self, base: Base) -> Iterator[Item]:
        """The items in their order.

        :raises Misfit: a column holds what it cannot hold.
        """
        rows = dict.fromkeys(BY_MARK, 0)
        for mark in self.order:
            table = BY_MARK[mark]
            yield item_of(table, self.columns[table.name], rows[mark], base)
            rows[mark] += 1

    def count(self, table: Table) -> int:
        """How many items of this kind there are."""
        return self.order.count(table.mark)


def decode(payload: bytes, dictionary: bytes) -> Chunk:
    """The chunk that `encode` made.

    :raises Misfit: it is none.
    """
    content = _unpacked(payload, dictionary)
    order, words = content.get("order"), content.get("words")
    if (
        not isinstance(order, str)
        or not isinstance(words, list)
        or not 0 < len(order) <= ROWS_MAX
        or len(words) > WORDS_MAX
        or not all(isinstance(w, str) and len(w) <= WORD_CHARACTERS_MAX for w in words)
        or not set(order) <= set(BY_MARK)
    ):
        raise Misfit
    columns = {
        table.name: unpack_table(content.get(table.name), order.count(table.mark), words)
        for table in TABLES
        if table.mark in order
    }
    return Chunk(order, columns)


def _unpacked(payload: bytes, dictionary: bytes) -> dict[str, Any]:
    try:
        unpacker = zlib.decompressobj(zdict=dictionary)
        raw = unpacker.decompress(payload, RAW_BYTES_MAX)
        if not unpacker.eof or unpacker.unused_data:
            raise Misfit
        content = msgspec.msgpack.decode(raw)
    except (zlib.error, ValueError, RecursionError) as error:
        raise Misfit from error
    if not isinstance(content, dict):
        raise Misfit
    return content
