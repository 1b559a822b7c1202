"""Pure rules of land: numbering, squares, what the contracts' events say, and which use goes before which.

Numbering is the contract's own: id = region << 10 | morton(x, y), x and y in 0..31, so each aligned square of
side 4, 8, 16 or 32 is one range of ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, Literal

from host.errors import MallError
from host.land.atlas import morton, unmorton
from host.land.models import DeedMoved, IslandLet, LandEvent, Title, TitleMoved, Use, UseGranted

Contract = Literal["tierra", "mall", "island"]
TIERRAS: Final = 100_100
LAST: Final = TIERRAS - 1
QUAD_SIDES: Final = (4, 8, 16, 32)
ISLANDS: Final = 100
LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, seconds UTC; a rent that ends later counts as that, which SQLite can hold."""
_MALL_BITS: Final = 20
BLOCK: Final = 16
"""Tierra in a block of 4 x 4; lanes run between blocks, so nothing but a whole square crosses them."""


def check_range(first: int, last: int) -> None:
    """Refuse ranges outside the land.

    Raises:
        MallError: land.unknown.
    """
    if not 0 <= first <= last <= LAST:
        wrong = first if not 0 <= first <= LAST else last
        raise MallError(
            "land.unknown", f"There is no Tierra {wrong}; they run from 0 to {LAST}.", tierra=wrong
        )


def mall_range(mall: int) -> tuple[int, int]:
    """First and last Tierra (inclusive) of a Mall, by the contract's numbering: level << 20 | first Tierra.

    Raises:
        MallError: land.unknown.
    """
    level, first = mall >> _MALL_BITS, mall & ((1 << _MALL_BITS) - 1)
    count = 4 << (2 * level) if 1 <= level <= len(QUAD_SIDES) else 0
    if not count or first % count or first + count > TIERRAS:
        raise MallError("land.unknown", f"{mall} is the number of no Mall.", mall=str(mall))
    return first, first + count - 1


def check_island(number: int) -> None:
    """Refuse Islands that do not exist.

    Raises:
        MallError: land.unknown.
    """
    if not 1 <= number <= ISLANDS:
        raise MallError(
            "land.unknown", f"There is no Island {number}; they run from 1 to {ISLANDS}.", island=str(number)
        )


def told(contract: Contract, name: str, args: Mapping[str, Any], mall: str) -> LandEvent | None:
    """What an event of a land contract says of rights; None for one that says nothing about them.

    A fused Tierra is owned by the contract at `mall`, and whoever owns that Mall's title has its right. So a move of
    Tierra to `mall` says nothing: the title that is made in the same transaction goes to the same owner. The rents of
    Malls live in Tierra, which tells of them itself, so the Mall's own UpdateUser says nothing new either.
    """
    if name in ("Transfer", "ConsecutiveTransfer") and contract == "tierra":
        single = name == "Transfer"
        first, last = (args["tokenId"],) * 2 if single else (args["fromTokenId"], args["toTokenId"])
        to = args["to"] if single else args["toAddress"]
        return None if to == mall else TitleMoved(first, last, to)
    if name == "Transfer" and contract != "tierra":
        return DeedMoved(contract, args["tokenId"], args["to"])
    if name == "UpdateUser" and contract == "tierra":
        return UseGranted(args["tokenId"], args["tokenId"], args["user"], _second(args))
    if name == "UpdateQuadUser":
        last = args["base"] + (4 << 2 * args["level"]) - 1
        return UseGranted(args["base"], last, args["user"], _second(args))
    if name == "UpdateUser" and contract == "island":
        return IslandLet(args["tokenId"], args["user"], _second(args))
    return None


def _second(args: Mapping[str, Any]) -> int:
    return min(int(args["expires"]), LAST_SECOND)


def footprint(base: int, width: int, depth: int) -> tuple[int, ...]:
    """Tierra under a footprint of `width` x `depth` cells whose smallest corner (x, y) is `base`, ascending.

    Up to 3 x 3 it must lie inside one block of 4 x 4; above that only aligned squares of 4, 8, 16, 32 exist.

    Raises:
        MallError: land.unknown, land.footprint.
    """
    check_range(base, base)
    if width == depth and width in QUAD_SIDES:
        count = width * width
        if base % count:
            raise MallError(
                "land.footprint",
                f"A square of {width} x {width} starts at a multiple of {count}, not at {base}; "
                f"the one around it starts at {base - base % count}.",
                tierra=base,
                width=width,
                depth=depth,
            )
        check_range(base, base + count - 1)
        return tuple(range(base, base + count))
    if not (1 <= width <= 3 and 1 <= depth <= 3):
        raise MallError(
            "land.footprint",
            f"{width} x {depth} is no footprint: up to 3 x 3 cells, or a square of 4, 8, 16 or 32.",
            width=width,
            depth=depth,
        )
    x, y = unmorton(base % BLOCK)
    if x + width > 4 or y + depth > 4:
        raise MallError(
            "land.footprint",
            f"{width} x {depth} cells from Tierra {base} cross a lane: they must lie in one block of 4 x 4.",
            tierra=base,
            width=width,
            depth=depth,
        )
    block = base - base % BLOCK
    cells = sorted(block + morton(x + dx, y + dy) for dx in range(width) for dy in range(depth))
    check_range(cells[0], cells[-1])
    return tuple(cells)


def aligned_ranges(tierra: int) -> list[tuple[int, int]]:
    """The ranges that a use of this Tierra can have been granted for: itself and the squares around it, small first."""
    sizes = (1, *(side * side for side in QUAD_SIDES))
    return [(tierra - tierra % size, tierra - tierra % size + size - 1) for size in sizes]


def runs(tierras: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The numbers as ranges (inclusive), ascending."""
    numbers = sorted(set(tierras))
    breaks = [at for at in range(1, len(numbers)) if numbers[at] != numbers[at - 1] + 1]
    for start, end in pairwise((0, *breaks, len(numbers))):
        if start < end:
            yield numbers[start], numbers[end - 1]


def lay(title: Title, over: Iterable[Title]) -> list[Title]:
    """What is left of the titles `over` once `title` lies on them, with it, ascending."""
    left = [title]
    for old in over:
        if old.first < title.first:
            left.append(Title(old.first, min(old.last, title.first - 1), old.owner))
        if old.last > title.last:
            left.append(Title(max(old.first, title.last + 1), old.last, old.owner))
    return sorted(left, key=lambda t: t.first)


def segments(first: int, last: int, uses: Iterable[Use]) -> Iterator[tuple[int, int, Use | None]]:
    """Cut `first`..`last` where the governing use changes. Uses nest; the smallest governs."""
    open_: list[Use] = []
    at = first
    for use in sorted(uses, key=lambda u: (max(u.first, first), u.first - u.last)):
        if use.last < first or use.first > last:
            continue
        begin = max(use.first, first)
        while open_ and open_[-1].last < begin:
            ended = open_.pop()
            if at <= ended.last:
                yield at, ended.last, ended
                at = ended.last + 1
        if at < begin:
            yield at, begin - 1, open_[-1] if open_ else None
            at = begin
        open_.append(use)
    while open_:
        ended = open_.pop()
        end = min(ended.last, last)
        if at <= end:
            yield at, end, ended
            at = end + 1
    if at <= last:
        yield at, last, None
