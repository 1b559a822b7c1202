"""Moves and payments on a real node, where gas costs coin and a block becomes final only later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.anvil import Anvil
from host.accounts import moves, payments
from host.accounts.payments import Wanted
from host.config import Config
from host.kernel import Kernel, open_kernel
from tests.accounts.desk import ADA, give, guest_of, send
from tests.accounts.test_moves import balance, owner
from tests.accounts.test_payments import LIVE, SHOP
from tests.cli.test_chain import answered, refused

COIN = 10**20
FINAL_AFTER = 2


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(final_after=FINAL_AFTER) as started:
        yield started


@pytest.fixture
def kernel(node: Anvil, tmp_path: Path) -> Iterator[Kernel]:
    """A host on the node, with contracts deployed and coin for its own two addresses."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "mall.toml").write_text(f'chain_endpoints = "{node.url}"\nchain_id = {node.chain_id}\n')
    node.fund(refused("chain", "deploy", "--data", str(folder))["facts"]["operator"], COIN)  # type: ignore[index]
    answered("chain", "deploy", "--data", str(folder))
    config = Config(data=folder, chain_endpoints=node.url, chain_id=node.chain_id)
    node.mine(FINAL_AFTER)
    with open_kernel(config) as opened:
        node.fund(opened.treasury, COIN)
        opened.sends._sleep = lambda seconds: node.mine()
        yield opened


def move_on(kernel: Kernel, node: Anvil) -> str:
    """Rounds until the move is done or waits for something else than the chain; why it waits."""
    for _ in range(30):
        kernel.follow()
        kernel.mover.advance()
        kernel.sends.carry_on()
        node.mine()
        waiting = moves.waiting(kernel.rows)
        if not waiting or "on its way" not in waiting[0].reason:
            return waiting[0].reason if waiting else ""
    raise AssertionError("the move goes on and on")


def test_a_guest_without_coin_gets_the_live_over_and_titles_once_there_is_gas(
    kernel: Kernel, node: Anvil
) -> None:
    guest = guest_of(kernel)
    give(kernel, guest.address, "12.5", (40,))
    kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
    reason = move_on(kernel, node)
    assert (balance(kernel, ADA.address), balance(kernel, guest.address)) == (125 * 10**17, 0)
    assert (owner(kernel, 40), kernel.chain.balance(guest.address)) == (guest.address, 0)
    assert reason
    node.fund(guest.address, COIN)
    assert move_on(kernel, node) == ""
    assert owner(kernel, 40) == ADA.address


def test_a_payment_counts_when_its_block_is_final_and_not_before(kernel: Kernel, node: Anvil) -> None:
    ada = kernel.write(lambda tx: kernel.accounts.ensure_account(tx, ADA.address, "Ada"))
    give(kernel, ADA.address, "9")
    node.fund(ADA.address, COIN)
    wanted = Wanted("k", ada.id, ADA.address, SHOP, 5 * LIVE, "A hat")
    since = kernel.chain.head().number
    made = kernel.write(lambda tx: payments.ask(tx, wanted, since))

    def look() -> str:
        kernel.follow()
        payments.look_after(kernel.write, kernel.rows, kernel.chain, kernel.clock())
        return payments.get(kernel.rows, made.id).state

    lost = send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.write(lambda tx: payments.sent(tx, made.id, lost))
    assert kernel.chain.receipt(lost) is not None
    assert look() == "sent"
    node.automine(False)
    node.reorganise(1)
    assert look() == "sent"  # mined once, undone since: it paid nothing
    assert balance(kernel, SHOP) == 0
    node.automine(True)
    tx = send(kernel, ADA, "transfer", SHOP, 5 * LIVE)
    kernel.write(lambda unit: payments.sent(unit, made.id, tx))
    states = [look()]
    for _ in range(FINAL_AFTER + 1):
        node.mine()
        states.append(look())
    assert (states[0], states[-1]) == ("sent", "paid")
    assert balance(kernel, SHOP) == 5 * LIVE
