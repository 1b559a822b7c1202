"""What the vault's events mean for the ledger: a pool was funded, or taken back by its funder.

The funder names a number on the chain; that number is our pool's id. Anybody may fund any pool: each funder has a
pool of its own in the vault (its id is made of funder and number), and all of them together back ours.
"""

from __future__ import annotations

from typing import cast

from contracts.bindings import pool_id
from contracts.chain import ChainEvent
from host.economy import claims, ledger
from host.economy.follower import Handler
from host.economy.models import Refusal
from host.errors import MallError
from host.events import PoolFunded
from host.storage.rows import Rows
from host.storage.tx import Tx

VAULT = "chain:vault:"
MAX_ID = 2**63 - 1


def handler(vault: str) -> Handler:
    """Books the events of the PrizeVault at `vault`."""
    return Handler(vault, book)


def book(tx: Tx, event: ChainEvent) -> None:
    """Book one event of the vault; others than the two about funding say nothing to the ledger here."""
    if event.name == "PoolFunded":
        _funded(tx, event)
    elif event.name == "PoolReturned":
        _returned(tx, event)


def vault_id(number: int) -> str:
    """A vault pool's id as text: 20 bytes of hex."""
    return f"0x{number:040x}"


def vault_pool(funder: str, pool: int) -> str:
    """The id in the vault of what `funder` pays into our pool `pool`."""
    return vault_id(pool_id(funder, pool))


def account_of(pool: int, vault_pool: str) -> str:
    """Whom the money of a vault pool belongs to: our pool, or nobody that we know."""
    return f"pool:{pool}" if pool else f"unassigned:{vault_pool}"


def holdings(rows: Rows) -> dict[str, int]:
    """What each vault pool holds by our books, in wei."""
    return {name[len(VAULT) :]: -amount for name, amount in ledger.balances(rows, VAULT).items()}


def _funded(tx: Tx, event: ChainEvent) -> None:
    known = vault_id(cast(int, event.args["poolId"]))
    funder, number = cast(str, event.args["funder"]), cast(int, event.args["number"])
    amount = cast(int, event.args["amount"])
    key = _key(event)
    if amount == 0 or ledger.find(tx, key) is not None:
        return
    pool = _pool(tx, known, funder, number)
    missing = -ledger.balance(tx, f"shortage:{pool}") if pool else 0
    repaid = min(missing, amount)
    lines = {VAULT + known: -amount, account_of(pool, known): amount - repaid, f"shortage:{pool}": repaid}
    ledger.post(tx, "pool.funded", key, {account: wei for account, wei in lines.items() if wei})
    tx.audit(funder, "pool.funded", f"pool:{pool}", vault_pool=known, wei=str(amount), tx=event.tx_hash)
    if pool:
        tx.emit(PoolFunded(at=tx.now, pool=pool, amount=amount, funder=funder))


def _pool(tx: Tx, known: str, funder: str, number: int) -> int:
    """Our pool's id for a vault pool, decided when it is seen first; 0 for a number that is no pool of ours."""
    row = tx.one("select pool from vault_pools where id = ?", known)
    if row is not None:
        return int(row["pool"])
    exists = 0 < number <= MAX_ID and tx.one("select 1 from pools where id = ?", number) is not None
    pool = number if exists else 0
    tx.insert("vault_pools", id=known, pool=pool, funder=funder)
    return pool


def _returned(tx: Tx, event: ChainEvent) -> None:
    known = vault_id(cast(int, event.args["poolId"]))
    amount, key = cast(int, event.args["amount"]), _key(event)
    if ledger.find(tx, key) is not None:
        return
    row = tx.one("select pool, funder from vault_pools where id = ?", known)
    if row is None:
        raise MallError(
            "funding.unknown_pool",
            f"The vault returned pool {known}, which was never seen funded: is this the database of this chain?",
            vault_pool=known,
        )
    pool = int(row["pool"])
    owner = account_of(pool, known)
    _free(tx, pool, amount - ledger.balance(tx, owner))
    short = max(0, amount - ledger.balance(tx, owner))
    lines = {VAULT + known: amount, owner: short - amount, f"shortage:{pool}": -short}
    ledger.post(tx, "pool.returned", key, {account: wei for account, wei in lines.items() if wei})
    tx.audit(
        str(row["funder"]), "pool.returned", f"pool:{pool}",
        reason="funding.short" if short else "", vault_pool=known, wei=str(amount), short=str(short), tx=event.tx_hash,
    )  # fmt: skip


def _free(tx: Tx, pool: int, missing: int) -> None:
    """Give back promises, newest first, until `missing` wei more are free or none is left that can be withdrawn."""
    if missing <= 0 or not pool:
        return
    refusal = Refusal(
        "reward.pool_returned", "The pool's money was taken back before the reward was settled."
    )
    rows = tx.all(
        "select id from claims where state in ('booked', 'held') and pool = ? order by id desc", pool
    )
    for row in rows:
        claim = claims.get(tx, int(row["id"]))
        claims.withdraw(tx, claim, refusal)
        missing -= claim.amount
        if missing <= 0:
            return


def _key(event: ChainEvent) -> str:
    return f"event:{event.block}:{event.tx_hash}:{event.log_index}"
