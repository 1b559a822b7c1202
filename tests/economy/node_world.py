"""The economy of a host on a real node: the host sees it through a proxy that can lie, everybody else directly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from web3 import Web3

from contracts.abi import ARTIFACTS
from contracts.anvil import Anvil, MinedChain
from contracts.chain import Receipt
from contracts.deploy import Deployment, deploy
from contracts.errors import ChainError
from contracts.keys import PrivateKey
from contracts.rpc import RpcChain
from host.economy import claims, ledger
from host.economy.settlement import Done, Settlement
from host.storage import audit
from tests.conformance.proxy import HostileProxy
from tests.economy.conftest import LIVE, add_pool, address
from tests.economy.world import FUNDER, OPERATOR, SUPPLY, TREASURY, World, derive_key, open_database

PLAYER = derive_key(b"economy tests, no secret".ljust(32), "player")
PEOPLE = (OPERATOR, FUNDER, TREASURY, PLAYER)
FINAL_AFTER = 2


class NodeWorld(World):
    """A world whose chain is a node. `direct` mines what it sends at once; the host's own sends wait for `mine`."""

    node: Anvil
    proxy: HostileProxy
    direct: MinedChain

    def send(self, key: PrivateKey, contract: str, function: str, *arguments: object) -> Receipt:
        intent = self.deployed.contract(contract).intent("test", key.address, function, *arguments)
        signed = self.direct.sign(intent, self.direct.pending(key.address), key)
        receipt = self.direct.receipt(self.direct.broadcast([signed.raw])[0])
        assert receipt is not None
        return receipt

    def fund(self, pool: int, wei: int, funder: PrivateKey = FUNDER) -> None:
        super().fund(pool, wei, funder)
        self.node.mine(FINAL_AFTER)

    def balance(self, address: str) -> int:
        return int(self.deployed.live.call(self.direct, "balanceOf", address))

    def settle(self, settlement: Settlement, rounds: int = 60) -> Done:
        """Round after round, a block between two, until nothing is left; a chain that fails is asked again."""
        last = Done("waiting")
        for _ in range(rounds):
            try:
                last = settlement.drain()[-1]
            except ChainError as error:
                last = Done("waiting", code=error.code, detail=error.message)
            if last.did in ("idle", "stuck"):
                break
            self.node.mine()
        return last

    def check_paid(self, due: dict[str, int]) -> None:
        """Read by an independent web3: each was paid exactly this, the vault has the rest, the books say the same."""
        seen = read_by_web3(self.node.url, self.deployed, list(due))
        assert seen["paid"] == due
        self.node.mine(FINAL_AFTER)
        self.follow()
        ledger.check(self.rows)
        books = sum(-amount for amount in ledger.balances(self.rows, "chain:vault:").values())
        assert seen["vault"] == books
        assert seen["distributor"] == -ledger.balance(self.rows, "chain:distributor") == 0
        assert self.settlement().check(full=True).differences == ()
        audit.verify(self.rows.all("select * from audit order by seq"))
        assert {claim.state for claim in claims.list_claims(self.rows)} == {"paid"}

    def actions(self) -> list[str]:
        """What the audit trail says, in order."""
        return [row["action"] for row in self.rows.all("select action from audit order by seq")]


def read_by_web3(url: str, deployed: Deployment, players: list[str]) -> dict[str, object]:
    """LIVE as the node holds it and as its Transfer events add up to, by web3.py and the ABI file alone."""
    web3 = Web3(Web3.HTTPProvider(url))
    abi = json.loads((ARTIFACTS / "LiveToken.json").read_text())["abi"]
    live = web3.eth.contract(address=deployed.live.address, abi=abi)
    paid = dict.fromkeys(players, 0)
    for event in live.events.Transfer().get_logs(from_block=0):
        if event["args"]["from"] == deployed.distributor.address:
            paid[event["args"]["to"]] += event["args"]["value"]
    held = {player: live.functions.balanceOf(player).call() for player in players}
    assert held == paid
    return {
        "paid": held,
        "vault": live.functions.balanceOf(deployed.vault.address).call(),
        "distributor": live.functions.balanceOf(deployed.distributor.address).call(),
    }


@contextmanager
def started_node() -> Iterator[tuple[Anvil, Deployment]]:
    """A node with the contracts and a pool of 100 LIVE, all of it final."""
    with Anvil(automine=False, final_after=FINAL_AFTER) as node:
        for who in PEOPLE:
            node.fund(who.address, 10**24)
        with MinedChain(node) as direct:
            deployed = deploy(direct, OPERATOR, SUPPLY, TREASURY.address)
            funding = World(direct, deployed, None, None, Path())
            funding.fund(1, 100 * LIVE)
        node.mine(FINAL_AFTER)
        yield node, deployed


@contextmanager
def node_world(node: Anvil, deployed: Deployment, folder: Path) -> Iterator[NodeWorld]:
    """A host of its own on the node, which has read what is there; the node is as before when it ends."""
    snapshot = node.ask("evm_snapshot")
    node.mine(FINAL_AFTER + 1)  # no reorganisation of a test reaches below the snapshot
    with (
        HostileProxy(node.url) as proxy,
        MinedChain(node) as direct,
        RpcChain([proxy.url], node.chain_id, timeout=2.0) as chain,
    ):
        world = NodeWorld(chain, deployed, *open_database(folder), folder)
        world.node, world.proxy, world.direct = node, proxy, direct
        world.write(lambda tx: add_pool(tx, 1))
        world.follow()
        yield world
        world.writer.close()
        world.reader.close()
    node.ask("evm_revert", snapshot)
    node.raise_base_fee(10**9)  # what was set for a next block outlives the revert


def wallet(player: int) -> str:
    """A player's wallet in EIP-55 spelling."""
    return Web3.to_checksum_address(address(player))
