"""What a claim can be checked against besides the rules: its recording's mark, the ledger's postings, the chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Protocol

from contracts.abi import decode_event
from contracts.chain import Chain, Receipt
from contracts.deploy import Deployment
from host.economy import amounts, claims
from host.economy.models import Claim, ClaimRequest
from host.errors import MallError
from host.storage.rows import Rows
from host.storage.tx import Tx


class Noted(Protocol):
    """How far a recording was on the disk: its first `at` bytes, which `check` stands for; or the `problem`."""

    @property
    def at(self) -> int: ...

    @property
    def check(self) -> str: ...

    @property
    def problem(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proof. `ok` None: it cannot be said yet, as the claim has not come so far."""

    name: str
    ok: bool | None
    text: str


def note(tx: Tx, claim: int, mark: Noted) -> None:
    """Keep with a claim how far its session was recorded; a claim that is filed again keeps its first mark."""
    tx.execute(
        'insert or ignore into claim_evidence (claim, at, "check", problem) values (?, ?, ?, ?)',
        claim, mark.at, mark.check, mark.problem,
    )  # fmt: skip


def noted(rows: Rows, claim: int) -> tuple[int, str, str] | None:
    """What `note` kept: bytes, check, problem. None for a claim of a host that did not record."""
    if rows.value("select 1 from sqlite_master where name = 'claim_evidence'") is None:
        return None
    row = rows.one('select at, "check", problem from claim_evidence where claim = ?', claim)
    return None if row is None else (int(row["at"]), str(row["check"]), str(row["problem"]))


def sessions(rows: Rows) -> set[str]:
    """The sessions of claims that were not refused."""
    found = rows.all("select distinct session from claims where state != 'rejected'")
    return {str(row["session"]) for row in found}


def request_line(rows: Rows, claim: Claim, number: int, pool: str, player: int, amount: str) -> Line:
    """Whether the row of a claim is what the creation proposed: each value, and the digest of the whole request."""
    known = rows.value("select name from pools where id = ? and placement = ?", claim.pool, claim.placement)
    try:
        wei = amounts.parse(amount)
    except MallError as error:
        return Line("books", False, f"the creation asked for {amount!r}: {error.message}")
    for what, proposed, booked in (
        ("number", number, claim.number), ("pool", pool, known), ("player", player, claim.player),
        ("amount in wei", wei, claim.amount),
    ):  # fmt: skip
        if proposed != booked:
            return Line("books", False, f"{what}: the creation proposed {proposed}, the books say {booked}")
    request = ClaimRequest(claim.placement, claim.session, number, pool, player, claim.address, amount)
    digest = hashlib.sha256(json.dumps(astuple(request)).encode()).hexdigest()
    if digest != rows.value("select request from claims where id = ?", claim.id):
        return Line("books", False, "the digest of the request is another one")
    return Line("books", True, f"claim {number}: {amounts.show(wei)} of pool {pool!r} to player {player}")


def ledger_lines(rows: Rows, claim: Claim) -> Iterator[Line]:
    """Whether the ledger holds what the claim's state says."""
    if claim.state == "rejected":
        yield Line("ledger", True, f"refused ({claim.reason}): nothing may be booked")
        if _posting(rows, f"claim:{claim.id}:booked") and not _posting(rows, f"claim:{claim.id}:withdrawn"):
            yield Line("ledger", False, "a refused claim has a reservation")
        return
    wanted = {f"pool:{claim.pool}": -claim.amount, f"pool_reserved:{claim.pool}": claim.amount}
    yield _agrees("reserved", _posting(rows, f"claim:{claim.id}:booked"), wanted)
    if claim.state == "held":
        yield Line("settled", None, f"a person has to decide: {claim.detail}")
        return
    if claim.state == "booked":
        yield Line("settled", None, "it waits for the next epoch")
        return
    same = [one for one in claims.of_epoch(rows, claim.epoch) if one.player == claim.player]
    if claim.state == "settling":
        yield Line("settled", None, f"epoch {claim.epoch} is being settled")
        return
    total = sum(one.amount for one in same)
    settled = _posting(rows, f"epoch:{claim.epoch}:settled")
    yield _agrees("settled", settled, {f"player:{claim.player}": total})
    if claim.state == "settled":
        yield Line("paid", None, "it waits for its payment")


def chain_lines(rows: Rows, chain: Chain, deployed: Deployment, claim: Claim) -> Iterator[Line]:
    """Whether the chain paid a paid claim: the very transaction, and in all as much as the books say was paid.

    Raises:
        ChainError: the chain did not answer.
    """
    receipt = chain.receipt(claim.tx) if claim.tx else None
    if receipt is None or receipt.status != 1:
        yield Line("chain", False, f"the chain knows no payment {claim.tx or '(none is named)'}")
        return
    got = _transfers(receipt, deployed, claim.address)
    if got <= 0:
        yield Line("chain", False, f"transaction {claim.tx} pays nothing to {claim.address}")
        return
    yield Line("chain", True, f"block {receipt.block}: {amounts.show(got)} to {claim.address} in {claim.tx}")
    booked = sum(
        int(row["amount"])
        for row in rows.all("select amount from claims where address = ? and state = 'paid'", claim.address)
    )
    paid = int(deployed.distributor.call(chain, "claimed", claim.address))
    yield Line(
        "sum",
        paid >= booked,
        f"the chain has paid {amounts.show(paid)} to this address in all, the books say {amounts.show(booked)}",
    )


def _transfers(receipt: Receipt, deployed: Deployment, to: str) -> int:
    logs = [decode_event(log) for log in receipt.logs if log.address == deployed.live.address]
    ours = {"from": deployed.distributor.address, "to": to}
    return sum(
        int(str(event.args["value"]))
        for event in logs
        if event is not None and event.name == "Transfer" and ours.items() <= event.args.items()
    )


def _posting(rows: Rows, key: str) -> dict[str, int]:
    found = rows.all(
        "select account, amount from ledger_lines join ledger_postings on posting = id where key = ?", key
    )
    return {str(row["account"]): int(row["amount"]) for row in found}


def _agrees(name: str, posted: dict[str, int], wanted: dict[str, int]) -> Line:
    for account, amount in wanted.items():
        if posted.get(account) != amount:
            return Line(
                name,
                False,
                f"account {account} should have moved by {amount} wei, the ledger says {posted.get(account)}",
            )
    text = ", ".join(
        f"{account} {'+' if amount > 0 else ''}{amounts.show(amount)}" for account, amount in wanted.items()
    )
    return Line(name, True, text)
