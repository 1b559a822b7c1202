"""Measures what the contracts cost: `python -m contracts.gas` writes `gas.json` from the embedded chain, tests hold it
there and on a real node."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from contracts.address import address_from_bytes, keccak256
from contracts.bindings import Contract, deploy_intent, pack, pool_id
from contracts.chain import Chain, Intent
from contracts.deploy import created_address, deploy
from contracts.errors import ChainError
from contracts.keys import PrivateKey, derive_key
from contracts.local import LocalChain
from contracts.merkle import CumulativeTree

TABLE = Path(__file__).parent / "gas.json"
REWARDS = 1_000

# The most each may cost, in gas, with amounts of 10^18 wei (each byte of an amount that is not zero costs 12
# more).
BARS = {
    "deploy Tierra, all 100,100": 1_600_000,
    "first sale in a region": 90_000,
    "next sale in the region": 60_000,
    "move 32 x 32 Tierra, compact": 70_000,
    "move 32 x 32 Tierra, an event each, per Tierra": 2_100,
    "compose a Mall of 64 Tierra bought as a square": 350_000,
    "compose a Mall of 64 Tierra bought one by one": 350_000,
    "settle, per reward of 1,000": 60,
    "push, per returning reward of 1,000": 7_700,
    "claim of a returning player among 10,000": 53_700,
}


OPERATOR = derive_key(b"gas table, no secret".ljust(32), "operator")
BUYER = derive_key(b"gas table, no secret".ljust(32), "buyer")


class _Bench:
    """A fresh chain with the contracts and one account that may do everything."""

    def __init__(self, chain: Chain) -> None:
        self.key = OPERATOR
        self.chain = chain
        self.deployed = deploy(self.chain, self.key, 10**27, self.key.address)
        self.epoch = 0
        self.mall = created_address(self.key.address, 3)
        self.send(deploy_intent("Mall", self.key.address, "Mall", self.deployed.tierra.address))

    def send(self, intent: Intent, key: PrivateKey | None = None) -> int:
        key = key or self.key
        signed = self.chain.sign(intent, self.chain.nonce(key.address), key)
        receipt = self.chain.receipt(self.chain.broadcast([signed.raw])[0])
        if receipt is None or receipt.status != 1:
            raise ChainError("gas.refused", f"{intent.key} was refused")
        return receipt.gas_used

    def use(self, contract: str, function: str, *arguments: object, key: PrivateKey | None = None) -> int:
        sender = (key or self.key).address
        return self.send(self.deployed.contract(contract).intent(function, sender, function, *arguments), key)

    def settle(self, tree: CumulativeTree, total: int) -> int:
        self.epoch += 1
        draws = [pack(pool_id(self.key.address, 1), total)]
        return self.use("PrizeVault", "settle", self.epoch, tree.root, b"\x01" * 32, draws)


def _player(number: int) -> str:
    return address_from_bytes(keccak256(b"player %d" % number)[:20])


def _rewards(bench: _Bench) -> dict[str, int]:
    table: dict[str, int] = {}
    vault = bench.deployed.vault.address
    bench.use("LiveToken", "approve", vault, 2**256 - 1)
    table["fund a new pool"] = bench.use("PrizeVault", "fund", 1, 10**24)
    table["fund a pool again"] = bench.use("PrizeVault", "fund", 1, 10**24)
    players = [_player(number) for number in range(REWARDS)]
    funder = pool_id(bench.key.address, 1)
    # First rewards go in two transactions: a thousand in one would pass the gas cap of a transaction.
    for label, size in (("first", REWARDS // 2), ("returning", REWARDS)):
        used = 0
        for start in range(0, REWARDS, size):
            words = [
                pack(player, 10**18 + index) for index, player in enumerate(players[start : start + size])
            ]
            bench.epoch += 1
            used += bench.use("PrizeVault", "pay", bench.epoch, funder, b"\x01" * 32, words)
        table[f"push, per {label} reward of 1,000"] = used // REWARDS
    for label, total in (("first", 10**18), ("returning", 2 * 10**18)):
        tree = CumulativeTree({player: total for player in players})
        used = bench.settle(tree, REWARDS * 10**18)
        many = tree.multiproof(players[:500])
        pushed = bench.use("Distributor", "claimMany", many.entries, many.proof, many.flag_words)
        if label == "returning":
            table["settle, per reward of 1,000"] = used // REWARDS
        table[f"claimMany of 500 among 1,000, per {label} reward"] = pushed // 500
    return table


def _claims(bench: _Bench) -> dict[str, int]:
    totals = {_player(number): 10**18 for number in range(50_000, 60_000)}
    old, new = _player(50_007), _player(50_008)
    tree = CumulativeTree({old: 10**18 // 2})
    bench.settle(tree, 10**22)
    bench.use("Distributor", "claim", tree.entry(old), tree.proof(old))
    tree = CumulativeTree(totals)
    bench.settle(tree, 10**22)
    table = {}
    for label, player in (("new", new), ("returning", old)):
        gas = bench.use("Distributor", "claim", tree.entry(player), tree.proof(player))
        table[f"claim of a {label} player among 10,000"] = gas
    return table


def _land(bench: _Bench) -> dict[str, int]:
    treasury, buyer = bench.key.address, BUYER
    region = 5 << 10
    table: dict[str, int] = {}
    sales = {
        "first sale in a region, to a first buyer": region,
        "first sale in a region": region + 1024,
        "next sale in the region": region + 1025,
        "next sale in the region, in another 4 x 4": region + 1024 + 64,
    }
    for label, tierra in sales.items():
        table[label] = bench.use("Tierra", "transferFrom", treasury, buyer.address, tierra)
    table["resale of a Tierra"] = bench.use(
        "Tierra", "transferFrom", buyer.address, _player(1), region, key=buyer
    )
    for level in (1, 2, 3, 4):
        side = 2 << level
        base = (10 + level) << 10
        table[f"sale of {side} x {side} Tierra, compact"] = bench.use(
            "Tierra", "transferQuad", treasury, buyer.address, level, base, False
        )
    table["move 32 x 32 Tierra, compact"] = bench.use(
        "Tierra", "transferQuad", buyer.address, _player(2), 4, 14 << 10, False, key=buyer
    )
    table["move 4 x 4 Tierra, an event each"] = bench.use(
        "Tierra", "transferQuad", buyer.address, _player(2), 1, 11 << 10, True, key=buyer
    )
    table["move 32 x 32 Tierra, an event each, per Tierra"] = (
        bench.use("Tierra", "transferQuad", treasury, buyer.address, 4, 16 << 10, True) // 1024
    )
    table["rent of a Tierra"] = bench.use("Tierra", "setUser", (20 << 10) + 3, buyer.address, 2_000_000_000)
    table["rent of 32 x 32 Tierra"] = bench.use(
        "Tierra", "setQuadUser", 3, 13 << 10, treasury, 2_000_000_000, key=buyer
    )
    return {**table, **_malls(bench, buyer)}


def _malls(bench: _Bench, owner: PrivateKey) -> dict[str, int]:
    treasury, mall, level = bench.key.address, bench.mall, 2
    square, singles = 30 << 10, 31 << 10
    bench.use("Tierra", "transferQuad", treasury, owner.address, level, square, False)
    bench.use("Tierra", "batchTransferFrom", treasury, owner.address, list(range(singles, singles + 64)))
    table: dict[str, int] = {}
    for label, base in (("one by one", singles), ("as a square", square)):
        table[f"compose a Mall of 64 Tierra bought {label}"] = bench.use(
            "Tierra", "safeTransferQuad", owner.address, mall, level, base, False, b"", key=owner
        )
    title = level << 20 | square
    for label, function, arguments in (
        ("rent of a Mall", "setUser", (title, treasury, 2_000_000_000)),
        ("decompose a Mall of 64", "decompose", (title, False)),
    ):
        table[label] = bench.send(
            Contract("Mall", mall).intent(function, owner.address, function, *arguments), owner
        )
    return table


class _Sent:
    """A chain that remembers what was sent to it."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.hashes: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._chain, name)

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        hashes = self._chain.broadcast(raws)
        self.hashes += hashes
        return hashes


def _deploys(chain: Chain, hashes: Sequence[str]) -> dict[str, int]:
    labels = ("deploy LIVE", "deploy Tierra, all 100,100", "deploy PrizeVault and Distributor")
    receipts = [chain.receipt(tx_hash) for tx_hash in hashes]
    return {label: receipt.gas_used for label, receipt in zip(labels, receipts, strict=False) if receipt}


def measure(chain: Chain | None = None) -> dict[str, int]:
    """Gas by use, in the order of the table; on a new embedded chain, or on an empty `chain` whose accounts OPERATOR
    and BUYER can pay for gas."""
    sent = _Sent(chain or LocalChain(None, clock=lambda: 1_800_000_000.0))
    bench = _Bench(cast(Chain, sent))
    transfer = {
        "LIVE transfer to a new account": bench.use("LiveToken", "transfer", _player(1), 10**18),
        "LIVE transfer to a holder": bench.use("LiveToken", "transfer", _player(1), 10**18),
    }
    return {
        **_deploys(bench.chain, sent.hashes),
        **transfer,
        **_land(bench),
        **_rewards(bench),
        **_claims(bench),
    }


def main() -> int:
    """Writes the table, with each bar beside its figure."""
    measured = measure()
    table = {
        use: {"gas": gas, **({"bar": BARS[use]} if use in BARS else {})} for use, gas in measured.items()
    }
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    for use, gas in measured.items():
        print(
            f"{gas:>10,}  {BARS.get(use, 0):>10,}  {use}" if use in BARS else f"{gas:>10,}  {'':>10}  {use}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
