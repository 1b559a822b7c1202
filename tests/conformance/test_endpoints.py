"""Several endpoints: one that fails is passed over, one that contradicts is dropped and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from contracts.anvil import Anvil
from contracts.bindings import Contract
from contracts.deploy import created_address, deploy_intent
from contracts.errors import ChainError
from contracts.rpc import RpcChain
from tests.conformance import proxy as faults
from tests.conformance.conftest import ANN, OPERATOR, SUPPLY, new_node
from tests.conformance.proxy import Fault, HostileProxy

LIVE = Contract("LiveToken", created_address(OPERATOR.address, 0))
OTHER = "0x" + "ab" * 32


@pytest.fixture
def proxies(node: Anvil) -> Iterator[list[HostileProxy]]:
    """Three ways to one node, where LIVE is deployed and 5 of it paid to ANN, finally."""
    with ExitStack() as stack:
        found = [stack.enter_context(HostileProxy(node.url)) for _ in range(3)]
        with RpcChain([node.url], node.chain_id) as chain:
            intent = deploy_intent("live", OPERATOR.address, "LiveToken", OPERATOR.address, SUPPLY)
            chain.broadcast([chain.sign(intent, 0, OPERATOR).raw])
            node.mine()
            paid = LIVE.intent("pay", OPERATOR.address, "transfer", ANN.address, 5)
            chain.broadcast([chain.sign(paid, 1, OPERATOR).raw])
            node.mine(4)
        yield found


def connect(node: Anvil, proxies: list[HostileProxy], count: int, **options: Any) -> RpcChain:
    return RpcChain([proxy.url for proxy in proxies[:count]], node.chain_id, timeout=1.0, **options)


def name(proxy: HostileProxy) -> str:
    return proxy.url.removeprefix("http://")


def read(chain: RpcChain, tx_hash: str) -> tuple[object, ...]:
    final = chain.finalized()
    return (
        final, chain.block(1), chain.receipt(tx_hash), chain.nonce(OPERATOR.address, 2), chain.code(LIVE.address, 2),
        chain.balance(OPERATOR.address, 2), chain.events(0, final.number, [LIVE.address]),
        LIVE.call(chain, "balanceOf", ANN.address, block=2),
    )  # fmt: skip


def paid_hash(node: Anvil) -> str:
    return str(node.ask("eth_getBlockByNumber", "0x2", False)["transactions"][0])


@pytest.mark.parametrize("fault", [faults.drop, faults.hang, faults.status(500), faults.body(b"<html>")])
def test_an_endpoint_that_fails_is_passed_over_named_and_used_again(
    node: Anvil, proxies: list[HostileProxy], fault: Fault
) -> None:
    now = [0.0]
    with connect(node, proxies, 2, clock=lambda: now[0]) as chain:
        before = read(chain, paid_hash(node))
        proxies[0].inject(fault)
        assert read(chain, paid_hash(node)) == before
        (alarm,) = chain.alarms()
        assert (alarm.code, alarm.facts["endpoint"]) == ("chain.endpoint_down", name(proxies[0]))
        asked = len(proxies[0].seen)
        assert read(chain, paid_hash(node)) == before
        assert len(proxies[0].seen) == asked, "it rests before it is asked again"
        signed = chain.sign(LIVE.intent("pay", OPERATOR.address, "transfer", ANN.address, 1), 2, OPERATOR)
        chain.broadcast([signed.raw])
        node.mine(3)
        assert LIVE.call(chain, "balanceOf", ANN.address) == 6
        proxies[0].heal()
        now[0] += 60
        chain.head()
        assert len(proxies[0].seen) > asked
        assert chain.alarms() == ()


def test_when_all_fail_each_is_named_and_the_next_question_is_asked_all_the_same(
    node: Anvil, proxies: list[HostileProxy]
) -> None:
    with connect(node, proxies, 2) as chain:
        for proxy in proxies:
            proxy.inject(faults.drop)
        with pytest.raises(ChainError) as caught:
            chain.head()
        assert caught.value.code == "chain.unreachable"
        assert caught.value.facts["endpoints"].keys() == {name(proxy) for proxy in proxies[:2]}  # type: ignore[attr-defined]
        for proxy in proxies:
            proxy.heal()
        assert chain.head().number == 5


def changed(**fields: Any) -> Fault:
    return faults.lie(lambda found: found and {**found, **fields})


def pinned(value: str) -> Fault:
    return faults.result(value)


def fewer(found: list[Any]) -> list[Any]:
    return found[:-1]


def more(found: dict[str, Any]) -> dict[str, Any]:
    """The amount in the log is changed: nothing that the block tells shows it."""
    return {**found, "logs": [{**log, "data": "0x" + "ff" * 32} for log in found["logs"]]}


LIES: dict[str, tuple[str, Fault]] = {
    "nonce": ("eth_getTransactionCount", pinned("0x9")),
    "balance": ("eth_getBalance", pinned("0x0")),
    "code": ("eth_getCode", pinned("0x")),
    "call": ("eth_call", pinned("0x" + "00" * 31 + "07")),
    "revert": ("eth_call", faults.error(3, "execution reverted", "0x")),
    "hidden log": ("eth_getLogs", faults.lie(fewer)),
    "no logs": ("eth_getLogs", pinned([])),  # type: ignore[arg-type]
    "gas": ("eth_getTransactionReceipt", changed(gasUsed="0x1")),
    "refused though it worked": ("eth_getTransactionReceipt", changed(status="0x0", logs=[])),
    "amount in a log": ("eth_getTransactionReceipt", faults.lie(more)),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("liar", [0, 1])
def test_one_liar_among_three_is_outvoted_dropped_and_named(
    node: Anvil, proxies: list[HostileProxy], lie: str, liar: int
) -> None:
    """Two are asked, the third only where they differ."""
    method, fault = LIES[lie]
    with connect(node, proxies, 3) as chain:
        before = read(chain, paid_hash(node))
        proxies[liar].inject(fault, methods=[method])
        assert read(chain, paid_hash(node)) == before
        (alarm,) = chain.alarms()
        assert (alarm.code, alarm.facts["endpoint"]) == ("chain.endpoint_dropped", name(proxies[liar]))
        assert "contradicts" in str(alarm.facts["reason"])
        seen = len(proxies[liar].seen)
        assert read(chain, paid_hash(node)) == before
        assert len(proxies[liar].seen) == seen, "it is asked no more"


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("liar", [0, 1])
def test_of_two_that_contradict_neither_is_believed(
    node: Anvil, proxies: list[HostileProxy], lie: str, liar: int
) -> None:
    method, fault = LIES[lie]
    with connect(node, proxies, 2) as chain:
        proxies[liar].inject(fault, methods=[method])
        with pytest.raises(ChainError) as caught:
            read(chain, paid_hash(node))
        assert caught.value.code == "chain.disagreement"
        assert caught.value.facts["endpoints"] == [name(proxy) for proxy in proxies[:2]]


def test_a_receipt_that_one_endpoint_hides_is_found_at_another(
    node: Anvil, proxies: list[HostileProxy]
) -> None:
    proxies[0].inject(faults.result(None), methods=["eth_getTransactionReceipt"])
    with connect(node, proxies, 3) as chain:
        found = chain.receipt(paid_hash(node))
        assert found is not None
        assert found.status == 1
        assert [alarm.facts["endpoint"] for alarm in chain.alarms()] == [name(proxies[0])]


def test_an_endpoint_on_another_fork_is_dropped_by_the_hash_of_a_final_block(
    node: Anvil, proxies: list[HostileProxy]
) -> None:
    """It is a whole chain of its own, with the same id and honest headers."""
    with new_node(final_after=2, timestamp=1_700_000_000) as fork:
        fork.mine(9)
        urls = [fork.url, proxies[1].url, proxies[2].url]
        with RpcChain(urls, node.chain_id) as chain:
            first = chain.block(1)
            assert first is not None
            assert first.hash == node.ask("eth_getBlockByNumber", "0x1", False)["hash"]
            assert [alarm.facts["endpoint"] for alarm in chain.alarms()] == [fork.url.removeprefix("http://")]
        with RpcChain(urls[:2], node.chain_id) as chain:
            with pytest.raises(ChainError) as caught:
                chain.finalized()
            assert caught.value.code == "chain.disagreement"


def test_an_endpoint_of_another_chain_id_is_dropped(node: Anvil, proxies: list[HostileProxy]) -> None:
    proxies[0].inject(faults.result("0x38"), methods=["eth_chainId"])
    with connect(node, proxies, 2) as chain:
        assert chain.head().number == 5
        (alarm,) = chain.alarms()
        assert (alarm.code, alarm.facts["endpoint"]) == ("chain.endpoint_dropped", name(proxies[0]))


def test_an_endpoint_that_is_behind_is_no_liar(node: Anvil, proxies: list[HostileProxy]) -> None:
    """It knows nothing above block 2: it has no voice there, and is not dropped."""

    def behind(exchange: faults.Exchange) -> faults.Reply:
        tag, full = exchange.request["params"]
        if tag in ("latest", "finalized"):
            exchange.request["params"] = ["0x2", full]
        elif int(tag, 16) > 2:
            return exchange.reply(result=None)
        return exchange.forward()

    proxies[1].inject(behind, methods=["eth_getBlockByNumber"])
    proxies[1].inject(
        faults.error(-32000, "header not found"), methods=["eth_call", "eth_getTransactionCount"]
    )
    with connect(node, proxies, 3) as chain:
        assert chain.finalized().number == 3
        assert chain.nonce(OPERATOR.address, 4) == 2
        assert len(chain.events(0, 4, [LIVE.address])) == 2
        assert chain.alarms() == ()


def test_a_quorum_that_is_not_reached_stops_what_is_final(node: Anvil, proxies: list[HostileProxy]) -> None:
    with connect(node, proxies, 2, quorum=2) as chain:
        before = read(chain, paid_hash(node))
        proxies[1].inject(faults.drop)
        with pytest.raises(ChainError) as caught:
            chain.receipt(paid_hash(node))
        assert caught.value.code == "chain.no_quorum"
        proxies[1].heal()
        assert read(chain, paid_hash(node)) == before


def finality(number: Callable[[], int]) -> Fault:
    def fault(exchange: faults.Exchange) -> faults.Reply:
        tag, full = exchange.request["params"]
        if tag == "finalized":
            exchange.request["params"] = [hex(number()), full]
        return exchange.forward()

    return fault


@pytest.mark.parametrize("claimed", [0, 5])
def test_one_liar_moves_finality_neither_forward_nor_back(
    node: Anvil, proxies: list[HostileProxy], claimed: int
) -> None:
    proxies[0].inject(finality(lambda: claimed), methods=["eth_getBlockByNumber"])
    with connect(node, proxies, 3) as chain:
        assert chain.finalized().number == 3


def test_finality_that_stalls_raises_the_alarm_until_it_moves(
    node: Anvil, proxies: list[HostileProxy]
) -> None:
    stopped = [3]
    proxies[0].inject(finality(lambda: stopped[0]), methods=["eth_getBlockByNumber"])
    with connect(node, proxies, 1) as chain:
        node.mine(13)
        assert chain.alarms() == ()
        node.mine(1)
        (alarm,) = chain.alarms()
        assert (alarm.code, alarm.facts) == ("chain.finality_stalled", {"final": 3, "head": 19})
        assert chain.finalized().number == 3
        stopped[0] = 17
        assert chain.alarms() == ()


def test_a_node_without_the_final_tag_is_final_by_depth(node: Anvil, proxies: list[HostileProxy]) -> None:
    def untold(exchange: faults.Exchange) -> faults.Reply:
        if exchange.request["params"][0] == "finalized":
            return exchange.reply(error={"code": -32602, "message": "unknown block tag"})
        return exchange.forward()

    proxies[0].inject(untold, methods=["eth_getBlockByNumber"])
    with connect(node, proxies, 1, confirmations=4) as chain:
        found = chain.receipt(paid_hash(node))
        assert found is not None
        assert (chain.finalized().number, found.finalized) == (1, False)
        node.mine(1)
        found = chain.receipt(paid_hash(node))
        assert found is not None
        assert (chain.finalized().number, found.finalized) == (2, True)


def test_finality_never_goes_back(node: Anvil, proxies: list[HostileProxy]) -> None:
    with connect(node, proxies, 1) as chain:
        before = chain.finalized()
        proxies[0].inject(finality(lambda: 1), methods=["eth_getBlockByNumber"])
        assert chain.finalized() == before


@pytest.mark.parametrize(
    ("urls", "quorum"), [([], 1), (["http://a", "http://a"], 1), (["http://a"], 2), (["http://a"], 0)]
)
def test_a_configuration_without_sense_is_refused(urls: list[str], quorum: int) -> None:
    with pytest.raises(ChainError) as caught:
        RpcChain(urls, 56, quorum=quorum)
    assert caught.value.code == "chain.bad_endpoint"


def test_web3_reads_the_long_extra_data_of_proof_of_authority(
    node: Anvil, proxies: list[HostileProxy]
) -> None:
    proxies[0].inject(changed(extraData="0x" + "ab" * 97), methods=["eth_getBlockByNumber"])
    with connect(node, proxies, 1) as chain:
        block = chain.web3().eth.get_block(1)
        assert len(block["proofOfAuthorityData"]) == 97  # type: ignore[typeddict-item]
