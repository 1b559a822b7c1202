"""Settles booked claims on the chain in durable steps: a kill between any two loses and doubles nothing.

    close -> sign settle -> send -> book settled -> sign push -> send -> book paid -> (next push) -> close ...

Every step is decided from the database alone. Signed bytes are stored before they are sent and only these are
sent again, so a transaction cannot happen twice; the vault takes each epoch's number once and the distributor pays
cumulative amounts, so not even a second host could pay twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.abi import decode_event
from contracts.chain import Chain, ChainEvent, Intent, Receipt
from contracts.deploy import Deployment
from contracts.errors import ChainError, ChainRevert
from contracts.keys import PrivateKey
from host.economy import claims, epochs, outbox
from host.economy.follower import Write
from host.economy.reconcile import reconcile
from host.errors import MallError
from host.storage.rows import Rows
from host.storage.tx import Tx

MAX_CLAIMS = 1000
PUSH_BATCH = 200
"""Recipients in one transaction: at most 55,000 gas each, below the cap of 2^24 a transaction."""
_MOVED = frozenset({"closed", "signed", "sent", "settled", "paid"})


@dataclass(frozen=True, slots=True)
class Done:
    """What `advance` did.

    Attributes:
        did: closed, signed, sent, settled, paid; or idle (nothing to do), waiting (for the chain), stuck (for an
            operator).
        step: `settle`, `push:0`, ...; "" where no step is meant.
        code: why it is stuck or waits, "" else; `detail` says it in words.
    """

    did: str
    epoch: int = 0
    step: str = ""
    tx: str = ""
    code: str = ""
    detail: str = ""

    @property
    def moved(self) -> bool:
        """Whether another call at once may do more."""
        return self.did in _MOVED


class Settlement:
    """Moves money from the vault to winners; call `advance` from one thread only.

    Args:
        write: runs a unit of work in the database's writer and waits for it.
        rows: a reader of the same database that sees each commit.
        key: the vault's operator.
        max_claims: claims in one epoch. push_batch: recipients in one push.
    """

    def __init__(
        self,
        write: Write,
        rows: Rows,
        chain: Chain,
        deployed: Deployment,
        key: PrivateKey,
        *,
        max_claims: int = MAX_CLAIMS,
        push_batch: int = PUSH_BATCH,
    ) -> None:
        self._write = write
        self._rows = rows
        self._chain = chain
        self._deployed = deployed
        self._key = key
        self._max_claims = max_claims
        self._push_batch = push_batch
        self._sent = ""
        self._reported = ""

    def drain(self) -> list[Done]:
        """Advance until nothing more can be done now; the last answer says why.

        Raises:
            ChainError: the chain failed; call again later, nothing is lost.
            MallError: storage.*, ledger.*.
        """
        done = [self.advance()]
        while done[-1].moved:
            done.append(self.advance())
        return done

    def advance(self) -> Done:
        """Do the next possible step. Raises as `drain` does."""
        step = outbox.open_step(self._rows)
        if step is None:
            return self._close()
        if step.state == "ready":
            return self._sign(step)
        if step.state == "reverted":
            return _stuck(step, step.code, step.reason)
        receipt = self._chain.receipt(step.tx_hash)
        if receipt is None:
            return self._send(step)
        if not receipt.finalized:
            return Done("waiting", step.epoch, step.step, step.tx_hash)
        return self._book(step, receipt) if receipt.status == 1 else self._fail(step, receipt)

    def _close(self) -> Done:
        if not claims.booked(self._rows, 1):
            return Done("idle")
        found = reconcile(self._rows, self._chain, self._deployed)
        if found.behind:
            return Done(
                "waiting", code="settlement.behind", detail="The chain's newest events are not read yet."
            )
        if found.differences:
            return self._refuse(
                "; ".join(f"{i.name}: books {i.low}, chain {i.chain}" for i in found.differences)
            )
        plan = epochs.plan(self._rows, self._deployed, self._max_claims, self._push_batch)
        if plan is None:
            return Done(
                "waiting", code="settlement.uncovered", detail="The pools of the booked claims are short."
            )
        self._write(lambda tx: epochs.close(tx, plan, self._deployed))
        return Done("closed", plan.number)

    def _refuse(self, detail: str) -> Done:
        if detail != self._reported:
            self._write(lambda tx: tx.audit("host", "settlement.differs", "settlement", reason=detail))
            self._reported = detail
        return Done("stuck", code="settlement.differs", detail=detail)

    def _sign(self, step: outbox.Step) -> Done:
        address = self._key.address
        nonce = max(outbox.next_nonce(self._rows, step.chain, address), self._chain.nonce(address))
        intent = Intent(key=step.key, sender=address, to=step.contract, data=step.data)
        signed = self._chain.sign(intent, nonce, self._key)
        self._write(lambda tx: outbox.store_signed(tx, step, signed))
        return Done("signed", step.epoch, step.step, signed.tx_hash)

    def _send(self, step: outbox.Step) -> Done:
        """Send the stored bytes, again after a restart or while the chain has lost them."""
        if self._chain.nonce(step.sender) > step.nonce:
            return self._lost(step)
        self._chain.broadcast([step.raw])
        first, self._sent = self._sent != step.tx_hash, step.tx_hash
        return Done("sent" if first else "waiting", step.epoch, step.step, step.tx_hash)

    def _lost(self, step: outbox.Step) -> Done:
        if self._chain.receipt(step.tx_hash) is not None:  # mined between the two questions
            return Done("waiting", step.epoch, step.step, step.tx_hash)
        reason = f"Nonce {step.nonce} of {step.sender} was used by another transaction."
        if step.reason != reason:
            self._write(lambda tx: outbox.report_lost(tx, step, reason))
        return _stuck(step, "settlement.nonce_taken", reason)

    def _fail(self, step: outbox.Step, receipt: Receipt) -> Done:
        reason = self._why(step, receipt)
        self._write(lambda tx: outbox.fail(tx, step, receipt.block, reason))
        return _stuck(step, "settlement.reverted", reason)

    def _why(self, step: outbox.Step, receipt: Receipt) -> str:
        """The contract's own error: the same call, on the state before."""
        try:
            self._chain.call(step.contract, step.data, sender=step.sender, block=receipt.block - 1)
        except ChainRevert as error:
            return error.message
        except ChainError as error:
            return f"the contract refused the call; its reason cannot be read ({error.code})"
        return "the contract refused the call, though the block before would have allowed it (or its gas ran out)"

    def _book(self, step: outbox.Step, receipt: Receipt) -> Done:
        settles = step.step == "settle"
        payers = {} if settles else self._payers(step, receipt)

        def book(tx: Tx) -> None:
            outbox.finish(tx, step, receipt.block)
            if settles:
                epochs.book_settled(tx, step.epoch, step.tx_hash)
            else:
                epochs.book_pushed(tx, step, payers)

        self._write(book)
        return Done("settled" if settles else "paid", step.epoch, step.step, step.tx_hash)

    def _payers(self, step: outbox.Step, receipt: Receipt) -> dict[str, str]:
        """Which transaction paid each address of a push: this one, unless somebody claimed by proof before it.

        Raises:
            MallError: settlement.unpaid when no payment is found on the chain.
        """
        wanted = epochs.recipients_of(self._rows, step)
        logs = [decode_event(log) for log in receipt.logs if log.address == self._deployed.live.address]
        payers = self._payments([event for event in logs if event is not None])
        if not wanted <= payers.keys():
            since = outbox.block_of(self._rows, step.epoch, "settle")
            events = self._chain.events(since, receipt.block, [self._deployed.live.address])
            payers = {**self._payments(events), **payers}
        missing = sorted(wanted - payers.keys())
        if missing:
            raise MallError(
                "settlement.unpaid",
                f"{step.key} is final, but {missing[0]} was not paid: compare the chain with the books.",
                epoch=step.epoch, step=step.step, address=missing[0],
            )  # fmt: skip
        return payers

    def _payments(self, events: Sequence[ChainEvent]) -> dict[str, str]:
        """Whom the distributor has paid, and the transaction that did."""
        source = self._deployed.distributor.address
        return {
            str(event.args["to"]): event.tx_hash
            for event in events
            if event.name == "Transfer" and event.args["from"] == source
        }


def _stuck(step: outbox.Step, code: str, detail: str) -> Done:
    return Done("stuck", step.epoch, step.step, step.tx_hash, code, detail)
