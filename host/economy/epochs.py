"""An epoch: which claims are settled together, what each pool gives, what each address has won in all.

It is planned without a transaction (trees take time) and then written in one; a plan that no longer fits is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.bindings import pack
from contracts.deploy import Deployment
from contracts.merkle import CumulativeTree
from host.economy import claims, funding, ledger, outbox
from host.economy.models import Claim
from host.errors import MallError
from host.storage.rows import Rows
from host.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Draw:
    """What an epoch takes out of one vault pool, in wei."""

    vault_pool: str
    amount: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address, what it has won in all and what of it is in its wallet, in wei."""

    address: str
    won: int
    paid: int


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction that is to be made: `addresses` are those that it pays."""

    step: str
    contract: str
    data: bytes
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An epoch before it is written."""

    number: int
    claims: tuple[Claim, ...]
    recipients: tuple[Recipient, ...]
    draws: tuple[Draw, ...]
    root: bytes
    digest: bytes
    calls: tuple[Call, ...]

    @property
    def total(self) -> int:
        """Wei that leave the vault."""
        return sum(draw.amount for draw in self.draws)


def last(rows: Rows) -> int:
    """The number of the last epoch that was closed; 0 before the first."""
    return int(rows.value("select max(number) from epochs") or 0)


def root_of(rows: Rows, epoch: int) -> int:
    """The root that an epoch puts in force, as a number; 0 where there is no such epoch."""
    return int(str(rows.value("select root from epochs where number = ?", epoch) or "0"), 16)


def plan(rows: Rows, deployed: Deployment, max_claims: int, batch: int) -> Plan | None:
    """The next epoch from what is booked, oldest first; None when there is nothing that the vault covers.

    Claims of a pool whose money left the vault stay booked until it is funded again.
    """
    chosen, draws = cover(claims.all_booked(rows, max_claims), _holdings_by_pool(rows), max_claims)
    if not chosen:
        return None
    recipients = _recipients(rows, chosen)
    tree = CumulativeTree({r.address: r.won for r in recipients})
    number, digest = last(rows) + 1, digest_of(chosen)
    words = [pack(int(draw.vault_pool, 16), draw.amount) for draw in draws]
    settle = deployed.vault.encode("settle", number, tree.root, digest, words)
    calls = [Call("settle", deployed.vault.address, settle, ())]
    for index, start in enumerate(range(0, len(recipients), batch)):
        addresses = tuple(r.address for r in recipients[start : start + batch])
        data = _push_data(deployed, tree, addresses)
        calls.append(Call(f"push:{index}", deployed.distributor.address, data, addresses))
    return Plan(number, chosen, recipients, draws, tree.root, digest, tuple(calls))


def _push_data(deployed: Deployment, tree: CumulativeTree, addresses: Sequence[str]) -> bytes:
    many = tree.multiproof(addresses)
    return deployed.distributor.encode("claimMany", many.entries, many.proof, many.flag_words)


def cover(
    wanted: Iterable[Claim], held: Mapping[int, Mapping[str, int]], limit: int
) -> tuple[tuple[Claim, ...], tuple[Draw, ...]]:
    """At most `limit` claims that the vault pools of their pool can pay, and what each gives: fullest first.

    Args:
        held: per pool, what each of its vault pools holds.
    """
    room = {pool: sum(holdings.values()) for pool, holdings in held.items()}
    chosen: list[Claim] = []
    due: dict[int, int] = defaultdict(int)
    for claim in wanted:
        if due[claim.pool] + claim.amount <= room.get(claim.pool, 0):
            due[claim.pool] += claim.amount
            chosen.append(claim)
            if len(chosen) == limit:
                break
    draws: list[Draw] = []
    for pool, rest in due.items():
        for vault_pool, amount in sorted(held.get(pool, {}).items(), key=lambda item: (-item[1], item[0])):
            taken = min(rest, amount)
            rest -= taken
            if taken:
                draws.append(Draw(vault_pool, taken))
    return tuple(chosen), tuple(draws)


def digest_of(settled: Sequence[Claim]) -> bytes:
    """SHA-256 of the epoch's claims as canonical JSON, which the vault logs: proof of what the draws paid for."""
    facts = [[c.id, c.placement, c.pool, c.player, c.address, str(c.amount)] for c in settled]
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).digest()


def close(tx: Tx, chosen: Plan, deployed: Deployment) -> None:
    """Write the planned epoch: its claims are settling, its calls wait in the outbox.

    Raises:
        MallError: settlement.epoch_open, claim.bad_move (the plan is out of date: plan again).
    """
    if outbox.open_step(tx) is not None or last(tx) + 1 != chosen.number:
        raise MallError(
            "settlement.epoch_open", f"Epoch {chosen.number} cannot be closed now: another is open."
        )
    tx.insert(
        "epochs", number=chosen.number, state="settling", root=chosen.root.hex(), digest=chosen.digest.hex(),
        total=str(chosen.total), closed_at=tx.now,
    )  # fmt: skip
    for recipient in chosen.recipients:
        tx.execute(
            "insert into recipients (address, won, paid) values (?, ?, '0')"
            " on conflict (address) do update set won = excluded.won",
            recipient.address, str(recipient.won),
        )  # fmt: skip
    won = {recipient.address: recipient.won for recipient in chosen.recipients}
    for call in chosen.calls:
        outbox.add(
            tx,
            chain=deployed.chain_id,
            contract=call.contract,
            epoch=chosen.number,
            step=call.step,
            data=call.data,
        )
        for address in call.addresses:
            tx.insert(
                "epoch_entries", epoch=chosen.number, address=address, won=str(won[address]), step=call.step
            )
    for draw in chosen.draws:
        tx.insert("epoch_draws", epoch=chosen.number, vault_pool=draw.vault_pool, amount=str(draw.amount))
    for claim in chosen.claims:
        claims.advance(tx, claims.get(tx, claim.id), "settling", epoch=chosen.number)
    tx.audit(
        "host", "epoch.closed", f"epoch:{chosen.number}",
        after="settling", claims=len(chosen.claims), wei=str(chosen.total), root=chosen.root.hex(),
    )  # fmt: skip


def book_settled(tx: Tx, epoch: int, tx_hash: str) -> None:
    """The vault has given: what the pools had promised is now owed by the distributor."""
    lines: dict[str, int] = defaultdict(int)
    for draw in draws_of(tx, epoch):
        lines[funding.VAULT + draw.vault_pool] += draw.amount
        lines["chain:distributor"] -= draw.amount
    for claim in claims.of_epoch(tx, epoch):
        lines[f"pool_reserved:{claim.pool}"] -= claim.amount
        lines[f"player:{claim.player}"] += claim.amount
        claims.advance(tx, claim, "settled")
    ledger.post(tx, "epoch.settled", f"epoch:{epoch}:settled", lines)
    _enter(tx, epoch, "settling", "pushing", tx_hash)


def book_pushed(tx: Tx, step: outbox.Step, payers: Mapping[str, str]) -> None:
    """The distributor has paid: nothing is owed to these players any more.

    Args:
        payers: the transaction that paid each address.
    """
    entries = tx.all(
        "select address, won from epoch_entries where epoch = ? and step = ?", step.epoch, step.step
    )
    won = {str(row["address"]): str(row["won"]) for row in entries}
    lines: dict[str, int] = defaultdict(int)
    for row in tx.all("select id, address from claims where state = 'settled' order by id"):
        if row["address"] not in won:
            continue
        claim = claims.get(tx, int(row["id"]))
        lines[f"player:{claim.player}"] -= claim.amount
        lines["chain:distributor"] += claim.amount
        claims.advance(tx, claim, "paid", paid_by=payers[claim.address])
    ledger.post(tx, "epoch.paid", step.key, lines)
    for address, amount in won.items():
        tx.execute("update recipients set paid = ? where address = ?", amount, address)
    if outbox.done(tx, step.epoch):
        _enter(tx, step.epoch, "pushing", "paid", step.tx_hash)


def abandon(tx: Tx, actor: str, reason: str) -> int:
    """Give up an epoch that the vault has refused or would refuse; its claims are booked again. Answers its number.

    For a cause that cannot be removed, such as a pool that its funder took back. A refused transaction can never be
    mined again (`Settlement.give_up` makes sure of that), so the epoch's number is free for the next plan.

    Raises:
        MallError: settlement.not_refused.
    """
    step = outbox.open_step(tx)
    if (
        step is None
        or step.step != "settle"
        or step.code not in ("settlement.reverted", "settlement.refused")
    ):
        raise MallError(
            "settlement.not_refused", "No epoch was refused by the vault: there is nothing to give up."
        )
    settling = claims.of_epoch(tx, step.epoch)
    for claim in settling:
        known = _recipient(tx, claim.address)
        tx.execute(
            "update recipients set won = ? where address = ?", str(known.won - claim.amount), claim.address
        )
        claims.advance(tx, claim, "booked", epoch=0)
    outbox.remove(tx, step.epoch)
    for table in ("epoch_entries", "epoch_draws"):
        tx.execute(f"delete from {table} where epoch = ?", step.epoch)  # noqa: S608
    tx.execute("delete from epochs where number = ?", step.epoch)
    tx.audit(
        actor, "epoch.abandoned", f"epoch:{step.epoch}",
        before="settling", reason=reason, claims=len(settling), tx=step.tx_hash, refusal=step.reason,
    )  # fmt: skip
    return step.epoch


def split(tx: Tx, step: outbox.Step, deployed: Deployment, reason: str) -> None:
    """Make two pushes of one that needs more gas than a transaction may use.

    Raises:
        MallError: settlement.not_splittable when it pays one address.
    """
    addresses = sorted(recipients_of(tx, step))
    if step.step == "settle" or len(addresses) < 2:
        raise MallError("settlement.not_splittable", f"{step.key} cannot be made smaller: {reason}.")
    outbox.close_split(tx, step, reason)
    tree, half = tree_of(tx, step.epoch), len(addresses) // 2
    for index, part in enumerate((addresses[:half], addresses[half:])):
        name = f"{step.step}.{index}"
        data = _push_data(deployed, tree, part)
        outbox.add(tx, chain=step.chain, contract=step.contract, epoch=step.epoch, step=name, data=data)
        for address in part:
            tx.execute(
                "update epoch_entries set step = ? where epoch = ? and address = ?", name, step.epoch, address
            )


def draws_of(rows: Rows, epoch: int) -> list[Draw]:
    """What an epoch takes out of each vault pool."""
    found = rows.all("select vault_pool, amount from epoch_draws where epoch = ?", epoch)
    return [Draw(str(row["vault_pool"]), int(row["amount"])) for row in found]


def recipients_of(rows: Rows, step: outbox.Step) -> set[str]:
    """The addresses that a push pays."""
    found = rows.all("select address from epoch_entries where epoch = ? and step = ?", step.epoch, step.step)
    return {str(row["address"]) for row in found}


def in_force(rows: Rows) -> int:
    """The epoch whose root the distributor has; 0 before the first was settled."""
    return int(rows.value("select max(number) from epochs where state != 'settling'") or 0)


def addresses_of(rows: Rows, epoch: int) -> list[str]:
    """Who has a leaf in an epoch's tree."""
    found = rows.all("select address from epoch_entries where epoch = ? order by address", epoch)
    return [str(row["address"]) for row in found]


def tree_of(rows: Rows, epoch: int) -> CumulativeTree:
    """The tree whose root an epoch has put in force, so that anybody can be given a proof."""
    found = rows.all("select address, won from epoch_entries where epoch = ?", epoch)
    return CumulativeTree({str(row["address"]): int(row["won"]) for row in found})


def _enter(tx: Tx, epoch: int, before: str, after: str, tx_hash: str) -> None:
    tx.execute("update epochs set state = ? where number = ?", after, epoch)
    tx.audit("host", "epoch.moved", f"epoch:{epoch}", before=before, after=after, tx=tx_hash)


def _holdings_by_pool(rows: Rows) -> dict[int, dict[str, int]]:
    held = funding.holdings(rows)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows.all("select id, pool from vault_pools where pool != 0"):
        found[int(row["pool"])][str(row["id"])] = held.get(str(row["id"]), 0)
    return found


def _recipients(rows: Rows, chosen: Sequence[Claim]) -> tuple[Recipient, ...]:
    """Everybody who has something to get after this epoch; who is paid in full needs no leaf."""
    due: dict[str, Recipient] = {}
    for row in rows.all("select address, won, paid from recipients where won != paid"):
        due[str(row["address"])] = Recipient(str(row["address"]), int(row["won"]), int(row["paid"]))
    for claim in chosen:
        known = due.get(claim.address) or _recipient(rows, claim.address)
        due[claim.address] = Recipient(claim.address, known.won + claim.amount, known.paid)
    return tuple(due[address] for address in sorted(due))


def _recipient(rows: Rows, address: str) -> Recipient:
    row = rows.one("select won, paid from recipients where address = ?", address)
    return Recipient(address, int(row["won"]), int(row["paid"])) if row else Recipient(address, 0, 0)
