"""One mechanism for every call: `Contract("LiveToken", address).call(chain, "balanceOf", who)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.abi import Entry, decode, encode, load_artifact
from contracts.address import address_bytes, keccak256
from contracts.chain import Chain, Intent
from contracts.errors import ChainError


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of ours at an address. Functions are named as in the ABI; overloads differ by their number
    of arguments."""

    name: str
    address: str

    def _function(self, function: str, count: int) -> Entry:
        entry = load_artifact(self.name).functions.get((function, count))
        if entry is None:
            raise ChainError("chain.no_function", f"{self.name} has no {function} of {count} arguments")
        return entry

    def encode(self, function: str, *arguments: Any) -> bytes:
        """The calldata. Raises ChainError `chain.no_function`, `chain.bad_argument`."""
        entry = self._function(function, len(arguments))
        return entry.selector + encode(entry.types, arguments, f"{self.name}.{function}")

    def decode(self, function: str, count: int, answer: bytes) -> Any:
        """The answer to a call with `count` arguments: the value alone where there is one, else a tuple."""
        values = decode(self._function(function, count).outputs, answer, f"{self.name}.{function}")
        return values[0] if len(values) == 1 else values

    def call(
        self,
        chain: Chain,
        function: str,
        *arguments: Any,
        sender: str | None = None,
        block: int | None = None,
    ) -> Any:
        """Asks the contract. Raises ChainRevert when it refuses, other ChainErrors when the chain fails."""
        answer = chain.call(self.address, self.encode(function, *arguments), sender=sender, block=block)
        return self.decode(function, len(arguments), answer)

    def intent(self, key: str, sender: str, function: str, *arguments: Any, gas: int | None = None) -> Intent:
        """The transaction that calls `function`, named `key` in the sender's outbox."""
        return Intent(
            key=key, sender=sender, to=self.address, data=self.encode(function, *arguments), gas=gas
        )


def deploy_intent(key: str, sender: str, name: str, *arguments: Any) -> Intent:
    """The transaction that deploys a contract with its constructor's arguments."""
    artifact = load_artifact(name)
    data = artifact.bytecode + encode(artifact.constructor, arguments, f"constructor of {name}")
    return Intent(key=key, sender=sender, to=None, data=data)


def pack(target: str | int, amount: int) -> int:
    """One word of `batchPay`, `settle`, `pay` or `claimMany`: address or pool id (160 bits) << 96 | amount in
    wei (96 bits).

    Raises ChainError `chain.bad_amount` when either does not fit.
    """
    upper = int.from_bytes(address_bytes(target), "big") if isinstance(target, str) else target
    if not 0 <= upper < 1 << 160 or not 0 <= amount < 1 << 96:
        raise ChainError(
            "chain.bad_amount", "a packed word holds 160 bits of target and 96 of amount", amount=amount
        )
    return (upper << 96) | amount


def pool_id(funder: str, number: int) -> int:
    """The id of a funder's pool `number`, as PrizeVault.poolIdOf gives it."""
    return int.from_bytes(keccak256(encode(("address", "uint256"), (funder, number), "pool_id"))[12:], "big")
