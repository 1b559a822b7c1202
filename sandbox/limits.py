"""Every limit of the sandbox in one frozen value, so that each can be shown, asked for and tested."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one Lua state and of the worker process that holds it.

    Bytes, seconds and Lua VM instructions. The defaults are the allowance of one Tierra.
    """

    memory_bytes: int = 2 << 20
    """Live Lua memory above the sandbox's own part."""
    event_instructions: int = 1_000_000
    event_cpu_s: float = 0.05
    second_instructions: int = 2_000_000
    """Sustained allowance; also the most that can be saved up."""
    load_instructions: int = 20_000_000
    load_cpu_s: float = 0.5
    source_bytes: int = 256 << 10
    outbox_bytes: int = 64 << 10
    """All commands of one batch, encoded."""
    inbox_bytes: int = 64 << 10
    """All events of one batch, encoded; more wait for the next batch."""
    store_bytes: int = 64 << 10
    snapshot_s: float = 5.0
    entities: int = 256
    timers: int = 64
    ui_nodes: int = 128
    matches: int = 8
    pattern_steps: float = 2e6
    """Worst-case steps that the C pattern matcher may take before the metered matcher replaces it."""
    quantum: int = 1000
    """Instructions between two looks at the budget."""
    watchdog_s: float = 1.0
    """CPU time of one call after which the worker is killed."""
    starved_s: float = 10.0
    """Wall time of one call after which the worker is killed even if the machine gave it no CPU."""
    address_space_bytes: int = 2 << 30
    """RLIMIT_AS of a worker process."""


DEFAULT_LIMITS = Limits()
