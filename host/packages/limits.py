"""Every limit of a package in one place. Sizes in bytes unless named otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_ARCHIVE: Final = 32 << 20
MAX_UNPACKED: Final = 64 << 20
MAX_FILE: Final = 16 << 20
MAX_FILES: Final = 500
MAX_PATH: Final = 160
MAX_DEPTH: Final = 6
MAX_MANIFEST: Final = 64 << 10
MAX_SIGNATURE: Final = 1 << 10
MAX_SOURCE: Final = 256 << 10
"""All Lua source together, tests left out."""
MAX_FINDINGS: Final = 200
API_LEVELS: Final = (1,)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a running placement may use; the fields are the keys of `[budget]`."""

    instructions_per_event: int
    instructions_per_second: int
    memory_kib: int
    entities: int
    triangles: int
    store_kib: int
    ui_nodes: int
    timers: int


ONE_TIERRA: Final = Budget(
    instructions_per_event=1_000_000,
    instructions_per_second=2_000_000,
    memory_kib=2048,
    entities=256,
    triangles=20_000,
    store_kib=64,
    ui_nodes=128,
    timers=64,
)
GROWTH: Final = 16
"""A parcel's allowance grows with its Tierra up to this many times that of one."""


def allowance(cells: int) -> Budget:
    """The most that a placement on `cells` Tierra may use. One event costs the same everywhere, to keep ticks short."""
    times = min(cells, GROWTH)
    one = ONE_TIERRA
    return Budget(
        instructions_per_event=one.instructions_per_event,
        instructions_per_second=one.instructions_per_second * times,
        memory_kib=one.memory_kib * times,
        entities=one.entities * times,
        triangles=one.triangles * times,
        store_kib=one.store_kib * times,
        ui_nodes=one.ui_nodes,
        timers=one.timers * times,
    )
