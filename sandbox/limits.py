"""Every limit of the sandbox in one frozen value, so that each can be shown, asked for and tested."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one Lua state.

    Bytes, seconds and instructions (see `lua/meter.lua`). The defaults are the allowance of one Tierra.
    """

    memory_bytes: int = 2 << 20
    """Live Lua memory above the sandbox's own part. At it: `sandbox.memory_exceeded`, the handler is stopped; a state
    that stays full is closed."""
    event_instructions: int = 1_000_000
    """Instructions of one handler. At it: `sandbox.budget_exceeded`, the handler is stopped."""
    event_cpu_s: float = 0.05
    """CPU time of one handler. At it: `sandbox.budget_exceeded`, the handler is stopped."""
    batch_cpu_s: float = 0.1
    """CPU time of all handlers of one batch. At it: `sandbox.budget_exceeded`, the handler that runs is stopped."""
    second_instructions: int = 2_000_000
    """Instructions a second, sustained; also the most that can be saved up. At it: `sandbox.budget_exceeded`."""
    load_instructions: int = 20_000_000
    """Instructions of the entry's first run. At it: `sandbox.budget_exceeded`, it does not start."""
    load_cpu_s: float = 0.5
    """CPU time of the entry's first run. At it: `sandbox.budget_exceeded`, it does not start."""
    source_bytes: int = 256 << 10
    """All Lua files together. Above it: `sandbox.source_too_large`, it does not start."""
    outbox_bytes: int = 64 << 10
    """All commands of one batch, encoded. At it: `sandbox.outbox_full`, the call raises."""
    inbox_bytes: int = 64 << 10
    """All events of one batch, encoded; more wait for the next batch."""
    store_bytes: int = 64 << 10
    """Everything in `mall.store`, encoded. Above it: `store.quota`, the call raises and nothing is changed."""
    snapshot_s: float = 5.0
    """A changed store is kept this often, and at the end."""
    entities: int = 256
    """Entities at a time. Above it: `world.entity_limit`, the call raises."""
    timers: int = 64
    """Timers at a time. Above it: `sandbox.timer_limit`, the call raises."""
    ui_nodes: int = 128
    """Nodes of one tree. Above it: `ui.limit`, the call raises."""
    matches: int = 8
    """Matches at a time. Above it: `sandbox.match_limit`, the call raises."""
    pattern_steps: float = 2e6
    """Worst-case steps that the C pattern matcher may take before the metered matcher replaces it."""
    slice: int = 1000
    """Instructions between two looks at the memory; at the clock it is looked at each third time."""
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
