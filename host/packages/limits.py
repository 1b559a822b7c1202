"""Every limit of a package in one place. Sizes in bytes unless named otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final

from sandbox.limits import DEFAULT_LIMITS

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
    """What a running placement may use; the fields are the keys of `[budget]`.

    Triangles are what the manifest states; no model is counted.
    """

    instructions_per_event: int
    instructions_per_second: int
    memory_kib: int
    entities: int
    triangles: int
    store_kib: int
    ui_nodes: int
    timers: int


ONE_TIERRA: Final = Budget(
    instructions_per_event=DEFAULT_LIMITS.event_instructions,
    instructions_per_second=DEFAULT_LIMITS.second_instructions,
    memory_kib=DEFAULT_LIMITS.memory_bytes >> 10,
    entities=DEFAULT_LIMITS.entities,
    triangles=20_000,
    store_kib=DEFAULT_LIMITS.store_bytes >> 10,
    ui_nodes=DEFAULT_LIMITS.ui_nodes,
    timers=DEFAULT_LIMITS.timers,
)
WORK_GROWTH: Final = 4.0
GROUND_GROWTH: Final = 16
LARGEST_CELLS: Final = 32 * 32


def allowance(cells: int) -> Budget:
    """The most that a placement on `cells` Tierra may use.

    Work of the host (memory, instructions a second, entities, store, timers) grows with the square root of the cells,
    up to 4 times that of one Tierra: neighbours share a worker, and 200 placements at the ceiling of 8 MiB still fit
    into its address space of 2 GiB. What clients draw grows with the ground, as in Decentraland's limits for scenes
    (n parcels: n x 10,000 triangles, docs.decentraland.org, "Scene limitations"), up to 16 times, since a client
    near a larger one does not draw all of it. An event and a player's panel cost the same everywhere, so that ticks
    stay short.
    """
    work, ground = min(math.sqrt(cells), WORK_GROWTH), min(cells, GROUND_GROWTH)
    one = ONE_TIERRA
    return Budget(
        instructions_per_event=one.instructions_per_event,
        instructions_per_second=int(one.instructions_per_second * work),
        memory_kib=int(one.memory_kib * work),
        entities=int(one.entities * work),
        triangles=one.triangles * ground,
        store_kib=int(one.store_kib * work),
        ui_nodes=one.ui_nodes,
        timers=int(one.timers * work),
    )


LARGEST: Final = allowance(LARGEST_CELLS)
"""What no parcel gives more of; a manifest that asks for more is refused when it is read."""


def excess(asked: Budget, most: Budget) -> list[tuple[str, int, int]]:
    """Each number of `asked` above `most`: its key, what is asked, what is allowed."""
    return [
        (field.name, getattr(asked, field.name), getattr(most, field.name))
        for field in fields(Budget)
        if getattr(asked, field.name) > getattr(most, field.name)
    ]
