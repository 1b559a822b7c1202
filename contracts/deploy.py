"""Deploys the contracts on any chain, one transaction after the other, and goes on where it was interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rlp

from contracts.abi import CONTRACTS
from contracts.address import address_bytes, address_from_bytes, checked_address, keccak256, to_hex
from contracts.bindings import Contract, deploy_intent
from contracts.chain import Chain, Fees, Receipt
from contracts.deployment import Deployed, Deployment, code_hash, is_ours, load, verify, write
from contracts.errors import ChainError, ChainRevert
from contracts.signer import Signer
from contracts.signing import read_signed

__all__ = [
    "Deployed",
    "Deployment",
    "Terms",
    "created_address",
    "deploy",
    "load",
    "missing",
    "verify",
    "write",
]

# The vault deploys its distributor itself. On a fresh account the place in this order is the nonce.
ORDER = tuple(name for name in CONTRACTS if name != "Distributor")

_MINED_WITHIN = 900.0
_LOOK_EVERY = 1.0
_SEND_EVERY = 15


@dataclass(frozen=True, slots=True)
class Terms:
    """Who holds which role, each an address or None for the deploying account, and what trades cost.

    `owner` of vault, market and escrow; `operator` draws prizes; `arbiter` resolves disputes; `fee_bps` in
    hundredths of a percent of each sale goes to the treasury (the contracts allow 500).
    """

    owner: str | None = None
    operator: str | None = None
    arbiter: str | None = None
    fee_bps: int = 250


def missing(deployment: Deployment) -> tuple[str, ...]:
    """The contracts of this release that a deployment lacks."""
    return tuple(name for name in CONTRACTS if name not in deployment.contracts)


def deploy(
    chain: Chain,
    key: Signer,
    live_supply: int,
    treasury: str,
    terms: Terms | None = None,
    *,
    file: Path | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Deployment:
    """Deploys what is missing: the whole supply of LIVE (wei), all land and islands go to `treasury`.

    Addresses follow from the key's account and its nonces, on a fresh account 0 to 8. Signed bytes are stored in
    `file` before they are sent, so calling it again after a crash sends the same bytes and finds the same
    addresses; on an embedded chain that holds without a file too. A contract that the rest of an older deployment
    cannot work with is left out (`missing` names it): a Mall, when its Tierra names another.

    Raises ChainError `chain.nonce` when a fresh deployment's account has sent something before, `chain.deploy_failed`,
    `chain.not_mined`, and what `verify` raises.
    """
    begun = file is not None and file.exists()
    known = load(file) if file is not None and begun else Deployment(chain.chain_id, -1, {})
    work = _Work(chain, key, known, file, pause)
    work.settle_signed()
    verify(chain, work.known)
    fresh = not work.known.contracts and not work.known.signed
    arguments = _arguments(key.address, live_supply, checked_address(treasury), terms or Terms())
    for place, name in enumerate(ORDER):
        if name not in work.known.contracts:
            work.create(name, arguments, place if fresh else None)
    return work.known


def created_address(sender: str, nonce: int) -> str:
    """The address of the contract that a transaction with this nonce deploys: keccak256(rlp([sender, nonce]))[12:]."""
    return address_from_bytes(keccak256(rlp.encode([address_bytes(sender), nonce]))[12:])


Arguments = Callable[[str, Deployment, int], tuple[Any, ...]]


def _arguments(account: str, supply: int, treasury: str, terms: Terms) -> Arguments:
    owner, operator = terms.owner or account, terms.operator or account
    arbiter = terms.arbiter or account

    def of(name: str, known: Deployment, nonce: int) -> tuple[Any, ...]:
        if name == "LiveToken":
            return (treasury, supply)
        if name == "Tierra":
            # Its Mall comes after the vault.
            later = ORDER.index("Mall") - ORDER.index("Tierra")
            return (treasury, created_address(account, nonce + later))
        if name == "PrizeVault":
            return (known.live.address, owner, operator)
        if name == "Mall":
            return (known.tierra.address,)
        if name == "Island":
            return (treasury,)
        if name == "Market":
            return (known.live.address, owner, treasury, terms.fee_bps)
        if name == "Escrow":
            return (known.live.address, owner, treasury, terms.fee_bps, arbiter)
        return ()

    return of


class _Work:
    """A deployment in progress: what is known is stored after each step."""

    def __init__(
        self, chain: Chain, key: Signer, known: Deployment, file: Path | None, pause: Callable[[float], None]
    ) -> None:
        self.chain, self.key, self.known = chain, key, known
        self._file, self._pause = file, pause

    def _keep(self, **changes: Any) -> None:
        self.known = replace(self.known, **changes)
        if self._file is not None:
            write(self.known, self._file)

    def settle_signed(self) -> None:
        """Brings what was signed before onto the chain again, and forgets the bytes of what is final."""
        for name in tuple(self.known.signed):
            receipt = self._mined(name)
            self._book(name, receipt)
            if receipt.finalized:
                self._forget(name)

    def create(self, name: str, arguments: Arguments, place: int | None) -> None:
        """Deploys one contract. `place` is the nonce that a fresh account must use, None takes the next."""
        nonce = self.chain.nonce(self.key.address) if place is None else place
        if name == "Mall" and not self._is_awaited(nonce):
            return
        given = arguments(name, self.known, nonce)
        intent = deploy_intent(f"deploy:{name}", self.key.address, name, *given)
        signed = self.chain.sign(intent, nonce, self.key)
        self._keep(signed={**self.known.signed, name: (signed.raw,)})
        receipt = self._mined(name)
        self._book(name, receipt)
        if receipt.finalized:
            self._forget(name)

    def _is_awaited(self, nonce: int) -> bool:
        try:
            awaited = self.known.tierra.call(self.chain, "mall")
        except ChainRevert:
            return False
        return bool(awaited == created_address(self.key.address, nonce))

    def _mined(self, name: str) -> Receipt:
        """The receipt of one of the signed transactions, sent as often as it takes, at a better price when the
        chain asks for one."""
        for look in range(int(_MINED_WITHIN / _LOOK_EVERY)):
            raws = self.known.signed[name]
            for raw in raws:
                receipt = self.chain.receipt(to_hex(keccak256(raw)))
                if receipt is not None:
                    return receipt
            if look % _SEND_EVERY == 0:
                self.chain.broadcast([self._priced(name)])
            else:
                self._pause(_LOOK_EVERY)
        raise ChainError(
            "chain.not_mined",
            f"{name} was not mined within {_MINED_WITHIN:g} s: do it again, the same bytes are sent",
        )

    def _priced(self, name: str) -> bytes:
        raws = self.known.signed[name]
        unsigned, _ = read_signed(raws[-1])
        better = self.chain.reprice(Fees(fee=unsigned.fee, tip=unsigned.tip))
        if better is None:
            return raws[-1]
        raw = self.key.sign_transaction(replace(unsigned, fee=better.fee, tip=better.tip))
        self._keep(signed={**self.known.signed, name: (*raws, raw)})
        return raw

    def _book(self, name: str, receipt: Receipt) -> None:
        if receipt.status != 1 or receipt.contract_address is None:
            self._forget(name)
            raise ChainError(
                "chain.deploy_failed",
                f"the chain refused to deploy {name}: look at the transaction",
                tx_hash=receipt.tx_hash,
            )
        found = {**self.known.contracts, name: self._deployed(name, receipt.contract_address)}
        if name == "PrizeVault":
            inner = Contract(name, receipt.contract_address).call(self.chain, "distributor")
            found["Distributor"] = self._deployed("Distributor", inner)
        first = receipt.block if self.known.block < 0 else min(self.known.block, receipt.block)
        self._keep(contracts={each: found[each] for each in CONTRACTS if each in found}, block=first)

    def _deployed(self, name: str, address: str) -> Deployed:
        code = self.chain.code(address)
        if not is_ours(name, code):
            raise ChainError("chain.deploy_failed", f"the code at {address} is not that of {name}")
        return Deployed(address, code_hash(code))

    def _forget(self, name: str) -> None:
        self._keep(signed={each: raws for each, raws in self.known.signed.items() if each != name})
