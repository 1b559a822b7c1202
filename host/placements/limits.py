"""The sandbox's limits of a placement: what its manifest asks for, cut to what its land allows. Pure."""

from __future__ import annotations

from host.errors import MallError
from host.packages.limits import Budget, allowance, excess
from sandbox.limits import Limits


def require_budget(package: str, asked: Budget, cells: int) -> None:
    """The land gives all that the manifest asks for.

    Raises:
        MallError: placement.budget_too_large, naming the first number, what is asked and what is allowed.
    """
    for name, wanted, allowed in excess(asked, allowance(cells)):
        raise MallError(
            "placement.budget_too_large",
            f"{package} asks for {name} = {wanted:,}; {cells} Tierra allow {allowed:,}. Place it on more land or use a "
            "release that asks for less.",
            key=name,
            asked=wanted,
            allowed=allowed,
        )


def limits_for(asked: Budget, cells: int) -> Limits:
    """Limits of an instance on `cells` Tierra. A number above the allowance is cut to it: a release that was enabled
    under a larger allowance runs on with what is allowed now."""
    most = allowance(cells)

    def of(name: str) -> int:
        return int(min(getattr(asked, name), getattr(most, name)))

    return Limits(
        memory_bytes=of("memory_kib") << 10,
        event_instructions=of("instructions_per_event"),
        second_instructions=of("instructions_per_second"),
        store_bytes=of("store_kib") << 10,
        entities=of("entities"),
        timers=of("timers"),
        ui_nodes=of("ui_nodes"),
    )


def explain(asked: Budget, cells: int) -> list[str]:
    """One line for each key of `[budget]`: what the creation gets, and the most that its land would give."""
    most = allowance(cells)
    lines = []
    for name in Budget.__slots__:
        allowed = getattr(most, name)
        lines.append(
            f"{name} {min(getattr(asked, name), allowed):,} of {allowed:,} allowed on {cells} Tierra"
        )
    return lines
