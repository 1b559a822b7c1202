"""State machines as one dict: (state, act) -> where it leads, who may, and under which guards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.errors import MallError


@dataclass(frozen=True, slots=True)
class Step:
    """One transition. `actors` are roles or relations (holder, creator); all `guards` must pass."""

    after: str
    actors: frozenset[str]
    guards: tuple[str, ...] = ()


Flow = Mapping[tuple[str, str], Step]


def step(flow: Flow, area: str, state: str, act: str) -> Step:
    """The transition that `act` makes from `state` ("" before there is anything).

    Raises:
        MallError: `<area>.bad_transition`.
    """
    found = flow.get((state, act))
    if found is None:
        possible = ", ".join(sorted(a for s, a in flow if s == state)) or "nothing"
        raise MallError(
            f"{area}.bad_transition",
            f"A {area} that is {state or 'new'} cannot take the act {act}; possible: {possible}.",
            state=state,
            act=act,
        )
    return found
