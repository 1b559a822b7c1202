"""Guests go over to an own wallet: the account at once, what the host-kept wallet holds as a durable job.

    begin (one unit of work: account and job) -> order a step -> sent, final -> order the next ... -> done

Steps go through the outbox, so a kill between any two loses nothing and moves nothing twice; what is left to move is
read from the chain each time. LIVE is drawn by the treasury under a permit (EIP-2612) that the old wallet signs, so
guests need no coin for gas. Titles know no permit: the old wallet sends them itself, which on a chain that asks for gas
waits until somebody has given it some.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from contracts.bindings import Contract
from contracts.chain import Chain, ChainEvent
from contracts.deploy import Deployment
from contracts.errors import ChainError, ChainRevert
from contracts.keys import PrivateKey
from contracts.typed import Domain, Typed, Types, sign_digest
from host.accounts import editions, store
from host.accounts.addresses import checked
from host.accounts.models import Account
from host.economy import amounts, outbox
from host.economy.follower import Write
from host.economy.sends import Sends
from host.errors import MallError
from host.events import WalletMoved
from host.land import store as land_store
from host.land.rules import mall_range
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

log = logging.getLogger(__name__)
MOVE_FLOW: Final[dict[str, tuple[str, ...]]] = {"open": ("done",), "done": ("open",)}
"""Done opens again when something arrives at the old wallet later, as a reward that was booked for it."""
REFUSALS: Final = 5
"""Steps of one move that may be refused before it waits for an operator."""
TITLES: Final = ("Tierra", "Mall", "Island", "Resource")
"""Contracts whose titles go along; an old deployment may lack some."""
DEEDS: Final = {"mall": "Mall", "island": "Island"}
FOREVER: Final = 2**256 - 1
PERMIT: Final[Types] = {
    "Permit": (
        ("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256"),
        ("deadline", "uint256"),
    ),
}  # fmt: skip


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
class Planned:
    """A call that brings a move on."""

    sender: str
    contract: str
    data: bytes


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
        sends: carries the treasury's steps to the chain and to their finality.
        treasury: who draws LIVE and pays the gas for it.
        key: the host-kept key of a label.
    """

    def __init__(
        self,
        write: Write,
        rows: Rows,
        chain: Chain,
        deployed: Deployment,
        sends: Sends,
        treasury: str,
        key: Callable[[str], PrivateKey],
    ) -> None:
        self._write = write
        self._rows = rows
        self._chain = chain
        self._deployed = deployed
        self._sends = sends
        self._treasury = treasury
        self._key = key
        self._olds: dict[str, Sends] = {}

    def advance(self) -> None:
        """Do what can be done now. A move that cannot go on says why in its row and stops no other."""
        for move in waiting(self._rows):
            try:
                reason = self._advance(move)
            except ChainError as error:
                reason = str(error)
            if reason != move.reason:
                if reason:
                    log.info("the move of wallet %s waits: %s", move.source, reason)
                self._write(partial(_note, move=move.id, reason=reason))

    def _advance(self, move: Move) -> str:
        """Order what comes next; why it waits, "" when it is done."""
        titles = self._titles(move)
        while True:
            states = outbox.own_states(self._rows, _prefix(move))
            if states and states[-1] not in outbox.OWN_ENDED:
                if not (self._sends.carry_on() or self._old(move).carry_on()):
                    return "a step is on its way to the chain"
                continue
            if len(states) - states.count("final") >= REFUSALS:
                return f"{REFUSALS} steps were refused; see `mall chain status`"
            planned = self._coins(move) or next(titles, None)
            if planned is None:
                return self._finish(move)
            name = f"{_prefix(move)}{len(states)}"
            self._write(partial(
                self._sends.order, name=name, sender=planned.sender, contract=planned.contract, data=planned.data
            ))  # fmt: skip

    def _old(self, move: Move) -> Sends:
        """Sends what the old wallet itself must send; apart, so that one without coin for gas holds up no other."""
        if move.source not in self._olds:
            signer = {move.source: self._key(move.label)}
            self._olds[move.source] = Sends(self._write, self._rows, self._chain, self._deployed, signer)
        return self._olds[move.source]

    def _coins(self, move: Move) -> Planned | None:
        """What brings on the LIVE that the old wallet still holds."""
        live = self._deployed.live
        wei = int(live.call(self._chain, "balanceOf", move.source))
        if wei and int(live.call(self._chain, "allowance", move.source, self._treasury)) < wei:
            return Planned(self._treasury, live.address, self._permit(move, live, wei))
        if wei:
            return Planned(
                self._treasury, live.address, live.encode("transferFrom", move.source, move.target, wei)
            )
        return None

    def _titles(self, move: Move) -> Iterator[Planned]:
        """The transfers of what the old wallet still holds: Malls and Islands as wholes, Tierra, editions.

        Each comes again until it has left the wallet, so none is asked about twice after that.
        """
        source, fused = move.source, set[int]()
        for kind, number in land_store.deeds_of(self._rows, source):
            yield from self._transfer(move, DEEDS[kind], number)
            if kind == "mall":
                first, last = mall_range(number)
                fused.update(range(first, last + 1))
        for title in land_store.titles_of(self._rows, source):
            for number in range(title.first, title.last + 1):
                if number not in fused:
                    yield from self._transfer(move, "Tierra", number)
        for number in editions.of(self._rows, source):
            yield from self._transfer(move, "Resource", number)

    def _transfer(self, move: Move, name: str, number: int) -> Iterator[Planned]:
        contract = self._deployed.contract(name)
        # The database may be a block behind the chain.
        while self._owner(contract, number) == move.source:
            data = contract.encode("transferFrom", move.source, move.target, number)
            yield Planned(move.source, contract.address, data)

    def _owner(self, contract: Contract, number: int) -> str:
        try:
            return str(contract.call(self._chain, "ownerOf", number))
        except ChainRevert:
            return ""  # a Mall that was taken apart since

    def _permit(self, move: Move, live: Contract, wei: int) -> bytes:
        nonce = int(live.call(self._chain, "nonces", move.source))
        message = {
            "owner": move.source, "spender": self._treasury, "value": wei, "nonce": nonce, "deadline": FOREVER,
        }  # fmt: skip
        asked = Typed(Domain("LIVE", "1", self._chain.chain_id, live.address), PERMIT, "Permit", message)
        signature = sign_digest(self._key(move.label), asked.digest)
        return live.encode(
            "permit",
            move.source,
            self._treasury,
            wei,
            FOREVER,
            signature[64],
            signature[:32],
            signature[32:64],
        )

    def _finish(self, move: Move) -> str:
        owed = self._rows.value(
            "select count(*) from claims where address = ? and state not in ('paid', 'rejected')", move.source
        )
        if owed:
            return f"{owed} rewards are on their way to the old wallet"
        self._write(lambda tx: tx.execute("update wallet_moves set state = 'done' where id = ?", move.id))
        self._olds.pop(move.source, None)
        return ""


def holdings(chain: Chain, deployed: Deployment, address: str) -> dict[str, object]:
    """What a guest's wallet would bring along: LIVE ready to show, and how many titles."""
    wei = int(deployed.live.call(chain, "balanceOf", address))
    contracts = [deployed.contract(name) for name in TITLES if name in deployed.contracts]
    titles = sum(int(contract.call(chain, "balanceOf", address)) for contract in contracts)
    return {"live": amounts.show(wei), "titles": titles}


def _prefix(move: Move) -> str:
    return f"move:{move.id}:"


def _note(tx: Tx, move: int, reason: str) -> None:
    tx.execute("update wallet_moves set reason = ? where id = ?", reason, move)


def _move(row: Row) -> Move:
    return Move(**{name: row[name] for name in Move.__slots__})
