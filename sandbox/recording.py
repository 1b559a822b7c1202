"""Recordings: all that is needed to run one generation of an instance again, as a file that only grows.

Format: `MALLREC1`, then blocks. A block is the length of its packed bytes, the length unpacked (both 4 bytes,
little-endian), a check of 16 bytes and the packed bytes: raw DEFLATE (RFC 1951) with the 32 KiB of rows before it as
dictionary. The check is BLAKE2b over the check before, the two lengths and the packed bytes, so that the check of a
block stands for everything before it. The first block holds the `Header`, each other one a MessagePack array of rows.
A closed file ends with an `Ended` row and a footer, so that a list needs to read the two ends alone.

A reader takes the file as hostile: sizes are bounded before anything is unpacked, decoding is strict. What a killed
host leaves behind is a file whose last block is missing or torn; all before it is sound.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Literal

import lupa
import msgspec

from sandbox.errors import SandboxError
from sandbox.limits import Limits
from sandbox.runtime import HASH_SEED, HERE, configuration
from sandbox.wire import InstanceSpec, Step

MAGIC = b"MALLREC1"
BLOCK = struct.Struct("<II16s")
FOOTER = struct.Struct("<I4s")
FOOTER_MARK = b"MEND"
MAX_BLOCK = 4 << 20
"""Bytes of one block, unpacked; a header with the largest store fits, and a block of steps is closed far below."""
MAX_UNPACKED = 1 << 30
"""Bytes of one recording, unpacked."""
MAX_CODE = 8 << 20
"""Bytes of a package's sources and texts."""
WINDOW = 32 << 10
LEVEL = 6
_NO_WRAPPER = -15
_START = hashlib.blake2b(MAGIC, digest_size=16).digest()
_encode = msgspec.msgpack.Encoder().encode


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the state began. `configuration` is what the state's own Lua was given, byte for byte.

    `sandbox` is `sandbox_digest` of the host that recorded, `code` names the `Code`, `now` is in UTC
    seconds, `footprint` in metres; `store` is the snapshot that the state began with.
    """

    session: str
    placement: int
    generation: int
    package: str
    version: str
    digest: str
    sandbox: str
    code: str
    entry: str
    configuration: bytes
    capabilities: tuple[str, ...]
    footprint: tuple[float, float, float]
    limits: Limits
    seed: int
    now: float
    store: bytes


class Stepped(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One batch; the fields are those of `wire.Step`. The first one is the load and has no events."""

    now: float
    events: bytes
    digest: bytes
    cut: tuple[int, int] | None = None


class Faulted(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=2):
    """What the host was told of a fault, for people; a replay does not need it."""

    code: str
    message: str
    place: str = ""


class Ended(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=3):
    """The last row. `full`: the recording reached its bound and what came later was not recorded."""

    why: str
    at: float
    steps: int
    faults: int
    full: bool = False


Row = Stepped | Faulted | Ended
Ending = Literal["ended", "open", "torn", "damaged"]

_decode_header = msgspec.msgpack.Decoder(Header).decode
_decode_rows = msgspec.msgpack.Decoder(list[Row]).decode
_decode_ended = msgspec.msgpack.Decoder(tuple[Ended]).decode
_decode_code = msgspec.msgpack.Decoder(tuple[dict[str, bytes], bytes]).decode
_decode_generic = msgspec.msgpack.Decoder(dict[str, Any]).decode


@cache
def sandbox_digest() -> str:
    """Names the sandbox's own code: its Lua, the interpreter, and what seeds it. 32 hexadecimal digits."""
    found = hashlib.sha256(f"{lupa.__version__} {HASH_SEED}".encode())
    for path in sorted(HERE.glob("*.lua")):
        if path.stem != "testkit":
            found.update(_encode((path.stem, path.read_bytes())))
    return found.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Code:
    """What many recordings share, kept once: sources by path in their order, and the configuration's texts."""

    sources: Mapping[str, bytes]
    texts: bytes

    @classmethod
    def of(cls, spec: InstanceSpec) -> Code:
        """The code of a spec."""
        return cls(spec.sources, configuration(spec)["texts"])

    def pack(self) -> tuple[str, bytes]:
        """Its name, which is a digest of all of it, and its packed bytes."""
        raw = _encode((dict(self.sources), self.texts))
        return hashlib.sha256(raw).hexdigest(), zlib.compress(raw, 9)

    @classmethod
    def unpack(cls, name: str, packed: bytes) -> Code:
        """Raises SandboxError `recording.damaged` when it is not the code of that name."""
        try:
            unpacker = zlib.decompressobj()
            raw = unpacker.decompress(packed, MAX_CODE)
            if not unpacker.eof or hashlib.sha256(raw).hexdigest() != name:
                raise ValueError("they are not the ones that were recorded")
            return cls(*_decode_code(raw))
        except (zlib.error, ValueError, msgspec.MsgspecError) as problem:
            raise SandboxError(
                "recording.damaged", f"the sources {name[:12]} cannot be read: {problem}"
            ) from problem


def header_of(spec: InstanceSpec, code: str, generation: int, session: str, placement: int) -> Header:
    """The header of a recording whose state was made of `spec`; its texts are left to the code named `code`."""
    return Header(
        session=session, placement=placement, generation=generation, package=spec.package, version=spec.version,
        digest=spec.digest, sandbox=sandbox_digest(), code=code, entry=spec.entry,
        configuration=_encode(configuration(spec) | {"texts": b""}),
        capabilities=tuple(sorted(spec.capabilities)), footprint=spec.footprint, limits=spec.limits,
        seed=spec.seed, now=spec.now, store=spec.store,
    )  # fmt: skip


def configuration_of(header: Header, code: Code) -> bytes:
    """What the state was given, byte for byte.

    Raises SandboxError `recording.damaged`.
    """
    try:
        found = _decode_generic(header.configuration)
        found["texts"] = code.texts
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise SandboxError("recording.damaged", f"the configuration cannot be read: {problem}") from problem
    return _encode(found)


def row_of(step: Step) -> Stepped:
    """The row of a step."""
    return Stepped(step.now, step.events, step.digest, step.cut)


class BlockWriter:
    """Makes the bytes of a recording; the caller puts them into the file in this order."""

    def __init__(self, at: int = 0, check: bytes = _START, window: bytes = b"") -> None:
        self.at = at
        self.check = check
        self._window = window

    def begin(self, header: Header) -> bytes:
        """The first bytes of the file."""
        self.at = len(MAGIC)
        return MAGIC + self._block(_encode(header))

    def rows(self, encoded: Sequence[bytes]) -> bytes:
        """A block of rows that `encode_row` made."""
        return self._block(b"\xdd" + len(encoded).to_bytes(4, "big") + b"".join(encoded))

    def end(self, ended: Ended) -> bytes:
        """The last block and the footer. It is packed without a dictionary, so that it can be read alone."""
        self._window = b""
        block = self._block(_encode((ended,)))
        self.at += FOOTER.size
        return block + FOOTER.pack(len(block), FOOTER_MARK)

    def _block(self, raw: bytes) -> bytes:
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _NO_WRAPPER, zdict=self._window)
        packed = packer.compress(raw) + packer.flush()
        self.check = _check(self.check, packed, len(raw))
        self._window = (self._window + raw)[-WINDOW:]
        self.at += BLOCK.size + len(packed)
        return BLOCK.pack(len(packed), len(raw), self.check) + packed


encode_row = _encode


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one block; `at` is where the file goes on behind it, `check` stands for all bytes before that."""

    rows: tuple[Row, ...]
    at: int
    check: bytes


class Reader:
    """Reads a recording from its beginning.

    Attributes:
        header: how the state began.
        ending: once all blocks were read: `ended`, `open` (no last row: it is still written, or the host was
            killed), `torn` (the last block is not whole), `damaged` (`problem` says what).
    """

    def __init__(self, file: BinaryIO) -> None:
        """Reads the header. Raises SandboxError `recording.damaged`."""
        self._file = file
        self._check = _START
        self._window = b""
        self._at = len(MAGIC)
        self._unpacked = 0
        self.ending: Ending = "open"
        self.problem = ""
        try:
            if file.read(len(MAGIC)) != MAGIC:
                raise ValueError("it does not begin as a recording does")
            raw = self._next()
            if raw is None:
                raise ValueError(self.problem or "it has no header")
            self.header: Header = _decode_header(raw)
        except (zlib.error, ValueError, msgspec.MsgspecError) as problem:
            raise SandboxError("recording.damaged", f"this recording cannot be read: {problem}") from problem

    def blocks(self) -> Iterator[Block]:
        """Every sound block in order; it stops where the file ends or its soundness does."""
        try:
            while (raw := self._next()) is not None:
                rows = tuple(_decode_rows(raw))
                yield Block(rows, self._at, self._check)
                if rows and isinstance(rows[-1], Ended):
                    self._end()
                    return
        except (zlib.error, ValueError, msgspec.MsgspecError, RecursionError) as problem:
            self.ending, self.problem = "damaged", f"block behind byte {self._at}: {problem}"

    def writer(self) -> BlockWriter:
        """Goes on behind the last sound block."""
        return BlockWriter(self._at, self._check, self._window)

    def _end(self) -> None:
        self.ending = "ended"
        if len(self._file.read(FOOTER.size + 1)) != FOOTER.size:
            self.ending, self.problem = "damaged", "something stands behind its end"

    def _next(self) -> bytes | None:
        """The next block unpacked, None at the end of the file or where it is torn."""
        head = self._file.read(BLOCK.size)
        if not head:
            return None
        if len(head) < BLOCK.size:
            self.ending = "torn"
            return None
        size, unpacked, check = BLOCK.unpack(head)
        self._unpacked += unpacked
        if not 0 < size <= MAX_BLOCK or unpacked > MAX_BLOCK or self._unpacked > MAX_UNPACKED:
            raise ValueError(f"a block of {size} bytes that unpack to {unpacked} is larger than any we write")
        packed = self._file.read(size)
        if len(packed) < size:
            self.ending = "torn"
            return None
        if _check(self._check, packed, unpacked) != check:
            raise ValueError("its check is wrong")
        raw = self._unpack(packed, unpacked)
        self._check, self._at = check, self._at + BLOCK.size + size
        self._window = (self._window + raw)[-WINDOW:]
        return raw

    def _unpack(self, packed: bytes, unpacked: int) -> bytes:
        unpacker = zlib.decompressobj(_NO_WRAPPER, zdict=self._window)
        raw = unpacker.decompress(packed, unpacked + 1)
        if not unpacker.eof or len(raw) != unpacked:
            raise ValueError("it does not unpack to the length that it states")
        return raw


def read_end(file: BinaryIO) -> Ended | None:
    """The last row of a closed recording, read from the end of the file; None when it has none."""
    try:
        file.seek(-FOOTER.size, os.SEEK_END)
        size, mark = FOOTER.unpack(file.read(FOOTER.size))
        if mark != FOOTER_MARK or not BLOCK.size < size <= 4096:
            return None
        file.seek(-FOOTER.size - size, os.SEEK_END)
        packed = file.read(size)[BLOCK.size :]
        return _decode_ended(zlib.decompressobj(_NO_WRAPPER).decompress(packed, 4096))[0]
    except (OSError, struct.error, zlib.error, msgspec.MsgspecError, ValueError):
        return None  # the caller reads the whole file then


def open_recording(path: Path) -> tuple[BinaryIO, Reader]:
    """Opens a file for reading; close the first of the two.

    Raises SandboxError `recording.missing`, `recording.damaged`.
    """
    try:
        file = path.open("rb")
    except OSError as problem:
        raise SandboxError(
            "recording.missing", f"there is no recording {path.stem}: {problem.strerror}"
        ) from problem
    try:
        return file, Reader(file)
    except BaseException:
        file.close()
        raise


def _check(before: bytes, packed: bytes, unpacked: int) -> bytes:
    lengths = struct.pack("<II", len(packed), unpacked)
    return hashlib.blake2b(before + lengths + packed, digest_size=16).digest()
