"""A region's plan in the shape of the wire's `district` message."""

from __future__ import annotations

from typing import Any

from host.land.atlas import RegionPlan

DAY_S = 86_400.0
CITY_DAY_S = 2_400.0
"""A day of the city lasts 40 minutes."""


def district_message(plan: RegionPlan, clock: float) -> dict[str, Any]:
    """What a client draws: blocks as [x, z, first Tierra], lanes and plaza as [x, z, w, d], metres.

    Args:
        clock: second of the city's day, 0..86,400, for sun and sky.
    """
    return {
        "t": "district",
        "region": plan.number,
        "name": plan.name,
        "theme": plan.theme,
        "size": plan.size,
        "parcels": [[block.rect.x, block.rect.z, block.first] for block in plan.blocks],
        "lanes": list(plan.lanes),
        "plaza": list(plan.plaza) if plan.plaza is not None else [],
        "seed": plan.seed,
        "clock": clock % DAY_S,
        "clock_rate": DAY_S / CITY_DAY_S,
    }
