"""A player made of asyncio and `websockets`, for tests and benchmarks: it reads the wire as a real client does."""

from __future__ import annotations

import asyncio
import json
import math
import socket
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import websockets
from websockets.asyncio.client import ClientConnection, connect

from host.gateway import schema
from host.gateway.codec import check
from host.world.frames import to_turn, to_units

WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Avatar:
    """What a client knows of an avatar: metres modulo 1,024, yaw in 1/256 turns, animation, and its cell."""

    at: tuple[float, float, float]
    yaw: int
    animation: int
    cell: int


@dataclass(frozen=True, slots=True)
class Block:
    cell: int
    keyframe: bool
    records: dict[int, Avatar]
    left: list[int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A SNAPSHOT frame, read."""

    sequence: int
    tick: int
    correction: tuple[float, float, float] | None
    blocks: list[Block] = field(default_factory=list)


def read_snapshot(frame: bytes) -> Snapshot:
    """Read a SNAPSHOT frame; every byte has to be accounted for."""
    kind, flags, sequence, tick = schema.SNAPSHOT_STRUCT.unpack_from(frame)
    assert kind == schema.SNAPSHOT
    offset = schema.SNAPSHOT_STRUCT.size
    correction = None
    if flags & schema.SNAP_CORRECTION:
        x, y, z = schema.CORRECTION_STRUCT.unpack_from(frame, offset)
        correction = (x / 64, y / 64, z / 64)
        offset += schema.CORRECTION_STRUCT.size
    blocks = []
    while offset < len(frame):
        cell, block_flags, _, count, left_count = schema.BLOCK_STRUCT.unpack_from(frame, offset)
        offset += schema.BLOCK_STRUCT.size
        records = {}
        for _ in range(count):
            slot, x, y, z, yaw, animation = schema.RECORD_STRUCT.unpack_from(frame, offset)
            offset += schema.RECORD_STRUCT.size
            records[slot] = Avatar((x / 64, y / 64, z / 64), yaw, animation, cell)
        left = [schema.LEFT_STRUCT.unpack_from(frame, offset + 2 * n)[0] for n in range(left_count)]
        offset += left_count * schema.LEFT_STRUCT.size
        blocks.append(Block(cell, bool(block_flags & schema.BLOCK_KEYFRAME), records, left))
    assert offset == len(frame)
    return Snapshot(sequence, tick, correction, blocks)


def apply_snapshot(avatars: dict[int, Avatar], snapshot: Snapshot) -> None:
    """Bring the known avatars up to date, by the rules of docs/wire.md."""
    for block in snapshot.blocks:
        gone = block.left
        if block.keyframe:
            gone = [
                slot
                for slot, avatar in avatars.items()
                if avatar.cell == block.cell and slot not in block.records
            ]
        for slot in gone:
            if slot in avatars and avatars[slot].cell == block.cell:
                del avatars[slot]
        avatars.update(block.records)


class TestClient:
    """One player. Use `async with await TestClient.join(url, "Ada") as ada: ...`."""

    __test__ = False

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}
        self.avatars: dict[int, Avatar] = {}
        self.snapshots: list[Snapshot] = []
        self.corrections: list[tuple[float, float, float]] = []
        self.bytes_in = 0
        self._messages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._sequence = 0
        self._news = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, url: str, *, receive_buffer: int | None = None) -> TestClient:
        """Open the socket and say nothing yet; a small receive buffer (bytes) makes a reader that falls behind soon."""
        options: dict[str, Any] = {}
        if receive_buffer is not None:
            address = urlsplit(url)
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            raw.setblocking(False)
            await asyncio.get_running_loop().sock_connect(raw, (address.hostname, address.port))
            options = {"sock": raw, "max_queue": 1}
        client = cls(await connect(url, max_size=2**22, compression=None, ping_interval=None, **options))
        client.read()
        return client

    @classmethod
    async def join(cls, url: str, name: str | None = None, token: str | None = None) -> TestClient:
        """Open the socket, sign in and wait for the welcome and the district."""
        client = await cls.connect(url)
        await client.sign_in(name, token)
        return client

    async def __aenter__(self) -> TestClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def player(self) -> int:
        return int(self.welcome["player"])

    @property
    def slot(self) -> int:
        return int(self.welcome["slot"])

    @property
    def spawn(self) -> tuple[float, float, float]:
        x, y, z, _ = self.welcome["spawn"]
        return x, y, z

    def read(self) -> None:
        """Start or go on reading."""
        if self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read())

    async def stop_reading(self) -> None:
        """Leave everything that comes in the socket."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    async def hello(self, name: str | None = None, token: str | None = None, v: int = schema.VERSION) -> None:
        """Say hello."""
        await self.send({"t": "hello", "v": v, "client": "test", "name": name, "token": token})

    async def sign_in(self, name: str | None = None, token: str | None = None) -> None:
        """Say hello and wait for the welcome and the district."""
        await self.hello(name=name, token=token)
        self.welcome = await self.expect("welcome")
        await self.expect("district")

    async def send(self, message: dict[str, Any]) -> None:
        """Send a control message."""
        await self.socket.send(json.dumps(message))

    async def send_raw(self, frame: str | bytes) -> None:
        """Send a text or binary frame as it is."""
        await self.socket.send(frame)

    async def move(
        self, x: float, y: float, z: float, yaw: float = 0.0, animation: int = schema.ANIM_WALK
    ) -> int:
        """Report a position in metres; its sequence number."""
        self._sequence = (self._sequence + 1) % 65536
        await self.socket.send(
            schema.MOVE_STRUCT.pack(
                schema.MOVE,
                0,
                self._sequence,
                to_units(x),
                to_units(y),
                to_units(z),
                to_turn(yaw),
                animation,
                0,
            )
        )
        return self._sequence

    async def walk(self, to: tuple[float, float], speed: float = schema.RUN_SPEED, start: Any = None) -> None:
        """Go to (x, z) in a straight line at that speed, ten reports a second, from `start` or the spawn."""
        x, z = start or (self.spawn[0], self.spawn[2])
        steps = max(1, math.ceil(math.dist((x, z), to) / (speed / schema.MOVE_HZ)))
        for step in range(1, steps + 1):
            part = step / steps
            await self.move(x + (to[0] - x) * part, 0.0, z + (to[1] - z) * part)
            await asyncio.sleep(1 / schema.MOVE_HZ)

    def messages(self, kind: str) -> list[dict[str, Any]]:
        """All control messages of this kind so far."""
        return self._messages[kind]

    async def expect(
        self, kind: str, where: Callable[[dict[str, Any]], bool] = lambda _: True, within: float = WAIT_S
    ) -> dict[str, Any]:
        """The first message of this kind that fits, when it is there or comes."""

        def found() -> dict[str, Any] | None:
            return next((message for message in self._messages[kind] if where(message)), None)

        await self.until(lambda: found() is not None, within, f"{kind}")
        message = found()
        assert message is not None
        return message

    async def until(self, true: Callable[[], bool], within: float = WAIT_S, what: str = "it") -> None:
        """Wait for a condition that incoming frames make true."""
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(true)
        except TimeoutError:
            seen = {kind: len(messages) for kind, messages in self._messages.items()}
            raise AssertionError(f"{what} did not come; seen: {seen}") from None

    async def sees(self, slot: int, within: float = WAIT_S) -> Avatar:
        """The avatar of this slot, when it is in view."""
        await self.until(lambda: slot in self.avatars, within, f"slot {slot}")
        return self.avatars[slot]

    async def closed(self, within: float = WAIT_S) -> int:
        """The close code, when the host has closed the socket."""
        self.read()
        async with asyncio.timeout(within):
            await self.socket.wait_closed()
        return self.socket.close_code or 0

    async def close(self) -> None:
        """Close the socket and wait for it."""
        self.read()
        await self.socket.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while True:
                frame = await self.socket.recv()
                self.bytes_in += len(frame)
                if isinstance(frame, bytes):
                    self._on_snapshot(read_snapshot(frame))
                else:
                    self._on_message(json.loads(frame))
                async with self._news:
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            async with self._news:
                self._news.notify_all()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        apply_snapshot(self.avatars, snapshot)
        if snapshot.correction is not None:
            self.corrections.append(snapshot.correction)

    def _on_message(self, message: dict[str, Any]) -> None:
        kind = message["t"]
        if kind in schema.HOST_MESSAGES:
            check(kind, message, schema.HOST_MESSAGES[kind])
        self._messages[kind].append(message)
