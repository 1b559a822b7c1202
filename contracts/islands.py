"""The hundred Islands: `src/islands.json` is the list, `python -m contracts.islands` writes it as Solidity.

A test compares both, and asks the deployed contract for each of them.
"""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contracts.errors import ChainError

COUNT = 100
TIERRA_M = 15
LIST = Path(__file__).parent / "src" / "islands.json"
SOLIDITY = Path(__file__).parent / "src" / "IslandAtlas.sol"


@dataclass(frozen=True, slots=True)
class Island:
    """One Island: its token id (1 to 100, in the order of the scientists' births), the scientist and his or her
    field, and the length of its side in metres, of which no two are equal."""

    id: int
    name: str
    field: str
    side_m: int


@cache
def islands() -> tuple[Island, ...]:
    """All Islands by id. Raises ChainError `land.bad_islands` when the list breaks a rule of the contract."""
    found = tuple(Island(**row) for row in json.loads(LIST.read_text(encoding="utf-8")))
    rules = {
        f"ids 1 to {COUNT} in order": [island.id for island in found] == list(range(1, COUNT + 1)),
        "no name twice": len({island.name for island in found}) == COUNT,
        "no side twice": len({island.side_m for island in found}) == COUNT,
        "names of 1 to 64 bytes that JSON needs not escape": all(
            0 < len(island.name.encode()) <= 64
            and island.name.isprintable()
            and not set('"\\') & set(island.name)
            for island in found
        ),
        f"sides of 1 to 255 times {TIERRA_M} m": all(
            island.side_m % TIERRA_M == 0 and 0 < island.side_m // TIERRA_M < 256 for island in found
        ),
    }
    broken = [rule for rule, holds in rules.items() if not holds]
    if broken:
        raise ChainError("land.bad_islands", f"{LIST.name} must hold {broken[0]}: correct the list")
    return found


def render() -> str:
    """The Solidity library with the list: names one after the other, where each ends, and sides in Tierra."""
    ends = []
    end = 0
    for island in islands():
        end += len(island.name.encode())
        ends.append(f"{end:04x}")
    names = "\n".join(f'        unicode"{island.name}"' for island in islands())
    sides = "".join(f"{island.side_m // TIERRA_M:02x}" for island in islands())

    def words(digits: str) -> str:
        return "\n".join(f'        hex"{line}"' for line in textwrap.wrap(digits, 100))

    return f"""// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The names and sizes of the {COUNT} Islands
/// @dev Written by `python -m contracts.islands` from islands.json.
library IslandAtlas {{
    uint256 internal constant COUNT = {COUNT};
    /// @dev All names, in the order of ids.
    bytes internal constant NAMES =
{names};
    /// @dev Two bytes for each Island: where its name ends in NAMES.
    bytes internal constant ENDS =
{words("".join(ends))};
    /// @dev One byte for each Island: its side in Tierra of {TIERRA_M} m.
    bytes internal constant SIDES =
{words(sides)};
}}
"""


if __name__ == "__main__":
    SOLIDITY.write_text(render(), encoding="utf-8")
