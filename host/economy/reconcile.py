"""Compares the books with the chain, at the block up to which the books know it."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.chain import Chain
from contracts.deploy import Deployment
from host.economy import epochs, funding, ledger, outbox
from host.economy.follower import cursor
from host.storage.rows import Rows


@dataclass(frozen=True, slots=True)
class Item:
    """One figure: the chain's must lie between `low` and `high` (None: no upper bound). Wei, or an epoch's number.

    Both bounds are the books' own figure, except while an epoch is open, whose effect may show on the chain or not.
    """

    name: str
    low: int
    high: int | None
    chain: int

    @property
    def agrees(self) -> bool:
        """Whether books and chain say the same."""
        return self.low <= self.chain and (self.high is None or self.chain <= self.high)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared at `block`. `behind`: the books have not read the block of their own last step yet."""

    block: int
    items: tuple[Item, ...]
    behind: bool

    @property
    def differences(self) -> tuple[Item, ...]:
        """The figures that do not agree."""
        return () if self.behind else tuple(item for item in self.items if not item.agrees)


def reconcile(rows: Rows, chain: Chain, deployed: Deployment) -> Reconciliation:
    """Compare each pool, the vault's and the distributor's LIVE and the epoch's number.

    A token balance may be larger than the books say (anybody can send LIVE anywhere), never smaller.

    Raises:
        ChainError: the chain did not answer.
    """
    block = cursor(rows)
    if block < max(0, outbox.last_block(rows)):
        return Reconciliation(block, (), True)
    step = outbox.open_step(rows)
    settling = step is not None and step.step == "settle"
    drawn = {d.vault_pool: d.amount for d in epochs.draws_of(rows, step.epoch)} if step and settling else {}
    held = funding.holdings(rows)
    items: list[Item] = []
    for name, amount in sorted(held.items()):
        _, found, _ = deployed.vault.call(chain, "pools", int(name, 16), block=block)
        items.append(Item(f"pool {name}", amount - drawn.get(name, 0), amount, found))
    in_vault = sum(held.values()) - sum(drawn.values())
    in_distributor = -ledger.balance(rows, "chain:distributor") if step is None else 0
    for name, least, holder in (
        ("vault", in_vault, deployed.vault.address),
        ("distributor", in_distributor, deployed.distributor.address),
    ):
        items.append(Item(name, least, None, deployed.live.call(chain, "balanceOf", holder, block=block)))
    last = epochs.last(rows)
    items.append(Item("epoch", last - int(settling), last, deployed.vault.call(chain, "epoch", block=block)))
    return Reconciliation(block, tuple(items), False)
