"""One node that lies, loses, repeats, delays and breaks: the adapter says so, and never says what it could have found
to be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from contracts.anvil import Anvil
from contracts.bindings import Contract
from contracts.chain import SignedTx
from contracts.deploy import created_address, deploy_intent
from contracts.errors import ChainError, ChainRevert
from contracts.rpc import RpcChain
from tests.conformance import proxy as faults
from tests.conformance.conftest import ANN, BOB, OPERATOR, SUPPLY
from tests.conformance.proxy import Fault, HostileProxy

BLOCKS = ["eth_getBlockByNumber"]
RECEIPTS = ["eth_getTransactionReceipt"]
LOGS = ["eth_getLogs"]
SEND = ["eth_sendRawTransaction"]


@dataclass
class Town:
    """LIVE on a node behind the proxy; `sent` is a payment of 5 to ANN that is mined and final."""

    chain: RpcChain
    node: Anvil
    proxy: HostileProxy
    live: Contract
    sent: SignedTx

    def signed(self, amount: int, nonce: int | None = None) -> SignedTx:
        intent = self.live.intent("pay", OPERATOR.address, "transfer", ANN.address, amount)
        known = self.chain.nonce(OPERATOR.address) if nonce is None else nonce
        return self.chain.sign(intent, known, OPERATOR)

    def refusal(self, question: Callable[[], object]) -> ChainError:
        with pytest.raises(ChainError) as caught:
            question()
        return caught.value

    def read(self) -> tuple[object, ...]:
        """Some of everything that can be read."""
        head = self.chain.head()
        return (
            head, self.chain.finalized(), self.chain.receipt(self.sent.tx_hash), self.chain.nonce(OPERATOR.address),
            self.chain.events(0, head.number, [self.live.address]), self.chain.code(self.live.address),
            self.live.call(self.chain, "balanceOf", ANN.address),
        )  # fmt: skip

    def node_nonce(self, block: int) -> int:
        """The node's own word, past proxy and adapter."""
        return int(self.node.ask("eth_getTransactionCount", OPERATOR.address, hex(block)), 16)

    def balance(self) -> int:
        return int(self.live.call(self.chain, "balanceOf", ANN.address))


@pytest.fixture
def town(node: Anvil, proxy: HostileProxy, chain: RpcChain) -> Town:
    intent = deploy_intent("live", OPERATOR.address, "LiveToken", OPERATOR.address, SUPPLY)
    live = Contract("LiveToken", created_address(OPERATOR.address, 0))
    chain.broadcast([chain.sign(intent, 0, OPERATOR).raw])
    node.mine()
    made = Town(chain, node, proxy, live, SignedTx(b"", "", "", 0))
    made.sent = made.signed(5)
    chain.broadcast([made.sent.raw])
    node.mine(3)
    return made


BROKEN: dict[str, tuple[Fault, str]] = {
    "lost request": (faults.drop, "chain.unreachable"),
    "lost answer": (faults.lose_answer, "chain.unreachable"),
    "server error": (faults.status(503), "chain.unreachable"),
    "redirect": (faults.status(302), "chain.unreachable"),
    "no content": (faults.body(b""), "chain.bad_answer"),
    "no JSON": (faults.body(b"<html>busy</html>"), "chain.bad_answer"),
    "no text": (faults.body(bytes(range(256))), "chain.bad_answer"),
    "a list": (faults.body(b"[]"), "chain.bad_answer"),
    "deep JSON": (faults.body(b"[" * 200_000), "chain.bad_answer"),
    "long number": (faults.body(b'{"id":' + b"9" * 10_000 + b"}"), "chain.bad_answer"),
    "giant": (faults.giant(17 << 20), "chain.bad_answer"),
    "answer of another request": (faults.other_id, "chain.bad_answer"),
    "neither result nor error": (lambda exchange: exchange.reply(), "chain.bad_answer"),
    "error that is text": (lambda exchange: exchange.reply(error="no"), "chain.bad_answer"),
    "error without code": (lambda exchange: exchange.reply(error={"message": "no"}), "chain.bad_answer"),
    "refusal": (faults.error(-32000, "no\x1b[31m" + "x" * 5_000), "chain.refused"),
    "true": (faults.result(True), "chain.bad_answer"),
    "number": (faults.result(7), "chain.bad_answer"),
    "text": (faults.result("latest"), "chain.bad_answer"),
    "list": (faults.result([{}]), "chain.bad_answer"),
    "empty object": (faults.result({}), "chain.bad_answer"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_named_and_nothing_is_lost_when_the_node_is_well_again(
    town: Town, name: str
) -> None:
    before = town.read()
    fault, code = BROKEN[name]
    town.proxy.inject(fault)
    for question in (
        town.chain.head, town.chain.price, town.balance, lambda: town.chain.receipt(town.sent.tx_hash),
        lambda: town.chain.nonce(ANN.address), lambda: town.chain.pending(ANN.address),
        lambda: town.chain.events(0, 1, [town.live.address]),
    ):  # fmt: skip
        refusal = town.refusal(question)
        assert refusal.code == code
        assert len(refusal.message) < 600
        assert refusal.message.isprintable()
    assert {alarm.code for alarm in town.chain.alarms()} >= {code}
    town.proxy.heal()
    assert town.read() == before
    assert town.chain.alarms() == ()


@pytest.mark.parametrize("fault", [faults.hang, faults.drip(0.05)], ids=["silent", "drips"])
def test_a_slow_node_is_given_up_at_the_deadline(town: Town, fault: Fault) -> None:
    with RpcChain([town.proxy.url], town.node.chain_id, timeout=0.3) as chain:
        town.proxy.inject(fault)
        assert town.refusal(chain.head).code == "chain.unreachable"
        town.proxy.heal()
        assert chain.head() == town.chain.head()


def test_a_node_of_another_chain_is_dropped_for_good(town: Town) -> None:
    with RpcChain([town.proxy.url], 56) as chain:
        refusal = town.refusal(chain.head)
        assert refusal.code == "chain.wrong_chain"
        assert f"it is chain {town.node.chain_id}, not 56" in refusal.message
        assert [alarm.code for alarm in chain.alarms()] == ["chain.wrong_chain", "chain.endpoint_dropped"]


def changed(**fields: Any) -> Fault:
    return faults.lie(lambda found: found and {**found, **fields})


def in_logs(change: Callable[[list[dict[str, Any]]], object]) -> Fault:
    def alter(found: Any) -> Any:
        logs = found["logs"] if isinstance(found, dict) else found
        if logs:
            change(logs)
        return found

    return faults.lie(alter)


OTHER = "0x" + "ab" * 32


@pytest.mark.parametrize(
    "fault",
    [
        changed(number="0x1"), changed(timestamp="0x1"), changed(hash=OTHER), changed(parentHash=OTHER),
        changed(number="0x01"), changed(number=1), changed(logsBloom="0x"), changed(transactions=[OTHER, OTHER]),
        changed(transactions=None), changed(baseFeePerGas=None), changed(requestsHash="0x00"), faults.stale,
    ],
)  # fmt: skip
def test_a_block_that_is_not_the_asked_one_or_not_of_its_hash_is_not_believed(
    town: Town, fault: Fault
) -> None:
    """A stale answer is an honest block of another number."""
    town.chain.block(0)
    town.proxy.inject(fault, methods=BLOCKS)
    assert town.refusal(lambda: town.chain.block(2)).code == "chain.bad_answer"


@pytest.mark.parametrize(
    "fault",
    [
        changed(transactionHash=OTHER), changed(status="0x2"), changed(status=None), changed(blockNumber=None),
        changed(transactionIndex="0x1"), changed(blockNumber="0x1"), changed(gasUsed="0xffffffffff"),
        changed(status="0x0"), changed(contractAddress="0x12"), changed(logs=[{}]), changed(logs=None),
        in_logs(lambda logs: logs[0].update(address=OPERATOR.address)),
        in_logs(lambda logs: logs[0].update(transactionHash=OTHER)),
        in_logs(lambda logs: logs[0].update(logIndex="0x-1")),
        in_logs(lambda logs: logs[0].update(removed=True)),
        in_logs(lambda logs: logs[0]["topics"].append(OTHER)),
        in_logs(lambda logs: logs.append(logs[0])),
    ],
)  # fmt: skip
def test_a_receipt_that_its_block_does_not_confirm_is_not_believed(town: Town, fault: Fault) -> None:
    town.proxy.inject(fault, methods=RECEIPTS)
    assert town.refusal(lambda: town.chain.receipt(town.sent.tx_hash)).code in (
        "chain.bad_answer", "chain.reorganised",
    )  # fmt: skip


def test_a_receipt_of_a_transaction_that_was_never_mined_is_not_believed(town: Town) -> None:
    never = town.signed(9)
    true = town.node.ask("eth_getTransactionReceipt", town.sent.tx_hash)
    forged = {**true, "transactionHash": never.tx_hash}
    forged["logs"] = [{**log, "transactionHash": never.tx_hash} for log in true["logs"]]
    town.proxy.inject(faults.result(forged), methods=RECEIPTS)
    assert town.refusal(lambda: town.chain.receipt(never.tx_hash)).code == "chain.bad_answer"
    town.proxy.inject(faults.result(true), methods=RECEIPTS)
    assert town.refusal(lambda: town.chain.receipt(never.tx_hash)).code == "chain.bad_answer"


def forge(logs: list[dict[str, Any]], **fields: Any) -> None:
    logs.append({**logs[-1], "logIndex": hex(len(logs)), **fields})


@pytest.mark.parametrize(
    "change",
    [
        lambda logs: forge(logs, address=BOB.address),
        lambda logs: forge(logs, blockNumber="0x99"),
        lambda logs: forge(logs, blockHash=OTHER),
        lambda logs: forge(logs, transactionHash=OTHER),
        lambda logs: forge(logs, topics=[OTHER]),
        lambda logs: forge(logs, topics=[OTHER] * 5),
        lambda logs: forge(logs, removed=True),
        lambda logs: forge(logs, logIndex=logs[-1]["logIndex"], data="0x"),
        lambda logs: forge(logs, data="0x0"),
        lambda logs: logs.append(None),
    ],
)
def test_a_log_that_was_not_asked_for_or_is_in_no_block_is_not_believed(
    town: Town, change: Callable[[list[dict[str, Any]]], object]
) -> None:
    head = town.chain.head().number
    town.proxy.inject(in_logs(change), methods=LOGS)
    refusal = town.refusal(lambda: town.chain.events(0, head, [town.live.address]))
    assert refusal.code in ("chain.bad_answer", "chain.reorganised")


def test_logs_in_any_order_and_any_number_of_times_are_read_once_in_order(town: Town) -> None:
    for nonce in (2, 3, 4):
        town.chain.broadcast([town.signed(nonce, nonce).raw])
    town.node.mine(3)
    head = town.chain.head().number
    true = town.chain.events(0, head, [town.live.address])
    town.proxy.inject(faults.lie(lambda logs: [*reversed(logs), *logs]), methods=LOGS)
    assert town.chain.events(0, head, [town.live.address]) == true
    assert [event.args["value"] for event in true] == [SUPPLY, 5, 2, 3, 4]


def test_a_node_that_answers_few_blocks_or_few_logs_at_once_is_asked_in_parts(town: Town) -> None:
    town.node.mine(40)
    town.chain.broadcast([town.signed(7).raw])
    town.node.mine(3)
    head = town.chain.head().number
    true = town.chain.events(0, head, [town.live.address])

    def few(exchange: faults.Exchange) -> faults.Reply:
        wanted = exchange.request["params"][0]
        if int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) > 4:
            return exchange.reply(error={"code": -32005, "message": "limit exceeded"})
        return exchange.forward()

    town.proxy.inject(few, methods=LOGS)
    assert town.chain.events(0, head, [town.live.address]) == true
    assert [event.args["value"] for event in true] == [SUPPLY, 5, 7]
    town.proxy.inject(faults.error(-32005, "limit exceeded"), methods=LOGS)
    assert town.refusal(lambda: town.chain.events(0, head, [town.live.address])).code == "chain.refused"


def test_a_node_that_is_behind_does_not_hide_events(town: Town) -> None:
    """It would answer with the logs that it has, and leave out the newest without a word."""
    head = town.chain.head()
    known = lambda exchange: exchange.request["params"][0] in (hex(head.number), hex(head.number - 1))  # noqa: E731
    behind = lambda exchange: exchange.reply(result=None) if known(exchange) else exchange.forward()  # noqa: E731
    town.proxy.inject(behind, methods=BLOCKS)
    refusal = town.refusal(lambda: town.chain.events(0, head.number, [town.live.address]))
    assert refusal.code == "chain.no_block"


PAYMENTS: dict[str, Fault] = {
    "lost": faults.drop,
    "answer lost": faults.lose_answer,
    "twice": faults.twice,
    "refused with an old error": faults.error(-32000, "nonce too low"),
    "refused without reason": faults.error(-32000, "try later"),
    "another hash": faults.result(OTHER),
    "server error after it arrived": faults.status(502),
    "taken and thrown away": lambda exchange: exchange.reply(result=sent_hash(exchange)),
}


def sent_hash(exchange: faults.Exchange) -> str:
    from contracts.address import keccak256, to_hex

    return to_hex(keccak256(bytes.fromhex(exchange.request["params"][0][2:])))


@pytest.mark.parametrize("name", PAYMENTS)
def test_a_payment_whose_sending_goes_wrong_is_made_once_by_sending_the_same_bytes_again(
    town: Town, name: str
) -> None:
    signed = town.signed(7)
    town.proxy.inject(PAYMENTS[name], methods=SEND, times=1)
    for _ in range(4):
        try:
            town.chain.broadcast([signed.raw])
        except ChainError as error:
            assert error.code in ("chain.unreachable", "chain.nonce", "chain.refused", "chain.bad_answer")  # noqa: PT017
        town.node.mine(3)
    receipt = town.chain.receipt(signed.tx_hash)
    assert receipt is not None
    assert (receipt.status, receipt.finalized) == (1, True)
    assert town.balance() == 5 + 7


def test_nonces_that_are_no_numbers_are_not_believed(town: Town) -> None:
    for wrong in ("0x-1", "-1", 5, None, "0x" + "f" * 17, "0x", "0x05"):
        town.proxy.inject(faults.result(wrong), methods=["eth_getTransactionCount"])
        for question in (town.chain.nonce, town.chain.pending):
            assert town.refusal(lambda ask=question: ask(OPERATOR.address)).code == "chain.bad_answer"  # type: ignore[misc]


def test_a_nonce_too_high_is_not_sent_and_the_missing_one_is_named(town: Town) -> None:
    """A node that lied about the count made us sign too far ahead: the transaction would wait for ever."""
    town.proxy.inject(faults.result("0x9"), methods=["eth_getTransactionCount"], times=1)
    signed = town.signed(7)
    assert signed.nonce == 9
    refusal = town.refusal(lambda: town.chain.broadcast([signed.raw]))
    assert (refusal.code, refusal.facts["expected"], refusal.facts["given"]) == ("chain.nonce", 2, 9)
    assert town.proxy.count("eth_sendRawTransaction") == 2


@pytest.mark.parametrize(
    "data",
    ["0xzz", 7, "0xe450d38c" + "00" * 31, {"a": 1}, "0x" + "00" * (3 << 20)],
    ids=lambda d: str(d)[:12],
)
def test_a_reason_that_cannot_be_read_is_not_made_up(town: Town, data: Any) -> None:
    town.proxy.inject(faults.error(3, "execution reverted", data), methods=["eth_call"])
    assert town.refusal(town.balance).code == "chain.bad_answer"


def test_a_reason_is_read_with_its_values(town: Town) -> None:
    with pytest.raises(ChainRevert) as caught:
        town.live.call(town.chain, "transfer", ANN.address, 1, sender=BOB.address)
    assert (caught.value.error, caught.value.values["needed"]) == ("ERC20InsufficientBalance", 1)
    town.proxy.inject(faults.error(-32000, "VM Exception: revert"), methods=["eth_call"])
    with pytest.raises(ChainRevert) as caught:
        town.balance()
    assert caught.value.error == "Unknown"


def test_no_secret_of_an_endpoints_url_is_ever_shown(town: Town) -> None:
    port = town.proxy.url.rsplit(":", 1)[1]
    url = f"http://hidden:hidden@127.0.0.1:{port}/hidden/v3?key=hidden"
    with RpcChain([url], town.node.chain_id) as chain:
        assert chain.head() == town.chain.head()
        for fault, _ in BROKEN.values():
            town.proxy.inject(fault)
            refusal = town.refusal(chain.head)
            told = (str(refusal), refusal.facts, chain.alarms(), chain.endpoints(), refusal.__cause__)
            assert "hidden" not in repr(told)
    for wrong in ("ftp://hidden", "hidden", "http://:1/hidden", "http://x:99999/hidden"):
        with pytest.raises(ChainError) as caught:
            RpcChain([wrong], 1)
        assert caught.value.code == "chain.bad_endpoint"
        assert "hidden" not in str(caught.value)


def test_an_answer_to_an_old_request_is_not_taken_for_the_next(town: Town) -> None:
    """The server pushes a second answer into the kept connection."""

    def doubled(exchange: faults.Exchange) -> faults.Reply:
        true = exchange.forward()
        extra = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(true.body) + true.body
        return replace(true, after=extra)

    town.proxy.inject(doubled, methods=["eth_getTransactionCount"])
    head = town.chain.head().number
    assert [town.chain.nonce(OPERATOR.address, block) for block in range(head)] == [
        town.node_nonce(block) for block in range(head)
    ]
