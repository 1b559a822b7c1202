"""A quicker inner loop for py-evm, with the same results: pushes, jumps and arithmetic run here, and whatever
touches state, grows memory or has a price of its own is left to py-evm.

py-evm asks its code stream for the next opcode and runs it. `QuickCode` is such a stream: it runs the simple
opcodes itself, on py-evm's own stack, memory and gas meter, and hands out the others only. A test replays
random programs on both and on a real node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

from eth.exceptions import FullStack, InsufficientStack, InvalidJumpDestination, OutOfGas
from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.computation import PragueComputation

from contracts.local.decode import MAX_INITCODE

_WORD = 2**256
_ONES = _WORD - 1
_SIGN = 2**255
_STACK_LIMIT = 1024

_POP, _MLOAD, _MSTORE, _JUMP, _JUMPI, _GAS, _JUMPDEST = 0x50, 0x51, 0x52, 0x56, 0x57, 0x5A, 0x5B
_CALLDATALOAD, _CALLDATASIZE, _CALLER, _CALLVALUE = 0x35, 0x36, 0x33, 0x34
_ISZERO, _NOT = 0x15, 0x19
_PUSH0, _PUSH1, _PUSH32, _DUP16, _SWAP16 = 0x5F, 0x60, 0x7F, 0x8F, 0x9F
_SELFDESTRUCT = 0xFF
_MEMORY_GAS = 3


def _signed(value: int) -> int:
    return value - _WORD if value >= _SIGN else value


# Opcodes that take two words and give one, by number.
_BINARY: dict[int, Callable[[int, int], int]] = {
    0x01: lambda a, b: (a + b) & _ONES,
    0x02: lambda a, b: (a * b) & _ONES,
    0x03: lambda a, b: (a - b) & _ONES,
    0x04: lambda a, b: a // b if b else 0,
    0x06: lambda a, b: a % b if b else 0,
    0x10: lambda a, b: 1 if a < b else 0,
    0x11: lambda a, b: 1 if a > b else 0,
    0x12: lambda a, b: 1 if _signed(a) < _signed(b) else 0,
    0x13: lambda a, b: 1 if _signed(a) > _signed(b) else 0,
    0x14: lambda a, b: 1 if a == b else 0,
    0x16: lambda a, b: a & b,
    0x17: lambda a, b: a | b,
    0x18: lambda a, b: a ^ b,
    0x1A: lambda a, b: (b >> (8 * (31 - a))) & 0xFF if a < 32 else 0,
    0x1B: lambda a, b: (b << a) & _ONES if a < 256 else 0,
    0x1C: lambda a, b: b >> a if a < 256 else 0,
    0x1D: lambda a, b: (_signed(b) >> min(a, 255)) & _ONES,
}
_OPERATORS = [_BINARY.get(opcode) for opcode in range(256)]


def _price(opcode: int) -> int:
    """Gas of an opcode that runs here (Yellow Paper, appendix G); 0 for the others, which py-evm charges."""
    if opcode in _BINARY:
        return 5 if opcode in (0x02, 0x04, 0x06) else 3
    if _PUSH1 <= opcode <= _SWAP16 or opcode in (_ISZERO, _NOT, _CALLDATALOAD):
        return 3
    return {_JUMPDEST: 1, _JUMP: 8, _JUMPI: 10}.get(
        opcode, 2 if opcode in (_POP, _PUSH0, _GAS, _CALLDATASIZE, _CALLER, _CALLVALUE) else 0
    )


_PRICES = [_price(opcode) for opcode in range(256)]


@lru_cache(maxsize=256)
def _analyse(code: bytes) -> tuple[bytes, dict[int, int], frozenset[int]]:
    """The code followed by enough STOPs for a cut-off PUSH32, the pushed value by place, and where jumps may
    land."""
    padded = code + b"\x00" * (_PUSH32 - _PUSH0 + 1)
    pushed: dict[int, int] = {}
    landings = set()
    place = 0
    while place < len(code):
        opcode = code[place]
        if _PUSH0 <= opcode <= _PUSH32:
            size = opcode - _PUSH0
            pushed[place] = int.from_bytes(padded[place + 1 : place + 1 + size], "big")
            place += size
        elif opcode == _JUMPDEST:
            landings.add(place)
        place += 1
    return padded, pushed, frozenset(landings)


class QuickCode(CodeStream):  # type: ignore[misc]
    """The opcodes of a running computation that py-evm has to run, in turn."""

    def __init__(self, code: bytes, computation: Any) -> None:
        super().__init__(code)
        self._computation = computation

    def __iter__(self) -> Iterator[int]:
        try:
            yield from self._run()
        except IndexError as error:
            raise InsufficientStack("the stack holds fewer words than the opcode takes") from error

    def _run(self) -> Iterator[int]:
        code, pushed, landings = _analyse(self._raw_code_bytes)
        meter, memory = self._computation._gas_meter, self._computation._memory
        message = self._computation.msg
        stack: list[Any] = self._computation._stack.values
        push, pop = stack.append, stack.pop
        prices, operators = _PRICES, _OPERATORS
        gas, place = meter.gas_remaining, 0
        while True:
            opcode = code[place]
            gas -= prices[opcode]
            if gas < 0:
                raise OutOfGas("the gas is used up")
            if len(stack) >= _STACK_LIMIT and (_PUSH0 <= opcode <= _DUP16 or opcode in _NULLARY):
                raise FullStack("the stack holds 1,024 words at most")
            if opcode >= _PUSH0:
                if opcode <= _PUSH32:
                    push(pushed[place])
                    place += opcode - 0x5E
                    continue
                if opcode <= _DUP16:
                    push(stack[0x7F - opcode])
                    place += 1
                    continue
                if opcode <= _SWAP16:
                    other = 0x8E - opcode
                    stack[-1], stack[other] = stack[other], stack[-1]
                    place += 1
                    continue
            elif (operator := operators[opcode]) is not None:
                first = pop()
                stack[-1] = operator(first, stack[-1])
                place += 1
                continue
            elif opcode == _JUMPDEST:
                place += 1
                continue
            elif opcode in (_JUMPI, _JUMP):
                target = pop()
                if opcode == _JUMPI and not pop():
                    place += 1
                    continue
                if target not in landings:
                    raise InvalidJumpDestination(f"{target} is no JUMPDEST")
                place = target
                continue
            elif opcode == _POP:
                pop()
                place += 1
                continue
            elif opcode == _ISZERO:
                stack[-1] = 0 if stack[-1] else 1
                place += 1
                continue
            elif opcode == _NOT:
                stack[-1] ^= _ONES
                place += 1
                continue
            elif opcode in (_MSTORE, _MLOAD):
                start = stack[-1]
                end = start + 32
                # Memory that has to grow first is paid for in py-evm.
                if end <= len(memory._bytes) and gas >= _MEMORY_GAS:
                    gas -= _MEMORY_GAS
                    if opcode == _MLOAD:
                        stack[-1] = int.from_bytes(memory._bytes[start:end], "big")
                    else:
                        memory._bytes[start:end] = stack[-2].to_bytes(32, "big")
                        del stack[-2:]
                    place += 1
                    continue
            elif opcode == _CALLDATALOAD:
                start = stack[-1]
                stack[-1] = int.from_bytes(bytes(message.data[start : start + 32]).ljust(32, b"\x00"), "big")
                place += 1
                continue
            elif prices[opcode]:
                if opcode == _CALLDATASIZE:
                    push(len(message.data))
                elif opcode == _CALLER:
                    push(int.from_bytes(message.sender, "big"))
                elif opcode == _CALLVALUE:
                    push(message.value)
                else:
                    push(gas)
                place += 1
                continue
            if opcode in _CREATES and stack[-3] > MAX_INITCODE:
                # py-evm looks at the balance first, and then does not fail as EIP-3860 wants.
                raise OutOfGas(f"code to deploy has {MAX_INITCODE} bytes at most")
            meter.gas_remaining = gas
            self.program_counter = place + 1
            yield opcode
            gas = meter.gas_remaining
            # py-evm leaves some words as bytes; at most the top one is new.
            if stack and type(stack[-1]) is not int:
                stack[-1] = int.from_bytes(stack[-1], "big")
            place += 1


_CREATES = frozenset((0xF0, 0xF5))
_NULLARY = frozenset((_CALLDATASIZE, _CALLER, _CALLVALUE, _GAS))


class QuickComputation(PragueComputation):  # type: ignore[misc]
    """py-evm's computation over `QuickCode`."""

    # py-evm wraps this one into a warning for people who write contracts.
    opcodes: ClassVar[dict[int, Any]] = {
        **PragueComputation.opcodes,
        _SELFDESTRUCT: PragueComputation.opcodes[_SELFDESTRUCT].__wrapped__,
    }

    def __init__(self, state: Any, message: Any, transaction_context: Any) -> None:
        super().__init__(state, message, transaction_context)
        self.code = QuickCode(message.code, self)

    @property
    def is_origin_computation(self) -> bool:
        """Is this the transaction's own call? py-evm asks who the sender is, which since EIP-7702 may be the sender
        of inner calls too."""
        return bool(self.msg.depth == 0)
