"""An independent web3 client over the stored chain sees what the adapter says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3
from web3.exceptions import ContractCustomError, Web3RPCError

from contracts.abi import ARTIFACTS
from contracts.deploy import deploy
from contracts.keys import derive_key
from contracts.local import LocalChain
from contracts.local.provider import LocalProvider

KEY = derive_key(b"for tests only".ljust(32), "operator")
ANN = derive_key(b"for tests only".ljust(32), "ann")


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
    events = chain.events(2, 2, [deployed.live.address])
    logs = live.events.Transfer().get_logs(from_block=2, argument_filters={"to": ANN.address})
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
        ("eth_call", [{}], -32602),
        ("eth_sendRawTransaction", ["0xzz"], -32602),
        ("eth_getLogs", [{"topics": ["0x12"]}], -32000),
    ],
)
def test_bad_requests_get_json_rpc_errors(method: Any, params: list[Any], code: int) -> None:
    with LocalChain(None) as chain:
        answer = LocalProvider(chain).make_request(method, params)
    assert answer["error"]["code"] == code  # type: ignore[typeddict-item]
