"""An independent web3 client over the stored chain sees what the adapter says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth.vm.forks.prague.headers import PragueBlockHeader
from eth_bloom import BloomFilter
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError

from contracts.abi import ARTIFACTS
from contracts.address import keccak256
from contracts.bindings import Contract, deploy_intent
from contracts.deploy import deploy
from contracts.keys import derive_key
from contracts.local import LocalChain
from contracts.local.filters import MOST_FILTERS
from contracts.local.provider import LocalProvider

KEY = derive_key(b"for tests only".ljust(32), "operator")
ANN = derive_key(b"for tests only".ljust(32), "ann")
OTHER = derive_key(b"for tests only".ljust(32), "other").address

HEADER = {
    "parent_hash": ("parentHash", bytes), "uncles_hash": ("sha3Uncles", bytes), "coinbase": ("miner", bytes),
    "state_root": ("stateRoot", bytes), "transaction_root": ("transactionsRoot", bytes),
    "receipt_root": ("receiptsRoot", bytes), "bloom": ("logsBloom", int), "difficulty": ("difficulty", int),
    "block_number": ("number", int), "gas_limit": ("gasLimit", int), "gas_used": ("gasUsed", int),
    "timestamp": ("timestamp", int), "extra_data": ("extraData", bytes), "mix_hash": ("mixHash", bytes),
    "nonce": ("nonce", bytes), "base_fee_per_gas": ("baseFeePerGas", int),
    "withdrawals_root": ("withdrawalsRoot", bytes), "blob_gas_used": ("blobGasUsed", int),
    "excess_blob_gas": ("excessBlobGas", int), "parent_beacon_block_root": ("parentBeaconBlockRoot", bytes),
    "requests_hash": ("requestsHash", bytes),
}  # fmt: skip


@pytest.fixture
def pair(tmp_path: Path) -> Any:
    """The closed and reopened chain, a web3 over it, and the deployment."""
    with LocalChain(tmp_path / "chain.db") as chain:
        deployed = deploy(chain, KEY, 10**27, KEY.address)
        first = chain.nonce(KEY.address)
        intents = [
            deployed.live.intent("pay", KEY.address, "transfer", ANN.address, 5 + step) for step in range(2)
        ]
        chain.broadcast([chain.sign(intent, first + step, KEY).raw for step, intent in enumerate(intents)])
    with LocalChain(tmp_path / "chain.db", read_only=True) as chain:
        yield chain, Web3(LocalProvider(chain)), deployed


def contract(web3: Web3, name: str, address: str) -> Any:
    abi = json.loads((ARTIFACTS / f"{name}.json").read_text())["abi"]
    return web3.eth.contract(address=Web3.to_checksum_address(address), abi=abi)


def test_calls_agree_now_and_in_the_past(pair: Any) -> None:
    chain, web3, deployed = pair
    live = contract(web3, "LiveToken", deployed.live.address)
    assert (
        live.functions.balanceOf(ANN.address).call()
        == 11
        == deployed.live.call(chain, "balanceOf", ANN.address)
    )
    assert live.functions.balanceOf(ANN.address).call(block_identifier=1) == 0
    tierra = contract(web3, "Tierra", deployed.tierra.address)
    assert tierra.functions.ownerOf(7).call() == KEY.address
    assert (web3.eth.chain_id, web3.eth.block_number) == (chain.chain_id, chain.head().number)
    assert web3.eth.get_transaction_count(KEY.address) == chain.nonce(KEY.address)
    assert bytes(web3.eth.get_code(deployed.live.address)) == chain.code(deployed.live.address)
    assert web3.eth.get_balance(KEY.address) == 0
    with pytest.raises(ContractCustomError):
        live.functions.transfer(ANN.address, 1).call({"from": deployed.vault.address})


def test_blocks_receipts_and_logs_agree(pair: Any) -> None:
    chain, web3, deployed = pair
    live = contract(web3, "LiveToken", deployed.live.address)
    block = web3.eth.get_block("latest", full_transactions=True)
    head = chain.head()
    assert ("0x" + block["hash"].hex(), block["timestamp"], block["number"]) == (
        head.hash,
        head.timestamp,
        head.number,
    )
    assert web3.eth.get_block(block["hash"])["number"] == head.number
    events = chain.events(head.number, head.number, [deployed.live.address])
    logs = live.events.Transfer().get_logs(from_block=head.number, argument_filters={"to": ANN.address})
    assert [log["args"]["value"] for log in logs] == [event.args["value"] for event in events] == [5, 6]
    assert [log["logIndex"] for log in logs] == [event.log_index for event in events] == [0, 1]
    assert (
        live.events.Transfer().get_logs(from_block=1, argument_filters={"to": deployed.vault.address}) == []
    )
    for position, transaction in enumerate(block["transactions"]):
        tx_hash = "0x" + transaction["hash"].hex()
        ours, theirs = chain.receipt(tx_hash), web3.eth.get_transaction_receipt(tx_hash)
        assert (theirs["status"], theirs["gasUsed"], theirs["blockNumber"]) == (
            ours.status,
            ours.gas_used,
            ours.block,
        )
        assert theirs["transactionIndex"] == position
        assert [bytes(log["data"]) for log in theirs["logs"]] == [log.data for log in ours.logs]
        assert (transaction["from"], transaction["nonce"]) == (
            KEY.address,
            chain.nonce(KEY.address) - 2 + position,
        )
    assert theirs["cumulativeGasUsed"] == block["gasUsed"]


def test_web3_can_write_to_a_chain_open_for_writing() -> None:
    with LocalChain(None) as chain:
        deployed = deploy(chain, KEY, 10**27, KEY.address)
        web3 = Web3(LocalProvider(chain))
        live = contract(web3, "LiveToken", deployed.live.address)
        fields = {"from": KEY.address, "nonce": chain.nonce(KEY.address), "gasPrice": 0}
        wanted = live.functions.transfer(ANN.address, 5).build_transaction(fields)
        raw = web3.eth.account.sign_transaction(wanted, KEY.reveal()).raw_transaction
        receipt = web3.eth.get_transaction_receipt(web3.eth.send_raw_transaction(raw))
        assert receipt["status"] == 1
        assert deployed.live.call(chain, "balanceOf", ANN.address) == 5
        time = chain.head().timestamp
        web3.provider.make_request("evm_increaseTime", [3600])  # type: ignore[arg-type]
        web3.provider.make_request("evm_mine", [])  # type: ignore[arg-type]
        assert chain.head().timestamp >= time + 3600
        with pytest.raises(Web3RPCError, match=r"chain\.nonce|already"):
            web3.eth.send_raw_transaction(
                web3.eth.account.sign_transaction(
                    {**wanted, "value": 0, "gas": 99_999}, KEY.reveal()
                ).raw_transaction
            )


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("eth_nothing", [], -32601),
        ("eth_getBalance", ["0x12"], -32000),
        ("eth_getBalance", [], -32602),
        ("eth_getBlockByNumber", ["zz"], -32602),
        ("eth_call", ["0x"], -32602),
        ("eth_call", [{"data": "0x1"}], -32602),
        ("eth_call", [{"data": "0x01", "input": "0x02"}], -32602),
        ("eth_call", [{}, "latest", {"0x": {}}], -32602),
        ("eth_getBlockByNumber", ["0x-1"], -32602),
        ("eth_getBlockByNumber", ["0x" + "f" * 65], -32602),
        ("eth_getBlockByNumber", ["0x" + "f" * 63], -32000),
        ("eth_getLogs", [{"fromBlock": "0x0", "toBlock": "0x" + "f" * 17}], -32000),
        ("eth_getStorageAt", ["0x" + "00" * 20, "0x" + "f" * 65], -32602),
        ("eth_getBalance", ["0x" + "00" * 20, {"blockHash": "0x" + "11" * 32}], -32000),
        ("eth_getLogs", [{"fromBlock": "0x1", "toBlock": "0x0"}], -32602),
        ("eth_getLogs", [{"topics": [None] * 5}], -32000),
        ("eth_getLogs", [{"blockHash": "0x" + "11" * 32}], -32000),
        ("eth_getLogs", [{"blockHash": "0x" + "11" * 32, "fromBlock": "0x0"}], -32602),
        ("eth_getLogs", [{"address": {"a": 1}}], -32000),
        ("eth_getFilterChanges", ["0x1"], -32000),
        ("eth_feeHistory", ["0x0", "latest"], -32602),
        ("eth_sendRawTransaction", ["0xzz"], -32602),
        ("eth_getLogs", [{"topics": ["0x12"]}], -32000),
    ],
)
def test_bad_requests_get_json_rpc_errors(method: Any, params: list[Any], code: int) -> None:
    with LocalChain(None) as chain:
        answer = LocalProvider(chain).make_request(method, params)
    assert answer["error"]["code"] == code  # type: ignore[typeddict-item]


class Payer:
    """A chain that is being written while a web3 client watches it."""

    def __init__(self, chain: LocalChain) -> None:
        self.chain = chain
        made = deploy_intent("live", KEY.address, "LiveToken", KEY.address, 10**27)
        receipt = chain.receipt(chain.broadcast([chain.sign(made, 0, KEY).raw])[0])
        assert receipt is not None
        assert receipt.contract_address is not None
        self.live = Contract("LiveToken", receipt.contract_address)
        self.web3 = Web3(LocalProvider(chain))

    def pay(self, *amounts: int, to: str = ANN.address) -> list[str]:
        """Mines one block with a transfer of each amount."""
        first = self.chain.nonce(KEY.address)
        intents = [self.live.intent("pay", KEY.address, "transfer", to, amount) for amount in amounts]
        return self.chain.broadcast(
            [self.chain.sign(intent, first + step, KEY).raw for step, intent in enumerate(intents)]
        )


@pytest.fixture
def payer() -> Any:
    with LocalChain(None) as chain:
        yield Payer(chain)


def test_a_log_filter_tells_each_log_once(payer: Payer) -> None:
    live = contract(payer.web3, "LiveToken", payer.live.address)
    payer.pay(1)
    to_ann = live.events.Transfer.create_filter(from_block="latest", argument_filters={"to": ANN.address})
    to_others = live.events.Transfer.create_filter(from_block=0, argument_filters={"to": OTHER})
    payer.pay(5, 6)
    payer.pay(7, to=OTHER)
    payer.pay(8)
    assert [log["args"]["value"] for log in to_ann.get_new_entries()] == [5, 6, 8]
    assert to_ann.get_new_entries() == []
    assert [log["args"]["value"] for log in to_others.get_new_entries()] == [7]
    assert [log["args"]["value"] for log in to_others.get_all_entries()] == [7]
    assert payer.web3.eth.uninstall_filter(to_ann.filter_id)
    assert not payer.web3.eth.uninstall_filter(to_ann.filter_id)
    with pytest.raises(Web3RPCError, match="no_filter"):
        to_ann.get_new_entries()


def test_block_and_transaction_filters_tell_what_is_new(payer: Payer) -> None:
    blocks, transactions = payer.web3.eth.filter("latest"), payer.web3.eth.filter("pending")
    sent = payer.pay(1, 2) + payer.pay(3)
    head = payer.chain.head().number
    seen = [payer.chain.block(number) for number in (head - 1, head)]
    assert ["0x" + bytes(key).hex() for key in blocks.get_new_entries()] == [row.hash for row in seen if row]
    assert ["0x" + bytes(key).hex() for key in transactions.get_new_entries()] == sent
    assert (blocks.get_new_entries(), transactions.get_new_entries()) == ([], [])


def test_the_number_of_filters_is_limited(payer: Payer) -> None:
    ask = payer.web3.provider.make_request
    names = [ask("eth_newBlockFilter", [])["result"] for _ in range(MOST_FILTERS)]  # type: ignore[arg-type]
    assert len(set(names)) == MOST_FILTERS
    assert "too_many_filters" in ask("eth_newBlockFilter", [])["error"]["message"]  # type: ignore[arg-type]
    assert ask("eth_uninstallFilter", [names[0]])["result"] is True  # type: ignore[arg-type]
    assert "result" in ask("eth_newBlockFilter", [])  # type: ignore[arg-type]


def test_logs_are_found_by_block_address_and_topics(payer: Payer) -> None:
    payer.pay(1, 2)
    payer.pay(3, to=OTHER)
    head = payer.chain.head()
    transfer = "0x" + keccak256(b"Transfer(address,address,uint256)").hex()
    ann, other = ("0x" + bytes(12).hex() + who[2:].lower() for who in (ANN.address, OTHER))

    def found(**request: Any) -> list[int]:
        answer = payer.web3.provider.make_request("eth_getLogs", [{"fromBlock": "0x2", **request}])  # type: ignore[arg-type]
        return [int(log["data"], 16) for log in answer["result"]]

    assert found() == [1, 2, 3]
    assert found(topics=[transfer, None, ann]) == [1, 2]
    assert found(topics=[transfer, None, [ann, other]]) == [1, 2, 3]
    assert found(topics=[[], None, other]) == [3]
    assert found(topics=[None, None, None]) == [1, 2, 3]
    assert found(topics=[None, None, None, None]) == []
    assert found(topics=[ann]) == []
    assert found(address=payer.live.address, toBlock="0x2") == [1, 2]
    assert found(address=[OTHER]) == []
    assert found(address=[]) == [1, 2, 3]
    by_hash = payer.web3.provider.make_request("eth_getLogs", [{"blockHash": head.hash}])  # type: ignore[arg-type]
    assert [int(log["data"], 16) for log in by_hash["result"]] == [3]


def test_a_block_hash_is_that_of_its_header_and_the_headers_are_a_chain(payer: Payer) -> None:
    payer.pay(1, 2)
    payer.chain.mine()
    payer.pay(3)
    before = bytes(32)
    for number in range(payer.chain.head().number + 1):
        answer = payer.web3.provider.make_request("eth_getBlockByNumber", [hex(number), False])  # type: ignore[arg-type]
        block = answer["result"]
        # py-evm's own header, made of nothing but what the client was told.
        header = PragueBlockHeader(
            **{
                field: int(block[name], 16) if kind is int else bytes.fromhex(block[name][2:])
                for field, (name, kind) in HEADER.items()
            }
        )
        assert "0x" + header.hash.hex() == block["hash"]
        assert header.parent_hash == before
        before = header.hash
        assert payer.web3.eth.get_block(number)["hash"] == before


def test_the_bloom_says_who_logged(payer: Payer) -> None:
    payer.pay(1, 2)
    block = payer.web3.eth.get_block("latest")
    bloom = BloomFilter(int.from_bytes(bytes(block["logsBloom"]), "big"))
    assert bytes.fromhex(payer.live.address[2:]) in bloom
    assert bytes.fromhex(OTHER[2:]) not in bloom
    receipts = payer.web3.eth.get_block_receipts("latest")
    assert [bytes(receipt["logsBloom"]) for receipt in receipts] == [bytes(block["logsBloom"])] * 2
    assert [receipt["cumulativeGasUsed"] for receipt in receipts][-1] == block["gasUsed"]
    singly = [payer.web3.eth.get_transaction_receipt(key) for key in block["transactions"]]
    assert singly == receipts


def test_an_estimate_is_the_least_gas_that_works(payer: Payer) -> None:
    live = contract(payer.web3, "LiveToken", payer.live.address)
    for to, amount in ((ANN.address, 5), (OTHER, 10**18)):
        fields = {"from": KEY.address, "gasPrice": 0, "nonce": payer.chain.nonce(KEY.address)}
        wanted = live.functions.transfer(to, amount).build_transaction(fields)
        less = {**wanted, "gas": wanted["gas"] - 1}
        with pytest.raises((Web3RPCError, ContractLogicError)):
            payer.web3.eth.call(less)
        raw = payer.web3.eth.account.sign_transaction(wanted, KEY.reveal()).raw_transaction
        receipt = payer.web3.eth.get_transaction_receipt(payer.web3.eth.send_raw_transaction(raw))
        assert (receipt["status"], receipt["gasUsed"]) == (1, wanted["gas"])


@pytest.mark.parametrize("kind", [0, 1, 2, 4])
def test_every_type_of_transaction_reads_as_it_was_sent(kind: int) -> None:
    with LocalChain(None, balances={KEY.address: 10**18}) as chain:
        web3 = Web3(LocalProvider(chain))
        fields: dict[str, Any] = {
            "chainId": 1337, "nonce": 0, "gas": 100_000, "to": OTHER, "value": 7, "data": b"\x01\x00",
        }  # fmt: skip
        if kind in (0, 1):
            fields["gasPrice"] = 3
        else:
            fields |= {"maxFeePerGas": 9, "maxPriorityFeePerGas": 3}
        if kind:
            fields |= {
                "type": kind,
                "accessList": [{"address": ANN.address, "storageKeys": ["0x" + "01" * 32]}],
            }
        if kind == 4:
            wish = {"chainId": 1337, "address": OTHER, "nonce": 0}
            fields["authorizationList"] = [web3.eth.account.sign_authorization(wish, ANN.reveal())]
        raw = web3.eth.account.sign_transaction(fields, KEY.reveal()).raw_transaction
        tx_hash = web3.eth.send_raw_transaction(raw)
        told = web3.eth.get_transaction(tx_hash)
        assert (told["type"], told["from"], told["to"], told["value"]) == (kind, KEY.address, OTHER, 7)
        assert (told["gasPrice"], bytes(told["input"])) == (3, b"\x01\x00")
        assert len(told.get("accessList", [])) == (1 if kind else 0)
        assert len(told.get("authorizationList", [])) == (1 if kind == 4 else 0)
        assert web3.eth.account.recover_transaction(raw) == KEY.address
        assert told == web3.eth.get_transaction_by_block(1, 0)
        receipt = web3.eth.get_transaction_receipt(tx_hash)
        assert (receipt["status"], receipt["effectiveGasPrice"], receipt["type"]) == (1, 3, kind)
        assert web3.eth.get_balance(KEY.address) == 10**18 - 7 - 3 * receipt["gasUsed"]
        assert web3.eth.get_balance("0x" + "00" * 20) == 3 * receipt["gasUsed"]
        assert web3.eth.get_code(ANN.address) == (
            b"\xef\x01\x00" + bytes.fromhex(OTHER[2:]) if kind == 4 else b""
        )


def test_a_wallet_is_told_that_gas_is_free(payer: Payer) -> None:
    payer.pay(1)
    history = payer.web3.eth.fee_history(2, "latest", [10.0, 50.0])
    assert (history["baseFeePerGas"], history["reward"]) == ([0, 0, 0], [[0, 0], [0, 0]])
    assert len(history["gasUsedRatio"]) == 2
    assert (payer.web3.eth.gas_price, payer.web3.eth.max_priority_fee) == (0, 0)


def test_a_block_can_be_named_by_its_hash(payer: Payer) -> None:
    payer.pay(5)
    old = payer.web3.eth.get_block("latest")["hash"].to_0x_hex()
    payer.pay(6)
    live = contract(payer.web3, "LiveToken", payer.live.address)
    assert live.functions.balanceOf(ANN.address).call(block_identifier=old) == 5
    for name in (old, {"blockHash": old}, {"blockNumber": "0x2"}, "0x2"):
        answer = payer.web3.provider.make_request("eth_getTransactionCount", [KEY.address, name])  # type: ignore[arg-type]
        assert answer["result"] == "0x2"
    assert payer.web3.eth.get_block_transaction_count(old) == 1
