"""Any order of claims, blocks, reorganisations, faults of the node and ends of the host: all is paid, once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.anvil import Anvil
from contracts.deploy import Deployment
from contracts.errors import ChainError
from host.economy import claims, epochs, ledger, outbox
from tests.conformance import proxy as faults
from tests.economy.conftest import HERE, LIVE, address, request
from tests.economy.dying import Crashed, dying, run_machine
from tests.economy.node_world import FINAL_AFTER, PLAYER, NodeWorld, node_world, started_node, wallet

FAULTS = {
    "drop": faults.drop, "lose_answer": faults.lose_answer, "twice": faults.twice, "stale": faults.stale,
    "busy": faults.error(-32000, "busy"), "null": faults.result(None),
}  # fmt: skip
METHODS = [
    None, ["eth_sendRawTransaction"], ["eth_getTransactionReceipt"], ["eth_getTransactionCount"], ["eth_getLogs"],
    ["eth_call"], ["eth_getBlockByNumber"],
]  # fmt: skip


class Money(RuleBasedStateMachine):
    """The model: what was promised to whom."""

    def __init__(self, node: Anvil, deployed: Deployment, folder: Path) -> None:
        super().__init__()
        self.node, self.deployed, self.folder = node, deployed, folder
        self.opened = ExitStack()

    @initialize()
    def start(self) -> None:
        self.folder.mkdir()
        self.world: NodeWorld = self.opened.enter_context(node_world(self.node, self.deployed, self.folder))
        self.settlement = self.world.settlement(push_batch=2, max_claims=3)
        self.numbers = itertools.count(1)
        self.promised = dict.fromkeys((1, 2, 3), 0)
        self.faulty = False

    @rule(player=st.integers(1, 3))
    def file(self, player: int) -> None:
        asked = request(next(self.numbers), player=player, address=address(player), amount="1")
        claim = self.world.write(lambda tx: claims.file(tx, asked, HERE))
        assert claim.state == "booked"
        self.promised[player] += LIVE

    @rule(blocks=st.integers(1, FINAL_AFTER + 1))
    def mine(self, blocks: int) -> None:
        self.node.mine(blocks)

    @rule(depth=st.integers(1, FINAL_AFTER), forget=st.booleans())
    def reorganise(self, depth: int, forget: bool) -> None:
        """Blocks that are not final go; their transactions wait again, or are forgotten."""
        self.node.reorganise(depth)
        if forget:
            self.node.ask("anvil_dropAllTransactions")

    @rule(name=st.sampled_from(sorted(FAULTS)), methods=st.sampled_from(METHODS), times=st.integers(1, 3))
    def lie(self, name: str, methods: list[str] | None, times: int) -> None:
        self.world.proxy.inject(FAULTS[name], methods=methods, times=times)

    @rule(percent=st.sampled_from([50, 150, 400]))
    def change_the_market(self, percent: int) -> None:
        base = int(self.node.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
        self.node.raise_base_fee(min(max(base * percent // 100, 10**8), 5 * 10**9))

    @rule()
    def claim_by_proof(self) -> None:
        rows = self.world.rows
        epoch = epochs.in_force(rows)
        for at in epochs.addresses_of(rows, epoch) if epoch else []:
            tree = epochs.tree_of(rows, epoch)
            self.world.send(PLAYER, "Distributor", "claim", tree.entry(at), tree.proof(at))

    @rule()
    def advance(self) -> None:
        self.asked(self.settlement.advance)

    @rule()
    def round(self) -> None:
        self.asked(self.settlement.drain)
        self.node.mine()

    @rule(committed=st.booleans())
    def crash(self, committed: bool) -> None:
        """The host ends inside a unit of work or right after its commit, and starts again."""
        try:
            write = dying(self.world.write, committed=committed)
            self.asked(self.world.settlement(write=write, push_batch=2, max_claims=3).advance)
        except Crashed:
            self.settlement = self.world.settlement(push_batch=2, max_claims=3)

    @precondition(lambda self: getattr(outbox.open_step(self.world.rows), "code", ""))
    @rule()
    def operator_retries(self) -> None:
        self.asked(lambda: self.settlement.retry("ada", "Looked at it."))

    def asked(self, work: Callable[[], object]) -> None:
        """A chain that fails is asked again later."""
        try:
            work()
        except ChainError:
            self.faulty = True

    @invariant()
    def nobody_has_more_than_was_promised(self) -> None:
        if hasattr(self, "world"):
            for player, wei in self.promised.items():
                assert self.world.balance(wallet(player)) <= wei

    @invariant()
    def books_are_sound(self) -> None:
        if hasattr(self, "world"):
            ledger.check(self.world.rows)

    def teardown(self) -> None:
        """However it went: with a node that works and an operator who looks, each promise is paid once."""
        if not hasattr(self, "world"):
            return
        try:
            self.world.proxy.heal()
            self.node.raise_base_fee(10**9)
            last = None
            for _ in range(12):
                last = self.world.settle(self.settlement, rounds=20)
                if last.did == "idle":
                    break
                if getattr(outbox.open_step(self.world.rows), "code", ""):
                    self.settlement.retry("ada", "Looked at it.")
                self.node.mine()
            assert last is not None
            assert last.did == "idle", last
            if any(self.promised.values()):
                self.world.check_paid({wallet(player): wei for player, wei in self.promised.items()})
        finally:
            self.opened.close()


def test_the_money_adds_up_on_a_node_that_does_anything(tmp_path: Path) -> None:
    numbers = itertools.count()
    with started_node() as (node, deployed):
        run_machine(lambda: Money(node, deployed, tmp_path / f"run{next(numbers)}"), 8, 30)
