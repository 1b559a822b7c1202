"""What happens around the opcodes of a transaction, in the order of the rules: py-evm's executor with our own
transactions, and without the texts that it makes for a debugger."""

from __future__ import annotations

from typing import Any

from eth._utils.address import generate_contract_address
from eth._utils.state import code_is_delegation_designation
from eth.constants import EMPTY_SHA3
from eth.vm.forks.prague.constants import DELEGATION_DESIGNATION_PREFIX
from eth.vm.forks.prague.state import PragueState, PragueTransactionExecutor
from eth.vm.message import Message
from eth_utils.exceptions import ValidationError

from contracts.address import ZERO_ADDRESS, address_bytes, keccak256
from contracts.errors import ChainError
from contracts.keys import CURVE_ORDER, joined, recover_digest
from contracts.local.decode import Authorization, Transaction
from contracts.local.encoding import encode
from contracts.local.interpreter import QuickComputation

_NOBODY = address_bytes(ZERO_ADDRESS)
# EIP-7702: paid for each authorization, and what of it comes back where the account existed already.
_REFUND_OF_KNOWN = 25_000 - 12_500
_MAGIC = b"\x05"
_LAST_NONCE = 2**64 - 1


class _Executor(PragueTransactionExecutor):  # type: ignore[misc]
    def validate_transaction(self, transaction: Transaction) -> None:
        """What only the state can tell. Raises py-evm's ValidationError."""
        state = self.vm_state
        if transaction.max_fee_per_gas < state.base_fee:
            raise ValidationError(
                f"it offers {transaction.max_fee_per_gas} wei per gas, the base fee is more"
            )
        balance = state.get_balance(transaction.sender)
        needed = transaction.value + transaction.gas * transaction.max_fee_per_gas
        if balance < needed:
            raise ValidationError(f"its sender has {balance} wei of the native coin and needs {needed}")

    def build_evm_message(self, transaction: Transaction) -> Message:
        """Takes the gas and the nonce, then makes the outermost call."""
        state = self.vm_state
        sender = transaction.sender
        state.delta_balance(sender, -transaction.gas * state.get_gas_price(transaction))
        state.increment_nonce(sender)
        refund = sum(_authorize(state, wish) for wish in transaction.authorization_list)
        if transaction.to:
            code, delegate = self.get_code_at_address(transaction.to)
            created = None
        else:
            code, delegate = transaction.data, None
            created = generate_contract_address(sender, transaction.nonce)
        return Message(
            gas=transaction.gas - transaction.intrinsic_gas,
            to=transaction.to,
            sender=sender,
            value=transaction.value,
            data=transaction.data if transaction.to else b"",
            code=code,
            create_address=created,
            refund=refund,
            is_delegation=delegate is not None,
        )


def _authorize(state: Any, wish: Authorization) -> int:
    """Lets an account run another one's code, if it has signed that (EIP-7702). Gives the gas refunded; what is
    not valid is passed over, as the rule says."""
    if wish.chain_id not in (0, state.execution_context.chain_id) or wish.nonce >= _LAST_NONCE:
        return 0
    if wish.y_parity > 1 or not 0 < wish.r < CURVE_ORDER or not 0 < wish.s <= CURVE_ORDER // 2:
        return 0
    digest = keccak256(_MAGIC + encode([wish.chain_id, wish.address, wish.nonce]))
    try:
        account = address_bytes(recover_digest(digest, joined(wish.y_parity, wish.r, wish.s)))
    except ChainError:
        return 0
    state.mark_address_warm(account)
    code = state.get_code(account)
    if (code and not code_is_delegation_designation(code)) or state.get_nonce(account) != wish.nonce:
        return 0
    refund = _REFUND_OF_KNOWN if state.account_exists(account) else 0
    if wish.address == _NOBODY:
        state.delete_code(account)
    else:
        state.set_code(account, DELEGATION_DESIGNATION_PREFIX + wish.address)
    state.increment_nonce(account)
    return refund


class QuickState(PragueState):  # type: ignore[misc]
    """py-evm's Prague state with our executor and the quicker loop."""

    computation_class = QuickComputation
    transaction_executor_class = _Executor

    def set_system_contracts(self) -> None:
        """Nothing: this chain has no beacon chain beneath, whose contracts py-evm would look for here."""

    def is_contract(self, address: bytes) -> bool:
        """Is there code of its own at an address, and not only a delegation to another's (EIP-7702)?"""
        if self.get_code_hash(address) == EMPTY_SHA3:
            return False
        return not code_is_delegation_designation(self.get_code(address))

    def delta_balance(self, address: bytes, delta: int) -> None:
        """Adds to a balance, in wei. Nothing added changes nothing: no empty account comes into being."""
        if delta:
            super().delta_balance(address, delta)
