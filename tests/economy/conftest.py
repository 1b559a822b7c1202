"""One database with the economy's tables and two pools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host.economy import tables
from host.economy.models import ClaimRequest, Standing
from host.events import Event
from host.placements.store import MIGRATIONS as POOLS
from host.storage import audit
from host.storage.database import connect
from host.storage.rows import Rows
from host.storage.tx import Tx
from host.storage.writer import Writer
from tests.economy.living import live  # noqa: F401

LIVE = 10**18
HERE = Standing(enabled=True, granted=True, present=True, presence=60.0)
FOREVER = 100_000 * LIVE
PLACEMENT_NUMBERS = (
    "release", "tierra", "width", "depth", "seed", "pools_frozen", "safety", "until", "created", "changed",
)  # fmt: skip
PLACEMENT_TEXTS = (
    "package", "version", "digest", "holder", "grants", "settings", "state", "suspended_by", "reason",
)  # fmt: skip


class Clock:
    """A clock that moves when told (seconds, UTC)."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def address(player: int) -> str:
    """A wallet for each player."""
    return f"0x{0xA0000000 + player:040x}"


def request(number: int = 1, **changes: object) -> ClaimRequest:
    """Claim `number` of player 7 for 3 LIVE from the daily pool of placement 1."""
    values: dict[str, object] = {
        "placement": 1, "session": "s1", "number": number, "pool": "daily", "player": 7, "address": address(7),
        "amount": "3", **changes,
    }  # fmt: skip
    return ClaimRequest(**values)  # type: ignore[arg-type]


def add_pool(tx: Tx, number: int, name: str = "daily", placement: int = 1, **limits: object) -> None:
    """A pool without ceilings but those given (wei, seconds)."""
    values: dict[str, object] = {
        "per_claim": FOREVER, "per_player_day": FOREVER, "total": FOREVER, "cooldown": 0.0, "min_presence": 0.0,
        **limits,
    }  # fmt: skip
    if tx.one("select 1 from placements where id = ?", placement) is None:
        tx.insert(
            "placements",
            id=placement,
            **dict.fromkeys(PLACEMENT_NUMBERS, 0),
            **dict.fromkeys(PLACEMENT_TEXTS, ""),
        )
    texts = {key: str(value) if isinstance(value, int) else value for key, value in values.items()}
    tx.insert("pools", id=number, placement=placement, name=name, **texts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def published() -> list[Event]:
    return []


@pytest.fixture
def writer(tmp_path: Path, published: list[Event], clock: Clock) -> Iterator[Writer]:
    made = Writer(tmp_path / "mall.db", [audit.MIGRATIONS, POOLS, tables.MIGRATIONS], published.extend, clock)
    yield made
    made.close()


@pytest.fixture
def write(writer: Writer) -> Callable[[Callable[[Tx], object]], object]:
    return lambda work: writer.submit(work).result()


@pytest.fixture
def rows(writer: Writer, tmp_path: Path) -> Iterator[Rows]:
    connection = connect(tmp_path / "mall.db", read_only=True)
    yield Rows(connection)
    connection.close()
