"""The outbox: a call to the chain is stored, signed, and sent as the same bytes until it is final.

A row's content (`data`) never changes. A transaction that must offer more for its gas is signed again under the same
nonce: every version is stored before it is sent, and whichever the chain takes counts. Steps of an epoch go one after
the other; steps of no epoch are the host's own, such as payments of the treasury.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from contracts.chain import Receipt, SignedTx
from host.errors import MallError
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

STEP_FLOW: Final[dict[str, tuple[str, ...]]] = {
    "ready": ("signed", "final", "split", "dropped"),  # final: bytes of an earlier try were taken after all
    "signed": (
        "mined",
        "final",
        "reverted",
        "ready",
    ),  # ready again only by an operator, when another took the nonce
    "mined": (
        "signed",
        "mined",
        "final",
        "reverted",
    ),  # signed again when a reorganisation took its block away
    "reverted": ("ready", "final", "split"),  # ready only by an operator, with the same content
    "final": (),
    "split": (),  # smaller steps were made of it
    "dropped": (),
}
OPEN: Final = "('ready', 'signed', 'mined', 'reverted')"
OWN_OPEN: Final = "('ready', 'signed', 'mined')"
OWN_ENDED: Final = ("final", "reverted", "dropped")
"""States from which the host's own steps go no further; nobody signs a refused one again."""
UNDER_WAY: Final = "('signed', 'mined')"


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction.

    Attributes:
        epoch: 0 for one of the host's own.
        step: `settle`, then `push:0`, `push:1`, ...; of the host's own a name that nothing else has.
        sender: "" before it is signed where any operator may sign it.
        nonce: -1, `raw` and `tx_hash` empty, before it is signed; else those of the newest version.
        block, block_hash: where it was seen mined, 0 and "" before.
        reason: why it needs an operator ("" when it does not).
    """

    id: int
    chain: int
    contract: str
    epoch: int
    step: str
    state: str
    data: bytes
    sender: str
    nonce: int
    raw: bytes
    tx_hash: str
    block: int
    block_hash: str
    reason: str

    @property
    def key(self) -> str:
        """The step's name in ledger keys and intents."""
        return f"epoch:{self.epoch}:{self.step}" if self.epoch else f"host:{self.step}"

    @property
    def subject(self) -> str:
        """What the audit trail names."""
        return f"epoch:{self.epoch}" if self.epoch else "treasury"

    @property
    def code(self) -> str:
        """The error code of a step that needs an operator, else ""."""
        if self.state == "reverted":
            return "settlement.reverted"
        if not self.reason:
            return ""
        return "settlement.refused" if self.state == "ready" else "settlement.nonce_taken"


def add(tx: Tx, *, chain: int, contract: str, epoch: int, step: str, data: bytes, sender: str = "") -> None:
    """Store a call that is to be made; `epoch` 0 for one of the host's own, which names its `sender`."""
    tx.insert(
        "outbox", chain=chain, contract=contract, epoch=epoch or None, step=step, state="ready", data=data,
        sender=sender, nonce=-1, raw=b"", tx_hash="", block=0, reason="",
    )  # fmt: skip


def open_step(rows: Rows) -> Step | None:
    """The oldest step of an epoch that is not done."""
    return _step(
        rows.one(f"select * from outbox where epoch is not null and state in {OPEN} order by id limit 1")  # noqa: S608
    )


def own_step(rows: Rows, step: str) -> Step | None:
    """One of the host's own by its name."""
    return _step(rows.one("select * from outbox where epoch is null and step = ?", step))


def own_open(rows: Rows) -> list[Step]:
    """The host's own that are not done, oldest first."""
    found = rows.all(f"select * from outbox where epoch is null and state in {OWN_OPEN} order by id")  # noqa: S608
    return [step for row in found if (step := _step(row))]


def own_states(rows: Rows, prefix: str) -> list[str]:
    """The states of the host's own whose names begin so, oldest first."""
    found = rows.all("select state from outbox where epoch is null and step like ? order by id", f"{prefix}%")
    return [str(row["state"]) for row in found]


def get(rows: Rows, number: int) -> Step:
    """A step as it is now.

    Raises:
        MallError: settlement.step_moved when it is gone.
    """
    step = _step(rows.one("select * from outbox where id = ?", number))
    if step is None:
        raise MallError("settlement.step_moved", f"Step {number} of the outbox is gone.", step=number)
    return step


def under_way(rows: Rows, chain: int, sender: str) -> Step | None:
    """The transaction of a sender that is signed and not final. There is one at most, so nonces have no gaps."""
    return _step(
        rows.one(
            f"select * from outbox where chain = ? and sender = ? and state in {UNDER_WAY} order by id limit 1",  # noqa: S608
            chain, sender,
        )
    )  # fmt: skip


def variants(rows: Rows, step: Step) -> list[SignedTx]:
    """All bytes that were ever signed for a step, newest first."""
    found = rows.all("select * from outbox_variants where step = ? order by rowid desc", step.id)
    return [SignedTx(bytes(r["raw"]), str(r["tx_hash"]), str(r["sender"]), int(r["nonce"])) for r in found]


def last_block(rows: Rows) -> int:
    """The newest block in which a step was mined; -1 before the first."""
    found = rows.value("select max(block) from outbox where state = 'final'")
    return -1 if found is None else int(found)


def block_of(rows: Rows, epoch: int, step: str) -> int:
    """Where a step was mined; 0 before."""
    return int(rows.value("select block from outbox where epoch = ? and step = ?", epoch, step) or 0)


def next_nonce(rows: Rows, chain: int, address: str) -> int:
    """The nonce after the last one that we gave out; 0 before the first."""
    return int(rows.value("select next from nonces where chain = ? and address = ?", chain, address) or 0)


def store_signed(tx: Tx, step: Step, signed: SignedTx) -> None:
    """Keep the signed bytes and take their nonce, before anything is sent.

    Raises:
        MallError: settlement.step_moved, settlement.nonce_used.
    """
    busy = under_way(tx, step.chain, signed.sender)
    _move(
        tx, step, "signed", sender=signed.sender, nonce=signed.nonce, raw=signed.raw, tx_hash=signed.tx_hash,
        reason="",
    )  # fmt: skip
    if busy is not None or signed.nonce < next_nonce(tx, step.chain, signed.sender):
        raise MallError(
            "settlement.nonce_used",
            f"Nonce {signed.nonce} was given out before, or another transaction is under way. Run one host.",
            nonce=signed.nonce,
        )
    _keep(tx, step, signed)
    _give_out(tx, step.chain, signed.sender, signed.nonce + 1)


def store_variant(tx: Tx, step: Step, signed: SignedTx) -> None:
    """Keep a version that offers more for its gas, under the nonce of the first, before it is sent.

    Raises:
        MallError: settlement.step_moved, settlement.nonce_used.
    """
    if (signed.sender, signed.nonce) != (step.sender, step.nonce) or step.state != "signed":
        raise MallError(
            "settlement.nonce_used", f"{step.key} was signed under nonce {step.nonce}.", nonce=signed.nonce
        )
    changed = tx.execute(
        "update outbox set raw = ?, tx_hash = ? where id = ? and state = 'signed' and tx_hash = ?",
        signed.raw, signed.tx_hash, step.id, step.tx_hash,
    )  # fmt: skip
    if not changed:
        raise _moved(step, "signed")
    _keep(tx, step, signed)
    tx.audit(
        "host", "settlement.repriced", step.subject, step=step.step, tx=signed.tx_hash, before=step.tx_hash
    )


def see_mined(tx: Tx, step: Step, receipt: Receipt) -> None:
    """The chain has taken it into a block that may still be undone."""
    _move(tx, step, "mined", block=receipt.block, block_hash=receipt.block_hash, reason="")


def undo_mined(tx: Tx, step: Step) -> None:
    """A reorganisation has taken its block away: it waits again, and its bytes are sent again."""
    _move(tx, step, "signed", block=0, block_hash="")
    tx.audit(
        "host", "settlement.undone", step.subject,
        before="mined", after="signed", step=step.step, tx=step.tx_hash, block=step.block,
        block_hash=step.block_hash,
    )  # fmt: skip


def finish(tx: Tx, step: Step, receipt: Receipt) -> None:
    """A version of it worked and is final."""
    raw = next((found.raw for found in variants(tx, step) if found.tx_hash == receipt.tx_hash), step.raw)
    _move(
        tx, step, "final", block=receipt.block, block_hash=receipt.block_hash, tx_hash=receipt.tx_hash, raw=raw,
        reason="",
    )  # fmt: skip


def fail(tx: Tx, step: Step, receipt: Receipt, reason: str) -> None:
    """The transaction was refused by its contract, finally."""
    _move(tx, step, "reverted", block=receipt.block, block_hash=receipt.block_hash, reason=reason)
    tx.audit(
        "host", "settlement.reverted", step.subject,
        before=step.state, after="reverted", reason=reason, step=step.step, tx=receipt.tx_hash,
    )  # fmt: skip


def drop(tx: Tx, step: Step, reason: str) -> None:
    """One of the host's own is given up: its contract would refuse it, or another transaction took its nonce."""
    _move(tx, step, "dropped", reason=reason)
    tx.audit(
        "host",
        "settlement.dropped",
        step.subject,
        before=step.state,
        after="dropped",
        reason=reason,
        step=step.step,
    )


def close_split(tx: Tx, step: Step, reason: str) -> None:
    """Smaller steps take its place. It changed nothing on the chain."""
    _move(tx, step, "split", reason=reason)
    tx.audit(
        "host",
        "settlement.split",
        step.subject,
        before=step.state,
        after="split",
        reason=reason,
        step=step.step,
    )


def report(tx: Tx, step: Step, action: str, reason: str) -> None:
    """Keep why a step does not go on; it goes on by itself where the cause goes away."""
    tx.execute("update outbox set reason = ? where id = ?", reason, step.id)
    tx.audit("host", action, step.subject, reason=reason, step=step.step, tx=step.tx_hash)


def clear(tx: Tx, step: Step) -> None:
    """The cause is gone."""
    tx.execute("update outbox set reason = '' where id = ?", step.id)


def remove(tx: Tx, epoch: int) -> None:
    """Forget the steps of an epoch that was given up."""
    tx.execute("delete from outbox_variants where step in (select id from outbox where epoch = ?)", epoch)
    tx.execute("delete from outbox where epoch = ?", epoch)


def done(rows: Rows, epoch: int) -> bool:
    """Whether no step of an epoch is open."""
    return not rows.value(f"select count(*) from outbox where epoch = ? and state in {OPEN}", epoch)  # noqa: S608


def retry(tx: Tx, actor: str, reason: str, next_nonce: int = -1) -> Step:
    """An operator's word, once the cause is removed: sign the stuck step's same content again.

    What was signed before is kept and still looked for.

    Args:
        next_nonce: the chain's, where nonces were given out that it does not know; -1 keeps ours.

    Raises:
        MallError: settlement.not_stuck.
    """
    step = open_step(tx)
    if step is None or not step.code:
        raise MallError("settlement.not_stuck", "No settlement step waits for an operator.")
    if step.state == "ready":
        tx.execute("update outbox set reason = '' where id = ?", step.id)
    else:
        _move(tx, step, "ready", sender="", nonce=-1, raw=b"", tx_hash="", block=0, block_hash="", reason="")
        if next_nonce >= 0:
            _give_out(tx, step.chain, step.sender, next_nonce)
    tx.audit(
        actor, "settlement.retried", f"epoch:{step.epoch}",
        before=step.code, after="ready", reason=reason, step=step.step, tx=step.tx_hash,
    )  # fmt: skip
    return step


def _keep(tx: Tx, step: Step, signed: SignedTx) -> None:
    tx.execute(
        "insert or ignore into outbox_variants (tx_hash, step, chain, sender, nonce, raw, signed_at)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        signed.tx_hash, step.id, step.chain, signed.sender, signed.nonce, signed.raw, tx.now,
    )  # fmt: skip


def _give_out(tx: Tx, chain: int, address: str, next_nonce: int) -> None:
    tx.execute(
        "insert into nonces (chain, address, next) values (?, ?, ?)"
        " on conflict (chain, address) do update set next = excluded.next",
        chain, address, next_nonce,
    )  # fmt: skip


def _move(tx: Tx, step: Step, state: str, **values: Any) -> None:
    """Change a row that is still as it was read.

    Raises:
        MallError: settlement.step_moved.
    """
    names = ", ".join(f"{name} = ?" for name in values)
    allowed = state in STEP_FLOW[step.state]
    changed = allowed and tx.execute(
        f"update outbox set state = ?, {names} where id = ? and state = ? and tx_hash = ?",  # noqa: S608
        state, *values.values(), step.id, step.state, step.tx_hash,
    )  # fmt: skip
    if not changed:
        raise _moved(step, state)


def _moved(step: Step, state: str) -> MallError:
    return MallError(
        "settlement.step_moved",
        f"{step.key} cannot go from {step.state} to {state}: somebody else moved it. Run one host.",
        epoch=step.epoch, step=step.step,
    )  # fmt: skip


def _step(row: Row | None) -> Step | None:
    if row is None:
        return None
    values: dict[str, Any] = {name: row[name] for name in Step.__slots__}
    values["epoch"] = int(values["epoch"] or 0)
    return Step(**values)
