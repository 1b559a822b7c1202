"""How much of a core the world and its socket take: `python benchmarks/world_quick.py`, about ten seconds.

The host runs in a process of its own on one core, the bots in this one on another. Every bot reports its position
ten times a second and reads all it gets. Dense: all in one cell. Spread: all over the region.
"""

from __future__ import annotations

import asyncio
import json
import math
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import time
from dataclasses import dataclass
from typing import Any

import picows
import uvloop
from rich.console import Console
from rich.table import Table

from host.gateway import schema
from host.gateway.gateway import Gateway
from host.gateway.lobby import Admission, Hello, PlayerRef
from host.gateway.server import GameServer
from host.gateway.ticker import Ticker
from host.land.atlas import region
from host.world.frames import to_units

WARM_S = 0.7
MEASURE_S = 2.5
WORKLOADS = (("dense", 200), ("spread", 500))


class Field:
    """A lobby whose guests come in where their name says: "x z" in metres."""

    features: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._count = 0

    async def sign_in(self, hello: Hello) -> Admission:
        self._count += 1
        x, z = (float(part) for part in (hello.name or "0 0").split())
        return Admission(self._count, "Bot", "token", "0x", True, "#ffffff", (x, 0.0, z, 0.0))

    def on_message(self, player: PlayerRef, kind: str, fields: dict[str, Any]) -> None: ...
    def on_left(self, player: PlayerRef) -> None: ...


def serve(pipe: multiprocessing.connection.Connection) -> None:
    """The host: tells its port, then figures of itself whenever it is asked, until the pipe closes."""
    pin(0)

    async def main() -> None:
        gateway = Gateway(region(0), Field())  # type: ignore[arg-type]
        server, ticker = GameServer(gateway), Ticker(gateway.tick)
        await server.start()
        ticker.start()
        done = asyncio.Event()

        def asked() -> None:
            try:
                pipe.recv()
            except EOFError:
                done.set()
                return
            stats = ticker.stats()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            pipe.send(
                (time.process_time(), time.monotonic(), stats.skipped, stats.work_ms, stats.late_ms, peak)
            )

        asyncio.get_running_loop().add_reader(pipe.fileno(), asked)
        pipe.send(server.port)
        await done.wait()
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        await server.stop()
        ticker.stop()

    uvloop.run(main())


def pin(core: int) -> None:
    """Keep this process on one core, where there are several."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})


class Bot(picows.WSListener):  # type: ignore[misc]
    """Walks in a circle around its home and counts what it gets."""

    def __init__(self, x: float, z: float) -> None:
        self.home = (x, z)
        self.phase = random.random() * math.tau
        self.live = asyncio.Event()
        self.closed = False
        self.bytes_in = 0
        self.records = 0
        self.transport: Any = None
        self._sequence = 0

    def on_ws_connected(self, transport: Any) -> None:
        self.transport = transport
        x, z = self.at(0.0)
        hello = {"t": "hello", "v": schema.VERSION, "client": "bench", "name": f"{x} {z}"}
        transport.send(picows.WSMsgType.TEXT, json.dumps(hello).encode())

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        self.bytes_in += frame.payload_size
        if frame.msg_type == picows.WSMsgType.TEXT:
            self.live.set()

    def on_ws_disconnected(self, transport: Any) -> None:
        self.closed = True

    def at(self, t: float) -> tuple[float, float]:
        angle = self.phase + t * schema.WALK_SPEED / 4.0
        return self.home[0] + 4.0 * math.cos(angle), self.home[1] + 4.0 * math.sin(angle)

    def report(self, t: float) -> None:
        x, z = self.at(t)
        self._sequence = (self._sequence + 1) % 65536
        self.transport.send(
            picows.WSMsgType.BINARY,
            schema.MOVE_STRUCT.pack(schema.MOVE, 0, self._sequence, to_units(x), 0, to_units(z), 0, 1, 0),
        )


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    bots: int
    cpu: float
    kb_s: float
    work_ms: tuple[float, float]
    late_ms: tuple[float, float]
    skipped: int
    lost: int
    peak_mb: float


async def crowd(name: str, count: int, port: int, pipe: multiprocessing.connection.Connection) -> Row:
    """Bring the bots in, let them walk, and ask the host what it cost."""
    bots = []
    for _ in range(count):
        home = (300 + random.uniform(0, 20), 300 + random.uniform(0, 20))
        if name == "spread":
            home = (random.uniform(-20, 570), random.uniform(-20, 570))
        bots.append(Bot(*home))
    for start in range(0, count, 50):
        batch = bots[start : start + 50]
        await asyncio.gather(
            *(picows.ws_connect(lambda bot=bot: bot, f"ws://127.0.0.1:{port}/") for bot in batch)
        )
        await asyncio.gather(*(bot.live.wait() for bot in batch))
    began = time.monotonic()
    before: Any = None
    after: Any = None
    bytes_before = 0
    turn = 0
    while after is None:
        turn += 1
        for bot in bots[turn % 2 :: 2]:
            bot.report(turn * 0.05)
        if before is None and time.monotonic() - began > WARM_S:
            before, bytes_before = ask(pipe), sum(bot.bytes_in for bot in bots)
        elif time.monotonic() - began > WARM_S + MEASURE_S:
            after = ask(pipe)
        await asyncio.sleep(max(0.0, began + turn * 0.05 - time.monotonic()))
    passed = after[1] - before[1]
    received = sum(bot.bytes_in for bot in bots) - bytes_before
    lost = sum(bot.closed for bot in bots)
    for bot in bots:
        bot.transport.disconnect()
    return Row(
        name,
        count,
        (after[0] - before[0]) / passed,
        received / passed / count / 1000,
        after[3],
        after[4],
        after[2] - before[2],
        lost,
        after[5],
    )


def ask(pipe: multiprocessing.connection.Connection) -> Any:
    pipe.send("figures")
    return pipe.recv()


def measure(name: str, count: int) -> Row:
    """One workload against a fresh host."""
    ours, theirs = multiprocessing.Pipe()
    host = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    host.start()
    theirs.close()
    try:
        return uvloop.run(crowd(name, count, ours.recv(), ours))
    finally:
        ours.close()
        host.join(10)


def main() -> None:
    pin(-1)
    table = Table(
        "crowd",
        "bots",
        "CPU share",
        "kB/s a client",
        "tick ms p50 p99",
        "late ms p50 p99",
        "skipped",
        "lost",
        "MB",
    )
    for name, count in WORKLOADS:
        row = measure(name, count)
        table.add_row(
            row.name,
            str(row.bots),
            f"{row.cpu:.2f}",
            f"{row.kb_s:.1f}",
            "{:.2f} {:.2f}".format(*row.work_ms),
            "{:.1f} {:.1f}".format(*row.late_ms),
            str(row.skipped),
            str(row.lost),
            f"{row.peak_mb:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
