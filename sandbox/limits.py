"""Every limit of the sandbox in one frozen value, so that each can be shown, asked for and tested."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one Lua state.

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
    sustained_cpu_s: float = 0.1
    """CPU seconds for each second that an instance may use on average; past that its batches wait for a while."""
    burst_cpu_s: float = 1.0
    """CPU seconds that may be saved up for a burst."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Limits of a worker process, which hold when the guards of a state fail. Seconds and bytes."""

    watchdog_s: float = 0.35
    """CPU time of one batch of one state after which the worker is killed."""
    load_watchdog_s: float = 1.0
    """The same for a load."""
    starved_s: float = 10.0
    """Wall time of one call after which the worker is killed even if the machine gave it no CPU."""
    address_space_bytes: int = 2 << 30
    """RLIMIT_AS of the process."""


DEFAULT_LIMITS = Limits()
DEFAULT_PROCESS_LIMITS = ProcessLimits()
