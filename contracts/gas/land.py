"""What land costs: first sales, moves, Malls, Islands, and rents without payment."""

from __future__ import annotations

from contracts.gas.bench import BUYER, LATER, Bench, Table, player, share


def land(bench: Bench) -> Table:
    """Sales and moves of Tierra, then Malls and Islands."""
    treasury, buyer = bench.key.address, BUYER
    region = 5 << 10
    table: Table = {}
    sales = {
        "first sale in a region, to a first buyer": region,
        "first sale in a region": region + 1024,
        "next sale in the region": region + 1025,
        "next sale in the region, in another 4 x 4": region + 1024 + 64,
    }
    for label, tierra in sales.items():
        table[label] = bench.use("Tierra", "transferFrom", treasury, buyer.address, tierra)
    table["resale of a Tierra"] = bench.use(
        "Tierra", "transferFrom", buyer.address, player(1), region, key=buyer
    )
    for level in (1, 2, 3, 4):
        side = 2 << level
        base = (10 + level) << 10
        table[f"sale of {side} x {side} Tierra, compact"] = bench.use(
            "Tierra", "transferQuad", treasury, buyer.address, level, base, False
        )
    table["move 32 x 32 Tierra, compact"] = bench.use(
        "Tierra", "transferQuad", buyer.address, player(2), 4, 14 << 10, False, key=buyer
    )
    table["move 4 x 4 Tierra, an event each"] = bench.use(
        "Tierra", "transferQuad", buyer.address, player(2), 1, 11 << 10, True, key=buyer
    )
    table["move 32 x 32 Tierra, an event each, per Tierra"] = share(
        bench.use("Tierra", "transferQuad", treasury, buyer.address, 4, 16 << 10, True), 1024
    )
    table["rent of a Tierra"] = bench.use("Tierra", "setUser", (20 << 10) + 3, buyer.address, LATER)
    table["first rent of a square in a region, 16 x 16 Tierra"] = bench.use(
        "Tierra", "setQuadUser", 3, 13 << 10, treasury, LATER, key=buyer
    )
    table["next rent of a square in the region, 8 x 8 Tierra"] = bench.use(
        "Tierra", "setQuadUser", 2, (13 << 10) + 256, treasury, LATER + 1
    )
    return {**table, **_malls(bench), **_islands(bench)}


def _malls(bench: Bench) -> Table:
    owner, treasury, level = BUYER, bench.key.address, 2
    square, singles = 30 << 10, 31 << 10
    bench.use("Tierra", "transferQuad", treasury, owner.address, level, square, False)
    bench.use("Tierra", "batchTransferFrom", treasury, owner.address, list(range(singles, singles + 64)))
    table: Table = {}
    for label, base in (("one by one", singles), ("as a square", square)):
        table[f"compose a Mall of 64 Tierra bought {label}"] = bench.use(
            "Tierra",
            "safeTransferQuad",
            owner.address,
            bench.mall.address,
            level,
            base,
            False,
            b"",
            key=owner,
        )
    title = level << 20 | square
    table["rent of a Mall"] = bench.ask(bench.mall, "setUser", title, treasury, LATER, key=owner)
    table["decompose a Mall of 64"] = bench.ask(bench.mall, "decompose", title, False, key=owner)
    return table


def _islands(bench: Bench) -> Table:
    treasury, buyer = bench.key.address, BUYER
    bench.ask(bench.island, "transferFrom", treasury, buyer.address, 1)
    return {
        "first sale of an Island": bench.ask(bench.island, "transferFrom", treasury, buyer.address, 2),
        "lease of an Island": bench.ask(bench.island, "setUser", 2, treasury, LATER, key=buyer),
    }
