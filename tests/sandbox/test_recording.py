"""Recordings keep what went in, and a reader takes nothing on trust."""

from __future__ import annotations

import io
import os
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import SandboxError
from sandbox.recording import (
    BLOCK,
    FOOTER,
    MAGIC,
    MAX_BLOCK,
    BlockWriter,
    Code,
    Ended,
    Faulted,
    Reader,
    Row,
    Stepped,
    configuration_of,
    encode_row,
    header_of,
    read_end,
    sandbox_digest,
)
from sandbox.runtime import encode_configuration
from tests.sandbox.conftest import make_spec
from tests.sandbox.recorded import read, written

SPEC = make_spec("mall.log('x')", texts={"de": {"Hello": "Hallo"}}, footprint=(15, 20.0, 15.0), store=b"\x80")
numbers = st.integers(0, (1 << 53) - 1)
times = st.floats(0, 1e10)
steps = st.builds(
    Stepped,
    times,
    st.binary(max_size=300),
    st.binary(min_size=32, max_size=32),
    st.none() | st.tuples(numbers, numbers),
)
rows = st.lists(
    steps | st.builds(Faulted, st.text(max_size=20), st.text(max_size=50), st.text(max_size=20)), max_size=60
)
DATA = written(SPEC, [Stepped(1000.0 + n, os.urandom(40), bytes(32)) for n in range(50)], block=10)


@given(rows, st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_what_was_written_is_read(given_rows: list[Row], block: int) -> None:
    data = written(SPEC, given_rows, block=block)
    reader, found = read(data)
    ended = Ended("stopped", SPEC.now, len(given_rows), 0)
    assert (found, reader.ending) == ([*given_rows, ended], "ended")
    assert read_end(io.BytesIO(data)) == ended


def test_a_state_is_made_again_from_the_very_bytes() -> None:
    name, packed = Code.of(SPEC).pack()
    header = Reader(io.BytesIO(DATA)).header
    assert header == header_of(SPEC, name, 1, header.session, 7)
    code = Code.unpack(name, packed)
    assert list(code.sources.items()) == list(SPEC.sources.items())
    assert configuration_of(header, code) == encode_configuration(SPEC)


@given(st.integers(0, len(DATA) - 1))
@settings(max_examples=150, deadline=None)
def test_a_file_that_was_cut_off_keeps_all_whole_blocks(length: int) -> None:
    whole = read(DATA)[1]
    try:
        reader, found = read(DATA[:length])
    except SandboxError:
        return  # not even the header is whole
    assert found == whole[: len(found)]
    assert reader.ending in ("open", "torn", "damaged")
    assert (reader.ending == "damaged") == (length > len(DATA) - FOOTER.size - 1)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_no_changed_byte_goes_unnoticed(at: int, change: int) -> None:
    changed = DATA[:at] + bytes([DATA[at] ^ change]) + DATA[at + 1 :]
    try:
        reader, found = read(changed)
    except SandboxError:
        return
    whole = read(DATA)[1]
    assert found == whole[: len(found)]
    if at < len(DATA) - FOOTER.size:
        assert reader.ending in ("torn", "damaged")


def test_a_block_that_was_taken_out_is_noticed() -> None:
    first = len(MAGIC) + BLOCK.size + BLOCK.unpack_from(DATA, len(MAGIC))[0]
    second = first + BLOCK.size + BLOCK.unpack_from(DATA, first)[0]
    reader, found = read(DATA[:first] + DATA[second:])
    assert (found, reader.ending) == ([], "damaged")


class Bomber(BlockWriter):
    """Packs what it is told to be packed, and states a length of its own."""

    def bomb(self, size: int, stated: int) -> bytes:
        from sandbox.recording import _check

        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(bytes(size)) + packer.flush()
        self.check = _check(self.check, packed, stated)
        return BLOCK.pack(len(packed), stated, self.check) + packed


@pytest.mark.parametrize(("size", "stated"), [(1 << 28, 1000), (1 << 28, 1 << 28), (1000, MAX_BLOCK)])
def test_a_bomb_is_not_unpacked(size: int, stated: int) -> None:
    writer = Bomber()
    name, _ = Code.of(SPEC).pack()
    data = writer.begin(header_of(SPEC, name, 1, "7-testtest22", 7)) + writer.bomb(size, stated)
    reader, found = read(data)
    assert (found, reader.ending) == ([], "damaged")


@pytest.mark.parametrize(
    "row",
    [
        [9],
        [1, "x", b"", b""],
        [1, 1.0, b"", b"", None, 5],
        [1, 1.0, b"", b"", [1]],
        {},
        [3, "x", 0.0, "n", 0],
    ],
)
def test_rows_of_another_form_are_damage(row: object) -> None:
    writer = BlockWriter()
    name, _ = Code.of(SPEC).pack()
    data = writer.begin(header_of(SPEC, name, 1, "7-testtest22", 7)) + writer.rows([encode_row(row)])
    assert read(data)[0].ending == "damaged"


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused_and_never_worse(data: bytes) -> None:
    for given_bytes in (data, MAGIC + data):
        with pytest.raises(SandboxError, match=r"recording\.damaged"):
            Reader(io.BytesIO(given_bytes))
    assert read_end(io.BytesIO(data)) is None


def test_code_of_another_name_is_refused() -> None:
    name, packed = Code.of(SPEC).pack()
    other, _ = Code.of(replace(SPEC, sources={"init.lua": b""})).pack()
    for wrong, data in (
        (other, packed),
        (name, packed[:-3]),
        (name, b"x"),
        (name, zlib.compress(bytes(1 << 24))),
    ):
        with pytest.raises(SandboxError, match=r"recording\.damaged"):
            Code.unpack(wrong, data)


def test_a_file_goes_on_where_it_was_torn() -> None:
    reader, found = read(DATA[: len(DATA) - 80])
    writer = reader.writer()
    again = (
        DATA[: writer.at]
        + writer.rows([encode_row(Faulted("a.b", "late"))])
        + writer.end(Ended("x", 1.0, 1, 1))
    )
    reader, more = read(again)
    assert reader.ending == "ended"
    assert more == [*found, Faulted("a.b", "late"), Ended("x", 1.0, 1, 1)]


def test_the_sandboxs_own_code_has_a_name() -> None:
    assert len(sandbox_digest()) == 32
