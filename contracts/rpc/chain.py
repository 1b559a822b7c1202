"""`RpcChain`: a chain behind one or more JSON-RPC endpoints, behind the `Chain` protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

from contracts.abi import decode_event
from contracts.address import checked_address, hash_bytes, keccak256, to_hex
from contracts.chain import TX_GAS_CAP, Block, ChainEvent, Fees, Intent, Log, Receipt, SignedTx
from contracts.errors import ChainError
from contracts.rpc import ask, fees, send
from contracts.rpc.blocks import Blocks
from contracts.rpc.decode import INT_BITS, RawReceipt
from contracts.rpc.endpoint import Endpoint, EndpointState
from contracts.rpc.faults import Unknown
from contracts.rpc.logs import LogReader
from contracts.rpc.pool import Pool
from contracts.signer import Signer
from contracts.signing import read_signed, sign_intent

if TYPE_CHECKING:
    from web3 import Web3

    from contracts.chain import Chain

DEFAULT_TIMEOUT: Final = 10.0
DEFAULT_MAX_FEE: Final = 20 * 10**9
DEFAULT_CONFIRMATIONS: Final = 15
STALL_BLOCKS: Final = 15
LOG_BLOCKS: Final = 2_000


class RpcChain:
    """A chain that others run. Nothing a node says is used before it was checked; what is final is asked of two
    endpoints where two answer. Nothing is sent before a call, and no error shows more of a URL than its host.

    Safe to use from several threads.
    """

    def __init__(
        self,
        urls: Sequence[str],
        chain_id: int,
        *,
        max_fee: int = DEFAULT_MAX_FEE,
        timeout: float = DEFAULT_TIMEOUT,
        quorum: int = 1,
        confirmations: int = DEFAULT_CONFIRMATIONS,
        stall_blocks: int = STALL_BLOCKS,
        log_blocks: int = LOG_BLOCKS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Names the endpoints, the preferred one first; asks nothing yet.

        Args:
            max_fee: wei per gas that is never exceeded.
            timeout: seconds for one exchange with one endpoint.
            quorum: endpoints that must say the same of what is final, even when others are down.
            confirmations: depth of a final block on nodes without the `finalized` tag.
            stall_blocks: blocks above the final one that raise the alarm.
            log_blocks: blocks that are asked for logs at once.

        Raises ChainError `chain.bad_endpoint`.
        """
        self._chain_id = chain_id
        self._max_fee = max_fee
        self._stall = stall_blocks
        self._pool = Pool(urls, chain_id, timeout=timeout, quorum=quorum, clock=clock)
        self._blocks = Blocks(self._pool, confirmations)
        self._logs = LogReader(log_blocks)

    def __enter__(self) -> RpcChain:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.close()

    # ---- blocks

    @property
    def chain_id(self) -> int:
        """EIP-155 id; every endpoint was asked for the same."""
        return self._chain_id

    def head(self) -> Block:
        """The newest block of the preferred endpoint."""
        return self._blocks.head()

    def finalized(self) -> Block:
        """The newest block that most endpoints call final; never an older one than before.

        Raises ChainError `chain.finality_broken` when a block that was final is on the chain no more.
        """
        return self._blocks.finalized()

    def block(self, number: int) -> Block | None:
        """A block by number, or None above the head."""
        return self._blocks.at(number)

    # ---- state

    def balance(self, address: str, block: int | None = None) -> int:
        """Native coin of an address, in wei."""
        return self._quantity("eth_getBalance", address, block, 256)

    def nonce(self, address: str, block: int | None = None) -> int:
        """Nonce of the next transaction of an address after `block`, or after the newest block that the endpoints
        share."""
        return self._quantity("eth_getTransactionCount", address, block, INT_BITS)

    def _quantity(self, method: str, address: str, block: int | None, bits: int) -> int:
        who, place = checked_address(address), self._place(block)
        return self._pool.agreed(
            lambda endpoint: ask.quantity_at(endpoint, method, who, place.hash, bits),
            f"{method} of {who} after block {place.number}",
        )

    def pending(self, address: str) -> int:
        """The highest nonce that any endpoint's waiting transactions of an address lead to."""
        who = checked_address(address)
        return max(nonce for _, nonce in self._pool.each(lambda endpoint: ask.pending_nonce(endpoint, who)))

    def code(self, address: str, block: int | None = None) -> bytes:
        """Code at an address; empty where none is."""
        who, place = checked_address(address), self._place(block)
        return self._pool.agreed(
            lambda endpoint: ask.code_at(endpoint, who, place.hash),
            f"the code of {who} after block {place.number}",
        )

    def call(
        self,
        to: str,
        data: bytes,
        sender: str | None = None,
        block: int | None = None,
        gas: int | None = None,
    ) -> bytes:
        """Runs a call without a transaction, on the preferred endpoint's newest state or on `block`'s, with at most
        `gas`. Raises ChainRevert with the decoded custom error, with `Unknown` where its gas ran out."""
        target, who = checked_address(to), checked_address(sender) if sender is not None else None
        limit = TX_GAS_CAP if gas is None else gas
        if block is None:
            return self._pool.first(
                lambda endpoint: ask.call_at(endpoint, target, data, who, "latest", limit)
            )
        place = {"blockHash": self._place(block).hash}
        return self._pool.agreed(
            lambda endpoint: ask.call_at(endpoint, target, data, who, place, limit),
            f"a call to {target} after block {block}",
        )

    def _place(self, block: int | None) -> Block:
        # State is asked by block hash: an endpoint on another fork has nothing to say, instead of something else.
        if block is None:
            return self._blocks.shared()
        found = self.block(block)
        if found is None:
            raise ChainError("chain.no_block", f"there is no block {block}", block=block)
        return found

    # ---- what happened

    def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt of a mined transaction, or None. Raises ChainError `chain.reorganised` when its block left the
        chain meanwhile: ask again."""
        hash_bytes(tx_hash)
        wanted = tx_hash.lower()

        def mined(endpoint: Endpoint) -> RawReceipt:
            found = ask.receipt_of(endpoint, wanted)
            if found is None:
                raise Unknown("it has not mined the transaction")
            return found

        try:
            found = self._pool.first(mined)
        except ChainError as error:
            if error.code == "chain.no_block":
                return None
            raise
        final = self._blocks.is_final(found.block)
        return _receipt(self._final_receipt(found) if final else found, final)

    def _final_receipt(self, found: RawReceipt) -> RawReceipt | None:
        def same(endpoint: Endpoint) -> RawReceipt | None:
            # Once it has the final block, an endpoint that does not know the transaction contradicts.
            ask.block_at(endpoint, found.block)
            return ask.receipt_of(endpoint, found.tx_hash)

        return self._pool.agreed(same, f"the receipt of {found.tx_hash}")

    def events(self, from_block: int, to_block: int, addresses: Sequence[str]) -> list[ChainEvent]:
        """Events of the contracts at `addresses`, both blocks included, in chain order. Raises ChainError
        `chain.no_block` past the head, `chain.reorganised`."""
        wanted = [checked_address(address) for address in addresses]
        if not wanted or to_block < max(from_block, 0):
            return []
        first = max(from_block, 0)

        def logs(endpoint: Endpoint) -> tuple[Log, ...]:
            return self._logs.read(endpoint, first, to_block, wanted)

        what = f"the logs of blocks {first} to {to_block}"
        final = self._blocks.is_final(to_block)
        found = self._pool.agreed(logs, what) if final else self._pool.first(logs)
        decoded = [decode_event(log) for log in found]
        return [event for event in decoded if event is not None]

    # ---- writing

    def price(self) -> Fees:
        """Twice the base fee and the usual tip, by the endpoints' median; at most the operator's cap. Raises
        ChainError `chain.fee_cap`."""

        def asked(endpoint: Endpoint) -> tuple[int, int]:
            base = ask.tagged(endpoint, "latest").base_fee
            return base, ask.tip(endpoint, base)

        answers = [answer for _, answer in self._pool.each(asked)]
        return fees.offer(
            fees.median([base for base, _ in answers]),
            fees.median([tip for _, tip in answers]),
            self._max_fee,
        )

    def reprice(self, offered: Fees) -> Fees | None:
        """What must replace `offered`, at least a tenth more, or None while the market asks for no more. Raises
        ChainError `chain.fee_cap`."""
        return fees.raised(offered, self.price(), self._max_fee)

    def estimate(self, intent: Intent) -> int:
        """A limit a quarter above the node's estimate. Raises ChainRevert, ChainError `chain.gas_cap`."""
        return self._pool.first(lambda endpoint: ask.gas_limit(endpoint, intent))

    def sign(self, intent: Intent, nonce: int, key: Signer, fees: Fees | None = None) -> SignedTx:
        """Signs without sending. Raises ChainError `chain.fee_cap`, `chain.gas_cap`, `chain.wrong_key`, `signer.*`,
        and ChainRevert when the estimate shows that the call would be refused."""
        gas = intent.gas if intent.gas is not None else self.estimate(intent)
        offer = fees if fees is not None else self.price()
        if offer.fee > self._max_fee:
            raise ChainError(
                "chain.fee_cap",
                f"{offer.fee} wei per gas are over the cap of {self._max_fee}",
                price=offer.fee, cap=self._max_fee,
            )  # fmt: skip
        return sign_intent(intent, nonce, key, chain_id=self._chain_id, gas=gas, fee=offer.fee, tip=offer.tip)

    def broadcast(self, raws: Sequence[bytes]) -> list[str]:
        """Hands each transaction to every endpoint, in order, up to the first that none takes. One taken may be
        forgotten again: send the same bytes until there is a final receipt.

        Raises ChainError `chain.nonce`, `chain.underpriced`, `chain.no_funds`, `chain.gas_cap`,
        `chain.bad_transaction`, `chain.wrong_chain`, `chain.refused`, and `chain.unreachable`, after which the bytes
        may have arrived or not.
        """
        known = [(raw, *read_signed(raw)) for raw in raws]
        for _, unsigned, _ in known:
            if unsigned.chain_id != self._chain_id:
                raise ChainError(
                    "chain.wrong_chain",
                    f"signed for chain {unsigned.chain_id}, this is chain {self._chain_id}",
                )
            if unsigned.gas > TX_GAS_CAP:
                raise ChainError(
                    "chain.gas_cap",
                    f"a transaction may use {TX_GAS_CAP} gas (EIP-7825)",
                    gas=unsigned.gas,
                )
        next_nonce: dict[str, int] = {}
        for raw, unsigned, sender in known:
            expected = next_nonce[sender] if sender in next_nonce else self.pending(sender)
            if unsigned.nonce > expected:
                raise _wrong_nonce(sender, expected, unsigned.nonce)
            self._send(raw, sender, unsigned.nonce)
            next_nonce[sender] = max(expected, unsigned.nonce + 1)
        return [to_hex(keccak256(raw)) for raw in raws]

    def _send(self, raw: bytes, sender: str, nonce: int) -> None:
        tx_hash = to_hex(keccak256(raw))
        answers = self._pool.each(lambda endpoint: send.hand_over(endpoint, raw, tx_hash))
        verdicts = [verdict for _, verdict in answers]
        if any(verdict.kind == send.TAKEN for verdict in verdicts) or self.receipt(tx_hash) is not None:
            return
        if any(verdict.kind == send.NONCE for verdict in verdicts):
            raise _wrong_nonce(sender, self.nonce(sender), nonce)
        told = "; ".join(f"{endpoint.name}: {verdict.said}" for endpoint, verdict in answers)
        raise send.refusal(verdicts[0].kind, told, tx_hash)

    # ---- health

    def web3(self) -> Web3:
        """web3.py on the preferred endpoint, for what is not of the `Chain` protocol. It knows the long extra data of
        proof-of-authority blocks, and believes what the node says."""
        return self._pool.first(lambda endpoint: endpoint.web3)

    def endpoints(self) -> tuple[EndpointState, ...]:
        """How each endpoint does, in order of preference."""
        return self._pool.states()

    def alarms(self) -> tuple[ChainError, ...]:
        """Asks for head and finality, and says what an operator must know."""
        found: list[ChainError] = []
        try:
            head, final = self.head(), self.finalized()
            if head.number - final.number > self._stall:
                found.append(
                    ChainError(
                        "chain.finality_stalled",
                        f"the final block {final.number} is {head.number - final.number} blocks below the head, "
                        f"{self._stall} are usual: nothing is settled until it moves",
                        final=final.number, head=head.number,
                    )
                )  # fmt: skip
        except ChainError as error:
            found.append(error)
        return (*found, *self._pool.alarms())


if TYPE_CHECKING:
    # mypy proves here that this is a Chain.
    _CONFORMS: type[Chain] = RpcChain


def _receipt(raw: RawReceipt | None, final: bool) -> Receipt | None:
    if raw is None:
        return None
    return Receipt(
        tx_hash=raw.tx_hash,
        block=raw.block,
        status=raw.status,
        gas_used=raw.gas_used,
        logs=raw.logs,
        contract_address=raw.contract_address,
        finalized=final,
        block_hash=raw.block_hash,
    )


def _wrong_nonce(sender: str, expected: int, given: int) -> ChainError:
    return ChainError(
        "chain.nonce",
        f"the sender's next nonce is {expected}, this transaction has {given}",
        sender=sender,
        expected=expected,
        given=given,
    )
