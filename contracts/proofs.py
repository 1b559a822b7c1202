"""Proofs of rewards as a file that needs nobody: with it and any node of the chain a player is paid, host or no host.

The file is JSON: the chain, the distributor, the epoch whose root is in force, and for each address what it has won in
all (wei, as text) with its Merkle proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.address import checked_address, hash_bytes, to_hex
from contracts.bindings import Contract, pack
from contracts.chain import Chain, Intent
from contracts.errors import ChainError
from contracts.merkle import NODE, CumulativeTree, root_from

FORMAT: Final = "mall.live proofs 1"
MAX_FILE: Final = 256 * 1024 * 1024
MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """What an address has won in all, in wei, and the nodes that lead to the root (`merkle.NODE` bytes each)."""

    address: str
    total: int
    proof: bytes


@dataclass(frozen=True, slots=True)
class ProofFile:
    """All entries of one epoch, by address."""

    chain_id: int
    distributor: str
    epoch: int
    root: bytes
    entries: Mapping[str, Entry]

    def entry(self, address: str) -> Entry:
        """The entry of an address, proven to belong to the file's root.

        Raises:
            ChainError: proofs.no_entry, proofs.wrong_proof, chain.bad_address.
        """
        found = self.entries.get(checked_address(address))
        if found is None:
            raise ChainError(
                "proofs.no_entry",
                f"{address} has no entry in this file of epoch {self.epoch}: it has won nothing, or all of it was paid",
                address=address,
            )
        if root_from(found.address, found.total, found.proof) != self.root:
            raise ChainError(
                "proofs.wrong_proof",
                f"the proof of {address} does not lead to the file's root: it was changed",
            )
        return found


def made_of(
    chain_id: int, distributor: str, epoch: int, tree: CumulativeTree, who: Iterable[str]
) -> ProofFile:
    """The file of an epoch's tree."""
    entries = {address: Entry(address, tree.total(address), tree.proof(address)) for address in who}
    return ProofFile(chain_id, distributor, epoch, tree.root, entries)


def dump(file: ProofFile) -> str:
    """The file's text."""
    return json.dumps(
        {
            "format": FORMAT, "chain_id": file.chain_id, "distributor": file.distributor, "epoch": file.epoch,
            "root": to_hex(file.root),
            "entries": {
                at: {"total_wei": str(entry.total), "proof": "0x" + entry.proof.hex()}
                for at, entry in sorted(file.entries.items())
            },
        },
        indent=1,
    )  # fmt: skip


def parse(content: bytes) -> ProofFile:
    """The file that somebody gave you.

    Raises:
        ChainError: proofs.malformed.
    """
    try:
        if len(content) > MAX_FILE:
            raise ValueError("it is too long")
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise ValueError(f"its format is {str(found['format'])[:40]!r}, not {FORMAT!r}")
        entries = [_entry(address, given) for address, given in found["entries"].items()]
        return ProofFile(
            _whole(found["chain_id"]), checked_address(found["distributor"]), _whole(found["epoch"]),
            hash_bytes(found["root"]), {entry.address: entry for entry in entries},
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ChainError) as error:
        raise ChainError("proofs.malformed", f"this is no file of proofs: {str(error)[:200]}") from error


def due(chain: Chain, file: ProofFile, entry: Entry) -> int:
    """Wei that the distributor owes to an address now, by the chain alone; 0 when all of it was paid.

    Raises:
        ChainError: proofs.other_chain, proofs.no_contract, proofs.old_root; what the chain raises.
    """
    if chain.chain_id != file.chain_id:
        raise ChainError(
            "proofs.other_chain",
            f"the file is of chain {file.chain_id}, this node is of chain {chain.chain_id}",
        )
    if not chain.code(file.distributor):
        raise ChainError("proofs.no_contract", f"there is no contract at {file.distributor} on this chain")
    contract = Contract("Distributor", file.distributor)
    paid = int(contract.call(chain, "claimed", entry.address))
    if paid >= entry.total:
        return 0
    root = contract.call(chain, "root")
    if root != file.root:
        raise ChainError(
            "proofs.old_root",
            f"the root in force is {to_hex(root)}, the file of epoch {file.epoch} has {to_hex(file.root)}: ask for the "
            "newest file",
        )
    return entry.total - paid


def claim(file: ProofFile, entry: Entry, sender: str) -> Intent:
    """The transaction that pays the entry; anybody may send it, the money goes to the entry's address."""
    return Contract("Distributor", file.distributor).intent(
        f"claim:{file.epoch}:{entry.address}", sender, "claim", pack(entry.address, entry.total), entry.proof
    )


def _entry(address: str, given: Mapping[str, Any]) -> Entry:
    nodes = given["proof"]
    if not isinstance(nodes, str) or nodes[:2] != "0x":
        raise ValueError("a proof is hexadecimal")
    proof = bytes.fromhex(nodes[2:])
    if len(proof) % NODE or len(proof) > MAX_DEPTH * NODE:
        raise ValueError(f"a proof has {len(proof)} bytes")
    text = given["total_wei"]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 30:
        raise ValueError("total_wei is a whole number as text")
    total = int(text)
    if not 0 < total < 1 << 96:
        raise ValueError("total_wei is 1 to 2^96 - 1")
    return Entry(checked_address(address), total, proof)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise ValueError(f"{value!r} is no whole number")
    return value
