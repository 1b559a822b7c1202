"""Payments: what the chain says pays them, once, and nothing that a browser says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts import typed
from contracts.keys import derive_key
from host.accounts import payments
from host.accounts.models import Account
from host.accounts.payments import FLOW, LIFE_S, MAX_OPEN, Payment, Wanted
from host.config import Config
from host.errors import MallError
from host.kernel import Kernel, open_kernel
from tests.accounts.desk import ADA, EVE, HERE, desk, give, send
from tests.gateway.client import TestClient

SHOP = derive_key(b"for tests only".ljust(32), "shop").address
OTHER = derive_key(b"for tests only".ljust(32), "other").address
LIVE = 10**18


class Clock:
    def __init__(self) -> None:
        self.now = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kernel(data: Path, clock: Clock) -> Iterator[Kernel]:
    with open_kernel(Config(data=data), clock=clock) as kernel:
        give(kernel, ADA.address, "100")
        give(kernel, EVE.address, "100")
        kernel.follow()
        yield kernel


@pytest.fixture
def ada(kernel: Kernel) -> Account:
    return kernel.write(lambda tx: kernel.accounts.ensure_account(tx, ADA.address, "Ada"))


def ask(kernel: Kernel, who: Account, key: str = "k", amount: int = 5 * LIVE, **changes: str) -> Payment:
    wanted = Wanted(
        key, who.id, who.address, changes.get("receiver", SHOP), amount, changes.get("purpose", "A hat")
    )
    since = kernel.chain.head().number
    return kernel.write(lambda tx: payments.ask(tx, wanted, since))


def look(kernel: Kernel, number: int) -> Payment:
    payments.look_after(kernel.write, kernel.rows, kernel.chain, kernel.clock())
    return payments.get(kernel.rows, number)


def test_a_transfer_on_the_chain_pays_though_no_browser_says_so(kernel: Kernel, ada: Account) -> None:
    made = ask(kernel, ada)
    tx = send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.follow()
    paid = look(kernel, made.id)
    assert (paid.state, paid.tx, paid.reason) == ("paid", tx, "")


def test_what_a_browser_says_alone_pays_nothing(kernel: Kernel, ada: Account, clock: Clock) -> None:
    made = ask(kernel, ada)
    kernel.write(lambda tx: payments.sent(tx, made.id, "0x" + "11" * 32))
    assert look(kernel, made.id).state == "sent"
    clock.now += LIFE_S + 1
    assert (look(kernel, made.id).state, look(kernel, made.id).reason) == ("over", "payment.never_mined")


@pytest.mark.parametrize(
    ("key", "to", "amount"),
    [(EVE, SHOP, 5 * LIVE), (ADA, OTHER, 5 * LIVE), (ADA, SHOP, 5 * LIVE - 1), (ADA, SHOP, 5 * LIVE + 1)],
    ids=["another payer", "another receiver", "too little", "too much"],
)
def test_another_transfer_pays_nothing_and_the_payment_can_be_tried_again(
    kernel: Kernel, ada: Account, key: object, to: str, amount: int
) -> None:
    made = ask(kernel, ada)
    tx = send(kernel, key, "transfer", to, amount)  # type: ignore[arg-type]
    kernel.write(lambda unit: payments.sent(unit, made.id, tx))
    kernel.follow()
    after = look(kernel, made.id)
    assert (after.state, after.reason, after.tx) == ("asked", "payment.other_transfer", "")
    send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.follow()
    assert look(kernel, made.id).state == "paid"


def test_a_transaction_that_the_chain_refused_puts_the_payment_back(kernel: Kernel, ada: Account) -> None:
    made = ask(kernel, ada, amount=500 * LIVE)
    tx = send(kernel, ADA, "transfer", SHOP, 500 * LIVE)
    kernel.write(lambda unit: payments.sent(unit, made.id, tx))
    kernel.follow()
    assert (look(kernel, made.id).state, look(kernel, made.id).reason) == ("asked", "payment.refused")


def test_an_old_transfer_pays_nothing_that_was_asked_later(kernel: Kernel, ada: Account) -> None:
    old = send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    made = ask(kernel, ada)
    kernel.write(lambda unit: payments.sent(unit, made.id, old))
    kernel.follow()
    assert look(kernel, made.id).state == "asked"


def test_one_transfer_pays_one_payment_the_one_it_was_named_for(kernel: Kernel, ada: Account) -> None:
    first, second = ask(kernel, ada, "k1"), ask(kernel, ada, "k2")
    tx = send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.write(lambda unit: payments.sent(unit, second.id, tx))
    kernel.follow()
    assert [look(kernel, one.id).state for one in (first, second)] == ["asked", "paid"]
    with pytest.raises(MallError, match=r"payment\.used"):
        kernel.write(lambda unit: payments.sent(unit, first.id, tx))
    kernel.follow()
    assert look(kernel, first.id).state == "asked"


def test_the_same_key_is_the_same_payment(kernel: Kernel, ada: Account) -> None:
    made = ask(kernel, ada)
    assert ask(kernel, ada) == made
    for changes in ({"amount": LIVE}, {"receiver": OTHER}):
        with pytest.raises(MallError, match=r"payment\.key_taken"):
            ask(kernel, ada, **changes)  # type: ignore[arg-type]
    send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.follow()
    assert ask(kernel, ada).state == "paid"


def test_money_that_comes_late_is_booked_all_the_same(kernel: Kernel, ada: Account, clock: Clock) -> None:
    made = ask(kernel, ada)
    clock.now += LIFE_S + 1
    assert (look(kernel, made.id).state, look(kernel, made.id).reason) == ("over", "payment.too_late")
    send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.follow()
    assert (look(kernel, made.id).state, look(kernel, made.id).reason) == ("paid", "payment.late")


@pytest.mark.parametrize(
    "changes",
    [{"amount": 0}, {"amount": -1}, {"amount": 1 << 96}, {"purpose": ""}, {"purpose": "a\nb"}, {"purpose": "x" * 121},
     {"purpose": "\u202egnp"}, {"receiver": ADA.address}, {"key": ""}, {"key": "x" * 201}],
)  # fmt: skip
def test_what_no_person_could_read_or_pay_is_not_asked(
    kernel: Kernel, ada: Account, changes: dict[str, str]
) -> None:
    with pytest.raises(MallError, match=r"payment\.bad"):
        ask(kernel, ada, **changes)  # type: ignore[arg-type]


def test_a_player_is_not_buried_in_bills(kernel: Kernel, ada: Account) -> None:
    for number in range(MAX_OPEN):
        ask(kernel, ada, f"k{number}")
    with pytest.raises(MallError, match=r"payment\.too_many"):
        ask(kernel, ada, "more")


def test_a_signature_is_kept_once_it_fits(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            account = await host.write(lambda tx: host.kernel.accounts.ensure_account(tx, ADA.address, "Ada"))
            token = await host.write(lambda tx: host.kernel.accounts.issue_token(tx, account.id))
            async with await TestClient.join(host.url, token=token) as ada:
                domain = typed.Domain("LIVE", "1", 1337, host.kernel.deployment.live.address)
                order = typed.Typed(domain, {"Order": (("price", "uint256"),)}, "Order", {"price": 7})
                await host.wallets.ask_payment(Wanted("k", account.id, "", SHOP, 0, "Sell", order))
                code = (await ada.expect("pay"))["show"]
                for bad in (typed.sign_digest(EVE, order.digest), typed.sign_digest(ADA, b"\x01" * 32)):
                    with pytest.raises(MallError, match=r"payment\.bad_signature"):
                        await host.wallets.signed(code, **HERE, signature=bad.hex())
                good = typed.sign_digest(ADA, order.digest)
                assert (await host.wallets.signed(code, **HERE, signature=good.hex()))["state"] == "signed"
                await ada.expect("pay", lambda m: m["state"] == "signed")

    asyncio.run(scenario())


def test_guests_are_told_to_use_an_own_wallet(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host, await TestClient.join(host.url) as guest:
            with pytest.raises(MallError, match=r"payment\.guest"):
                await host.wallets.ask_payment(Wanted("k", guest.player, "", SHOP, LIVE, "A hat"))

    asyncio.run(scenario())


def test_a_bill_waits_for_a_player_who_comes_back(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            account = await host.write(lambda tx: host.kernel.accounts.ensure_account(tx, ADA.address, "Ada"))
            await host.wallets.execute(
                "wallet_ask",
                {"key": "k", "player": account.id, "receiver": SHOP, "amount": "2.5", "purpose": "Rent"},
            )
            token = await host.write(lambda tx: host.kernel.accounts.issue_token(tx, account.id))
            async with await TestClient.join(host.url, token=token) as ada:
                asked = await ada.expect("pay")
                assert (asked["text"], asked["state"], asked["purpose"]) == ("2.5 LIVE", "asked", "Rent")
                seen = await host.wallets.look(asked["show"], **HERE)
                live = host.kernel.deployment.live
                assert seen["request"] == {
                    "from": ADA.address, "to": live.address, "value": "0x0", "chainId": "0x539",
                    "data": "0x" + live.encode("transfer", SHOP, 25 * 10**17).hex(),
                }  # fmt: skip
                with pytest.raises(MallError, match=r"wallet\.not_now"):
                    await host.wallets.challenge(asked["show"], **HERE, address=ADA.address)

    asyncio.run(scenario())


class Bills(RuleBasedStateMachine):
    """Any order of asking, saying and paying: as many payments are paid as transfers fit, never more."""

    kernel: Kernel
    count = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).count += 1
        self.run = self.count
        self.asked: list[int] = []
        self.hashes: list[str] = ["0x" + "22" * 32]
        self.transfers = 0
        kernel = self.kernel
        self.ada = kernel.write(lambda tx: kernel.accounts.ensure_account(tx, ADA.address, "Ada"))
        self.amount = 10**9 + self.run

    @rule()
    def ask(self) -> None:
        if len(self.asked) < 4:
            made = ask(self.kernel, self.ada, f"{self.run}:{len(self.asked)}", self.amount)
            self.asked.append(made.id)

    @rule()
    def pay(self) -> None:
        if self.asked:
            self.hashes.append(send(self.kernel, ADA, "transfer", SHOP, self.amount))
            self.transfers += 1

    @rule()
    def say(self) -> None:
        for number in self.asked[-2:]:
            with suppress(MallError):  # it has paid another one, or this one is paid
                self.kernel.write(lambda unit, one=number: payments.sent(unit, one, self.hashes[-1]))

    @rule()
    def read(self) -> None:
        self.kernel.follow()
        payments.look_after(self.kernel.write, self.kernel.rows, self.kernel.chain, self.kernel.clock())

    @invariant()
    def each_transfer_pays_at_most_one(self) -> None:
        found = [payments.get(self.kernel.rows, number) for number in self.asked]
        paid = [one for one in found if one.state == "paid"]
        assert len(paid) <= self.transfers
        assert len({one.tx for one in paid}) == len(paid)
        assert {one.state for one in found} <= set(FLOW)

    def teardown(self) -> None:
        self.kernel.follow()
        found = [payments.get(self.kernel.rows, number) for number in self.asked]
        assert sum(one.state == "paid" for one in found) <= min(self.transfers, len(self.asked))
        for one in found:
            if one.state == "asked":
                self.kernel.write(lambda tx, id=one.id: payments.cancel(tx, id, "test"))
            elif one.state == "sent":
                self.kernel.write(
                    lambda tx, id=one.id: tx.execute("update payments set state = 'over' where id = ?", id)
                )


def test_any_order_of_asking_saying_and_paying(kernel: Kernel) -> None:
    from contracts.local import evm  # noqa: F401  (py-evm sets the recursion limit when it is first used)

    Bills.kernel = kernel
    case = Bills.TestCase
    case.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
    case().runTest()
