"""The games that are measured, and players who walk in circles."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import msgspec

from sandbox.events import Enter, Moved, pack_positions
from sandbox.folder import read_spec
from sandbox.wire import InstanceSpec

ROOT = Path(__file__).parent.parent.parent
TICK_GAME = ROOT / "benchmarks/peers/tick_game.lua"
MINIMAL = "local n = 0\nmall.on('tick', function() n = n + 1 end)"
PLAYERS, STEPS = 10, 64
DT = 0.125
"""Seconds between two batches: above the tick's 0.1 s, and exact in binary, so that each batch runs one tick."""
NOW = 1_700_000_000.0

Positions = dict[int, tuple[float, float, float]]


def spec_of(source: str, instance: int = 1) -> InstanceSpec:
    """A game of one file with all it may need."""
    return InstanceSpec(
        instance=instance,
        package="bench/game",
        version="1.0.0",
        digest="",
        sources={"init.lua": source.encode()},
        entry="init.lua",
        settings={},
        capabilities=frozenset({"world.build", "ui", "store", "match"}),
        seed=instance,
        now=NOW,
        footprint=(15.0, 20.0, 15.0),
        facts={"id": instance, "holder_name": "Bench"},
    )


def coin_rush(instance: int = 1) -> InstanceSpec:
    """The shipped game."""
    spec = read_spec(ROOT / "builtin_games/coin_rush", seed=instance, now=NOW)
    return replace(spec, instance=instance)


def path() -> list[Positions]:
    """Where each player is in each step, in metres; `tick.lua` has the same."""
    return [
        {
            player: (
                7.5 + 4 * math.cos(2 * math.pi * (step / STEPS + player / PLAYERS)),
                0.0,
                7.5 + 4 * math.sin(2 * math.pi * (step / STEPS + player / PLAYERS)),
            )
            for player in range(1, PLAYERS + 1)
        }
        for step in range(1, STEPS + 1)
    ]


def enters() -> list[Enter]:
    """The players come in."""
    return [Enter(player, f"P{player}", at=(7.5, 0.0, 7.5)) for player in range(1, PLAYERS + 1)]


def moves() -> list[bytes]:
    """The steps as batches of one state."""
    return [msgspec.msgpack.encode([Moved(pack_positions(positions))]) for positions in path()]
