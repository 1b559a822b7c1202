"""A host with land, packages and placements, on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from host import notices
from host.accounts import store as accounts
from host.accounts.models import CREATOR, MODERATOR, PLAYER, Actor
from host.events import Event
from host.land import store as land_tables
from host.land.models import TitleMoved, UseGranted
from host.land.rules import LAST
from host.land.service import Land
from host.packages import store as package_tables
from host.packages.models import Release
from host.packages.service import Packages
from host.placements import fault_store, store
from host.placements.models import Placement
from host.placements.service import Placements
from host.storage import audit
from host.storage.database import connect, migrate
from host.storage.tx import Tx
from tests.packages.making import KEYS, lua_check, signed

T = TypeVar("T")
SETS = [
    audit.MIGRATIONS,
    accounts.MIGRATIONS,
    land_tables.MIGRATIONS,
    package_tables.MIGRATIONS,
    store.MIGRATIONS,
    fault_store.MIGRATIONS,
    notices.MIGRATIONS,
]


def actor(number: int, name: str, *roles: str) -> Actor:
    return Actor(number, name, KEYS[name].address, frozenset(roles))


ADA = actor(1, "ada", PLAYER, CREATOR)
BOB = actor(2, "bob", PLAYER)
EVE = actor(3, "eve", PLAYER)
MOD = Actor(4, "mod", "0x" + "00" * 19 + "04", frozenset({PLAYER, MODERATOR}))
MOD2 = Actor(5, "mod2", "0x" + "00" * 19 + "05", frozenset({PLAYER, MODERATOR}))
REWARD = frozenset({"reward.claim"})


class World:
    """`ada` signs, `bob` holds all land, `eve` holds none."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.connection = connect(folder / "mall.db")
        self.connection.execute("pragma synchronous = off")  # durability is the writer's, tested there
        migrate(self.connection, SETS)
        self.land = Land()
        self.packages = Packages(folder / "blobs", lua_check)
        self.placements = Placements(self.packages, self.land)
        self.events: list[Event] = []
        self.do(lambda tx: self.land.apply(tx, TitleMoved(0, LAST, BOB.address)))

    @property
    def tx(self) -> Tx:
        return Tx(self.connection, self.now)

    def do(self, work: Callable[[Tx], T]) -> T:
        """Run a unit of work as the writer does: whole or not at all."""
        tx = self.tx
        self.connection.execute("savepoint work")
        try:
            result = work(tx)
        except BaseException:
            self.connection.execute("rollback to work")
            raise
        finally:
            self.connection.execute("release work")
        self.events += tx.events
        return result

    def release(self, *, approved: bool = True, **changes: Any) -> Release:
        inspected = self.packages.inspect(signed(**changes))
        made = self.do(lambda tx: self.packages.submit(tx, ADA, inspected))
        return self.do(lambda tx: self.packages.approve(tx, MOD, made.id)) if approved else made

    def request(self, release: Release, tierra: int = 5, **more: Any) -> Placement:
        return self.do(lambda tx: self.placements.request(tx, BOB, release.id, tierra, **more))

    def enabled(self, release: Release, tierra: int = 5, **more: Any) -> Placement:
        place = self.request(release, tierra, **more)
        return self.do(lambda tx: self.placements.enable(tx, MOD, place.id, REWARD))

    def rent(self, first: int, last: int, user: str, until: int) -> None:
        self.do(lambda tx: self.land.apply(tx, UseGranted(first, last, user, until)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.connection.close()
