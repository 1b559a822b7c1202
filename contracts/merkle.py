"""The cumulative Merkle tree of the Distributor: a leaf is the hash of one word (account and amount), leaves are
sorted, pairs are hashed in order of value, the tree is stored as one array with the root at 0 (as
OpenZeppelin's "standard merkle tree" is).

Of a node only its first 24 bytes enter its parent and the proofs, which makes a claim 1,800 gas cheaper. A root
then stands for one tree up to 2^96 hashes of work by whoever can choose what enters it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.address import address_bytes, keccak256
from contracts.bindings import pack
from contracts.errors import ChainError


@dataclass(frozen=True, slots=True)
class MultiProof:
    """The arguments of `claimMany`, in its order."""

    entries: list[int]
    proof: bytes
    flag_words: list[int]


NODE = 24
"""Bytes of a node in a proof."""


def leaf_hash(account: str, cumulative: int) -> bytes:
    """The leaf of an account with its cumulative amount in wei, 32 bytes.

    Raises ChainError `chain.bad_amount` past 96 bits, `chain.bad_address`.
    """
    return keccak256(pack(account, cumulative).to_bytes(32, "big"))


def _join(left: bytes, right: bytes) -> bytes:
    left, right = left[:NODE], right[:NODE]
    return keccak256(left + right if left < right else right + left)


def root_from(account: str, cumulative: int, proof: bytes) -> bytes:
    """The root that a leaf and its proof lead to, 32 bytes. Raises as `leaf_hash` does."""
    node = leaf_hash(account, cumulative)
    for at in range(0, len(proof), NODE):
        node = _join(node, proof[at : at + NODE])
    return node


class CumulativeTree:
    """All accounts with what each has won in all, in wei. Immutable; an epoch builds a new one."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        """Takes cumulative amounts by account. Raises ChainError `merkle.empty` without accounts,
        `chain.bad_amount` past 96 bits, `chain.bad_address`."""
        if not totals:
            raise ChainError("merkle.empty", "a tree needs at least one account")
        self._totals = {address_bytes(account): amount for account, amount in totals.items()}
        words = {account: _word(account, amount) for account, amount in self._totals.items()}
        leaves = sorted((keccak256(word.to_bytes(32, "big")), account) for account, word in words.items())
        count = len(leaves)
        self._nodes = [b""] * (2 * count - 1)
        self._place: dict[bytes, int] = {}
        for index, (leaf, account) in enumerate(leaves):
            place = len(self._nodes) - 1 - index
            self._nodes[place] = leaf
            self._place[account] = place
        for place in range(count - 2, -1, -1):
            self._nodes[place] = _join(self._nodes[2 * place + 1], self._nodes[2 * place + 2])

    @property
    def root(self) -> bytes:
        """The root to settle, 32 bytes."""
        return self._nodes[0]

    def total(self, account: str) -> int:
        """The cumulative amount of an account. Raises ChainError `merkle.unknown`."""
        self._place_of(account)
        return self._totals[address_bytes(account)]

    def _place_of(self, account: str) -> int:
        place = self._place.get(address_bytes(account))
        if place is None:
            raise ChainError("merkle.unknown", "this account has won nothing", account=account)
        return place

    def entry(self, account: str) -> int:
        """The first argument of `claim`: account and cumulative amount in one word. Raises ChainError
        `merkle.unknown`."""
        return pack(account, self.total(account))

    def proof(self, account: str) -> bytes:
        """The second argument of `claim`: 24 bytes of each sibling, upwards. Raises ChainError
        `merkle.unknown`."""
        place = self._place_of(account)
        nodes = []
        while place > 0:
            nodes.append(self._nodes[_sibling(place)][:NODE])
            place = (place - 1) // 2
        return b"".join(nodes)

    def multiproof(self, accounts: Sequence[str]) -> MultiProof:
        """The arguments of `claimMany` for these accounts; one named twice counts once. Raises ChainError
        `merkle.empty`, `merkle.unknown`."""
        by_place = {self._place_of(account): account for account in accounts}
        if not by_place:
            raise ChainError("merkle.empty", "a proof needs at least one account")
        queue = sorted(by_place, reverse=True)
        entries = [self.entry(by_place[place]) for place in queue]
        proof: list[bytes] = []
        flags: list[bool] = []
        read = 0
        while queue[read] > 0:
            place = queue[read]
            read += 1
            known = read < len(queue) and queue[read] == _sibling(place)
            if known:
                read += 1
            else:
                proof.append(self._nodes[_sibling(place)][:NODE])
            flags.append(known)
            queue.append((place - 1) // 2)
        words = [0] * (len(flags) + 255 >> 8)
        for index, known in enumerate(flags):
            words[index >> 8] |= known << (index & 255)
        return MultiProof(entries, b"".join(proof), words)


def _word(account: bytes, cumulative: int) -> int:
    return pack(int.from_bytes(account, "big"), cumulative)


def _sibling(place: int) -> int:
    return place + 1 if place % 2 else place - 1
