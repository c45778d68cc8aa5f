"""What stands at the beginning of a session file, and at its end."""

from importlib.metadata import PackageNotFoundError, version

import msgspec

from rapport.recording import chunks
from rapport.recording.dictionary import DICTIONARY
from rapport.recording.rows import Base
from rapport.recording.shapes import Misfit
from rapport.state import LABELS, SCHEMA


def _version() -> str:
    try:
        return version("rapport-sidecar")
    except PackageNotFoundError:
        return "unknown"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session comes from, and what its bytes mean.

    `start_ns` and `start_wall` are the base of all times; the first is on the clock of the
    machine that recorded. `source` is `live`, `clip` or `simulation`, `origin` the name of the
    script or clip. `labels` is the order of distributions. `dictionary` is the preset
    dictionary that every chunk is compressed with.
    """

    start_ns: int
    start_wall: float
    source: str
    origin: str = ""
    rapport: str = msgspec.field(default_factory=_version)
    schema: int = SCHEMA
    labels: tuple[str, ...] = LABELS
    dictionary: bytes = DICTIONARY

    @property
    def base(self) -> Base:
        """Where times count from."""
        return Base(self.start_ns, self.start_wall)


class Counts(msgspec.Struct, frozen=True):
    """How much a session holds. At the end of a file it says that nothing is missing."""

    states: int = 0
    events: int = 0
    lines: int = 0


def opening(header: Header) -> bytes:
    """The first bytes of a file."""
    prefix = chunks.PREFIX.pack(chunks.MAGIC, chunks.FORMAT)
    return prefix + chunks.frame(chunks.HEAD, msgspec.msgpack.encode(header))


def closing(counts: Counts) -> bytes:
    """The last bytes of a file that was finished."""
    return chunks.frame(chunks.DONE, msgspec.msgpack.encode(counts))


def decode_header(payload: bytes) -> Header:
    """The header of a file.

    :raises Misfit: it is none, or its labels are not ours.
    """
    try:
        header = msgspec.msgpack.decode(payload, type=Header)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Misfit from error
    if header.labels != LABELS or not 0 <= header.start_ns < 2**63:
        raise Misfit
    if not 0.0 <= header.start_wall < 2.0**40:
        raise Misfit
    return header


def decode_counts(payload: bytes) -> Counts:
    """The end of a file.

    :raises Misfit: it is none.
    """
    try:
        return msgspec.msgpack.decode(payload, type=Counts)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Misfit from error
