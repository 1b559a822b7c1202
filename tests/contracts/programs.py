"""Random programs and transactions, to run on two chains and compare: most of a program works, and a part of it
fails in the many ways there are."""

from __future__ import annotations

from random import Random
from typing import Any

from eth_account import Account

from contracts.address import address_bytes, address_from_bytes
from contracts.keys import PrivateKey

_SIMPLE = [
    *range(0x01, 0x0B), *range(0x10, 0x1E), 0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3A, 0x3D, 0x41, 0x46, 0x47, 0x48,
    0x4A, 0x50, 0x58, 0x59, 0x5A, 0x5B, 0x5F, *range(0x80, 0x8A), *range(0x90, 0x9A),
]  # fmt: skip
_INTERESTING = (0, 1, 2, 31, 32, 33, 255, 256, 2**63, 2**128, 2**255, 2**256 - 1, 2**256 - 32)
_MADE = (
    b"\x5f\x5f\xf3", b"\x60\x05\x5f\xf3", b"\x5f\x5f\xfd", b"\xfe", b"\x60\xef\x5f\x53\x60\x01\x5f\xf3",
    b"\x33\x5f\x55\x30\xff", b"\x62\x01\x00\x00\x5f\xf3",
)  # fmt: skip
"""Code that, deployed, leaves nothing, five zeros, fails, burns, leaves a forbidden byte, keeps a word and ends
itself, or leaves more than a contract may have."""
PRECOMPILES = range(1, 0x13)


def push(value: int) -> bytes:
    """The shortest PUSH of a number."""
    size = (value.bit_length() + 7) // 8
    return bytes([0x5F + size]) + value.to_bytes(size, "big")


class Programs:
    """Makes code from a seed. `places` are addresses that calls and looks go to."""

    def __init__(self, dice: Random, places: list[bytes]) -> None:
        self.dice = dice
        self.places = places

    def word(self) -> int:
        dice = self.dice
        kind = dice.random()
        if kind < 0.5:
            return dice.randrange(64)
        if kind < 0.8:
            return dice.choice(_INTERESTING)
        return dice.getrandbits(dice.choice((8, 16, 64, 160, 256)))

    def place(self) -> int:
        dice = self.dice
        if dice.random() < 0.4:
            return dice.choice(PRECOMPILES)
        if dice.random() < 0.9:
            return int.from_bytes(dice.choice(self.places), "big")
        return dice.getrandbits(160)

    def _span(self) -> tuple[int, int]:
        """A start and a size in memory; now and then far too large."""
        dice = self.dice
        if dice.random() < 0.02:
            return self.word(), self.word()
        return dice.randrange(200), dice.choice((0, 1, 20, 32, 33, 64, 96, 128, 192, 256, 384))

    def step(self) -> bytes:
        """A few opcodes that belong together."""
        dice = self.dice
        kind = dice.randrange(24)
        if kind < 8:
            return b"".join(push(self.word()) for _ in range(dice.randrange(4))) + bytes(
                [dice.choice(_SIMPLE)]
            )
        if kind < 10:
            return push(self.word()) + push(dice.randrange(260)) + bytes([dice.choice((0x52, 0x53))])
        if kind == 10:
            return push(dice.randrange(260)) + b"\x51"
        if kind == 11:
            return push(dice.choice((0, 1, self.word()))) + push(dice.randrange(4)) + b"\x55"
        if kind == 12:
            return push(dice.randrange(4)) + b"\x54"
        if kind == 13:
            return push(self.word()) + push(dice.randrange(4)) + b"\x5d" + push(dice.randrange(4)) + b"\x5c"
        if kind == 14:
            start, size = self._span()
            return push(size) + push(start) + b"\x20"
        if kind == 15:
            start, size = self._span()
            copier = dice.choice((0x37, 0x39, 0x3E, 0x5E))
            return push(size) + push(dice.randrange(80)) + push(start) + bytes([copier])
        if kind == 16:
            start, size = self._span()
            topics = dice.randrange(5)
            words = b"".join(push(self.word()) for _ in range(topics))
            return words + push(size) + push(start) + bytes([0xA0 + topics])
        if kind == 17:
            start, size = self._span()
            looks = (push(self.place()) + bytes([dice.choice((0x31, 0x3B, 0x3F))]),
                     push(size) + push(start) + push(dice.randrange(40)) + push(self.place()) + b"\x3c")  # fmt: skip
            return dice.choice(looks)
        if kind < 21:
            return self.call()
        if kind == 21:
            return self.create()
        if kind == 22:
            return self.skip()
        return self.end() if dice.random() < 0.15 else b"\x5b"

    def call(self) -> bytes:
        """CALL, CALLCODE, DELEGATECALL or STATICCALL, and now and then what it answered."""
        dice = self.dice
        inside, size = self._span()
        outside, room = self._span()
        opcode = dice.choice((0xF1, 0xF1, 0xF2, 0xF4, 0xFA))
        value = push(dice.choice((0, 0, 1, 5, 10**30))) if opcode in (0xF1, 0xF2) else b""
        gas = b"\x5a" if dice.random() < 0.5 else push(dice.choice((0, 100, 2300, 5_000, 60_000, 2**256 - 1)))
        words = push(room) + push(outside) + push(size) + push(inside) + value + push(self.place()) + gas
        after = b"\x3d\x5f\x5f\x3e" if dice.random() < 0.3 else b""
        return words + bytes([opcode]) + after

    def create(self) -> bytes:
        """CREATE or CREATE2 of a small program that is first written to memory, or of what lies there."""
        dice = self.dice
        made = dice.choice(_MADE)
        written = b"".join(push(byte) + push(place) + b"\x53" for place, byte in enumerate(made))
        size = len(made) if dice.random() < 0.8 else dice.choice((0, 40, 49_152, 49_153))
        # py-evm misjudges code that is too long where the money is short as well.
        value = push(dice.choice((0, 0, 1, 10**30)) if size <= 49_152 else 0)
        if dice.random() < 0.5:
            return written + push(size) + b"\x5f" + value + b"\xf0"
        return written + push(self.word() % 5) + push(size) + b"\x5f" + value + b"\xf5"

    def skip(self) -> bytes:
        """A jump over some bytes that would fail."""
        dice = self.dice
        junk = dice.randbytes(dice.randrange(6))
        # PC, the way to the landing, ADD, JUMPI; now and then the junk ends in a PUSH that hides the landing.
        return push(dice.randrange(2)) + b"\x58" + push(len(junk) + 6) + b"\x01\x57" + junk + b"\x5b" * 4

    def end(self) -> bytes:
        """RETURN, REVERT, STOP, INVALID, SELFDESTRUCT or an opcode that nobody knows."""
        dice = self.dice
        start, size = self._span()
        return dice.choice((
            push(size) + push(start) + b"\xf3", push(size) + push(start) + b"\xfd", b"\x00", b"\xfe",
            push(self.place()) + b"\xff", bytes([dice.choice((0x0C, 0x21, 0x4B, 0xA5, 0xB0, 0xF6, 0xEF, 0xE0))]),
        ))  # fmt: skip

    def program(self) -> bytes:
        """A program that ends by keeping a word of its stack and answering with memory."""
        body = b"".join(self.step() for _ in range(self.dice.randrange(1, 14)))
        tail = b"\x60\x07\x55" if self.dice.random() < 0.6 else b""
        return body + tail + push(self.dice.choice((0, 32, 96))) + b"\x5f\xf3"


def deploying(program: bytes) -> bytes:
    """Code that, run as a deployment, leaves `program` behind."""
    size = push(len(program))
    head = size + b"\x80\x60" + bytes([len(size) + 7]) + b"\x5f\x39\x5f\xf3"
    return head + program


class Traffic:
    """Signed transactions of every type from a few people: deployments, calls and payments, good and bad."""

    def __init__(self, seed: int, keys: list[PrivateKey], chain_id: int) -> None:
        self.dice = Random(seed)
        self.keys = keys
        self.chain_id = chain_id
        self.places = [address_bytes(key.address) for key in keys] + [b"\x11" * 20]
        self.programs = Programs(self.dice, self.places)

    def next(self, nonces: dict[str, int]) -> bytes:
        """The bytes of one more; `nonces` by address."""
        dice = self.dice
        key = dice.choice(self.keys)
        kind = dice.choice((0, 1, 2, 2, 4))
        price = dice.choice((0, 0, 7))
        fields: dict[str, Any] = {
            "chainId": self.chain_id,
            "nonce": nonces[key.address],
            "gas": dice.choice((21_000, 60_000, 100_000, 200_000, 1_000_000, 1_000_000, 16_000_000)),
            "value": dice.choice((0, 0, 0, 1, 100)),
        }
        if dice.random() < 0.35:
            kind = 2 if kind == 4 else kind
            program = self.programs.program()
            fields["data"] = deploying(program) if dice.random() < 0.75 else program
        else:
            to = (
                dice.choice(self.places)
                if dice.random() < 0.93
                else dice.choice(PRECOMPILES).to_bytes(20, "big")
            )
            fields["to"] = address_from_bytes(to)
            size = dice.choice((0, 0, 4, 32, 100, 213, 300, 2_000))
            fields["data"] = dice.randbytes(size) if dice.random() < 0.7 else bytes(2 * size)
        if kind < 2:
            fields["gasPrice"] = price
        else:
            fields |= {"maxFeePerGas": price + dice.choice((0, 3)), "maxPriorityFeePerGas": price}
        if kind:
            fields |= {"type": kind, "accessList": [self._access() for _ in range(dice.randrange(3))]}
        if kind == 4:
            fields["authorizationList"] = [self._wish(key, nonces) for _ in range(dice.randrange(1, 3))]
        return bytes(Account.sign_transaction(fields, key.reveal()).raw_transaction)

    def _access(self) -> dict[str, Any]:
        slots = [f"0x{self.dice.randrange(4):064x}" for _ in range(self.dice.randrange(3))]
        return {"address": address_from_bytes(self.dice.choice(self.places)), "storageKeys": slots}

    def _wish(self, sender: PrivateKey, nonces: dict[str, int]) -> Any:
        dice = self.dice
        key = dice.choice(self.keys)
        nonce = nonces[key.address] + (key is sender) + (dice.random() < 0.2)
        target = dice.choice([*self.places, bytes(20), bytes(19) + b"\x02"])
        wish = {
            "chainId": dice.choice((0, self.chain_id, 5)),
            "address": address_from_bytes(target),
            "nonce": nonce,
        }
        return Account.sign_authorization(wish, key.reveal())
