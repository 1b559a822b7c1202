"""Payments between the game, the page and the chain: asks players, shows bills, tells how they go on.

Runs in the host's loop; `host.wallets` is the desk in front of it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from contracts import typed
from contracts.address import hash_bytes
from host.accounts import codes, payments
from host.accounts.codes import CodeBook
from host.accounts.payments import Payment, Wanted
from host.commands import from_hex
from host.economy import amounts
from host.errors import MallError
from host.events import PaymentChanged
from host.gateway.gateway import Gateway
from host.kernel import Kernel
from host.storage.tx import Tx

PAGE: Final = "/wallet/pay"


@dataclass(frozen=True, slots=True)
class PayCode:
    """What the code of a payment stands for."""

    payment: int


class Bills:
    """The payments that players of this host are asked for.

    Args:
        book: codes, shared with what else they stand for.
        run: runs a function in the chain's thread.
        write: runs a unit of work.
        origin: where the host's pages are; raises MallError wallet.no_page where there are none.
    """

    def __init__(
        self,
        kernel: Kernel,
        gateway: Gateway,
        book: CodeBook[object],
        run: Callable[[Callable[[], Any]], Awaitable[Any]],
        write: Callable[[Callable[[Tx], Any]], Awaitable[Any]],
        origin: Callable[[], str],
    ) -> None:
        self._kernel = kernel
        self._gateway = gateway
        self._book = book
        self._run = run
        self._write = write
        self._origin = origin
        self._codes: dict[int, str] = {}
        kernel.bus.subscribe(PaymentChanged, self._changed)

    async def ask(self, wanted: Wanted) -> Payment:
        """Ask a player to pay or sign with the own wallet, which is the payer where none is named.

        Raises:
            MallError: payment.guest, payment.bad, payment.key_taken, payment.too_many, account.unknown.
        """
        account = self._kernel.accounts.get(self._kernel.rows, wanted.player)
        if account.guest:
            raise MallError(
                "payment.guest",
                "The host keeps this guest's wallet. Sign in with an own wallet to pay with it.",
            )
        since = await self._run(lambda: self._kernel.chain.head().number)
        asked = replace(wanted, payer=wanted.payer or account.address)
        made: Payment = await self._write(lambda tx: payments.ask(tx, asked, since))
        return made

    def joined(self, player: int) -> None:
        """Tell a player what there is to pay."""
        for found in payments.open_of(self._kernel.rows, player):
            self._tell(found)

    def ended(self, code: PayCode) -> None:
        """The time of a code is over."""
        self._codes.pop(code.payment, None)

    # the browser's side

    def bill(self, code: str, what: PayCode) -> dict[str, Any]:
        """What the page shows and hands to the wallet."""
        found, live = payments.get(self._kernel.rows, what.payment), self._kernel.deployment.live
        shown = {
            "kind": "pay", "code": codes.shown(code), "id": found.id, "state": found.state, "payer": found.payer,
            "receiver": found.receiver, "amount": _amount(found), "purpose": found.purpose, "until": found.until,
            "tx": found.tx, "reason": found.reason,
        }  # fmt: skip
        if found.typed:
            return {**shown, "typed": json.loads(found.typed)}
        data = live.encode("transfer", found.receiver, found.amount)
        return {**shown, "request": {
            "from": found.payer, "to": live.address, "data": "0x" + data.hex(), "value": "0x0",
            "chainId": hex(self._kernel.chain.chain_id),
        }}  # fmt: skip

    def state(self, what: PayCode) -> dict[str, Any]:
        """How far it is."""
        found = payments.get(self._kernel.rows, what.payment)
        return {"state": found.state, "tx": found.tx, "reason": found.reason}

    async def sent(self, what: PayCode, tx: str) -> dict[str, Any]:
        """The wallet says that it has sent this transaction."""
        hash_bytes(tx)
        found: Payment = await self._write(lambda unit: payments.sent(unit, what.payment, tx.lower()))
        return {"state": found.state, "tx": found.tx}

    async def signed(self, what: PayCode, signature: str) -> dict[str, Any]:
        """The wallet's signature of what is asked to sign.

        Raises:
            MallError: payment.bad_signature, payment.not_now.
        """
        found, given = payments.get(self._kernel.rows, what.payment), from_hex(signature)
        digest = bytes.fromhex(found.digest)
        if not await self._run(lambda: typed.verify(found.payer, digest, given, self._kernel.chain)):
            raise MallError(
                "payment.bad_signature",
                f"This is not a signature of {found.payer} under what was asked.",
                id=found.id,
            )
        after: Payment = await self._write(lambda unit: payments.signed(unit, found.id, given))
        return {"state": after.state}

    # the game's side

    def _changed(self, event: PaymentChanged) -> None:
        self._tell(payments.get(self._kernel.rows, event.payment))
        if event.after in ("paid", "signed", "over"):  # the page may still look until the code ends
            self._codes.pop(event.payment, None)

    def _tell(self, found: Payment) -> None:
        """Say where a payment stands; with a code and the page where the player can pay."""
        message = {
            "t": "pay", "id": found.id, "state": found.state, "text": _amount(found), "purpose": found.purpose,
            "to": found.receiver, "tx": found.tx, "reason": found.reason,
        }  # fmt: skip
        if found.state == "asked" and self._gateway.player(found.player) is not None:
            try:
                page = self._origin() + PAGE
                if found.id not in self._codes:
                    self._codes[found.id] = self._book.issue(PayCode(found.id), found.until)
                message |= {"show": codes.shown(self._codes[found.id]), "url": page}
            except MallError as error:
                message["reason"] = error.code
        self._gateway.send(found.player, message)


def _amount(found: Payment) -> str:
    """The amount for people; "" for a signature."""
    return amounts.show(found.amount) if found.amount else ""
