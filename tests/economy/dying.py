"""A host that ends at a unit of work, within one process; and how state machines of money are run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from host.economy.follower import Write
from host.storage.tx import Tx

T = TypeVar("T")


class Crashed(BaseException):
    """The host ended here."""


def dying(write: Write, *, committed: bool) -> Write:
    """Ends the host inside the first unit of work, or right after its commit."""

    def one(work: Callable[[Tx], T], /) -> T:
        def inside(tx: Tx) -> T:
            result = work(tx)
            if not committed:
                raise Crashed
            return result

        write(inside)
        raise Crashed

    return one


def run_machine(machine: Callable[[], RuleBasedStateMachine], runs: int, steps: int) -> None:
    """Any order of a machine's rules, so many times."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            database=None,
        ),
    )
