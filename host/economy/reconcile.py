"""Compares the books with the chain, at the block up to which the books know it, and says where they part."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.chain import Chain
from contracts.deploy import Deployment
from contracts.errors import ChainError
from host.economy import epochs, funding, ledger, outbox
from host.economy.follower import cursor
from host.storage.rows import Rows
from host.storage.tx import Tx

NAME = "main"
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One figure: the chain's must lie between `low` and `high` (None: no upper bound). Wei, or an epoch's number.

    Both bounds are the books' own figure, except while an epoch is open, whose effect may show on the chain or not.

    Attributes:
        vault_pool: the pool's id in the vault, "" for other figures.
    """

    name: str
    low: int
    high: int | None
    chain: int
    vault_pool: str = ""

    @property
    def agrees(self) -> bool:
        """Whether books and chain say the same."""
        return self.low <= self.chain and (self.high is None or self.chain <= self.high)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared at `block`."""

    block: int
    items: tuple[Item, ...]

    @property
    def differences(self) -> tuple[Item, ...]:
        """The figures that do not agree."""
        return tuple(item for item in self.items if not item.agrees)


def reconcile(rows: Rows, chain: Chain, deployed: Deployment, *, full: bool = False) -> Reconciliation:
    """Compare each pool, the vault's and the distributor's LIVE, the epoch's number and its root, at the block up to
    which the chain was read.

    A token balance may be larger than the books say (anybody can send LIVE anywhere), never smaller.

    Args:
        full: also what the distributor has paid to each recipient, one question each.

    Raises:
        ChainError: the chain did not answer.
    """
    block = cursor(rows)
    step = outbox.open_step(rows)
    settling = step is not None and step.step == "settle"
    drawn = {d.vault_pool: d.amount for d in epochs.draws_of(rows, step.epoch)} if step and settling else {}
    held = funding.holdings(rows)
    items: list[Item] = []
    for name, amount in sorted(held.items()):
        found = _held(chain, deployed, name, block)
        items.append(Item(f"pool {name}", amount - drawn.get(name, 0), amount, found, name))
    in_vault = sum(held.values()) - sum(drawn.values())
    in_distributor = -ledger.balance(rows, "chain:distributor") if step is None else 0
    for name, least, holder in (
        ("vault", in_vault, deployed.vault.address),
        ("distributor", in_distributor, deployed.distributor.address),
    ):
        items.append(Item(name, least, None, deployed.live.call(chain, "balanceOf", holder, block=block)))
    last = epochs.last(rows)
    items.append(Item("epoch", last - int(settling), last, deployed.vault.call(chain, "epoch", block=block)))
    if not settling and (root := epochs.root_of(rows, last)):
        on_chain = int.from_bytes(deployed.distributor.call(chain, "root", block=block), "big")
        items.append(Item("root", root, root, on_chain))
    if full:
        items += _recipients(rows, chain, deployed, block)
    return Reconciliation(block, tuple(items))


def _held(chain: Chain, deployed: Deployment, vault_pool: str, block: int) -> int:
    """What the vault holds for a pool after a block; nothing before it was deployed."""
    if block < deployed.block or not chain.code(deployed.vault.address, block=block):
        return 0
    _, held, _ = deployed.vault.call(chain, "pools", int(vault_pool, 16), block=block)
    return int(held)


def _recipients(rows: Rows, chain: Chain, deployed: Deployment, block: int) -> list[Item]:
    """What each address was paid: all that it has won, or less while its payment is under way."""
    found = rows.all("select address, won, paid from recipients order by address")
    return [
        Item(
            f"paid {row['address']}", int(row["paid"]), int(row["won"]),
            deployed.distributor.call(chain, "claimed", row["address"], block=block),
        )
        for row in found
    ]  # fmt: skip


def explain(rows: Rows, chain: Chain, deployed: Deployment, found: Reconciliation) -> str:
    """What differs, in words: which pool, which figure, and from which block on. "" where nothing does."""
    texts = []
    for item in found.differences[:MOST_NAMED]:
        books = str(item.low) if item.high in (None, item.low) else f"{item.low} to {item.high}"
        least = "at least " if item.high is None else ""
        texts.append(
            f"{_named(rows, item)}: books {least}{books}, chain {item.chain}, at block {found.block}"
            f"{_since(rows, chain, deployed, item, found.block)}"
        )
    more = len(found.differences) - MOST_NAMED
    return "; ".join(texts) + (f"; and {more} more" if more > 0 else "")


def record(tx: Tx, found: Reconciliation, differences: str) -> None:
    """Keep the outcome; what changes is audited."""
    before = halted(tx)
    tx.execute(
        "insert or replace into reconciliations (name, at, block, figures, differences) values (?, ?, ?, ?, ?)",
        NAME, tx.now, found.block, len(found.items), differences,
    )  # fmt: skip
    if differences and differences != before:
        tx.audit("host", "settlement.differs", "settlement", reason=differences)
    if before and not differences:
        tx.audit("host", "settlement.agrees", "settlement", before=before, block=found.block)


def halted(rows: Rows) -> str:
    """Why nothing may be settled: what differed when books and chain were compared last. "" when they agreed."""
    return str(rows.value("select differences from reconciliations where name = ?", NAME) or "")


def last(rows: Rows) -> tuple[float, int, int, str] | None:
    """The last comparison: when (seconds UTC), at which block, how many figures, what differed."""
    row = rows.one("select at, block, figures, differences from reconciliations where name = ?", NAME)
    if row is None:
        return None
    return float(row["at"]), int(row["block"]), int(row["figures"]), str(row["differences"])


def _named(rows: Rows, item: Item) -> str:
    if not item.vault_pool:
        return item.name
    row = rows.one(
        "select p.id, p.name, p.placement from vault_pools v join pools p on p.id = v.pool where v.id = ?",
        item.vault_pool,
    )
    ours = f"{row['id']} '{row['name']}' of placement {row['placement']}" if row else "that no placement has"
    return f"pool {ours} ({item.vault_pool} in the vault)"


def _since(rows: Rows, chain: Chain, deployed: Deployment, item: Item, block: int) -> str:
    """The block at which a pool's figures part, where the chain still knows its old states."""
    if not item.vault_pool:
        return ""
    booked = _booked_by_block(rows, item.vault_pool)
    same, differs = deployed.block - 1, block
    try:
        while differs - same > 1:
            middle = (same + differs) // 2
            found = _held(chain, deployed, item.vault_pool, middle)
            books = sum(amount for at, amount in booked if at <= middle)
            same, differs = (middle, differs) if books == found else (same, middle)
    except ChainError as error:
        return f" (where they part cannot be read: {error.code})"
    return f"; they part at block {differs}"


def _booked_by_block(rows: Rows, vault_pool: str) -> list[tuple[int, int]]:
    """What the books have added to a vault pool, with the block of each cause; 0 for a cause that names none."""
    found = rows.all(
        "select p.key, l.amount from ledger_lines l join ledger_postings p on p.id = l.posting where l.account = ?",
        funding.VAULT + vault_pool,
    )
    booked = []
    for row in found:
        kind, _, rest = str(row["key"]).partition(":")
        number = rest.partition(":")[0]
        at = 0
        if kind == "event":
            at = int(number)
        elif kind == "epoch":
            at = outbox.block_of(rows, int(number), "settle")
        booked.append((at, -int(row["amount"])))
    return booked
