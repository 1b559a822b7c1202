"""Guests go over to an own wallet: the account at once, what the host-kept wallet holds as a durable job.

    begin (one unit of work: account and job) -> sign step -> store -> send -> final -> next step ... -> done

A step is one transaction of the old wallet, and one is open at a time. Its signed bytes are stored before they are
sent and only these are sent again, so a kill between any two loses nothing and moves nothing twice; what is left to
move is read from the chain each time. Nobody but the host's key can send from the old wallet, so its nonces are ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from contracts.chain import Chain, ChainEvent, Intent, SignedTx
from contracts.deploy import Deployment
from contracts.errors import ChainError
from contracts.keys import PrivateKey
from host.accounts import store
from host.accounts.addresses import checked
from host.accounts.models import Account
from host.economy import amounts
from host.economy.follower import Write
from host.errors import MallError
from host.events import WalletMoved
from host.land import store as land_store
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

log = logging.getLogger(__name__)
MOVE_FLOW: Final[dict[str, tuple[str, ...]]] = {"open": ("done",), "done": ("open",)}
"""Done opens again when something arrives at the old wallet later, as a reward that was booked for it."""
STEP_FLOW: Final[dict[str, tuple[str, ...]]] = {"signed": ("final", "refused"), "final": (), "refused": ()}
STEPS_A_ROUND: Final = 64


@dataclass(frozen=True, slots=True)
class Move:
    """One wallet of a guest on its way to another.

    Attributes:
        account: of the guest.
        label: of the host-kept key; source is its address.
        reason: why it waits, "" else.
    """

    id: int
    account: int
    label: str
    source: str
    target: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of a move."""

    id: int
    move: int
    what: str
    nonce: int
    raw: bytes
    tx_hash: str
    state: str
    block: int


def begin(tx: Tx, guest: Account, wallet: str) -> Account:
    """Give a guest's account an own wallet; or, where that wallet has an account, hand everything over to that one.

    The caller has proved that `wallet` signed in, and the guest said yes. Returns whose account the person has now.

    Raises:
        MallError: wallet.no_guest when the account has an own wallet already.
    """
    target = checked(wallet)
    if not guest.guest or tx.one("select 1 from wallet_moves where source = ?", guest.address):
        raise MallError(
            "wallet.no_guest", f"{guest.name} has gone over to an own wallet already. Sign in with it."
        )
    own = store.by_address(tx, target)
    tx.insert(
        "wallet_moves", account=guest.id, label=guest.wallet, source=guest.address, target=target, state="open",
        reason="", created=tx.now,
    )  # fmt: skip
    if own is None:
        store.set_wallet(tx, guest.id, target)
    else:
        store.drop_tokens(tx, guest.id)
    after = own or store.by_id(tx, guest.id)
    assert after is not None
    tx.audit(
        guest.actor.ref,
        "account.wallet",
        guest.actor.ref,
        before=guest.address,
        after=target,
        account=after.id,
    )
    tx.emit(WalletMoved(at=tx.now, account=after.id, guest=guest.id, source=guest.address, target=target))
    return after


def arrived(tx: Tx, event: ChainEvent) -> None:
    """LIVE or a title came to an old wallet after its move was done: go on."""
    to = event.args.get("to") or event.args.get("toAddress")
    if to and tx.execute("update wallet_moves set state = 'open' where source = ? and state = 'done'", to):
        tx.audit(
            "host", "account.wallet_again", f"wallet:{to}", before="done", after="open", tx=event.tx_hash
        )


def waiting(rows: Rows) -> list[Move]:
    """Moves that are not done, oldest first."""
    return [_move(row) for row in rows.all("select * from wallet_moves where state = 'open' order by id")]


class Mover:
    """Carries moves out; call `advance` from the chain's thread only.

    Args:
        write: runs a unit of work and waits for it. rows: sees each commit.
        key: the host-kept key of a label.
    """

    def __init__(
        self, write: Write, rows: Rows, chain: Chain, deployed: Deployment, key: Callable[[str], PrivateKey]
    ) -> None:
        self._write = write
        self._rows = rows
        self._chain = chain
        self._deployed = deployed
        self._key = key

    def advance(self) -> None:
        """Do what can be done now. A move that cannot go on says why in its row and stops no other."""
        for move in waiting(self._rows):
            try:
                reason = self._advance(move)
            except ChainError as error:
                reason = str(error)
            if reason != move.reason:
                if reason:
                    log.warning("the move of wallet %s waits: %s", move.source, reason)
                self._write(partial(_note, move=move.id, reason=reason))

    def _advance(self, move: Move) -> str:
        """Steps of one move; why it has to wait, "" when it is done."""
        for _ in range(STEPS_A_ROUND):
            step = self._open_step(move)
            if step is not None:
                waits = self._send(step)
                if waits:
                    return waits
                continue
            planned = self._plan(move)
            if planned is None:
                return self._finish(move)
            refusals = self._refusals(move, planned[0])
            if refusals >= 3:
                return f"{planned[0]} was refused {refusals} times by its contract"
            self._sign(move, *planned)
        return "more steps follow"

    def _plan(self, move: Move) -> tuple[str, Intent] | None:
        """The next thing that the old wallet still holds."""
        live, tierra = self._deployed.live, self._deployed.tierra
        wei = int(live.call(self._chain, "balanceOf", move.source))
        key = f"move:{move.id}"
        if wei:
            return f"LIVE {wei}", live.intent(key, move.source, "transfer", move.target, wei)
        for title in land_store.titles_of(self._rows, move.source):
            for number in range(title.first, title.last + 1):
                # The database may be a block behind the chain.
                if tierra.call(self._chain, "ownerOf", number) == move.source:
                    what = f"Tierra {number}"
                    return what, tierra.intent(
                        key, move.source, "transferFrom", move.source, move.target, number
                    )
        return None

    def _sign(self, move: Move, what: str, intent: Intent) -> None:
        key = self._key(move.label)
        signed: SignedTx = self._chain.sign(intent, self._chain.nonce(move.source), key)

        def keep(tx: Tx) -> None:
            if _unfinished(tx, move.id) is not None:
                raise MallError("wallet.step_moved", "Two hosts move the same wallet. Run one.", move=move.id)
            tx.insert(
                "move_steps", move=move.id, what=what, nonce=signed.nonce, raw=signed.raw, tx_hash=signed.tx_hash,
                state="signed", block=0,
            )  # fmt: skip

        self._write(keep)

    def _send(self, step: Step) -> str:
        """Send the stored bytes until they are final; why it has to wait, "" when it need not."""
        receipt = self._chain.receipt(step.tx_hash)
        if receipt is None:
            if self._chain.nonce(self._source(step)) > step.nonce:
                return f"nonce {step.nonce} was used by another transaction: has this data folder a twin?"
            self._chain.broadcast([step.raw])
            receipt = self._chain.receipt(step.tx_hash)
        if receipt is None or not receipt.finalized:
            return "sent; the chain has not made it final yet"
        state, block = ("final" if receipt.status == 1 else "refused"), receipt.block

        def keep(tx: Tx) -> None:
            tx.execute(
                "update move_steps set state = ?, block = ? where id = ? and state = 'signed'",
                state,
                block,
                step.id,
            )
            tx.audit(
                "host",
                f"account.wallet_{state}",
                f"wallet:{self._source(step)}",
                reason=step.what,
                tx=step.tx_hash,
            )

        self._write(keep)
        return ""

    def _finish(self, move: Move) -> str:
        owed = self._rows.one(
            "select count(*) n from claims where address = ? and state not in ('paid', 'rejected')",
            move.source,
        )
        if owed is not None and owed["n"]:
            return f"{owed['n']} rewards are on their way to the old wallet"
        self._write(lambda tx: tx.execute("update wallet_moves set state = 'done' where id = ?", move.id))
        return ""

    def _open_step(self, move: Move) -> Step | None:
        return _unfinished(self._rows, move.id)

    def _refusals(self, move: Move, what: str) -> int:
        return int(self._rows.value(
            "select count(*) from move_steps where move = ? and what = ? and state = 'refused'", move.id, what
        ))  # fmt: skip

    def _source(self, step: Step) -> str:
        return str(self._rows.value("select source from wallet_moves where id = ?", step.move))


def holdings(chain: Chain, deployed: Deployment, address: str) -> dict[str, object]:
    """What a guest's wallet would bring along: LIVE ready to show, and how many titles."""
    wei = int(deployed.live.call(chain, "balanceOf", address))
    return {"live": amounts.show(wei), "titles": int(deployed.tierra.call(chain, "balanceOf", address))}


def _note(tx: Tx, move: int, reason: str) -> None:
    tx.execute("update wallet_moves set reason = ? where id = ?", reason, move)


def _unfinished(rows: Rows, move: int) -> Step | None:
    row = rows.one("select * from move_steps where move = ? and state = 'signed'", move)
    return None if row is None else Step(**{name: row[name] for name in Step.__slots__})


def _move(row: Row) -> Move:
    return Move(**{name: row[name] for name in Move.__slots__})
