"""Settles booked claims on the chain in durable steps: a kill between any two loses and doubles nothing.

    close -> sign settle -> send -> book settled -> sign push -> send -> book paid -> (next push) -> close ...

Every step is decided from the database alone, and booked when the chain holds it finally. Signed bytes are stored
before they are sent and only these are sent again, so a transaction cannot happen twice; the vault takes each epoch's
number once and the distributor pays cumulative amounts, so not even a second host could pay twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.abi import decode_event
from contracts.chain import Chain, ChainEvent, Receipt
from contracts.deploy import Deployment
from contracts.signer import Signer
from host.economy import claims, epochs, outbox, reconcile
from host.economy.carrier import Carried, Carrier
from host.economy.follower import Write, cursor
from host.errors import MallError
from host.storage.rows import Rows
from host.storage.tx import Tx

MAX_CLAIMS = 1000
PUSH_BATCH = 200
"""Recipients in one transaction: at most 55,000 gas each, below the cap of 2^24 a transaction."""
_MOVED = frozenset({"closed", "signed", "repriced", "sent", "split", "settled", "paid", "smaller"})


@dataclass(frozen=True, slots=True)
class Done:
    """What `advance` did.

    Attributes:
        did: closed, signed, repriced, sent, split (a push in two), smaller (an epoch given up for a smaller one),
            settled, paid; or idle (nothing to do), waiting (for the chain), stuck (for an operator).
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
        signer: the vault's operator.
        follow: reads all final events of the chain into the books.
        max_claims: claims in one epoch. push_batch: recipients in one push.
    """

    def __init__(
        self,
        write: Write,
        rows: Rows,
        chain: Chain,
        deployed: Deployment,
        signer: Signer,
        follow: Callable[[], object],
        *,
        max_claims: int = MAX_CLAIMS,
        push_batch: int = PUSH_BATCH,
    ) -> None:
        self._write = write
        self._rows = rows
        self._chain = chain
        self._deployed = deployed
        self._follow = follow
        self._carrier = Carrier(write, rows, chain, signer)
        self._max_claims = max_claims
        self._push_batch = push_batch

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
        if step.state == "ready" and (differs := reconcile.halted(self._rows)):
            return Done("stuck", step.epoch, step.step, code="settlement.differs", detail=differs)
        if step.state == "reverted":
            return self._reverted(step)
        carried = self._carrier.advance(step)
        if carried.did == "final" and carried.receipt is not None:
            return self._book(outbox.get(self._rows, step.id), carried.receipt)
        if carried.did == "reverted" and carried.receipt is not None:
            return self._fail(outbox.get(self._rows, step.id), carried.receipt, carried.detail)
        if carried.did == "too_large":
            return self._smaller(step, carried)
        if carried.did == "refused":
            return self._refused(step, carried)
        return Done(carried.did, step.epoch, step.step, carried.tx, carried.code, carried.detail)

    def check(self, *, full: bool = False) -> reconcile.Reconciliation:
        """Compare books and chain and remember the outcome: while they differ, nothing is closed or signed.

        What is new on the chain is read first.

        Args:
            full: also what each recipient of the last epoch was paid.

        Raises:
            ChainError: the chain did not answer.
            MallError: chain.rewound, funding.*, ledger.*.
        """
        self._follow()
        found = reconcile.reconcile(self._rows, self._chain, self._deployed, full=full)
        text = reconcile.explain(self._rows, self._chain, self._deployed, found)
        self._write(lambda tx: reconcile.record(tx, found, text))
        return found

    def give_up(self, actor: str, reason: str) -> int:
        """An operator's word: give up an epoch whose settle was or would be refused. Answers its number.

        Raises:
            MallError: settlement.not_refused, or settlement.may_be_mined while bytes that were signed for it could
                still be mined.
        """
        step = outbox.open_step(self._rows)
        if step is not None:
            final = self._chain.finalized().number
            for version in outbox.variants(self._rows, step):
                receipt = self._chain.receipt(version.tx_hash)
                worked = receipt is not None and receipt.status == 1
                if worked or self._chain.nonce(version.sender, block=final) <= version.nonce:
                    raise MallError(
                        "settlement.may_be_mined",
                        f"{version.tx_hash} of {step.key} is mined or could still be: it is waited for.",
                        epoch=step.epoch, tx=version.tx_hash,
                    )  # fmt: skip
        return self._write(lambda tx: epochs.abandon(tx, actor, reason))

    def retry(self, actor: str, reason: str) -> str:
        """An operator's word: sign the stuck step's same content again. Answers its key.

        Raises:
            MallError: settlement.not_stuck.
        """
        known = self._chain.nonce(self._carrier.address)
        return self._write(lambda tx: outbox.retry(tx, actor, reason, known)).key

    def _close(self) -> Done:
        if not claims.booked(self._rows, 1):
            return Done("idle")
        self.check()
        if differs := reconcile.halted(self._rows):
            return Done("stuck", code="settlement.differs", detail=differs)
        plan = epochs.plan(self._rows, self._deployed, self._max_claims, self._push_batch)
        if plan is None:
            return Done(
                "waiting", code="settlement.uncovered", detail="The pools of the booked claims are short."
            )
        self._write(lambda tx: epochs.close(tx, plan, self._deployed))
        return Done("closed", plan.number)

    def _smaller(self, step: outbox.Step, carried: Carried) -> Done:
        """What one transaction cannot do is done in two: a push is split, an epoch closed anew with fewer claims."""
        count = len(claims.of_epoch(self._rows, step.epoch))
        if step.step == "settle" and count > 1:
            self._write(lambda tx: outbox.report(tx, step, "settlement.too_large", carried.detail))
            self.give_up("host", "It needs more gas than one transaction may use.")
            self._max_claims = max(1, count // 2)
            return Done("smaller", step.epoch, step.step)
        if len(epochs.recipients_of(self._rows, step)) > 1:
            self._write(lambda tx: epochs.split(tx, step, self._deployed, carried.detail))
            return Done("split", step.epoch, step.step)
        return self._refused(step, carried)

    def _refused(self, step: outbox.Step, carried: Carried) -> Done:
        """The contract would refuse it now: nothing is sent, and it goes on by itself once the cause is gone."""
        if step.reason != carried.detail:
            self._write(lambda tx: outbox.report(tx, step, "settlement.refused", carried.detail))
        return Done("stuck", step.epoch, step.step, code="settlement.refused", detail=carried.detail)

    def _fail(self, step: outbox.Step, receipt: Receipt, reason: str) -> Done:
        self._write(lambda tx: outbox.fail(tx, step, receipt, reason))
        return Done("stuck", step.epoch, step.step, receipt.tx_hash, "settlement.reverted", reason)

    def _reverted(self, step: outbox.Step) -> Done:
        return Done("stuck", step.epoch, step.step, step.tx_hash, step.code, step.reason)

    def _book(self, step: outbox.Step, receipt: Receipt) -> Done:
        settles = step.step == "settle"
        # What pools got or gave back before this transaction is booked before it.
        if cursor(self._rows) < receipt.block:
            self._follow()
        if cursor(self._rows) < receipt.block:
            return Done(
                "waiting",
                step.epoch,
                step.step,
                receipt.tx_hash,
                "settlement.not_read",
                "The node is behind.",
            )
        payers = {} if settles else self._payers(step, receipt)

        def book(tx: Tx) -> None:
            outbox.finish(tx, step, receipt)
            if settles:
                epochs.book_settled(tx, step.epoch, receipt.tx_hash)
            else:
                epochs.book_pushed(tx, step, payers)

        self._write(book)
        return Done("settled" if settles else "paid", step.epoch, step.step, receipt.tx_hash)

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
