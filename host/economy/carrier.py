"""Carries one stored call to the chain and to its finality; each effect is stored before the next.

    ready -> signed (stored) -> sent, sent again, signed again for more -> mined -> final

What a node says of a block that may still be undone changes nothing but the word `mined`; when the block goes, so does
the word, and the same bytes are sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.chain import Chain, Fees, Intent, Receipt, SignedTx
from contracts.errors import ChainError, ChainRevert
from contracts.signer import Signer
from contracts.signing import read_signed
from host.economy import outbox
from host.economy.follower import Write
from host.storage.rows import Rows


@dataclass(frozen=True, slots=True)
class Carried:
    """What `advance` did or found.

    Attributes:
        did: signed, repriced, sent; final or reverted (`receipt` says where; nothing is stored, the caller books it);
            refused (it would be, so nothing was sent), too_large (for one transaction), waiting, stuck (for an
            operator).
        code: why it waits or is stuck; `detail` says it in words.
    """

    did: str
    tx: str = ""
    receipt: Receipt | None = None
    code: str = ""
    detail: str = ""


class Carrier:
    """Carries the transactions of one signer, one at a time; call it from one thread only.

    Args:
        write: runs a unit of work in the database's writer and waits for it.
        rows: a reader of the same database that sees each commit.
    """

    def __init__(self, write: Write, rows: Rows, chain: Chain, signer: Signer) -> None:
        self._write = write
        self._rows = rows
        self._chain = chain
        self._signer = signer
        self._sent = ""

    @property
    def address(self) -> str:
        """Who signs."""
        return self._signer.address

    def advance(self, step: outbox.Step) -> Carried:
        """Do the next possible thing for a step that is ready, signed or mined.

        Raises:
            ChainError: the chain or the signer failed; call again later, nothing is lost.
            MallError: storage.*, settlement.step_moved.
        """
        receipt = self._receipt(step)
        if receipt is not None:
            return self._mined(step, receipt)
        if step.state == "mined":
            self._write(lambda tx: outbox.undo_mined(tx, step))
            step = outbox.get(self._rows, step.id)
        return self._sign(step) if step.state == "ready" else self._send(step)

    # ---- before it is mined

    def _sign(self, step: outbox.Step) -> Carried:
        address = self._signer.address
        busy = outbox.under_way(self._rows, step.chain, address)
        if busy is not None:
            return Carried("waiting", code="settlement.busy", detail=f"{busy.key} is under way.")
        intent = Intent(key=step.key, sender=address, to=step.contract, data=step.data)
        try:
            gas = self._chain.estimate(intent)
        except ChainRevert as error:
            did = "refused" if error.data else "too_large"  # without a word it is the gas that ran out
            return Carried(did, code="settlement.refused", detail=error.message)
        except ChainError as error:
            if error.code != "chain.gas_cap":
                raise
            return Carried("too_large", code="settlement.too_large", detail=error.message)
        nonce = max(outbox.next_nonce(self._rows, step.chain, address), self._chain.nonce(address))
        signed = self._chain.sign(replace(intent, gas=gas), nonce, self._signer)
        self._write(lambda tx: outbox.store_signed(tx, step, signed))
        return Carried("signed", signed.tx_hash)

    def _send(self, step: outbox.Step) -> Carried:
        """Send the stored bytes, again after a restart or while the chain has lost them."""
        known = self._chain.nonce(step.sender)
        if known > step.nonce:
            return self._taken(step)
        if known < step.nonce:
            return self._gap(step, known)
        if self._sent == step.tx_hash and (more := self._repriced(step)) is not None:
            return more
        if step.reason:
            self._write(lambda tx: outbox.clear(tx, step))
        try:
            self._chain.broadcast([step.raw])
        except ChainError as error:
            if error.code == "chain.underpriced" and (more := self._repriced(step)) is not None:
                return more
            raise
        first, self._sent = self._sent != step.tx_hash, step.tx_hash
        return Carried("sent" if first else "waiting", step.tx_hash)

    def _repriced(self, step: outbox.Step) -> Carried | None:
        """The same content under the same nonce for more, where the market asks for more."""
        unsigned, _ = read_signed(step.raw)
        fees = self._chain.reprice(Fees(unsigned.fee, unsigned.tip))
        if fees is None:
            return None
        intent = Intent(step.key, step.sender, unsigned.to, unsigned.data, unsigned.value, unsigned.gas)
        signed = self._chain.sign(intent, step.nonce, self._signer, fees)
        self._write(lambda tx: outbox.store_variant(tx, step, signed))
        return Carried("repriced", signed.tx_hash)

    def _taken(self, step: outbox.Step) -> Carried:
        """Another transaction has the nonce: believed, and an operator's matter, once that is final."""
        if self._receipt(step) is not None:  # mined between the two questions
            return Carried("waiting", step.tx_hash)
        final = self._chain.finalized().number
        if self._chain.nonce(step.sender, block=final) <= step.nonce:
            return Carried("waiting", step.tx_hash, code="settlement.nonce_taken", detail="It is not final.")
        reason = f"Nonce {step.nonce} of {step.sender} was used by another transaction."
        return self._stuck(step, "settlement.nonce_taken", reason)

    def _gap(self, step: outbox.Step, known: int) -> Carried:
        if self._chain.finalized().number < outbox.last_block(self._rows):
            return Carried(
                "waiting", step.tx_hash, code="settlement.node_behind", detail="The node is behind."
            )
        reason = (
            f"It was signed with nonce {step.nonce}, but the chain has seen {known} of {step.sender}: a node is behind "
            "or lied about nonces."
        )
        return self._stuck(step, "settlement.nonce_gap", reason)

    def _stuck(self, step: outbox.Step, code: str, reason: str) -> Carried:
        if step.reason != reason:
            self._write(lambda tx: outbox.report(tx, step, code, reason))
        return Carried("stuck", step.tx_hash, code=code, detail=reason)

    # ---- from then on

    def _receipt(self, step: outbox.Step) -> Receipt | None:
        """The receipt that counts: of any version that worked, else of a refused one under the present nonce."""
        refused = None
        for version in outbox.variants(self._rows, step):
            receipt = self._chain.receipt(version.tx_hash)
            if receipt is not None and receipt.status == 1:
                return receipt
            if receipt is not None and self._counts(step, version):
                refused = receipt
        return refused

    def _counts(self, step: outbox.Step, version: SignedTx) -> bool:
        return step.state in ("signed", "mined") and version.nonce == step.nonce

    def _mined(self, step: outbox.Step, receipt: Receipt) -> Carried:
        if not receipt.finalized:
            if step.state != "ready" and (step.block, step.block_hash) != (receipt.block, receipt.block_hash):
                self._write(lambda tx: outbox.see_mined(tx, step, receipt))
            return Carried("waiting", receipt.tx_hash, code="settlement.not_final", detail="It is not final.")
        if receipt.status == 1:
            return Carried("final", receipt.tx_hash, receipt)
        return Carried("reverted", receipt.tx_hash, receipt, "settlement.reverted", self._why(step, receipt))

    def _why(self, step: outbox.Step, receipt: Receipt) -> str:
        """The contract's own error: the same call, on the state before."""
        try:
            self._chain.call(step.contract, step.data, sender=step.sender, block=receipt.block - 1)
        except ChainRevert as error:
            return error.message
        except ChainError as error:
            return f"the contract refused the call; its reason cannot be read ({error.code})"
        return "the contract refused the call, though the block before would have allowed it (or its gas ran out)"
