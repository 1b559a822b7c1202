"""The embedded chain: blocks are whole, last through crashes, and can be read by others."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.chain import TX_GAS_CAP, ChainError, ChainRevert, Intent
from contracts.deploy import Deployment, verify
from contracts.local import LocalChain
from tests.contracts.stored import ANN, KEY, balance, pay


def test_everything_is_there_again_after_reopening(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored

    def seen(chain: LocalChain) -> tuple[object, ...]:
        events = chain.events(0, chain.head().number, deployed.addresses)
        return chain.head(), chain.receipt(sent[0]), events, chain.nonce(KEY.address)

    with LocalChain(path) as chain:
        sent = chain.broadcast([pay(chain, deployed.live, 5, 1)])
        before = seen(chain)
    with LocalChain(path) as chain:
        assert seen(chain) == before
        assert balance(chain, deployed.live) == 5
        verify(chain, deployed)


def test_signing_is_pure_and_sending_again_changes_nothing(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        intent = deployed.live.intent("once", KEY.address, "transfer", ANN.address, 5)
        first, again = chain.sign(intent, 1, KEY), chain.sign(intent, 1, KEY)
        assert first == again
        assert chain.receipt(first.tx_hash) is None
        assert chain.broadcast([first.raw, first.raw]) == [first.tx_hash, first.tx_hash]
        head = chain.head()
        assert chain.broadcast([first.raw]) == [first.tx_hash]
        assert chain.head() == head
        assert balance(chain, deployed.live) == 5


def test_a_batch_with_one_bad_transaction_changes_nothing(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        before = (
            chain.head(),
            chain.nonce(KEY.address),
            chain.events(0, chain.head().number, deployed.addresses),
        )
        good, gap = pay(chain, deployed.live, 5, 1), pay(chain, deployed.live, 6, 3)
        with pytest.raises(ChainError) as caught:
            chain.broadcast([good, gap])
        assert (caught.value.code, caught.value.facts["expected"], caught.value.facts["given"]) == (
            "chain.nonce",
            2,
            3,
        )
        assert (
            chain.head(),
            chain.nonce(KEY.address),
            chain.events(0, chain.head().number, deployed.addresses),
        ) == before
        assert balance(chain, deployed.live) == 0
        chain.broadcast([good, pay(chain, deployed.live, 6, 2)])
        assert balance(chain, deployed.live) == 11


def test_a_failing_disk_write_leaves_the_last_block(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        head = chain.head()
        with sqlite3.connect(path) as other:
            pages = other.execute("pragma page_count").fetchone()[0]
        # SQLite's own limit of pages stands for a full disk: the same error from the same place.
        chain.store.limit_pages(pages)
        raws = [pay(chain, deployed.live, 5, 1 + step) for step in range(40)]
        with pytest.raises(ChainError) as caught:
            chain.broadcast(raws)
        assert caught.value.code == "chain.disk_full"
        assert (chain.head(), balance(chain, deployed.live)) == (head, 0)
        chain.store.limit_pages(2**30)
        chain.broadcast(raws)
        assert balance(chain, deployed.live) == 200


def test_a_refused_call_is_mined_with_status_0_and_costs_a_nonce(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        intent = deployed.live.intent("poor", ANN.address, "transfer", KEY.address, 1)
        receipt = chain.receipt(chain.broadcast([chain.sign(intent, 0, ANN).raw])[0])
        assert receipt is not None
        assert (receipt.status, receipt.logs, receipt.contract_address, receipt.finalized) == (
            0,
            (),
            None,
            True,
        )
        assert chain.nonce(ANN.address) == 1
        with pytest.raises(ChainRevert) as caught:
            chain.call(deployed.live.address, intent.data, ANN.address)
        assert caught.value.error == "ERC20InsufficientBalance"
        assert caught.value.values == {"sender": ANN.address, "balance": 0, "needed": 1}


def test_old_blocks_can_be_asked(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        for step in range(3):
            chain.broadcast([pay(chain, deployed.live, 5, 1 + step)])
        assert [balance(chain, deployed.live, block) for block in (1, 2, 3, 4)] == [0, 5, 10, 15]
        assert [chain.nonce(KEY.address, block) for block in (0, 1, 4)] == [0, 1, 4]
        assert (chain.code(deployed.live.address, 0), chain.balance(KEY.address, 1)) == (b"", 0)
        with pytest.raises(ChainError) as caught:
            chain.nonce(KEY.address, 5)
        assert caught.value.code == "chain.no_block"


def test_what_is_no_good_transaction_is_refused_by_name(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain, LocalChain(None, chain_id=5) as other:
        good = pay(chain, deployed.live, 5, 1)
        from contracts.signing import sign_intent

        intent = Intent("x", KEY.address, ANN.address)
        little = sign_intent(intent, 1, KEY, chain_id=1337, gas=20_000, fee=0, tip=0).raw
        value = chain.sign(Intent("x", KEY.address, ANN.address, value=1), 1, KEY).raw
        cases = {
            b"": "chain.bad_transaction",
            b"\x02": "chain.bad_transaction",
            b"\x7f" * 40: "chain.bad_transaction",
            good[:-1]: "chain.bad_transaction",
            pay(other, deployed.live, 5, 1): "chain.wrong_chain",
            pay(chain, deployed.live, 5, 0): "chain.nonce",
            little: "chain.bad_transaction",
            value: "chain.bad_transaction",
        }
        for raw, code in cases.items():
            with pytest.raises(ChainError) as caught:
                chain.broadcast([raw])
            assert caught.value.code == code, raw
        with pytest.raises(ChainError) as caught:
            chain.sign(Intent("x", KEY.address, ANN.address, gas=TX_GAS_CAP + 1), 1, KEY)
        assert caught.value.code == "chain.gas_cap"
        with pytest.raises(ChainError) as caught:
            chain.sign(intent, 1, ANN)
        assert caught.value.code == "chain.wrong_key"
        assert chain.head().number == 1


def test_a_transaction_over_the_gas_cap_is_refused_though_signed_elsewhere() -> None:
    from eth_account import Account

    fields = {
        "chainId": 1337,
        "nonce": 0,
        "gas": TX_GAS_CAP + 1,
        "gasPrice": 0,
        "to": ANN.address,
        "value": 0,
        "data": b"",
    }
    raw = bytes(Account.sign_transaction(fields, KEY.reveal()).raw_transaction)
    with LocalChain(None) as chain:
        with pytest.raises(ChainError) as caught:
            chain.broadcast([raw])
        assert caught.value.code == "chain.gas_cap"
        fits = bytes(Account.sign_transaction({**fields, "gas": TX_GAS_CAP}, KEY.reveal()).raw_transaction)
        assert chain.receipt(chain.broadcast([fits])[0]).status == 1  # type: ignore[union-attr]


def test_time_moves_forward_only(tmp_path: Path) -> None:
    now = [1000.0]
    with LocalChain(tmp_path / "chain.db", clock=lambda: now[0]) as chain:
        assert chain.mine().timestamp == 1000
        now[0] = 500
        assert chain.mine().timestamp == 1000
        chain.increase_time(700)
        assert chain.mine().timestamp == 1200


def test_one_writer_at_a_time_and_the_other_is_named(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    with LocalChain(path) as chain:
        with pytest.raises(ChainError) as caught:
            LocalChain(path)
        assert caught.value.code == "chain.locked"
        assert f"process {os.getpid()}" in caught.value.message
        with LocalChain(path, read_only=True) as reader:
            assert balance(reader, deployed.live) == 0
            chain.broadcast([pay(chain, deployed.live, 5, 1)])
            assert (balance(reader, deployed.live), reader.head()) == (5, chain.head())
            with pytest.raises(ChainError) as caught:
                reader.broadcast([pay(chain, deployed.live, 5, 2)])
            assert caught.value.code == "chain.read_only"
    LocalChain(path).close()


def test_another_process_reads_while_this_one_writes(stored: tuple[Path, Deployment]) -> None:
    path, deployed = stored
    program = """
        import sys
        from pathlib import Path
        from contracts.bindings import Contract
        from contracts.local import LocalChain
        chain = LocalChain(Path(sys.argv[1]), read_only=True)
        for line in sys.stdin:
            print(Contract("LiveToken", sys.argv[2]).call(chain, "balanceOf", sys.argv[3]), flush=True)
    """
    with LocalChain(path) as chain:
        reader = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(path), deployed.live.address, ANN.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert reader.stdin is not None
        assert reader.stdout is not None
        with reader:
            for step in range(3):
                chain.broadcast([pay(chain, deployed.live, 5, 1 + step)])
                print("ask", file=reader.stdin, flush=True)
                assert reader.stdout.readline() == f"{5 * (step + 1)}\n"
            reader.stdin.close()
        assert reader.returncode == 0


WRITER = """
    import sys
    from pathlib import Path
    from contracts.bindings import Contract
    from contracts.keys import derive_key
    from contracts.local import LocalChain
    key = derive_key(b"for tests only".ljust(32), "operator")
    chain = LocalChain(Path(sys.argv[1]))
    live = Contract("LiveToken", sys.argv[2])
    nonce = chain.nonce(key.address)
    while True:
        intents = [live.intent("pay", key.address, "transfer", sys.argv[3], 1) for _ in range(3)]
        raws = [chain.sign(intent, nonce + step, key).raw for step, intent in enumerate(intents)]
        print(nonce, flush=True)
        chain.broadcast(raws)
        nonce += 3
        print("done", chain.head().number, chain.head().hash, flush=True)
"""


@pytest.mark.parametrize("lines", [2, 3, 8])
def test_a_killed_writer_leaves_its_last_full_block(stored: tuple[Path, Deployment], lines: int) -> None:
    path, deployed = stored
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), deployed.live.address, ANN.address]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer:
        printed = [writer.stdout.readline().split() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        printed += [line.split() for line in writer.stdout]
    done = [line for line in printed if line and line[0] == "done" and len(line) == 3]
    with LocalChain(path) as chain:
        head = chain.head()
        assert head.number >= int(done[-1][1])
        told = chain.block(int(done[-1][1]))
        assert told is not None
        assert told.hash == done[-1][2]
        paid = balance(chain, deployed.live)
        assert paid == 3 * (head.number - 1) == chain.nonce(KEY.address) - 1
        events = chain.events(2, head.number, [deployed.live.address])
        assert len(events) == paid
        chain.broadcast([pay(chain, deployed.live, 1, chain.nonce(KEY.address))])
        assert balance(chain, deployed.live) == paid + 1


@settings(max_examples=300, deadline=None)
@given(cut=st.integers(0, 400), noise=st.binary(max_size=12), place=st.integers(0, 400))
def test_hostile_bytes_get_a_chain_error_or_are_the_same_transaction(
    cut: int, noise: bytes, place: int
) -> None:
    from contracts.local.decode import decode_transaction

    with LocalChain(None) as chain:
        raw = chain.sign(Intent("x", KEY.address, ANN.address, data=b"\x01" * 40), 3, KEY).raw
    changed = raw[:place] + noise + raw[place + len(noise) :]
    changed = changed[: len(changed) - cut] if cut < len(changed) else noise
    try:
        transaction = decode_transaction(changed, 1337)
    except ChainError as refusal:
        assert refusal.code in ("chain.bad_transaction", "chain.wrong_chain", "chain.gas_cap")  # noqa: PT017
    else:
        assert changed == raw or transaction.sender != bytes.fromhex(KEY.address[2:])
