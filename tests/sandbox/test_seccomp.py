"""The filter of system calls, run for both architectures on every number by an interpreter of BPF."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from sandbox import seccomp
from sandbox.seccomp import ALLOW, ALLOWED, ALLOWED_WITHOUT_EXEC, FATAL, KILL, MACHINES, REFUSE

TABLE = Path(__file__).parent / "syscall_numbers.txt"
HEADERS = (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h"))
NAMES = ("x86_64", "aarch64")


def numbers() -> dict[str, tuple[int | None, int | None]]:
    """The kernel's numbers by name, on x86_64 and aarch64."""
    rows = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    return {name: tuple(None if n == "-" else int(n) for n in pair) for name, *pair in rows}  # type: ignore[misc]


def verdict(program: bytes, architecture: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would answer: runs classic BPF over `struct seccomp_data`."""
    data = struct.pack("<iIQ6Q", number - (1 << 32) if number >> 31 else number, architecture, 0,
                       *(*arguments, 0, 0, 0, 0, 0, 0)[:6])  # fmt: skip
    steps = list(struct.iter_unpack("<HBBI", program))
    at, value = 0, 0
    while True:
        code, yes, no, k = steps[at]
        at += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (value,) = struct.unpack_from("<I", data, k)
        elif code == 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
            at += yes if value == k else no
        elif code == 0x35:  # BPF_JMP | BPF_JGE | BPF_K
            at += yes if value >= k else no
        elif code == 0x45:  # BPF_JMP | BPF_JSET | BPF_K
            at += yes if value & k else no
        elif code == 0x06:  # BPF_RET | BPF_K
            return int(k)
        else:
            pytest.fail(f"an unknown instruction {code:#x}")


@pytest.mark.parametrize("name", NAMES)
def test_every_number_gets_what_the_table_intends(name: str) -> None:
    machine = MACHINES[name]
    program = seccomp.program(machine)
    known = {
        pair[machine.column]: call for call, pair in numbers().items() if pair[machine.column] is not None
    }
    for number in range(1024):
        call = known.get(number, "")
        expected = (
            ALLOW if call in ALLOWED or call in ALLOWED_WITHOUT_EXEC else KILL if call in FATAL else REFUSE
        )
        assert verdict(program, machine.audit, number) == expected, (number, call)


@pytest.mark.parametrize("name", NAMES)
def test_code_cannot_be_made_whatever_the_other_bits_are(name: str) -> None:
    machine = MACHINES[name]
    program = seccomp.program(machine)
    for number in seccomp.numbers(ALLOWED_WITHOUT_EXEC, machine):
        for protection in range(16):
            expected = REFUSE if protection & 4 else ALLOW
            for high in (0, 1 << 24, 1 << 32, 1 << 63):
                arguments = (4, 4, protection | high, 4, 4, 4)
                assert verdict(program, machine.audit, number, arguments) == expected


@pytest.mark.parametrize("name", NAMES)
def test_another_architecture_is_killed_whatever_it_asks(name: str) -> None:
    program = seccomp.program(MACHINES[name])
    others = {machine.audit for machine in MACHINES.values()} | {
        0x40000003,
        0x40000028,
        0x00000000,
        0xFFFFFFFF,
    }
    for other in others - {MACHINES[name].audit}:
        assert {verdict(program, other, number) for number in range(512)} == {KILL}


def test_numbers_of_x32_are_killed() -> None:
    machine = MACHINES["x86_64"]
    program = seccomp.program(machine)
    x32 = {verdict(program, machine.audit, 0x40000000 | number) for number in range(600)}
    assert x32 | {verdict(program, machine.audit, 0xFFFFFFFF)} == {KILL}


@pytest.mark.parametrize("name", NAMES)
def test_the_program_is_one_that_the_kernel_takes(name: str) -> None:
    """At most 4,096 instructions, all jumps inside, no way out but a return."""
    steps = list(struct.iter_unpack("<HBBI", seccomp.program(MACHINES[name])))
    assert len(steps) <= 4096
    assert steps[-1][0] == 0x06
    assert all(
        at + 1 + max(yes, no) < len(steps) for at, (code, yes, no, _) in enumerate(steps) if code != 0x06
    )


@pytest.mark.parametrize("column", [0, 1], ids=NAMES)
def test_every_call_of_the_filter_has_the_kernels_number(column: int) -> None:
    known = numbers()
    for name, pair in {**ALLOWED, **ALLOWED_WITHOUT_EXEC, **FATAL}.items():
        assert pair[column] == known[name][column], name


@pytest.mark.skipif(
    not all(h.is_file() for h in HEADERS), reason="the kernel's headers are not installed here"
)
def test_the_table_says_what_the_kernels_headers_say() -> None:
    """Where they are installed. A header may be newer or older than the table; what both name must agree."""
    known = numbers()
    for column, header in enumerate(HEADERS):
        text = header.read_text()
        found = {m[1]: int(m[2]) for m in re.finditer(r"#define\s+__NR_(\w+)\s+(\d+)\s", text)}
        assert len(found) > 200
        assert {n: v for n, v in found.items() if n in known} == {
            n: known[n][column] for n in found if n in known
        }
