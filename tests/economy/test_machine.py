"""Any order of funding, returns, claims, steps, crashes and refusals: an independent count always agrees."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts import deploy
from contracts.address import checked_address
from contracts.local import LocalChain
from host.economy import amounts, claims, epochs, funding, ledger, outbox
from host.economy.models import ClaimRequest
from host.economy.reconcile import reconcile
from host.storage import audit
from tests.economy.conftest import HERE, LIVE, Clock, add_pool, address, request
from tests.economy.dying import Crashed, dying, run_machine
from tests.economy.world import FUNDER, OPERATOR, TREASURY, World, derive_key, new_world, open_database

STRANGER = derive_key(b"economy tests, no secret".ljust(32), "stranger")
PLAYERS, POOLS = st.integers(1, 3), st.sampled_from([1, 2])
CAP, DAY_CAP, COOLDOWN = 5 * LIVE, 12 * LIVE, 10.0  # of pool 1; pool 2 has none


class Money(RuleBasedStateMachine):
    """The model: what each pool got, what was promised to whom and when, in plain numbers."""

    def __init__(self, stored: Path, folder: Path) -> None:
        super().__init__()
        self.stored, self.folder = stored, folder

    @initialize()
    def start(self) -> None:
        shutil.copytree(self.stored, self.folder)
        self.clock = Clock()
        chain = LocalChain(self.folder / "chain.db", clock=lambda: 1_000_000.0)
        deployed = deploy.load(self.folder / "deployment.json")
        self.world = World(chain, deployed, *open_database(self.folder, self.clock), self.folder)
        self.settlement = self.world.settlement(push_batch=2, max_claims=4)
        self.unread = {1: 0, 2: 0}  # funded less returned on the chain, not followed yet
        self.money = {1: 0, 2: 0}  # the same, followed
        self.promised: dict[int, tuple[int, int, int, float]] = {}  # claim: player, pool, wei, when
        self.withdrawn: set[int] = set()
        self.asked: list[tuple[ClaimRequest, claims.Claim]] = []

    # ---- the world acts

    @rule(pool=POOLS, whole=st.integers(1, 15))
    def fund(self, pool: int, whole: int) -> None:
        self.world.fund(pool, whole * LIVE)
        self.unread[pool] += whole * LIVE

    @rule(pool=POOLS)
    def take_back(self, pool: int) -> None:
        known = int(funding.vault_pool(FUNDER.address, pool), 16)
        _, held, _ = self.world.deployed.vault.call(self.world.chain, "pools", known)
        if held:
            assert self.world.send(OPERATOR, "PrizeVault", "returnPool", known).status == 1
            self.unread[pool] -= held

    @rule(on=st.booleans())
    def pause(self, on: bool) -> None:
        self.world.send(OPERATOR, "PrizeVault", "pauseDraws", on)

    @rule()
    def use_the_operators_key_by_hand(self) -> None:
        self.world.send(OPERATOR, "LiveToken", "approve", FUNDER.address, 1)

    @rule(player=PLAYERS)
    def claim_by_proof(self, player: int) -> None:
        epoch = epochs.last(self.world.rows)
        to = checked_address(address(player))
        step = outbox.open_step(self.world.rows)
        if step is None or step.step == "settle":
            return
        tree = epochs.tree_of(self.world.rows, epoch)
        entries = self.world.rows.all("select address from epoch_entries where epoch = ?", epoch)
        if to in {row["address"] for row in entries}:
            self.world.send(STRANGER, "Distributor", "claim", tree.entry(to), tree.proof(to))

    @rule(seconds=st.sampled_from([1.0, 9.0, 11.0, 90_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    # ---- the host acts

    @rule(player=PLAYERS, pool=POOLS, tenths=st.integers(1, 70))
    def file(self, player: int, pool: int, tenths: int) -> None:
        wei = tenths * LIVE // 10
        asked = request(
            len(self.asked), player=player, address=address(player), pool={1: "daily", 2: "open"}[pool],
            amount=amounts.plain(wei),
        )  # fmt: skip
        claim = self.world.write(lambda tx: claims.file(tx, asked, HERE))
        self.asked.append((asked, claim))
        assert (claim.state == "booked") == self.allowed(player, pool, wei), claim
        if claim.state == "booked":
            self.promised[claim.id] = (player, pool, wei, self.clock.now)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        asked, claim = data.draw(st.sampled_from(self.asked))
        assert self.world.write(lambda tx: claims.file(tx, asked, HERE)).id == claim.id

    @rule()
    def follow(self) -> None:
        booked = {c.id: c for c in claims.booked(self.world.rows, 1000)}
        self.world.follow()
        for pool in (1, 2):
            self.money[pool] += self.unread[pool]
            self.unread[pool] = 0
            mine = [n for n in booked if booked[n].pool == pool]
            gone = {n for n in mine if claims.get(self.world.rows, n).state == "rejected"}
            assert gone == set(mine[len(mine) - len(gone) :]), "the newest promises go first"
            self.withdrawn |= gone
        found = reconcile(self.world.rows, self.world.chain, self.world.deployed)
        assert found.differences == ()

    @rule()
    def advance(self) -> None:
        self.follow()  # the settlement reads the chain itself where the books are behind
        self.settlement.advance()

    @rule(committed=st.booleans())
    def crash(self, committed: bool) -> None:
        """The host ends inside a unit of work or right after its commit, and starts again."""
        self.follow()
        try:
            self.world.settlement(
                write=dying(self.world.write, committed=committed), push_batch=2, max_claims=4
            ).advance()
        except Crashed:
            self.settlement = self.world.settlement(push_batch=2, max_claims=4)

    @rule()
    def operator_retries(self) -> None:
        step = outbox.open_step(self.world.rows)
        if step is not None and step.code:
            self.world.write(lambda tx: outbox.retry(tx, "ada", "Looked at it."))

    @rule()
    def operator_gives_up(self) -> None:
        step = outbox.open_step(self.world.rows)
        if step is not None and step.code == "settlement.reverted" and step.step == "settle":
            self.world.write(lambda tx: epochs.abandon(tx, "ada", "Gave up."))

    # ---- what must hold

    def left(self) -> dict[int, tuple[int, int, int, float]]:
        return {n: promise for n, promise in self.promised.items() if n not in self.withdrawn}

    def allowed(self, player: int, pool: int, wei: int) -> bool:
        """The rules, counted anew from the list of all promises."""
        others = [p for p in self.left().values() if p[1] == pool]
        if wei > self.money[pool] - sum(p[2] for p in others):
            return False
        if pool == 2:
            return True
        now, mine = self.clock.now, [p for p in self.promised.values() if p[:2] == (player, pool)]
        today = sum(
            p[2] for n, p in self.left().items() if p[:2] == (player, 1) and p[3] // 86_400 == now // 86_400
        )
        return wei <= CAP and today + wei <= DAY_CAP and all(now - p[3] >= COOLDOWN for p in mine)

    @invariant()
    def books_are_sound(self) -> None:
        if hasattr(self, "world"):
            ledger.check(self.world.rows)

    @invariant()
    def nobody_gets_more_than_was_promised(self) -> None:
        if hasattr(self, "world"):
            for player in (1, 2, 3):
                mine = sum(p[2] for p in self.left().values() if p[0] == player)
                assert self.world.balance(address(player)) <= mine

    @invariant()
    def free_money_is_what_was_not_promised(self) -> None:
        if hasattr(self, "world"):
            for pool in (1, 2):
                promised = sum(p[2] for p in self.left().values() if p[1] == pool)
                short = -ledger.balance(self.world.rows, f"shortage:{pool}")
                assert claims.left(self.world.rows, pool) - short == self.money[pool] - promised

    def teardown(self) -> None:
        """However it went: once the pools are full and an operator has looked, each promise is paid once."""
        if not hasattr(self, "world"):
            return
        self.world.send(OPERATOR, "PrizeVault", "pauseDraws", False)
        for pool in (1, 2):
            self.fund(pool, 200)
        self.follow()
        for _ in range(60):
            last = self.settlement.drain()[-1]
            self.follow()
            if last.did == "idle":
                break
            self.operator_retries()
        assert last.did == "idle", last
        for player in (1, 2, 3):
            mine = sum(p[2] for p in self.left().values() if p[0] == player)
            assert self.world.balance(address(player)) == mine
        self.books_are_sound()
        audit.verify(self.world.rows.all("select * from audit order by seq"))
        assert self.world.balance(TREASURY.address) > 0
        self.world.close()
        shutil.rmtree(self.folder)


def test_the_money_always_adds_up(tmp_path: Path) -> None:
    """A chain with the contracts and a database with two pools, made once and copied for each run."""
    stored = tmp_path / "stored"
    stored.mkdir()
    world = new_world(stored, stored / "chain.db")
    world.write(lambda tx: add_pool(tx, 1, per_claim=CAP, per_player_day=DAY_CAP, cooldown=COOLDOWN))
    world.write(lambda tx: add_pool(tx, 2, name="open"))
    deploy.write(world.deployed, stored / "deployment.json")
    world.close()
    runs = count()  # a folder for each, so that what went wrong in one hides behind nothing in the next
    run_machine(lambda: Money(stored, tmp_path / f"run{next(runs)}"), 15, 40)
