"""What each use may cost, and what comparable contracts of others cost: gas on Ethereum, as read on their chains or
measured from their published code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """The most a use may cost, in gas, with amounts of 10^18 wei, and what peers cost: name, gas, and of what."""

    most: int
    peers: tuple[tuple[str, int, str], ...] = ()


_DEPLOYING = (("ERC721A", 201_000_000, "mint of as many"), ("Solady loop", 2_460_000_000, "mint of as many"))
_DECENTRALAND = ("Decentraland", 114_000, "a parcel, up to 129,000")
_ESTATE = (("Decentraland", 8_900_000, "an estate of 64"),)
_RENT = (("Decentraland", 323_687 + 130_159, "rent, and reclaim after it"),)
_SANDBOX_QUAD = "24 x 24"

BARS: dict[str, Bar] = {
    "deploy Tierra, all 100,100": Bar(1_600_000, _DEPLOYING),
    "first sale in a region": Bar(90_000, (("The Sandbox", 87_523, "1 x 1"), _DECENTRALAND)),
    "next sale in the region": Bar(60_000, (("The Sandbox", 87_523, "1 x 1"), _DECENTRALAND)),
    "move 32 x 32 Tierra, compact": Bar(70_000, (("The Sandbox", 3_192_957, _SANDBOX_QUAD),)),
    "move 32 x 32 Tierra, an event each, per Tierra": Bar(
        2_100, (("The Sandbox", 3_192_957 // 576, f"{_SANDBOX_QUAD}, per land"),)
    ),
    "compose a Mall of 64 Tierra bought as a square": Bar(350_000, _ESTATE),
    "compose a Mall of 64 Tierra bought one by one": Bar(350_000, _ESTATE),
    "rent of a Tierra for LIVE, whole cycle": Bar(100_000, _RENT),
    "rent of a Tierra rented before for LIVE, whole cycle": Bar(100_000, _RENT),
    "sale of a Tierra for LIVE, with fee": Bar(95_000, (("Seaport", 116_400, "NFT for ERC-20, with fee"),)),
    "escrow: create a line": Bar(70_000, (("Kleros", 99_610, "create"),)),
    "escrow: confirm a line": Bar(48_000, (("Kleros", 64_564, "pay"),)),
    "claim of a returning player among 10,000": Bar(
        52_000, (("1inch", 56_213, "Merkle drop"), ("Uniswap", 57_425, "Merkle distributor"))
    ),
    "settle, per reward of 1,000": Bar(60),
    "settle, per reward of 10,000": Bar(6),
    "push, per returning reward of 1,000": Bar(7_700, (("ERC-20", 34_000, "transfer"),)),
}
"""By the name of the use in the table. Uses without a bar are in the table to explain their neighbours."""
