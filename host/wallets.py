"""Own wallets, between the game, the browser and the chain: signing in, going over from a guest's wallet, paying.

Runs in the host's loop. The browser's side are the verbs, which the pages of `host.web` ask over the control socket;
the game's side are the control messages `sign_in` and `pay`. Questions to the chain go to the chain's own thread.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from contracts import siwe
from contracts.errors import ChainError
from host import pages
from host.accounts import codes, moves, rules
from host.accounts.codes import CodeBook
from host.accounts.models import Account
from host.accounts.pace import Paces, network
from host.accounts.payments import Payment, Wanted
from host.accounts.signin import LIFE_S, Place, SignIn, SignIns
from host.bills import Bills, PayCode
from host.commands import checked_arguments, from_hex
from host.economy import amounts
from host.errors import MallError
from host.events import LiveMoved, PaymentChanged
from host.gateway.gateway import Gateway
from host.gateway.lobby import Hello, PlayerRef
from host.kernel import Kernel, from_chain
from host.storage.tx import Tx

Tell = Callable[[Mapping[str, Any]], object]
ASKS: Final = (1 / 20, 8.0)
"""Codes that one network address or player may ask for: a second, and at once."""


class Wallets:
    """The desk for own wallets.

    Args:
        run: runs a function in the chain's thread.
        write: runs a unit of work.
        later: starts work beside the tick.
        changed: told a player whose wallet's balance may be another.
    """

    def __init__(
        self,
        kernel: Kernel,
        gateway: Gateway,
        run: Callable[[Callable[[], Any]], Awaitable[Any]],
        write: Callable[[Callable[[Tx], Any]], Awaitable[Any]],
        later: Callable[[Any], None],
        changed: Callable[[int], None],
    ) -> None:
        self._kernel = kernel
        self._gateway = gateway
        self._run = run
        self._write = write
        self._later = later
        self._changed = changed
        self._book: CodeBook[object] = CodeBook()
        self._sign_ins = SignIns(self._book)
        self._asks = Paces(*ASKS)
        self._callers = itertools.count(1)
        self._tells: dict[str, Tell] = {}
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._players: dict[str, int] = {}
        self._bills = Bills(kernel, gateway, self._book, run, write, lambda: self._place().origin)
        gateway.handle("sign_in", self._live_said)
        kernel.bus.subscribe(PaymentChanged, lambda event: self._changed(event.player))
        kernel.bus.subscribe(LiveMoved, self._live_moved)

    # the game's side: before the welcome

    async def sign_in(self, hello: Hello) -> Account:
        """The account of who signs in with an own wallet, however long they take; a new one where there is none.

        Raises:
            MallError: wallet.*, account.bad_name.
        """
        name = rules.display_name(hello.name) if hello.name else ""
        asker = f"call:{next(self._callers)}"
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[asker] = answer
        self._tells[asker] = hello.caller.tell
        hello.caller.listener = lambda fields: self._said(asker, fields)
        try:
            self._ask(asker, 0, name, network(hello.caller.peer))
            wallet = await answer
        finally:
            hello.caller.listener = None
            self._forget(asker)
        shown = name or f"{wallet[:6]}…{wallet[-4:]}"
        account: Account = await self._write(
            lambda tx: self._kernel.accounts.ensure_account(tx, wallet, shown)
        )
        return account

    # the game's side: guests in the city

    def joined(self, player: PlayerRef) -> None:
        """Tell a player what there is to pay."""
        self._players[player.wallet] = player.id
        self._bills.joined(player.id)

    def on_left(self, player: PlayerRef, reason: str) -> None:
        """A sign-in ends with its connection."""
        self._players.pop(player.wallet, None)
        self._forget(f"player:{player.id}")

    def _live_moved(self, event: LiveMoved) -> None:
        for wallet in (event.source, event.target):
            if wallet in self._players:
                self._changed(self._players[wallet])

    def _live_said(self, player: PlayerRef, fields: dict[str, Any]) -> None:
        asker = f"player:{player.id}"
        if fields["do"] != "ask":
            self._said(asker, fields)
            return
        if not player.guest:
            raise MallError("wallet.no_guest", f"You have the own wallet {player.wallet} already.")
        self._tells[asker] = lambda message: self._gateway.send(player.id, message)
        self._ask(asker, player.id, player.name, asker)

    def _ask(self, asker: str, account: int, name: str, source: str) -> None:
        now = self._kernel.clock()
        if source and not self._asks.take(source, now):
            raise MallError(
                "wallet.too_fast", "Too many codes were asked for. Wait half a minute.", burst=ASKS[1]
            )
        page = self._place().page
        found = self._sign_ins.ask(asker, account, name, now)
        asyncio.get_running_loop().call_later(LIFE_S + 1, self._sweep)
        self._tell(asker, "code", show=codes.shown(found.code), url=page, seconds=int(LIFE_S))

    def _said(self, asker: str, fields: Mapping[str, Any]) -> None:
        found = self._sign_ins.of(asker)
        if found is None:
            raise MallError("wallet.not_now", "There is no sign-in to answer; ask for a code first.")
        if fields["do"] == "no":
            self._end(found, MallError("wallet.declined", "The sign-in was ended in the game."))
        elif fields["do"] == "yes":
            self._sign_ins.finish(found)
            if asker in self._waiting:
                self._waiting[asker].set_result(found.wallet)
                self._tell(asker, "done", wallet=found.wallet)
            else:
                self._later(self._go_over(found))
        else:
            raise MallError("wallet.not_now", "`do` is ask, yes or no.")

    async def _go_over(self, found: SignIn) -> None:
        """A guest said yes: the account goes to the wallet that signed."""

        def work(tx: Tx) -> tuple[Account, str]:
            after = moves.begin(tx, self._kernel.accounts.get(tx, found.account), found.wallet)
            token = "" if after.id == found.account else self._kernel.accounts.issue_token(tx, after.id)
            return after, token

        try:
            _, token = await self._write(work)
        except MallError as error:
            self._tell(found.asker, "over", code=error.code, message=error.message)
            return
        self._tell(found.asker, "done", wallet=found.wallet, **({"token": token} if token else {}))
        self._tells.pop(found.asker, None)
        if token:
            text = f"You go on with the account of {found.wallet}."
            self._gateway.close(found.account, "account.moved", text, retry=True)
        else:
            self._gateway.relink(found.account, found.wallet)
            self._players[found.wallet] = found.account
            self._changed(found.account)

    def _sweep(self) -> None:
        now = self._kernel.clock()
        for found in self._sign_ins.sweep(now):
            self._end(
                found, MallError("wallet.over", "The time for this sign-in is over. Ask for a new code.")
            )
        for what in self._book.sweep(now):
            if isinstance(what, PayCode):
                self._bills.ended(what)

    def _end(self, found: SignIn, why: MallError) -> None:
        self._sign_ins.end(found.asker)
        self._tell(found.asker, "over", code=why.code, message=why.message)
        answer = self._waiting.get(found.asker)
        if answer is not None and not answer.done():
            answer.set_exception(why)

    def _forget(self, asker: str) -> None:
        self._sign_ins.end(asker)
        self._tells.pop(asker, None)
        self._waiting.pop(asker, None)

    def _tell(self, asker: str, state: str, **fields: Any) -> None:
        tell = self._tells.get(asker)
        if tell is not None:
            tell({"t": "sign_in", "state": state, **fields})

    def moves_waiting(self) -> list[str]:
        """Why wallets of guests are not empty yet."""
        return [f"{move.source}: {move.reason}" for move in moves.waiting(self._kernel.rows)]

    # payments

    async def ask_payment(self, wanted: Wanted) -> Payment:
        """Ask a player to pay or sign with the own wallet; told by `PaymentChanged` how it goes on.

        `payer` "" means the player's wallet.

        Raises:
            MallError: payment.guest, payment.bad, payment.key_taken, payment.too_many, account.unknown.
        """
        return await self._bills.ask(wanted)

    # the browser's side

    VERBS: Final = {
        "wallet_answer": "answer", "wallet_challenge": "challenge", "wallet_look": "look", "wallet_sent": "sent",
        "wallet_signed": "signed", "wallet_state": "state", "wallet_ask": "ask",
    }  # fmt: skip

    async def execute(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        """Carry out one of VERBS with named arguments. `browser` names the browser that asks, `source` its address.

        Raises:
            MallError: control.bad_arguments, or what the verb refuses.
        """
        method = getattr(self, self.VERBS[verb])
        checked = checked_arguments(verb, method, arguments)
        try:
            return await method(**checked)
        except ChainError as error:
            raise from_chain(error) from error

    async def look(self, code: str, browser: str, source: str) -> dict[str, Any]:
        """What a code is for: a sign-in, which is from now on this browser's, or a payment."""
        plain, what = self._book.find(code, source, self._kernel.clock())
        if isinstance(what, PayCode):
            return {**self._bills.bill(plain, what), **self._here()}
        found = self._sign_in_of(what)
        fresh = found.state == "asked"
        self._sign_ins.open(found, browser)
        if fresh:
            self._tell(found.asker, "opened")
        brings = {}
        if found.account:
            guest = self._kernel.accounts.get(self._kernel.rows, found.account)
            brings = await self._run(
                lambda: moves.holdings(self._kernel.chain, self._kernel.deployment, guest.address)
            )
        return {
            "kind": "sign_in", "code": codes.shown(found.code), "name": found.name, "guest": bool(found.account),
            "state": found.state, "wallet": found.wallet, "until": found.until, "brings": brings, **self._here(),
        }  # fmt: skip

    async def challenge(self, code: str, browser: str, source: str, address: str) -> dict[str, Any]:
        """The text that the wallet at `address` has to sign."""
        now = self._kernel.clock()
        found = self._sign_in_of(self._book.find(code, source, now)[1])
        message = self._sign_ins.challenge(found, browser, address, self._place(), now)
        return {"message": message.text(), "address": message.address}

    async def answer(self, code: str, browser: str, source: str, signature: str) -> dict[str, Any]:
        """The wallet's signature; then the player is asked in the game."""
        now = self._kernel.clock()
        found = self._sign_in_of(self._book.find(code, source, now)[1])
        message, place = self._sign_ins.take(found, browser), self._place()
        expected = siwe.Expected(place.domain, place.page, place.chain_id, message.nonce, now)
        try:
            given = from_hex(signature)
            wallet = await self._run(
                lambda: siwe.authenticate(message.text(), given, expected, self._kernel.chain)
            )
        except (ChainError, MallError):
            self._sign_ins.failed(found)
            if found.state == "over":
                self._end(
                    found, MallError("wallet.over", "Too many signatures did not fit. Ask for a new code.")
                )
            raise
        found.move("signed")
        found.wallet = wallet
        self._tell(found.asker, "confirm", wallet=wallet)
        return {"state": found.state, "wallet": wallet}

    async def state(self, code: str, browser: str, source: str) -> dict[str, Any]:
        """How far a sign-in or a payment is."""
        what = self._book.find(code, source, self._kernel.clock())[1]
        if isinstance(what, PayCode):
            return self._bills.state(what)
        self._sign_ins.check(self._sign_in_of(what), browser)
        return {"state": self._sign_in_of(what).state}

    async def sent(self, code: str, browser: str, source: str, tx: str) -> dict[str, Any]:
        """The wallet has sent this transaction for a payment."""
        what = self._pay_code(self._book.find(code, source, self._kernel.clock())[1])
        found = await self._bills.sent(what, tx)
        self._later(self._run(self._kernel.follow))
        return found

    async def signed(self, code: str, browser: str, source: str, signature: str) -> dict[str, Any]:
        """The wallet's signature of what a payment asks to sign."""
        what = self._pay_code(self._book.find(code, source, self._kernel.clock())[1])
        return await self._bills.signed(what, signature)

    async def ask(self, key: str, player: int, receiver: str, amount: str, purpose: str) -> dict[str, Any]:
        """Ask a player to pay LIVE (as "2.5") to a receiver, for the operator."""
        wanted = Wanted(key, player, "", receiver, amounts.parse(amount), purpose)
        found = await self.ask_payment(wanted)
        return {"payment": found.id, "state": found.state, "tx": found.tx}

    def _place(self) -> Place:
        return Place(*pages.place(self._kernel.config), self._kernel.chain.chain_id)

    def _here(self) -> dict[str, Any]:
        return {"host": self._kernel.config.name, "chain_id": self._kernel.chain.chain_id}

    def _sign_in_of(self, what: object) -> SignIn:
        if not isinstance(what, SignIn):
            raise MallError("wallet.not_now", "This code is for a payment.")
        return what

    def _pay_code(self, what: object) -> PayCode:
        if not isinstance(what, PayCode):
            raise MallError("wallet.not_now", "This code is for signing in.")
        return what
