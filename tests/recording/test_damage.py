"""A file that is cut off, damaged or forged gives what is whole, a named warning, and no crash."""

import random
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest

from rapport.errors import RecordingUnreadable
from rapport.recording import chunks
from rapport.recording.header import closing, opening
from rapport.recording.rows import row_of
from rapport.recording.session import CUT_OFF, DAMAGED, info, read
from rapport.recording.tables import Item
from recording.examples import HEADER, session, written

SEED = 20_261_122
FLIPS = 120
FORGERIES = 250
ITEMS = len(session(4))


def chunked(items: list[Item], size: int) -> tuple[bytes, list[int]]:
    """A session file in chunks of so many items, and where each begins."""
    data = opening(HEADER)
    begins = []
    for at in range(0, len(items), size):
        begins.append(len(data))
        rows = [row_of(item, HEADER.base) for item in items[at : at + size]]
        data += chunks.frame(chunks.DATA, chunks.encode(rows, HEADER.dictionary))
    return data, begins


def codes(path: Path) -> list[str]:
    return [flaw.code for flaw in info(path).flaws]


@pytest.mark.property
def test_a_file_cut_anywhere_reads_up_to_its_last_whole_chunk(tmp_path: Path) -> None:
    items = session(24)
    data, begins = chunked(items, 7)
    whole = data + closing(info(written(tmp_path / "whole", items)).counts)
    path = tmp_path / "cut"
    for end in [*range(begins[0], len(whole), 23), len(data)]:
        path.write_bytes(whole[:end])
        chunks_left = sum(begin <= end for begin in [*begins[1:], len(data)])
        found = read(path)
        assert len(list(found)) == min(7 * chunks_left, len(items)), end
        assert [flaw.code for flaw in found.flaws] == [CUT_OFF], end
    path.write_bytes(whole)
    assert len(list(read(path))) == len(items)
    assert codes(path) == []


@pytest.mark.property
def test_flipped_bytes_cost_their_chunk_and_are_told(tmp_path: Path) -> None:
    items = session(24)
    data, begins = chunked(items, 7)
    whole = data + closing(info(written(tmp_path / "whole", items)).counts)
    chance = random.Random(SEED)
    path = tmp_path / "flipped"
    for _ in range(FLIPS):
        damaged = bytearray(whole)
        at = chance.randrange(len(whole))
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            found = read(path)
        except RecordingUnreadable:
            assert at < begins[0], (SEED, at)
            continue
        left = list(found)
        if at >= begins[0]:
            assert found.flaws, (SEED, at)
        else:
            assert len(left) == len(items) or found.flaws, (SEED, at)


@pytest.mark.unit
def test_a_damaged_chunk_in_the_middle_costs_nothing_after_it(tmp_path: Path) -> None:
    items = session(24)
    data, begins = chunked(items, 7)
    damaged = bytearray(data + closing(info(written(tmp_path / "whole", items)).counts))
    damaged[begins[1] + chunks.FRAME.size + 5] ^= 0xFF
    path = tmp_path / "damaged"
    path.write_bytes(damaged)
    assert len(list(read(path))) == len(items) - 7
    assert codes(path) == [DAMAGED]


@pytest.mark.unit
def test_a_chunk_that_was_taken_out_is_told(tmp_path: Path) -> None:
    items = session(24)
    data, begins = chunked(items, 7)
    end = closing(info(written(tmp_path / "whole", items)).counts)
    path = tmp_path / "short"
    path.write_bytes(data[: begins[1]] + data[begins[2] :] + end)
    assert codes(path) == [DAMAGED]


def bomb(_: random.Random) -> bytes:
    return zlib.compress(b"\0" * (8 * chunks.RAW_BYTES_MAX), 9)


def nested(_: random.Random) -> bytes:
    return zlib.compress(b"\x81\xa1x" + b"\x91" * 100_000)


def many_rows(_: random.Random) -> bytes:
    return packed({"order": "s" * 1_000_000, "words": [], "states": {}})


@cache
def good_chunk() -> bytes:
    """A chunk before it is packed."""
    rows = [row_of(item, HEADER.base) for item in session(4)]
    return zlib.decompressobj(zdict=HEADER.dictionary).decompress(
        chunks.encode(rows, HEADER.dictionary)
    )


def another_structure(chance: random.Random) -> bytes:
    """A good chunk in which one thing, anywhere, is another."""
    content = msgspec.msgpack.decode(good_chunk())
    place = content
    while isinstance(place[key := chance.choice(list(place))], dict) and chance.random() < 0.9:
        place = place[key]
    place[key] = chance.choice(
        [None, -1, 2**63, "x" * 500, [], {}, [1, 1, b""], [0, 1, b"\xff" * 40], [1000, 9, b"\1"],
         [1, 1, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1" * 4], {"a": {"b": {"c": {}}}}, [[]]]
    )  # fmt: skip
    return packed(content)


def another_byte(chance: random.Random) -> bytes:
    """A good chunk with bytes that are others before it is packed."""
    raw = bytearray(good_chunk())
    for _ in range(chance.randrange(1, 4)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    packer = zlib.compressobj(zdict=HEADER.dictionary)
    return packer.compress(raw) + packer.flush()


def packed(content: object) -> bytes:
    packer = zlib.compressobj(zdict=HEADER.dictionary)
    return packer.compress(msgspec.msgpack.encode(content)) + packer.flush()


Forge = Callable[[random.Random], bytes]


@pytest.mark.property
@pytest.mark.parametrize(
    ("forge", "times"),
    [
        (bomb, 1),
        (nested, 1),
        (many_rows, 1),
        (another_structure, FORGERIES),
        (another_byte, FORGERIES),
    ],
)
def test_forged_chunks_with_a_right_checksum_do_no_harm(
    tmp_path: Path, forge: Forge, times: int
) -> None:
    chance = random.Random(SEED)
    path = tmp_path / "forged"
    for number in range(times):
        path.write_bytes(opening(HEADER) + chunks.frame(chunks.DATA, forge(chance)))
        assert len(list(read(path))) <= ITEMS, (SEED, number)
        info(path)


@pytest.mark.property
def test_garbage_is_no_session(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    path = tmp_path / "garbage"
    good = opening(HEADER)
    for number in range(200):
        begin = good[: chance.choice([0, 4, 8, 12, 20])]
        path.write_bytes(begin + chance.randbytes(chance.randrange(200)))
        with pytest.raises(RecordingUnreadable):
            read(path)
        assert number >= 0


@pytest.mark.unit
def test_what_cannot_be_read_is_told_with_its_reason(tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    newer.write_bytes(chunks.PREFIX.pack(chunks.MAGIC, chunks.FORMAT + 1))
    for path, reason in (
        (tmp_path / "missing", "No such file"),
        (tmp_path, "directory"),
        (newer, f"format {chunks.FORMAT + 1}"),
        (Path("a\0b"), "null"),
    ):
        with pytest.raises(RecordingUnreadable, match=reason):
            read(path)
