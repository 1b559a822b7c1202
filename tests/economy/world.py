"""A real chain with the contracts, a real database, and the economy on both: what the settlement tests run on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from contracts.chain import Receipt
from contracts.deploy import Deployment, deploy
from contracts.keys import PrivateKey, derive_key
from contracts.local import LocalChain, evm  # noqa: F401  (py-evm raises the recursion limit when it is loaded)
from host.economy import funding, tables
from host.economy.follower import Followed, Follower, Write
from host.economy.settlement import Settlement
from host.storage import audit
from host.storage.database import connect
from host.storage.rows import Rows
from host.storage.tx import Tx
from host.storage.writer import Writer
from tests.economy.conftest import POOLS

T = TypeVar("T")
MASTER = b"economy tests, no secret".ljust(32)
OPERATOR = derive_key(MASTER, "operator")
FUNDER = derive_key(MASTER, "funder")
TREASURY = derive_key(MASTER, "treasury")
SUPPLY = 10**27


@dataclass
class World:
    """Everything one host has."""

    chain: LocalChain
    deployed: Deployment
    writer: Writer
    reader: sqlite3.Connection
    folder: Path

    @property
    def rows(self) -> Rows:
        """A reader that sees each commit."""
        return Rows(self.reader)

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Runs a unit of work."""
        return self.writer.submit(work).result()

    def settlement(
        self, *, write: Write | None = None, push_batch: int = 200, max_claims: int = 1000
    ) -> Settlement:
        """A settlement as after a start of the host."""
        return Settlement(
            write or self.write, self.rows, self.chain, self.deployed, OPERATOR, self.follow,
            push_batch=push_batch, max_claims=max_claims,
        )  # fmt: skip

    def follow(self) -> Followed:
        """Reads everything new from the chain."""
        follower = Follower(self.rows, self.deployed.block)
        handlers = [funding.handler(self.deployed.vault.address)]
        while (done := follower.advance(self.write, self.chain, handlers)).behind:
            pass
        return done

    def send(self, key: PrivateKey, contract: str, function: str, *arguments: object) -> Receipt:
        """One transaction of somebody, mined."""
        intent = self.deployed.contract(contract).intent("test", key.address, function, *arguments)
        signed = self.chain.sign(intent, self.chain.nonce(key.address), key)
        receipt = self.chain.receipt(self.chain.broadcast([signed.raw])[0])
        assert receipt is not None
        return receipt

    def fund(self, pool: int, wei: int, funder: PrivateKey = FUNDER) -> None:
        """The funder pays into a pool on the chain; the books hear of it by `follow`."""
        self.send(TREASURY, "LiveToken", "transfer", funder.address, wei)
        self.send(funder, "LiveToken", "approve", self.deployed.vault.address, wei)
        assert self.send(funder, "PrizeVault", "fund", pool, wei).status == 1

    def balance(self, address: str) -> int:
        """LIVE of an address on the chain, in wei."""
        return int(self.deployed.live.call(self.chain, "balanceOf", address))

    def close(self) -> None:
        """Ends the writer and the chain."""
        self.writer.close()
        self.chain.close()
        self.reader.close()


def open_database(
    folder: Path, clock: Callable[[], float] = lambda: 1_000_000.0
) -> tuple[Writer, sqlite3.Connection]:
    """The database in `folder`, made when missing."""
    path = folder / "mall.db"
    writer = Writer(path, [audit.MIGRATIONS, POOLS, tables.MIGRATIONS], lambda events: None, clock)
    return writer, connect(path, read_only=True)


def new_world(folder: Path, chain_path: Path | None = None) -> World:
    """A fresh chain with the contracts and a fresh database."""
    chain = LocalChain(chain_path, clock=lambda: 1_000_000.0)
    deployed = deploy(chain, OPERATOR, SUPPLY, TREASURY.address)
    return World(chain, deployed, *open_database(folder), folder)
