"""Pure rules of land: numbering, squares, and which use of a Tierra goes before which.

Numbering is the contract's own: id = region << 10 | morton(x, y), x and y in 0..31, so each aligned square of
side 4, 8, 16 or 32 is one range of ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from host.errors import MallError
from host.land.atlas import morton, unmorton
from host.land.models import Title, Use

TIERRAS: Final = 100_100
LAST: Final = TIERRAS - 1
QUAD_SIDES: Final = (4, 8, 16, 32)
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
