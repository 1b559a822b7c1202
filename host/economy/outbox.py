"""The outbox: a call to the chain is stored, signed once, and sent as the same bytes until it is final.

One step is open at a time. A row's content (`data`) never changes after the epoch was closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from contracts.chain import SignedTx
from host.errors import MallError
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

STEP_FLOW: Final[dict[str, tuple[str, ...]]] = {
    "ready": ("signed",),
    "signed": ("final", "reverted", "ready"),  # ready again only by an operator, when another took the nonce
    "reverted": ("ready",),  # only by an operator, with the same content
    "final": (),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of an epoch.

    Attributes:
        step: `settle`, then `push:0`, `push:1`, ...
        nonce: -1, `raw` and `tx_hash` empty, before it is signed.
        block: where it was mined, 0 before.
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
    reason: str

    @property
    def key(self) -> str:
        """The step's name in ledger keys and intents."""
        return f"epoch:{self.epoch}:{self.step}"

    @property
    def code(self) -> str:
        """The error code of a step that needs an operator, else ""."""
        if self.state == "reverted":
            return "settlement.reverted"
        return "settlement.nonce_taken" if self.reason else ""


def add(tx: Tx, *, chain: int, contract: str, epoch: int, step: str, data: bytes) -> None:
    """Store a call that is to be made."""
    tx.insert(
        "outbox", chain=chain, contract=contract, epoch=epoch, step=step, state="ready", data=data,
        sender="", nonce=-1, raw=b"", tx_hash="", block=0, reason="",
    )  # fmt: skip


def open_step(rows: Rows) -> Step | None:
    """The oldest step that is not final."""
    return _step(rows.one("select * from outbox where state != 'final' order by id limit 1"))


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
    """Keep the signed bytes and take their nonce, before anything is sent."""
    _move(
        tx, step, "signed", sender=signed.sender, nonce=signed.nonce, raw=signed.raw, tx_hash=signed.tx_hash
    )
    if signed.nonce < next_nonce(tx, step.chain, signed.sender):
        raise MallError(
            "settlement.nonce_used", f"Nonce {signed.nonce} was given out before.", nonce=signed.nonce
        )
    tx.execute(
        "insert into nonces (chain, address, next) values (?, ?, ?)"
        " on conflict (chain, address) do update set next = excluded.next",
        step.chain, signed.sender, signed.nonce + 1,
    )  # fmt: skip


def finish(tx: Tx, step: Step, block: int) -> None:
    """The transaction worked and is final."""
    _move(tx, step, "final", block=block, reason="")


def fail(tx: Tx, step: Step, block: int, reason: str) -> None:
    """The transaction was refused by its contract, finally."""
    _move(tx, step, "reverted", block=block, reason=reason)
    tx.audit(
        "host", "settlement.reverted", f"epoch:{step.epoch}",
        before="signed", after="reverted", reason=reason, step=step.step, tx=step.tx_hash,
    )  # fmt: skip


def report_lost(tx: Tx, step: Step, reason: str) -> None:
    """The bytes can never be mined, because another transaction has their nonce."""
    tx.execute("update outbox set reason = ? where id = ?", reason, step.id)
    tx.audit(
        "host",
        "settlement.nonce_taken",
        f"epoch:{step.epoch}",
        reason=reason,
        step=step.step,
        tx=step.tx_hash,
    )


def retry(tx: Tx, actor: str, reason: str) -> Step:
    """An operator's word, once the cause is removed: sign the stuck step's same content again.

    Raises:
        MallError: settlement.not_stuck.
    """
    step = open_step(tx)
    if step is None or not step.code:
        raise MallError("settlement.not_stuck", "No settlement step waits for an operator.")
    _move(tx, step, "ready", sender="", nonce=-1, raw=b"", tx_hash="", block=0, reason="")
    tx.audit(
        actor, "settlement.retried", f"epoch:{step.epoch}",
        before=step.code, after="ready", reason=reason, step=step.step, tx=step.tx_hash,
    )  # fmt: skip
    return step


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
        raise MallError(
            "settlement.step_moved",
            f"{step.key} cannot go from {step.state} to {state}: somebody else moved it. Run one host.",
            epoch=step.epoch, step=step.step,
        )  # fmt: skip


def _step(row: Row | None) -> Step | None:
    return None if row is None else Step(**{name: row[name] for name in Step.__slots__})
