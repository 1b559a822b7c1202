"""The host's own transactions: payments of the treasury, land that it gives, pools that go back to their funder.

They go through the outbox as settlements do, so a host that was killed sends the same bytes again, and a repeated order
with the same key is carried out once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.bindings import Contract
from contracts.chain import Chain
from contracts.deploy import Deployment
from contracts.signer import Signer
from host.economy import outbox, reconcile
from host.economy.carrier import Carried, Carrier
from host.economy.follower import Write
from host.economy.funding import holdings
from host.errors import MallError
from host.storage.rows import Rows
from host.storage.tx import Tx

PATIENCE_S: Final = 120.0
PAUSE_S: Final = 0.25
LEAST_RETURN: Final = 10**16
"""Wei of LIVE in a pool below which it is not worth the gas of sending it back unasked."""
ENDED: Final = ("retired", "declined")


class Sends:
    """Sends for a few addresses; call it from one thread only.

    Args:
        signers: by their address.
        sleep: waits so many seconds for the next block.
    """

    def __init__(
        self,
        write: Write,
        rows: Rows,
        chain: Chain,
        deployed: Deployment,
        signers: Mapping[str, Signer],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._write = write
        self._rows = rows
        self._deployed = deployed
        self._carriers = {at: Carrier(write, rows, chain, signer) for at, signer in signers.items()}
        self._sleep = sleep

    def send(self, sender: str, key: str, contract: Contract, function: str, *arguments: Any) -> str:
        """Send a call and wait until it is final; its transaction's hash.

        Args:
            key: names the order; the same key with the same content is carried out once. "" makes one.

        Raises:
            MallError: chain.refused, chain.slow (it goes on without the caller), outbox.key_reused.
            ChainError: the chain or the signer failed; the order goes on when they are back.
        """
        data = contract.encode(function, *arguments)
        name = key or f"{function}:{secrets.token_hex(8)}"
        self._write(lambda tx: self.order(tx, name, sender, contract.address, data))
        for _ in range(int(PATIENCE_S / PAUSE_S)):
            step = outbox.own_step(self._rows, name)
            assert step is not None
            if step.state == "final":
                return step.tx_hash
            if step.state in ("reverted", "dropped"):
                raise MallError(
                    "chain.refused", f"{contract.name}.{function}: {step.reason}.", tx=step.tx_hash
                )
            if not self.carry_on():
                self._sleep(PAUSE_S)
        raise MallError(
            "chain.slow",
            f"{contract.name}.{function} is not final after {PATIENCE_S:g} s. The host goes on with it; `mall chain "
            "status` shows it.",
            key=name,
        )

    def carry_on(self) -> bool:
        """Do the next possible thing for each open order; whether another call at once may do more.

        Raises:
            ChainError: the chain or the signer failed.
        """
        moved = False
        for step in outbox.own_open(self._rows):
            carrier = self._carriers.get(step.sender)
            if carrier is not None:
                moved = self._took(step, carrier.advance(step)) or moved
        return moved

    def return_pools(self) -> int:
        """Order that pools of ended placements go back to their funders; how many. They hold no promise any more."""
        if reconcile.halted(self._rows):
            return 0
        due = self.pools_to_return()
        for vault_pool in due:
            data = self._deployed.vault.encode("returnPool", int(vault_pool, 16))
            prefix = f"return:{vault_pool}:"
            name = f"{prefix}{len(outbox.own_states(self._rows, prefix))}"
            self._write(lambda tx, n=name, d=data: self.order(tx, n, self._operator, self._vault, d))  # type: ignore[misc]
        return len(due)

    def pools_to_return(self, least: int = LEAST_RETURN) -> list[str]:
        """The vault's ids of pools of ended placements that hold `least` wei or more and that nobody waits for."""
        held = holdings(self._rows)
        found = self._rows.all(
            "select v.id from vault_pools v join pools p on p.id = v.pool join placements l on l.id = p.placement"  # noqa: S608
            " where l.state in (?, ?) and not exists (select 1 from claims c where c.pool = p.id"
            "  and c.state in ('held', 'booked', 'settling'))"
            " and not exists (select 1 from outbox o where o.epoch is null and o.step like 'return:' || v.id || ':%'"
            f"  and o.state in {outbox.OWN_OPEN})"
            " order by v.id",
            *ENDED,
        )
        return [str(row["id"]) for row in found if held.get(str(row["id"]), 0) >= least]

    @property
    def _operator(self) -> str:
        return next(iter(self._carriers))

    @property
    def _vault(self) -> str:
        return self._deployed.vault.address

    def order(self, tx: Tx, name: str, sender: str, contract: str, data: bytes) -> None:
        """Store an order; `carry_on` sends it. The same name with the same content is one order.

        Raises:
            MallError: outbox.key_reused.
        """
        known = outbox.own_step(tx, name)
        if known is None:
            outbox.add(
                tx,
                chain=self._deployed.chain_id,
                contract=contract,
                epoch=0,
                step=name,
                data=data,
                sender=sender,
            )
        elif (known.contract, known.data, known.sender) != (contract, data, sender):
            raise MallError("outbox.key_reused", f"The key {name!r} was used for another order.", key=name)

    def _took(self, step: outbox.Step, carried: Carried) -> bool:
        """Store what became of an order; whether it moved."""
        if carried.did in ("final", "reverted") and carried.receipt is not None:
            receipt, worked = carried.receipt, carried.did == "final"

            def close(tx: Tx) -> None:
                now = outbox.get(tx, step.id)
                if worked:
                    outbox.finish(tx, now, receipt)
                else:
                    outbox.fail(tx, now, receipt, carried.detail)

            self._write(close)
            return True
        dead = carried.did == "stuck" and carried.code == "settlement.nonce_taken"
        if dead or carried.did in ("refused", "too_large"):
            self._write(lambda tx: outbox.drop(tx, outbox.get(tx, step.id), carried.detail))
            return True
        return carried.did in ("signed", "repriced", "sent")
