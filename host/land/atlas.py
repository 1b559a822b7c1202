"""The map of the mainland: 98 regions around the genesis plaza and the place of each of the 100,100 Tierra.

Pure and deterministic: one seed gives the same city for ever. Tierra are numbered as the contract does,
`region << 10 | morton(x, y)` with x east and y south, bit 0 of the code being bit 0 of x.

A region is 8 x 8 blocks of 60 m with lanes of 10 m between them: 550 m. Around it runs an avenue of 30 m that
neighbours share. A block is 4 x 4 Tierra of 15 m. Metres are local to the region: x east, z south, from the
north-west corner of its first block.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from host.errors import MallError
from host.land.names import AVENUES, THEMES
from host.world.geometry import Rect

REGIONS: Final = 98
TIERRA: Final = 100_100
TIERRA_M: Final = 15
BLOCK_M: Final = 60
LANE_M: Final = 10
AVENUE_M: Final = 30
SIZE_M: Final = 8 * BLOCK_M + 7 * LANE_M
SQUARES: Final = (4, 8, 16, 32)
PLAZA_WIDTH_M: Final = 150
PLAZA_DEPTH_M: Final = 60
_REGION_BITS: Final = 10
_SEED: Final = 100_100
_ADDRESS: Final = re.compile(r"\s*(\w+) Avenue (\d{1,2}), block ([A-H])([1-8])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of 4 x 4 Tierra: its rectangle, the number of its first Tierra, and how many of 16 exist."""

    rect: Rect
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """All that is laid in a region. Metres, region-local.

    Attributes:
        offset: where the region's origin lies on the map, metres east and south of the plaza's centre.
        plaza: the genesis plaza, None but in region 0.
        spawn: x, y, z in metres and yaw in radians (0 looks north).
        seed: of the decoration, the same for all clients.
    """

    number: int
    name: str
    avenue: str
    theme: str
    size: float
    blocks: tuple[Block, ...]
    lanes: tuple[Rect, ...]
    plaza: Rect | None
    spawn: tuple[float, float, float, float]
    walkable: tuple[Rect, ...]
    offset: tuple[float, float]
    seed: int


@dataclass(frozen=True, slots=True)
class Plot:
    """One Tierra: its number, region, column and row in it, and its ground in region-local metres."""

    number: int
    region: int
    x: int
    y: int
    rect: Rect


def morton(x: int, y: int) -> int:
    """Interleave the bits of column and row; bit 0 comes from x."""
    code = 0
    for bit in range(5):
        code |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1)
    return code


def unmorton(code: int) -> tuple[int, int]:
    """Column and row of a morton code."""
    x = y = 0
    for bit in range(5):
        x |= (code >> (2 * bit) & 1) << bit
        y |= (code >> (2 * bit + 1) & 1) << bit
    return x, y


def along(index: int) -> int:
    """Metres from the region's edge to the near side of Tierra column or row `index` (0..31)."""
    block, within = divmod(index, 4)
    return block * (BLOCK_M + LANE_M) + within * TIERRA_M


def tierra(number: int) -> Plot:
    """Where a Tierra lies.

    Raises:
        MallError: `land.unknown`.
    """
    if not 0 <= number < TIERRA:
        raise MallError("land.unknown", f"Tierra are numbered 0 to {TIERRA - 1}.", number=number)
    x, y = unmorton(number & (1 << _REGION_BITS) - 1)
    return Plot(number, number >> _REGION_BITS, x, y, Rect(along(x), along(y), TIERRA_M, TIERRA_M))


def number_at(region: int, x: int, y: int) -> int:
    """Number of the Tierra in column x and row y of a region.

    Raises:
        MallError: `land.unknown`.
    """
    number = region << _REGION_BITS | morton(x, y)
    if not (0 <= x < 32 and 0 <= y < 32 and 0 <= number < TIERRA):
        raise MallError("land.unknown", "There is no such Tierra.", region=region, x=x, y=y)
    return number


def tierra_under(region: int, x: float, z: float) -> int | None:
    """Number of the Tierra under a point in region-local metres; None on lanes, avenues and beyond the land."""
    column, row = _index(x), _index(z)
    if column is None or row is None:
        return None
    number = region << _REGION_BITS | morton(column, row)
    return number if number < TIERRA else None


def square(base: int, side: int) -> Rect:
    """Ground of the aligned square of `side` Tierra whose first number is `base`; its inner lanes belong to it.

    Raises:
        MallError: `land.footprint` when the side is none of 4, 8, 16, 32 or the base is not aligned to it.
    """
    if side not in SQUARES or base % (side * side) or base < 0 or base + side * side > TIERRA:
        raise MallError(
            "land.footprint",
            "A square has 4, 8, 16 or 32 Tierra a side and starts at a multiple of its size on the land.",
            base=base,
            side=side,
        )
    first, last = tierra(base).rect, tierra(base + side * side - 1).rect
    return Rect(first.x, first.z, last.east - first.x, last.south - first.z)


def address(number: int) -> str:
    """A readable address, as "Curie Avenue 12, block C4": column letter, row, and house 1..16 row by row.

    Raises:
        MallError: `land.unknown`.
    """
    plot = tierra(number)
    house = plot.y % 4 * 4 + plot.x % 4 + 1
    return f"{AVENUES[plot.region]} Avenue {house}, block {'ABCDEFGH'[plot.x // 4]}{plot.y // 4 + 1}"


def find(text: str) -> int:
    """Number of the Tierra at an address; case and outer spaces do not matter.

    Raises:
        MallError: `land.bad_address`, or `land.unknown` where the land has ended.
    """
    match = _ADDRESS.fullmatch(text)
    region = _by_avenue().get(match[1].casefold()) if match else None
    if match is None or region is None or not 1 <= int(match[2]) <= 16:
        raise MallError(
            "land.bad_address", 'An address reads like "Curie Avenue 12, block C4".', address=text[:80]
        )
    house = int(match[2]) - 1
    x = "ABCDEFGH".index(match[3].upper()) * 4 + house % 4
    y = (int(match[4]) - 1) * 4 + house // 4
    return number_at(region, x, y)


@cache
def region(number: int, seed: int = _SEED) -> RegionPlan:
    """The plan of a region.

    Raises:
        MallError: `land.no_such_region`.
    """
    if not 0 <= number < REGIONS:
        raise MallError("land.no_such_region", f"Regions are numbered 0 to {REGIONS - 1}.", number=number)
    street = Rect(-AVENUE_M, -AVENUE_M, SIZE_M + 2 * AVENUE_M, SIZE_M + 2 * AVENUE_M)
    plaza = None
    walkable: tuple[Rect, ...] = (street,)
    spawn = (SIZE_M / 2, 0.0, SIZE_M + AVENUE_M / 2, 0.0)
    if number == 0:
        plaza = Rect((SIZE_M - PLAZA_WIDTH_M) / 2, SIZE_M, PLAZA_WIDTH_M, PLAZA_DEPTH_M)
        walkable = (street, plaza)
        x, z = plaza.centre
        spawn = (x, 0.0, z, 0.0)
    return RegionPlan(
        number=number,
        name=f"{AVENUES[number]} Quarter",
        avenue=f"{AVENUES[number]} Avenue",
        theme=_themes(seed)[number],
        size=float(SIZE_M),
        blocks=_blocks(number),
        lanes=_lanes(),
        plaza=plaza,
        spawn=spawn,
        walkable=walkable,
        offset=_offsets()[number],
        seed=random.Random(f"{seed}:{number}").getrandbits(31),
    )


def _index(metres: float) -> int | None:
    block, within = divmod(metres, BLOCK_M + LANE_M)
    if not 0 <= block < 8 or within >= BLOCK_M:
        return None
    return int(block) * 4 + int(within // TIERRA_M)


def _blocks(number: int) -> tuple[Block, ...]:
    base = number << _REGION_BITS
    firsts = range(base, min(base + (1 << _REGION_BITS), TIERRA), 16)
    blocks = []
    for first in firsts:
        corner = tierra(first).rect
        blocks.append(Block(Rect(corner.x, corner.z, BLOCK_M, BLOCK_M), first, min(16, TIERRA - first)))
    return tuple(blocks)


@cache
def _lanes() -> tuple[Rect, ...]:
    """Seven lanes north-south over the whole depth, and seven rows of east-west pieces between them."""
    starts = [BLOCK_M + step * (BLOCK_M + LANE_M) for step in range(7)]
    long = [Rect(start, 0, LANE_M, SIZE_M) for start in starts]
    short = [
        Rect(block * (BLOCK_M + LANE_M), start, BLOCK_M, LANE_M) for start in starts for block in range(8)
    ]
    return (*long, *short)


@cache
def _themes(seed: int) -> tuple[str, ...]:
    """`genesis` for region 0; the other themes dealt as evenly as they go, in an order drawn from the seed."""
    others = [THEMES[1 + index % (len(THEMES) - 1)] for index in range(REGIONS - 1)]
    random.Random(f"{seed}:themes").shuffle(others)
    return (THEMES[0], *others)


@cache
def _offsets() -> tuple[tuple[float, float], ...]:
    """Origins of the regions: the squares nearest to the plaza first, then clockwise from the north.

    The plaza lies across the avenue south of region 0, so the southern half of the city is moved by its depth.
    """
    pitch = SIZE_M + AVENUE_M
    gap = AVENUE_M + PLAZA_DEPTH_M
    corners = []
    for column in range(-6, 7):
        for row in range(-6, 6):
            x = column * pitch - SIZE_M / 2
            z = row * pitch + (AVENUE_M - PLAZA_DEPTH_M / 2 if row < 0 else gap - PLAZA_DEPTH_M / 2)
            middle = x + SIZE_M / 2, z + SIZE_M / 2
            corners.append((round(math.hypot(*middle)), math.atan2(middle[0], -middle[1]) % math.tau, x, z))
    return tuple((x, z) for _, _, x, z in sorted(corners)[:REGIONS])


@cache
def _by_avenue() -> dict[str, int]:
    return {name.casefold(): number for number, name in enumerate(AVENUES)}
