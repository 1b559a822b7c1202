"""What LIVE and rewards cost: payments, pools, pushes, settlements and claims."""

from __future__ import annotations

from contracts.bindings import pack, pool_id
from contracts.gas.bench import UNLIMITED, Bench, Table, player, share
from contracts.merkle import CumulativeTree

REWARDS = 1_000
MANY = 10_000


def rewards(bench: Bench) -> Table:
    """Payments, then pools and pushes, then claims."""
    return {**_payments(bench), **_pushes(bench), **_settlements(bench), **_claims(bench)}


def _payments(bench: Bench) -> Table:
    return {
        "LIVE transfer to a new account": bench.use("LiveToken", "transfer", player(1), 10**18),
        "LIVE transfer to a holder": bench.use("LiveToken", "transfer", player(1), 10**18),
    }


def _pushes(bench: Bench) -> Table:
    table: Table = {}
    bench.use("LiveToken", "approve", bench.deployed.vault.address, UNLIMITED)
    table["fund a new pool"] = bench.use("PrizeVault", "fund", 1, 10**24)
    table["fund a pool again"] = bench.use("PrizeVault", "fund", 1, 10**24)
    players = [player(number) for number in range(REWARDS)]
    funder = pool_id(bench.key.address, 1)
    # First rewards go in two transactions: a thousand in one would pass the gas cap of a transaction.
    for label, size in (("first", REWARDS // 2), ("returning", REWARDS)):
        used = 0
        for start in range(0, REWARDS, size):
            words = [pack(who, 10**18 + index) for index, who in enumerate(players[start : start + size])]
            bench.epoch += 1
            used += bench.use("PrizeVault", "pay", bench.epoch, funder, b"\x01" * 32, words)
        table[f"push, per {label} reward of 1,000"] = share(used, REWARDS)
    return table


def _settlements(bench: Bench) -> Table:
    table: Table = {}
    players = [player(number) for number in range(REWARDS)]
    for label, total in (("first", 10**18), ("returning", 2 * 10**18)):
        tree = CumulativeTree({who: total for who in players})
        used = bench.settle(tree, REWARDS * 10**18)
        many = tree.multiproof(players[:500])
        pushed = bench.use("Distributor", "claimMany", many.entries, many.proof, many.flag_words)
        if label == "returning":
            table["settle, per reward of 1,000"] = share(used, REWARDS)
        table[f"claimMany of 500 among 1,000, per {label} reward"] = share(pushed, 500)
    return table


def _claims(bench: Bench) -> Table:
    totals = {player(number): 10**18 for number in range(50_000, 50_000 + MANY)}
    old, new = player(50_007), player(50_008)
    tree = CumulativeTree({old: 10**18 // 2})
    bench.settle(tree, 10**22)
    bench.use("Distributor", "claim", tree.entry(old), tree.proof(old))
    tree = CumulativeTree(totals)
    table = {"settle, per reward of 10,000": share(bench.settle(tree, MANY * 10**18), MANY)}
    for label, who in (("new", new), ("returning", old)):
        gas = bench.use("Distributor", "claim", tree.entry(who), tree.proof(who))
        table[f"claim of a {label} player among 10,000"] = gas
    return table
