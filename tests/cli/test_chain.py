"""`mall chain` on both chains: verbs deploy, verify, fund and settle; and a player is paid when the host is gone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from contracts import keystore
from contracts.anvil import Anvil
from contracts.keys import derive_key
from contracts.rpc import RpcChain
from host.cli import cli
from host.config import load
from host.economy import claims, funding, ledger
from host.economy.models import ClaimRequest, Refusal
from host.kernel import Kernel, open_kernel
from host.keyfile import write_secret
from tests.economy.conftest import HERE, LIVE, add_pool

WINNER, HELPER = (
    derive_key(b"tests of mall chain, no secret".ljust(32), name) for name in ("winner", "helper")
)
PASSWORD = "open sesame"
COIN = 10**20


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--json"], env=env)


def answered(*arguments: str, **options: dict[str, str]) -> dict[str, object]:
    done = run(*arguments, **options)
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.output)
    return found


def refused(*arguments: str, **options: dict[str, str]) -> dict[str, str]:
    done = run(*arguments, **options)
    assert done.exit_code == 1, done.output
    error: dict[str, str] = json.loads(done.output)["error"]
    return error


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(final_after=0) as started:
        for who in (WINNER, HELPER):
            started.fund(who.address, COIN)
        yield started


@pytest.fixture(params=["embedded", "node"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder whose settings name the embedded chain, or a node where the verb has deployed the contracts."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    if request.param == "node":
        node = request.getfixturevalue("node")
        (folder / "mall.toml").write_text(f'chain_endpoints = "{node.url}"\nchain_id = {node.chain_id}\n')
        assert refused("chain", "status", "--data", str(folder))["code"] == "chain.not_deployed"
        poor = refused("chain", "deploy", "--data", str(folder))
        assert poor["code"] == "deploy.no_coin"
        node.fund(poor["facts"]["operator"], COIN)
    first = answered("chain", "deploy", "--data", str(folder))
    assert answered("chain", "deploy", "--data", str(folder))["contracts"] == first["contracts"]
    return folder


def with_winner(data: Path) -> None:
    """A pool with 50 LIVE, by the verb, and a claim of 3 LIVE that is booked."""
    with open_kernel(load(flags={"data": data})) as kernel:
        kernel.write(lambda tx: add_pool(tx, 1))
    give_coin(data)
    for _ in range(2):  # the name makes it one order
        assert (
            answered("chain", "fund", "1", "50", "--once", "first", "--data", str(data))["left"] == "50 LIVE"
        )
    with open_kernel(load(flags={"data": data})) as kernel:
        asked = ClaimRequest(1, "s1", 1, "daily", 7, WINNER.address, "3")
        kernel.write(lambda tx: claims.file(tx, asked, HERE))


def give_coin(data: Path) -> None:
    """The treasury can pay its gas on a node."""
    config = load(flags={"data": data})
    if config.chain_endpoints:
        treasury = str(answered("chain", "status", "--data", str(data))["treasury"])
        body = {"jsonrpc": "2.0", "id": 1, "method": "anvil_setBalance", "params": [treasury, hex(COIN)]}
        httpx.post(config.chain_endpoints, json=body)


def balance(kernel: Kernel) -> int:
    return int(kernel.deployment.live.call(kernel.chain, "balanceOf", WINNER.address))


def test_verbs_fund_settle_and_verify(data: Path) -> None:
    with_winner(data)
    at = ("--data", str(data))
    assert answered("chain", "settle", *at)["now"] in ("idle", "waiting")
    for _ in range(20):
        if answered("chain", "settle", *at)["now"] == "idle":
            break
    status = answered("chain", "status", *at)
    assert (status["claims"], status["open"], status["own"], status["alarms"]) == (
        {"paid": 1},
        "nothing",
        [],
        [],
    )
    assert list(json.loads((data / "proofs.json").read_text())["entries"]) == [WINNER.address]
    verified = answered("chain", "verify", *at)
    assert (verified["agrees"], verified["differences"]) == (True, "none")
    with open_kernel(load(flags={"data": data})) as kernel:
        sealed = f"{kernel.chain.head().number + 1} as sealed"
        assert verified["blocks"] == ("kept by others" if kernel.config.chain_endpoints else sealed)
        assert balance(kernel) == 3 * LIVE
    assert refused("chain", "settle", "--retry", "why not", *at)["code"] == "settlement.not_stuck"
    assert refused("chain", "settle", "--give-up", "why not", *at)["code"] == "settlement.not_refused"
    assert refused("chain", "settle", "--give-up", "a", "--retry", "b", *at)["code"] == "settle.one_of"
    assert refused("chain", "fund", "9", "1", *at)["code"] == "fund.unknown_pool"
    assert refused("chain", "fund", "1", "1e9", *at)["code"] == "amount.bad"


def test_books_that_differ_are_shown_with_pool_and_block_and_end_with_exit_code_1(data: Path) -> None:
    with_winner(data)
    with open_kernel(load(flags={"data": data})) as kernel:
        held = next(iter(funding.holdings(kernel.rows)))
        kernel.write(lambda tx: ledger.post(tx, "test.harm", "harm", {funding.VAULT + held: -1, "pool:1": 1}))
    done = run("chain", "verify", "--data", str(data))
    assert done.exit_code == 1
    told = json.loads(done.output)["differences"]
    assert told.startswith("pool 1 'daily' of placement 1 (0x")
    assert f"books {50 * LIVE + 1}, chain {50 * LIVE}" in told
    assert "they part at block" in told
    assert str(answered("chain", "settle", "--data", str(data))["code"]) == "settlement.differs"
    assert "DIFFER" in str(answered("chain", "status", "--data", str(data))["compared"])


@pytest.mark.parametrize("data", ["embedded"], indirect=True)
def test_a_block_of_the_embedded_chain_that_was_changed_is_found_though_all_figures_agree(data: Path) -> None:
    with sqlite3.connect(load(flags={"data": data}).chain) as file:
        file.execute("update tx set gas_used = gas_used + 1 where block = 2")
    file.close()
    error = refused("chain", "verify", "--data", str(data))
    assert error["code"] == "chain.corrupt"
    assert "block 2" in error["message"]


def settle_without_pushing(data: Path) -> None:
    with open_kernel(load(flags={"data": data})) as kernel:
        for _ in range(200):
            if kernel.settlement.advance().did == "settled":
                return
    raise AssertionError("never settled")


@pytest.mark.parametrize("data", ["node"], indirect=True)
def test_a_player_claims_with_proofs_and_a_node_when_the_host_is_gone(
    data: Path, node: Anvil, tmp_path: Path
) -> None:
    with_winner(data)
    settle_without_pushing(data)
    file = tmp_path / "proofs.json"
    assert answered("chain", "export-proofs", str(file), "--data", str(data))["addresses"] == 1
    assert json.loads(file.read_text())["epoch"] == 1
    live = str(answered("chain", "status", "--data", str(data))["contracts"]["LiveToken"])
    shutil.rmtree(data)
    key = tmp_path / "wallet.json"
    write_secret(key, keystore.encrypt(WINNER.reveal(), PASSWORD, scrypt_n=keystore.LIGHT_SCRYPT_N))
    given = (
        "chain",
        "claim",
        str(file),
        "--rpc",
        node.url,
        "--keystore",
        str(key),
        "--data",
        str(tmp_path / "none"),
    )
    assert refused(*given)["code"] == "key.no_password"
    wrong = refused(*given, env={"MALL_KEY_PASSWORD": "wrong"})
    assert (wrong["code"], "wrong" in json.dumps(wrong["facts"])) == ("keystore.wrong_password", False)
    paid = answered(*given, env={"MALL_KEY_PASSWORD": PASSWORD})
    assert (paid["paid"], paid["to"]) == ("3 LIVE", WINNER.address)
    assert held(node, live) == 3 * LIVE
    again = answered(*given, env={"MALL_KEY_PASSWORD": PASSWORD})
    assert (again["paid"], again["tx"]) == ("0 LIVE", "")
    assert held(node, live) == 3 * LIVE
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("data", ["node"], indirect=True)
def test_anybody_may_pay_the_gas_and_no_changed_file_is_used(data: Path, node: Anvil, tmp_path: Path) -> None:
    with_winner(data)
    settle_without_pushing(data)
    made = answered("chain", "export-proofs", "--data", str(data))
    key, file = tmp_path / "helper.key", tmp_path / "proofs.json"
    write_secret(key, HELPER.reveal().hex().encode())
    given = ("chain", "claim", str(file), "--rpc", node.url, "--keystore", str(key), "--for", WINNER.address)

    def code(**changes: object) -> str:
        file.write_text(json.dumps({**made, **changes}))
        return refused(*given)["code"]

    richer = {WINNER.address: {**made["entries"][WINNER.address], "total_wei": str(30 * LIVE)}}
    assert code(entries=richer) == "proofs.wrong_proof"
    assert code(entries={}) == "proofs.no_entry"
    assert code(distributor=HELPER.address) == "proofs.no_contract"
    assert code(chain_id=56) in ("chain.wrong_chain", "chain.unreachable", "proofs.other_chain")
    assert code(format="else") == "proofs.malformed"
    assert code(entries={WINNER.address: {"total_wei": "1", "proof": "0x00"}}) == "proofs.malformed"
    file.write_bytes(b"[" * 100_000)
    assert refused(*given)["code"] == "proofs.malformed"
    file.write_text(json.dumps(made))
    assert answered(*given)["paid"] == "3 LIVE"
    with RpcChain([node.url], node.chain_id) as chain:
        assert chain.balance(HELPER.address) < COIN
        assert chain.balance(WINNER.address) == COIN


def held(node: Anvil, live: str) -> int:
    data = "0x70a08231" + WINNER.address[2:].lower().rjust(64, "0")
    return int(node.ask("eth_call", {"to": live, "data": data}, "latest"), 16)


@pytest.mark.parametrize("data", ["embedded"], indirect=True)
def test_a_held_claim_waits_for_a_person(data: Path) -> None:
    with_winner(data)
    at = ("--data", str(data))
    with open_kernel(load(flags={"data": data})) as kernel:
        for number in (2, 3):
            asked = ClaimRequest(1, "s1", number, "daily", 7, WINNER.address, "5")
            doubt = Refusal("reward.not_recorded", "The disk was full.")
            kernel.write(lambda tx, asked=asked, doubt=doubt: claims.file(tx, asked, HERE, (), doubt))
        assert claims.left(kernel.rows, 1) == 37 * LIVE
    assert [row["claim"] for row in answered("chain", "held", *at)["held"]] == [2, 3]
    assert answered("chain", "decide", "2", "pay", "seen it", *at)["state"] == "booked"
    assert answered("chain", "decide", "3", "refuse", "no match was played", *at)["state"] == "rejected"
    assert refused("chain", "decide", "3", "pay", "after all", *at)["code"] == "claim.not_held"
    assert refused("chain", "decide", "1", "pay", " ", *at)["code"] == "claim.no_reason"
    answered("chain", "settle", *at)
    with open_kernel(load(flags={"data": data})) as kernel:
        assert balance(kernel) == 8 * LIVE
        assert claims.left(kernel.rows, 1) == 42 * LIVE


def test_no_password_stands_in_a_setting_or_an_answer(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "mall.toml").write_text('chain_endpoints = "http://user:hunter2@127.0.0.1:9"\nchain_id = 56\n')
    (folder / "deployment-56.json").write_text('{"chain_id": 56, "block": 1, "contracts": {}}')
    done = run("chain", "status", "--data", str(folder))
    assert done.exit_code == 1
    assert "hunter2" not in done.output
    assert "hunter2" not in repr(load(flags={"data": folder}))
