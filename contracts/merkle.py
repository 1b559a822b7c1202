"""The cumulative Merkle tree of the Distributor, built as OpenZeppelin's "standard merkle tree" is: leaves
hashed twice and sorted, pairs hashed in order of value, the tree stored as one array with the root at 0."""

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
    proof: list[bytes]
    flag_words: list[int]


def leaf_hash(account: str, cumulative: int) -> bytes:
    """keccak256(keccak256(abi.encode(account, cumulative)))."""
    return _leaf(address_bytes(account), cumulative)


def _leaf(account: bytes, cumulative: int) -> bytes:
    return keccak256(keccak256(account.rjust(32, b"\x00") + cumulative.to_bytes(32, "big")))


def _join(left: bytes, right: bytes) -> bytes:
    return keccak256(left + right if left < right else right + left)


class CumulativeTree:
    """All accounts with what each has won in all, in wei. Immutable; an epoch builds a new one."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        """Takes cumulative amounts by account. Raises ChainError `merkle.empty` without accounts,
        `chain.bad_amount` past 96 bits, `chain.bad_address`."""
        if not totals:
            raise ChainError("merkle.empty", "a tree needs at least one account")
        self._totals = {address_bytes(account): amount for account, amount in totals.items()}
        for account, amount in self._totals.items():
            pack(int.from_bytes(account, "big"), amount)
        leaves = sorted((_leaf(account, amount), account) for account, amount in self._totals.items())
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

    def proof(self, account: str) -> list[bytes]:
        """The hashes for `claim`. Raises ChainError `merkle.unknown`."""
        place = self._place_of(account)
        hashes = []
        while place > 0:
            hashes.append(self._nodes[_sibling(place)])
            place = (place - 1) // 2
        return hashes

    def multiproof(self, accounts: Sequence[str]) -> MultiProof:
        """The arguments of `claimMany` for these accounts; one named twice counts once. Raises ChainError
        `merkle.empty`, `merkle.unknown`."""
        by_place = {self._place_of(account): account for account in accounts}
        if not by_place:
            raise ChainError("merkle.empty", "a proof needs at least one account")
        queue = sorted(by_place, reverse=True)
        entries = [pack(by_place[place], self.total(by_place[place])) for place in queue]
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
                proof.append(self._nodes[_sibling(place)])
            flags.append(known)
            queue.append((place - 1) // 2)
        words = [0] * (len(flags) + 255 >> 8)
        for index, known in enumerate(flags):
            words[index >> 8] |= known << (index & 255)
        return MultiProof(entries, proof, words)


def _sibling(place: int) -> int:
    return place + 1 if place % 2 else place - 1
